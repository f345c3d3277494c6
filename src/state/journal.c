/* journal.c: the lines of a journal: written ahead of each deed, and read back with distrust. */
#include "state/journal.h"

#include "sys/open.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNAL_CANCELLED = 1 };

static const char *const verb_words[JOURNAL_VERBS] = {
	[JOURNAL_REMOVE_CGROUP] = "cgroup", [JOURNAL_REMOVE_TREE] = "tree",     [JOURNAL_REMOVE_RECORD] = "record",
	[JOURNAL_KILL_PROCESS] = "process", [JOURNAL_REMOVE_PARENT] = "parent", [JOURNAL_REMOVE_FILE] = "file",
	[JOURNAL_REMOVE_MARKED] = "marked",
};

/* --- writing ------------------------------------------------------------------------------------- */

/* One write(2) on O_APPEND: a line is there whole or, when the runtime dies, not at all. */
static int append(const struct record *record, enum journal_verb verb, const char *path, const uint64_t numbers[2])
{
	char line[PATH_MAX + 64];
	if (!*path || strchr(path, '\n'))
		return -EINVAL;
	int length = snprintf(line, sizeof(line), "%s %" PRIu64 " %" PRIu64 " %s\n", verb_words[verb], numbers[0],
	                      numbers[1], path);
	if (length < 0 || (size_t)length >= sizeof(line))
		return -ENAMETOOLONG;
	long written = sys_write(record->journalfd, line, (size_t)length);
	if (written < 0)
		return (int)written;
	return written == length ? 0 : -ENOSPC;
}

int journal_intend(const struct record *record, enum journal_verb verb, const char *path)
{
	return append(record, verb, path, (const uint64_t[]){ 0, 0 });
}

int journal_done(const struct record *record, enum journal_verb verb, const char *path, uint64_t first, uint64_t second)
{
	return append(record, verb, path, (const uint64_t[]){ first, second });
}

int journal_cancel(const struct record *record, enum journal_verb verb, const char *path)
{
	return append(record, verb, path, (const uint64_t[]){ 0, JOURNAL_CANCELLED });
}

/* --- reading ------------------------------------------------------------------------------------- */

/* Takes the word up to the next space off the line. NULL when there is none. */
static char *take_word(char **line)
{
	char *word = *line;
	char *space = strchr(word, ' ');
	if (!space || space == word)
		return NULL;
	*space = '\0';
	*line = space + 1;
	return word;
}

static bool take_number(char **line, uint64_t *number)
{
	char *word = take_word(line);
	if (!word || strspn(word, "0123456789") != strlen(word))
		return false;
	errno = 0;
	*number = strtoull(word, NULL, 10);
	return errno == 0;
}

static bool parse_line(char *line, struct journal_deed *deed)
{
	char *word = take_word(&line);
	if (!word)
		return false;
	int verb = 0;
	while (verb < JOURNAL_VERBS && strcmp(word, verb_words[verb]) != 0)
		verb++;
	if (verb == JOURNAL_VERBS || !take_number(&line, &deed->first) || !take_number(&line, &deed->second))
		return false;
	deed->verb = (enum journal_verb)verb;
	deed->path = line;
	deed->cancelled = deed->first == 0 && deed->second == JOURNAL_CANCELLED;
	return *line == '/' || strcmp(line, "-") == 0;
}

/* A second line about a deed completes the first one, which keeps its place in the order. */
static void add_deed(struct journal *journal, const struct journal_deed *deed)
{
	for (size_t i = journal->count; i-- > 0;) {
		struct journal_deed *known = &journal->deeds[i];
		bool open = !known->first || deed->cancelled;
		if (known->verb == deed->verb && open && !known->cancelled && strcmp(known->path, deed->path) == 0) {
			*known = *deed;
			return;
		}
	}
	journal->deeds[journal->count++] = *deed;
}

int journal_parse(struct arena *arena, const char *text, size_t length, struct journal *journal, struct err *err)
{
	size_t lines = 0;
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	struct journal read = { .deeds = ARENA_ARRAY(arena, lines, struct journal_deed) };
	char *rest = arena_copy(arena, text, length);
	for (size_t number = 1; number <= lines; number++) {
		char *end = memchr(rest, '\n', length);
		size_t span = (size_t)(end - rest);
		struct journal_deed deed = { 0 };
		*end = '\0';
		if (strlen(rest) != span || !parse_line(rest, &deed))
			return err_set(err, arena, EBADMSG, "line %zu of the journal was not written by kist", number);
		add_deed(&read, &deed);
		length -= span + 1;
		rest = end + 1;
	}
	*journal = read;
	return 0;
}
