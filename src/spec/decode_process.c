/* decode_process.c: what runs: arguments, ids, capabilities, limits, scheduling. */
#include "spec/decode.h"

#include <string.h>

static const struct field user_fields[] = {
	{ "uid", field_integer, MEMBER(struct spec_user, uid), .range = &range_uint32 },
	{ "gid", field_integer, MEMBER(struct spec_user, gid), .range = &range_uint32 },
	{ "umask", field_opt_uint, MEMBER(struct spec_user, umask), .range = &range_uint32 },
	{ "additionalGids", field_ids, MEMBERS(struct spec_user, additional_gids, additional_gid_count),
	  .limit = LIMIT_GROUPS },
	{ "username", field_string, MEMBER(struct spec_user, username) },
};
static const struct shape shape_user = { FIELDS(user_fields) };

static const struct field console_fields[] = {
	{ "height", field_opt_uint, MEMBER(struct spec_process, console_height), .range = &range_uint64,
	  .required = true },
	{ "width", field_opt_uint, MEMBER(struct spec_process, console_width), .range = &range_uint64,
	  .required = true },
};
static const struct shape shape_console = { FIELDS(console_fields) };

static bool strings_have(const struct spec_strings *strings, const char *wanted)
{
	for (size_t i = 0; i < strings->count; i++) {
		if (strcmp(strings->items[i], wanted) == 0)
			return true;
	}
	return false;
}

/* A name that no table has: a warning and no fault, so that a config written for a newer kernel still starts (C8). It
 * usually stands in several of the five sets; one warning is enough. */
static void add_unknown(struct decoder *decoder, const struct place *at, const char *word,
                        struct spec_capabilities *set)
{
	if (strings_have(&set->unknown, word))
		return;
	const char **grown = ARENA_ARRAY(decoder->arena, set->unknown.count + 1, const char *);
	if (set->unknown.count)
		memcpy(grown, set->unknown.items, set->unknown.count * sizeof(*grown));
	grown[set->unknown.count++] = word;
	set->unknown.items = grown;
	place_remark(decoder, FAULT_WARNING, at, "%s: ignored", unknown_word(decoder->arena, &name_capabilities, word));
}

static void field_capabilities(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec_capabilities *capabilities = object;
	if (!value_array(decoder, at, "an array of strings", field->limit))
		return;
	uint64_t bits = 0;
	for (size_t i = 0; i < at->value->count; i++) {
		struct place item = place_item(at, i);
		const char *word;
		uint64_t number;
		if (!value_string(decoder, &item, &word))
			continue;
		if (name_value(&name_capabilities, word, &number))
			bits |= UINT64_C(1) << number;
		else
			add_unknown(decoder, &item, word, capabilities);
	}
	memcpy((char *)object + field->offset, &bits, sizeof(bits));
}

/* Also an empty set is said: it is what the reader looks for. */
static bool encode_capabilities(struct buf *out, const struct field *field, const void *object)
{
	uint64_t bits;
	memcpy(&bits, (const char *)object + field->offset, sizeof(bits));
	const char *comma = "";
	buf_putc(out, '[');
	for (unsigned number = 0; number < ABI_CAP_COUNT; number++) {
		if (!(bits >> number & 1))
			continue;
		buf_puts(out, comma);
		json_put_string(out, name_word(&name_capabilities, number));
		comma = ",";
	}
	buf_putc(out, ']');
	return true;
}

/* clang-format off */
#define CAPABILITIES(set) \
	{ #set, field_capabilities, MEMBER(struct spec_capabilities, set), .limit = LIMIT_CAPABILITIES, \
	  .encode = encode_capabilities }
/* clang-format on */
static const struct field capability_fields[] = {
	CAPABILITIES(bounding),  CAPABILITIES(effective), CAPABILITIES(inheritable),
	CAPABILITIES(permitted), CAPABILITIES(ambient),
};
static const struct shape shape_capabilities = { FIELDS(capability_fields), SETS(struct spec_capabilities) };

static void field_rlimit_type(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct spec_rlimit *rlimit = object;
	field_word(decoder, at, field, object);
	rlimit->type = at->value->type == JSON_STRING ? at->value->string : NULL;
}

static const struct field rlimit_fields[] = {
	{ "type", field_rlimit_type, MEMBER(struct spec_rlimit, resource), .names = &name_rlimits, .required = true,
	  .encode = encode_word },
	{ "soft", field_integer, MEMBER(struct spec_rlimit, soft), .range = &range_uint64, .required = true },
	{ "hard", field_integer, MEMBER(struct spec_rlimit, hard), .range = &range_uint64, .required = true },
};
static const struct shape shape_rlimit = { FIELDS(rlimit_fields), .size = sizeof(struct spec_rlimit) };

static const struct field scheduler_fields[] = {
	{ "policy", field_word, MEMBER(struct spec_scheduler, policy), .names = &name_policies, .required = true },
	{ "nice", field_integer, MEMBER(struct spec_scheduler, nice), .range = &range_int32 },
	{ "priority", field_integer, MEMBER(struct spec_scheduler, priority), .range = &range_int32 },
	{ "flags", field_words, MEMBER(struct spec_scheduler, flags), .names = &name_policy_flags,
	  .limit = LIMIT_WORDS },
	{ "runtime", field_integer, MEMBER(struct spec_scheduler, runtime), .range = &range_uint64 },
	{ "deadline", field_integer, MEMBER(struct spec_scheduler, deadline), .range = &range_uint64 },
	{ "period", field_integer, MEMBER(struct spec_scheduler, period), .range = &range_uint64 },
};
static const struct shape shape_scheduler = { FIELDS(scheduler_fields), SETS(struct spec_scheduler) };

static const struct field io_priority_fields[] = {
	{ "class", field_word, MEMBER(struct spec_io_priority, class), .names = &name_io_classes, .required = true },
	{ "priority", field_integer, MEMBER(struct spec_io_priority, priority), .range = &range_int32 },
};
static const struct shape shape_io_priority = { FIELDS(io_priority_fields), SETS(struct spec_io_priority) };

static const struct field affinity_fields[] = {
	{ "initial", field_string, MEMBER(struct spec_process, cpu_affinity_initial) },
	{ "final", field_string, MEMBER(struct spec_process, cpu_affinity_final) },
};
static const struct shape shape_affinity = { FIELDS(affinity_fields) };

static const struct field process_fields[] = {
	{ "terminal", field_bool, MEMBER(struct spec_process, terminal) },
	/* Members of struct spec_process itself: offset 0. */
	{ "consoleSize", field_object, .shape = &shape_console },
	{ "execCPUAffinity", field_object, .shape = &shape_affinity },
	{ "cwd", field_path, MEMBER(struct spec_process, cwd), .required = true },
	{ "env", field_strings, MEMBERS(struct spec_process, env.items, env.count), .limit = LIMIT_STRINGS },
	{ "args", field_strings, MEMBERS(struct spec_process, args.items, args.count), .limit = LIMIT_STRINGS },
	{ "commandLine", field_string }, /* Windows' form of args */
	{ "user", field_object, MEMBER(struct spec_process, user), .shape = &shape_user },
	{ "capabilities", field_object, MEMBER(struct spec_process, capabilities), .shape = &shape_capabilities },
	{ "rlimits", field_objects, MEMBERS(struct spec_process, rlimits, rlimit_count), .shape = &shape_rlimit,
	  .limit = LIMIT_RLIMITS },
	{ "apparmorProfile", field_string, MEMBER(struct spec_process, apparmor_profile) },
	{ "selinuxLabel", field_string, MEMBER(struct spec_process, selinux_label) },
	{ "oomScoreAdj", field_opt_int, MEMBER(struct spec_process, oom_score_adj), .range = &range_int64 },
	{ "noNewPrivileges", field_bool, MEMBER(struct spec_process, no_new_privileges) },
	{ "scheduler", field_object, MEMBER(struct spec_process, scheduler), .shape = &shape_scheduler },
	{ "ioPriority", field_object, MEMBER(struct spec_process, io_priority), .shape = &shape_io_priority },
};
const struct shape shape_process = { FIELDS(process_fields), SETS(struct spec_process) };
