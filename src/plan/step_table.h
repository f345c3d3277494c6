/* step_table.h: what each kind is called, who does it, which fields it has: for the printer, the laws and errors. */
#ifndef KIST_PLAN_STEP_TABLE_H
#define KIST_PLAN_STEP_TABLE_H

#include "plan/steps.h"

#include <stdbool.h>

enum step_field_type {
	FIELD_TAKES,
	FIELD_GIVES,
	FIELD_HOST,
	FIELD_INSIDE,
	FIELD_TEXT,
	FIELD_LIST,
	FIELD_SECRET,
	FIELD_BYTES,
	FIELD_SMALL,
	FIELD_HEX,
	FIELD_WIDE,
	FIELD_FLAG,
};

struct step_field {
	const char *name;
	enum step_field_type type;
	uint16_t offset; /* in struct step */
};

struct step_description {
	const char *name;  /* "mount_fs" */
	const char *words; /* "mount {type} on {path}" */
	enum step_actor actor;
	enum step_undo undo;
};

/* One row per kind, in the order of enum step_kind. */
extern const struct step_description step_table[STEP_KIND_COUNT];

/* The fields of a kind, in the order of its struct. A constant table; empty for an unknown kind. */
struct step_fields {
	const struct step_field *items;
	size_t count;
};
struct step_fields step_fields(enum step_kind kind);
/* The field of that name, `length` bytes long; NULL: the kind has none. */
const struct step_field *step_field_named(enum step_kind kind, const char *name, size_t length);

/* True when the runtime's turn that begins at `index` needs nothing of what init did before it in the list: it is not
 * waited for, and only init waits, where the turn ends. So both work at the same time. */
bool step_turn_runs_ahead(const struct step *steps, uint32_t count, uint32_t index);

/* Reading a field of a step: the slot of TAKES and GIVES; the reference of HOST, INSIDE and TEXT; the span of LIST,
 * SECRET and BYTES; the number of SMALL, HEX, WIDE and FLAG. */
plan_slot step_slot(const struct step *step, const struct step_field *field);
plan_text step_text(const struct step *step, const struct step_field *field);
struct plan_span step_span(const struct step *step, const struct step_field *field);
uint64_t step_number(const struct step *step, const struct step_field *field);

#endif
