/* device.c: directories, links and device nodes, each made where its parent really is in the root. */
#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "init/path.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <string.h>
#include <sys/sysmacros.h>

/* The directory that holds `path`: the one that the step before used, when it has the same name. Nothing but that step
 * has happened since, and it mounted nothing on a directory. The walker keeps the descriptor. */
static int keep_parent(struct walker *walker, plan_slot root, const char *path, char name[NAME_SIZE])
{
	struct parent *kept = &walker->parent;
	int length = path_split(path, name);

	if (length < 0)
		return length;
	bool same = kept->fd >= 0 && kept->step + 1 == walker->index && kept->length == (size_t)length &&
	            memcmp(kept->path, path, (size_t)length) == 0;
	if (!same) {
		fd_close(&kept->fd);
		kept->fd = path_open_parent(walk_slot(walker, root), path, name);
	}
	kept->step = walker->index;
	kept->path = path;
	kept->length = (size_t)length;
	return kept->fd;
}

int act_make_path(struct walker *walker, const struct step *step)
{
	const struct step_make_path *wanted = &step->make_path;
	const char *path = walk_text(walker, wanted->path);
	FD_AUTO int fd = path_make_directory(walk_slot(walker, wanted->root), path, wanted->mode);

	if (fd == -EROFS && wanted->optional)
		return 0;
	if (fd == -ENOTDIR)
		return walk_fail(walker, fd, "a part of ", path, " is in the root, but is not a directory");
	return fd < 0 ? fd : 0;
}

/* True when `name` is a link to just this target. */
static bool links_to(int parent, const char *name, const char *target)
{
	char found[PATH_SIZE];
	int length = sys_readlink_at(parent, name, found, sizeof(found));

	return length >= 0 && (size_t)length == strlen(target) && memcmp(found, target, (size_t)length) == 0;
}

int act_make_link(struct walker *walker, const struct step *step)
{
	const struct step_make_link *wanted = &step->make_link;
	const char *target = walk_text(walker, wanted->target), *path = walk_text(walker, wanted->path);
	char name[NAME_SIZE];
	int parent = keep_parent(walker, wanted->root, path, name);

	if (parent < 0)
		return parent;
	int result = sys_symlink_at(target, parent, name);
	if (result == 0 || (result == -EEXIST && (wanted->optional || links_to(parent, name, target))))
		return 0;
	if (result == -EROFS && wanted->optional)
		return 0;
	if (result == -EEXIST)
		return walk_fail(walker, result, "what is there already in the root is not this link");
	return result;
}

static unsigned device_mode(const struct step_make_device *wanted)
{
	switch (wanted->type) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default: /* 'c', and 'u', which is an old word for it */
		return S_IFCHR;
	}
}

static bool is_device(const struct stat *status, const struct step_make_device *wanted)
{
	const unsigned type = device_mode(wanted);

	return (status->st_mode & S_IFMT) == type &&
	       (type == S_IFIFO || status->st_rdev == makedev(wanted->major, wanted->minor));
}

/* Something is there: the very device is welcome, anything else is an error (F4). */
static int accept_existing(struct walker *walker, int parent, const char *name, const struct step_make_device *wanted)
{
	struct stat status;
	int result = sys_stat_at(parent, name, AT_SYMLINK_NOFOLLOW, &status);

	if (result < 0)
		return result;
	if (is_device(&status, wanted))
		return 0;
	const bool other = (status.st_mode & S_IFMT) == device_mode(wanted);
	return walk_fail(walker, -EEXIST, "what is there already in the root is ",
	                 other ? "another device" : mode_words(status.st_mode));
}

static int make_node(struct walker *walker, int parent, const char *name, const struct step_make_device *wanted)
{
	const unsigned mode = device_mode(wanted) | (wanted->mode & 07777);
	int result = path_make_node(parent, name, mode, makedev(wanted->major, wanted->minor));

	if (result == -EEXIST)
		return accept_existing(walker, parent, name, wanted);
	if (result < 0 || (!wanted->uid && !wanted->gid))
		return result;
	return sys_chown_at(parent, name, wanted->uid, wanted->gid, AT_SYMLINK_NOFOLLOW);
}

/* The host's node, verified, shown on an empty file. */
static int bind_node(struct walker *walker, int parent, const char *name, const struct step_make_device *wanted)
{
	const char *source_path = walk_text(walker, wanted->source);
	FD_AUTO int source = sys_open_at(AT_FDCWD, source_path, O_PATH, 0);
	struct stat status;

	if (source < 0)
		return walk_fail(walker, source, "the host's ", source_path, " cannot be opened");
	int result = sys_stat_fd(source, &status);
	if (result < 0)
		return result;
	if (!is_device(&status, wanted))
		return walk_fail(walker, -ENODEV, "the host's ", source_path, " is not the device that was asked for");
	result = path_make_node(parent, name, S_IFREG | 0644, 0);
	if (result < 0 && result != -EEXIST)
		return result;
	FD_AUTO int destination =
		sys_openat2(parent, name, O_PATH | O_NOFOLLOW, 0, UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_MAGICLINKS);
	if (destination < 0)
		return destination;
	result = sys_stat_fd(destination, &status);
	if (result < 0 || is_device(&status, wanted))
		return result;
	if (!S_ISREG(status.st_mode))
		return accept_existing(walker, parent, name, wanted);
	FD_AUTO int mount = sys_clone_tree(source, "", false, 0);
	return mount < 0 ? mount : sys_attach_mount(mount, destination);
}

int act_make_device(struct walker *walker, const struct step *step)
{
	const struct step_make_device *wanted = &step->make_device;
	char name[NAME_SIZE];
	int parent = keep_parent(walker, wanted->root, walk_text(walker, wanted->path), name);

	if (parent < 0)
		return parent;
	return wanted->how == 'b' ? bind_node(walker, parent, name, wanted) : make_node(walker, parent, name, wanted);
}
