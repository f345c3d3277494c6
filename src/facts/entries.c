/* entries.c: the names in directories that have mounts below them, for a box that rebuilds those by name. */
#include "facts/parts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

enum { ENTRIES_MAX = 50000 };

struct walk {
	struct arena *arena;
	const char *root; /* put before every path when it is opened */
	struct buf found; /* of struct facts_entry */
};

/* Mount points below one directory. */
struct points {
	const char **paths;
	size_t count;
};

static bool is_below(const char *path, const char *folder)
{
	size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
	return strncmp(path, folder, length) == 0 && path[length] == '/' && path[length + 1];
}

static struct points points_below(struct arena *arena, const struct points *points, const char *folder)
{
	struct points below = { ARENA_ARRAY(arena, points->count, const char *), 0 };
	for (size_t i = 0; i < points->count; i++)
		if (is_below(points->paths[i], folder))
			below.paths[below.count++] = points->paths[i];
	return below;
}

static bool holds_point(const struct points *points, const char *path)
{
	for (size_t i = 0; i < points->count; i++)
		if (strcmp(points->paths[i], path) == 0 || is_below(points->paths[i], path))
			return true;
	return false;
}

static const char *read_target(struct arena *arena, int folder, const char *name)
{
	char target[PATH_MAX];
	int length = sys_readlink_at(folder, name, target, sizeof(target));
	return length < 0 ? NULL : arena_copy(arena, target, (size_t)length);
}

/* False for a name that is gone, or that cannot be looked at: nothing can be made of it. */
static bool read_entry(struct arena *arena, int folder, const char *name, struct facts_entry *entry)
{
	struct stat status;
	if (sys_stat_at(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &status) < 0)
		return false;
	bool is_dir = S_ISDIR(status.st_mode);
	entry->mode = status.st_mode & 07777;
	entry->type = is_dir                    ? ENTRY_DIR
	              : S_ISREG(status.st_mode) ? ENTRY_FILE
	              : S_ISLNK(status.st_mode) ? ENTRY_LINK
	                                        : ENTRY_OTHER;
	if (entry->type == ENTRY_LINK) {
		entry->target = read_target(arena, folder, name);
		return entry->target != NULL;
	}
	entry->readable = sys_access_at(folder, name, is_dir ? R_OK | X_OK : R_OK, 0) == 0;
	return true;
}

static bool is_rebuilt(const char *path)
{
	/* A box binds the first two and makes a proc of its own: their names are of no use to it. */
	return strcmp(path, "/dev") != 0 && strcmp(path, "/sys") != 0 && strcmp(path, "/proc") != 0;
}

static int walk_folder(struct walk *walk, const char *path, const struct points *points);

static int walk_name(struct walk *walk, int folder, const char *path, const struct points *points)
{
	struct facts_entry entry = { .path = path };
	if (!read_entry(walk->arena, folder, strrchr(path, '/') + 1, &entry))
		return 0;
	if (walk->found.length / sizeof(entry) == ENTRIES_MAX)
		return -E2BIG;
	entry.mounts_below = entry.type == ENTRY_DIR && holds_point(points, path);
	buf_put(&walk->found, &entry, sizeof(entry));
	if (!entry.mounts_below || !is_rebuilt(path))
		return 0;
	struct points below = points_below(walk->arena, points, path);
	return below.count ? walk_folder(walk, path, &below) : 0;
}

static int walk_folder(struct walk *walk, const char *path, const struct points *points)
{
	DIR *folder = opendir(arena_printf(walk->arena, "%s%s", walk->root, path));
	const char *separator = strcmp(path, "/") == 0 ? "" : "/";
	struct dirent *entry;
	int result = 0;
	if (!folder) /* what may not be listed stands in its parent as not readable */
		return errno == EACCES || errno == ENOENT ? 0 : -errno;
	while (result == 0 && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		const char *name = arena_printf(walk->arena, "%s%s%s", path, separator, entry->d_name);
		result = walk_name(walk, dirfd(folder), name, points);
	}
	closedir(folder);
	return result;
}

static int compare_entries(const void *left, const void *right)
{
	const struct facts_entry *one = left, *other = right;
	return strcmp(one->path, other->path);
}

int facts_read_entries(struct arena *arena, const char *root, struct facts *facts)
{
	struct walk walk = { .arena = arena, .root = root, .found = buf_in(arena) };
	struct points points = { ARENA_ARRAY(arena, facts->mount_count, const char *), 0 };
	for (size_t i = 0; i < facts->mount_count; i++)
		if (!facts->mounts[i].hidden && strcmp(facts->mounts[i].path, "/") != 0)
			points.paths[points.count++] = facts->mounts[i].path;
	int result = walk_folder(&walk, "/", &points);
	if (result < 0)
		return result;
	facts->entries = (struct facts_entry *)walk.found.bytes;
	facts->entry_count = walk.found.length / sizeof(struct facts_entry);
	if (facts->entry_count)
		qsort(facts->entries, facts->entry_count, sizeof(struct facts_entry), compare_entries);
	return 0;
}
