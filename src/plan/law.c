/* law.c: what every plan keeps, whatever was asked for and wherever it is to run. */
#include "plan/law.h"
#include "plan/plan.h"

const struct law_list *const law_lists[LAW_LISTS] = {
	&laws_block, &laws_slot, &laws_order, &laws_process, &laws_world, &laws_identity, &laws_hooks,
};

const char *law_broken(const struct law_view *view, uint32_t index, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	const char *text = arena_vprintf(view->arena, format, list);
	va_end(list);
	if (index >= view->block->step_count)
		return text;
	unsigned kind = plan_step(view->block, index)->kind;
	return arena_printf(view->arena, "step %u (%s): %s", index + 1,
	                    kind < STEP_KIND_COUNT ? step_table[kind].name : "?", text);
}

const char *law_text(const struct law_view *view, plan_text text)
{
	return text ? plan_string(view->block, text) : "";
}

const struct step *law_giver(const struct law_view *view, plan_slot slot)
{
	for (uint32_t i = 0; slot && i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++)
			if (fields.items[k].type == FIELD_GIVES && step_slot(step, &fields.items[k]) == slot)
				return step;
	}
	return NULL;
}

static void note_namespaces(struct law_view *view, const struct step *step)
{
	if (step->kind == STEP_clone)
		view->made |= step->clone.namespaces;
	else if (step->kind == STEP_unshare)
		view->made |= step->unshare.namespaces;
	else if (step->kind == STEP_fork)
		view->made |= step->fork.namespaces;
	else if (step->kind == STEP_make_network)
		view->made |= ABI_NEWNET;
	else if (step->kind == STEP_join_namespace)
		view->joined |= step->join_namespace.type;
}

struct law_view *law_look(struct arena *arena, const struct plan_block *block)
{
	struct law_view *view = ARENA_NEW(arena, struct law_view);
	view->arena = arena;
	view->block = block;
	for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++)
		view->first[kind] = view->last[kind] = LAW_NONE;
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (view->count[step->kind]++ == 0)
			view->first[step->kind] = i;
		view->last[step->kind] = i;
		note_namespaces(view, step);
	}
	return view;
}

static const char *list_check(const struct law_view *view, const struct law_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct law *law = &list->laws[i];
		const char *broken = law->check(view);
		if (broken)
			return arena_printf(view->arena, "%s: %s (%s)", law->name, broken, law->reason);
	}
	return NULL;
}

const char *plan_law(struct arena *arena, const struct plan_block *block)
{
	const char *broken = list_check(&(struct law_view){ .arena = arena, .block = block }, law_lists[0]);
	if (broken)
		return broken;
	const struct law_view *view = law_look(arena, block);
	for (size_t i = 1; i < LAW_LISTS && !broken; i++)
		broken = list_check(view, law_lists[i]);
	return broken;
}
