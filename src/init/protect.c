/* protect.c: paths that the container may not see, or not change. */
#include "base/abi.h"
#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "init/path.h"
#include "sys/mounts.h"
#include "sys/status.h"

#include <sys/sysmacros.h>

enum { NULL_MAJOR = 1, NULL_MINOR = 3 };

/* The container's /dev/null, not followed, and only if it is the null device: a link in its place would make the mask
 * an open door (CVE-2025-31133). The very descriptor that was looked at is what gets bound. */
static int open_null(struct walker *walker, int root)
{
	struct stat status;

	if (walker->null >= 0)
		return walker->null;
	FD_AUTO int fd = path_open(root, "/dev/null", O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return walk_fail(walker, fd, "a masked file is covered by the container's /dev/null");
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	if (!S_ISCHR(status.st_mode) || status.st_rdev != makedev(NULL_MAJOR, NULL_MINOR))
		return walk_fail(walker, -ENODEV, "the container's /dev/null is not the null device (1:3), but ",
		                 S_ISCHR(status.st_mode) ? "another device" : mode_words(status.st_mode));
	walker->null = fd_take(&fd);
	return walker->null;
}

static int mask_file(struct walker *walker, int root, int destination)
{
	int null = open_null(walker, root);

	if (null < 0)
		return null;
	FD_AUTO int mount = sys_clone_tree(null, "", false, 0);
	return mount < 0 ? mount : sys_attach_mount(mount, destination);
}

/* The first masked directory gets the empty file system itself, the others a clone of that mount: one superblock for
 * all. (A mount that was never attached could be cloned only since Linux 6.15.) */
static int mask_directory(struct walker *walker, int destination)
{
	const struct filesystem empty = {
		.type = "tmpfs",
		.source = "tmpfs",
		.mode = 0555,
		.attributes = ABI_ATTR_RDONLY | ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_NOEXEC,
	};
	FD_AUTO int mount =
		walker->empty < 0 ? filesystem_make(walker, &empty) : sys_clone_tree(walker->empty, "", false, 0);

	if (mount < 0)
		return mount;
	int result = sys_attach_mount(mount, destination);
	if (result == 0 && walker->empty < 0)
		walker->empty = fd_take(&mount);
	return result;
}

/* Nothing there: nothing to protect, unless somebody counts on the protection. */
static bool is_missing(int result, bool demanded)
{
	return !demanded && (result == -ENOENT || result == -ENOTDIR);
}

int act_mask(struct walker *walker, const struct step *step)
{
	int root = walk_slot(walker, step->mask.root);
	FD_AUTO int fd = path_open(root, walk_text(walker, step->mask.path), O_PATH);
	struct stat status;

	if (fd < 0)
		return is_missing(fd, step->mask.demanded) ? 0 : fd;
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	return S_ISDIR(status.st_mode) ? mask_directory(walker, fd) : mask_file(walker, root, fd);
}

int act_readonly(struct walker *walker, const struct step *step)
{
	const struct mount_change readonly = { .set = ABI_ATTR_RDONLY };
	FD_AUTO int fd =
		path_open(walk_slot(walker, step->readonly.root), walk_text(walker, step->readonly.path), O_PATH);
	bool is_root;

	if (fd < 0)
		return is_missing(fd, step->readonly.demanded) ? 0 : fd;
	int result = sys_is_mount_root(fd, &is_root);
	if (result < 0)
		return result;
	if (is_root)
		return mount_change(fd, readonly);
	/* With what is mounted below: a user namespace may not show what lies under it. */
	FD_AUTO int mount = sys_clone_tree(fd, "", true, 0);
	if (mount < 0)
		return mount;
	result = mount_change(mount, readonly);
	return result < 0 ? result : sys_attach_mount(mount, fd);
}
