/* status.h: what a descriptor really is: its type, its file system, its mount. */
#ifndef KIST_SYS_STATUS_H
#define KIST_SYS_STATUS_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

/* fstatat(2); path "" with AT_EMPTY_PATH is the descriptor itself. */
static inline int sys_stat_at(int dirfd, const char *path, int flags, struct stat *status)
{
	return sys_result(fstatat(dirfd, path, status, flags));
}

static inline int sys_stat_fd(int fd, struct stat *status)
{
	return sys_stat_at(fd, "", AT_EMPTY_PATH, status);
}

/* The file system's magic number (UAPI_*_MAGIC) and the mount's flags (UAPI_ST_*). O_PATH descriptors are fine. */
struct sys_filesystem {
	uint64_t magic, flags;
};
int sys_filesystem_of(int fd, struct sys_filesystem *filesystem);

/* When the inode was made (statx(2)): of a file in an overlay's upper layer that is when it was copied up or written.
 * Follows no link. -ENODATA where the file system does not keep it. */
int sys_birth_time(int dirfd, const char *name, struct timespec *birth);

/* True when the descriptor is the root of its mount; -errno. */
int sys_is_mount_root(int fd, bool *is_root);

#endif
