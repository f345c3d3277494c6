/* update.c: writes new limits into the cgroups of a container that runs: all of them, or none. */
#include "run/update.h"

#include "base/fd.h"
#include "base/file.h"
#include "plan/plan.h"
#include "state/cgroup.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

enum { LIMIT_BYTES = 64 << 10, PASSES = 2 };

struct change {
	uint32_t step;
	const char *path, *file, *value;
	const char *old; /* what puts it back; NULL: nothing does */
	bool either;     /* one of several files of its step, of which a kernel has some */
	bool done;
};

struct changes {
	struct arena *arena;
	const struct plan_block *block;
	struct change *items;
	size_t count;
};

static int open_cgroup(const char *path)
{
	FD_AUTO int fd = sys_openat2(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0,
	                             UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return fd;
	return cgroup_is(fd) ? fd_take(&fd) : -EXDEV;
}

/* --- what is to be written ----------------------------------------------------------------------------- */

static void add_change(struct changes *changes, const struct change *change)
{
	changes->items[changes->count++] = *change;
}

static void add_weights(struct changes *changes, uint32_t index)
{
	const struct step_weigh_io *weigh = &plan_step(changes->block, index)->weigh_io;
	const char *file = plan_bytes(changes->block, weigh->files), *value = plan_bytes(changes->block, weigh->values);
	for (uint32_t i = 0; i < weigh->files.count; i++) {
		add_change(changes, &(struct change){
					    .step = index,
					    .path = plan_string(changes->block, weigh->path),
					    .file = file,
					    .value = value,
					    .either = true,
				    });
		file += strlen(file) + 1;
		value += strlen(value) + 1;
	}
}

static void collect(struct changes *changes)
{
	enum { FILES_OF_STEP = 4 };
	changes->items = ARENA_ARRAY(changes->arena, (size_t)changes->block->step_count * FILES_OF_STEP, struct change);
	for (uint32_t i = 0; i < changes->block->step_count; i++) {
		const struct step *step = plan_step(changes->block, i);
		if (step->kind == STEP_weigh_io)
			add_weights(changes, i);
		else if (step->kind == STEP_write_cgroup)
			add_change(changes, &(struct change){
						    .step = i,
						    .path = plan_string(changes->block, step->write_cgroup.path),
						    .file = plan_string(changes->block, step->write_cgroup.file),
						    .value = plan_string(changes->block, step->write_cgroup.value),
					    });
	}
}

/* --- what is there ------------------------------------------------------------------------------------- */

/* v2: the cgroups above hand a controller down only when a limit asked for it at the start. */
static void enable_above(struct arena *arena, const struct change *change)
{
	const char *word = arena_printf(arena, "+%.*s", (int)strcspn(change->file, "."), change->file);
	char *above = arena_string(arena, change->path);
	for (char *slash = above; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		FD_AUTO int dirfd = open_cgroup(above);
		if (dirfd >= 0)
			(void)file_write_at(dirfd, "cgroup.subtree_control", word, strlen(word));
		*slash = '/';
	}
}

/* Files with a line a device take one line at a time, and begin it with the device; the absent line of a limit is "max"
 * on v2 and 0 on v1. Of the others the first line is the value. */
static const char *old_value(struct arena *arena, const struct change *change, char *text)
{
	size_t device = strspn(change->value, "0123456789:");
	if (!memchr(change->value, ':', device)) {
		text[strcspn(text, "\n")] = '\0';
		return text;
	}
	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		if (strncmp(line, change->value, device + 1) == 0)
			return line;
	const char *limit = strchr(change->value, '=');
	return limit ? arena_printf(arena, "%.*smax", (int)(limit + 1 - change->value), change->value)
	             : arena_printf(arena, "%.*s 0", (int)device, change->value);
}

static int read_old(struct changes *changes, struct change *change)
{
	char *text;
	size_t length;
	FD_AUTO int dirfd = open_cgroup(change->path);
	if (dirfd < 0)
		return dirfd;
	int result = file_read_at(changes->arena, dirfd, change->file, LIMIT_BYTES, &text, &length);
	if (result == -ENOENT) {
		enable_above(changes->arena, change);
		result = file_read_at(changes->arena, dirfd, change->file, LIMIT_BYTES, &text, &length);
	}
	if (result == 0)
		change->old = old_value(changes->arena, change, text);
	return result;
}

/* --- all or none ----------------------------------------------------------------------------------------- */

static int put(const struct change *change, const char *value)
{
	FD_AUTO int dirfd = open_cgroup(change->path);
	return dirfd < 0 ? dirfd : file_write_at(dirfd, change->file, value, strlen(value));
}

static void restore(const struct changes *changes)
{
	/* Twice, for what depends on each other; the last written first. */
	for (int pass = 0; pass < PASSES; pass++)
		for (size_t i = changes->count; i-- > 0;)
			if (changes->items[i].done && changes->items[i].old)
				(void)put(&changes->items[i], changes->items[i].old);
}

static int fail(const struct changes *changes, const struct change *change, int result, struct err *err)
{
	result = err_set(err, changes->arena, -result, "cannot set %s of %s to \"%s\"", change->file, change->path,
	                 change->value);
	err->pointer = plan_string(changes->block, plan_step(changes->block, change->step)->pointer);
	err->hint = plan_hint(changes->arena, changes->block, change->step, err->number, false);
	return result;
}

/* A memory limit above that of memory and swap, a quota below a burst: what does not fit yet may fit when the rest is
 * written. */
static int write_all(struct changes *changes, struct err *err)
{
	for (int pass = 0; pass < PASSES; pass++) {
		for (size_t i = 0; i < changes->count; i++) {
			struct change *change = &changes->items[i];
			int result = change->done || !change->old ? 0 : put(change, change->value);
			if (result == -EINVAL && pass + 1 < PASSES)
				continue;
			if (result < 0)
				return fail(changes, change, result, err);
			change->done = true;
		}
	}
	return 0;
}

static bool has_other(const struct changes *changes, const struct change *change)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->items[i].step == change->step && changes->items[i].old)
			return true;
	return false;
}

int run_update(struct arena *arena, const struct plan_block *block, struct err *err)
{
	struct changes changes = { .arena = arena, .block = block };
	collect(&changes);
	for (size_t i = 0; i < changes.count; i++) {
		struct change *change = &changes.items[i];
		int result = read_old(&changes, change);
		if (result < 0 && !(result == -ENOENT && change->either))
			return fail(&changes, change, result, err);
	}
	for (size_t i = 0; i < changes.count; i++)
		if (changes.items[i].either && !has_other(&changes, &changes.items[i]))
			return fail(&changes, &changes.items[i], -ENOENT, err);
	int result = write_all(&changes, err);
	if (result < 0)
		restore(&changes);
	return result;
}
