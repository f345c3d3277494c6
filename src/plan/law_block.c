/* law_block.c: laws of the block itself: that it can be walked and every reference in it followed.
 *
 * Init maps the block and follows its offsets without asking; these are the laws that make it safe to. */
#include "plan/law.h"
#include "plan/wire.h"

#include <stdalign.h>
#include <string.h>

static bool holds(const struct plan_block *block, uint64_t start, uint64_t length)
{
	return start >= sizeof(*block) && start <= block->size && length <= block->size - start;
}

static const char *whole(const struct law_view *view)
{
	const struct plan_block *block = view->block;
	if (block->magic != PLAN_MAGIC)
		return "the magic number is not a plan's";
	if (!block->step_count || block->step_count > UINT16_MAX)
		return "it has no steps, or more than a crossing can number";
	if (!holds(block, block->step_start, (uint64_t)block->step_count * sizeof(struct step)) ||
	    block->step_start % alignof(struct step))
		return "the steps do not lie in the block";
	if (!holds(block, block->crossing_start, (uint64_t)block->crossing_count * sizeof(struct plan_crossing)) ||
	    block->crossing_start % alignof(struct plan_crossing))
		return "the crossings do not lie in the block";
	if (block->slot_count > PLAN_SLOTS)
		return "it has too many slots";
	return NULL;
}

static const char *kinds(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind >= STEP_KIND_COUNT)
			return law_broken(view, i, "there is no kind %u", step->kind);
		if (step->actor != step_table[step->kind].actor)
			return law_broken(view, i, "its actor is not the one of its kind");
	}
	return NULL;
}

/* The bytes from `start` that strings may take: the store lies between the header and the steps. */
static size_t store_left(const struct plan_block *block, uint32_t start)
{
	return start >= sizeof(*block) && start < block->step_start ? block->step_start - start : 0;
}

static bool text_sound(const struct plan_block *block, plan_text text)
{
	size_t left = text ? store_left(block, text) : 1;
	return !text || (left && memchr((const char *)block + text, '\0', left));
}

static bool list_sound(const struct plan_block *block, struct plan_span span)
{
	uint32_t start = span.start;
	for (uint32_t i = 0; i < span.count; i++) {
		size_t left = store_left(block, start);
		const char *string = (const char *)block + start;
		const char *end = left ? memchr(string, '\0', left) : NULL;
		if (!end)
			return false;
		start += (uint32_t)(end - string) + 1;
	}
	return true;
}

static bool bytes_sound(const struct plan_block *block, struct plan_span span)
{
	return span.count == 0 || (span.count <= store_left(block, span.start) && span.start % 8 == 0);
}

static bool field_sound(const struct plan_block *block, const struct step *step, const struct step_field *field)
{
	switch (field->type) {
	case FIELD_HOST:
	case FIELD_INSIDE:
	case FIELD_TEXT:
		return text_sound(block, step_text(step, field));
	case FIELD_LIST:
	case FIELD_SECRET:
		return list_sound(block, step_span(step, field));
	case FIELD_BYTES:
		return bytes_sound(block, step_span(step, field));
	case FIELD_TAKES:
	case FIELD_GIVES:
		return step_slot(step, field) <= block->slot_count;
	case FIELD_SMALL:
	case FIELD_HEX:
	case FIELD_WIDE:
	case FIELD_FLAG:
		break;
	}
	return true;
}

static const char *references(const struct law_view *view)
{
	const struct plan_block *block = view->block;
	if (!text_sound(block, block->id))
		return "the id is not in the block";
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (!text_sound(block, step->pointer))
			return law_broken(view, i, "its place is not in the block");
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++)
			if (!field_sound(block, step, &fields.items[k]))
				return law_broken(view, i, "%s refers to nothing in the block", fields.items[k].name);
	}
	return NULL;
}

/* Its slots lie where the block ends, behind the last crossing. */
static bool crossing_sound(const struct plan_block *block, const struct plan_crossing *crossing)
{
	uint32_t first = block->crossing_start + block->crossing_count * (uint32_t)sizeof(*crossing);
	uint32_t start = crossing->slots.start, most = crossing->how == 'm' ? WIRE_SLOTS : PLAN_SLOTS;
	return memchr("mce", crossing->how, 3) && crossing->slots.count <= most && start % alignof(plan_slot) == 0 &&
	       start >= first && start <= block->size &&
	       crossing->slots.count <= (block->size - start) / sizeof(plan_slot);
}

static const char *crossings(const struct law_view *view)
{
	const struct plan_block *block = view->block;
	uint32_t before = 0;
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		const struct plan_crossing *crossing = plan_crossing_at(block, i);
		if (crossing->step >= block->step_count || crossing->step < before || !crossing_sound(block, crossing))
			return law_broken(view, crossing->step, "crossing %u is malformed", i + 1);
		before = crossing->step;
		for (uint32_t k = 0; k < crossing->slots.count; k++)
			if (!plan_crossing_slots(block, crossing)[k] ||
			    plan_crossing_slots(block, crossing)[k] > block->slot_count)
				return law_broken(view, crossing->step, "crossing %u names no slot", i + 1);
	}
	return NULL;
}

static const struct law laws[] = {
	{ "a plan is one block", "init maps it and walks it as it is", whole },
	{ "a step belongs to the actor of its kind", "the other actor has no code for it", kinds },
	{ "a reference ends inside the block", "init follows it without asking", references },
	{ "a crossing names steps and slots of the plan", "both actors index with them", crossings },
};
const struct law_list laws_block = { laws, sizeof(laws) / sizeof(*laws) };
