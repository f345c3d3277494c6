/* decode_seccomp.c: the system call filter. */
#include "spec/decode.h"

static const struct field arg_fields[] = {
	{ "index", field_integer, MEMBER(struct spec_seccomp_arg, index), .range = &range_uint32, .required = true },
	{ "value", field_integer, MEMBER(struct spec_seccomp_arg, value), .range = &range_uint64, .required = true },
	{ "valueTwo", field_integer, MEMBER(struct spec_seccomp_arg, value_two), .range = &range_uint64 },
	{ "op", field_word, MEMBER(struct spec_seccomp_arg, op), .names = &name_seccomp_operators, .required = true },
};
const struct shape shape_seccomp_arg = { FIELDS(arg_fields), .size = sizeof(struct spec_seccomp_arg) };

static const struct field rule_fields[] = {
	{ "names", field_strings, MEMBERS(struct spec_seccomp_rule, names.items, names.count), .limit = LIMIT_SYSCALLS,
	  .required = true },
	{ "action", field_word, MEMBER(struct spec_seccomp_rule, action), .names = &name_seccomp_actions,
	  .required = true },
	{ "errnoRet", field_opt_uint, MEMBER(struct spec_seccomp_rule, errno_ret), .range = &range_uint32 },
	{ "args", field_objects, MEMBERS(struct spec_seccomp_rule, args, arg_count), .shape = &shape_seccomp_arg,
	  .limit = LIMIT_ARGS },
};
static const struct shape shape_rule = { FIELDS(rule_fields), .size = sizeof(struct spec_seccomp_rule) };

static const struct field seccomp_fields[] = {
	{ "defaultAction", field_word, MEMBER(struct spec_seccomp, default_action), .names = &name_seccomp_actions,
	  .required = true },
	{ "defaultErrnoRet", field_opt_uint, MEMBER(struct spec_seccomp, default_errno), .range = &range_uint32 },
	{ "architectures", field_strings, MEMBERS(struct spec_seccomp, architectures, architecture_count),
	  .names = &name_seccomp_architectures, .limit = LIMIT_WORDS },
	{ "flags", field_words, MEMBER(struct spec_seccomp, flags), .names = &name_seccomp_flags,
	  .limit = LIMIT_WORDS },
	{ "listenerPath", field_path, MEMBER(struct spec_seccomp, listener_path) },
	{ "listenerMetadata", field_string, MEMBER(struct spec_seccomp, listener_metadata) },
	{ "syscalls", field_objects, MEMBERS(struct spec_seccomp, rules, rule_count), .shape = &shape_rule,
	  .limit = LIMIT_RULES },
};
const struct shape shape_seccomp = { FIELDS(seccomp_fields), SETS(struct spec_seccomp) };
_Static_assert(sizeof(enum spec_seccomp_action) == 4 && sizeof(enum spec_seccomp_operator) == 4,
               "words are stored by size");
