/* disposition.c: reads SigBlk, SigIgn, SigCgt and NSpid of a process. */
#include "state/disposition.h"

#include "base/fd.h"
#include "sys/open.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { STATUS_BYTES = 8192 };

/* What stands behind the name at the beginning of a line; NULL when there is no such line. The process chooses its
 * name, but the kernel escapes line ends in it (proc(5)). */
static const char *line_of(const char *text, const char *name)
{
	size_t length = strlen(name);
	while (text && strncmp(text, name, length) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? text + length : NULL;
}

static bool read_set(const char *text, const char *name, uint64_t *set)
{
	const char *at = line_of(text, name);
	char *end = NULL;
	if (at)
		*set = strtoull(at, &end, 16);
	return at && end != at;
}

/* The pid in each namespace, the reader's first: more than one, and the last is 1. */
static bool is_first(const char *at)
{
	char *end;
	unsigned long pid = 0;
	int count = 0;
	for (; at && *at && *at != '\n'; at = end, count++) {
		pid = strtoul(at, &end, 10);
		if (end == at)
			return false;
	}
	return count > 1 && pid == 1;
}

int disposition_parse(const char *text, struct disposition *disposition)
{
	const char *state = line_of(text, "State:\t");
	struct disposition read = { .first = is_first(line_of(text, "NSpid:")) };
	if (state && (*state == 'Z' || *state == 'X'))
		return -ESRCH;
	if (!read_set(text, "SigBlk:", &read.blocked) || !read_set(text, "SigIgn:", &read.ignored) ||
	    !read_set(text, "SigCgt:", &read.caught))
		return -EBADMSG;
	*disposition = read;
	return 0;
}

static int read_file(pid_t pid, const char *file, char text[STATUS_BYTES])
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	long length = sys_read(fd, text, STATUS_BYTES - 1);
	if (length < 0)
		return (int)length;
	text[length] = '\0';
	return 0;
}

/* While a process waits in sigtimedwait(2), the signals it waits for do not count as blocked, although they will not
 * end it (tini and other inits live there). Which they are is not told; so then nothing is taken for the default. Nor
 * where the kernel does not say what the process waits in. */
static bool may_wait_for_signals(pid_t pid)
{
	char text[STATUS_BYTES], *end;
	if (read_file(pid, "syscall", text) < 0)
		return true;
	long number = strtol(text, &end, 10);
	return end != text && number == SYS_rt_sigtimedwait; /* "running" is no number */
}

int disposition_read(pid_t pid, struct disposition *disposition)
{
	char text[STATUS_BYTES];
	int result = read_file(pid, "status", text);
	if (result == 0)
		result = disposition_parse(text, disposition);
	if (result == 0 && may_wait_for_signals(pid))
		disposition->blocked = UINT64_MAX;
	return result;
}

bool disposition_is_default(const struct disposition *disposition, int number)
{
	uint64_t others = disposition->blocked | disposition->ignored | disposition->caught;
	return !(others >> (number - 1) & 1);
}

bool signal_ends(int number)
{
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (number == harmless[i])
			return false;
	return number > 0;
}
