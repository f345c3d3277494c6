/* cgroup_limits.c: the limits of a container, one row each: which file of cgroup v1 and of v2 takes it, and how. */
#include "plan/cgroup.h"
#include "plan/question.h"

#include "base/cpus.h"

#include <inttypes.h>
#include <string.h>

/* A value as the file takes it, in the arena; NULL when nothing is asked for. Engines write 0 for "no limit" where 0
 * is none that anybody could want. */
typedef const char *limit_value(struct arena *arena, const struct spec_resources *asked, bool unified);

/* --- values ------------------------------------------------------------------------------------------ */

/* Shares (2 to 262144) onto weights (1 to 10000), linearly, as the engines expect it. */
static const char *cpu_shares(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	uint64_t shares = asked->cpu.shares.value;
	if (!shares)
		return NULL;
	if (!unified)
		return arena_printf(arena, "%" PRIu64, shares);
	shares = shares < 2 ? 2 : shares > 262144 ? 262144 : shares;
	return arena_printf(arena, "%" PRIu64, 1 + (shares - 2) * 9999 / 262142);
}

/* v2 has one file for both, and takes "max" where v1 takes -1. */
static const char *cpu_max(struct arena *arena, const struct spec_cpu *cpu)
{
	enum { DEFAULT_PERIOD = 100000 }; /* microseconds: sched-bwc.rst */
	uint64_t period = cpu->period.value ? cpu->period.value : DEFAULT_PERIOD;
	if (cpu->quota.value > 0)
		return arena_printf(arena, "%" PRId64 " %" PRIu64, cpu->quota.value, period);
	return arena_printf(arena, "max %" PRIu64, period);
}

static const char *cpu_period(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	const struct spec_cpu *cpu = &asked->cpu;
	if (!cpu->period.value || (unified && cpu->quota.value))
		return NULL;
	return unified ? cpu_max(arena, &asked->cpu) : arena_printf(arena, "%" PRIu64, cpu->period.value);
}

static const char *cpu_quota(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	int64_t quota = asked->cpu.quota.value;
	if (!quota)
		return NULL;
	return unified ? cpu_max(arena, &asked->cpu) : arena_printf(arena, "%" PRId64, quota);
}

static const char *cpu_burst(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	uint64_t burst = asked->cpu.burst.value;
	return burst ? arena_printf(arena, "%" PRIu64, burst) : NULL;
}

static const char *cpu_idle(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	const struct opt_int *idle = &asked->cpu.idle;
	return idle->set ? arena_printf(arena, "%" PRId64, idle->value) : NULL;
}

static const char *cpu_cpus(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)arena, (void)unified;
	const char *cpus = asked->cpu.cpus;
	return cpus && *cpus ? cpus : NULL;
}

static const char *cpu_mems(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)arena, (void)unified;
	const char *mems = asked->cpu.mems;
	return mems && *mems ? mems : NULL;
}

static const char *bytes_or_none(struct arena *arena, int64_t bytes, bool unified)
{
	if (bytes == 0)
		return NULL;
	return bytes < 0 && unified ? "max" : arena_printf(arena, "%" PRId64, bytes);
}

static const char *memory_limit(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	return bytes_or_none(arena, asked->memory.limit.value, unified);
}

static const char *memory_reservation(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	return bytes_or_none(arena, asked->memory.reservation.value, unified);
}

/* The specification's swap is v1's: memory and swap together. v2 counts them apart. */
static const char *memory_swap(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	const struct spec_memory *memory = &asked->memory;
	if (!unified || memory->swap.value <= 0 || memory->limit.value <= 0)
		return bytes_or_none(arena, memory->swap.value, unified);
	return arena_printf(arena, "%" PRId64, memory->swap.value - memory->limit.value);
}

/* v2 has no such file: it always is so. */
static const char *memory_hierarchy(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)arena;
	return asked->memory.use_hierarchy.value && !unified ? "1" : NULL;
}

static const char *memory_kernel(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	return bytes_or_none(arena, asked->memory.kernel.value, unified);
}

static const char *memory_tcp(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	return bytes_or_none(arena, asked->memory.kernel_tcp.value, unified);
}

static const char *memory_swappiness(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	const struct opt_uint *swappiness = &asked->memory.swappiness;
	return swappiness->set ? arena_printf(arena, "%" PRIu64, swappiness->value) : NULL;
}

/* "1" stops the process that needs memory instead of killing one (memory.rst, "oom_control"). */
static const char *memory_oom(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)arena, (void)unified;
	return asked->memory.disable_oom_killer.value ? "1" : NULL;
}

static const char *cpu_realtime_period(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	uint64_t period = asked->cpu.realtime_period.value;
	return period ? arena_printf(arena, "%" PRIu64, period) : NULL;
}

static const char *cpu_realtime_runtime(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	int64_t runtime = asked->cpu.realtime_runtime.value;
	return runtime ? arena_printf(arena, "%" PRId64, runtime) : NULL;
}

/* 0 is a limit like any other: no further process (spec 1.3). */
static const char *pids_limit(struct arena *arena, const struct spec_resources *asked, bool unified)
{
	(void)unified;
	const struct opt_int *limit = &asked->pids_limit;
	if (!limit->set)
		return NULL;
	return limit->value < 0 ? "max" : arena_printf(arena, "%" PRId64, limit->value);
}

/* --- the table ---------------------------------------------------------------------------------------- */

/* Why cgroup v2 has no such file. */
#define NO_REALTIME "it does not divide real-time CPU time among cgroups"
#define NO_KERNEL "it counts the kernel's memory and socket buffers in memory.max: use /linux/resources/memory/limit"
#define NO_SWAPPINESS "the swappiness is the machine's (vm.swappiness); memory.swap.max limits swap"
#define NO_OOM_CONTROL "there the OOM killer cannot be switched off; oomScoreAdj says whom it takes first"

/* In the order of writing: a quota is checked against its period and a burst against its quota, memory and swap
 * together may not be below memory, and an idle group refuses a weight. */
static const struct limit {
	const char *pointer; /* below /linux/resources */
	const char *controller;
	struct cgroup_files files;
	limit_value *value;
} limits[] = {
	{ "cpu/shares", "cpu", { "cpu.shares", "cpu.weight", NULL }, cpu_shares },
	{ "cpu/period", "cpu", { "cpu.cfs_period_us", "cpu.max", NULL }, cpu_period },
	{ "cpu/quota", "cpu", { "cpu.cfs_quota_us", "cpu.max", NULL }, cpu_quota },
	{ "cpu/burst", "cpu", { "cpu.cfs_burst_us", "cpu.max.burst", NULL }, cpu_burst },
	{ "cpu/idle", "cpu", { "cpu.idle", "cpu.idle", NULL }, cpu_idle },
	{ "cpu/realtimePeriod", "cpu", { "cpu.rt_period_us", NULL, NO_REALTIME }, cpu_realtime_period },
	{ "cpu/realtimeRuntime", "cpu", { "cpu.rt_runtime_us", NULL, NO_REALTIME }, cpu_realtime_runtime },
	{ "cpu/cpus", "cpuset", { "cpuset.cpus", "cpuset.cpus", NULL }, cpu_cpus },
	{ "cpu/mems", "cpuset", { "cpuset.mems", "cpuset.mems", NULL }, cpu_mems },
	{ "memory/useHierarchy", "memory", { "memory.use_hierarchy", NULL, NULL }, memory_hierarchy },
	{ "memory/limit", "memory", { "memory.limit_in_bytes", "memory.max", NULL }, memory_limit },
	{ "memory/reservation", "memory", { "memory.soft_limit_in_bytes", "memory.low", NULL }, memory_reservation },
	{ "memory/swap", "memory", { "memory.memsw.limit_in_bytes", "memory.swap.max", NULL }, memory_swap },
	{ "memory/kernel", "memory", { "memory.kmem.limit_in_bytes", NULL, NO_KERNEL }, memory_kernel },
	{ "memory/kernelTCP", "memory", { "memory.kmem.tcp.limit_in_bytes", NULL, NO_KERNEL }, memory_tcp },
	{ "memory/swappiness", "memory", { "memory.swappiness", NULL, NO_SWAPPINESS }, memory_swappiness },
	{ "memory/disableOOMKiller", "memory", { "memory.oom_control", NULL, NO_OOM_CONTROL }, memory_oom },
	{ "pids/limit", "pids", { "pids.max", "pids.max", NULL }, pids_limit },
};
enum { LIMITS = sizeof(limits) / sizeof(*limits) };

static bool is_unlimited(const char *value)
{
	return strcmp(value, "max") == 0 || strcmp(value, "-1") == 0;
}

/* It is the version of cgroups that has no such limit, wherever the container is. */
static bool lacks_file(const struct plan_builder *builder, const char *controller, const struct cgroup_files *files)
{
	return !files->v2 && cgroup_is_unified(builder, controller);
}

bool cgroup_write_limit(struct plan_builder *builder, const char *controller, const struct cgroup_files *files,
                        const char *pointer, const char *value)
{
	const struct cgroup_place *place = cgroup_place_of(builder, controller);
	if (lacks_file(builder, controller, files)) {
		plan_refuse(builder, pointer, "cgroup v2 has no such limit: %s", files->v2_none);
		return false;
	}
	if (!place) {
		cgroup_refuse_controller(builder, controller, pointer);
		return false;
	}
	struct step *step = plan_add(builder, STEP_write_cgroup, "%s", pointer);
	step->write_cgroup.path = plan_put_text(builder, place->path);
	step->write_cgroup.file = plan_put_text(builder, place->hierarchy->unified ? files->v2 : files->v1);
	step->write_cgroup.value = plan_put_text(builder, value);
	return true;
}

/* False when it is refused. */
static bool write_limit(struct plan_builder *builder, const struct limit *limit)
{
	const char *value = limit->value(builder->arena, &builder->spec->linux_.resources,
	                                 cgroup_is_unified(builder, limit->controller));
	/* No limit is what there is without a cgroup. */
	if (!value || (!cgroup_place_of(builder, limit->controller) && is_unlimited(value)))
		return true;
	return cgroup_write_limit(builder, limit->controller, &limit->files,
	                          arena_printf(builder->arena, "/linux/resources/%s", limit->pointer), value);
}

static bool is_process_limit(const struct limit *limit)
{
	return strcmp(limit->controller, "pids") == 0;
}

static void check_cpuset(struct plan_builder *builder)
{
	const char *list = builder->spec->linux_.resources.cpu.cpus;
	struct cpus cpus;
	if (list && cpus_parse_list(list, &cpus))
		cpus_check(builder, &cpus, "/linux/resources/cpu/cpus");
}

void plan_cgroup_limits(struct plan_builder *builder)
{
	const struct opt_bool *hierarchy = &builder->spec->linux_.resources.memory.use_hierarchy;
	if (hierarchy->set && !hierarchy->value)
		plan_refuse(builder, "/linux/resources/memory/useHierarchy",
		            "since Linux 5.11 memory is always counted up the hierarchy");
	const char *refused = ""; /* rows of one controller stand together */
	for (size_t i = 0; i < LIMITS; i++) {
		if (is_process_limit(&limits[i]) || strcmp(limits[i].controller, refused) == 0)
			continue;
		if (!write_limit(builder, &limits[i]) && !lacks_file(builder, limits[i].controller, &limits[i].files))
			refused = limits[i].controller;
	}
	check_cpuset(builder);
	plan_cgroup_io(builder);
	plan_cgroup_named(builder);
}

void plan_cgroup_process_limit(struct plan_builder *builder)
{
	for (size_t i = 0; i < LIMITS; i++)
		if (is_process_limit(&limits[i]))
			write_limit(builder, &limits[i]);
	plan_cgroup_unified(builder, "pids");
}

bool cgroup_limit_is_asked(const struct plan_builder *builder, const char *controller)
{
	if (strcmp(controller, "io") == 0 && cgroup_io_is_asked(builder))
		return true;
	for (size_t i = 0; i < LIMITS; i++)
		if (strcmp(limits[i].controller, controller) == 0 &&
		    limits[i].value(builder->arena, &builder->spec->linux_.resources, true))
			return true;
	return cgroup_named_is_asked(builder, controller);
}
