/* box_note.c: a box's own properties to and from the annotation dev.kist.box. */
#include "spec/box_note.h"

#include "base/cpus.h"
#include "spec/decode.h"

#include <string.h>

/* The members of struct spec_box, and what stands elsewhere in the spec but has no place in a config.json. */
struct box_note {
	struct spec_box box;
	bool root_readonly; /* of an overlay: root.readonly is for runtimes that cannot make one */
	uint32_t *optional; /* mounts by index: struct spec_mount, optional */
	size_t optional_count;
	uint32_t masked_asked, readonly_asked;
};

static const struct name root_modes[] = {
	{ "plain", ROOT_BUNDLE },
	{ "overlay-of-host", ROOT_HOST_OVERLAY },
	{ "overlay", ROOT_DIR_OVERLAY },
};
static const struct name_table name_root_modes = { "root", root_modes, 3 };
static const struct name group_words[] = {
	{ "of-user", GROUPS_OF_USER },
	{ "given", GROUPS_GIVEN },
	{ "kept", GROUPS_KEPT },
};
static const struct name_table name_groups = { "groups", group_words, 3 };

static const struct name host_files[] = {
	{ "dns", SPEC_FILES_DNS },
	{ "tz", SPEC_FILES_TZ },
	{ "certs", SPEC_FILES_CERTS },
};
static const struct name_table name_host_files = { "file of the host", host_files, 3 };

static const struct field made_fields[] = {
	{ "path", field_path, MEMBER(struct spec_made, path), .required = true },
	{ "target", field_string, MEMBER(struct spec_made, target) },
	{ "beforeMount", field_integer, MEMBER(struct spec_made, mount), .range = &range_uint32, .required = true },
};
static const struct shape shape_made = { FIELDS(made_fields), .size = sizeof(struct spec_made) };

static void field_cpus(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	(void)field;
	struct box_note *note = object;
	struct cpus *cpus = ARENA_NEW(decoder->arena, struct cpus);
	const char *list;
	if (!value_string(decoder, at, &list))
		return;
	if (cpus_parse_list(list, cpus))
		note->box.affinity = cpus;
	else
		place_fault(decoder, at, "expected a list of processors such as \"0-3,7\"");
}

static bool encode_cpus(struct buf *out, const struct field *field, const void *object)
{
	(void)field;
	const struct cpus *cpus = ((const struct box_note *)object)->box.affinity;
	const char *comma = "\"";
	for (size_t i = 0; cpus && i < cpus->size * 8; i++) {
		if (!(cpus->bits[i / 8] >> i % 8 & 1))
			continue;
		buf_printf(out, "%s%zu", comma, i);
		comma = ",";
	}
	if (cpus)
		buf_putc(out, '"');
	return cpus;
}

static void field_arch(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	(void)field;
	struct box_note *note = object;
	const char *name;
	if (!value_string(decoder, at, &name))
		return;
	note->box.arch = spec_arch_named(name);
	if (!note->box.arch)
		place_fault(decoder, at, "unknown architecture %s", fault_quote(decoder->arena, name));
}

static bool encode_arch(struct buf *out, const struct field *field, const void *object)
{
	(void)field;
	const struct spec_arch *arch = ((const struct box_note *)object)->box.arch;
	if (arch)
		json_put_string(out, arch->name);
	return arch;
}

static const struct field note_fields[] = {
	{ "root", field_word, MEMBER(struct box_note, box.root_mode), .names = &name_root_modes, .required = true },
	{ "rootReadonly", field_bool, MEMBER(struct box_note, root_readonly) },
	{ "keep", field_path, MEMBER(struct box_note, box.keep) },
	{ "goOn", field_bool, MEMBER(struct box_note, box.go_on) },
	{ "fuse", field_bool, MEMBER(struct box_note, box.fuse) },
	{ "user", field_string, MEMBER(struct box_note, box.user) },
	{ "groups", field_word, MEMBER(struct box_note, box.groups), .names = &name_groups },
	{ "groupNames", field_strings, MEMBERS(struct box_note, box.group_names.items, box.group_names.count),
	  .limit = LIMIT_GROUPS },
	{ "argv0", field_string, MEMBER(struct box_note, box.argv0) },
	{ "hostProgram", field_path, MEMBER(struct box_note, box.host_program) },
	{ "hostFiles", field_words, MEMBER(struct box_note, box.host_files), .names = &name_host_files,
	  .limit = LIMIT_WORDS },
	{ "arch", field_arch, .encode = encode_arch },
	{ "xNumber", field_string, MEMBER(struct box_note, box.x_number) },
	{ "xAuthority", field_path, MEMBER(struct box_note, box.x_authority) },
	{ "affinity", field_cpus, .encode = encode_cpus },
	{ "made", field_objects, MEMBERS(struct box_note, box.made, box.made_count), .shape = &shape_made,
	  .limit = LIMIT_MOUNTS },
	{ "optionalMounts", field_ids, MEMBERS(struct box_note, optional, optional_count), .limit = LIMIT_MOUNTS },
	{ "maskedAsked", field_integer, MEMBER(struct box_note, masked_asked), .range = &range_uint32 },
	{ "readonlyAsked", field_integer, MEMBER(struct box_note, readonly_asked), .range = &range_uint32 },
	{ "dieWithRuntime", field_bool, MEMBER(struct box_note, box.die_with_runtime) },
	{ "dieWithParent", field_bool, MEMBER(struct box_note, box.die_with_parent) },
	{ "console", field_path, MEMBER(struct box_note, box.console) },
	{ "init", field_bool, MEMBER(struct box_note, box.init) },
	{ "timeoutMs", field_integer, MEMBER(struct box_note, box.timeout_ms), .range = &range_uint32 },
};
static const struct shape shape_note = { FIELDS(note_fields) };

static struct box_note note_of(struct arena *arena, const struct spec *spec)
{
	struct box_note note = {
		.box = spec->box,
		.root_readonly = spec->root.readonly,
		.optional = ARENA_ARRAY(arena, spec->mount_count, uint32_t),
		.masked_asked = (uint32_t)spec->box.masked_asked,
		.readonly_asked = (uint32_t)spec->box.readonly_asked,
	};
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].optional)
			note.optional[note.optional_count++] = (uint32_t)i;
	return note;
}

void box_note_add(struct arena *arena, struct spec *spec)
{
	struct spec_pairs *annotations = &spec->annotations;
	struct spec_pair *grown = ARENA_ARRAY(arena, annotations->count + 1, struct spec_pair);
	struct buf text = buf_in(arena);
	size_t count = 0;
	if (!spec->box.set)
		return;
	struct box_note note = note_of(arena, spec);
	shape_encode(&text, &shape_note, &note);
	for (size_t i = 0; i < annotations->count; i++)
		if (strcmp(annotations->items[i].key, BOX_NOTE) != 0)
			grown[count++] = annotations->items[i];
	grown[count++] = (struct spec_pair){ BOX_NOTE, text.bytes };
	*annotations = (struct spec_pairs){ grown, count };
	if (spec->box.root_mode != ROOT_BUNDLE)
		spec->root.readonly = true;
}

/* --- the way back ----------------------------------------------------------------------------------- */

static void take_note(struct decoder *decoder, const struct place *at, const struct box_note *note, struct spec *spec)
{
	spec->box = note->box;
	spec->box.set = true;
	spec->box.masked_asked = note->masked_asked;
	spec->box.readonly_asked = note->readonly_asked;
	if (spec->box.root_mode != ROOT_BUNDLE)
		spec->root.readonly = note->root_readonly;
	for (size_t i = 0; i < note->optional_count; i++) {
		if (note->optional[i] < spec->mount_count)
			spec->mounts[note->optional[i]].optional = true;
		else
			place_fault(decoder, at, "optionalMounts: there is no mount %u", (unsigned)note->optional[i]);
	}
	for (size_t i = 0; i < spec->box.made_count; i++)
		if (spec->box.made[i].mount > spec->mount_count || spec->box.made[i].path[0] != '/')
			place_fault(decoder, at, "made: expected an absolute path, and the number of a mount");
	if (note->masked_asked > spec->linux_.masked_paths.count ||
	    note->readonly_asked > spec->linux_.readonly_paths.count)
		place_fault(decoder, at, "maskedAsked and readonlyAsked: there are not so many paths");
	if (spec->box.keep && spec->box.keep[0] != '/')
		place_fault(decoder, at, "keep: expected an absolute path");
}

/* A text inside a string has no lines of the file: its faults stand where the string does. */
static void move_faults(struct spec_faults *faults, size_t first, const struct place *at)
{
	for (size_t i = first; i < faults->count; i++) {
		struct spec_fault *fault = &faults->items[i];
		const char *inner = fault->pointer[0] ? fault->pointer + 1 : "";
		fault->text = arena_printf(faults->arena, "%s%s%s", inner, *inner ? ": " : "", fault->text);
		fault->pointer = "/annotations/" BOX_NOTE;
		fault->line = at->value->line;
		fault->column = at->value->column;
	}
}

void box_note_read(struct decoder *decoder, const struct place *document, struct spec *spec)
{
	const struct json_value *annotations = json_member(document->value, "annotations");
	const struct json_value *value = annotations ? json_member(annotations, BOX_NOTE) : NULL;
	if (!value || value->type != JSON_STRING)
		return;
	struct place all = { .parent = document, .key = "annotations", .value = annotations };
	struct place at = { .parent = &all, .key = BOX_NOTE, .value = value };
	struct box_note note = { 0 };
	size_t before = decoder->faults->count;
	struct place inner = { .value = document_read(decoder, value->string, value->length) };
	if (inner.value)
		shape_decode(decoder, &inner, &shape_note, &note);
	move_faults(decoder->faults, before, &at);
	if (decoder->faults->count == before)
		take_note(decoder, &at, &note, spec);
}
