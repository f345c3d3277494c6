/* background.c: the caller's process waits until the program runs; another one stays with it.
 *
 *	caller                      the one that stays
 *	forwards signals            starts the box, with the caller's stderr
 *	                            lets go of all that is the caller's
 *	prints the id       <-      'r': it runs         (or its end, with the exit status of what failed)
 *	ends with 0         ->      'k': the id is told  (or end-of-file: the box ends)
 */
#include "verb/background.h"

#include "base/fd.h"
#include "state/background.h"
#include "sys/open.h"
#include "sys/process.h"
#include "verb/report.h"
#include "watch/signals.h"
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

enum { STATUS_SIGNAL = 128 };

/* --- the caller's process ------------------------------------------------------------------------------- */

struct start {
	struct command *command;
	const char *root, *id;
	pid_t child; /* not reaped, so the number stays its own */
	int line, signals;
	int given_up; /* the signal that the caller got meanwhile */
};

/* The terminal sends its own to both; twice is once. */
static void forward(struct start *start)
{
	struct signalfd_siginfo info;
	while (signals_next(start->signals, &info) > 0) {
		int number = (int)info.ssi_signo;
		if (number == SIGINT || number == SIGTERM || number == SIGQUIT || number == SIGHUP) {
			start->given_up = number;
			kill(start->child, number);
		}
	}
}

/* True when the program runs; false when the other process has ended, or is about to. */
static bool hears(struct start *start)
{
	for (;;) {
		struct pollfd fds[] = { { .fd = start->line, .events = POLLIN },
			                { .fd = start->signals, .events = POLLIN } };
		char word;
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return false;
		if (fds[1].revents)
			forward(start);
		if (fds[0].revents)
			return recv(start->line, &word, 1, 0) == 1;
	}
}

/* Killed by others: what stands outside is undone here. */
static int clear_up(struct start *start, int number)
{
	struct err err = { 0 }, left = { 0 };
	err_set(&err, start->command->arena, 0, "the kist that was to stay with %s was killed (signal %d)", start->id,
	        number);
	int result = background_clear(start->command->arena, start->root, start->id, start->child, &left);
	if (result < 0)
		err.hint = left.what;
	return report_error(start->command, &err, NULL);
}

static int reap(struct start *start)
{
	int status = 0;
	while (waitpid(start->child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? clear_up(start, WTERMSIG(status)) : WEXITSTATUS(status);
}

static int await_start(struct start *start)
{
	struct buf text = buf_in(start->command->arena);
	if (!hears(start))
		return reap(start);
	buf_printf(&text, "%s\n", start->id);
	int status = start->given_up ? STATUS_SIGNAL + start->given_up : report_output(start->command, &text);
	if (status == 0 && send(start->line, "k", 1, MSG_NOSIGNAL) == 1)
		return 0;
	/* It ends the box, and clears up. */
	fd_close(&start->line);
	int ended = reap(start);
	return status ? status : ended;
}

/* --- the one that stays --------------------------------------------------------------------------------- */

/* What the caller had open beyond stderr is not held for as long as the box runs. */
static int keep_line(int line)
{
	enum { LINE = STDERR_FILENO + 1 };
	if (line != LINE && dup2(line, LINE) < 0)
		return -errno;
	int result = sys_close_on_exec(LINE, true);
	return result < 0 ? result : sys_close_range(LINE + 1, ~0U, 0) < 0 ? -errno : LINE;
}

int background_begin(struct command *command, const char *root, const char *id, int *line)
{
	struct start start = { .command = command, .root = root, .id = id, .line = -1, .signals = -1 };
	struct err err = { 0 };
	int ends[2];
	/* Before there is a second process: no signal is lost to either. */
	if (watch_prepare(&err, command->arena) < 0)
		return report_error(command, &err, NULL);
	int settled = sys_open_stdio();
	if (settled < 0) {
		err_set(&err, command->arena, -settled, "cannot open /dev/null");
		return report_error(command, &err, NULL);
	}
	start.child = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ? -1 : fork();
	if (start.child < 0) {
		err_set(&err, command->arena, errno, "cannot make a process that stays with the box");
		return report_error(command, &err, NULL);
	}
	if (start.child == 0) {
		close(ends[0]);
		*line = keep_line(ends[1]);
		if (*line >= 0)
			return BACKGROUND_STAYS;
		err_set(&err, command->arena, -*line, "cannot let go of what the caller has open");
		return report_error(command, &err, NULL);
	}
	close(ends[1]);
	start.line = ends[0];
	start.signals = signals_open(false);
	int status = await_start(&start);
	fd_close(&start.signals);
	fd_close(&start.line);
	return status;
}

/* The system's log has a name and no path. */
static const char *absolute(struct command *command, const char *cwd, const char *path)
{
	return !path || *path == '/' || strncmp(path, "syslog:", 7) == 0
	               ? path
	               : arena_printf(command->arena, "%s/%s", cwd, path);
}

/* The directory too: a file system that it is on could not be unmounted. */
static int let_go(struct command *command, const char *cwd, struct run *run)
{
	FD_AUTO int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDONLY, 0);
	command->global.log = absolute(command, cwd, command->global.log);
	command->trace_file = absolute(command, cwd, command->trace_file);
	if (null < 0)
		return null;
	if (dup2(null, STDIN_FILENO) < 0 || dup2(run->log, STDOUT_FILENO) < 0 || dup2(run->log, STDERR_FILENO) < 0)
		return -errno;
	fd_close(&run->log);
	return setsid() < 0 || chdir("/") < 0 ? -errno : 0;
}

int background_leave(struct command *command, const char *cwd, int *line, struct run *run)
{
	char word;
	int result = let_go(command, cwd, run);
	if (result == 0 && send(*line, "r", 1, MSG_NOSIGNAL) != 1)
		result = -EPIPE;
	if (result == 0 && recv(*line, &word, 1, 0) != 1)
		result = -EPIPE;
	fd_close(line);
	return result;
}
