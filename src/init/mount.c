/* mount.c: file systems made with fsopen(2), and everything the kernel says when it refuses one. */
#include "init/mount.h"

#include "base/abi.h"
#include "base/fd.h"
#include "init/actions.h"
#include "init/copy.h"
#include "init/path.h"
#include "init/text.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <string.h>

enum { WORD_SIZE = 256 }; /* what fsconfig(2) takes as one string, its NUL included */

const char *mode_words(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFREG:
		return "a regular file";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFCHR:
		return "a character device";
	case S_IFBLK:
		return "a block device";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	default:
		return "something else";
	}
}

/* The last line of the context's log, or else `words`. */
static int refused(struct walker *walker, int context, int result, const char *words)
{
	char line[TEXT_SIZE], last[TEXT_SIZE] = "";

	while (sys_fs_message(context, line, sizeof(line)) > 0)
		memcpy(last, line, sizeof(last));
	return walk_fail(walker, result, *last ? last : words);
}

/* A path longer than one string of fsconfig(2) may be: through a descriptor it becomes short. The host's /proc is used,
 * which is there until the pivot. */
static int set_long(struct walker *walker, int context, const char *key, const char *value)
{
	FD_AUTO int fd = *value == '/' ? sys_open_at(AT_FDCWD, value, O_PATH, 0) : -ENAMETOOLONG;
	struct text path = { 0 };

	if (fd < 0)
		return walk_fail(walker, fd, "the option ", key, " is longer than the kernel takes");
	text_put(&path, "/proc/self/fd/");
	text_put_number(&path, (uint64_t)fd);
	return sys_fsconfig_word(context, key, path.bytes);
}

static int set_option(struct walker *walker, int context, const char *word)
{
	const char *equals = strchr(word, '=');
	char key[WORD_SIZE];

	if (!equals)
		return sys_fsconfig_word(context, word, NULL);
	if ((size_t)(equals - word) >= sizeof(key))
		return -ENAMETOOLONG;
	memcpy(key, word, (size_t)(equals - word));
	key[equals - word] = '\0';
	if (strlen(equals + 1) >= WORD_SIZE)
		return set_long(walker, context, key, equals + 1);
	return sys_fsconfig_word(context, key, equals + 1);
}

static bool has_mode(const struct plan_block *block, struct plan_span options)
{
	const char *word = plan_bytes(block, options);

	for (uint32_t done = 0; done < options.count; done++, word = list_next(word)) {
		if (strncmp(word, "mode=", 5) == 0)
			return true;
	}
	return false;
}

/* "mode=1777" before the options, so that the last word wins. */
static int set_mode(int context, unsigned mode)
{
	struct text text = { 0 };

	text_put_octal(&text, mode);
	return sys_fsconfig_word(context, "mode", text.bytes);
}

static int set_options(struct walker *walker, int context, struct plan_span options)
{
	const char *word = plan_bytes(walker->block, options);

	for (uint32_t done = 0; done < options.count; done++, word = list_next(word)) {
		int result = set_option(walker, context, word);
		if (result < 0)
			return refused(walker, context, result, word);
	}
	return 0;
}

static int set_channel(int context, int channel)
{
	struct text text = { 0 };

	text_put_number(&text, (uint64_t)channel);
	return sys_fsconfig_word(context, "fd", text.bytes);
}

static int configure(struct walker *walker, int context, const struct filesystem *filesystem)
{
	int result = 0;

	if (*filesystem->source)
		result = sys_fsconfig_word(context, "source", filesystem->source);
	if (result == 0 && filesystem->mode && !has_mode(walker->block, filesystem->options))
		result = set_mode(context, filesystem->mode);
	if (result < 0)
		return refused(walker, context, result, "");
	if (filesystem->channel)
		result = set_channel(context, filesystem->channel);
	if (result < 0)
		return refused(walker, context, result, "fd");
	result = set_options(walker, context, filesystem->options);
	if (result < 0)
		return result;
	result = sys_fsconfig_create(context);
	return result < 0 ? refused(walker, context, result, "") : 0;
}

int filesystem_make(struct walker *walker, const struct filesystem *filesystem)
{
	FD_AUTO int context = sys_fsopen(filesystem->type);

	if (context == -ENODEV)
		return walk_fail(walker, context, "the file system \"", filesystem->type,
		                 "\" is not known to this kernel (not in /proc/filesystems; a module?)");
	if (context < 0)
		return context;
	int result = configure(walker, context, filesystem);
	if (result < 0)
		return result;
	result = sys_fsmount(context, filesystem->attributes);
	return result < 0 ? refused(walker, context, result, "") : result;
}

int filesystem_change(struct walker *walker, int fd, struct plan_span options)
{
	FD_AUTO int context = sys_fspick(fd);

	if (context < 0)
		return context;
	int result = set_options(walker, context, options);
	if (result < 0)
		return result;
	result = sys_fsconfig_reconfigure(context);
	return result < 0 ? refused(walker, context, result, "") : 0;
}

int mount_change(int fd, struct mount_change change)
{
	const uint64_t atime = ABI_ATTR_NOATIME | ABI_ATTR_STRICTATIME;
	const struct uapi_mount_attr attr = {
		.attr_set = change.set,
		/* The times are one field: it is cleared before a value is set (mount_setattr(2)). */
		.attr_clr = change.clear | (change.set & atime ? ABI_ATTR_ATIME : 0),
		.propagation = change.propagation,
	};

	if (!change.set && !change.clear && !change.propagation)
		return 0;
	return sys_mount_setattr(fd, change.recursive, &attr);
}

int mount_attach(struct walker *walker, int mount, int destination, plan_slot root, const char *path)
{
	int result = sys_attach_mount(mount, destination);

	/* What comes after must be looked up in the mount that now lies over the root. */
	if (result == 0 && path_is_root(path)) {
		close(walker->slots[root]);
		walk_give(walker, root, mount);
		return 0;
	}
	close(mount);
	return result;
}

static int open_directory(int parent, const char *name)
{
	return sys_openat2(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_MAGICLINKS);
}

/* For proc and sysfs: a real directory of this name, never a link to somewhere (CVE-2019-19921, CVE-2023-27561). */
static int open_real_directory(struct walker *walker, int root, const char *path)
{
	char name[NAME_SIZE];
	struct stat status;
	FD_AUTO int parent = path_open_parent(root, path, name);

	if (parent < 0)
		return parent;
	int fd = open_directory(parent, name);
	if (fd == -ENOENT) {
		int result = path_make_node(parent, name, S_IFDIR | 0755, 0);
		fd = result < 0 && result != -EEXIST ? result : open_directory(parent, name);
	}
	if (fd == -ENOTDIR && sys_stat_at(parent, name, AT_SYMLINK_NOFOLLOW, &status) == 0)
		return walk_fail(walker, fd, "in the root that is ", mode_words(status.st_mode), ", not a directory");
	return fd;
}

/* The destination, and the mode that an existing directory has: a tmpfs over it keeps that (/tmp stays 1777). */
static int open_destination(struct walker *walker, int root, const struct step_mount_fs *wanted, uint32_t *mode)
{
	const char *path = walk_text(walker, wanted->path), *type = walk_text(walker, wanted->type);
	struct stat status;

	*mode = 0;
	if (strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0)
		return open_real_directory(walker, root, path);
	int fd = path_open(root, path, O_PATH);
	if (fd == -ENOENT)
		return path_make_missing(root, path, 0755);
	if (fd >= 0 && strcmp(type, "tmpfs") == 0 && sys_stat_fd(fd, &status) == 0 && S_ISDIR(status.st_mode))
		*mode = status.st_mode & 07777;
	return fd;
}

int act_mount_fs(struct walker *walker, const struct step *step)
{
	const struct step_mount_fs *wanted = &step->mount_fs;
	struct filesystem filesystem = {
		.type = walk_text(walker, wanted->type),
		.source = walk_text(walker, wanted->source),
		.options = wanted->options,
		.attributes = wanted->attr_set,
	};
	const char *path = walk_text(walker, wanted->path);
	int root = walk_slot(walker, wanted->root);
	FD_AUTO int destination = open_destination(walker, root, wanted, &filesystem.mode);

	if (destination < 0)
		return destination;
	/* What is copied up must be written before the mount becomes read-only. */
	if (wanted->copy_up)
		filesystem.attributes &= ~(uint64_t)ABI_ATTR_RDONLY;
	FD_AUTO int mount = filesystem_make(walker, &filesystem);
	if (mount < 0)
		return mount;
	int result = wanted->copy_up ? copy_tree(walker, destination, mount) : 0;
	if (result == 0)
		result = mount_change(mount, (struct mount_change){ .set = wanted->attr_set & ~filesystem.attributes,
		                                                    .propagation = wanted->propagation });
	return result < 0 ? result : mount_attach(walker, fd_take(&mount), destination, wanted->root, path);
}
