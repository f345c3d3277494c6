/* watch.c: the foreground: waits for the container's end, and until then passes on signals and the terminal. */
#include "watch/watch.h"

#include "base/fd.h"
#include "sys/process.h"
#include "watch/signals.h"
#include "watch/watching.h"

#include <errno.h>
#include <poll.h>

enum { WATCH_PROCESS, WATCH_SIGNALS, WATCH_PARENT, WATCH_LISTENER, WATCH_FOLLOW, WATCH_PUMP };
enum { WATCH_FDS = WATCH_PUMP + PUMP_FDS };
enum { STATUS_SIGNAL = 128, AWAY_MS = 500 };

int watch_prepare(struct err *err, struct arena *arena)
{
	sigset_t set;
	signals_wanted(&set);
	/* Ignored, a child would be reaped by the kernel and its status lost (wait(2)). */
	struct sigaction by_default = { .sa_handler = SIG_DFL };
	if (sigaction(SIGCHLD, &by_default, NULL) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_set(err, arena, errno, "cannot block the signals to be forwarded");
	return 0;
}

/* A time that was up is told as such. A signal that kist carries out is what ended the process, even when it was
 * quicker (a shell whose child the same ^C ended): the kernel would not have let it go on that far. */
static int status_of(const struct watching *watching, int status)
{
	if (watching->stage == CLOCK_UP || watching->stage == CLOCK_OVER)
		return WATCH_STATUS_TIMEOUT;
	if (watching->acted)
		return STATUS_SIGNAL + watching->acted;
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Where the container is at its own end already, this changes nothing. */
static void end_without_server(const struct watching *watching, int status)
{
	*watching->watch->server_status = status;
	if (watching->status == STATUS_NONE)
		sys_pidfd_signal(watching->watch->pidfd, SIGKILL);
}

/* All children: orphans come to kist where it is PID 1 or a subreaper, and nobody else would take them. */
static void reap(struct watching *watching)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (watching->watch->server && pid == watching->watch->server)
			end_without_server(watching, status);
		if (pid != watching->watch->pid)
			continue;
		watching->status = status_of(watching, status);
		pump_finish(&watching->pump);
	}
}

static int take_signals(struct watching *watching)
{
	struct signalfd_siginfo info;
	int result;
	while ((result = signals_next(watching->signals, &info)) > 0)
		answer_signal(watching, &info);
	reap(watching);
	return result;
}

static void answer_call(struct watching *watching, short events)
{
	bool asked = events & POLLIN;
	if (events && (!asked || notify_serve(watching->watch->notify, watching->listener) < 0))
		watching->listener = -1;
}

static bool is_over(const struct watching *watching)
{
	return watching->status != STATUS_NONE && (watching->given_up || pump_drained(&watching->pump));
}

static void kill_orphan(struct watching *watching)
{
	watching->orphaned = true;
	sys_pidfd_signal(watching->watch->pidfd, SIGKILL);
}

/* While another job has the caller's terminal, kist looks now and then: nobody tells it when that changes. */
static int time_to_wait(const struct watching *watching)
{
	const struct follow *follow = watching->watch->follow;
	int left = deadline_wait(watching), due = follow ? follow_wait(follow) : -1;
	if (due >= 0 && (left < 0 || left > due))
		left = due;
	int most = watching->looks ? ANSWER_LOOK_MS : terminal_is_away(&watching->pump.terminal) ? AWAY_MS : -1;
	return most >= 0 && (left < 0 || left > most) ? most : left;
}

static void watch_moved(struct watching *watching, const struct pollfd fds[WATCH_FDS])
{
	pump_move(&watching->pump, fds + WATCH_PUMP);
	answer_stop(watching);
	answer_key(watching);
	if (terminal_is_away(&watching->pump.terminal))
		terminal_settle(&watching->pump.terminal);
	deadline_check(watching);
	answer_call(watching, fds[WATCH_LISTENER].revents);
	if (fds[WATCH_PARENT].revents)
		kill_orphan(watching);
}

static int watch_loop(struct watching *watching)
{
	struct follow *follow = watching->watch->follow;
	while (!is_over(watching)) {
		bool runs = watching->status == STATUS_NONE;
		struct pollfd fds[WATCH_FDS] = {
			[WATCH_PROCESS] = { .fd = runs ? watching->watch->pidfd : -1, .events = POLLIN },
			[WATCH_SIGNALS] = { .fd = watching->signals, .events = POLLIN },
			[WATCH_PARENT] = { .fd = watching->orphaned ? -1 : watching->watch->parent, .events = POLLIN },
			[WATCH_LISTENER] = { .fd = watching->listener, .events = POLLIN },
			[WATCH_FOLLOW] = { .fd = follow ? follow->fd : -1, .events = POLLIN },
		};
		pump_ask(&watching->pump, fds + WATCH_PUMP);
		if (poll(fds, WATCH_FDS, time_to_wait(watching)) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		watch_moved(watching, fds);
		int result = fds[WATCH_SIGNALS].revents ? take_signals(watching) : 0;
		if (result < 0)
			return result;
		if (fds[WATCH_FOLLOW].revents)
			follow_renew(follow);
		if (follow && follow_wait(follow) == 0)
			(void)follow_start(follow); /* its trouble is told at the end */
		if (fds[WATCH_PROCESS].revents)
			reap(watching);
	}
	return 0;
}

int watch_wait(struct arena *arena, const struct watch *watch, struct err *err)
{
	struct watching watching = { .watch = watch,
		                     .listener = watch->notify ? watch->listener : -1,
		                     .status = STATUS_NONE };
	FD_AUTO int signals = signals_open(watch->console >= 0 || watch->acts_by_default);
	watching.signals = signals;
	int result = signals < 0 ? signals : pump_open(&watching.pump, arena, watch->console, watch->console_onlcr);
	if (result < 0)
		return err_set(err, arena, -result, "cannot watch the container");
	deadline_open(&watching);
	result = watch_loop(&watching);
	pump_close(&watching.pump);
	if (result < 0)
		return err_set(err, arena, -result, "cannot watch the container");
	return watching.status;
}
