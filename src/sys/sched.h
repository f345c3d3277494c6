/* sched.h: scheduling, I/O priority and resource limits of this process. */
#ifndef KIST_SYS_SCHED_H
#define KIST_SYS_SCHED_H

#include "sys/result.h"
#include "sys/uapi.h"

static inline int sys_sched_setattr(const struct uapi_sched_attr *attr)
{
	return sys_result(syscall(SYS_sched_setattr, 0, attr, 0));
}

/* One bit a processor, in `size` bytes; those that the cpuset of this process lacks are left out by the kernel. */
static inline int sys_set_affinity(const void *mask, size_t size)
{
	return sys_result(syscall(SYS_sched_setaffinity, 0, size, mask));
}

/* A mode with its flags, and one bit a node in `size` bytes, 0 for none (set_mempolicy(2); the kernel counts one bit
 * less than it is told). */
static inline int sys_set_memory_policy(int policy, const void *nodes, size_t size)
{
	return sys_result(syscall(SYS_set_mempolicy, policy, size ? nodes : NULL, size ? size * 8 + 1 : 0));
}

/* Of the whole process group, as the runtime-spec wants it (C14). `class` 1 RT, 2 BE, 3 IDLE. */
static inline int sys_set_io_priority(unsigned class, unsigned priority)
{
	const unsigned value = class << UAPI_IOPRIO_CLASS_SHIFT | priority;

	return sys_result(syscall(SYS_ioprio_set, UAPI_IOPRIO_WHO_PGRP, 0, value));
}

/* UINT64_MAX is RLIM_INFINITY. Either pointer may be NULL. */
static inline int sys_rlimit(pid_t pid, unsigned resource, const struct uapi_rlimit *wanted, struct uapi_rlimit *before)
{
	return sys_result(syscall(SYS_prlimit64, pid, resource, wanted, before));
}

#endif
