/* profile.c: reads a seccomp profile of docker's and podman's form, and picks the rules that hold here. */
#include "spec/profile.h"

#include "base/err.h"
#include "spec/decode.h"

#include <string.h>

/* All of it must hold (`includes`), or any of it (`excludes`). */
struct condition {
	struct spec_strings capabilities, machines;
	struct profile_version {
		bool set;
		unsigned numbers[2];
	} kernel;
};

struct profile_rule {
	struct spec_seccomp_rule rule;
	const char *name;       /* docker's old form of `names` */
	const char *errno_name; /* podman's other form of `errnoRet` */
	struct condition includes, excludes;
};

struct profile_machine {
	const char *architecture;
	struct spec_strings others;
};

struct profile {
	struct spec_seccomp seccomp; /* without rules */
	const char *errno_name;
	struct profile_machine *machines;
	size_t machine_count;
	struct profile_rule *rules;
	size_t rule_count;
};

/* --- the file ------------------------------------------------------------------------------------ */

/* "4.8": what follows the second number ("4.8.0-rc1") does not matter, as for docker. */
static void field_version(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	struct profile_version *version = (struct profile_version *)((char *)object + field->offset);
	const char *text;
	if (!value_string(decoder, at, &text))
		return;
	const char *rest = text;
	for (size_t i = 0; i < 2; i++) {
		unsigned number = 0;
		size_t digits = strspn(rest, "0123456789");
		if (digits == 0 || digits > 4 || (i == 0 && rest[digits] != '.')) {
			place_fault(decoder, at, "expected a kernel version such as \"4.8\", got %s",
			            fault_quote(decoder->arena, text));
			return;
		}
		for (; digits; digits--)
			number = number * 10 + (unsigned)(*rest++ - '0');
		version->numbers[i] = number;
		rest += i == 0;
	}
	version->set = true;
}

static const struct field condition_fields[] = {
	{ "caps", field_strings, MEMBERS(struct condition, capabilities.items, capabilities.count),
	  .names = &name_capabilities, .limit = LIMIT_CAPABILITIES },
	{ "arches", field_strings, MEMBERS(struct condition, machines.items, machines.count), .limit = LIMIT_WORDS },
	{ "minKernel", field_version, MEMBER(struct condition, kernel) },
};
static const struct shape shape_condition = { FIELDS(condition_fields) };

/* An errno by its name, where that is how it is given; it wins over the number, as in podman. */
static void take_errno(struct decoder *decoder, const struct place *at, const char *key, const char *name,
                       struct opt_uint *number)
{
	if (!name)
		return;
	struct place inner = { .parent = at, .key = key, .value = json_member(at->value, key) };
	*number = (struct opt_uint){ true, (uint64_t)err_number(name) };
	if (number->value == 0)
		place_fault(decoder, &inner, "unknown errno %s: give its number", fault_quote(decoder->arena, name));
}

/* Of a known action only: what is wrong with the others has been told. */
static void check_errno(struct decoder *decoder, const struct place *at, const char *key, const char *action_key,
                        struct opt_uint number)
{
	const struct json_value *action = json_member(at->value, action_key), *value = json_member(at->value, key);
	struct place inner = { .parent = at, .key = key, .value = value ? value : at->value };
	uint64_t known;
	if (!action || action->type != JSON_STRING || !name_value(&name_seccomp_actions, action->string, &known))
		return;
	const char *fault = seccomp_errno_fault(decoder->arena, (enum spec_seccomp_action)known, number);
	if (fault)
		place_fault(decoder, &inner, "%s", fault);
}

static void check_args(struct decoder *decoder, const struct place *at, const struct spec_seccomp_rule *rule)
{
	struct place args = { .parent = at, .key = "args", .value = json_member(at->value, "args") };
	for (size_t i = 0; i < rule->arg_count; i++) {
		struct place arg = place_item(&args, i);
		struct place index = { .parent = &arg, .key = "index", .value = json_member(arg.value, "index") };
		if (rule->args[i].index > SECCOMP_LAST_ARG)
			place_fault(decoder, &index, "expected an integer from 0 to %d, got %u", SECCOMP_LAST_ARG,
			            rule->args[i].index);
	}
}

static void finish_rule(struct decoder *decoder, const struct place *at, void *object)
{
	struct profile_rule *entry = object;
	struct spec_seccomp_rule *rule = &entry->rule;
	rule->line = at->value->line;
	if (entry->name && rule->names.count)
		place_fault(decoder, at, "has both \"name\" and \"names\"");
	else if (entry->name)
		rule->names = (struct spec_strings){ &entry->name, 1 };
	if (rule->names.count == 0)
		place_fault(decoder, at, "expected the name of at least one system call in \"names\"");
	for (size_t i = 0; i < rule->names.count; i++)
		if (!rule->names.items[i][0])
			place_fault(decoder, at, "an empty name: expected the name of a system call");
	check_args(decoder, at, rule);
	take_errno(decoder, at, "errno", entry->errno_name, &rule->errno_ret);
	check_errno(decoder, at, entry->errno_name ? "errno" : "errnoRet", "action", rule->errno_ret);
}

static const struct field rule_fields[] = {
	{ "names", field_strings, MEMBERS(struct profile_rule, rule.names.items, rule.names.count),
	  .limit = LIMIT_SYSCALLS },
	{ "name", field_string, MEMBER(struct profile_rule, name) },
	{ "action", field_word, MEMBER(struct profile_rule, rule.action), .names = &name_seccomp_actions,
	  .required = true },
	{ "errnoRet", field_opt_uint, MEMBER(struct profile_rule, rule.errno_ret), .range = &range_uint32 },
	{ "errno", field_string, MEMBER(struct profile_rule, errno_name) },
	{ "args", field_objects, MEMBERS(struct profile_rule, rule.args, rule.arg_count), .shape = &shape_seccomp_arg,
	  .limit = LIMIT_ARGS },
	{ "comment", field_string },
	{ "includes", field_object, MEMBER(struct profile_rule, includes), .shape = &shape_condition },
	{ "excludes", field_object, MEMBER(struct profile_rule, excludes), .shape = &shape_condition },
};
static const struct shape shape_rule = { FIELDS(rule_fields), .size = sizeof(struct profile_rule),
	                                 .finish = finish_rule };

static const struct field machine_fields[] = {
	{ "architecture", field_string, MEMBER(struct profile_machine, architecture), .required = true },
	{ "subArchitectures", field_strings, MEMBERS(struct profile_machine, others.items, others.count),
	  .names = &name_seccomp_architectures, .limit = LIMIT_WORDS },
};
static const struct shape shape_machine = { FIELDS(machine_fields), .size = sizeof(struct profile_machine) };

static void finish_profile(struct decoder *decoder, const struct place *at, void *object)
{
	struct profile *profile = object;
	struct spec_seccomp *seccomp = &profile->seccomp;
	if (profile->machine_count && seccomp->architecture_count)
		place_fault(decoder, at, "has both \"architectures\" and \"archMap\"");
	take_errno(decoder, at, "defaultErrno", profile->errno_name, &seccomp->default_errno);
	check_errno(decoder, at, profile->errno_name ? "defaultErrno" : "defaultErrnoRet", "defaultAction",
	            seccomp->default_errno);
}

static const struct field profile_fields[] = {
	{ "defaultAction", field_word, MEMBER(struct profile, seccomp.default_action), .names = &name_seccomp_actions,
	  .required = true },
	{ "defaultErrnoRet", field_opt_uint, MEMBER(struct profile, seccomp.default_errno), .range = &range_uint32 },
	{ "defaultErrno", field_string, MEMBER(struct profile, errno_name) },
	{ "architectures", field_strings, MEMBERS(struct profile, seccomp.architectures, seccomp.architecture_count),
	  .names = &name_seccomp_architectures, .limit = LIMIT_WORDS },
	{ "archMap", field_objects, MEMBERS(struct profile, machines, machine_count), .shape = &shape_machine,
	  .limit = LIMIT_WORDS },
	{ "flags", field_words, MEMBER(struct profile, seccomp.flags), .names = &name_seccomp_flags,
	  .limit = LIMIT_WORDS },
	{ "listenerPath", field_path, MEMBER(struct profile, seccomp.listener_path) },
	{ "listenerMetadata", field_string, MEMBER(struct profile, seccomp.listener_metadata) },
	{ "syscalls", field_objects, MEMBERS(struct profile, rules, rule_count), .shape = &shape_rule,
	  .limit = LIMIT_RULES },
};
static const struct shape shape_profile = { FIELDS(profile_fields), .finish = finish_profile };

struct profile *profile_decode(struct arena *arena, const char *text, size_t length, struct spec_faults *faults)
{
	struct decoder decoder = { .arena = arena, .faults = faults };
	struct profile *profile = ARENA_NEW(arena, struct profile);
	struct place document = { .value = document_read(&decoder, text, length) };
	if (document.value)
		shape_decode(&decoder, &document, &shape_profile, profile);
	faults_sort(faults);
	return profile;
}

/* --- what holds here ------------------------------------------------------------------------------- */

/* A machine as uname(2), a profile's `arches` and a profile's architectures call it. */
static const struct {
	const char *machine, *go, *architecture;
} machines[] = {
	{ "x86_64", "amd64", "SCMP_ARCH_X86_64" },
	{ "aarch64", "arm64", "SCMP_ARCH_AARCH64" },
};

static size_t machine_find(const char *name)
{
	size_t i = 0;
	while (i < sizeof(machines) / sizeof(machines[0]) && strcmp(machines[i].machine, name) != 0)
		i++;
	return i;
}

static bool holds_capability(const struct profile_reader *reader, const char *name)
{
	uint64_t number;
	return name_value(&name_capabilities, name, &number) && (reader->capabilities >> number & 1);
}

static bool holds_machine(const struct profile_reader *reader, const struct spec_strings *names)
{
	size_t own = machine_find(reader->machine);
	for (size_t i = 0; own < sizeof(machines) / sizeof(machines[0]) && i < names->count; i++)
		if (strcmp(names->items[i], machines[own].go) == 0)
			return true;
	return false;
}

static bool holds_kernel(const struct profile_reader *reader, const struct profile_version *version)
{
	const unsigned *here = reader->kernel, *wanted = version->numbers;
	return here[0] != wanted[0] ? here[0] > wanted[0] : here[1] >= wanted[1];
}

static bool is_included(const struct profile_reader *reader, const struct condition *includes)
{
	for (size_t i = 0; i < includes->capabilities.count; i++)
		if (!holds_capability(reader, includes->capabilities.items[i]))
			return false;
	if (includes->machines.count && !holds_machine(reader, &includes->machines))
		return false;
	return !includes->kernel.set || holds_kernel(reader, &includes->kernel);
}

static bool is_excluded(const struct profile_reader *reader, const struct condition *excludes)
{
	for (size_t i = 0; i < excludes->capabilities.count; i++)
		if (holds_capability(reader, excludes->capabilities.items[i]))
			return true;
	return holds_machine(reader, &excludes->machines) ||
	       (excludes->kernel.set && holds_kernel(reader, &excludes->kernel));
}

static void resolve_machine(struct arena *arena, const struct profile *profile, const char *machine,
                            struct spec_seccomp *seccomp)
{
	size_t own = machine_find(machine);
	for (size_t i = 0; own < sizeof(machines) / sizeof(machines[0]) && i < profile->machine_count; i++) {
		const struct profile_machine *entry = &profile->machines[i];
		if (strcmp(entry->architecture, machines[own].architecture) != 0)
			continue;
		seccomp->architectures = ARENA_ARRAY(arena, entry->others.count + 1, const char *);
		seccomp->architectures[0] = entry->architecture;
		if (entry->others.count)
			memcpy(seccomp->architectures + 1, entry->others.items,
			       entry->others.count * sizeof(*entry->others.items));
		seccomp->architecture_count = entry->others.count + 1;
		return;
	}
}

void profile_resolve(struct arena *arena, const struct profile *profile, const struct profile_reader *reader,
                     struct spec_seccomp *seccomp)
{
	*seccomp = profile->seccomp;
	seccomp->set = true;
	seccomp->rules = ARENA_ARRAY(arena, profile->rule_count, struct spec_seccomp_rule);
	resolve_machine(arena, profile, reader->machine, seccomp);
	for (size_t i = 0; i < profile->rule_count; i++) {
		const struct profile_rule *entry = &profile->rules[i];
		if (is_included(reader, &entry->includes) && !is_excluded(reader, &entry->excludes))
			seccomp->rules[seccomp->rule_count++] = entry->rule;
	}
}
