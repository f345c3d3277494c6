/* bind.c: what the host has, shown inside: cloned detached, given its attributes, then attached; and remounts. */
#include "base/abi.h"
#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "init/path.h"
#include "init/text.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

static const struct {
	uint32_t attribute, flag;
	const char *name;
} locked_flags[] = {
	{ ABI_ATTR_RDONLY, UAPI_ST_RDONLY, "ro" },
	{ ABI_ATTR_NOSUID, UAPI_ST_NOSUID, "nosuid" },
	{ ABI_ATTR_NODEV, UAPI_ST_NODEV, "nodev" },
	{ ABI_ATTR_NOEXEC, UAPI_ST_NOEXEC, "noexec" },
};

/* EPERM of mount_setattr is a flag that a user namespace may not take off again: names it (mount_namespaces(7)). */
static int refused(struct walker *walker, int mount, uint64_t clear, int result)
{
	struct sys_filesystem filesystem;

	if (result != -EPERM || sys_filesystem_of(mount, &filesystem) < 0)
		return result;
	for (size_t at = 0; at < sizeof(locked_flags) / sizeof(*locked_flags); at++) {
		if (clear & locked_flags[at].attribute && filesystem.flags & locked_flags[at].flag)
			return walk_fail(walker, result, "the mount it comes from is ", locked_flags[at].name,
			                 ", and a user namespace cannot take that off");
	}
	return result;
}

/* The destination, made as what the source is; a file cannot be covered by a directory, nor the other way round. */
static int open_destination(struct walker *walker, int root, const char *path, const struct stat *source)
{
	const bool directory = S_ISDIR(source->st_mode);
	FD_AUTO int fd = directory ? path_make_directory(root, path, 0755) : path_make_file(root, path);
	struct stat status;

	if (fd == -ENOTDIR && directory)
		return walk_fail(walker, fd, "the source is a directory, but ", path, " in the root is not");
	if (fd < 0)
		return fd;
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	if (!directory && S_ISDIR(status.st_mode))
		return walk_fail(walker, -ENOTDIR, "the source is ", mode_words(source->st_mode), ", but ", path,
		                 " is a directory in the root");
	return fd_take(&fd);
}

/* The last part of the path not followed: what is mounted on a link covers the link. */
static int open_on_link(struct walker *walker, int root, const char *path)
{
	char name[NAME_SIZE];
	struct stat status;
	FD_AUTO int parent = path_open_parent(root, path, name);

	if (parent < 0)
		return parent;
	int result = path_make_node(parent, name, S_IFREG | 0644, 0);
	if (result < 0 && result != -EEXIST && result != -EROFS)
		return result;
	FD_AUTO int fd =
		sys_openat2(parent, name, O_PATH | O_NOFOLLOW, 0, UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return fd;
	result = sys_stat_fd(fd, &status);
	if (result == 0 && S_ISDIR(status.st_mode))
		return walk_fail(walker, -ENOTDIR, path, " is a directory in the root");
	return result < 0 ? result : fd_take(&fd);
}

/* Whether there is something at the path, be it a link that leads nowhere. */
static bool is_there(int root, const char *path)
{
	FD_AUTO int fd = path_open(root, path, O_PATH | O_NOFOLLOW);

	return fd >= 0;
}

static int change_clone(struct walker *walker, int mount, const struct step_bind *wanted)
{
	const struct mount_change all = { .set = wanted->attr_set_rec,
		                          .clear = wanted->attr_clear_rec,
		                          .recursive = true };
	const struct mount_change one = { .set = wanted->attr_set, .clear = wanted->attr_clear };
	const struct mount_change spread = { .propagation = wanted->propagation, .recursive = wanted->propagation_rec };
	int result = mount_change(mount, all);

	if (result < 0)
		return refused(walker, mount, all.clear, result);
	result = mount_change(mount, one);
	if (result < 0)
		return refused(walker, mount, one.clear, result);
	return mount_change(mount, spread);
}

/* The source as a detached mount: opened by the runtime, or else here. */
static int open_source(struct walker *walker, const struct step_bind *wanted)
{
	const char *path = walk_text(walker, wanted->source);

	if (wanted->tree)
		return walk_take(walker, wanted->tree);
	FD_AUTO int source = sys_open_at(AT_FDCWD, path, O_PATH, 0);
	if (source == -ENOENT && wanted->if_there)
		return source;
	if (source < 0)
		return walk_fail(walker, source, "the source cannot be opened");
	int mount = sys_clone_tree(source, "", wanted->recursive, 0);
	if (mount == -EINVAL && !wanted->recursive)
		return walk_fail(walker, mount, "there are mounts below ", path,
		                 " that a user namespace may not take off (rbind takes them along)");
	return mount;
}

int act_bind(struct walker *walker, const struct step *step)
{
	const struct step_bind *wanted = &step->bind;
	const char *path = walk_text(walker, wanted->path);
	int root = walk_slot(walker, wanted->root);
	FD_AUTO int mount = open_source(walker, wanted);
	struct stat status;

	if (mount < 0)
		return mount == -ENOENT && wanted->if_there ? 0 : mount;
	if ((wanted->onto == BIND_IF_THERE && !is_there(root, path)) ||
	    (wanted->onto == BIND_IF_MISSING && is_there(root, path)))
		return 0;
	int result = sys_stat_fd(mount, &status);
	if (result < 0)
		return result;
	result = change_clone(walker, mount, wanted);
	if (result < 0)
		return result;
	FD_AUTO int destination = wanted->onto == BIND_ONTO_LINK || wanted->onto == BIND_IF_THERE
	                                  ? open_on_link(walker, root, path)
	                                  : open_destination(walker, root, path, &status);
	return destination < 0 ? destination : mount_attach(walker, fd_take(&mount), destination, wanted->root, path);
}

int act_remount(struct walker *walker, const struct step *step)
{
	const struct step_remount *wanted = &step->remount;
	const struct mount_change one = { .set = wanted->attr_set, .clear = wanted->attr_clear };
	const struct mount_change spread = { .propagation = wanted->propagation, .recursive = wanted->propagation_rec };
	const char *path = walk_text(walker, wanted->path);
	FD_AUTO int fd = path_open(walk_slot(walker, wanted->root), path, O_PATH);
	bool is_root = true;

	if (fd < 0)
		return fd;
	if (sys_is_mount_root(fd, &is_root) == 0 && !is_root)
		return walk_fail(walker, -EINVAL, "nothing is mounted on ", path);
	int result = wanted->superblock ? filesystem_change(walker, fd, wanted->options) : 0;
	if (result < 0)
		return result;
	result = mount_change(fd, one);
	return result < 0 ? refused(walker, fd, one.clear, result) : mount_change(fd, spread);
}
