/* pidfile.c: a pid file is written beside its place, journalled by inode, and moved there. */
#include "state/pidfile.h"

#include "base/fd.h"
#include "base/file.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIDFILE_MODE = 0644 };

/* The directory, and the two names in it. */
struct place {
	int dirfd;
	const char *name;
	char fresh[NAME_MAX + 1];
};

/* The path is the caller's own, so links on the way to the directory are followed, as by any program of its. */
static int place_open(const char *path, struct place *place)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	place->dirfd = -1;
	if (path[0] != '/' || !slash[1] || strcmp(slash + 1, ".") == 0 || strcmp(slash + 1, "..") == 0)
		return -EISDIR;
	size_t length = (size_t)(slash - path) + 1;
	place->name = slash + 1;
	int put = snprintf(place->fresh, sizeof(place->fresh), ".%s.kist", place->name);
	if (length >= sizeof(parent) || put < 0 || (size_t)put >= sizeof(place->fresh))
		return -ENAMETOOLONG;
	memcpy(parent, path, length);
	parent[length] = '\0';
	place->dirfd = sys_open_at(AT_FDCWD, parent, O_PATH | O_DIRECTORY, 0);
	return place->dirfd < 0 ? place->dirfd : 0;
}

static int write_fresh(const struct place *place, pid_t pid, struct stat *status)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", (int)pid);
	FD_AUTO int fd =
		sys_open_at(place->dirfd, place->fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PIDFILE_MODE);
	if (fd < 0)
		return fd;
	int result = file_write_fd(fd, text, (size_t)length);
	return result < 0 ? result : sys_stat_fd(fd, status);
}

int pidfile_write(const struct record *record, const char *path, pid_t pid)
{
	struct place place;
	struct stat status;
	int result = place_open(path, &place);
	FD_AUTO int dirfd = place.dirfd;
	if (result < 0)
		return result;
	if (sys_stat_at(dirfd, place.name, AT_SYMLINK_NOFOLLOW, &status) == 0 && !S_ISREG(status.st_mode))
		return -EEXIST;
	result = journal_intend(record, JOURNAL_REMOVE_FILE, path);
	if (result < 0)
		return result;
	result = write_fresh(&place, pid, &status);
	if (result == -EEXIST) { /* somebody else's: the intention is void */
		journal_cancel(record, JOURNAL_REMOVE_FILE, path);
		return result;
	}
	if (result == 0)
		result = journal_done(record, JOURNAL_REMOVE_FILE, path, status.st_ino, status.st_dev);
	if (result == 0 && renameat(dirfd, place.fresh, dirfd, place.name) < 0)
		result = -errno;
	return result;
}

int pidfile_leave(const struct record *record, const char *path)
{
	return journal_cancel(record, JOURNAL_REMOVE_FILE, path);
}

/* With an inode in the journal it is that file; without, kist ended right after it made the one of its own name. */
static bool is_made(const struct journal_deed *deed, const struct stat *status, bool fresh)
{
	if (!S_ISREG(status->st_mode))
		return false;
	if (deed->first)
		return status->st_ino == deed->first && status->st_dev == deed->second;
	return fresh && status->st_uid == geteuid() && status->st_size < 16;
}

int pidfile_undo(const struct journal_deed *deed)
{
	struct place place;
	struct stat status;
	int result = place_open(deed->path, &place);
	FD_AUTO int dirfd = place.dirfd;
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	const char *const names[] = { place.name, place.fresh };
	for (size_t i = 0; i < 2; i++) {
		bool there = sys_stat_at(dirfd, names[i], AT_SYMLINK_NOFOLLOW, &status) == 0;
		if (there && is_made(deed, &status, i == 1) && unlinkat(dirfd, names[i], 0) < 0)
			result = -errno;
	}
	return result;
}
