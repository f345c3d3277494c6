/* apply.c: kept changes, put in place one after the other. */
#include "keep/apply.h"

#include "base/fd.h"
#include "keep/layer.h"
#include "keep/part.h"
#include "keep/place.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file of the layer that has several names, where the first of them is by now. */
struct linked {
	const struct keep_part *part;
	uint64_t layer_inode;
	const char *path;
	uint64_t inode; /* there */
};

struct apply {
	struct arena *arena;
	const struct keep *keep;
	const struct keep_changes *changes;
	const struct keep_part *part; /* whose tops are open */
	int upper, target;
	const char *temporary;
	struct buf linked; /* of struct linked */
	struct err *err;
};

/* --- both tops ------------------------------------------------------------------------------------ */

/* Of this machine, or of the directory the changes are of: its own path is the caller's word, and may have links. */
int keep_open_target(const struct keep *keep, const struct keep_part *part)
{
	bool host = strcmp(keep->manifest.root, "/") == 0;
	FD_AUTO int root = sys_open_at(AT_FDCWD, keep->manifest.root, O_PATH | O_DIRECTORY, 0);
	if (root < 0)
		return root;
	const char *below = host && part->path[1] ? part->path + 1 : ".";
	return sys_openat2(root, below, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS);
}

static int open_part(struct apply *apply, const struct keep_part *part)
{
	if (apply->part == part)
		return 0;
	if (apply->target >= 0)
		(void)syncfs(apply->target);
	fd_close(&apply->upper);
	fd_close(&apply->target);
	apply->part = part;
	apply->upper =
		layer_open(apply->keep->dirfd, keep_upper_name(apply->arena, part->number), O_RDONLY | O_DIRECTORY);
	apply->target = keep_open_target(apply->keep, part);
	return apply->upper < 0 ? apply->upper : apply->target < 0 ? apply->target : 0;
}

/* "a/b/c" to "a/b" and "c"; the top itself to "" and ".". */
static const char *split(struct arena *arena, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : *path ? path : ".";
	return slash ? arena_copy(arena, path, (size_t)(slash - path)) : "";
}

static int open_place(struct apply *apply, const struct keep_change *change, struct place *place)
{
	const char *parent = split(apply->arena, change->path, &place->name);
	int result = open_part(apply, change->part);
	if (result < 0)
		return result;
	place->arena = apply->arena;
	place->temporary = apply->temporary;
	place->status = &change->upper;
	place->from = change->kind == KEEP_DELETED ? -1 : layer_open(apply->upper, parent, O_PATH | O_DIRECTORY);
	place->to = layer_open(apply->target, parent, O_PATH | O_DIRECTORY);
	if (strcmp(place->name, place->temporary) == 0)
		return -EEXIST;
	if (place->to < 0)
		return place->to;
	return change->kind == KEEP_DELETED || place->from >= 0 ? 0 : place->from;
}

/* --- names of one file ----------------------------------------------------------------------------- */

static const struct linked *find_linked(const struct apply *apply, const struct keep_change *change)
{
	const struct linked *linked = (const struct linked *)apply->linked.bytes;
	for (size_t i = 0; i < apply->linked.length / sizeof(*linked); i++)
		if (linked[i].part == change->part && linked[i].layer_inode == change->upper.st_ino)
			return &linked[i];
	return NULL;
}

static void add_linked(struct apply *apply, const struct keep_change *change, uint64_t inode)
{
	const struct linked linked = { change->part, change->upper.st_ino, change->path, inode };
	buf_put(&apply->linked, &linked, sizeof(linked));
}

static bool has_names(const struct keep_change *change)
{
	return change->upper.st_nlink > 1 && !S_ISDIR(change->upper.st_mode);
}

/* Another name of the file that is in place already; -ENOENT: the file must be made. */
static int make_name(struct apply *apply, const struct place *place, const struct linked *linked)
{
	struct stat status;
	const char *name, *parent = split(apply->arena, linked->path, &name);
	FD_AUTO int dirfd = layer_open(apply->target, parent, O_PATH | O_DIRECTORY);
	if (dirfd < 0)
		return dirfd;
	(void)sys_unlink_at(place->to, place->temporary, 0);
	if (linkat(dirfd, name, place->to, place->temporary, 0) < 0)
		return -errno;
	if (sys_stat_at(place->to, place->temporary, AT_SYMLINK_NOFOLLOW, &status) == 0 &&
	    status.st_ino == linked->inode)
		return 0;
	(void)sys_unlink_at(place->to, place->temporary, 0);
	return -ESTALE;
}

/* --- one change ------------------------------------------------------------------------------------ */

static int put_file(struct apply *apply, const struct keep_change *change, const struct place *place)
{
	const struct linked *linked = has_names(change) ? find_linked(apply, change) : NULL;
	struct stat status;
	int result = linked ? make_name(apply, place, linked) : place_make(place);
	if (result < 0)
		return result;
	if (has_names(change) && !linked && sys_stat_at(place->to, place->temporary, AT_SYMLINK_NOFOLLOW, &status) == 0)
		add_linked(apply, change, status.st_ino);
	result = place_move(place, change->kind == KEEP_ADDED ? NULL : &change->lower);
	if (result < 0)
		sys_unlink_at(place->to, place->temporary, S_ISDIR(change->upper.st_mode) ? AT_REMOVEDIR : 0);
	return result;
}

static bool is_directory(const struct keep_change *change)
{
	return change->kind != KEEP_DELETED && S_ISDIR(change->upper.st_mode);
}

/* All but the properties of directories, which would keep files from being made in them. */
static int put_change(struct apply *apply, const struct keep_change *change)
{
	struct place place = { .from = -1, .to = -1 };
	int result = 0;
	if (change->kind == KEEP_PROPERTIES && is_directory(change))
		return 0;
	result = open_place(apply, change, &place);
	FD_AUTO int from = place.from;
	FD_AUTO int to = place.to;
	(void)from;
	(void)to;
	if (result < 0)
		return result;
	return change->kind == KEEP_DELETED ? place_remove(&place, &change->lower) : put_file(apply, change, &place);
}

static int finish_directory(struct apply *apply, const struct keep_change *change)
{
	int result = open_part(apply, change->part);
	FD_AUTO int from = result < 0 ? -1 : layer_open(apply->upper, change->path, O_RDONLY | O_DIRECTORY);
	FD_AUTO int to = result < 0 ? -1 : layer_open(apply->target, change->path, O_RDONLY | O_DIRECTORY);
	if (result < 0 || from < 0 || to < 0)
		return result < 0 ? result : from < 0 ? from : to;
	/* The top has its owner and mode from what is below it, and no attributes of its own. */
	if (*change->path)
		return place_dress(apply->arena, from, to, &change->upper);
	if (change->marks & KEEP_OWNER)
		result = sys_chown_at(to, "", change->upper.st_uid, change->upper.st_gid, AT_EMPTY_PATH);
	if (result == 0 && fchmod(to, change->upper.st_mode & 07777) < 0)
		result = -errno;
	return result;
}

/* --- all of them ----------------------------------------------------------------------------------- */

static int failed(struct apply *apply, int result, const struct keep_change *change)
{
	const char *deed = change->kind == KEEP_DELETED ? "delete" : "put into place";
	int number = err_set(apply->err, apply->arena, -result, "cannot %s %s", deed,
	                     keep_quote(apply->arena, keep_change_path(apply->arena, change)));
	if (result == -ESTALE || result == -EEXIST)
		apply->err->hint = "it was changed here meanwhile: look at `kist diff` again";
	if (result == -ELOOP || result == -ENOTDIR)
		apply->err->hint = "on the way to it there is a link now, which is not followed";
	if (result == -EXDEV)
		apply->err->hint = "another file system is mounted on the way to it now";
	return number;
}

/* From the deepest up: their times would change with what is made in them, their modes may forbid it. */
static int finish_directories(struct apply *apply, const bool *made, bool *done)
{
	int first = 0;
	for (size_t i = apply->changes->count; i-- > 0;) {
		const struct keep_change *change = &apply->changes->items[i];
		if (!made[i] || !is_directory(change))
			continue;
		int result = finish_directory(apply, change);
		done[i] = result == 0;
		if (result < 0 && first == 0)
			first = failed(apply, result, change);
	}
	return first;
}

static void seed_linked(struct apply *apply)
{
	for (size_t i = 0; i < apply->changes->same_count; i++)
		add_linked(apply, &apply->changes->same[i], apply->changes->same[i].lower.st_ino);
}

/* The same name each time over one directory of changes, so that what a killed kist left is found and removed. */
static const char *temporary_name(struct arena *arena, const struct keep *keep)
{
	struct stat status = { 0 };
	(void)sys_stat_fd(keep->dirfd, &status);
	return arena_printf(arena, ".kist-apply-%llu", (unsigned long long)status.st_ino);
}

int keep_apply(struct arena *arena, const struct keep *keep, const struct keep_changes *changes,
               const char *const *obstacles, bool *done, struct err *err)
{
	struct err fault = { 0 }, later = { 0 };
	struct apply apply = { arena, keep, changes, NULL, -1, -1, temporary_name(arena, keep), buf_in(arena), &fault };
	bool *made = ARENA_ARRAY(arena, changes->count + 1, bool);
	int result = 0;
	seed_linked(&apply);
	for (size_t i = 0; result == 0 && i < changes->count; i++) {
		if (obstacles[i])
			continue;
		result = put_change(&apply, &changes->items[i]);
		if (result < 0)
			result = failed(&apply, result, &changes->items[i]);
		made[i] = result == 0;
		done[i] = made[i] && !is_directory(&changes->items[i]);
	}
	/* After a failure too: what was made stays, so it gets its owner and mode. */
	apply.err = result < 0 ? &later : &fault;
	int finished = finish_directories(&apply, made, done);
	if (apply.target >= 0)
		(void)syncfs(apply.target);
	fd_close(&apply.upper);
	fd_close(&apply.target);
	if (result == 0 && finished == 0)
		return 0;
	*err = fault;
	return result < 0 ? result : finished;
}
