/* words.c: steps in words. Which number has which notation is one table. */
#include "plan/words.h"
#include "base/abi.h"
#include "plan/plan.h"
#include "spec/names.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* The field of that name (up to `length`), or NULL. */
static const struct step_field *field_named(const struct step *step, const char *name, size_t length)
{
	struct step_fields fields = step_fields(step->kind);
	for (size_t i = 0; i < fields.count; i++)
		if (strlen(fields.items[i].name) == length && memcmp(fields.items[i].name, name, length) == 0)
			return &fields.items[i];
	return NULL;
}

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
	const char *quote = needs_quotes(string) ? "\"" : "";
	buf_puts(out, quote);
	words_put_safe(out, string);
	buf_puts(out, quote);
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

/* --- numbers with names ----------------------------------------------------------------------------- */

/* Appends ",<word>", without the comma for the first. */
static void put_joined(struct buf *out, size_t start, const char *word)
{
	if (out->length > start)
		buf_putc(out, ',');
	buf_puts(out, word);
}

/* Every bit by its name; bits without one as a number. */
static void put_bits(struct buf *out, const struct name_table *table, uint64_t value)
{
	size_t start = out->length;
	for (size_t i = 0; i < table->count; i++) {
		const struct name *name = &table->names[i];
		if (!name->value || (value & name->value) != name->value)
			continue;
		put_joined(out, start, name->word);
		value &= ~name->value;
	}
	if (value || out->length == start)
		put_joined(out, start, arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_namespaces(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	put_bits(out, &name_namespaces, value);
}

static void put_filter_flags(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	put_bits(out, &name_seccomp_flags, value);
}

static void put_resource(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	const char *word = name_word(&name_rlimits, value);
	buf_puts(out, word ? word : "?");
}

static void put_limit(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	if (value == UINT64_MAX)
		buf_puts(out, "unlimited");
	else
		buf_printf(out, "%" PRIu64, value);
}

static void put_signed(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	buf_printf(out, "%" PRId64, (int64_t)value);
}

static void put_octal(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	buf_printf(out, "%04" PRIo64, value);
}

/* The step's flag that says the same of all mounts below; NULL: it has none. */
static const struct step_field *recursion_of(const struct step *step)
{
	const char *name = step->kind == STEP_set_propagation ? "recursive" : "propagation_rec";
	return field_named(step, name, strlen(name));
}

static void put_propagation(struct buf *out, struct words_of of, uint64_t value)
{
	const struct step_field *recursion = recursion_of(of.step);
	uint64_t below = recursion && step_number(of.step, recursion) ? NAME_RECURSIVE : 0;
	const char *word = name_word(&name_propagations, value | below);
	buf_puts(out, word ? word : arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_io_class(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	const char *word = name_word(&name_io_classes, value);
	buf_puts(out, word ? word : "none");
}

static void put_letter(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	buf_putc(out, isgraph((int)(value & 0x7f)) ? (char)value : '?');
}

/* mount_setattr(2): the access times are a field of values, the rest are bits. */
static void put_attributes(struct buf *out, struct words_of of, uint64_t value)
{
	static const struct {
		uint64_t mask, value;
		const char *word;
	} rows[] = {
		{ ABI_ATTR_RDONLY, ABI_ATTR_RDONLY, "ro" },
		{ ABI_ATTR_NOSUID, ABI_ATTR_NOSUID, "nosuid" },
		{ ABI_ATTR_NODEV, ABI_ATTR_NODEV, "nodev" },
		{ ABI_ATTR_NOEXEC, ABI_ATTR_NOEXEC, "noexec" },
		{ ABI_ATTR_ATIME, ABI_ATTR_NOATIME, "noatime" },
		{ ABI_ATTR_ATIME, ABI_ATTR_STRICTATIME, "strictatime" },
		{ ABI_ATTR_ATIME, ABI_ATTR_ATIME, "atime" },
		{ ABI_ATTR_NODIRATIME, ABI_ATTR_NODIRATIME, "nodiratime" },
		{ ABI_ATTR_IDMAP, ABI_ATTR_IDMAP, "idmap" },
		{ ABI_ATTR_NOSYMFOLLOW, ABI_ATTR_NOSYMFOLLOW, "nosymfollow" },
	};
	(void)of;
	size_t start = out->length;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if ((value & rows[i].mask) == rows[i].value) {
			put_joined(out, start, rows[i].word);
			value &= ~rows[i].mask;
		}
	if (value)
		put_joined(out, start, arena_printf(out->arena, "0x%" PRIx64, value));
}

static void put_capabilities(struct buf *out, struct words_of of, uint64_t value)
{
	(void)of;
	size_t start = out->length;
	if ((value & ((1ULL << ABI_CAP_COUNT) - 1)) == (1ULL << ABI_CAP_COUNT) - 1) {
		buf_puts(out, "all");
		return;
	}
	for (size_t i = 0; i < name_capabilities.count; i++)
		if (value >> name_capabilities.names[i].value & 1)
			put_joined(out, start, name_capabilities.names[i].word + strlen("CAP_"));
	if (out->length == start)
		buf_puts(out, "none");
}

static void put_way(struct buf *out, struct words_of of, uint64_t value)
{
	static const struct {
		enum step_kind kind;
		char letter;
		const char *word;
	} rows[] = {
		{ STEP_write_idmap, 'u', "uid" },       { STEP_write_idmap, 'g', "gid" },
		{ STEP_write_idmap, 's', "setgroups" }, { STEP_set_name, 'h', "hostname" },
		{ STEP_set_name, 'd', "domainname" },   { STEP_open_root, 'b', "bind" },
		{ STEP_open_root, 'd', "directory" },   { STEP_open_root, 'f', "filesystem" },
		{ STEP_make_device, 'n', "mknod" },     { STEP_make_device, 'b', "bind" },
		{ STEP_pivot, 'p', "pivot_root" },      { STEP_pivot, 'm', "move" },
		{ STEP_pivot, 'c', "chroot" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].kind == of.step->kind && (uint64_t)rows[i].letter == value) {
			buf_puts(out, rows[i].word);
			return;
		}
	put_letter(out, of, value);
}

/* An id that lookup_user finds in the container is not known yet; -1 keeps the one there is (setresuid(2)). */
static void put_id(struct buf *out, struct words_of of, uint64_t value)
{
	plan_slot identity = of.step->kind == STEP_set_uid ? of.step->set_uid.identity : of.step->set_gid.identity;
	if (identity)
		buf_puts(out, "the one looked up");
	else if (value == UINT32_MAX)
		buf_puts(out, "what it is");
	else
		buf_printf(out, "%" PRIu64, value);
}

struct notation {
	enum step_kind kind; /* STEP_KIND_COUNT: any */
	const char *field;
	void (*put)(struct buf *out, struct words_of of, uint64_t value);
	bool zero; /* said also when it is 0 */
};

static const struct notation notations[] = {
	{ STEP_KIND_COUNT, "namespaces", put_namespaces, false },
	{ STEP_open_namespace, "type", put_namespaces, true },
	{ STEP_join_namespace, "type", put_namespaces, true },
	{ STEP_make_device, "type", put_letter, true },
	{ STEP_make_device, "major", put_signed, true },
	{ STEP_make_device, "minor", put_signed, true },
	{ STEP_KIND_COUNT, "how", put_way, true },
	{ STEP_KIND_COUNT, "which", put_way, true },
	{ STEP_KIND_COUNT, "mode", put_octal, true },
	{ STEP_set_umask, "mask", put_octal, true },
	{ STEP_KIND_COUNT, "propagation", put_propagation, false },
	{ STEP_KIND_COUNT, "attr_set", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_clear", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_set_rec", put_attributes, false },
	{ STEP_KIND_COUNT, "attr_clear_rec", put_attributes, false },
	{ STEP_set_rlimit, "resource", put_resource, true },
	{ STEP_set_rlimit, "soft", put_limit, true },
	{ STEP_set_rlimit, "hard", put_limit, true },
	{ STEP_set_oom_score, "value", put_signed, true },
	{ STEP_set_io_priority, "class", put_io_class, true },
	{ STEP_set_io_priority, "priority", put_signed, true },
	{ STEP_set_uid, "uid", put_id, true },
	{ STEP_set_gid, "gid", put_id, true },
	{ STEP_drop_bounding, "keep", put_capabilities, true },
	{ STEP_set_caps, "effective", put_capabilities, true },
	{ STEP_set_caps, "permitted", put_capabilities, true },
	{ STEP_set_caps, "inheritable", put_capabilities, true },
	{ STEP_set_caps, "ambient", put_capabilities, true },
	{ STEP_seccomp, "flags", put_filter_flags, false },
};

static const struct notation *notation_of(const struct step *step, const char *field)
{
	for (size_t i = 0; i < sizeof(notations) / sizeof(*notations); i++)
		if ((notations[i].kind == step->kind || notations[i].kind == STEP_KIND_COUNT) &&
		    strcmp(notations[i].field, field) == 0)
			return &notations[i];
	return NULL;
}

bool words_has_notation(const struct step *step, const struct step_field *field)
{
	return notation_of(step, field->name) != NULL;
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
		notation->put(out, of, value);
	else
		buf_printf(out, field->type == FIELD_HEX ? "0x%" PRIx64 : "%" PRIu64, value);
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
		const struct step_field *field = field_named(of.step, at + 1, length);
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
	case STEP_make_cgroup: /* its path begins with it */
		return strcmp(field->name, "hierarchy") == 0;
	case STEP_mount_fs: /* most file systems have no source, and are their own */
		return strcmp(field->name, "source") == 0 && same_text(of, step->mount_fs.source, step->mount_fs.type);
	case STEP_open_terminal: /* -1: as devpts gives it */
		return (strcmp(field->name, "uid") == 0 || strcmp(field->name, "gid") == 0) &&
		       step_number(step, field) == UINT32_MAX;
	default:
		return field == recursion_of(step);
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
	const struct notation *notation = notation_of(step, field->name);
	return notation && notation->put == put_capabilities && field + 1 < end &&
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

const char *plan_step_words(struct arena *arena, const struct plan_block *block, uint32_t index)
{
	struct buf words = buf_in(arena);
	words_put_deed(&words, (struct words_of){ .block = block, .step = plan_step(block, index) });
	return words.bytes;
}
