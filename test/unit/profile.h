/* profile.h: seccomp profiles for tests: read from a file with json-c, and given to libseccomp. */
#ifndef KIST_TEST_PROFILE_H
#define KIST_TEST_PROFILE_H

#include "plan/seccomp.h"

#include <json-c/json.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct profile_word {
	const char *word;
	int value;
};

static const struct profile_word profile_actions[] = {
	{"SCMP_ACT_KILL", SECCOMP_KILL_THREAD}, {"SCMP_ACT_KILL_PROCESS", SECCOMP_KILL_PROCESS},
	{"SCMP_ACT_TRAP", SECCOMP_TRAP},        {"SCMP_ACT_ERRNO", SECCOMP_ERRNO},
	{"SCMP_ACT_TRACE", SECCOMP_TRACE},      {"SCMP_ACT_ALLOW", SECCOMP_ALLOW},
	{"SCMP_ACT_LOG", SECCOMP_LOG},          {"SCMP_ACT_NOTIFY", SECCOMP_NOTIFY},
	{NULL, 0},
};
static const struct profile_word profile_operators[] = {
	{"SCMP_CMP_NE", SECCOMP_NE}, {"SCMP_CMP_LT", SECCOMP_LT}, {"SCMP_CMP_LE", SECCOMP_LE},
	{"SCMP_CMP_EQ", SECCOMP_EQ}, {"SCMP_CMP_GE", SECCOMP_GE}, {"SCMP_CMP_GT", SECCOMP_GT},
	{"SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ}, {NULL, 0},
};

static inline int profile_value(const struct profile_word *words, const char *word)
{
	for (; words->word; words++)
		if (!strcmp(words->word, word))
			return words->value;
	fprintf(stderr, "no such word: %s\n", word);
	abort();
}

/* The value of the word under `key`. */
static inline int profile_member(const struct profile_word *words, struct json_object *object, const char *key)
{
	return profile_value(words, json_object_get_string(json_object_object_get(object, key)));
}

static inline struct opt_uint profile_number(struct json_object *object, const char *key)
{
	struct json_object *value = json_object_object_get(object, key);

	return (struct opt_uint){.set = value, .value = value ? json_object_get_uint64(value) : 0};
}

static inline struct spec_strings profile_strings(struct arena *arena, struct json_object *list)
{
	struct spec_strings strings = {.count = list ? json_object_array_length(list) : 0};

	strings.items = ARENA_ARRAY(arena, strings.count + 1, const char *);
	for (size_t i = 0; i < strings.count; i++)
		strings.items[i] = arena_string(arena, json_object_get_string(json_object_array_get_idx(list, i)));
	return strings;
}

static inline struct spec_seccomp_rule profile_rule(struct arena *arena, struct json_object *object)
{
	struct json_object *args = json_object_object_get(object, "args");
	struct spec_seccomp_rule rule = {
		.names = profile_strings(arena, json_object_object_get(object, "names")),
		.action = profile_member(profile_actions, object, "action"),
		.errno_ret = profile_number(object, "errnoRet"),
		.arg_count = args ? json_object_array_length(args) : 0,
	};

	rule.args = ARENA_ARRAY(arena, rule.arg_count + 1, struct spec_seccomp_arg);
	for (size_t i = 0; i < rule.arg_count; i++) {
		struct json_object *arg = json_object_array_get_idx(args, i);

		rule.args[i] = (struct spec_seccomp_arg){
			.index = profile_number(arg, "index").value,
			.op = profile_member(profile_operators, arg, "op"),
			.value = profile_number(arg, "value").value,
			.value_two = profile_number(arg, "valueTwo").value,
		};
	}
	return rule;
}

/* test/plan/profiles/NAME: the linux.seccomp object of a config.json. */
static inline struct spec_seccomp profile_load(struct arena *arena, const char *name)
{
	const char *root = getenv("KIST_SOURCE");
	char *path = arena_printf(arena, "%s/test/plan/profiles/%s", root ? root : ".", name);
	struct json_object *object = json_object_from_file(path);

	if (!object) {
		fprintf(stderr, "%s: %s\n", path, json_util_get_last_err());
		abort();
	}
	struct json_object *rules = json_object_object_get(object, "syscalls");
	struct spec_strings words = profile_strings(arena, json_object_object_get(object, "architectures"));
	struct spec_seccomp profile = {
		.set = true,
		.default_action = profile_member(profile_actions, object, "defaultAction"),
		.default_errno = profile_number(object, "defaultErrnoRet"),
		.architectures = words.items,
		.architecture_count = words.count,
		.rule_count = json_object_array_length(rules),
	};

	profile.rules = ARENA_ARRAY(arena, profile.rule_count, struct spec_seccomp_rule);
	for (size_t i = 0; i < profile.rule_count; i++)
		profile.rules[i] = profile_rule(arena, json_object_array_get_idx(rules, i));
	json_object_put(object);
	return profile;
}

/* --- libseccomp -------------------------------------------------------------------------------- */

static inline uint32_t profile_scmp_action(enum spec_seccomp_action action, struct opt_uint errno_ret)
{
	unsigned number = errno_ret.set ? errno_ret.value : 1;

	switch (action) {
	case SECCOMP_KILL_THREAD:
		return SCMP_ACT_KILL_THREAD;
	case SECCOMP_KILL_PROCESS:
		return SCMP_ACT_KILL_PROCESS;
	case SECCOMP_TRAP:
		return SCMP_ACT_TRAP;
	case SECCOMP_ERRNO:
		return SCMP_ACT_ERRNO(number);
	case SECCOMP_TRACE:
		return SCMP_ACT_TRACE(number);
	case SECCOMP_ALLOW:
		return SCMP_ACT_ALLOW;
	case SECCOMP_LOG:
		return SCMP_ACT_LOG;
	case SECCOMP_NOTIFY:
		return SCMP_ACT_NOTIFY;
	}
	abort();
}

static inline struct scmp_arg_cmp profile_scmp_arg(const struct spec_seccomp_arg *arg)
{
	static const enum scmp_compare operators[] = {
		[SECCOMP_NE] = SCMP_CMP_NE, [SECCOMP_LT] = SCMP_CMP_LT, [SECCOMP_LE] = SCMP_CMP_LE,
		[SECCOMP_EQ] = SCMP_CMP_EQ, [SECCOMP_GE] = SCMP_CMP_GE, [SECCOMP_GT] = SCMP_CMP_GT,
		[SECCOMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return (struct scmp_arg_cmp){
		.arg = arg->index, .op = operators[arg->op], .datum_a = arg->value, .datum_b = arg->value_two};
}

/* As runc adds a rule: one condition an argument, else a rule of each. */
static inline int profile_scmp_rule(scmp_filter_ctx filter, uint32_t action, int number,
                                    const struct spec_seccomp_rule *rule)
{
	struct scmp_arg_cmp args[16];
	bool seen[6] = {false}, twice = false;
	int failed = 0;

	for (size_t i = 0; i < rule->arg_count; i++) {
		args[i] = profile_scmp_arg(&rule->args[i]);
		twice = twice || seen[args[i].arg];
		seen[args[i].arg] = true;
	}
	if (!twice)
		return seccomp_rule_add_array(filter, action, number, rule->arg_count, args);
	for (size_t i = 0; i < rule->arg_count && !failed; i++)
		failed = seccomp_rule_add_array(filter, action, number, 1, &args[i]);
	return failed;
}

/* One architecture's filter. A name that the architecture lacks is left out: libseccomp 2.5.4 takes it, but then may
 * write a program that never loads the number and compares something else with it. */
static inline scmp_filter_ctx profile_scmp_filter(const struct spec_seccomp *profile, uint32_t token)
{
	uint32_t otherwise = profile_scmp_action(profile->default_action, profile->default_errno);
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int failed = 0;

	if (token != seccomp_arch_native()) {
		seccomp_arch_add(filter, token);
		seccomp_arch_remove(filter, seccomp_arch_native());
	}
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < profile->rule_count; i++) {
		const struct spec_seccomp_rule *rule = &profile->rules[i];
		uint32_t action = profile_scmp_action(rule->action, rule->errno_ret);

		for (size_t k = 0; k < rule->names.count && !failed && action != otherwise; k++) {
			const char *name = rule->names.items[k];
			int there = seccomp_syscall_resolve_name_arch(token, name);
			bool inside = token == SCMP_ARCH_X86 && there <= -100 && there > -300;

			if (there >= 0 || inside)
				failed = profile_scmp_rule(filter, action, seccomp_syscall_resolve_name(name), rule);
		}
	}
	if (!failed)
		return filter;
	seccomp_release(filter);
	return NULL;
}

static inline scmp_filter_ctx profile_scmp_merged(const struct spec_seccomp *profile, uint32_t native)
{
	static const struct {
		const char *word;
		uint32_t token;
	} tokens[] = {
		{"SCMP_ARCH_X86", SCMP_ARCH_X86}, {"SCMP_ARCH_X32", SCMP_ARCH_X32}, {"SCMP_ARCH_ARM", SCMP_ARCH_ARM}};
	scmp_filter_ctx filter = profile_scmp_filter(profile, native);

	for (size_t i = 0; i < profile->architecture_count; i++)
		for (size_t k = 0; k < sizeof(tokens) / sizeof(tokens[0]) && filter; k++) {
			scmp_filter_ctx other;

			if (strcmp(profile->architectures[i], tokens[k].word))
				continue;
			other = profile_scmp_filter(profile, tokens[k].token);
			if (other && !seccomp_merge(filter, other))
				continue;
			seccomp_release(filter);
			filter = NULL;
		}
	return filter;
}

/* The oracle's program for the same profile, as an array in the arena; NULL when libseccomp refuses the profile
 * (it does so when conditions overlap with different actions). `native` is its token for our native architecture. */
static inline struct sock_filter *profile_oracle(struct arena *arena, const struct spec_seccomp *profile,
                                                 uint32_t native, size_t *count)
{
	scmp_filter_ctx filter = profile_scmp_merged(profile, native);
	struct sock_filter *program = NULL;
	FILE *file = tmpfile();

	if (filter && seccomp_export_bpf(filter, fileno(file)) == 0) {
		size_t size = lseek(fileno(file), 0, SEEK_END);

		*count = size / sizeof(*program);
		program = arena_alloc(arena, size);
		if (pread(fileno(file), program, size, 0) != (ssize_t)size)
			abort();
	}
	fclose(file);
	if (filter)
		seccomp_release(filter);
	return program;
}

#endif
