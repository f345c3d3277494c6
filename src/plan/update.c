/* update.c: new limits for a container that runs: the same steps that gave it its first ones, and no others. */
#include "plan/update.h"

#include "plan/cgroup.h"

#include <stdlib.h>
#include <string.h>

/* The hierarchy that the directory is in: the deepest mount above it. */
static const struct facts_hierarchy *hierarchy_of(const struct facts *facts, const char *path)
{
	const struct facts_hierarchy *found = NULL;
	for (size_t i = 0; i < facts->cgroup.count; i++) {
		const struct facts_hierarchy *hierarchy = &facts->cgroup.hierarchies[i];
		size_t length = strlen(hierarchy->mount);
		bool above = strncmp(path, hierarchy->mount, length) == 0 && path[length] == '/';
		if (above && (!found || length > strlen(found->mount)))
			found = hierarchy;
	}
	return found;
}

static struct cgroup_places *places_of(struct plan_builder *builder, const struct plan_update *update)
{
	struct cgroup_places *places = ARENA_NEW(builder->arena, struct cgroup_places);
	places->items = ARENA_ARRAY(builder->arena, update->path_count, struct cgroup_place);
	for (size_t i = 0; i < update->path_count; i++) {
		const struct facts_hierarchy *hierarchy = hierarchy_of(builder->facts, update->paths[i]);
		if (hierarchy)
			places->items[places->count++] = (struct cgroup_place){
				.hierarchy = hierarchy,
				.path = update->paths[i],
				.delegated = !hierarchy->root_writable,
			};
	}
	return places;
}

/* v2 has one file for quota and period: the one that is not asked for stays as it is. */
static void keep_other_half(struct spec_cpu *cpu, const char *now)
{
	char *end;
	if (!now || (!cpu->quota.value) == (!cpu->period.value))
		return;
	long long quota = strtoll(now, &end, 10);
	if (!cpu->quota.value)
		cpu->quota = (struct opt_int){ true, end == now ? -1 : quota };
	now += strcspn(now, " ");
	if (!cpu->period.value)
		cpu->period = (struct opt_uint){ true, strtoull(now, NULL, 10) };
}

static void check_usage(struct plan_builder *builder, const struct plan_update *update)
{
	const struct spec_memory *memory = &builder->spec->linux_.resources.memory;
	bool asked = memory->check_before_update.value && memory->limit.value > 0 && update->memory_now;
	unsigned long long used = asked ? strtoull(update->memory_now, NULL, 10) : 0;
	if (asked && used >= (unsigned long long)memory->limit.value)
		plan_refuse(builder, "/linux/resources/memory/limit",
		            "the container uses %llu bytes already, and checkBeforeUpdate asks not to go below that",
		            used);
}

struct plan_block *plan_update(struct arena *arena, const struct spec *spec, const struct facts *facts,
                               const struct plan_update *update, struct spec_faults *faults)
{
	struct spec whole = *spec;
	struct plan_request request = { .id = "" };
	struct plan_builder builder = {
		.arena = arena,
		.spec = &whole,
		.facts = facts,
		.request = &request,
		.faults = faults,
	};
	size_t faults_before = faults->count;
	keep_other_half(&whole.linux_.resources.cpu, update->cpu_max_now);
	builder.cgroups = places_of(&builder, update);
	check_usage(&builder, update);
	plan_cgroup_limits(&builder);
	plan_cgroup_process_limit(&builder);
	struct plan_block *block = plan_link(&builder);
	return faults->count == faults_before ? block : NULL;
}
