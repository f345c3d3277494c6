/* seccomp_model.h: what a seccomp profile means, said as directly as it can be, and the comparison of a compiled
 * program with that and with libseccomp's. For tests. */
#ifndef KIST_TEST_SECCOMP_MODEL_H
#define KIST_TEST_SECCOMP_MODEL_H

#include "cbpf.h"
#include "plan/seccomp.h"
#include "profile.h"

#include <linux/audit.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { X32_BIT = 0x40000000 };

static struct arena arena;

static inline int setup(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static inline int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static uint32_t random_state = 20260101;

static inline uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

static inline struct seccomp_program compile(const struct spec_seccomp *profile, enum seccomp_arch native)
{
	struct seccomp_program program;
	struct err err = {0};

	assert_int_equal(seccomp_compile(&arena, profile, native, &program, &err), 0);
	assert_true(cbpf_valid((struct sock_filter *)program.items, program.count));
	return program;
}

/* --- the model: the sentences of seccomp.h, as directly as they can be said --------------------- */

static inline bool model_holds(const struct spec_seccomp_arg *arg, const __u64 *args, bool wide)
{
	uint64_t mask = wide ? UINT64_MAX : UINT32_MAX;
	uint64_t have = args[arg->index] & mask, value = arg->value & mask;

	switch (arg->op) {
	case SECCOMP_NE:
		return have != value;
	case SECCOMP_LT:
		return have < value;
	case SECCOMP_LE:
		return have <= value;
	case SECCOMP_EQ:
		return have == value;
	case SECCOMP_GE:
		return have >= value;
	case SECCOMP_GT:
		return have > value;
	case SECCOMP_MASKED_EQ:
		return (have & value) == (arg->value_two & value);
	}
	return false;
}

static inline bool model_matches(const struct spec_seccomp_rule *rule, const __u64 *args, bool wide)
{
	bool twice = false;
	size_t holding = 0;

	for (size_t i = 0; i < rule->arg_count; i++) {
		holding += model_holds(&rule->args[i], args, wide);
		for (size_t k = 0; k < i; k++)
			twice = twice || rule->args[i].index == rule->args[k].index;
	}
	return twice ? holding > 0 : holding == rule->arg_count;
}

static inline bool model_listed(const struct spec_seccomp *profile, const char *word)
{
	for (size_t i = 0; i < profile->architecture_count; i++)
		if (!strcmp(profile->architectures[i], word))
			return true;
	return false;
}

/* The call `name` with its first argument `inside`, made through socketcall(2) or ipc(2). */
static inline bool model_inside(const char *name, uint32_t number, uint64_t inside)
{
	const struct syscall_entry *entry = syscall_find(name);

	return entry && ((number == 102 && entry->in_socketcall && entry->in_socketcall == (uint32_t)inside) ||
	                 (number == 117 && entry->in_ipc && entry->in_ipc == (inside & 0xffff)));
}

static inline int model_highest(const struct spec_seccomp *profile, enum seccomp_arch arch)
{
	int highest = -1;

	for (size_t i = 0; i < profile->rule_count; i++)
		for (size_t k = 0; k < profile->rules[i].names.count; k++) {
			const struct syscall_entry *entry = syscall_find(profile->rules[i].names.items[k]);
			int number = entry ? entry->numbers[arch] : -1;

			if (arch == SECCOMP_X86 && entry && entry->in_socketcall && number < 102)
				number = 102;
			if (arch == SECCOMP_X86 && entry && entry->in_ipc && number < 117)
				number = 117;
			if (number > highest && (arch != SECCOMP_ARM || number < 0xf0000))
				highest = number;
		}
	return highest;
}

static inline uint32_t model_otherwise(const struct spec_seccomp *profile, enum seccomp_arch arch, uint32_t number)
{
	uint32_t otherwise = profile_scmp_action(profile->default_action, profile->default_errno);
	int highest = model_highest(profile, arch);
	bool private = arch == SECCOMP_ARM && number >= 0xf0000 && number < 0xf0010;

	if (profile->default_action <= SECCOMP_ERRNO && highest >= 0 && number > (uint32_t)highest && !private)
		return SCMP_ACT_ERRNO(38);
	return otherwise;
}

static inline int32_t model_strictness(uint32_t action)
{
	return (int32_t)(action & 0xffff0000);
}

static inline uint32_t model_decide(const struct spec_seccomp *profile, enum seccomp_arch arch, uint32_t number,
                             const __u64 *args)
{
	uint32_t otherwise = profile_scmp_action(profile->default_action, profile->default_errno);
	bool wide = arch == SECCOMP_X86_64 || arch == SECCOMP_AARCH64, decided = false;
	uint32_t first = 0;

	for (size_t i = 0; i < profile->rule_count; i++) {
		const struct spec_seccomp_rule *rule = &profile->rules[i];
		uint32_t action = profile_scmp_action(rule->action, rule->errno_ret);
		bool stricter = model_strictness(action) < model_strictness(otherwise);

		for (size_t k = 0; k < rule->names.count && action != otherwise; k++) {
			const char *name = rule->names.items[k];
			bool direct = syscall_number(arch, name) == (int)number && (int)number >= 0;
			bool inside = arch == SECCOMP_X86 && model_inside(name, number, args[0]) &&
			              (rule->arg_count == 0 || stricter);

			if (direct && rule->arg_count == 0)
				return action;
			if (!decided && (inside || (direct && model_matches(rule, args, wide)))) {
				decided = true;
				first = action;
			}
		}
	}
	return decided ? first : model_otherwise(profile, arch, number);
}

static inline uint32_t model_run(const struct spec_seccomp *profile, enum seccomp_arch native,
                                 const struct seccomp_data *call)
{
	bool x86 = native == SECCOMP_X86_64;
	uint32_t number = call->nr;

	if (x86 && call->arch == AUDIT_ARCH_X86_64 && number >= X32_BIT && model_listed(profile, "SCMP_ARCH_X32"))
		return model_decide(profile, SECCOMP_X32, number, call->args);
	if (x86 && call->arch == AUDIT_ARCH_X86_64 && (number < X32_BIT || number == UINT32_MAX))
		return model_decide(profile, SECCOMP_X86_64, number, call->args);
	if (x86 && call->arch == AUDIT_ARCH_I386 && model_listed(profile, "SCMP_ARCH_X86"))
		return model_decide(profile, SECCOMP_X86, number, call->args);
	if (!x86 && call->arch == AUDIT_ARCH_AARCH64)
		return model_decide(profile, SECCOMP_AARCH64, number, call->args);
	if (!x86 && call->arch == AUDIT_ARCH_ARM && model_listed(profile, "SCMP_ARCH_ARM"))
		return model_decide(profile, SECCOMP_ARM, number, call->args);
	return SCMP_ACT_KILL_PROCESS;
}

/* --- samples ----------------------------------------------------------------------------------- */

/* Argument values around everything the profile compares with. */
struct samples {
	uint64_t values[600];
	size_t count;
};

static inline void samples_put(struct samples *samples, uint64_t value)
{
	if (samples->count < COUNT(samples->values))
		samples->values[samples->count++] = value;
}

static inline struct samples samples_of(const struct spec_seccomp *profile)
{
	static const uint64_t always[] = {0, 1, 5, 0xffff, 0xffffffff, 0x100000000, 0x100000001, UINT64_MAX};
	struct samples samples = {.count = 0};

	for (size_t i = 0; i < COUNT(always); i++)
		samples_put(&samples, always[i]);
	for (size_t i = 0; i < profile->rule_count; i++)
		for (size_t k = 0; k < profile->rules[i].arg_count; k++) {
			const struct spec_seccomp_arg *arg = &profile->rules[i].args[k];

			for (int away = -1; away <= 1; away++)
				samples_put(&samples, arg->value + away);
			samples_put(&samples, arg->value ^ 1ull << 40);
			samples_put(&samples, arg->value_two);
			samples_put(&samples, arg->value_two | ~arg->value);
		}
	return samples;
}

static inline struct seccomp_data random_call(const struct samples *samples, uint32_t audit, uint32_t number)
{
	struct seccomp_data call = {.nr = number, .arch = audit};

	for (size_t i = 0; i < 6; i++)
		call.args[i] = samples->values[random_below(samples->count)];
	if (audit == AUDIT_ARCH_I386 && (number == 102 || number == 117))
		call.args[0] = random_below(26); /* which call is inside */
	return call;
}

/* --- comparing --------------------------------------------------------------------------------- */

struct comparison {
	const struct spec_seccomp *profile;
	enum seccomp_arch native;
	struct seccomp_program ours;
	const struct sock_filter *oracle; /* NULL: only the model */
	struct samples samples;
	unsigned tries;
	size_t calls, enosys;
	const struct seccomp_judge *judge; /* made by judge_open() */
	struct seccomp_program traced;
};

static inline void judge_open(struct comparison *comparison)
{
	struct err err = {0};

	comparison->judge = seccomp_judge_open(&arena, comparison->profile, comparison->native);
	assert_int_equal(seccomp_compile_traced(&arena, comparison->profile, comparison->native, &comparison->traced,
	                                        &err), 0);
	assert_true(cbpf_valid((struct sock_filter *)comparison->traced.items, comparison->traced.count));
	assert_true(comparison->traced.notifies);
}

static inline bool model_executes(const char *name)
{
	return name && (!strcmp(name, "execve") || !strcmp(name, "execveat"));
}

/* What is said about a call: the action that the program takes, by a rule that names the call and takes it; and the
 * filter that tells hands over what is refused, and every exec. */
static inline void compare_verdict(struct comparison *comparison, const struct seccomp_data *call, uint32_t action)
{
	struct seccomp_call asked = {.audit = call->arch, .number = call->nr};

	memcpy(asked.args, call->args, sizeof(asked.args));
	struct seccomp_verdict verdict = seccomp_judge(comparison->judge, &asked);
	const struct spec_seccomp *profile = comparison->profile;
	bool inside = call->arch == AUDIT_ARCH_I386 && (call->nr == 102 || call->nr == 117);

	if (verdict.action != action)
		fail_msg("arch %#x number %#x: judged %#x, the program says %#x", call->arch, call->nr, verdict.action,
		         action);
	if (verdict.cause == SECCOMP_BY_RULE) {
		assert_true(verdict.rule < profile->rule_count);
		const struct spec_seccomp_rule *rule = &profile->rules[verdict.rule];
		bool named = inside;

		for (size_t i = 0; i < rule->names.count && verdict.name; i++)
			named = named || !strcmp(rule->names.items[i], verdict.name);
		assert_true(named);
		assert_int_equal(profile_scmp_action(rule->action, rule->errno_ret), action);
	}
	uint32_t told = cbpf_run((struct sock_filter *)comparison->traced.items, call);
	bool executes = model_executes(verdict.name) && verdict.cause != SECCOMP_BY_ARCHITECTURE;
	bool hands = seccomp_refuses(action) || executes;

	assert_int_equal(told, hands ? SCMP_ACT_NOTIFY : action);
}

static inline void compare_call(struct comparison *comparison, const struct seccomp_data *call)
{
	uint32_t ours = cbpf_run((struct sock_filter *)comparison->ours.items, call);
	uint32_t model = model_run(comparison->profile, comparison->native, call);

	if (ours != model)
		fail_msg("arch %#x number %#x args %#llx %#llx %#llx: %#x, the model says %#x", call->arch, call->nr,
		         call->args[0], call->args[1], call->args[2], ours, model);
	if (comparison->judge)
		compare_verdict(comparison, call, ours);
	comparison->calls++;
	if (!comparison->oracle)
		return;
	uint32_t theirs = cbpf_run(comparison->oracle, call);
	const struct spec_seccomp *profile = comparison->profile;
	uint32_t otherwise = profile_scmp_action(profile->default_action, profile->default_errno);

	if (ours == theirs)
		return;
	/* The one difference: a number above the highest named one, which libseccomp gives the default. */
	if (ours != SCMP_ACT_ERRNO(38) || theirs != otherwise)
		fail_msg("arch %#x number %#x args %#llx %#llx %#llx: %#x, libseccomp %#x", call->arch, call->nr,
		         call->args[0], call->args[1], call->args[2], ours, theirs);
	comparison->enosys++;
}

static inline void compare_number(struct comparison *comparison, uint32_t audit, uint32_t number)
{
	for (unsigned i = 0; i < comparison->tries; i++) {
		struct seccomp_data call = random_call(&comparison->samples, audit, number);

		compare_call(comparison, &call);
	}
}

static inline void compare_all(struct comparison *comparison, const uint32_t *audits, size_t count)
{
	static const uint32_t edges[] = {0x3fffffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0xeffff,
	                                 0xf0000,    0xf0001,    0xf0002,    0xf0005,    0xf000f,    0xf0010};

	judge_open(comparison);
	for (size_t a = 0; a < count; a++) {
		for (uint32_t number = 0; number <= 600; number++)
			compare_number(comparison, audits[a], number);
		for (size_t i = 0; i < COUNT(edges); i++)
			compare_number(comparison, audits[a], edges[i]);
		for (uint32_t number = 0; number <= 600 && audits[a] == AUDIT_ARCH_X86_64; number++)
			compare_number(comparison, audits[a], X32_BIT | number);
	}
}

#endif
