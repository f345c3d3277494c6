/* mounts.h: the mount API of Linux 5.2 and later, by descriptors: nothing is ever opened a second time by its path. */
#ifndef KIST_SYS_MOUNTS_H
#define KIST_SYS_MOUNTS_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <fcntl.h>
#include <stdbool.h>

/* fsopen(2): a file system to be configured. -ENODEV: the kernel does not know the type. */
static inline int sys_fsopen(const char *type)
{
	return sys_result(syscall(UAPI_NR_FSOPEN, type, UAPI_FSOPEN_CLOEXEC));
}

/* fspick(2) of the mount a descriptor names, to reconfigure its superblock. */
static inline int sys_fspick(int fd)
{
	return sys_result(syscall(UAPI_NR_FSPICK, fd, "", UAPI_FSPICK_CLOEXEC | UAPI_FSPICK_EMPTY_PATH));
}

/* fsconfig(2). `value` NULL: a flag. */
static inline int sys_fsconfig_word(int context, const char *key, const char *value)
{
	return sys_result(syscall(UAPI_NR_FSCONFIG, context, value ? UAPI_FSCONFIG_SET_STRING : UAPI_FSCONFIG_SET_FLAG,
	                          key, value, 0));
}

static inline int sys_fsconfig_create(int context)
{
	return sys_result(syscall(UAPI_NR_FSCONFIG, context, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

static inline int sys_fsconfig_reconfigure(int context)
{
	return sys_result(syscall(UAPI_NR_FSCONFIG, context, UAPI_FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
}

/* fsmount(2): a detached mount of what was created; `attributes` ABI_ATTR_*. */
static inline int sys_fsmount(int context, uint64_t attributes)
{
	return sys_result(syscall(UAPI_NR_FSMOUNT, context, UAPI_FSMOUNT_CLOEXEC, attributes));
}

/* The next line of the context's message log, without its "e " or "w " and its line end, NUL-terminated and cut to
 * `size`. Its length, -ENODATA when there is no more. */
int sys_fs_message(int context, char *line, size_t size);

/* open_tree(2): a detached copy of the mount at `path`; path "" is the descriptor itself. -errno. */
static inline int sys_clone_tree(int dirfd, const char *path, bool recursive, int flags)
{
	return sys_result(syscall(UAPI_NR_OPEN_TREE, dirfd, path,
	                          UAPI_OPEN_TREE_CLONE | UAPI_OPEN_TREE_CLOEXEC | (recursive ? UAPI_AT_RECURSIVE : 0) |
	                                  (*path ? 0 : AT_EMPTY_PATH) | flags));
}

/* move_mount(2): attaches the mount `from` on what `onto` names, both by descriptor. */
static inline int sys_attach_mount(int from, int onto)
{
	return sys_result(syscall(UAPI_NR_MOVE_MOUNT, from, "", onto, "",
	                          UAPI_MOVE_MOUNT_F_EMPTY_PATH | UAPI_MOVE_MOUNT_T_EMPTY_PATH));
}

/* mount_setattr(2) of the mount a descriptor names. */
static inline int sys_mount_setattr(int fd, bool recursive, const struct uapi_mount_attr *attr)
{
	return sys_result(syscall(UAPI_NR_MOUNT_SETATTR, fd, "", AT_EMPTY_PATH | (recursive ? UAPI_AT_RECURSIVE : 0),
	                          attr, sizeof(*attr)));
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return sys_result(syscall(SYS_pivot_root, new_root, put_old));
}

/* umount2(2). */
static inline int sys_unmount(const char *path, int flags)
{
	return sys_result(syscall(SYS_umount2, path, flags));
}

/* mount(2) with MS_MOVE: where pivot_root cannot be used. */
static inline int sys_move_old(const char *from, const char *to)
{
	return sys_result(syscall(SYS_mount, from, to, NULL, UAPI_MS_MOVE, NULL));
}

#endif
