/* process.c: the calls about processes that are more than one line. */
#include "sys/process.h"

#include "base/abi.h"

#include <time.h>

int sys_wait_pidfd(int pidfd, siginfo_t *info, int options)
{
	int result;

	do {
		*info = (siginfo_t){ 0 };
		result = sys_result(syscall(SYS_waitid, UAPI_P_PIDFD, pidfd, info, options, NULL));
	} while (result == -EINTR);
	return result;
}

int sys_poll(int fd, short events, int milliseconds)
{
	struct pollfd one = { .fd = fd, .events = events };
	struct timespec limit = { .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L };
	int count = sys_result(syscall(SYS_ppoll, &one, 1, milliseconds < 0 ? NULL : &limit, NULL, 8));

	return count > 0 ? one.revents : count;
}

int sys_reset_signals(void)
{
	const uint64_t nothing = 0;
	const struct uapi_sigaction by_default = { 0 };

	for (int number = 1; number <= ABI_SIGNAL_MAX; number++) {
		if (number == SIGKILL || number == SIGSTOP)
			continue;
		int result = sys_result(syscall(SYS_rt_sigaction, number, &by_default, NULL, sizeof(nothing)));
		if (result < 0)
			return result;
	}
	return sys_result(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &nothing, NULL, sizeof(nothing)));
}

bool sys_knows(long number)
{
	return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) >= 0 || errno != ENOSYS;
}
