/* place.c: makes one file whole under a temporary name, then moves it to its place in one step. */
#include "keep/place.h"

#include "base/fd.h"
#include "base/file.h"
#include "keep/layer.h"
#include "state/tree.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

enum { PRIVATE_FILE = 0600, PRIVATE_DIRECTORY = 0700, COPY_BYTES = 256 << 10 };

/* --- content ------------------------------------------------------------------------------------- */

/* Of a part without holes. The kernel copies, or shares blocks where the file system can (copy_file_range(2)); between
 * file systems that cannot, it is read and written. */
static int copy_part(struct arena *arena, int from, int to, off_t start, off_t end)
{
	off_t at = start, put = start;
	while (at < end) {
		ssize_t moved = copy_file_range(from, &at, to, &put, (size_t)(end - at), 0);
		if (moved == 0)
			return 0; /* it became shorter */
		if (moved < 0)
			break;
	}
	if (at >= end)
		return 0;
	if (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	char *bytes = arena_alloc(arena, COPY_BYTES);
	if (lseek(to, at, SEEK_SET) < 0)
		return -errno;
	while (at < end) {
		size_t wanted = end - at < COPY_BYTES ? (size_t)(end - at) : COPY_BYTES;
		ssize_t got = pread(from, bytes, wanted, at);
		if (got <= 0)
			return got < 0 ? -errno : 0;
		int result = file_write_fd(to, bytes, (size_t)got);
		if (result < 0)
			return result;
		at += got;
	}
	return 0;
}

/* Holes stay holes. */
static int copy_content(struct arena *arena, int from, int to, off_t size)
{
	off_t at = 0;
	while (at < size) {
		off_t start = lseek(from, at, SEEK_DATA);
		if (start < 0 && errno == ENXIO)
			break; /* only a hole is left */
		if (start < 0)
			start = at; /* a file system that does not tell */
		off_t end = lseek(from, start, SEEK_HOLE);
		if (end <= start || end > size)
			end = size;
		int result = copy_part(arena, from, to, start, end);
		if (result < 0)
			return result;
		at = end;
	}
	return ftruncate(to, size) < 0 ? -errno : 0;
}

/* --- properties ---------------------------------------------------------------------------------- */

static bool has_name(const struct layer_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static int copy_attributes(struct arena *arena, int from, int to)
{
	struct layer_names wanted, there;
	int result = layer_attributes(arena, from, &wanted);
	if (result == 0)
		result = layer_attributes(arena, to, &there);
	for (size_t i = 0; result == 0 && i < there.count; i++)
		if (!has_name(&wanted, there.items[i]) && fremovexattr(to, there.items[i]) < 0)
			result = -errno;
	for (size_t i = 0; result == 0 && i < wanted.count; i++) {
		char *value;
		size_t length;
		result = layer_attribute(arena, from, wanted.items[i], &value, &length);
		if (result == 0 && fsetxattr(to, wanted.items[i], value, length, 0) < 0)
			result = -errno;
	}
	return result;
}

/* The owner first: a change of it takes set-uid bits and file capabilities away (chown(2)). The times last. */
static int dress(struct arena *arena, int from, int to, const struct stat *status)
{
	const struct timespec times[2] = { status->st_atim, status->st_mtim };
	int result = sys_chown_at(to, "", status->st_uid, status->st_gid, AT_EMPTY_PATH);
	if (result == 0)
		result = copy_attributes(arena, from, to);
	if (result == 0 && fchmod(to, status->st_mode & 07777) < 0)
		result = -errno;
	if (result == 0 && futimens(to, times) < 0)
		result = -errno;
	return result;
}

int place_dress(struct arena *arena, int from, int to, const struct stat *status)
{
	return dress(arena, from, to, status);
}

/* --- making -------------------------------------------------------------------------------------- */

static int make_file(const struct place *place)
{
	struct stat found;
	FD_AUTO int from = layer_open(place->from, place->name, O_RDONLY);
	int result = from < 0 ? from : sys_stat_fd(from, &found);
	if (result < 0)
		return result;
	if (!S_ISREG(found.st_mode) || found.st_ino != place->status->st_ino)
		return -ESTALE;
	FD_AUTO int to = sys_openat2(place->to, place->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE_FILE,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	if (to < 0)
		return to;
	result = copy_content(place->arena, from, to, found.st_size);
	return result < 0 ? result : dress(place->arena, from, to, place->status);
}

static int make_link(const struct place *place)
{
	const struct timespec times[2] = { place->status->st_atim, place->status->st_mtim };
	char *target;
	int result = layer_link(place->arena, place->from, place->name, &target);
	if (result == 0)
		result = sys_symlink_at(target, place->to, place->temporary);
	if (result == 0)
		result = sys_chown_at(place->to, place->temporary, place->status->st_uid, place->status->st_gid,
		                      AT_SYMLINK_NOFOLLOW);
	if (result == 0 && utimensat(place->to, place->temporary, times, AT_SYMLINK_NOFOLLOW) < 0)
		result = -errno;
	return result;
}

/* Opened before its mode is set, since chmod(2) would follow what another puts there. */
static int make_node(const struct place *place)
{
	const struct stat *status = place->status;
	const struct timespec times[2] = { status->st_atim, status->st_mtim };
	int result = sys_mknod_at(place->to, place->temporary, status->st_mode & S_IFMT, status->st_rdev);
	FD_AUTO int fd = result < 0 ? -1 : layer_open(place->to, place->temporary, O_PATH);
	if (result < 0 || fd < 0)
		return result < 0 ? result : fd;
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = sys_chown_at(fd, "", status->st_uid, status->st_gid, AT_EMPTY_PATH);
	if (result == 0 && chmod(path, status->st_mode & 07777) < 0)
		result = -errno;
	if (result == 0 && utimensat(AT_FDCWD, path, times, 0) < 0)
		result = -errno;
	return result;
}

int place_make(const struct place *place)
{
	int result;
	/* Of a kist that was killed here. */
	(void)tree_remove(place->to, place->temporary);
	if (S_ISDIR(place->status->st_mode))
		result = sys_mkdir_at(place->to, place->temporary, PRIVATE_DIRECTORY);
	else if (S_ISREG(place->status->st_mode))
		result = make_file(place);
	else if (S_ISLNK(place->status->st_mode))
		result = make_link(place);
	else
		result = make_node(place);
	if (result < 0)
		sys_unlink_at(place->to, place->temporary, S_ISDIR(place->status->st_mode) ? AT_REMOVEDIR : 0);
	return result;
}

/* --- moving -------------------------------------------------------------------------------------- */

/* Not its ctime: that changes when another name of it goes. */
static int check_same(const struct place *place, const struct stat *old)
{
	struct stat now;
	int result = sys_stat_at(place->to, place->name, AT_SYMLINK_NOFOLLOW, &now);
	if (result < 0)
		return result;
	bool same = now.st_ino == old->st_ino && now.st_dev == old->st_dev && now.st_mode == old->st_mode &&
	            now.st_uid == old->st_uid && now.st_gid == old->st_gid;
	if (same && !S_ISDIR(now.st_mode))
		same = now.st_size == old->st_size && now.st_mtim.tv_sec == old->st_mtim.tv_sec &&
		       now.st_mtim.tv_nsec == old->st_mtim.tv_nsec;
	return same ? 0 : -ESTALE;
}

int place_move(const struct place *place, const struct stat *old)
{
	if (!old)
		return sys_rename_at(place->to, place->temporary, place->to, place->name, UAPI_RENAME_NOREPLACE);
	int result = check_same(place, old);
	if (result < 0)
		return result;
	/* rename(2) puts no file over a directory, and no directory over a file: they change places. */
	bool directories = S_ISDIR(old->st_mode) || S_ISDIR(place->status->st_mode);
	result = sys_rename_at(place->to, place->temporary, place->to, place->name,
	                       directories ? UAPI_RENAME_EXCHANGE : 0);
	if (result < 0)
		return result;
	/* What was exchanged; or a second name of the one file, between which rename(2) does nothing. */
	result = tree_remove(place->to, place->temporary);
	return result == -ENOENT ? 0 : result;
}

int place_remove(const struct place *place, const struct stat *old)
{
	int result = check_same(place, old);
	if (result == -ENOENT)
		return 0;
	if (result == 0 && !S_ISDIR(old->st_mode))
		return sys_unlink_at(place->to, place->name, 0);
	if (result < 0)
		return result;
	(void)tree_remove(place->to, place->temporary);
	result = sys_rename_at(place->to, place->name, place->to, place->temporary, UAPI_RENAME_NOREPLACE);
	return result < 0 ? result : tree_remove(place->to, place->temporary);
}
