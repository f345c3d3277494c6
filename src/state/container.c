/* container.c: what a container is doing: its record, compared with the process that it names. */
#include "state/container.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/freezer.h"
#include "state/record_json.h"
#include "state/root.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

enum { SMALL_RECORD = 4096 };

static const char *const status_words[] = {
	[CONTAINER_CREATING] = "creating", [CONTAINER_CREATED] = "created", [CONTAINER_RUNNING] = "running",
	[CONTAINER_PAUSED] = "paused",     [CONTAINER_STOPPED] = "stopped",
};

const char *container_status_word(enum container_status status)
{
	return status_words[status];
}

bool container_lives(const struct container *container)
{
	return container->record.pid > 0 && container->status != CONTAINER_STOPPED;
}

static int open_below(int dirfd, const char *path, uint64_t flags)
{
	return sys_openat2(dirfd, path, flags | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

static int damaged(struct arena *arena, const struct record *record, int number, struct err *err)
{
	if (number)
		err_set(err, arena, number, "record.json of %s cannot be read", record->id);
	err->hint = arena_printf(arena, "look at %s/%s, and remove that directory once nothing of it runs any more",
	                         record->root, record->id);
	return -err->number;
}

/* A directory without a record: its runtime is about to write one, or was killed before it could. The first holds the
 * lock. */
static int read_bare(struct arena *arena, int rootfd, struct container *container, struct err *err)
{
	struct stat status;
	struct record *record = &container->record;
	FD_AUTO int dirfd = open_below(rootfd, record->id, O_RDONLY | O_DIRECTORY);
	if (dirfd == -ENOENT)
		return record_missing(arena, record->root, record->id, err);
	int result = dirfd < 0 ? dirfd : sys_stat_fd(dirfd, &status);
	if (result < 0)
		return damaged(arena, record, -result, err);
	record->created = status.st_mtim.tv_sec;
	container->status = flock(dirfd, LOCK_SH | LOCK_NB) < 0 ? CONTAINER_CREATING : CONTAINER_STOPPED;
	return 0;
}

/* Nearly all fit into one read: a list has hundreds of them. */
static int read_whole(struct arena *arena, int fd, char **text, size_t *length)
{
	char bytes[SMALL_RECORD];
	long got = sys_read(fd, bytes, sizeof(bytes));
	if (got < 0)
		return (int)got;
	if ((size_t)got == sizeof(bytes))
		return lseek(fd, 0, SEEK_SET) < 0 ? -errno : file_read_fd(arena, fd, RECORD_BYTES, text, length);
	*text = arena_copy(arena, bytes, (size_t)got);
	*length = (size_t)got;
	return 0;
}

/* record.json is replaced as a whole, so it is read whole or not at all. */
static int read_record(struct arena *arena, int rootfd, struct record *record, struct err *err)
{
	char *text;
	size_t length;
	FD_AUTO int fd = open_below(rootfd, arena_printf(arena, "%s/record.json", record->id), O_RDONLY | O_NONBLOCK);
	if (fd == -ENOENT)
		return -ENOENT;
	int result = fd < 0 ? fd : read_whole(arena, fd, &text, &length);
	if (result < 0)
		return damaged(arena, record, -result, err);
	if (length == 0)
		return -ENOENT;
	result = record_read_json(arena, text, length, record, err);
	return result < 0 ? damaged(arena, record, 0, err) : 0;
}

/* A recycled pid has another start time: then the container's process has ended. */
static enum container_status judge(struct arena *arena, const struct record *record)
{
	if (process_is(record->pid, record->start_time)) {
		if (freezer_holds(arena, record))
			return CONTAINER_PAUSED;
		if (record->stage == RECORD_CREATING)
			return CONTAINER_CREATING;
		return record_waits(record) ? CONTAINER_CREATED : CONTAINER_RUNNING;
	}
	bool coming = record->pid == 0 && process_is(record->runtime_pid, record->runtime_start);
	return coming ? CONTAINER_CREATING : CONTAINER_STOPPED;
}

static int read_at(struct arena *arena, int rootfd, struct container *container, struct err *err)
{
	int result = read_record(arena, rootfd, &container->record, err);
	if (result == -ENOENT)
		return read_bare(arena, rootfd, container, err);
	if (result == 0)
		container->status = judge(arena, &container->record);
	return result;
}

static struct container named(const char *root, const char *id)
{
	struct container container = { .record = RECORD_NONE };
	container.record.root = root;
	container.record.id = id;
	return container;
}

int container_read(struct arena *arena, const char *root, const char *id, struct container *container, struct err *err)
{
	struct container read = named(root, id);
	int result = record_check_id(arena, id, err);
	if (result < 0)
		return result;
	FD_AUTO int rootfd = root_open(arena, root, false, err);
	if (rootfd == -ENOENT)
		return record_missing(arena, root, id, err);
	result = rootfd < 0 ? rootfd : read_at(arena, rootfd, &read, err);
	if (result == 0)
		*container = read;
	return result;
}

static int compare_ids(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The ids in their order: a directory has none. */
static size_t sorted_ids(struct arena *arena, const struct buf *names, const char ***ids)
{
	size_t count = 0;
	for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1)
		count++;
	*ids = ARENA_ARRAY(arena, count, const char *);
	count = 0;
	for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1)
		(*ids)[count++] = names->bytes + at;
	qsort(*ids, count, sizeof(**ids), compare_ids);
	return count;
}

static int list_ids(struct arena *arena, const char *root, int rootfd, const char ***ids, struct err *err)
{
	struct buf names;
	int copy = open_below(rootfd, ".", O_RDONLY | O_DIRECTORY);
	int result = copy < 0 ? copy : root_list(arena, copy, &names);
	if (result < 0)
		return err_set(err, arena, -result, "cannot list the state root %s", root);
	return (int)sorted_ids(arena, &names, ids);
}

int container_ids(struct arena *arena, const char *root, const char ***ids, struct err *err)
{
	FD_AUTO int rootfd = root_open(arena, root, false, err);
	if (rootfd < 0)
		return rootfd == -ENOENT ? 0 : rootfd;
	return list_ids(arena, root, rootfd, ids, err);
}

int container_list(struct arena *arena, const char *root, struct container_list *list, struct err *err)
{
	const char **ids;
	*list = (struct container_list){ 0 };
	FD_AUTO int rootfd = root_open(arena, root, false, err);
	if (rootfd < 0)
		return rootfd == -ENOENT ? 0 : rootfd;
	int count = list_ids(arena, root, rootfd, &ids, err);
	if (count < 0)
		return count;
	list->items = ARENA_ARRAY(arena, (size_t)count, struct container);
	list->damaged = ARENA_ARRAY(arena, (size_t)count, struct err);
	for (int i = 0; i < count; i++) {
		struct err fault = { 0 };
		struct container *container = &list->items[list->count];
		*container = named(root, ids[i]);
		int result = read_at(arena, rootfd, container, &fault);
		if (result == 0)
			list->count++;
		else if (result != -ENOENT) /* that one was removed meanwhile */
			list->damaged[list->damaged_count++] = fault;
	}
	return 0;
}
