/* step_table.c: the table of step kinds and their fields, made from steps.def. */
#include "plan/step_table.h"

#include <string.h>

const struct step_description step_table[STEP_KIND_COUNT] = {
#define STEP(kind, actor, undo, words) [STEP_##kind] = { #kind, words, ACTOR_##actor, UNDO_##undo },
#define END(kind)
#define FIELD_NONE(name)
#define TAKES FIELD_NONE
#define GIVES FIELD_NONE
#define HOST FIELD_NONE
#define INSIDE FIELD_NONE
#define TEXT FIELD_NONE
#define LIST FIELD_NONE
#define SECRET FIELD_NONE
#define BYTES FIELD_NONE
#define SMALL FIELD_NONE
#define HEX FIELD_NONE
#define WIDE FIELD_NONE
#define FLAG FIELD_NONE
#include "plan/steps.def"
#include "plan/steps_undef.h"
};

/* A field of steps.def does not say which kind it belongs to, but offsetof must know: hence the scopes of a switch,
 * where `here` is another struct in each. */
struct step_fields step_fields(enum step_kind kind)
{
	switch (kind) {
#define STEP(kind, actor, undo, words)                                                                                 \
	case STEP_##kind: {                                                                                            \
		struct here {                                                                                          \
			struct step_##kind step;                                                                       \
		};                                                                                                     \
		static const struct step_field fields[] = {
#define END(kind)                                                                                                      \
	}                                                                                                              \
	;                                                                                                              \
	return (struct step_fields){ fields, sizeof(fields) / sizeof(*fields) };                                       \
	}
/* Every member of the union starts at the same place. */
#define FIELD(type, name) { #name, FIELD_##type, offsetof(struct step, exec) + offsetof(struct here, step.name) },
#define TAKES(name) FIELD(TAKES, name)
#define GIVES(name) FIELD(GIVES, name)
#define HOST(name) FIELD(HOST, name)
#define INSIDE(name) FIELD(INSIDE, name)
#define TEXT(name) FIELD(TEXT, name)
#define LIST(name) FIELD(LIST, name)
#define SECRET(name) FIELD(SECRET, name)
#define BYTES(name) FIELD(BYTES, name)
#define SMALL(name) FIELD(SMALL, name)
#define HEX(name) FIELD(HEX, name)
#define WIDE(name) FIELD(WIDE, name)
#define FLAG(name) FIELD(FLAG, name)
#include "plan/steps.def"
#include "plan/steps_undef.h"
#undef FIELD
	case STEP_KIND_COUNT:
		break;
	}
	return (struct step_fields){ NULL, 0 };
}

const struct step_field *step_field_named(enum step_kind kind, const char *name, size_t length)
{
	struct step_fields fields = step_fields(kind);
	for (size_t i = 0; i < fields.count; i++)
		if (strlen(fields.items[i].name) == length && memcmp(fields.items[i].name, name, length) == 0)
			return &fields.items[i];
	return NULL;
}

/* They touch the process from outside, or not at all. */
static const bool runs_ahead[STEP_KIND_COUNT] = {
	[STEP_save_process] = true,
	[STEP_make_network] = true,
};

bool step_turn_runs_ahead(const struct step *steps, uint32_t count, uint32_t index)
{
	for (; index < count && steps[index].actor == ACTOR_RUNTIME; index++)
		if (!runs_ahead[steps[index].kind])
			return false;
	return true;
}

static const char *field_at(const struct step *step, const struct step_field *field)
{
	return (const char *)step + field->offset;
}

plan_slot step_slot(const struct step *step, const struct step_field *field)
{
	return *(const plan_slot *)field_at(step, field);
}

plan_text step_text(const struct step *step, const struct step_field *field)
{
	plan_text text;
	memcpy(&text, field_at(step, field), sizeof(text));
	return text;
}

struct plan_span step_span(const struct step *step, const struct step_field *field)
{
	struct plan_span span;
	memcpy(&span, field_at(step, field), sizeof(span));
	return span;
}

uint64_t step_number(const struct step *step, const struct step_field *field)
{
	uint64_t wide;
	uint32_t small;
	if (field->type == FIELD_FLAG)
		return *(const uint8_t *)field_at(step, field);
	if (field->type == FIELD_WIDE) {
		memcpy(&wide, field_at(step, field), sizeof(wide));
		return wide;
	}
	memcpy(&small, field_at(step, field), sizeof(small));
	return small;
}
