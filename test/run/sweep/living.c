/* living.c: processes that should be gone: whether they are on their way out, and where in the kernel they stand. */
#include "trial.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHILDREN_MOST = 64, PAGE = 4096 };
enum { PF_EXITING = 4 }; /* the kernel's; in field 9 of /proc/PID/stat (proc(5)) */

/* The text of a file of /proc/PID; "" when it or the process is not there. */
static void read_of(pid_t pid, const char *file, char text[PAGE])
{
	char path[WORD];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, text, PAGE - 1);
	text[got < 0 ? 0 : got] = '\0';
	if (fd >= 0)
		close(fd);
}

static size_t list_children(pid_t parent, pid_t children[CHILDREN_MOST])
{
	char file[WORD], text[PAGE];
	size_t count = 0;
	snprintf(file, sizeof(file), "task/%d/children", (int)parent);
	read_of(parent, file, text);
	for (char *at = text, *end; count < CHILDREN_MOST; at = end) {
		children[count] = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
		count++;
	}
	return count;
}

unsigned signal_children(pid_t parent, int number)
{
	pid_t children[CHILDREN_MOST];
	size_t count = list_children(parent, children);
	for (size_t i = 0; i < count; i++)
		kill(children[i], number);
	return (unsigned)count;
}

/* The bit of SIGKILL in the mask behind KEY of /proc/PID/status. */
static bool is_pending(const char *status, const char *key)
{
	const char *at = strstr(status, key);
	return at && strtoull(at + strlen(key), NULL, 16) >> (SIGKILL - 1) & 1;
}

static bool is_dying(pid_t pid)
{
	char text[PAGE], state;
	unsigned flags;
	read_of(pid, "stat", text);
	const char *at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2 || flags & PF_EXITING ||
	    strchr("ZX", state))
		return true;
	read_of(pid, "status", text);
	return is_pending(text, "\nSigPnd:") || is_pending(text, "\nShdPnd:");
}

bool children_dying(void)
{
	pid_t children[CHILDREN_MOST];
	size_t count = list_children(getpid(), children);
	bool dying = true;
	for (size_t i = 0; i < count && dying; i++)
		dying = is_dying(children[i]);
	return dying;
}

static void tell(pid_t pid, int depth)
{
	char stat[PAGE], stack[PAGE];
	pid_t children[CHILDREN_MOST];
	read_of(pid, "stat", stat);
	read_of(pid, "stack", stack);
	stat[strcspn(stat, "\n")] = '\0';
	printf("\tprocess %s\n", stat);
	for (char *others, *line = strtok_r(stack, "\n", &others); line; line = strtok_r(NULL, "\n", &others))
		printf("\t\t%s\n", line);
	size_t count = depth > 0 ? list_children(pid, children) : 0;
	for (size_t i = 0; i < count; i++)
		tell(children[i], depth - 1);
}

void children_tell(void)
{
	enum { DEPTH = 3 };
	pid_t children[CHILDREN_MOST];
	size_t count = list_children(getpid(), children);
	for (size_t i = 0; i < count; i++)
		tell(children[i], DEPTH);
	fflush(stdout);
}
