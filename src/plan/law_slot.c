/* law_slot.c: laws of what is handed from step to step: given once, taken later, of the right type, and it arrives. */
#include "plan/law.h"

#include <string.h>

/* What a slot holds follows from what the fields of steps.def call it; every other name is a descriptor. */
static const struct {
	const char *name;
	enum slot_type type;
} slot_names[] = {
	{ "pid", SLOT_NUMBER },
	{ "identity", SLOT_LOCAL },
	{ "program", SLOT_LOCAL },
};

/* The slots a step can do without. Every other field of TAKES and GIVES is filled in. */
static const struct {
	enum step_kind kind;
	const char *name;
} may_be_absent[] = {
	{ STEP_clone, "cgroup" },   /* v1, or no cgroup at all */
	{ STEP_open_root, "tree" }, /* init opens the path itself */
	{ STEP_bind, "tree" },
	{ STEP_open_root, "channel" },   /* a file system that the kernel itself answers for */
	{ STEP_open_tree, "idmap" },     /* its owners are shown as they are */
	{ STEP_set_groups, "identity" }, /* ids by number */
	{ STEP_set_gid, "identity" },
	{ STEP_set_uid, "identity" },
	{ STEP_exec, "identity" },
	{ STEP_lookup_groups, "identity" },
	{ STEP_inspect_program, "file" },
	{ STEP_exec, "file" },
	{ STEP_take_pipes, "identity" },
};

static enum slot_type slot_type_of(const char *name)
{
	for (size_t i = 0; i < sizeof(slot_names) / sizeof(*slot_names); i++)
		if (strcmp(slot_names[i].name, name) == 0)
			return slot_names[i].type;
	return SLOT_FD;
}

static bool is_slot(const struct step_field *field)
{
	return field->type == FIELD_TAKES || field->type == FIELD_GIVES;
}

static const char *types(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++) {
			const struct step_field *field = &fields.items[k];
			plan_slot slot = is_slot(field) ? step_slot(step, field) : 0;
			if (slot && view->block->slot_types[slot] != slot_type_of(field->name))
				return law_broken(view, i, "slot %u does not hold a %s", slot, field->name);
		}
	}
	return NULL;
}

static bool absent_allowed(enum step_kind kind, const char *name)
{
	for (size_t i = 0; i < sizeof(may_be_absent) / sizeof(*may_be_absent); i++)
		if (may_be_absent[i].kind == kind && strcmp(may_be_absent[i].name, name) == 0)
			return true;
	return false;
}

static const char *filled(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++) {
			const struct step_field *field = &fields.items[k];
			if (is_slot(field) && !step_slot(step, field) && !absent_allowed(step->kind, field->name))
				return law_broken(view, i, "it has no %s", field->name);
		}
	}
	return NULL;
}

static const char *once(const struct law_view *view)
{
	bool given[PLAN_SLOTS + 1] = { false };
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++) {
			const struct step_field *field = &fields.items[k];
			plan_slot slot = is_slot(field) ? step_slot(step, field) : 0;
			if (slot && field->type == FIELD_TAKES && !given[slot])
				return law_broken(view, i, "takes %s (slot %u) before it is given", field->name, slot);
			if (slot && field->type == FIELD_GIVES && given[slot])
				return law_broken(view, i, "gives %s (slot %u) again", field->name, slot);
			if (slot && field->type == FIELD_GIVES)
				given[slot] = true;
		}
	}
	return NULL;
}

/* --- the crossings, walked as the two actors will ---------------------------------------------------- */

struct walk {
	const struct law_view *view;
	bool has[2][PLAN_SLOTS + 1]; /* by enum step_actor */
	uint32_t crossing;           /* the next one */
};

/* The crossing of this sort at this step, if it is the next one; it is then used up. */
static const struct plan_crossing *next_crossing(struct walk *walk, uint32_t index, uint8_t how)
{
	if (walk->crossing == walk->view->block->crossing_count)
		return NULL;
	const struct plan_crossing *crossing = plan_crossing_at(walk->view->block, walk->crossing);
	if (crossing->step != index || crossing->how != how)
		return NULL;
	walk->crossing++;
	return crossing;
}

/* What `sender` hands over is afterwards with init, or with the other actor. */
static const char *hand_over(struct walk *walk, const struct plan_crossing *crossing, enum step_actor sender)
{
	bool kept[PLAN_SLOTS + 1] = { false };
	for (uint32_t i = 0; i < crossing->slots.count; i++) {
		plan_slot slot = plan_crossing_slots(walk->view->block, crossing)[i];
		unsigned type = walk->view->block->slot_types[slot];
		if (!walk->has[sender][slot])
			return law_broken(walk->view, crossing->step, "slot %u is handed over by one without it", slot);
		if (type == SLOT_LOCAL || (type == SLOT_NUMBER && crossing->how == 'e'))
			return law_broken(walk->view, crossing->step, "slot %u cannot be handed over", slot);
		kept[slot] = true;
	}
	enum step_actor receiver = crossing->how == 'm' && sender == ACTOR_INIT ? ACTOR_RUNTIME : ACTOR_INIT;
	for (uint32_t slot = 1; slot <= PLAN_SLOTS; slot++)
		walk->has[receiver][slot] = kept[slot] || (walk->has[receiver][slot] && crossing->how == 'm');
	return NULL;
}

static const char *step_walk(struct walk *walk, const struct step *step, uint32_t index)
{
	struct step_fields fields = step_fields(step->kind);
	for (size_t i = 0; i < fields.count; i++) {
		plan_slot slot = is_slot(&fields.items[i]) ? step_slot(step, &fields.items[i]) : 0;
		if (slot && fields.items[i].type == FIELD_TAKES && !walk->has[step->actor][slot])
			return law_broken(walk->view, index, "%s (slot %u) has not reached it", fields.items[i].name,
			                  slot);
		if (slot && fields.items[i].type == FIELD_GIVES)
			walk->has[step->actor][slot] = true;
	}
	return NULL;
}

/* The crossings that belong right before a step. */
static const char *cross(struct walk *walk, uint32_t index, bool born)
{
	const struct step *step = plan_step(walk->view->block, index);
	const struct step *before = index ? step - 1 : NULL;
	const struct plan_crossing *crossing;
	const char *broken = NULL;
	if (born) {
		crossing = next_crossing(walk, index, 'c');
		broken = crossing ? hand_over(walk, crossing, ACTOR_RUNTIME)
		                  : law_broken(walk->view, index, "the child inherits nothing");
	}
	if (!broken && before && before->kind == STEP_exec_init) {
		crossing = next_crossing(walk, index, 'e');
		broken = crossing ? hand_over(walk, crossing, ACTOR_INIT)
		                  : law_broken(walk->view, index, "init keeps nothing over its exec");
	}
	if (!broken && before && before->actor != step->actor && before->kind != STEP_clone) {
		crossing = next_crossing(walk, index, 'm');
		bool ahead = step->actor == ACTOR_RUNTIME && step_turn_runs_ahead(plan_step(walk->view->block, 0),
		                                                                  walk->view->block->step_count, index);
		if (crossing)
			broken = hand_over(walk, crossing, before->actor);
		else if (!ahead)
			broken = law_broken(walk->view, index, "it is not told to go on");
	}
	return broken;
}

static const char *arrives(const struct law_view *view)
{
	struct walk walk = { .view = view };
	bool cloned = false, born = false;
	const char *broken = NULL;
	for (uint32_t i = 0; i < view->block->step_count && !broken; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->actor == ACTOR_INIT && !cloned)
			return law_broken(view, i, "there is no process yet to do it");
		bool birth = step->actor == ACTOR_INIT && !born;
		born |= birth;
		broken = cross(&walk, i, birth);
		if (!broken)
			broken = step_walk(&walk, step, i);
		cloned |= step->kind == STEP_clone;
	}
	if (!broken && walk.crossing != view->block->crossing_count)
		return law_broken(view, plan_crossing_at(view->block, walk.crossing)->step, "nothing crosses here");
	return broken;
}

static const struct law laws[] = {
	{ "a slot holds what its takers expect", "a descriptor taken for a number is another one's descriptor", types },
	{ "a step has all it needs", "only ids by number and the absent cgroup are optional", filled },
	{ "a slot is given once, before it is taken", "nothing else orders the two actors", once },
	{ "what a step takes has reached its actor", "descriptors cross only where the list changes hands", arrives },
};
const struct law_list laws_slot = { laws, sizeof(laws) / sizeof(*laws) };
