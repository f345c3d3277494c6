/* update.h: new limits for a container that runs, as steps that write them into its cgroups. */
#ifndef KIST_PLAN_UPDATE_H
#define KIST_PLAN_UPDATE_H

#include "plan/plan.h"

/* What is known of the container. */
struct plan_update {
	const char *const *paths; /* its cgroups */
	size_t path_count;
	const char *cpu_max_now; /* text of its cpu.max; NULL: it has none */
	const char *memory_now;  /* what it uses, in bytes; NULL: not known */
};

/* Only steps write_cgroup and weigh_io, in an order that fits together. NULL with all reasons in faults. Pure. */
struct plan_block *plan_update(struct arena *arena, const struct spec *spec, const struct facts *facts,
                               const struct plan_update *update, struct spec_faults *faults);

#endif
