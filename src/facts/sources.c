/* sources.c: what is at the paths that flags name: whether it is there, and whether it is a device. */
#include "facts/facts.h"
#include "sys/status.h"

#include <dirent.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { SOURCES_MAX = 4096, DEPTH_MAX = 4, IDMAP_BYTES = 8192 };

struct look {
	struct arena *arena;
	struct buf found; /* of struct facts_source */
};

/* Whoever owns the directory wrote it, and it is shown. */
static const char *read_idmap(struct arena *arena, const char *path)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789:, ";
	char text[IDMAP_BYTES];
	ssize_t length = getxattr(path, "user.kist.idmap", text, sizeof(text) - 1);
	if (length <= 0)
		return NULL;
	text[length] = '\0';
	return strspn(text, allowed) == (size_t)length ? arena_string(arena, text) : NULL;
}

static void put_source(struct look *look, const char *path, const struct stat *status)
{
	struct facts_source source = { .path = path, .kind = SOURCE_OTHER };
	mode_t mode = status ? status->st_mode : 0;
	if (look->found.length / sizeof(source) == SOURCES_MAX)
		return;
	if (!status)
		source.kind = SOURCE_MISSING;
	else if (S_ISDIR(mode))
		source.kind = SOURCE_DIR;
	else if (S_ISREG(mode))
		source.kind = SOURCE_FILE;
	else if (S_ISCHR(mode) || S_ISBLK(mode))
		source.kind = S_ISCHR(mode) ? SOURCE_CHAR : SOURCE_BLOCK;
	if (source.kind == SOURCE_CHAR || source.kind == SOURCE_BLOCK) {
		source.major = major(status->st_rdev);
		source.minor = minor(status->st_rdev);
	}
	if (status) {
		source.uid = status->st_uid;
		source.gid = status->st_gid;
	}
	if (source.kind == SOURCE_DIR)
		source.idmap = read_idmap(look->arena, path);
	buf_put(&look->found, &source, sizeof(source));
}

/* The devices in a directory, such as /dev/dri, and in those below it. */
static void look_inside(struct look *look, const char *folder, unsigned depth)
{
	DIR *stream = depth < DEPTH_MAX ? opendir(folder) : NULL;
	struct dirent *entry;
	while (stream && (entry = readdir(stream))) {
		struct stat status;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		const char *path = arena_printf(look->arena, "%s/%s", folder, entry->d_name);
		if (lstat(path, &status) < 0)
			continue;
		if (S_ISDIR(status.st_mode))
			look_inside(look, path, depth + 1);
		else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
			put_source(look, path, &status);
	}
	if (stream)
		closedir(stream);
}

void facts_read_sources(struct arena *arena, const char *const *paths, size_t count, struct facts *facts)
{
	struct look look = { .arena = arena, .found = buf_in(arena) };
	if (facts->source_count)
		buf_put(&look.found, facts->sources, facts->source_count * sizeof(*facts->sources));
	for (size_t i = 0; i < count; i++) {
		struct stat status;
		int result = sys_stat_at(AT_FDCWD, paths[i], 0, &status);
		if (result < 0 && result != -ENOENT && result != -ENOTDIR)
			continue;
		put_source(&look, paths[i], result < 0 ? NULL : &status);
		if (result == 0 && S_ISDIR(status.st_mode) && strncmp(paths[i], "/dev/", 5) == 0)
			look_inside(&look, paths[i], 0);
	}
	facts->sources = (struct facts_source *)(void *)look.found.bytes;
	facts->source_count = look.found.length / sizeof(*facts->sources);
}
