/* spec_note_test.c: the annotation that holds what a box is beyond a config.json: nothing of it is lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static char *source_text(const char *path)
{
	const char *source = getenv("KIST_SOURCE");
	char *text;
	size_t length;
	assert_non_null(source);
	path = arena_printf(&arena, "%s/%s", source, path);
	if (file_read_at(&arena, AT_FDCWD, path, 1 << 20, &text, &length) < 0)
		fail_msg("cannot read %s", path);
	return text;
}

/* Comments may name anything. */
static void blank_comments(char *text)
{
	for (char *at = strstr(text, "/*"); at; at = strstr(at, "/*")) {
		const char *end = strstr(at, "*/");
		assert_non_null(end);
		memset(at, ' ', (size_t)(end + 2 - at));
	}
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* "box.MEMBER", and not the beginning of another member's name. */
static bool mentions(const char *text, const char *member)
{
	const char *words = arena_printf(&arena, "box.%s", member);
	for (const char *at = strstr(text, words); at; at = strstr(at + 1, words))
		if (!is_letter(at[strlen(words)]))
			return true;
	return false;
}

/* "const char *user" is user; "size_t masked_asked, readonly_asked" are two. Calls `take` for each name. */
static size_t members_of(char *body, void (*take)(const char *member))
{
	size_t count = 0;
	for (char *rest = body, *line; (line = strsep(&rest, ";"));) {
		for (char *word; (word = strsep(&line, ","));) {
			size_t end = strlen(word);
			while (end && !is_letter(word[end - 1]))
				end--;
			size_t start = end;
			while (start && is_letter(word[start - 1]))
				start--;
			if (start == end)
				continue;
			take(arena_copy(&arena, word + start, end - start));
			count++;
		}
	}
	return count;
}

static const char *note;

/* What no box of flags has, and no config.json should. */
static bool is_elsewhere(const char *member)
{
	static const char *const members[] = {
		"process",       /* of kist enter, which makes no box */
		"process_start", /* the same */
		"background",    /* of one start */
		"log",           /* the same */
	};
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (strcmp(members[i], member) == 0)
			return true;
	return false;
}

static void is_in_the_note(const char *member)
{
	if (!is_elsewhere(member) && !mentions(note, member))
		fail_msg("struct spec_box has %s, of which src/spec/box_note.c knows nothing: --print-config loses it. "
		         "What is about one start is better refused beside it (ABOUT_START)",
		         member);
}

/* A member without a row is lost in silence, so the row is asked for. */
static void every_member_of_a_box_is_in_its_note(void **state)
{
	(void)state;
	char *header = source_text("src/spec/spec.h"), *code = source_text("src/spec/box_note.c");
	blank_comments(header);
	blank_comments(code);
	note = code;
	char *body = strstr(header, "struct spec_box {");
	assert_non_null(body);
	body += strlen("struct spec_box {");
	char *end = strstr(body, "};");
	assert_non_null(end);
	*end = '\0';
	assert_true(members_of(body, is_in_the_note) > 20);
	assert_false(mentions(code, "no_such_member"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_member_of_a_box_is_in_its_note, open_arena, close_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
