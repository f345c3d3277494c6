/* pivot.c: the switch of root, after which no path of the host has a name. */
#include "plan/build.h"
#include "plan/question.h"

void plan_pivot(struct plan_builder *builder)
{
	struct step *step = plan_add(builder, STEP_pivot, NULL);
	step->pivot.root = builder->root;
	if (!namespace_is_new(builder, ABI_NEWNS))
		step->pivot.how = 'c'; /* there are no mounts of its own to pivot to */
	else
		step->pivot.how = builder->request->no_pivot ? 'm' : 'p';
}
