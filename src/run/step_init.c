/* step_init.c: the init program and its plan, each in a file in memory that nobody can change any more. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "sys/memfd.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

/* The finished init program, carried in kist (run/init_image.S). */
extern const char kist_init_start[], kist_init_end[];

static size_t image_size(void)
{
	return (size_t)(kist_init_end - kist_init_start);
}

static int seal(int fd, const void *bytes, size_t length)
{
	int result = file_write_fd(fd, bytes, length);
	return result < 0 ? result : sys_memfd_seal(fd);
}

int block_seal(const struct plan_block *block)
{
	FD_AUTO int fd = sys_memfd("kist-plan", false);
	int result = fd < 0 ? fd : seal(fd, block, block->size);
	return result < 0 ? result : fd_take(&fd);
}

/* --- where memfds must not be executed (vm.memfd_noexec=2) ------------------------------------------ */

/* PREFIX/libexec/kist/init of the PREFIX/bin/kist that runs. */
static const char *installed_path(struct arena *arena)
{
	char own[PATH_MAX];
	int length = sys_readlink_at(AT_FDCWD, "/proc/self/exe", own, sizeof(own) - 1);
	if (length < 0)
		return NULL;
	own[length] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(own, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
	return arena_printf(arena, "%s/libexec/kist/init", own);
}

/* Another version would not understand this kist's plan. */
static int check_installed(struct walk *walk, int fd, const char *path)
{
	struct stat status;
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	if (!S_ISREG(status.st_mode) || (size_t)status.st_size != image_size())
		return step_fail(walk, -ESTALE, "%s is not the init program of this kist", path);
	void *bytes = mmap(NULL, image_size(), PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	bool same = memcmp(bytes, kist_init_start, image_size()) == 0;
	munmap(bytes, image_size());
	return same ? 0 : step_fail(walk, -ESTALE, "%s is not the init program of this kist", path);
}

/* Through a detached read-only mount, so that /proc/PID/exe of the container is no way to the host's file
 * (CVE-2019-5736). An ordinary user cannot make one, and needs none where the file is not its own. */
static int open_installed(struct walk *walk)
{
	const struct uapi_mount_attr read_only = { .attr_set = ABI_ATTR_RDONLY };
	const char *path = installed_path(walk->arena);
	FD_AUTO int fd = path ? sys_open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0) : -ENOENT;
	if (fd < 0)
		return step_fail(walk, fd,
		                 "memfds may not be executed here (vm.memfd_noexec=2), and %s cannot be opened",
		                 path ? path : "the installed init program");
	int result = check_installed(walk, fd, path);
	if (result < 0)
		return result;
	FD_AUTO int mount = sys_clone_tree(fd, "", false, 0); /* of what was looked at, whatever the path says now */
	if (mount == -EPERM) {
		struct stat status;
		result = sys_stat_fd(fd, &status);
		bool own = result < 0 || status.st_uid == geteuid() || (status.st_mode & 022);
		return own ? step_fail(walk, -EPERM,
		                       "memfds may not be executed here (vm.memfd_noexec=2), and the container "
		                       "could change %s",
		                       path)
		           : fd_take(&fd);
	}
	result = mount < 0 ? mount : sys_mount_setattr(mount, false, &read_only);
	if (result < 0)
		return result;
	return fd_take(&mount);
}

/* --- the step --------------------------------------------------------------------------------------- */

int step_load_init(struct walk *walk, const struct step *step)
{
	FD_AUTO int fd = sys_memfd("kist-init", true);
	int result = fd == -EACCES ? 0 : fd < 0 ? fd : seal(fd, kist_init_start, image_size());
	if (fd == -EACCES) {
		fd = open_installed(walk);
		result = fd;
	}
	if (result < 0)
		return result;
	walk->blockfd = block_seal(walk->block);
	if (walk->blockfd < 0)
		return walk->blockfd;
	walk->slots[step->load_init.image] = fd_take(&fd);
	return 0;
}
