/* seccomp.h: installing a filter, and asking which actions the kernel has. */
#ifndef KIST_SYS_SECCOMP_H
#define KIST_SYS_SECCOMP_H

#include "sys/result.h"
#include "sys/uapi.h"

/* `flags` SECCOMP_FILTER_FLAG_*. 0, a listener's descriptor when the flags ask for one, or -errno. */
static inline int sys_seccomp_filter(unsigned flags, const struct uapi_sock_filter *filter, uint16_t length)
{
	const struct uapi_sock_fprog program = { .length = length, .filter = filter };

	return sys_result(syscall(SYS_seccomp, UAPI_SECCOMP_SET_MODE_FILTER, flags, &program));
}

/* 0 when the kernel has this SECCOMP_RET_* action. */
static inline int sys_seccomp_action(uint32_t action)
{
	return sys_result(syscall(SYS_seccomp, UAPI_SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

/* 0 when the kernel knows this SECCOMP_FILTER_FLAG_*: with no program it says EFAULT, to an unknown flag EINVAL. */
static inline int sys_seccomp_flag(unsigned flag)
{
	int result = sys_result(syscall(SYS_seccomp, UAPI_SECCOMP_SET_MODE_FILTER, flag, NULL));

	return result == -EFAULT ? 0 : result;
}

/* The next call that a filter hands to its listener. -ENOENT: its process has ended meanwhile. */
static inline int sys_seccomp_receive(int listener, struct uapi_seccomp_notif *call)
{
	*call = (struct uapi_seccomp_notif){ 0 }; /* the kernel refuses a used one */
	return sys_result(syscall(SYS_ioctl, listener, UAPI_SECCOMP_RECEIVE, call));
}

static inline int sys_seccomp_send(int listener, const struct uapi_seccomp_reply *reply)
{
	return sys_result(syscall(SYS_ioctl, listener, UAPI_SECCOMP_SEND, reply));
}

/* 0 while the process still waits in that call: what was read of it by its pid was its own. -ENOENT: it does not;
 * -ENOTTY: this is no listener. */
static inline int sys_seccomp_valid(int listener, uint64_t id)
{
	return sys_result(syscall(SYS_ioctl, listener, UAPI_SECCOMP_ID_VALID, &id));
}

#endif
