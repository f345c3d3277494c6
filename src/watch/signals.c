/* signals.c: blocks, reads and forwards signals. */
#include "watch/signals.h"

#include "sys/process.h"

#include <errno.h>
#include <unistd.h>

void signals_wanted(sigset_t *set)
{
	static const int left_alone[] = { SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT };
	sigfillset(set);
	for (size_t i = 0; i < sizeof(left_alone) / sizeof(left_alone[0]); i++)
		sigdelset(set, left_alone[i]);
}

int signals_open(bool job_control)
{
	sigset_t set;
	signals_wanted(&set);
	if (job_control) {
		sigaddset(&set, SIGTSTP);
		sigaddset(&set, SIGCONT);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int signals_next(int fd, struct signalfd_siginfo *info)
{
	ssize_t length = read(fd, info, sizeof(*info));
	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return length == (ssize_t)sizeof(*info);
}

/* What the caller told kist to ignore is not for the container either when the terminal sends it (a job in the
 * background), and a hang-up never is (nohup). An explicit kill(1) is meant for the container. */
static bool caller_ignores(const struct signalfd_siginfo *info)
{
	struct sigaction action;
	if (sigaction((int)info->ssi_signo, NULL, &action) < 0 || action.sa_handler != SIG_IGN)
		return false;
	return info->ssi_code == SI_KERNEL || info->ssi_signo == SIGHUP;
}

bool signals_forward(const struct signalfd_siginfo *info, int pidfd)
{
	int number = (int)info->ssi_signo;
	/* SIGPIPE and its like that kist caused itself are answered where they happen. What a terminal sends reaches
	 * kist alone, since a container has a session of its own. */
	bool own = info->ssi_code <= 0 && info->ssi_pid == (uint32_t)getpid();
	if (number == SIGCHLD || own || caller_ignores(info))
		return false;
	return sys_pidfd_signal(pidfd, number) == 0;
}
