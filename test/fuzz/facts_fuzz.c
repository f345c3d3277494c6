/* facts_fuzz.c: another host's facts, and the texts that tell this one's; the first byte chooses which. */
#include "facts/parts.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_ranges(struct arena *arena, struct slice text)
{
	static const struct facts_owner owner = { "ann", 1000, 1000 };
	struct facts_range *ranges;
	size_t count = facts_find_ranges(arena, text, &owner, &ranges);
	for (size_t i = 0; i < count; i++) {
		uint64_t end = (uint64_t)ranges[i].first + ranges[i].count;
		if (ranges[i].count == 0 || end > UINT32_MAX || (ranges[i].first <= 1000 && end > 1000))
			abort();
		for (size_t k = 0; k < i; k++)
			if (ranges[k].first < end && ranges[i].first < (uint64_t)ranges[k].first + ranges[k].count)
				abort();
	}
	facts_find_user(arena, text, 1000);
}

static void check_mounts(struct arena *arena, struct slice text)
{
	struct facts_mount *mounts;
	size_t count = facts_parse_mounts(arena, text, &mounts);
	for (size_t i = 0; i < count; i++)
		if (mounts[i].path[0] != '/' || !mounts[i].type)
			abort();
	facts_proc_covered(mounts, count);
}

static int look_nowhere(const char *path, struct sys_filesystem *filesystem)
{
	*filesystem = (struct sys_filesystem){ .magic = strlen(path) % 2 ? UAPI_CGROUP_MAGIC : UAPI_CGROUP2_MAGIC };
	return 0;
}

static void check_cgroup(struct arena *arena, struct slice text)
{
	struct facts_cgroup_source source = { text, "/nonexistent", true, look_nowhere };
	struct facts_cgroup cgroup;
	facts_read_cgroup(arena, &source, &cgroup);
	for (size_t i = 0; i < cgroup.count; i++)
		if (cgroup.hierarchies[i].own[0] != '/' || strchr(cgroup.hierarchies[i].name, '/'))
			abort();
}

/* What was accepted is written as what is accepted again and written the same. */
static void check_json(struct arena *arena, struct slice text)
{
	struct facts facts, again;
	struct err err;
	struct buf out = buf_in(arena), twice = buf_in(arena);
	if (facts_read_json(arena, text.bytes, text.length, "host.json", &facts, &err) < 0)
		return;
	facts_write_json(&out, &facts);
	if (facts_read_json(arena, out.bytes, out.length, "host.json", &again, &err) < 0)
		abort();
	facts_write_json(&twice, &again);
	if (strcmp(out.bytes, twice.bytes) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static void (*const checks[])(struct arena *, struct slice) = { check_ranges, check_mounts, check_cgroup,
		                                                        check_json };
	struct arena arena;
	if (size == 0 || arena_open(&arena) < 0)
		return 0;
	/* A copy of exactly this size, so that the sanitizer sees a read past its end. */
	char *text = malloc(size - 1 ? size - 1 : 1);
	memcpy(text, bytes + 1, size - 1);
	checks[bytes[0] % 4](&arena, (struct slice){ text, size - 1 });
	free(text);
	arena_close(&arena);
	return 0;
}
