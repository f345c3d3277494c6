/* link.c: derives from the order of the steps who waits for whom and what is handed over, and closes the block.
 *
 * Both actors walk the same list. Nobody writes a protocol: a message is where the owner changes, a slot travels
 * with the first message after it was given that goes to somebody who will take it, and that is all there is. */
#include "plan/build.h"
#include "plan/step_table.h"
#include "plan/wire.h"

#include <stdalign.h>
#include <string.h>

enum { ACTORS = 2, NEVER = 0 };

struct linker {
	struct plan_builder *builder;
	bool has[ACTORS][PLAN_SLOTS + 1];
	uint32_t last_taken[ACTORS][PLAN_SLOTS + 1]; /* 1 + index of the actor's last step that takes the slot; NEVER */
	struct plan_crossing *crossings; /* their slots count from the start of `slots` until the block is closed */
	uint32_t count;
	struct buf slots;
};

/* Calls for every slot a step takes (or gives) without saying so forty-five times. */
static uint32_t step_slots(const struct step *step, enum step_field_type type, plan_slot *slots)
{
	struct step_fields fields = step_fields(step->kind);
	uint32_t count = 0;
	for (size_t i = 0; i < fields.count; i++)
		if (fields.items[i].type == type && step_slot(step, &fields.items[i]))
			slots[count++] = step_slot(step, &fields.items[i]);
	return count;
}

enum { STEP_SLOTS = 8 };

static void note_takers(struct linker *linker)
{
	plan_slot slots[STEP_SLOTS];
	for (uint32_t i = 0; i < linker->builder->step_count; i++) {
		const struct step *step = &linker->builder->steps[i];
		uint32_t count = step_slots(step, FIELD_TAKES, slots);
		for (uint32_t k = 0; k < count; k++)
			linker->last_taken[step->actor][slots[k]] = i + 1;
	}
}

/* True when the actor takes the slot at `index` or later. */
static bool takes_from(const struct linker *linker, enum step_actor actor, uint32_t index, plan_slot slot)
{
	return linker->last_taken[actor][slot] > index;
}

static void crossing_put(struct linker *linker, struct plan_crossing *crossing, plan_slot slot)
{
	if (crossing->how == 'm' && crossing->slots.count == WIRE_SLOTS) {
		plan_refuse(linker->builder, NULL, "this asks for more than %d descriptors to be handed over at once",
		            WIRE_SLOTS);
		return;
	}
	buf_put(&linker->slots, &slot, sizeof(slot));
	crossing->slots.count++;
}

static struct plan_crossing *crossing_add(struct linker *linker, uint32_t index, uint8_t how)
{
	struct plan_crossing *crossing = &linker->crossings[linker->count++];
	crossing->step = (uint16_t)index;
	crossing->how = how;
	crossing->slots.start = (uint32_t)linker->slots.length;
	return crossing;
}

/* What the sender has, the receiver will take and does not have. A local slot stays in its actor's memory. */
static void message(struct linker *linker, enum step_actor sender, uint32_t index)
{
	enum step_actor receiver = sender == ACTOR_INIT ? ACTOR_RUNTIME : ACTOR_INIT;
	struct plan_crossing *crossing = crossing_add(linker, index, 'm');
	for (uint32_t slot = 1; slot <= linker->builder->slot_count; slot++) {
		if (!linker->has[sender][slot] || linker->has[receiver][slot] ||
		    linker->builder->slot_types[slot] == SLOT_LOCAL ||
		    !takes_from(linker, receiver, index, (plan_slot)slot))
			continue;
		linker->has[receiver][slot] = true;
		crossing_put(linker, crossing, (plan_slot)slot);
	}
}

/* The child has what its parent had: descriptors by inheritance, numbers in its copy of the memory. Listed is what it
 * needs; it closes the rest. */
static void inherit(struct linker *linker, uint32_t index)
{
	struct plan_crossing *crossing = crossing_add(linker, index, 'c');
	for (uint32_t slot = 1; slot <= linker->builder->slot_count; slot++) {
		if (!linker->has[ACTOR_RUNTIME][slot] || linker->builder->slot_types[slot] == SLOT_LOCAL ||
		    !takes_from(linker, ACTOR_INIT, index, (plan_slot)slot))
			continue;
		linker->has[ACTOR_INIT][slot] = true;
		crossing_put(linker, crossing, (plan_slot)slot);
	}
}

/* Over its exec init keeps descriptors that it, or after a later message the runtime, will take. Memory is gone. */
static void keep(struct linker *linker, uint32_t index)
{
	struct plan_crossing *crossing = crossing_add(linker, index, 'e');
	for (uint32_t slot = 1; slot <= linker->builder->slot_count; slot++) {
		bool wanted = takes_from(linker, ACTOR_INIT, index, (plan_slot)slot) ||
		              (takes_from(linker, ACTOR_RUNTIME, index, (plan_slot)slot) &&
		               !linker->has[ACTOR_RUNTIME][slot]);
		bool kept = linker->has[ACTOR_INIT][slot] && wanted && linker->builder->slot_types[slot] == SLOT_FD;
		linker->has[ACTOR_INIT][slot] = kept;
		if (kept)
			crossing_put(linker, crossing, (plan_slot)slot);
	}
}

/* The first step of init from `index` on; the count of steps when there is none. */
static uint32_t next_of_init(const struct plan_builder *builder, uint32_t index)
{
	while (index < builder->step_count && builder->steps[index].actor != ACTOR_INIT)
		index++;
	return index;
}

/* The runtime's turn that begins here takes a slot that init gives. */
static bool waits_for_slot(const struct linker *linker, uint32_t index)
{
	const struct plan_builder *builder = linker->builder;
	plan_slot slots[STEP_SLOTS];
	for (; index < builder->step_count && builder->steps[index].actor == ACTOR_RUNTIME; index++) {
		uint32_t count = step_slots(&builder->steps[index], FIELD_TAKES, slots);
		for (uint32_t k = 0; k < count; k++)
			if (!linker->has[ACTOR_RUNTIME][slots[k]] && linker->has[ACTOR_INIT][slots[k]])
				return true;
	}
	return false;
}

/* The other actor's turn ends at `index`, and the one of this step waits for its word. A fresh child starts at once; so
 * does a turn of the runtime that needs nothing of init's, not even a slot. */
static bool is_told(const struct linker *linker, uint32_t index)
{
	const struct plan_builder *builder = linker->builder;
	const struct step *step = &builder->steps[index];
	if (index == 0 || step[-1].actor == step->actor || step[-1].kind == STEP_clone)
		return false;
	return step->actor == ACTOR_INIT || !step_turn_runs_ahead(builder->steps, builder->step_count, index) ||
	       waits_for_slot(linker, index);
}

static void walk(struct linker *linker)
{
	const struct plan_builder *builder = linker->builder;
	plan_slot slots[STEP_SLOTS];
	for (uint32_t i = 0; i < builder->step_count; i++) {
		const struct step *step = &builder->steps[i];
		if (is_told(linker, i))
			message(linker, step[-1].actor, i);
		if (step->kind == STEP_clone)
			inherit(linker, next_of_init(builder, i + 1));
		if (step->kind == STEP_exec_init)
			keep(linker, i + 1);
		uint32_t count = step_slots(step, FIELD_GIVES, slots);
		for (uint32_t k = 0; k < count; k++)
			linker->has[step->actor][slots[k]] = true;
	}
}

/* Of the closed block, or a few bytes more. */
static size_t block_size(const struct linker *linker)
{
	const struct plan_builder *builder = linker->builder;
	return sizeof(struct plan_block) + builder->store.length + alignof(struct step) +
	       builder->step_count * sizeof(*builder->steps) + linker->count * sizeof(*linker->crossings) +
	       linker->slots.length;
}

static struct plan_block *block_close(struct linker *linker)
{
	struct plan_builder *builder = linker->builder;
	struct buf block = buf_in(builder->arena);
	struct plan_block header = {
		.magic = PLAN_MAGIC,
		.step_count = builder->step_count,
		.crossing_count = linker->count,
		.slot_count = builder->slot_count,
		.terminal = builder->spec->process.terminal,
		.no_new_keyring = builder->request->no_new_keyring,
		.id = plan_put_text(builder, builder->request->id),
		.trouble = builder->request->trouble,
	};
	memcpy(header.slot_types, builder->slot_types, sizeof(header.slot_types));
	buf_reserve(&block, block_size(linker));
	buf_put(&block, &header, sizeof(header));
	buf_put(&block, builder->store.bytes, builder->store.length);
	buf_align(&block, alignof(struct step));
	header.step_start = (uint32_t)block.length;
	buf_put(&block, builder->steps, builder->step_count * sizeof(*builder->steps));
	header.crossing_start = (uint32_t)block.length;
	uint32_t slots_start = header.crossing_start + linker->count * (uint32_t)sizeof(*linker->crossings);
	for (uint32_t i = 0; i < linker->count; i++)
		linker->crossings[i].slots.start += slots_start;
	buf_put(&block, linker->crossings, linker->count * sizeof(*linker->crossings));
	buf_put(&block, linker->slots.bytes, linker->slots.length);
	header.size = (uint32_t)block.length;
	memcpy(block.bytes, &header, sizeof(header));
	return (struct plan_block *)(void *)block.bytes;
}

struct plan_block *plan_link(struct plan_builder *builder)
{
	struct linker *linker = ARENA_NEW(builder->arena, struct linker);
	linker->builder = builder;
	/* At most a message before each step, and one clone and one exec of init beside them. */
	linker->crossings = ARENA_ARRAY(builder->arena, builder->step_count * 2u, struct plan_crossing);
	linker->slots = buf_in(builder->arena);
	note_takers(linker);
	walk(linker);
	return block_close(linker);
}
