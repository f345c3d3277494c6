/* law_hooks.c: laws of hooks: their order, what they are told, where their programs are. */
#include "plan/law.h"

#include <string.h>

/* Which of the lists a step is of, in the order of time; -1: it is no hook. */
static int hook_list(const struct law_view *view, const struct step *step, uint32_t *index)
{
	switch (step->kind) {
	case STEP_run_hook:
		*index = step->run_hook.index;
		return strcmp(law_text(view, step->run_hook.type), "prestart") == 0 ? 0 : 1;
	case STEP_run_hook_inside:
		*index = step->run_hook_inside.index;
		return 2;
	case STEP_run_hook_at_start:
		*index = step->run_hook_at_start.index;
		return 3;
	default:
		return -1;
	}
}

static const char *listed_order(const struct law_view *view)
{
	int list = 0;
	uint32_t next = 0;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		uint32_t index;
		int here = hook_list(view, plan_step(view->block, i), &index);
		if (here < 0)
			continue;
		if (here != list)
			next = 0;
		if (here < list || index != next)
			return law_broken(view, i, "it is not its turn");
		list = here;
		next++;
	}
	return NULL;
}

static const char *own_pid(const struct law_view *view)
{
	plan_slot own = plan_step(view->block, view->first[STEP_save_process])->save_process.pid;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_run_hook && step->run_hook.pid != own)
			return law_broken(view, i, "it is told of another process");
	}
	return NULL;
}

static const char *inner_absolute(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_run_hook_at_start && *law_text(view, step->run_hook_at_start.path) != '/')
			return law_broken(view, i, "its path is searched for from wherever init stands");
	}
	return NULL;
}

static const struct law laws[] = {
	{ "hooks run in the order of their lists", "runtime-spec, \"POSIX-platform Hooks\"", listed_order },
	{ "a hook is told of the container's process", "it enters the namespaces of that pid", own_pid },
	{ "a startContainer hook is a path of the container", "runtime-spec: it MUST be absolute", inner_absolute },
};
const struct law_list laws_hooks = { laws, sizeof(laws) / sizeof(*laws) };
