/* decode.c: the document: version, root, mounts, hooks, annotations; and the way from text to a checked spec. */
#include "spec/decode.h"

#include "spec/box_note.h"
#include "spec/check.h"
#include "spec/mount_option.h"

#include <string.h>

static const struct field root_fields[] = {
	{ "path", field_path, MEMBER(struct spec_root, path), .required = true },
	{ "readonly", field_bool, MEMBER(struct spec_root, readonly) },
};
static const struct shape shape_root = { FIELDS(root_fields), SETS(struct spec_root) };

static void finish_mount(struct decoder *decoder, const struct place *at, void *object)
{
	(void)at;
	struct spec_mount *mount = object;
	mount_options_fold(decoder->arena, &mount->option_words, &mount->options);
	/* The type of a bind mount is a dummy (B6), but "type": "bind" without the option "bind" means one too. */
	bool tree = mount->type && strcmp(mount->type, "rbind") == 0;
	if (!mount->options.bind && mount->type && (tree || strcmp(mount->type, "bind") == 0)) {
		mount->options.bind = true;
		mount->options.bind_rec = tree;
	}
}

static const struct field mount_fields[] = {
	{ "destination", field_path, MEMBER(struct spec_mount, destination), .required = true },
	{ "source", field_path, MEMBER(struct spec_mount, source) },
	{ "type", field_string, MEMBER(struct spec_mount, type) },
	{ "options", field_strings, MEMBERS(struct spec_mount, option_words.items, option_words.count),
	  .limit = LIMIT_OPTIONS },
	{ "uidMappings", field_objects, MEMBERS(struct spec_mount, uid_mappings.items, uid_mappings.count),
	  .shape = &shape_idmap, .limit = LIMIT_IDMAPS },
	{ "gidMappings", field_objects, MEMBERS(struct spec_mount, gid_mappings.items, gid_mappings.count),
	  .shape = &shape_idmap, .limit = LIMIT_IDMAPS },
};
static const struct shape shape_mount = { FIELDS(mount_fields), .size = sizeof(struct spec_mount),
	                                  .finish = finish_mount };

static const struct field hook_fields[] = {
	{ "path", field_path, MEMBER(struct spec_hook, path), .required = true },
	{ "args", field_strings, MEMBERS(struct spec_hook, args.items, args.count), .limit = LIMIT_STRINGS },
	{ "env", field_strings, MEMBERS(struct spec_hook, env.items, env.count), .limit = LIMIT_STRINGS },
	{ "timeout", field_opt_int, MEMBER(struct spec_hook, timeout), .range = &range_int64 },
};
static const struct shape shape_hook = { FIELDS(hook_fields), .size = sizeof(struct spec_hook) };

/* clang-format off */
#define HOOKS(word, kind) \
	{ word, field_objects, MEMBERS(struct spec, hooks[kind].items, hooks[kind].count), .shape = &shape_hook, \
	  .limit = LIMIT_HOOKS }
/* clang-format on */
static const struct field hooks_fields[] = {
	HOOKS("prestart", HOOK_PRESTART),
	HOOKS("createRuntime", HOOK_CREATE_RUNTIME),
	HOOKS("createContainer", HOOK_CREATE_CONTAINER),
	HOOKS("startContainer", HOOK_START_CONTAINER),
	HOOKS("poststart", HOOK_POSTSTART),
	HOOKS("poststop", HOOK_POSTSTOP),
};
static const struct shape shape_hooks = { FIELDS(hooks_fields) };

/* The object of a virtual machine: enough to refuse it by name where something is to be started. */
static void field_vm(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	(void)field;
	struct spec *spec = object;
	shape_decode(decoder, at, &shape_foreign, spec);
	spec->has_vm = true;
}

/* An object of another system: config.md wants it ignored; only a config that has no `linux` beside it is taken for
 * one of that system (struct spec, platform). */
static void field_platform(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec *spec = object;
	shape_decode(decoder, at, field->shape, spec); /* whose tables keep nothing */
	spec->platform = field->key;
}

static void finish_document(struct decoder *decoder, const struct place *at, void *object)
{
	struct spec *spec = object;
	if (spec->linux_.set)
		spec->platform = NULL;
	box_note_read(decoder, at, spec);
}

static const struct field document_fields[] = {
	{ "ociVersion", field_string, MEMBER(struct spec, oci_version), .required = true },
	{ "process", field_object, MEMBER(struct spec, process), .shape = &shape_process },
	{ "root", field_object, MEMBER(struct spec, root), .shape = &shape_root },
	{ "hostname", field_string, MEMBER(struct spec, hostname) },
	{ "domainname", field_string, MEMBER(struct spec, domainname) },
	{ "mounts", field_objects, MEMBERS(struct spec, mounts, mount_count), .shape = &shape_mount,
	  .limit = LIMIT_MOUNTS },
	{ "hooks", field_object, .shape = &shape_hooks }, /* its lists are members of struct spec itself: offset 0 */
	{ "annotations", field_pairs, MEMBERS(struct spec, annotations.items, annotations.count),
	  .limit = LIMIT_PAIRS },
	{ "linux", field_object, MEMBER(struct spec, linux_), .shape = &shape_linux },
	{ "vm", field_vm },
	{ "solaris", field_platform, .shape = &shape_foreign },
	{ "windows", field_platform, .shape = &shape_foreign },
	{ "freebsd", field_platform, .shape = &shape_freebsd },
	{ "zos", field_platform, .shape = &shape_foreign },
};
const struct shape shape_document = { FIELDS(document_fields), .finish = finish_document };

/* Finds the member whose key stands at a place, and puts its pointer together on the way back. */
static const char *pointer_of_key(struct arena *arena, const struct json_value *value, const struct json_error *place)
{
	bool holds = value->type == JSON_OBJECT || value->type == JSON_ARRAY;
	for (size_t i = 0; holds && i < value->count; i++) {
		const struct json_member *member = value->type == JSON_OBJECT ? &value->members[i] : NULL;
		if (member && member->line == place->line && member->column == place->column)
			return pointer_to_key(arena, "", member->key);
		const char *rest = pointer_of_key(arena, member ? &member->value : &value->items[i], place);
		if (!rest)
			continue;
		const char *first = member ? pointer_to_key(arena, "", member->key) : arena_printf(arena, "/%zu", i);
		return arena_printf(arena, "%s%s", first, rest);
	}
	return NULL;
}

static void add_duplicates(struct decoder *decoder, const struct json_value *document,
                           const struct json_duplicates *duplicates)
{
	for (size_t i = 0; i < duplicates->count && i <= FAULT_LIMIT; i++) {
		const struct json_error *duplicate = &duplicates->items[i];
		const char *pointer = pointer_of_key(decoder->arena, document, duplicate);
		fault_add(decoder->faults, FAULT_ERROR,
		          (struct spec_fault){
				  .line = duplicate->line,
				  .column = duplicate->column,
				  .pointer = pointer ? pointer : "",
				  .text = duplicate->text,
				  .check = "JSON",
			  });
	}
}

struct json_value *document_read(struct decoder *decoder, const char *text, size_t length)
{
	struct json_error error = { 0 };
	struct json_duplicates duplicates = { 0 };
	if (length > SPEC_LIMIT) {
		error.text = arena_printf(decoder->arena, "%zu bytes: kist reads a config of at most %d (4 MiB)",
		                          length, SPEC_LIMIT);
	} else {
		struct json_value *document = json_parse(decoder->arena, text, length, &error, &duplicates);
		if (document) {
			add_duplicates(decoder, document, &duplicates);
			return document;
		}
	}
	fault_add(decoder->faults, FAULT_ERROR,
	          (struct spec_fault){
			  .line = error.line,
			  .column = error.column,
			  .pointer = "",
			  .text = error.text,
			  .check = "JSON",
		  });
	return NULL;
}

struct spec *spec_decode(struct arena *arena, const char *text, size_t length, const char *source, const char *bundle,
                         struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	if (!faults->arena)
		faults->arena = arena;
	spec->source = source;
	spec->bundle = bundle;

	struct decoder decoder = { .arena = arena, .faults = faults };
	spec->document = document_read(&decoder, text, length);
	if (!spec->document)
		return spec;
	struct place document = { .value = spec->document };
	shape_decode(&decoder, &document, &shape_document, spec);
	if (spec->document->type == JSON_OBJECT)
		spec_check(arena, spec, faults);
	faults_sort(faults);
	return spec;
}
