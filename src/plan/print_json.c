/* print_json.c: a plan as JSON: each step with its fields by the names of steps.def, and the crossings. */
#include "plan/print_json.h"
#include "json/json.h"
#include "plan/step_table.h"
#include "plan/words.h"

#include <inttypes.h>
#include <string.h>

static const char *const actor_names[] = { [ACTOR_RUNTIME] = "runtime", [ACTOR_INIT] = "container" };
static const char *const undo_names[] = {
	[UNDO_NONE] = NULL,
	[UNDO_REMOVE_RECORD] = "remove_record",
	[UNDO_REMOVE_TREE] = "remove_tree",
	[UNDO_REMOVE_CGROUP] = "remove_cgroup",
	[UNDO_KILL_PROCESS] = "kill_process",
	[UNDO_REMOVE_FILE] = "remove_file",
};

static void put_member(struct buf *out, const char *name, const char *string)
{
	buf_printf(out, ", \"%s\": ", name);
	json_put_string(out, string);
}

static void put_strings(struct buf *out, struct words_of of, struct plan_span span, bool secret)
{
	const char *item = plan_bytes(of.block, span);
	buf_putc(out, '[');
	for (uint32_t i = 0; i < span.count; i++, item += strlen(item) + 1) {
		struct buf shown = buf_in(out->arena);
		if (secret)
			words_put_secret(&shown, item);
		if (i)
			buf_puts(out, ", ");
		json_put_string(out, secret ? shown.bytes : item);
	}
	buf_putc(out, ']');
}

static void put_bytes(struct buf *out, struct words_of of, struct plan_span span)
{
	enum { INSTRUCTION_BYTES = 8 };
	const unsigned char *bytes = plan_bytes(of.block, span);
	if (of.step->kind == STEP_seccomp || of.step->kind == STEP_load_devices) {
		buf_printf(out, "{\"instructions\": %" PRIu32 "}", span.count / INSTRUCTION_BYTES);
		return;
	}
	if (of.step->kind == STEP_keep_hooks) { /* environments are in it */
		buf_printf(out, "{\"bytes\": %" PRIu32 "}", span.count);
		return;
	}
	buf_putc(out, '"');
	for (uint32_t i = 0; i < span.count; i++)
		buf_printf(out, "%02x", bytes[i]);
	buf_putc(out, '"');
}

static void put_number(struct buf *out, struct words_of of, const struct step_field *field)
{
	uint64_t value = step_number(of.step, field);
	struct buf notation = buf_in(out->arena);
	buf_puts(&notation, "");
	if (field->type == FIELD_FLAG) {
		buf_puts(out, value ? "true" : "false");
	} else if (words_has_notation(of.step, field)) {
		words_put_field(&notation, of, field);
		json_put_string(out, notation.bytes);
	} else {
		buf_printf(out, "%" PRIu64, value);
	}
}

static bool is_absent(struct words_of of, const struct step_field *field)
{
	switch (field->type) {
	case FIELD_TAKES:
	case FIELD_GIVES:
		return !step_slot(of.step, field);
	case FIELD_HOST:
	case FIELD_INSIDE:
	case FIELD_TEXT:
		return !step_text(of.step, field);
	case FIELD_LIST:
	case FIELD_SECRET:
	case FIELD_BYTES:
		return !step_span(of.step, field).count;
	case FIELD_SMALL:
	case FIELD_HEX:
	case FIELD_WIDE:
	case FIELD_FLAG:
		break;
	}
	return false;
}

static void put_field(struct buf *out, struct words_of of, const struct step_field *field)
{
	if (is_absent(of, field))
		return;
	buf_printf(out, ", \"%s\": ", field->name);
	switch (field->type) {
	case FIELD_TAKES:
	case FIELD_GIVES:
		buf_printf(out, "%u", step_slot(of.step, field));
		break;
	case FIELD_HOST:
	case FIELD_INSIDE:
	case FIELD_TEXT:
		json_put_string(out, plan_string(of.block, step_text(of.step, field)));
		break;
	case FIELD_LIST:
	case FIELD_SECRET:
		put_strings(out, of, step_span(of.step, field), field->type == FIELD_SECRET && !of.show_env);
		break;
	case FIELD_BYTES:
		put_bytes(out, of, step_span(of.step, field));
		break;
	case FIELD_SMALL:
	case FIELD_HEX:
	case FIELD_WIDE:
	case FIELD_FLAG:
		put_number(out, of, field);
		break;
	}
}

/* The step's own members come first and have names that no field has; "fields" keeps the others apart from them. */
static void put_step(struct buf *out, struct words_of of, uint32_t number)
{
	const struct step_description *description = &step_table[of.step->kind];
	struct buf deed = buf_in(out->arena);
	words_put_deed(&deed, of);
	buf_printf(out, "{\"n\": %" PRIu32, number);
	put_member(out, "kind", description->name);
	put_member(out, "actor", actor_names[description->actor]);
	put_member(out, "deed", deed.bytes);
	if (of.step->pointer)
		put_member(out, "asked_by", plan_string(of.block, of.step->pointer));
	if (undo_names[description->undo])
		put_member(out, "undo", undo_names[description->undo]);
	struct buf members = buf_in(out->arena);
	struct step_fields fields = step_fields(of.step->kind);
	for (size_t i = 0; i < fields.count; i++)
		put_field(&members, of, &fields.items[i]);
	buf_printf(out, ", \"fields\": {%s}}", members.length ? members.bytes + strlen(", ") : "");
}

static void put_crossing(struct buf *out, const struct plan_block *block, const struct plan_crossing *crossing)
{
	const char *how = crossing->how == 'm' ? "message" : crossing->how == 'c' ? "clone" : "exec";
	buf_printf(out, "{\"before\": %u, \"how\": \"%s\", \"slots\": [", crossing->step + 1u, how);
	for (uint32_t i = 0; i < crossing->slots.count; i++) {
		plan_slot slot = plan_crossing_slots(block, crossing)[i];
		buf_printf(out, "%s{\"slot\": %u", i ? ", " : "", slot);
		put_member(out, "name", words_slot_name(block, slot));
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
}

void plan_print_json(struct buf *out, const struct plan_block *block, bool show_env)
{
	buf_puts(out, "{\n  \"kist\": \"" KIST_VERSION "\"");
	if (block->id)
		put_member(out, "id", plan_string(block, block->id));
	buf_puts(out, ",\n  \"steps\": [");
	for (uint32_t i = 0; i < block->step_count; i++) {
		buf_puts(out, i ? ",\n    " : "\n    ");
		put_step(out, (struct words_of){ block, plan_step(block, i), show_env }, i + 1);
	}
	buf_puts(out, "\n  ],\n  \"crossings\": [");
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		buf_puts(out, i ? ",\n    " : "\n    ");
		put_crossing(out, block, plan_crossing_at(block, i));
	}
	buf_puts(out, "\n  ]\n}\n");
}
