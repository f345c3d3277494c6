/* step_program.c: a program of the host for a root that lacks it, opened so that the container cannot change it. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "sys/memfd.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

static int open_fd_again(int fd)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return sys_open_at(AT_FDCWD, path, O_RDONLY, 0);
}

/* A mount of its own, read-only, attached nowhere. */
static int clone_read_only(int fd)
{
	const struct uapi_mount_attr attributes = { .attr_set = ABI_ATTR_RDONLY | ABI_ATTR_NOSUID };
	FD_AUTO int mount = sys_clone_tree(fd, "", false, 0);
	int result = mount < 0 ? mount : sys_mount_setattr(mount, false, &attributes);
	return result < 0 ? result : open_fd_again(mount);
}

/* No container of an ordinary user has the ids of the machine's root. */
static bool is_out_of_reach(const struct stat *status)
{
	return geteuid() != 0 && status->st_uid == 0 && !(status->st_mode & 022);
}

static int copy_sealed(struct walk *walk, int fd, const struct stat *status)
{
	FD_AUTO int copy = sys_memfd("kist-program", true);
	if (copy == -EACCES)
		return step_fail(walk, copy,
		                 "it belongs to ids of the container, which could change it, and memfds for a "
		                 "copy may not be executed here (vm.memfd_noexec=2)");
	if (copy < 0)
		return copy;
	for (off_t done = 0; done < status->st_size;) {
		ssize_t count = sendfile(copy, fd, &done, (size_t)(status->st_size - done));
		if (count == 0)
			return step_fail(walk, -EIO, "it became shorter meanwhile");
		if (count < 0 && errno != EINTR)
			return -errno;
	}
	/* Init reads it from the start. */
	int result = lseek(copy, 0, SEEK_SET) < 0 ? -errno : sys_memfd_seal(copy);
	return result < 0 ? result : fd_take(&copy);
}

/* A container finds the file that it executes in /proc/PID/exe, and could write through that what it may write
 * (CVE-2019-5736). So it gets the file by a mount that is read-only, or as it is where its ids have no right to it, or
 * else a copy that nobody can change. */
int step_open_program(struct walk *walk, const struct step *step)
{
	struct stat status;
	const char *path = walk_text(walk, step->open_program.path);
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	int result = fd < 0 ? fd : sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	if (!S_ISREG(status.st_mode) || !(status.st_mode & 0111))
		return step_fail(walk, -EACCES, "it is no program");
	int safe = clone_read_only(fd);
	if (safe == -EPERM)
		safe = is_out_of_reach(&status) ? fd_take(&fd) : copy_sealed(walk, fd, &status);
	if (safe < 0)
		return safe;
	walk->slots[step->open_program.file] = safe;
	return 0;
}
