/* pivot.c: the root: how mounts spread, where the container's root comes from, and the change into it. */
#include "base/abi.h"
#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

int act_set_propagation(struct walker *walker, const struct step *step)
{
	const struct step_set_propagation *wanted = &step->set_propagation;
	FD_AUTO int fd = sys_open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return fd;
	if (wanted->propagation != ABI_SHARED && wanted->recursive)
		walker->mounts_shared = false;
	return mount_change(
		fd, (struct mount_change){ .propagation = wanted->propagation, .recursive = wanted->recursive });
}

/* Makes the mount that holds `fd` private. Only the root of a mount can be changed: it is found by going up. */
static int make_parent_private(int fd)
{
	FD_AUTO int at = sys_open_at(fd, ".", O_PATH | O_DIRECTORY, 0);
	int result = -EINVAL;

	while (at >= 0) {
		result = mount_change(at, (struct mount_change){ .propagation = ABI_PRIVATE });
		if (result != -EINVAL)
			return result;
		int above = sys_open_at(at, "..", O_PATH | O_DIRECTORY, 0);
		close(at);
		at = above;
	}
	return result;
}

/* Without attributes: overlayfs would take them over. */
int act_mount_scratch(struct walker *walker, const struct step *step)
{
	const struct filesystem filesystem = { .type = "tmpfs", .source = "kist", .mode = 0700 };
	FD_AUTO int place = sys_open_at(AT_FDCWD, walk_text(walker, step->mount_scratch.path),
	                                O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);

	if (place < 0)
		return place;
	int result = walker->mounts_shared ? make_parent_private(place) : 0;
	if (result < 0)
		return result;
	FD_AUTO int mount = filesystem_make(walker, &filesystem);
	return mount < 0 ? mount : sys_attach_mount(mount, place);
}

int act_make_layer(struct walker *walker, const struct step *step)
{
	const char *path = walk_text(walker, step->make_layer.path);
	int result = sys_mkdir_at(AT_FDCWD, path, step->make_layer.mode);

	/* The umask must not decide about the container's root directory. Nobody else can put anything here. */
	return result < 0 ? result : sys_chmod_at(AT_FDCWD, path, step->make_layer.mode);
}

int act_open_channel(struct walker *walker, const struct step *step)
{
	const int fd = sys_open_at(AT_FDCWD, walk_text(walker, step->open_channel.path), O_RDWR, 0);

	if (fd >= 0)
		walk_give(walker, step->open_channel.channel, fd);
	return fd < 0 ? fd : 0;
}

int act_await_root(struct walker *walker, const struct step *step)
{
	struct stat status;

	close(walk_take(walker, step->await_root.channel));
	return sys_stat_fd(walk_slot(walker, step->await_root.root), &status);
}

/* The detached mount that becomes the root. */
static int make_root(struct walker *walker, const struct step_open_root *wanted, int place)
{
	const struct filesystem filesystem = {
		.type = walk_text(walker, wanted->type),
		.source = "kist",
		.options = wanted->options,
		.channel = wanted->channel ? walk_slot(walker, wanted->channel) : 0,
	};

	if (wanted->tree)
		return walk_take(walker, wanted->tree);
	return wanted->how == 'f' ? filesystem_make(walker, &filesystem) : sys_clone_tree(place, "", true, 0);
}

/* A copy of a shared mount is its peer: what is mounted on it would appear on the host. A slave may stay one. Shared
 * and unbindable must wait: pivot_root refuses a shared root, and nothing of an unbindable one can be bound. */
static int separate_root(struct walker *walker, int mount, uint32_t propagation)
{
	const bool now = propagation == ABI_SLAVE;

	walker->root_propagation = now ? 0 : propagation;
	return mount_change(mount,
	                    (struct mount_change){ .propagation = now ? ABI_SLAVE : ABI_PRIVATE, .recursive = true });
}

int act_open_root(struct walker *walker, const struct step *step)
{
	const struct step_open_root *wanted = &step->open_root;
	/* A mount on "/" hides nothing from this process: its root stays the mount below. */
	const char *path = wanted->tree ? "/" : walk_text(walker, wanted->path);
	if (wanted->tree && wanted->how == 'd') { /* opened before the path became another's */
		walk_give(walker, wanted->root, walk_take(walker, wanted->tree));
		return 0;
	}
	FD_AUTO int place = sys_open_at(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);

	if (place < 0)
		return place;
	if (wanted->how == 'd') {
		walk_give(walker, wanted->root, fd_take(&place));
		return 0;
	}
	int result = walker->mounts_shared ? make_parent_private(place) : 0;
	if (result < 0)
		return result;
	FD_AUTO int mount = make_root(walker, wanted, place);
	if (mount < 0)
		return mount;
	result = separate_root(walker, mount, wanted->propagation);
	if (result == 0)
		result = sys_attach_mount(mount, place);
	if (result < 0)
		return result;
	walk_give(walker, wanted->root, fd_take(&mount));
	return 0;
}

/* pivot_root(".", ".") stacks the old root on the new one, so that no directory is needed for it, and the new root may
 * be empty or read-only (pivot_root(2)). The old root must not be shared when it goes: the detaching would spread. */
static int change_root(void)
{
	FD_AUTO int old = sys_open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);

	if (old < 0)
		return old;
	int result = sys_pivot_root(".", ".");
	if (result == 0)
		result = sys_result(fchdir(old));
	if (result == 0)
		result = mount_change(old, (struct mount_change){ .propagation = ABI_SLAVE, .recursive = true });
	if (result == 0)
		result = sys_unmount(".", UAPI_MNT_DETACH);
	return result;
}

int act_pivot(struct walker *walker, const struct step *step)
{
	int root = walk_slot(walker, step->pivot.root);
	int result = sys_result(fchdir(root));

	if (result < 0)
		return result;
	if (step->pivot.how == 'p')
		result = change_root();
	if (step->pivot.how == 'm')
		result = sys_move_old(".", "/");
	if (result == 0 && step->pivot.how != 'p')
		result = sys_result(chroot("."));
	if (result == 0)
		result = sys_result(chdir("/"));
	if (result < 0 || !walker->root_propagation)
		return result;
	return mount_change(root, (struct mount_change){ .propagation = walker->root_propagation });
}
