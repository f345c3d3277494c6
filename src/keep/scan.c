/* scan.c: walks a layer beside what is below it.
 *
 * A box wrote the layer, so its names, depth and links are chosen by whoever ran in it: no link is followed, and each
 * directory is opened by its path from the top of the layer, so that a deep tree costs no descriptors. */
#include "base/buf.h"
#include "base/fd.h"
#include "keep/change.h"
#include "keep/layer.h"
#include "keep/part.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	struct arena *arena;
	const struct keep_part *part;
	int upper, lower; /* the tops; lower -1: it is not there */
	struct buf found; /* of struct keep_change */
	struct buf same;
	struct err *err;
	const char *shown; /* the directory of the changes */
	unsigned number;
};

/* A directory while it is looked at, and below it what is to be looked at next. */
struct level {
	const char *path;
	int upper, lower; /* descriptors; lower -1: there is none */
};

const char *keep_change_path(struct arena *arena, const struct keep_change *change)
{
	const char *part = strcmp(change->part->path, "/") == 0 ? "" : change->part->path;
	if (!*change->path)
		return change->part->path;
	return arena_printf(arena, "%s/%s", part, change->path);
}

static int failed(struct scan *scan, int result, const char *path)
{
	return err_set(scan->err, scan->arena, -result, "cannot read %s/upper.%u/%s", scan->shown, scan->number,
	               keep_quote(scan->arena, path));
}

static const char *join(struct arena *arena, const char *path, const char *name)
{
	return *path ? arena_printf(arena, "%s/%s", path, name) : name;
}

/* --- names --------------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int list_names(struct arena *arena, int dirfd, struct layer_names *names)
{
	FD_AUTO int again = layer_open(dirfd, ".", O_RDONLY | O_DIRECTORY);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	struct buf words = buf_in(arena);
	if (!list)
		return again < 0 ? again : -ENOMEM;
	(void)fd_take(&again);
	errno = 0;
	for (struct dirent *entry; (entry = readdir(list));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		const char *name = arena_string(arena, entry->d_name);
		buf_put(&words, &name, sizeof(name));
	}
	int result = -errno;
	closedir(list);
	names->items = (const char **)words.bytes;
	names->count = words.length / sizeof(char *);
	if (names->count)
		qsort(names->items, names->count, sizeof(char *), compare_names);
	return result;
}

/* --- two files ----------------------------------------------------------------------------------- */

static bool later(struct timespec one, struct timespec other)
{
	return one.tv_sec != other.tv_sec ? one.tv_sec > other.tv_sec : one.tv_nsec > other.tv_nsec;
}

static bool same_time(struct timespec one, struct timespec other)
{
	return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

/* The inode in the layer was made when the file was copied up, written anew or removed. What changed below after that
 * was never seen by the box. */
static unsigned conflict_mark(int dirfd, const char *name, const struct stat *upper, const struct stat *lower)
{
	struct timespec birth;
	if (sys_birth_time(dirfd, name, &birth) < 0)
		birth = upper->st_ctim;
	return later(lower->st_ctim, birth) ? KEEP_CONFLICT : 0;
}

/* What it may do here, whoever made it. `fd` -1: of a file without content. */
static unsigned power_marks(const struct stat *status, int fd)
{
	unsigned marks = 0;
	if (S_ISREG(status->st_mode) && status->st_mode & S_ISUID)
		marks |= KEEP_SETUID;
	if (S_ISREG(status->st_mode) && status->st_mode & S_ISGID && status->st_mode & S_IXGRP)
		marks |= KEEP_SETGID;
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		marks |= KEEP_DEVICE;
	if (fd >= 0 && layer_has_capabilities(fd))
		marks |= KEEP_CAPABILITIES;
	return marks;
}

static unsigned property_marks(const struct stat *upper, const struct stat *lower)
{
	unsigned marks = 0;
	if ((upper->st_mode & 07777) != (lower->st_mode & 07777) && !S_ISLNK(upper->st_mode))
		marks |= KEEP_MODE;
	if (upper->st_uid != lower->st_uid || upper->st_gid != lower->st_gid)
		marks |= KEEP_OWNER;
	/* A directory's change with what is in it. */
	if (!S_ISDIR(upper->st_mode) && !same_time(upper->st_mtim, lower->st_mtim))
		marks |= KEEP_TIME;
	return marks;
}

static int same_links(struct scan *scan, const struct level *level, const char *name)
{
	char *ours = NULL, *theirs = NULL;
	int result = layer_link(scan->arena, level->upper, name, &ours);
	if (result == 0)
		result = layer_link(scan->arena, level->lower, name, &theirs);
	return result < 0 ? result : strcmp(ours, theirs) == 0;
}

/* Two files of one type; `ours` and `theirs` are open when they are regular files or directories. 1, 0 or -errno.
 * A file of this machine that the caller may not read is taken to differ. */
static int same_content(struct scan *scan, const struct level *level, const char *name,
                        const struct keep_change *change, const int fds[2])
{
	const struct stat *upper = &change->upper, *lower = &change->lower;
	if (S_ISLNK(upper->st_mode))
		return same_links(scan, level, name);
	if (S_ISCHR(upper->st_mode) || S_ISBLK(upper->st_mode))
		return upper->st_rdev == lower->st_rdev;
	if (!S_ISREG(upper->st_mode))
		return 1;
	if (upper->st_size != lower->st_size || fds[1] < 0)
		return 0;
	/* Byte by byte: whoever wants to hide a change gives the file its old size and times. */
	return layer_same_content(fds[0], fds[1]);
}

static int compare(struct scan *scan, const struct level *level, const char *name, struct keep_change *change,
                   const int fds[2])
{
	int same = same_content(scan, level, name, change, fds);
	if (same < 0)
		return same;
	unsigned marks = property_marks(&change->upper, &change->lower);
	int attributes = fds[0] >= 0 && fds[1] >= 0 ? layer_same_attributes(scan->arena, fds[0], fds[1]) : 1;
	if (attributes < 0)
		return attributes;
	marks |= attributes ? 0 : KEEP_XATTRS;
	if (same && !marks)
		return 0;
	change->kind = same ? KEEP_PROPERTIES : KEEP_MODIFIED;
	change->marks = marks | conflict_mark(level->upper, name, &change->upper, &change->lower);
	return 1;
}

/* 1 when the two differ (or there is no lower one), 0 when not, -errno after err. */
static int judge(struct scan *scan, const struct level *level, const char *name, bool below, struct keep_change *change)
{
	const mode_t type = change->upper.st_mode & S_IFMT;
	const char *path = join(scan->arena, level->path, name);
	bool opens = type == S_IFREG || type == S_IFDIR;
	FD_AUTO int ours = opens ? layer_open(level->upper, name, O_RDONLY) : -1;
	if (opens && ours < 0)
		return failed(scan, ours, path);
	if (opens && layer_is_redirected(ours))
		return err_set(
			scan->err, scan->arena, 0,
			"%s/upper.%u/%s was written by an overlay with redirect_dir or metacopy: kist cannot tell "
			"what it holds",
			scan->shown, scan->number, keep_quote(scan->arena, path));
	int result = 1;
	if (!below) {
		change->kind = KEEP_ADDED;
	} else if (type != (change->lower.st_mode & S_IFMT)) {
		change->kind = KEEP_RETYPED;
		change->marks = conflict_mark(level->upper, name, &change->upper, &change->lower);
	} else {
		FD_AUTO int theirs = opens ? layer_open(level->lower, name, O_RDONLY) : -1;
		result = compare(scan, level, name, change, (const int[]){ ours, theirs });
		if (result < 0)
			return failed(scan, result, path);
	}
	change->marks |= power_marks(&change->upper, ours);
	return result;
}

/* --- directories --------------------------------------------------------------------------------- */

static void put(struct buf *list, const struct keep_change *change)
{
	buf_put(list, change, sizeof(*change));
}

/* One name of the layer. *deeper: it is a directory, to be entered. */
static int take_name(struct scan *scan, const struct level *level, const char *name, bool *deeper)
{
	struct keep_change change = { .part = scan->part, .path = join(scan->arena, level->path, name) };
	*deeper = false;
	int result = sys_stat_at(level->upper, name, AT_SYMLINK_NOFOLLOW, &change.upper);
	if (result < 0)
		return failed(scan, result, change.path);
	bool below = level->lower >= 0 && sys_stat_at(level->lower, name, AT_SYMLINK_NOFOLLOW, &change.lower) == 0;
	if (layer_is_whiteout(level->upper, name, &change.upper)) {
		change.kind = KEEP_DELETED;
		if (below)
			change.marks = conflict_mark(level->upper, name, &change.upper, &change.lower);
		if (below)
			put(&scan->found, &change);
		return 0;
	}
	result = judge(scan, level, name, below, &change);
	if (result < 0)
		return result;
	if (result == 1)
		put(&scan->found, &change);
	else if (change.upper.st_nlink > 1 && !S_ISDIR(change.upper.st_mode))
		put(&scan->same, &change);
	*deeper = S_ISDIR(change.upper.st_mode);
	return 0;
}

static bool has_name(const struct layer_names *names, const char *name)
{
	return names->count && bsearch(&name, names->items, names->count, sizeof(char *), compare_names);
}

/* Below an opaque directory only what the layer has is seen. */
static int take_hidden(struct scan *scan, const struct level *level, const struct layer_names *seen)
{
	struct layer_names below;
	struct stat top;
	int result = list_names(scan->arena, level->lower, &below);
	if (result == 0)
		result = sys_stat_fd(level->upper, &top);
	if (result < 0)
		return failed(scan, result, level->path);
	for (size_t i = 0; i < below.count; i++) {
		struct keep_change change = { .kind = KEEP_DELETED, .part = scan->part };
		if (has_name(seen, below.items[i]) ||
		    sys_stat_at(level->lower, below.items[i], AT_SYMLINK_NOFOLLOW, &change.lower) < 0)
			continue;
		change.path = join(scan->arena, level->path, below.items[i]);
		change.marks = conflict_mark(level->upper, ".", &top, &change.lower);
		put(&scan->found, &change);
	}
	return 0;
}

static int read_names(struct scan *scan, int dirfd, const char *path, struct layer_names *names)
{
	int result = list_names(scan->arena, dirfd, names);
	return result < 0 ? failed(scan, result, path) : 0;
}

static int open_level(struct scan *scan, struct level *level)
{
	level->upper = layer_open(scan->upper, level->path, O_RDONLY | O_DIRECTORY);
	/* What is below is only looked at: a directory that may not be listed can still be compared with. */
	level->lower = scan->lower < 0 ? -1 : layer_open(scan->lower, level->path, O_PATH | O_DIRECTORY);
	return level->upper < 0 ? failed(scan, level->upper, level->path) : 0;
}

/* Everything in one directory; the descriptors are closed before its directories are entered. `deeper`: these. */
static int take_level(struct scan *scan, const char *path, struct layer_names *names, bool **deeper)
{
	struct level level = { .path = path };
	int result = open_level(scan, &level);
	FD_AUTO int upper = level.upper;
	FD_AUTO int lower = level.lower;
	if (result == 0)
		result = read_names(scan, upper, path, names);
	if (result < 0)
		return result;
	*deeper = ARENA_ARRAY(scan->arena, names->count + 1, bool);
	if (lower >= 0 && layer_is_opaque(upper))
		result = take_hidden(scan, &level, names);
	for (size_t i = 0; result == 0 && i < names->count; i++)
		result = take_name(scan, &level, names->items[i], &(*deeper)[i]);
	return result;
}

static int walk(struct scan *scan, const char *path)
{
	struct layer_names names = { 0 };
	bool *deeper = NULL;
	int result = take_level(scan, path, &names, &deeper);
	for (size_t i = 0; result == 0 && i < names.count; i++)
		if (deeper[i])
			result = walk(scan, join(scan->arena, path, names.items[i]));
	return result;
}

/* --- parts --------------------------------------------------------------------------------------- */

/* The top was made with the mode and owner of what it lies over; in a user namespace the owner may not be mapped. */
static int take_top(struct scan *scan, bool own_ids)
{
	struct keep_change change = { .kind = KEEP_PROPERTIES, .part = scan->part, .path = "" };
	if (scan->lower < 0)
		return 0;
	int result = sys_stat_fd(scan->upper, &change.upper);
	if (result == 0)
		result = sys_stat_fd(scan->lower, &change.lower);
	if (result < 0)
		return failed(scan, result, "");
	change.marks = property_marks(&change.upper, &change.lower) & (own_ids ? KEEP_MODE | KEEP_OWNER : KEEP_MODE);
	if (change.marks)
		put(&scan->found, &change);
	return 0;
}

static int scan_part(struct scan *scan, const struct keep *keep, const struct keep_part *part)
{
	const char *name = keep_upper_name(scan->arena, part->number);
	const char *below = keep_part_lower(scan->arena, &keep->manifest, part);
	FD_AUTO int upper = layer_open(keep->dirfd, name, O_RDONLY | O_DIRECTORY);
	FD_AUTO int lower = sys_open_at(AT_FDCWD, below, O_PATH | O_DIRECTORY, 0);
	scan->part = part;
	scan->number = part->number;
	scan->upper = upper;
	scan->lower = lower;
	if (upper == -ENOENT) /* the kist that wanted it was killed before it made it */
		return 0;
	if (upper < 0)
		return failed(scan, upper, "");
	int result = take_top(scan, !keep->manifest.uid_map);
	return result < 0 ? result : walk(scan, "");
}

static int compare_changes(const void *left, const void *right)
{
	const struct keep_change *one = left, *other = right;
	if (one->part != other->part)
		return strcmp(one->part->path, other->part->path);
	return strcmp(one->path, other->path);
}

const struct keep_change *keep_change_at(const struct keep_changes *changes, const struct keep_part *part,
                                         const char *path)
{
	const struct keep_change wanted = { .part = part, .path = path };
	if (!changes->count)
		return NULL;
	return bsearch(&wanted, changes->items, changes->count, sizeof(wanted), compare_changes);
}

int keep_scan(struct arena *arena, const struct keep *keep, struct keep_changes *changes, struct err *err)
{
	struct err fault = { 0 };
	struct scan scan = { .arena = arena, .err = &fault, .shown = keep->path };
	int result = 0;
	scan.found = buf_in(arena);
	scan.same = buf_in(arena);
	for (size_t i = 0; result == 0 && i < keep->manifest.count; i++)
		result = scan_part(&scan, keep, &keep->manifest.parts[i]);
	if (result < 0) {
		*err = fault;
		return result;
	}
	changes->items = (struct keep_change *)scan.found.bytes;
	changes->count = scan.found.length / sizeof(struct keep_change);
	changes->same = (struct keep_change *)scan.same.bytes;
	changes->same_count = scan.same.length / sizeof(struct keep_change);
	/* By name, and so each directory before what is in it. */
	if (changes->count)
		qsort(changes->items, changes->count, sizeof(struct keep_change), compare_changes);
	return 0;
}
