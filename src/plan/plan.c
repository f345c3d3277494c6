/* plan.c: what a plan says, in the order of time: each call is one topic, and each topic a file. */
#include "plan/plan.h"
#include "plan/build.h"

struct plan_block *plan_make(struct arena *arena, const struct spec *spec, const struct facts *facts,
                             const struct plan_request *request, struct spec_faults *faults)
{
	struct plan_builder builder = {
		.arena = arena,
		.spec = spec,
		.facts = facts,
		.request = request,
		.faults = faults,
	};
	size_t faults_before = faults->count;

	/* On the host, before there is a process. */
	plan_record(&builder);
	plan_cgroup(&builder);
	plan_trees(&builder);
	plan_host_program(&builder);
	plan_server_ids(&builder);
	plan_console(&builder);
	plan_make_gate(&builder);
	plan_log(&builder);
	/* The process, and how it becomes init. */
	plan_process(&builder);
	/* Its world, while the host's paths can still be named. */
	plan_root(&builder);
	plan_mounts(&builder);
	plan_devices(&builder);
	plan_hooks(&builder);
	plan_pivot(&builder);
	/* Its world, closed. */
	plan_late_mounts(&builder);
	plan_network(&builder);
	plan_protect(&builder);
	plan_names(&builder);
	/* Who it is, and what it runs. */
	plan_save(&builder);
	plan_identity(&builder);

	struct plan_block *block = plan_link(&builder);
	return faults->count == faults_before ? block : NULL;
}
