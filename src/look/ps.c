/* ps.c: runs ps(1), and keeps those of its lines that are about some processes. */
#include "base/buf.h"
#include "base/fd.h"
#include "base/file.h"
#include "look/look.h"
#include "state/inside.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { PS_BYTES = 16 << 20 };

extern char **environ;

/* --- its lines ---------------------------------------------------------------------------------------- */

/* Where the heading PID stands in the first line: which word it is, and the column behind it. */
struct heading {
	size_t word, end;
};

static bool find_heading(const char *line, struct heading *heading)
{
	size_t at = 0;
	for (heading->word = 0;; heading->word++) {
		at += strspn(line + at, " \t");
		size_t length = strcspn(line + at, " \t");
		heading->end = at + length;
		if (length == 3 && memcmp(line + at, "PID", 3) == 0)
			return true;
		if (length == 0)
			return false;
		at += length;
	}
}

/* Numbers end below the end of their heading. 0: none does. */
static pid_t pid_below(const char *line, size_t length, size_t end)
{
	size_t start = end;
	if (end > length || (end < length && line[end] != ' '))
		return 0;
	while (start > 0 && isdigit((unsigned char)line[start - 1]))
		start--;
	if (start == end || (start > 0 && line[start - 1] != ' '))
		return 0;
	return (pid_t)strtol(line + start, NULL, 10);
}

/* Where a wide cell has moved the others, the words are counted. */
static pid_t pid_counted(const char *line, size_t word)
{
	for (; word > 0; word--) {
		line += strspn(line, " \t");
		line += strcspn(line, " \t");
	}
	char *end;
	line += strspn(line, " \t");
	long pid = strtol(line, &end, 10);
	return end == line || (*end && *end != ' ') ? 0 : (pid_t)pid;
}

static bool has(const struct inside_pids *pids, pid_t pid)
{
	for (size_t i = 0; pid > 0 && i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

static int keep_lines(char *text, const struct inside_pids *pids, struct buf *out)
{
	struct heading heading;
	char *line = strsep(&text, "\n");
	if (!find_heading(line, &heading))
		return -ENODATA;
	buf_printf(out, "%s\n", line);
	while ((line = strsep(&text, "\n")))
		if (*line && (has(pids, pid_below(line, strlen(line), heading.end)) ||
		              has(pids, pid_counted(line, heading.word))))
			buf_printf(out, "%s\n", line);
	return 0;
}

/* --- the program --------------------------------------------------------------------------------------- */

/* Started with its standard output in a pipe, whose other end is *output. 0 or -errno. */
static int start(const char *const *args, pid_t *pid, int *output)
{
	int ends[2];
	posix_spawn_file_actions_t actions;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int result = posix_spawn_file_actions_init(&actions);
	if (result == 0) {
		result = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
		if (result == 0)
			result = posix_spawnp(pid, args[0], &actions, NULL, (char *const *)args, environ);
		posix_spawn_file_actions_destroy(&actions);
	}
	fd_close(&ends[1]);
	*output = ends[0];
	return -result;
}

static int fail_start(struct arena *arena, int result, struct err *err)
{
	result = err_set(err, arena, -result, "cannot run ps");
	err->hint = "install it (Debian: procps), or use --format json";
	return result;
}

int look_ps(struct arena *arena, const char *const *args, const struct inside_pids *pids, struct buf *out,
            struct err *err)
{
	char *text;
	size_t length;
	pid_t pid;
	int status;
	FD_AUTO int output = -1;
	int result = start(args, &pid, &output);
	if (result < 0)
		return fail_start(arena, result, err);
	int got = file_read_fd(arena, output, PS_BYTES, &text, &length);
	fd_close(&output); /* one that writes on ends of it */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (got < 0)
		return err_set(err, arena, -got, "cannot read what ps prints");
	/* A selection of nobody is a status of 1 too, with the headings. */
	if (length == 0 && status != 0)
		return err_set(err, arena, 0, "ps failed: it ended with %s %d", WIFEXITED(status) ? "status" : "signal",
		               WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (keep_lines(text, pids, out) == 0)
		return 0;
	err_set(err, arena, 0, "what ps prints has no column PID, so the container's lines cannot be found");
	err->hint = "have ps print it too: -o pid,args";
	return -ENODATA;
}
