/* follow.c: copies of the host's files that are renewed when the host changes or replaces them.
 *
 * A file that is bound into a container is an inode, and programs replace files by renaming another one over them
 * (NetworkManager, systemd-resolved, editors); an overlay shows the old inode as well, once it was looked up. So what
 * is bound is a copy that keeps its inode, and what is watched are directories: where the file is, and where its link
 * leads. */
#include "watch/follow.h"

#include "base/err.h"
#include "base/fd.h"
#include "state/copy.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

struct follow_state {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

enum { FOLLOW_AFTER_MS = 1000 };

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int watch_folder(int fd, const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash && slash > path ? (size_t)(slash - path) : 1; /* of "/x" it is "/" */
	if (length >= sizeof(folder))
		return -ENAMETOOLONG;
	memcpy(folder, path, length);
	folder[length] = '\0';
	const uint32_t events = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE;
	return inotify_add_watch(fd, folder, events | IN_ONLYDIR) < 0 ? -errno : 0;
}

/* The folder it is in, and that of what it leads to: asked for again after each change, since a link may lead somewhere
 * else by then. A folder that is watched already stays so. */
static int watch_file(int fd, const char *source)
{
	char target[PATH_MAX];
	int result = watch_folder(fd, source);
	if (result == 0 && realpath(source, target) && strcmp(target, source) != 0)
		result = watch_folder(fd, target);
	return result;
}

static struct follow_state state_of(const char *source)
{
	struct stat status = { 0 };
	(void)sys_stat_at(AT_FDCWD, source, 0, &status); /* none at all is a state too */
	return (struct follow_state){ status.st_dev, status.st_ino, status.st_size, status.st_ctim };
}

static void renew(const struct follow_file *file, struct follow_state *known)
{
	struct follow_state now = state_of(file->source);
	if (now.device == known->device && now.inode == known->inode && now.size == known->size &&
	    now.changed.tv_sec == known->changed.tv_sec && now.changed.tv_nsec == known->changed.tv_nsec)
		return;
	*known = now;
	FD_AUTO int fd = sys_open_at(AT_FDCWD, file->path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd >= 0)
		(void)copy_renew(fd, file->source, file->head);
}

void follow_open(struct follow *follow, struct arena *arena, const struct follow_file *files, size_t count)
{
	*follow = (struct follow){ .arena = arena, .fd = -1, .files = files, .count = count };
	if (!count)
		return;
	follow->states = ARENA_ARRAY(arena, count, struct follow_state);
	for (size_t i = 0; i < count; i++)
		follow->states[i] = state_of(files[i].source);
	follow->due = now_ms() + FOLLOW_AFTER_MS;
}

int follow_wait(const struct follow *follow)
{
	if (!follow->due)
		return -1;
	int64_t left = follow->due - now_ms();
	return left < 0 ? 0 : (int)left;
}

static int watch_files(struct follow *follow)
{
	FD_AUTO int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int result = fd < 0 ? -errno : 0;
	for (size_t i = 0; result == 0 && i < follow->count; i++)
		result = watch_file(fd, follow->files[i].source);
	if (result == 0)
		follow->fd = fd_take(&fd);
	return result;
}

int follow_start(struct follow *follow)
{
	follow->due = 0;
	int result = watch_files(follow);
	if (result == 0)
		follow_renew(follow);
	else
		follow->trouble =
			arena_printf(follow->arena, "changes of %s on the host were not followed: %s (see fs.inotify)",
		                     follow->files[0].source, err_words(-result));
	return result;
}

void follow_renew(struct follow *follow)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	while (sys_read(follow->fd, events, sizeof(events)) > 0)
		;
	for (size_t i = 0; i < follow->count; i++) {
		(void)watch_file(follow->fd, follow->files[i].source);
		renew(&follow->files[i], &follow->states[i]);
	}
}

void follow_close(struct follow *follow)
{
	fd_close(&follow->fd);
}
