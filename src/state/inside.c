/* inside.c: the cgroups of a container, found through its journal, and the processes in them. */
#include "state/inside.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/cgroup.h"
#include "state/journal.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { JOURNAL_BYTES = 1 << 20, INSIDE_DEPTH = 64, FIRST_PIDS = 64, KILL_ROUNDS = 32, SIGNAL_BATCH = 128 };

/* --- where ---------------------------------------------------------------------------------------------- */

int inside_read(struct arena *arena, const struct record *record, struct inside *inside)
{
	char *text;
	size_t length;
	struct journal journal;
	struct err ignored;
	const char *path = arena_printf(arena, "%s/%s/journal", record->root, record->id);
	*inside = (struct inside){ 0 };
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int result = file_read_fd(arena, fd, JOURNAL_BYTES, &text, &length);
	if (result == 0)
		result = journal_parse(arena, text, length, &journal, &ignored);
	if (result < 0)
		return result;
	inside->places = ARENA_ARRAY(arena, journal.count, struct inside_place);
	for (size_t i = 0; i < journal.count; i++) {
		const struct journal_deed *deed = &journal.deeds[i];
		/* A cancelled one is not kist's to remove: it was there before, and the container is in it too. */
		if (deed->verb == JOURNAL_REMOVE_CGROUP)
			inside->places[inside->count++] = (struct inside_place){
				.path = deed->path,
				.inode = deed->cancelled ? 0 : deed->first,
				.device = deed->cancelled ? 0 : deed->second,
			};
	}
	return 0;
}

int inside_open(const struct inside_place *place)
{
	struct stat status;
	FD_AUTO int fd = sys_openat2(AT_FDCWD, place->path, O_RDONLY | O_DIRECTORY, 0,
	                             UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_MAGICLINKS);
	int result = fd < 0 ? fd : sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	if (!cgroup_is(fd))
		return -EXDEV;
	if (place->inode && (status.st_ino != place->inode || status.st_dev != place->device))
		return -ENOENT;
	return fd_take(&fd);
}

int inside_open_any(const struct inside *inside)
{
	for (size_t i = 0; i < inside->count; i++) {
		int fd = inside_open(&inside->places[i]);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* --- who ------------------------------------------------------------------------------------------------ */

/* Calls `visit` for the cgroup and all below it. */
typedef void cgroup_walk(int dirfd, void *with);

static void walk_cgroups(int dirfd, int depth, cgroup_walk *visit, void *with)
{
	visit(dirfd, with);
	int copy = depth < INSIDE_DEPTH ? cgroup_open_child(dirfd, ".") : -ELOOP;
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	if (!list) {
		fd_close(&copy);
		return;
	}
	for (struct dirent *entry; (entry = readdir(list));) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		FD_AUTO int child = cgroup_open_child(dirfd, entry->d_name);
		if (child >= 0)
			walk_cgroups(child, depth + 1, visit, with);
	}
	closedir(list);
}

struct collecting {
	struct arena *arena;
	struct inside_pids *pids;
};

static bool collect_pid(int dirfd, pid_t pid, void *with)
{
	struct collecting *collecting = with;
	struct inside_pids *pids = collecting->pids;
	(void)dirfd;
	if (pid <= 0)
		return false;
	if (pids->count == pids->capacity) {
		size_t capacity = pids->capacity ? pids->capacity * 2 : FIRST_PIDS;
		pid_t *items = ARENA_ARRAY(collecting->arena, capacity, pid_t);
		if (pids->count)
			memcpy(items, pids->items, pids->count * sizeof(*items));
		pids->items = items;
		pids->capacity = capacity;
	}
	pids->items[pids->count++] = pid;
	return false;
}

static void collect_cgroup(int dirfd, void *with)
{
	cgroup_each_pid(dirfd, collect_pid, with);
}

static int compare_pids(const void *left, const void *right)
{
	pid_t one = *(const pid_t *)left, other = *(const pid_t *)right;
	return (one > other) - (one < other);
}

static void sort_pids(struct inside_pids *pids)
{
	if (pids->count)
		qsort(pids->items, pids->count, sizeof(*pids->items), compare_pids);
}

static bool has_pid(const struct inside_pids *pids, pid_t pid)
{
	return pids->count && bsearch(&pid, pids->items, pids->count, sizeof(pid), compare_pids);
}

void inside_list(struct arena *arena, int dirfd, struct inside_pids *pids)
{
	struct collecting collecting = { arena, pids };
	*pids = (struct inside_pids){ 0 };
	walk_cgroups(dirfd, 0, collect_cgroup, &collecting);
	sort_pids(pids);
}

/* --- signals -------------------------------------------------------------------------------------------- */

/* A pid that was listed may be another process by the time it is signalled. So: the pidfds first, then the list again;
 * what is still in it is that process, or one that has ended, which a pidfd never takes for another. */
static void signal_batch(struct arena *arena, int dirfd, const pid_t *pids, size_t count, int number)
{
	int pidfds[SIGNAL_BATCH];
	struct inside_pids now = { 0 };
	for (size_t i = 0; i < count; i++)
		pidfds[i] = pids[i] == getpid() ? -ESRCH : sys_pidfd_open(pids[i]);
	inside_list(arena, dirfd, &now);
	for (size_t i = 0; i < count; i++) {
		if (pidfds[i] >= 0 && has_pid(&now, pids[i]))
			sys_pidfd_signal(pidfds[i], number);
		fd_close(&pidfds[i]);
	}
}

size_t inside_signal(struct arena *arena, int dirfd, int number)
{
	struct inside_pids known = { 0 }, listed = { 0 };
	/* What is forked meanwhile is not seen; who wants to end all goes on until nothing new is there. */
	int rounds = number == SIGKILL ? KILL_ROUNDS : 1;
	for (int round = 0; round < rounds; round++) {
		struct inside_pids fresh = { 0 };
		struct collecting collecting = { arena, &fresh }, all = { arena, &known };
		inside_list(arena, dirfd, &listed);
		for (size_t i = 0; i < listed.count; i++)
			if (!has_pid(&known, listed.items[i]))
				collect_pid(dirfd, listed.items[i], &collecting);
		if (fresh.count == 0)
			break;
		for (size_t at = 0; at < fresh.count; at += SIGNAL_BATCH) {
			size_t left = fresh.count - at;
			signal_batch(arena, dirfd, fresh.items + at, left < SIGNAL_BATCH ? left : SIGNAL_BATCH, number);
		}
		for (size_t i = 0; i < fresh.count; i++)
			collect_pid(dirfd, fresh.items[i], &all);
		sort_pids(&known);
	}
	return known.count;
}
