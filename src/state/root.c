/* root.c: opens the state root and trusts it only when it is the caller's alone. */
#include "state/root.h"

#include "base/fd.h"
#include "state/record.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

enum { ROOT_MODE = 0700, OTHERS_MAY_WRITE = 022, LOCK_PAUSE_MS = 2 };

/* The directories above are made as private as the root itself: kist knows nothing of who else should use them. */
static int make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int result = sys_mkdir_at(AT_FDCWD, path, ROOT_MODE);
		*slash = '/';
		if (result < 0 && result != -EEXIST)
			return result;
	}
	int result = sys_mkdir_at(AT_FDCWD, path, ROOT_MODE);
	return result == -EEXIST ? 0 : result;
}

/* Not O_PATH: the descriptor is listed too. */
static int open_directory(const char *path)
{
	return sys_open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

static int check_owner(struct arena *arena, int fd, const char *path, struct err *err)
{
	struct stat status;
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return err_set(err, arena, -result, "cannot look at the state root %s", path);
	if (status.st_uid != geteuid())
		return err_set(err, arena, EPERM, "the state root %s belongs to user %u, not to user %u", path,
		               (unsigned)status.st_uid, (unsigned)geteuid());
	if (status.st_mode & OTHERS_MAY_WRITE)
		return err_set(err, arena, EPERM, "the state root %s may be written to by others (mode %04o)", path,
		               (unsigned)status.st_mode & 07777);
	return 0;
}

int root_open(struct arena *arena, const char *path, bool make, struct err *err)
{
	/* The journal has one line a deed, so no path in it may hold a line end. */
	if (path[0] != '/' || strchr(path, '\n'))
		return err_set(err, arena, EINVAL, "the state root \"%s\" must be an absolute path of one line", path);
	FD_AUTO int fd = open_directory(path);
	if (fd == -ENOENT && make) {
		int result = make_directories(arena_string(arena, path));
		fd = result < 0 ? result : open_directory(path);
	}
	if (fd < 0)
		return err_set(err, arena, -fd, "cannot open the state root %s", path);
	int result = check_owner(arena, fd, path, err);
	return result < 0 ? result : fd_take(&fd);
}

int root_list(struct arena *arena, int rootfd, struct buf *ids)
{
	DIR *list = fdopendir(rootfd);
	if (!list) {
		close(rootfd);
		return -ENOMEM;
	}
	*ids = buf_in(arena);
	for (struct dirent *entry; (entry = readdir(list));)
		if (entry->d_type != DT_REG && record_id_valid(entry->d_name))
			buf_put(ids, entry->d_name, strlen(entry->d_name) + 1);
	closedir(list);
	return 0;
}

int lock_wait(int fd, int milliseconds)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_MS * 1000000L };
	for (int waited = 0;; waited += LOCK_PAUSE_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (waited >= milliseconds)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
}
