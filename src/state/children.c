/* children.c: a process tree is killed from its root: who is killed leaves his children to us, and then it is their
 * turn. No new session and no second fork leads out of that (prctl(2), PR_SET_CHILD_SUBREAPER). */
#include "state/children.h"

#include "base/fd.h"
#include "state/process.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <stdbool.h>

enum { LIST_SIZE = 4096 };

/* Kills those of the list ("12 345 6 "); a number that the buffer cut off waits for the next round. */
static void kill_listed(const char *list, long length)
{
	pid_t pid = 0;
	for (long at = 0; at < length; at++) {
		if (list[at] >= '0' && list[at] <= '9') {
			pid = pid * 10 + (list[at] - '0');
			continue;
		}
		if (pid > 1)
			kill(pid, SIGKILL);
		pid = 0;
	}
}

/* As in a box, /proc may be of another pid namespace, and its numbers other processes here. */
static bool proc_is_ours(void)
{
	char name[16];
	int length = sys_readlink_at(AT_FDCWD, "/proc/self", name, sizeof(name));
	pid_t pid = 0;
	for (int at = 0; at < length && name[at] >= '0' && name[at] <= '9'; at++)
		pid = pid * 10 + (name[at] - '0');
	return pid == getpid();
}

/* 0 or -errno. */
static int kill_children(void)
{
	char list[LIST_SIZE];
	if (!proc_is_ours())
		return -ESRCH;
	FD_AUTO int fd = sys_open_at(AT_FDCWD, "/proc/thread-self/children", O_RDONLY, 0);
	long length = fd < 0 ? fd : sys_read(fd, list, sizeof(list));
	if (length < 0)
		return (int)length;
	kill_listed(list, length);
	return 0;
}

/* False when there are no children any more. */
static bool reap_children(void)
{
	int status;
	pid_t pid;
	while ((pid = sys_wait_any(&status, WNOHANG)) > 0 || pid == -EINTR)
		continue;
	return pid != -ECHILD;
}

int children_end(void)
{
	int waited = 0, result = 0;
	while (reap_children()) {
		result = kill_children();
		if (result == 0)
			result = process_pause(&waited);
		if (result < 0)
			return result;
	}
	return 0;
}
