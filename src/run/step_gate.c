/* step_gate.c: the start gate, and what will have to be known of the steps behind it. */
#include "base/fd.h"
#include "plan/plan.h"
#include "plan/step_table.h"
#include "run/walk.h"
#include "state/gate.h"

int step_make_gate(struct walk *walk, const struct step *step)
{
	int gate = gate_make(&walk->run->record);
	if (gate < 0)
		return gate;
	walk->slots[step->make_gate.gate] = gate;
	return 0;
}

static bool kills(const struct walk *walk, uint32_t first)
{
	for (uint32_t i = first; i < walk->block->step_count; i++)
		if (plan_step(walk->block, i)->kind == STEP_seccomp)
			return plan_step(walk->block, i)->seccomp.kills_exec;
	return false;
}

/* The plan goes with this process; `start` will be told of a failed step by its number alone. */
static int save_words(struct walk *walk)
{
	const uint32_t first = walk->index + 1, count = walk->block->step_count - first;
	const bool filter = kills(walk, first);
	struct late_step *steps = ARENA_ARRAY(walk->arena, count, struct late_step);
	for (uint32_t i = 0; i < count; i++) {
		const struct step *step = plan_step(walk->block, first + i);
		steps[i].name = step_table[step->kind].name;
		steps[i].pointer = walk_text(walk, step->pointer);
		steps[i].words = plan_step_words(walk->arena, walk->block, first + i);
		steps[i].kills = filter && step->kind == STEP_exec;
	}
	return late_save(walk->arena, &walk->run->record, first, steps, count);
}

int step_open_gate(struct walk *walk, const struct step *step)
{
	(void)step;
	int result = save_words(walk);
	if (result < 0)
		return step_fail(walk, result, "what is behind it cannot be noted");
	return gate_publish(&walk->run->record);
}
