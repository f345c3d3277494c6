/* build.c: what the topics of plan/ build with: the growing list, the store of strings, slots, refusals. */
#include "plan/build.h"
#include "plan/step_table.h"
#include "spec/fault.h"

#include <string.h>

enum { FIRST_STEPS = 128, FIRST_TEXTS = 256 };

/* What the store holds begins behind the header, and the header's size keeps the store's alignment. */
static_assert(sizeof(struct plan_block) % 8 == 0, "bytes in the store are 8-aligned in the block");

/* --- the store ------------------------------------------------------------------------------------ */

static struct buf *store_of(struct plan_builder *builder)
{
	if (!builder->store.arena)
		builder->store = buf_in(builder->arena);
	return &builder->store;
}

static uint32_t store_end(struct plan_builder *builder)
{
	return (uint32_t)(sizeof(struct plan_block) + store_of(builder)->length);
}

static const char *stored_text(const struct plan_builder *builder, plan_text text)
{
	return builder->store.bytes + (text - sizeof(struct plan_block));
}

/* FNV-1a: short keys, and no adversary: a config can make its own plan slower, nobody else's. */
static uint32_t text_hash(const char *string)
{
	uint32_t hash = 2166136261u;
	for (; *string; string++)
		hash = (hash ^ (unsigned char)*string) * 16777619u;
	return hash;
}

/* The place of `string` in the hashed list: its own, or the free one where it belongs. */
static plan_text *text_place(const struct plan_builder *builder, const char *string)
{
	uint32_t mask = builder->text_capacity - 1;
	uint32_t at = text_hash(string) & mask;
	while (builder->texts[at] && strcmp(stored_text(builder, builder->texts[at]), string) != 0)
		at = (at + 1) & mask;
	return &builder->texts[at];
}

static void texts_grow(struct plan_builder *builder)
{
	plan_text *old = builder->texts;
	uint32_t old_capacity = builder->text_capacity;
	builder->text_capacity = old_capacity ? old_capacity * 2 : FIRST_TEXTS;
	builder->texts = ARENA_ARRAY(builder->arena, builder->text_capacity, plan_text);
	for (uint32_t i = 0; i < old_capacity; i++)
		if (old[i])
			*text_place(builder, stored_text(builder, old[i])) = old[i];
}

plan_text plan_put_text(struct plan_builder *builder, const char *string)
{
	if (!string)
		return 0;
	if (builder->text_count * 2 >= builder->text_capacity)
		texts_grow(builder);
	plan_text *place = text_place(builder, string);
	if (!*place) {
		*place = store_end(builder);
		builder->text_count++;
		buf_put(&builder->store, string, strlen(string) + 1);
	}
	return *place;
}

plan_text plan_put_format(struct plan_builder *builder, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	const char *string = arena_vprintf(builder->arena, format, list);
	va_end(list);
	return plan_put_text(builder, string);
}

struct plan_span plan_put_list(struct plan_builder *builder, const char *const *items, size_t count)
{
	if (count == 0)
		return (struct plan_span){ 0, 0 };
	struct plan_span span = { store_end(builder), (uint32_t)count };
	for (size_t i = 0; i < count; i++)
		buf_put(&builder->store, items[i], strlen(items[i]) + 1);
	return span;
}

struct plan_span plan_put_bytes(struct plan_builder *builder, const void *bytes, size_t count)
{
	if (count == 0)
		return (struct plan_span){ 0, 0 };
	/* Filters, scheduler attributes and group lists are read in place, as arrays of their own type. */
	buf_align(store_of(builder), 8);
	struct plan_span span = { store_end(builder), (uint32_t)count };
	buf_put(&builder->store, bytes, count);
	return span;
}

/* --- steps and slots ------------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 0))) static plan_text put_pointer(struct plan_builder *builder, const char *format,
                                                                   va_list list)
{
	return format ? plan_put_text(builder, arena_vprintf(builder->arena, format, list)) : 0;
}

struct step *plan_add(struct plan_builder *builder, enum step_kind kind, const char *pointer, ...)
{
	if (builder->step_count == builder->step_capacity) {
		uint32_t capacity = builder->step_capacity ? builder->step_capacity * 2 : FIRST_STEPS;
		struct step *steps = ARENA_ARRAY(builder->arena, capacity, struct step);
		if (builder->step_count)
			memcpy(steps, builder->steps, builder->step_count * sizeof(*steps));
		builder->steps = steps;
		builder->step_capacity = capacity;
	}
	va_list list;
	va_start(list, pointer);
	struct step *step = &builder->steps[builder->step_count++];
	*step = (struct step){
		.kind = (uint8_t)kind,
		.actor = (uint8_t)step_table[kind].actor,
		.pointer = put_pointer(builder, pointer, list),
	};
	va_end(list);
	return step;
}

plan_slot plan_new_slot(struct plan_builder *builder, enum slot_type type)
{
	if (builder->slot_count == PLAN_SLOTS) {
		plan_refuse(builder, NULL, "this asks for more than %d descriptors to be handed from step to step",
		            PLAN_SLOTS);
		return 0;
	}
	builder->slot_types[++builder->slot_count] = (uint8_t)type;
	return (plan_slot)builder->slot_count;
}

/* --- what cannot be done here --------------------------------------------------------------------- */

/* Also kist's own reasons get a place: the whole document. */
__attribute__((format(printf, 4, 0))) static void remark(struct plan_builder *builder, enum fault_kind kind,
                                                         const char *pointer, const char *format, va_list list)
{
	struct spec_fault fault = {
		.pointer = arena_string(builder->arena, pointer ? pointer : ""),
		.text = arena_vprintf(builder->arena, format, list),
		.check = "plan",
	};
	fault_add_at(builder->faults, kind, builder->spec->document, fault);
}

void plan_refuse(struct plan_builder *builder, const char *pointer, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	remark(builder, FAULT_ERROR, pointer, format, list);
	va_end(list);
}

void plan_warn(struct plan_builder *builder, const char *pointer, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	remark(builder, FAULT_WARNING, pointer, format, list);
	va_end(list);
}
