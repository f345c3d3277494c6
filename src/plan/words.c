/* words.c: steps in words: their fields, their deeds, and what else there is to say of them. */
#include "plan/words.h"
#include "json/json.h"
#include "plan/notation.h"
#include "plan/plan.h"
#include "spec/names.h"

#include <inttypes.h>
#include <string.h>

/* --- strings ---------------------------------------------------------------------------------------- */

/* C1 controls are two bytes in UTF-8, and some terminals obey them. */
static size_t control_length(const unsigned char *at)
{
	if (at[0] < 0x20 || at[0] == 0x7f)
		return 1;
	return at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0 ? 2 : 0;
}

void words_put_safe(struct buf *out, const char *string)
{
	for (const unsigned char *at = (const unsigned char *)string; *at;) {
		size_t control = control_length(at);
		for (size_t i = 0; i < control; i++)
			buf_printf(out, "\\x%02x", at[i]);
		if (!control)
			buf_putc(out, (char)*at);
		at += control ? control : 1;
	}
}

static bool needs_quotes(const char *string)
{
	return !*string || strpbrk(string, " \t\n\"'");
}

/* A word among others: in quotes when it would not be seen as one. */
static void put_word(struct buf *out, const char *string)
{
	if (needs_quotes(string))
		json_put_string(out, string);
	else
		words_put_safe(out, string);
}

void words_put_secret(struct buf *out, const char *variable)
{
	struct buf name = buf_in(out->arena);
	buf_put(&name, variable, strcspn(variable, "="));
	words_put_safe(out, name.bytes);
	buf_puts(out, "=…");
}

static void put_list(struct buf *out, struct words_of of, struct plan_span span, bool secret)
{
	const char *item = plan_bytes(of.block, span);
	for (uint32_t i = 0; i < span.count; i++, item += strlen(item) + 1) {
		if (i)
			buf_putc(out, ' ');
		if (secret)
			words_put_secret(out, item);
		else
			put_word(out, item);
	}
}

/* --- bytes ------------------------------------------------------------------------------------------ */

static void put_groups(struct buf *out, const uint32_t *groups, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		buf_printf(out, "%s%" PRIu32, i ? "," : "", groups[i]);
}

static void put_scheduler(struct buf *out, const void *bytes)
{
	/* struct sched_attr (sched_setattr(2)), as far as it is worth words. */
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
	} attr;
	memcpy(&attr, bytes, sizeof(attr));
	const char *policy = name_word(&name_policies, attr.policy);
	buf_printf(out, "%s,nice=%" PRId32 ",priority=%" PRIu32, policy ? policy : "?", attr.nice, attr.priority);
}

static void put_bytes(struct buf *out, struct words_of of, struct plan_span span)
{
	enum { SCHEDULER_BYTES = 24, INSTRUCTION_BYTES = 8 };
	const void *bytes = plan_bytes(of.block, span);
	if (of.step->kind == STEP_set_groups)
		put_groups(out, bytes, span.count / (uint32_t)sizeof(uint32_t));
	else if (of.step->kind == STEP_set_scheduler && span.count >= SCHEDULER_BYTES)
		put_scheduler(out, bytes);
	else if (of.step->kind == STEP_seccomp || of.step->kind == STEP_load_devices)
		buf_printf(out, "%" PRIu32 " instructions", span.count / INSTRUCTION_BYTES);
	else
		buf_printf(out, "%" PRIu32 " bytes", span.count);
}

/* --- fields, deeds, details ------------------------------------------------------------------------- */

/* "0 1000 1, 1 100000 65536": lines as a list. */
static void put_lines(struct buf *out, const char *text)
{
	for (const char *end; *text; text = end + (*end == '\n')) {
		end = text + strcspn(text, "\n");
		words_put_safe(out, arena_copy(out->arena, text, (size_t)(end - text)));
		buf_puts(out, end[0] && end[1] ? ", " : "");
	}
}

/* With no name to look for, lookup_user wants the home directory of a number. */
static void put_text(struct buf *out, struct words_of of, const struct step_field *field)
{
	const char *text = plan_string(of.block, step_text(of.step, field));
	if (text && (of.step->kind == STEP_write_idmap || of.step->kind == STEP_write_time_offsets))
		put_lines(out, text);
	else if (of.step->kind == STEP_lookup_user && text && !*text)
		buf_printf(out, "%" PRIu32, of.step->lookup_user.uid);
	else if (text)
		words_put_safe(out, text);
}

static void put_number(struct buf *out, struct words_of of, const struct step_field *field)
{
	const struct notation *notation = notation_of(of.step, field->name);
	uint64_t value = step_number(of.step, field);
	if (notation)
		notation->put(out, of.step, value);
	else
		buf_printf(out, field->type == FIELD_HEX ? "0x%" PRIx64 : "%" PRIu64, value);
}

bool words_has_notation(const struct step *step, const struct step_field *field)
{
	return notation_of(step, field->name) != NULL;
}

void words_put_field(struct buf *out, struct words_of of, const struct step_field *field)
{
	switch (field->type) {
	case FIELD_TAKES:
	case FIELD_GIVES:
		buf_printf(out, "%u", step_slot(of.step, field));
		break;
	case FIELD_HOST:
	case FIELD_INSIDE:
	case FIELD_TEXT:
		put_text(out, of, field);
		break;
	case FIELD_LIST:
	case FIELD_SECRET:
		put_list(out, of, step_span(of.step, field), field->type == FIELD_SECRET && !of.show_env);
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

void words_put_template(struct buf *out, struct words_of of, const char *words)
{
	for (const char *at = words; *at;) {
		size_t plain = strcspn(at, "{");
		buf_put(out, at, plain);
		at += plain;
		if (!*at)
			break;
		size_t length = strcspn(at + 1, "}");
		const struct step_field *field = step_field_named(of.step->kind, at + 1, length);
		if (field)
			words_put_field(out, of, field);
		at += length + 2;
	}
}

void words_put_deed(struct buf *out, struct words_of of)
{
	words_put_template(out, of, step_table[of.step->kind].words);
}

/* Details that read better in a form of their own than as name=value. */
static const char *const detail_forms[STEP_KIND_COUNT] = {
	[STEP_make_device] = "{how} {type} {major}:{minor} {mode}",
	[STEP_write_idmap] = "{which}: {text}",
	[STEP_write_time_offsets] = "{text}",
};

static bool said_in(const char *words, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = words ? strchr(words, '{') : NULL; at; at = strchr(at + 1, '{'))
		if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}')
			return true;
	return false;
}

static bool same_text(struct words_of of, plan_text one, plan_text other)
{
	return one && other && strcmp(plan_string(of.block, one), plan_string(of.block, other)) == 0;
}

/* What would only repeat the deed, another field, or another step. */
static bool said_elsewhere(struct words_of of, const struct step_field *field)
{
	const struct step *step = of.step;
	switch (step->kind) {
	case STEP_inspect_program: /* exec has the same arguments and environment */
	case STEP_make_record:     /* the id is the path's last part */
	case STEP_lookup_user:     /* the ids are looked up or said */
	case STEP_bind_console:
		return true;
	case STEP_run_hook: /* the state of the container is known */
	case STEP_run_hook_inside:
	case STEP_run_hook_at_start:
		return strcmp(field->name, "state") == 0 || strcmp(field->name, "rest") == 0;
	case STEP_keep_hooks: /* and so are the hooks */
		return strcmp(field->name, "text") == 0;
	case STEP_make_cgroup: /* its path begins with it */
		return strcmp(field->name, "hierarchy") == 0;
	case STEP_mount_fs: /* most file systems have no source, and are their own */
		return strcmp(field->name, "source") == 0 && same_text(of, step->mount_fs.source, step->mount_fs.type);
	case STEP_open_terminal: /* -1: as devpts gives it */
		return (strcmp(field->name, "uid") == 0 || strcmp(field->name, "gid") == 0) &&
		       step_number(step, field) == UINT32_MAX;
	default:
		return field == notation_recursion(step);
	}
}

static bool worth_saying(struct words_of of, const struct step_field *field)
{
	const struct step *step = of.step;
	const struct notation *notation = notation_of(step, field->name);
	if (said_in(step_table[step->kind].words, field->name) || said_in(detail_forms[step->kind], field->name) ||
	    said_elsewhere(of, field))
		return false;
	switch (field->type) {
	case FIELD_TAKES:
	case FIELD_GIVES:
		return false;
	case FIELD_HOST:
	case FIELD_INSIDE:
	case FIELD_TEXT:
		return step_text(step, field);
	case FIELD_LIST:
	case FIELD_SECRET:
	case FIELD_BYTES:
		return step_span(step, field).count;
	case FIELD_SMALL:
	case FIELD_HEX:
	case FIELD_WIDE:
	case FIELD_FLAG:
		break;
	}
	return step_number(step, field) || (notation && notation->zero);
}

/* Two capability sets that are the same are said once: "effective,permitted=CHOWN". */
static bool same_as_next(const struct step *step, const struct step_field *field, const struct step_field *end)
{
	return step->kind == STEP_set_caps && field + 1 < end &&
	       step_number(step, field) == step_number(step, field + 1);
}

/* Among other details a text with blanks in it would not be seen as one. */
static void put_detail(struct buf *out, struct words_of of, const struct step_field *field)
{
	bool text = field->type == FIELD_HOST || field->type == FIELD_INSIDE || field->type == FIELD_TEXT;
	if (text)
		put_word(out, plan_string(of.block, step_text(of.step, field)));
	else
		words_put_field(out, of, field);
}

void words_put_details(struct buf *out, struct words_of of)
{
	struct step_fields fields = step_fields(of.step->kind);
	const struct step_field *end = fields.items + fields.count;
	const char *form = detail_forms[of.step->kind], *between = form ? " " : "";
	if (form)
		words_put_template(out, of, form);
	for (const struct step_field *field = fields.items; field < end; field++) {
		if (!worth_saying(of, field))
			continue;
		buf_printf(out, "%s%s", between, field->name);
		between = " ";
		if (field->type == FIELD_FLAG)
			continue;
		if (same_as_next(of.step, field, end)) {
			between = ",";
			continue;
		}
		buf_putc(out, '=');
		put_detail(out, of, field);
	}
}

const char *words_slot_name(const struct plan_block *block, plan_slot slot)
{
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++)
			if (fields.items[k].type == FIELD_GIVES && step_slot(step, &fields.items[k]) == slot)
				return fields.items[k].name;
	}
	return "slot";
}

/* Before the byte at `length`, and before the character that it is in the middle of. */
static size_t whole_characters(const char *text, size_t length)
{
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return length;
}

/* As a part of a sentence: the arguments of a program may be megabytes. */
const char *plan_step_words(struct arena *arena, const struct plan_block *block, uint32_t index)
{
	enum { WORDS_MOST = 400 };
	struct buf words = buf_in(arena);
	words_put_deed(&words, (struct words_of){ .block = block, .step = plan_step(block, index) });
	if (words.length <= WORDS_MOST)
		return words.bytes;
	return arena_printf(arena, "%.*s…", (int)whole_characters(words.bytes, WORDS_MOST), words.bytes);
}
