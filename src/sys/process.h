/* process.h: making, naming, signalling, awaiting and replacing processes. */
#ifndef KIST_SYS_PROCESS_H
#define KIST_SYS_PROCESS_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

/* clone3(2) like fork(2): without a stack the child goes on with a copy of this memory. libc does not hear of it
 * (no atfork handlers, getpid is the kernel's), which is right for a child that only makes system calls.
 * 0 in the child, the pid, or -errno. */
static inline pid_t sys_clone3(struct uapi_clone_args *args)
{
	return sys_result(syscall(UAPI_NR_CLONE3, args, sizeof(*args)));
}

static inline int sys_pidfd_open(pid_t pid)
{
	return sys_result(syscall(UAPI_NR_PIDFD_OPEN, pid, 0));
}

static inline int sys_pidfd_signal(int pidfd, int number)
{
	return sys_result(syscall(UAPI_NR_PIDFD_SEND_SIGNAL, pidfd, number, NULL, 0));
}

/* A copy, close-on-exec, of descriptor `fd` of another process. */
static inline int sys_pidfd_getfd(int pidfd, int fd)
{
	return sys_result(syscall(UAPI_NR_PIDFD_GETFD, pidfd, fd, 0));
}

/* waitid(2) on a pidfd; `options` WEXITED, WNOHANG, ... Again after a signal. 0 (with WNOHANG and nothing to tell,
 * info->si_pid is 0) or -errno. */
int sys_wait_pidfd(int pidfd, siginfo_t *info, int options);

/* Waits at most `milliseconds` (-1: for ever) until the descriptor has one of `events` (POLLIN; POLLHUP and POLLERR
 * always count). What it has, 0 after the time, or -errno (-EINTR too). */
int sys_poll(int fd, short events, int milliseconds);

/* ppoll(2) as the kernel does it: *left is counted down by the time that it took. How many have something, 0 when the
 * time is over, or -errno. */
static inline int sys_poll_left(struct pollfd *fds, unsigned count, struct timespec *left)
{
	return sys_result(syscall(SYS_ppoll, fds, count, left, NULL, 8UL));
}

static inline int sys_execveat(int dirfd, const char *path, const char *const *args, const char *const *env, int flags)
{
	return sys_result(syscall(SYS_execveat, dirfd, path, args, env, flags));
}

static inline int sys_execve(const char *path, const char *const *args, const char *const *env)
{
	return sys_result(syscall(SYS_execve, path, args, env));
}

/* exit_group(2): no atexit handlers, no flushing. */
static inline _Noreturn void sys_exit(int status)
{
	syscall(SYS_exit_group, status);
	/* Only a seccomp filter gets here: one that answers exit with an errno must not make it spin. */
	for (;;)
		__builtin_trap();
}

static inline int sys_prctl(int option, unsigned long second, unsigned long third)
{
	return sys_result(syscall(SYS_prctl, option, second, third, 0UL, 0UL));
}

/* Orphans among its descendants become its children (prctl(2)). */
static inline int sys_adopt_orphans(void)
{
	return sys_prctl(UAPI_PR_SET_CHILD_SUBREAPER, 1, 0);
}

static inline int sys_set_dumpable(bool dumpable)
{
	return sys_prctl(UAPI_PR_SET_DUMPABLE, dumpable, 0);
}

static inline int sys_get_dumpable(void)
{
	return sys_prctl(UAPI_PR_GET_DUMPABLE, 0, 0);
}

/* Cleared by every change of credentials (prctl(2)), so it comes last. */
static inline int sys_die_with_parent(int number)
{
	return sys_prctl(UAPI_PR_SET_PDEATHSIG, (unsigned long)number, 0);
}

static inline int sys_no_new_privs(void)
{
	return sys_prctl(UAPI_PR_SET_NO_NEW_PRIVS, 1, 0);
}

/* 0xffffffff asks without changing. */
static inline int sys_personality(uint32_t persona)
{
	return sys_result(syscall(SYS_personality, (unsigned long)persona));
}

static inline int sys_set_umask(unsigned mask)
{
	return sys_result(syscall(SYS_umask, mask));
}

static inline int sys_setsid(void)
{
	return sys_result(syscall(SYS_setsid));
}

/* fork(2) without libc's part: for a process that only makes system calls. Not clone3, which profiles answer with
 * ENOSYS. */
static inline pid_t sys_fork(void)
{
	return sys_result(syscall(SYS_clone, (unsigned long)SIGCHLD, 0UL, 0UL, 0UL, 0UL));
}

/* The same, with a close-on-exec pidfd of the child in *pidfd. */
static inline pid_t sys_fork_pidfd(int *pidfd)
{
	return sys_result(syscall(SYS_clone, (unsigned long)(SIGCHLD | UAPI_CLONE_PIDFD), 0UL, pidfd, 0UL, 0UL));
}

static inline int sys_set_group(pid_t pid, pid_t group)
{
	return sys_result(syscall(SYS_setpgid, pid, group));
}

/* Any child: its pid, 0 when none has ended (WNOHANG), or -errno. */
static inline pid_t sys_wait_any(int *status, int options)
{
	return sys_result(syscall(SYS_wait4, -1, status, options, NULL));
}

/* All signals, those that libc keeps for itself too; or none. */
static inline int sys_block_signals(bool blocked)
{
	const uint64_t set = blocked ? UINT64_MAX : 0;

	return sys_result(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, sizeof(set)));
}

/* Waits for a blocked signal: its number, or -errno. */
static inline int sys_next_signal(void)
{
	const uint64_t set = UINT64_MAX;

	return sys_result(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, sizeof(set)));
}

/* Memory of one's own is zeroes from here on, and takes no room until it is written; that of a file is read again
 * (madvise(2)). */
static inline int sys_forget(void *start, size_t size)
{
	return sys_result(syscall(SYS_madvise, start, size, UAPI_MADV_DONTNEED));
}

/* Every signal gets its default disposition and the mask becomes empty: what a new program expects to inherit. libc
 * refuses the two or three signals it keeps for itself, so the kernel is asked. */
int sys_reset_signals(void);

/* True unless the kernel says ENOSYS to this number with nothing but invalid arguments. */
bool sys_knows(long number);

#endif
