/* obstacle.c: what of the changes this caller cannot apply, told before anything is done. */
#include "base/fd.h"
#include "keep/apply.h"
#include "keep/layer.h"
#include "keep/part.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <string.h>

enum { CAPABILITY_FOWNER = 3, OVERFLOW_ID = 65534 };

struct look {
	struct arena *arena;
	const struct keep_changes *changes;
	const char **obstacles;
	int target;  /* the top of the part; -errno: it cannot be opened */
	bool owner;  /* CAP_FOWNER over what is mapped */
	bool mapped; /* only some ids are: in a user namespace */
};

/* The owner of the file, or the kernel's word for one that is not mapped. */
static bool is_foreign(const struct look *look, const struct stat *status)
{
	if (look->owner)
		return look->mapped && status->st_uid == OVERFLOW_ID;
	return status->st_uid != geteuid();
}

/* A directory that will be made, or is not there for another reason. */
static const char *judge_missing(struct look *look, const struct keep_change *change, const char *parent, int result)
{
	const struct keep_change *above = keep_change_at(look->changes, change->part, parent);
	if (above && (above->kind == KEEP_ADDED || above->kind == KEEP_RETYPED))
		return look->obstacles[above - look->changes->items] ? "its directory cannot be made" : NULL;
	return arena_printf(look->arena, "its directory cannot be reached: %s", err_words(-result));
}

static const char *judge_directory(struct look *look, const struct keep_change *change, int parent)
{
	struct stat status;
	int result = sys_access_at(parent, ".", W_OK | X_OK, 0);
	if (result < 0)
		return arena_printf(look->arena, "its directory cannot be written to: %s", err_words(-result));
	result = sys_stat_fd(parent, &status);
	/* In a sticky directory only owners replace and delete (unlink(2)). */
	if (result == 0 && change->kind != KEEP_ADDED && status.st_mode & S_ISVTX && is_foreign(look, &status) &&
	    is_foreign(look, &change->lower))
		return "it belongs to another user, and its directory is sticky";
	return NULL;
}

static const char *judge(struct look *look, const struct keep_change *change)
{
	const struct stat *upper = &change->upper;
	bool node = S_ISCHR(upper->st_mode) || S_ISBLK(upper->st_mode);
	if (look->target < 0)
		return arena_printf(look->arena, "%s cannot be opened here: %s", change->part->path,
		                    err_words(-look->target));
	if (change->kind != KEEP_DELETED && node && (look->mapped || !look->owner))
		return "only root can make a device";
	if (change->kind == KEEP_PROPERTIES && S_ISDIR(upper->st_mode))
		return is_foreign(look, &change->lower) ? "the directory belongs to another user" : NULL;
	const char *slash = strrchr(change->path, '/');
	const char *parent = slash ? arena_copy(look->arena, change->path, (size_t)(slash - change->path)) : "";
	FD_AUTO int fd = layer_open(look->target, parent, O_PATH | O_DIRECTORY);
	return fd < 0 ? judge_missing(look, change, parent, fd) : judge_directory(look, change, fd);
}

const char **keep_obstacles(struct arena *arena, const struct keep *keep, const struct keep_changes *changes)
{
	struct sys_caps caps = { 0 };
	(void)sys_get_caps(&caps);
	struct look look = {
		.arena = arena,
		.changes = changes,
		.obstacles = ARENA_ARRAY(arena, changes->count + 1, const char *),
		.owner = caps.effective >> CAPABILITY_FOWNER & 1,
		.mapped = keep->entered,
	};
	const struct keep_part *part = NULL;
	int target = -ENOENT;
	for (size_t i = 0; i < changes->count; i++) {
		if (part != changes->items[i].part) {
			part = changes->items[i].part;
			fd_close(&target);
			target = keep_open_target(keep, part);
		}
		look.target = target;
		look.obstacles[i] = judge(&look, &changes->items[i]);
	}
	fd_close(&target);
	return look.obstacles;
}
