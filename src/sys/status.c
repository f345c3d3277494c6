/* status.c: statx(2) for mounts and statfs(2) for file systems. */
#include "sys/status.h"

#include <sys/vfs.h>

int sys_filesystem_of(int fd, struct sys_filesystem *filesystem)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return -errno;
	filesystem->magic = (uint64_t)status.f_type;
	filesystem->flags = (uint64_t)status.f_flags;
	return 0;
}

static int read_statx(int fd, unsigned mask, struct uapi_statx *status)
{
	return sys_result(syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, status));
}

int sys_birth_time(int dirfd, const char *name, struct timespec *birth)
{
	struct uapi_statx status = { 0 };
	int result = sys_result(syscall(SYS_statx, dirfd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH,
	                                UAPI_STATX_BTIME, &status));

	if (result < 0)
		return result;
	if (!(status.stx_mask & UAPI_STATX_BTIME))
		return -ENODATA;
	*birth = (struct timespec){ .tv_sec = status.stx_btime.seconds, .tv_nsec = status.stx_btime.nanoseconds };
	return 0;
}

int sys_is_mount_root(int fd, bool *is_root)
{
	struct uapi_statx status = { 0 };
	int result = read_statx(fd, UAPI_STATX_BASIC_STATS, &status);

	if (result < 0)
		return result;
	*is_root = status.stx_attributes & UAPI_STATX_ATTR_MOUNT_ROOT;
	return 0;
}
