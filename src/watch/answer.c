/* answer.c: what a signal or a key does to the container, and to kist beside it.
 *
 * The program of a box is PID 1 of its namespace. A signal that it neither catches nor ignores nor blocks would end or
 * stop any other process; there the kernel drops it (pid_namespaces(7)), and ^C at `sleep` would do nothing. From
 * outside, SIGKILL and SIGSTOP do work, so kist does what the default action would have done. */
#include "state/disposition.h"
#include "state/process.h"
#include "sys/process.h"
#include "watch/signals.h"
#include "watch/watching.h"

#include <errno.h>
#include <unistd.h>

enum { LOOKS = 10 };

/* Looked at before the signal is sent: a handler may well set the default while it cleans up. */
static bool takes_default(const struct watching *watching, int number)
{
	struct disposition disposition;
	if (!watching->watch->acts_by_default || disposition_read(watching->watch->pid, &disposition) < 0)
		return false;
	/* Elsewhere than at PID 1 the kernel ends it; but it stops no process of a session without a shell. */
	return disposition_is_default(&disposition, number) && (disposition.first || number == SIGTSTP);
}

static void end_container(struct watching *watching, int number)
{
	watching->acted = number;
	sys_pidfd_signal(watching->watch->pidfd, SIGKILL);
}

/* --- suspending ---------------------------------------------------------------------------------------- */

/* PID 1 leads a session, so its process group has its number, and is not taken again before kist reaps it. What runs in
 * the foreground of its terminal is a group of its own under a shell or an init. */
static void signal_groups(const struct watching *watching, int number)
{
	const struct watch *watch = watching->watch;
	pid_t front = watch->console >= 0 ? tcgetpgrp(watch->console) : -1;
	if (getpgid(watch->pid) == watch->pid)
		kill(-watch->pid, number);
	else
		sys_pidfd_signal(watch->pidfd, number);
	if (front > 1 && front != watch->pid)
		kill(-front, number);
}

/* The whole job, as the terminal would have stopped it. A job that no shell could continue is not stopped by that. */
static void stop_job(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void settle(struct watching *watching)
{
	terminal_settle(&watching->pump.terminal);
	if (watching->watch->console >= 0)
		terminal_copy_size(watching->watch->console);
}

static void suspend(struct watching *watching, bool job)
{
	bool stops = watching->watch->acts_by_default && watching->status == STATUS_NONE;
	if (stops)
		signal_groups(watching, SIGSTOP);
	pump_flush(&watching->pump);
	terminal_restore(&watching->pump.terminal);
	if (job)
		stop_job();
	else
		kill(getpid(), SIGSTOP);
	settle(watching);
	if (stops)
		signal_groups(watching, SIGCONT);
}

/* --- signals and keys ---------------------------------------------------------------------------------- */

static bool means_give_up(unsigned number)
{
	return number == SIGINT || number == SIGTERM || number == SIGQUIT || number == SIGHUP;
}

static void forward(struct watching *watching, const struct signalfd_siginfo *info)
{
	int number = (int)info->ssi_signo;
	bool ends = signal_ends(number) && takes_default(watching, number);
	if (signals_forward(info, watching->watch->pidfd) && ends)
		end_container(watching, number);
}

void answer_signal(struct watching *watching, const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGCHLD:
		return;
	case SIGCONT:
		settle(watching);
		return;
	case SIGTSTP:
		suspend(watching, false);
		return;
	case SIGWINCH:
		if (watching->watch->console >= 0) {
			terminal_copy_size(watching->watch->console);
			return;
		}
		break;
	default:
		break;
	}
	if (watching->status == STATUS_NONE)
		forward(watching, info);
	else if (means_give_up(info->ssi_signo))
		watching->given_up = true;
}

void answer_key(struct watching *watching)
{
	const struct watch *watch = watching->watch;
	int number = pump_typed_signal(&watching->pump);
	if (watching->status != STATUS_NONE)
		return;
	/* An editor takes the key without the terminal's help. */
	if (watch->init && pump_typed_suspend(&watching->pump))
		watching->looks = LOOKS;
	if (!number)
		return;
	/* A job of a shell inside is the kernel's and the shell's business. */
	pid_t front = tcgetpgrp(watch->console);
	if (front < 0 || front != getpgid(watch->pid) || !takes_default(watching, number))
		return;
	if (number == SIGTSTP)
		suspend(watching, true);
	else
		end_container(watching, number);
}

void answer_stop(struct watching *watching)
{
	struct process_stat stat;
	if (!watching->looks || watching->status != STATUS_NONE)
		return;
	watching->looks--;
	/* The job of a shell under the init has another parent. */
	pid_t front = tcgetpgrp(watching->watch->console);
	if (front <= 1 || process_read_stat(front, &stat) < 0 || stat.state != 'T' ||
	    stat.parent != watching->watch->pid)
		return;
	watching->looks = 0;
	suspend(watching, true);
}
