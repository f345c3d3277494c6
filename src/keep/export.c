/* export.c: each change as a record: what it is, its attributes, its data. */
#include "keep/export.h"

#include "archive/record.h"
#include "base/fd.h"
#include "base/file.h"
#include "keep/layer.h"
#include "keep/part.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { DATA_BYTES = 64 << 10 };

static const char whiteout[] = ".wh."; /* image-spec, layer.md */

struct exporting {
	struct arena *arena;
	const struct keep *keep;
	const struct keep_part *part; /* whose top is open */
	int top, out;
	const char *last;  /* the path, in the archive, that was written before this one */
	struct buf linked; /* of struct keep_change: files with several names, each by its first one */
};

/* --- one record ------------------------------------------------------------------------------------ */

static void put_attributes(struct buf *out, int fd)
{
	struct layer_names names;
	if (layer_attributes(out->arena, fd, &names) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		char *value;
		size_t length;
		if (layer_attribute(out->arena, fd, names.items[i], &value, &length) < 0)
			continue;
		uint32_t size = (uint32_t)length;
		buf_put(out, names.items[i], strlen(names.items[i]) + 1);
		buf_put(out, &size, sizeof(size));
		buf_put(out, value, length);
	}
}

static int put_head(struct exporting *exporting, struct archive_record *record, const struct stat *status,
                    const char *const texts[2], const struct buf *attributes)
{
	record->magic = ARCHIVE_MAGIC;
	record->uid = status->st_uid;
	record->gid = status->st_gid;
	record->seconds = status->st_mtim.tv_sec;
	record->nanoseconds = (uint32_t)status->st_mtim.tv_nsec;
	record->path_length = (uint32_t)strlen(texts[0]);
	record->link_length = (uint32_t)strlen(texts[1]);
	record->attribute_length = attributes ? (uint32_t)attributes->length : 0;
	struct buf head = buf_in(exporting->arena);
	buf_put(&head, record, sizeof(*record));
	buf_puts(&head, texts[0]);
	buf_puts(&head, texts[1]);
	if (record->attribute_length)
		buf_put(&head, attributes->bytes, attributes->length);
	exporting->last = texts[0];
	return file_write_fd(exporting->out, head.bytes, head.length);
}

/* Exactly as many bytes as were announced: the layer stands still while it is locked, but a box may run over it. */
static int put_data(struct exporting *exporting, int fd, uint64_t size)
{
	char *bytes = arena_alloc(exporting->arena, DATA_BYTES);
	while (size) {
		long got = sys_read(fd, bytes, size < DATA_BYTES ? (size_t)size : DATA_BYTES);
		if (got < 0)
			return (int)got;
		if (got == 0) { /* it became shorter */
			got = size < DATA_BYTES ? (long)size : DATA_BYTES;
			memset(bytes, 0, (size_t)got);
		}
		int result = file_write_fd(exporting->out, bytes, (size_t)got);
		if (result < 0)
			return result;
		size -= (uint64_t)got;
	}
	return 0;
}

/* A file or directory of the layer, with what only an open one tells. */
static int put_opened(struct exporting *exporting, const char *path, const char *below, const struct stat *status)
{
	FD_AUTO int fd = layer_open(exporting->top, below, O_RDONLY);
	struct buf attributes = buf_in(exporting->arena);
	struct archive_record record = { .mode = status->st_mode };
	if (fd < 0)
		return fd;
	put_attributes(&attributes, fd);
	if (S_ISREG(status->st_mode))
		record.size = (uint64_t)status->st_size;
	int result = put_head(exporting, &record, status, (const char *const[]){ path, "" }, &attributes);
	return result < 0 ? result : put_data(exporting, fd, record.size);
}

/* --- names ------------------------------------------------------------------------------------------ */

/* In an archive paths start at its top. */
static const char *archive_path(struct arena *arena, const struct keep_change *change)
{
	return keep_change_path(arena, change) + 1;
}

static bool starts_with(const char *path, const char *start, size_t length)
{
	return strncmp(path, start, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The directories that lead to the path and were not written yet: by name, they follow on what was written last. */
static int put_parents(struct exporting *exporting, const struct keep_change *change, const char *path)
{
	size_t prefix = strlen(path) - strlen(change->path); /* of the part */
	for (const char *slash = strchr(change->path, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct stat status;
		size_t length = (size_t)(slash - change->path);
		const char *below = arena_copy(exporting->arena, change->path, length);
		if (starts_with(exporting->last, path, prefix + length))
			continue;
		FD_AUTO int fd = layer_open(exporting->top, below, O_RDONLY | O_DIRECTORY);
		int result = fd < 0 ? fd : sys_stat_fd(fd, &status);
		if (result == 0)
			result = put_opened(exporting, arena_copy(exporting->arena, path, prefix + length), below,
			                    &status);
		if (result < 0)
			return result;
	}
	return 0;
}

static const struct keep_change *first_name(struct exporting *exporting, const struct keep_change *change)
{
	const struct keep_change *linked = (const struct keep_change *)(void *)exporting->linked.bytes;
	for (size_t i = 0; i < exporting->linked.length / sizeof(*linked); i++)
		if (linked[i].part == change->part && linked[i].upper.st_ino == change->upper.st_ino)
			return &linked[i];
	return NULL;
}

/* --- one change ------------------------------------------------------------------------------------- */

static int put_deleted(struct exporting *exporting, const char *path)
{
	struct archive_record record = { .mode = S_IFREG };
	const struct stat nobody = { 0 };
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *mark = arena_printf(exporting->arena, "%.*s%s%s", (int)(name - path), path, whiteout, name);
	return put_head(exporting, &record, &nobody, (const char *const[]){ mark, "" }, NULL);
}

static int put_present(struct exporting *exporting, const struct keep_change *change, const char *path)
{
	const struct stat *status = &change->upper;
	struct archive_record record = { .mode = status->st_mode };
	if (status->st_nlink > 1 && !S_ISDIR(status->st_mode)) {
		const struct keep_change *first = first_name(exporting, change);
		record.hard_link = 1;
		if (first)
			return put_head(exporting, &record, status,
			                (const char *const[]){ path, archive_path(exporting->arena, first) }, NULL);
		record.hard_link = 0;
		buf_put(&exporting->linked, change, sizeof(*change));
	}
	if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode))
		return put_opened(exporting, path, change->path, status);
	char *target = "";
	int result = S_ISLNK(status->st_mode) ? layer_link(exporting->arena, exporting->top, change->path, &target) : 0;
	record.major = major(status->st_rdev);
	record.minor = minor(status->st_rdev);
	if (result == 0)
		result = put_head(exporting, &record, status, (const char *const[]){ path, target }, NULL);
	return result;
}

static int put_change(struct exporting *exporting, const struct keep_change *change)
{
	const char *path = archive_path(exporting->arena, change);
	int result = 0;
	if (exporting->part != change->part) {
		exporting->part = change->part;
		fd_close(&exporting->top);
		exporting->top =
			layer_open(exporting->keep->dirfd, keep_upper_name(exporting->arena, change->part->number),
		                   O_RDONLY | O_DIRECTORY);
	}
	if (exporting->top < 0)
		return exporting->top;
	if (!*path) /* the top of the archive has no entry of its own */
		return 0;
	result = put_parents(exporting, change, path);
	if (result < 0)
		return result;
	return change->kind == KEEP_DELETED ? put_deleted(exporting, path) : put_present(exporting, change, path);
}

/* A name that means something else in a layer. */
static bool is_mark(const struct keep_change *change)
{
	const char *slash = strrchr(change->path, '/');
	return strncmp(slash ? slash + 1 : change->path, whiteout, strlen(whiteout)) == 0;
}

int keep_export(struct arena *arena, const struct keep *keep, const struct keep_changes *changes, int fd,
                size_t *sockets, struct err *err)
{
	struct exporting exporting = { arena, keep, NULL, -1, fd, "", buf_in(arena) };
	int result = 0;
	*sockets = 0;
	for (size_t i = 0; result == 0 && i < changes->count; i++) {
		const struct keep_change *change = &changes->items[i];
		bool socket = change->kind != KEEP_DELETED && S_ISSOCK(change->upper.st_mode);
		*sockets += socket;
		if (is_mark(change))
			result = err_set(err, arena, 0, "%s cannot be in a layer: the name would delete a file there",
			                 keep_quote(arena, keep_change_path(arena, change)));
		else if (!socket)
			result = put_change(&exporting, change);
		if (result < 0 && result != -EPIPE && !err->what)
			err_set(err, arena, -result, "cannot read the kept %s",
			        keep_quote(arena, keep_change_path(arena, change)));
	}
	fd_close(&exporting.top);
	return result;
}
