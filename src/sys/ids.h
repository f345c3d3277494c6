/* ids.h: users, groups and capabilities of this one thread, asked of the kernel itself: libc's setresuid and its kin
 * signal every thread of the process, which a half-built process must not do. */
#ifndef KIST_SYS_IDS_H
#define KIST_SYS_IDS_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <stddef.h>

/* Real, effective and saved id at once. */
static inline int sys_set_uid(uint32_t uid)
{
	return sys_result(syscall(SYS_setresuid, uid, uid, uid));
}

static inline int sys_set_gid(uint32_t gid)
{
	return sys_result(syscall(SYS_setresgid, gid, gid, gid));
}

static inline int sys_set_groups(size_t count, const uint32_t *groups)
{
	return sys_result(syscall(SYS_setgroups, count, groups));
}

/* What the three above have set: real, effective and saved; how many groups, of at most `room`. */
static inline int sys_get_uids(uint32_t ids[3])
{
	return sys_result(syscall(SYS_getresuid, &ids[0], &ids[1], &ids[2]));
}

static inline int sys_get_gids(uint32_t ids[3])
{
	return sys_result(syscall(SYS_getresgid, &ids[0], &ids[1], &ids[2]));
}

static inline int sys_get_groups(size_t room, uint32_t *groups)
{
	return sys_result(syscall(SYS_getgroups, room, groups));
}

/* One bit per capability number. */
struct sys_caps {
	uint64_t effective, permitted, inheritable;
};
int sys_get_caps(struct sys_caps *caps);
int sys_set_caps(const struct sys_caps *caps);

/* 1, 0, or -EINVAL for a number this kernel does not know. */
int sys_bounding_has(unsigned capability);
int sys_bounding_drop(unsigned capability);
int sys_ambient_raise(unsigned capability);
int sys_ambient_clear(void);
/* Makes each capability that is permitted ambient: another user than 0 would lose all with the next exec. */
int sys_ambient_all(void);

/* Permitted capabilities survive the next change of uid away from 0, once. */
int sys_keep_caps(void);

#endif
