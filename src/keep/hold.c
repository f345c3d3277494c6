/* hold.c: a directory made ready for a box to write its changes to. */
#include "base/fd.h"
#include "base/file.h"
#include "keep/part.h"
#include "state/tree.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

enum { DIRECTORY_MODE = 0700, FILE_MODE = 0600, UPPER_MODE = 0755 };

const char *keep_upper_name(struct arena *arena, unsigned number)
{
	return arena_printf(arena, "upper.%u", number);
}

const char *keep_work_name(struct arena *arena, unsigned number)
{
	return arena_printf(arena, "work.%u", number);
}

/* --- the directory ------------------------------------------------------------------------------- */

static int is_empty(int dirfd)
{
	int again = sys_openat2(dirfd, ".", O_RDONLY | O_DIRECTORY, 0, UAPI_RESOLVE_BENEATH);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	if (!list)
		return again < 0 ? again : -ENOMEM;
	int others = 0;
	for (struct dirent *entry; (entry = readdir(list));)
		others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(list);
	return others == 0;
}

/* Does what overlayfs will do: leaves a whiteout behind, and writes an attribute of its kind. */
static int probe(int dirfd, bool privileged)
{
	static const char from[] = "probe.0", to[] = "probe.1";
	const char *attribute = privileged ? "trusted.kist.probe" : "user.kist.probe";
	FD_AUTO int fd = sys_open_at(dirfd, from, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
	if (fd == -EEXIST) /* of a kist that was killed here */
		fd = sys_unlink_at(dirfd, from, 0) < 0
		             ? -EEXIST
		             : sys_open_at(dirfd, from, O_WRONLY | O_CREAT | O_EXCL, FILE_MODE);
	if (fd < 0)
		return fd;
	int result = fsetxattr(fd, attribute, "y", 1, 0) < 0 ? -errno : 0;
	if (result == 0)
		result = sys_rename_at(dirfd, from, dirfd, to, UAPI_RENAME_WHITEOUT);
	sys_unlink_at(dirfd, from, 0);
	sys_unlink_at(dirfd, to, 0);
	return result;
}

static int check_filesystem(struct arena *arena, const struct keep *keep, struct err *err)
{
	int result = probe(keep->dirfd, geteuid() == 0);
	if (result == 0)
		return 0;
	bool unable = result == -EINVAL || result == -EOPNOTSUPP || result == -ENOSYS || result == -EPERM;
	result = err_set(err, arena, -result, "the file system of %s cannot keep changes", keep->path);
	if (unable)
		err->hint = "overlayfs writes whiteouts and extended attributes there, which another overlay, NFS, FAT "
			    "and most of FUSE cannot hold: choose a directory on ext4, XFS, Btrfs or tmpfs";
	return result;
}

/* Opens or makes it; what is there already must be ours, and empty unless it holds changes. */
static int open_directory(struct arena *arena, const struct keep_wanted *wanted, struct keep *keep, bool *made,
                          struct err *err)
{
	int result = wanted->go_on ? -EEXIST : sys_mkdir_at(AT_FDCWD, wanted->path, DIRECTORY_MODE);
	*made = result == 0;
	if (result < 0 && result != -EEXIST)
		return err_set(err, arena, -result, "cannot make the directory %s", wanted->path);
	keep->path = wanted->path;
	keep->dirfd = sys_open_at(AT_FDCWD, wanted->path, O_RDONLY | O_DIRECTORY, 0);
	if (keep->dirfd < 0)
		return err_set(err, arena, -keep->dirfd, "cannot open the directory %s", wanted->path);
	/* One that was made for this, with the caller's umask. */
	keep->found = !*made && !wanted->go_on;
	if (!wanted->go_on && is_empty(keep->dirfd) == 1)
		*made = fchmod(keep->dirfd, DIRECTORY_MODE) == 0;
	return keep_check_owner(arena, keep, err);
}

static int refuse_taken(struct arena *arena, const char *path, bool holds_changes, struct err *err)
{
	int result = err_set(err, arena, 0,
	                     holds_changes ? "%s holds the changes of an earlier box" : "%s is not empty", path);
	err->hint = holds_changes ? arena_printf(arena,
	                                         "--from %s goes on from them, `kist discard %s` removes them, or keep "
	                                         "these in another directory",
	                                         path, path)
	                          : "changes are kept in a new or an empty directory";
	return result;
}

static int check_fresh(struct arena *arena, const struct keep *keep, struct err *err)
{
	int empty = is_empty(keep->dirfd);
	if (empty == 1)
		return 0;
	if (empty < 0)
		return err_set(err, arena, -empty, "cannot list %s", keep->path);
	return refuse_taken(arena, keep->path, faccessat(keep->dirfd, "changes.json", F_OK, 0) == 0, err);
}

int keep_look(struct arena *arena, const char *path, bool go_on, struct keep_manifest *manifest, struct err *err)
{
	struct keep keep = { .path = path, .dirfd = -1 };
	*manifest = (struct keep_manifest){ 0 };
	int result = 0;
	if (go_on) {
		result = keep_open(arena, path, &keep, err);
		*manifest = keep.manifest;
	} else {
		keep.dirfd = sys_open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
		if (keep.dirfd >= 0)
			result = check_fresh(arena, &keep, err);
		else if (keep.dirfd != -ENOENT)
			result = err_set(err, arena, -keep.dirfd, "cannot open the directory %s", path);
	}
	keep_close(&keep);
	return result;
}

/* --- what is in it ------------------------------------------------------------------------------- */

static bool same_text(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

/* The plan was made from what the manifest said a moment ago. */
static int merge(struct arena *arena, const struct keep_wanted *wanted, struct keep *keep, struct err *err)
{
	struct keep_manifest *manifest = &keep->manifest;
	if (!wanted->go_on)
		*manifest = (struct keep_manifest){ wanted->root, NULL, wanted->uid_map, wanted->gid_map, NULL, 0 };
	bool same = strcmp(manifest->root, wanted->root) == 0 && same_text(manifest->uid_map, wanted->uid_map) &&
	            same_text(manifest->gid_map, wanted->gid_map);
	struct keep_part *parts = ARENA_ARRAY(arena, manifest->count + wanted->count, struct keep_part);
	size_t count = manifest->count;
	if (count)
		memcpy(parts, manifest->parts, count * sizeof(*parts));
	for (size_t i = 0; i < wanted->count && same; i++) {
		const struct keep_part *known = keep_part_at(manifest, wanted->parts[i].path);
		same = !known || known->number == wanted->parts[i].number;
		if (!known)
			parts[count++] = wanted->parts[i];
	}
	if (!same)
		return err_set(err, arena, EAGAIN, "%s was changed by another kist meanwhile", keep->path);
	manifest->parts = parts;
	manifest->count = count;
	manifest->record = wanted->record;
	return 0;
}

/* Whatever is written must be read back as the same: JSON holds no path that is not UTF-8. */
static int save(struct arena *arena, const struct keep *keep, struct err *err)
{
	struct buf text = buf_in(arena);
	struct keep_manifest again;
	keep_manifest_write(&text, &keep->manifest);
	int result = keep_manifest_parse(arena, text.bytes, text.length, keep->path, &again, err);
	for (size_t i = 0; result == 0 && i < again.count; i++)
		if (strcmp(again.parts[i].path, keep->manifest.parts[i].path) != 0)
			result = err_set(err, arena, EILSEQ, "changes below %s cannot be kept",
			                 keep->manifest.parts[i].path);
	if (result < 0)
		return result;
	result = file_replace_at(keep->dirfd, "changes.json", FILE_MODE, text.bytes, text.length);
	return result < 0 ? err_set(err, arena, -result, "cannot write %s/changes.json", keep->path) : 0;
}

/* The top of an overlay shows its upper directory's own mode and owner, so it gets those of the lower one. In a user
 * namespace the owner stays the caller: others may not be mapped. */
static void dress_upper(int upper, const char *lower, bool own_ids)
{
	struct stat status;
	if (sys_stat_at(AT_FDCWD, lower, 0, &status) < 0)
		return;
	if (own_ids)
		(void)sys_chown_at(upper, "", status.st_uid, status.st_gid, AT_EMPTY_PATH);
	(void)fchmod(upper, status.st_mode & 07777);
}

static int open_own(int dirfd, const char *name)
{
	return sys_openat2(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

static int make_part(struct arena *arena, const struct keep *keep, const struct keep_part *part)
{
	const char *upper = keep_upper_name(arena, part->number), *work = keep_work_name(arena, part->number);
	int result = sys_mkdir_at(keep->dirfd, upper, UPPER_MODE);
	if (result < 0 && result != -EEXIST)
		return result;
	FD_AUTO int fd = open_own(keep->dirfd, upper);
	if (fd < 0)
		return fd;
	if (result == 0)
		dress_upper(fd, keep_part_lower(arena, &keep->manifest, part), !keep->manifest.uid_map);
	/* Made anew, so that nothing a killed box left in it (or another's "volatile" mark) is in the way; what cannot
	 * be removed from outside of the user namespace, overlayfs cleans itself when it mounts. */
	(void)tree_remove(keep->dirfd, work);
	result = sys_mkdir_at(keep->dirfd, work, DIRECTORY_MODE);
	FD_AUTO int again = result == 0 || result == -EEXIST ? open_own(keep->dirfd, work) : result;
	return again < 0 ? again : 0;
}

static int fill(struct arena *arena, const struct keep_wanted *wanted, struct keep *keep, struct err *err)
{
	int result = merge(arena, wanted, keep, err);
	if (result == 0)
		result = save(arena, keep, err);
	for (size_t i = 0; result == 0 && i < wanted->count; i++) {
		result = make_part(arena, keep, &wanted->parts[i]);
		if (result < 0)
			err_set(err, arena, -result, "cannot make the layer of %s in %s", wanted->parts[i].path,
			        keep->path);
	}
	return result;
}

int keep_hold(struct arena *arena, const struct keep_wanted *wanted, struct keep *keep, bool *made, struct err *err)
{
	struct keep held = { .dirfd = -1 };
	*made = false;
	int result = open_directory(arena, wanted, &held, made, err);
	if (result == 0 && wanted->go_on)
		result = keep_lock_for(arena, &held, wanted->record, err);
	else if (result == 0)
		result = keep_lock_directory(arena, &held, err);
	bool locked = result == 0;
	if (locked && !wanted->go_on)
		result = check_fresh(arena, &held, err);
	if (result == 0)
		result = check_filesystem(arena, &held, err);
	if (result == 0)
		result = fill(arena, wanted, &held, err);
	if (result == 0) {
		*keep = held;
		return 0;
	}
	if (*made && locked)
		(void)keep_discard(arena, &held, &(struct keep_helpers){ 0 }, &(struct err){ 0 });
	keep_close(&held);
	*made = false;
	return result;
}
