/* process.c: a process is its pid together with its start time; killing and waiting go by pidfd. */
#include "state/process.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/record.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STAT_LINE = 1024, STAT_START_FIELD = 22, STAT_STATE_FIELD = 3, PAUSE_MOST_MS = 50, COMM_LENGTH = 64 };

int process_parse_stat(const char *line, struct process_stat *stat)
{
	/* The command name is in parentheses and may hold spaces and parentheses: the last one closes it (proc(5)). */
	const char *at = strrchr(line, ')');
	if (!at || at[1] != ' ' || !at[2])
		return -EBADMSG;
	at += 2;
	char state = *at;
	const char *parent = at[1] ? at + 2 : at + 1;
	for (int field = STAT_STATE_FIELD; field < STAT_START_FIELD; field++) {
		at = strchr(at, ' ');
		if (!at)
			return -EBADMSG;
		at++;
	}
	char *end;
	errno = 0;
	unsigned long long start = strtoull(at, &end, 10);
	if (end == at || errno || *at == '-')
		return -EBADMSG;
	*stat = (struct process_stat){ state, (pid_t)strtol(parent, NULL, 10), start };
	return 0;
}

int process_read_stat(pid_t pid, struct process_stat *stat)
{
	char path[64], line[STAT_LINE];
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY, 0);
	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	long length = sys_read(fd, line, sizeof(line) - 1);
	if (length < 0)
		return (int)length;
	line[length] = '\0';
	return process_parse_stat(line, stat);
}

int process_start_time(pid_t pid, uint64_t *ticks)
{
	struct process_stat stat;
	int result = process_read_stat(pid, &stat);
	if (result < 0)
		return result;
	*ticks = stat.start_time;
	return 0;
}

bool process_is(pid_t pid, uint64_t start_time)
{
	struct process_stat stat;
	return pid > 0 && process_read_stat(pid, &stat) == 0 && stat.start_time == start_time && stat.state != 'Z' &&
	       stat.state != 'X';
}

int process_identify(pid_t pid, uint64_t start_time)
{
	FD_AUTO int pidfd = pid > 0 ? sys_pidfd_open(pid) : -ESRCH;
	/* The descriptor first: what passes the look is the process that it holds. */
	if (pidfd >= 0 && !process_is(pid, start_time))
		return -ESRCH;
	return fd_take(&pidfd);
}

int process_end(int pidfd)
{
	int result = sys_pidfd_signal(pidfd, SIGKILL);
	if (result < 0 && result != -ESRCH)
		return result;
	do {
		result = sys_poll(pidfd, POLLIN, PROCESS_END_MS);
	} while (result == -EINTR);
	if (result <= 0)
		return result < 0 ? result : -ETIMEDOUT;
	/* Somebody else's child is not ours to reap: ECHILD, and that is fine. */
	siginfo_t ignored;
	result = sys_wait_pidfd(pidfd, &ignored, WEXITED | WNOHANG);
	return result == -ECHILD ? 0 : result;
}

/* The first line of a file of /proc/PID, without what would disturb a message. */
static const char *read_word(struct arena *arena, pid_t pid, const char *file)
{
	char *bytes;
	size_t length;
	if (file_read_at(arena, AT_FDCWD, arena_printf(arena, "/proc/%d/%s", (int)pid, file), COMM_LENGTH, &bytes,
	                 &length) < 0)
		return "?";
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] < ' ' || (unsigned char)bytes[i] > '~')
			bytes[i] = bytes[i] == '\n' ? '\0' : '?';
	return bytes;
}

const char *process_describe(struct arena *arena, pid_t pid)
{
	struct process_stat stat;
	if (process_read_stat(pid, &stat) < 0)
		return arena_printf(arena, "process %d", (int)pid);
	const char *waiting = read_word(arena, pid, "wchan");
	bool known = *waiting && strcmp(waiting, "0") != 0 && strcmp(waiting, "?") != 0;
	return arena_printf(arena, "process %d (%s) in state %c%s%s", (int)pid, read_word(arena, pid, "comm"),
	                    stat.state, known ? ", waiting in " : "", known ? waiting : "");
}

int process_pause(int *waited)
{
	if (*waited >= PROCESS_END_MS)
		return -ETIMEDOUT;
	int pause = *waited < PAUSE_MOST_MS ? 1 + *waited / 4 : PAUSE_MOST_MS;
	const struct timespec time = { .tv_nsec = pause * 1000000L };
	nanosleep(&time, NULL);
	*waited += pause;
	return 0;
}
