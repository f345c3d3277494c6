/* watch.c: the foreground: waits for the container's end, and until then passes on signals and the terminal. */
#include "watch/watch.h"

#include "base/fd.h"
#include "sys/process.h"
#include "watch/pump.h"
#include "watch/signals.h"

#include <errno.h>
#include <poll.h>

enum { WATCH_PROCESS, WATCH_SIGNALS, WATCH_PUMP, WATCH_FDS = WATCH_PUMP + PUMP_FDS };
enum { STATUS_SIGNAL = 128, STATUS_NONE = -1 };

struct watching {
	const struct watch *watch;
	struct pump pump;
	int signals;
	int status;    /* of the ended process, or STATUS_NONE */
	bool given_up; /* a signal came while only the output was still being written */
};

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

/* All children: orphans come to kist where it is PID 1 or a subreaper, and nobody else would take them. */
static void reap(struct watching *watching)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != watching->watch->pid)
			continue;
		watching->status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
		pump_finish(&watching->pump);
	}
}

static bool means_give_up(unsigned number)
{
	return number == SIGINT || number == SIGTERM || number == SIGQUIT || number == SIGHUP;
}

static int take_signals(struct watching *watching)
{
	struct signalfd_siginfo info;
	int result;
	while ((result = signals_next(watching->signals, &info)) > 0) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo == SIGTSTP)
			terminal_stop(&watching->pump.terminal);
		if ((info.ssi_signo == SIGWINCH || info.ssi_signo == SIGTSTP) && watching->watch->console >= 0)
			terminal_copy_size(watching->watch->console);
		else if (watching->status == STATUS_NONE)
			signals_forward(&info, watching->watch->pid, watching->watch->pidfd);
		else if (means_give_up(info.ssi_signo))
			watching->given_up = true;
	}
	reap(watching);
	return result;
}

static bool is_over(const struct watching *watching)
{
	return watching->status != STATUS_NONE && (watching->given_up || pump_drained(&watching->pump));
}

static int watch_loop(struct watching *watching)
{
	while (!is_over(watching)) {
		struct pollfd fds[WATCH_FDS] = {
			[WATCH_PROCESS] = { .fd = watching->status == STATUS_NONE ? watching->watch->pidfd : -1,
			                    .events = POLLIN },
			[WATCH_SIGNALS] = { .fd = watching->signals, .events = POLLIN },
		};
		pump_ask(&watching->pump, fds + WATCH_PUMP);
		if (poll(fds, WATCH_FDS, -1) < 0 && errno != EINTR)
			return -errno;
		pump_move(&watching->pump, fds + WATCH_PUMP);
		int result = fds[WATCH_SIGNALS].revents ? take_signals(watching) : 0;
		if (result < 0)
			return result;
		if (fds[WATCH_PROCESS].revents)
			reap(watching);
	}
	return 0;
}

int watch_wait(struct arena *arena, const struct watch *watch, struct err *err)
{
	struct watching watching = { .watch = watch, .status = STATUS_NONE };
	FD_AUTO int signals = signals_open(watch->console >= 0);
	watching.signals = signals;
	int result = signals < 0 ? signals : pump_open(&watching.pump, arena, watch->console);
	if (result < 0)
		return err_set(err, arena, -result, "cannot watch the container");
	result = watch_loop(&watching);
	pump_close(&watching.pump);
	if (result < 0)
		return err_set(err, arena, -result, "cannot watch the container");
	return watching.status;
}
