/* oom.c: asks the cgroups of a plan whether the kernel killed for their memory limit (memory.events of v2,
 * memory.oom_control of v1). */
#include "run/oom.h"

#include "base/file.h"
#include "plan/steps.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CGROUP_TEXT = 8192 };

static const char *read_text(struct arena *arena, const char *path, const char *file)
{
	char *text;
	size_t length;
	int result =
		file_read_at(arena, AT_FDCWD, arena_printf(arena, "%s/%s", path, file), CGROUP_TEXT, &text, &length);
	return result < 0 ? NULL : text;
}

/* The number behind "oom_kill " in memory.events (v2) or memory.oom_control (v1). */
static bool counts_oom_kill(const char *text)
{
	const char *at = text ? strstr(text, "oom_kill ") : NULL;
	return at && (at == text || at[-1] == '\n') && strtoull(at + strlen("oom_kill "), NULL, 10) > 0;
}

static const char *size_words(struct arena *arena, unsigned long long bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	while (bytes && bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}
	return arena_printf(arena, "%llu %s", bytes, units[unit]);
}

static const char *limit_words(struct arena *arena, const char *path)
{
	bool unified = counts_oom_kill(read_text(arena, path, "memory.events"));
	if (!unified && !counts_oom_kill(read_text(arena, path, "memory.oom_control")))
		return NULL;
	const char *limit = read_text(arena, path, unified ? "memory.max" : "memory.limit_in_bytes");
	unsigned long long bytes = limit ? strtoull(limit, NULL, 10) : 0;
	return bytes ? arena_printf(arena, ", memory limit %s reached", size_words(arena, bytes))
	             : ", memory limit reached";
}

const char *oom_words(struct arena *arena, const struct plan_block *block)
{
	const char *words = NULL;
	for (uint32_t i = 0; i < block->step_count && !words; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_make_cgroup)
			words = limit_words(arena, plan_string(block, step->make_cgroup.path));
	}
	return words ? words : "";
}
