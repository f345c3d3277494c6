/* keep.c: a directory of kept changes: whose it is, who uses it, and its end. */
#include "keep/keep.h"

#include "base/fd.h"
#include "keep/part.h"
#include "state/idmap.h"
#include "state/process.h"
#include "state/record.h"
#include "state/root.h"
#include "state/tree.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/file.h>

enum { LOCK_MS = 500, OTHERS = 077 };

void keep_close(struct keep *keep)
{
	fd_close(&keep->dirfd);
}

int keep_check_owner(struct arena *arena, const struct keep *keep, struct err *err)
{
	struct stat status;
	int result = sys_stat_fd(keep->dirfd, &status);
	if (result < 0)
		return err_set(err, arena, -result, "cannot look at %s", keep->path);
	if (status.st_uid != geteuid()) {
		result = err_set(err, arena, EPERM, "%s belongs to user %u, not to user %u", keep->path,
		                 (unsigned)status.st_uid, (unsigned)geteuid());
		err->hint = "changes are read and written only by who kept them: run kist as that user";
		return result;
	}
	if (status.st_mode & OTHERS) {
		/* What a box made set-uid is set-uid here as well. */
		result = err_set(err, arena, EPERM, "%s is open to others (mode %04o)", keep->path,
		                 (unsigned)status.st_mode & 07777);
		err->hint = arena_printf(arena, "close it: chmod 700 %s", keep->path);
		return result;
	}
	return 0;
}

int keep_open(struct arena *arena, const char *path, struct keep *keep, struct err *err)
{
	struct keep opened = { .path = path };
	opened.dirfd = sys_open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (opened.dirfd < 0)
		return err_set(err, arena, -opened.dirfd, "cannot open the kept changes %s", path);
	int result = keep_check_owner(arena, &opened, err);
	if (result == 0)
		result = keep_manifest_read(arena, opened.dirfd, path, &opened.manifest, err);
	if (result == -ENOENT) {
		err_set(err, arena, ENOENT, "%s holds no changes: it has no changes.json", path);
		err->hint = "`kist box --keep DIR` keeps the changes of a box in a new directory DIR";
	}
	if (result < 0)
		keep_close(&opened);
	else
		*keep = opened;
	return result;
}

/* --- who uses it --------------------------------------------------------------------------------- */

/* A box dies with its kist, but not in the same moment, and a program may have taken the tie off. */
static int check_last_box(struct arena *arena, const struct keep *keep, const char *own, struct err *err)
{
	const char *path = keep->manifest.record;
	const char *slash = path ? strrchr(path, '/') : NULL;
	if (!slash || slash == path || (own && strcmp(path, own) == 0))
		return 0;
	const char *root = arena_copy(arena, path, (size_t)(slash - path));
	int waited = 0;
	do {
		struct record record = RECORD_NONE;
		struct err ignored;
		if (record_open(arena, root, slash + 1, &record, &ignored) < 0)
			return 0; /* none, or none of ours */
		bool alive = process_is(record.pid, record.start_time);
		pid_t pid = record.pid;
		record_close(&record);
		if (!alive)
			return 0;
		if (process_pause(&waited) < 0) {
			int result = err_set(err, arena, EBUSY,
			                     "%s is still used by a box whose kist was killed (process %d)", keep->path,
			                     (int)pid);
			err->hint = arena_printf(arena, "end it: kill -KILL %d", (int)pid);
			return result;
		}
	} while (true);
}

/* False once it was removed, or removed and made again. */
static bool still_there(const struct keep *keep)
{
	struct stat ours, now;
	return sys_stat_fd(keep->dirfd, &ours) == 0 && sys_stat_at(AT_FDCWD, keep->path, 0, &now) == 0 &&
	       ours.st_ino == now.st_ino && ours.st_dev == now.st_dev;
}

int keep_lock_directory(struct arena *arena, const struct keep *keep, struct err *err)
{
	int result = lock_wait(keep->dirfd, LOCK_MS);
	if (result == -EWOULDBLOCK) {
		result = err_set(err, arena, EBUSY, "%s is in use by a box, or by another kist command", keep->path);
		err->hint = "two never share one: wait for it, or keep the changes in another directory";
		return result;
	}
	if (result == 0 && !still_there(keep))
		result = -ESTALE;
	return result < 0 ? err_set(err, arena, -result, "cannot lock %s", keep->path) : 0;
}

/* After the wait another may have changed what was read before. */
int keep_lock_for(struct arena *arena, struct keep *keep, const char *own_record, struct err *err)
{
	int result = keep_lock_directory(arena, keep, err);
	if (result == 0)
		result = keep_manifest_read(arena, keep->dirfd, keep->path, &keep->manifest, err);
	if (result == -ENOENT)
		result = err_set(err, arena, ENOENT, "%s holds no changes any more", keep->path);
	return result < 0 ? result : check_last_box(arena, keep, own_record, err);
}

int keep_lock(struct arena *arena, struct keep *keep, struct err *err)
{
	return keep_lock_for(arena, keep, NULL, err);
}

/* --- its end ------------------------------------------------------------------------------------- */

static int remove_one(struct arena *arena, const struct keep *keep, const struct keep_helpers *helpers,
                      const char *name)
{
	int result = tree_remove(keep->dirfd, name);
	if ((result != -EACCES && result != -EPERM) || geteuid() == 0)
		return result;
	struct record maps = RECORD_NONE;
	maps.uid_map = keep->manifest.uid_map;
	maps.gid_map = keep->manifest.gid_map;
	maps.uid_helper = helpers->uid;
	maps.gid_helper = helpers->gid;
	return idmap_tree_remove(arena, &maps, keep->dirfd, name);
}

int keep_discard(struct arena *arena, struct keep *keep, const struct keep_helpers *helpers, struct err *err)
{
	int result = 0;
	for (size_t i = 0; result == 0 && i < keep->manifest.count; i++) {
		unsigned number = keep->manifest.parts[i].number;
		result = remove_one(arena, keep, helpers, keep_work_name(arena, number));
		if (result == 0)
			result = remove_one(arena, keep, helpers, keep_upper_name(arena, number));
	}
	/* The manifest last: a removal that was cut short can be done again. */
	if (result == 0)
		result = sys_unlink_at(keep->dirfd, "changes.json", 0);
	if (result < 0 && result != -ENOENT)
		return err_set(err, arena, -result, "cannot remove what is in %s", keep->path);
	result = keep->found ? 0 : sys_unlink_at(AT_FDCWD, keep->path, AT_REMOVEDIR);
	keep_close(keep);
	if (result < 0) {
		result = err_set(err, arena, -result, "the changes are gone, but the directory %s cannot be removed",
		                 keep->path);
		if (err->number == ENOTEMPTY)
			err->hint = "there is something in it that kist did not put there";
		return result;
	}
	return 0;
}
