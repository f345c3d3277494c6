/* seccomp_test.c: the seccomp compiler: its tables, the sentences of seccomp.h one by one, and real profiles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "seccomp_model.h"

#include <fcntl.h>
#include <time.h>

#define RULES(list) .rules = (list), .rule_count = COUNT(list)
#define NAMES(...)                                                                                                     \
	.names = { .items = (const char *[]){ __VA_ARGS__ }, .count = COUNT(((const char *[]){ __VA_ARGS__ })) }
#define ARGS(...)                                                                                                      \
	.args = (struct spec_seccomp_arg[]){ __VA_ARGS__ },                                                            \
	.arg_count = COUNT(((struct spec_seccomp_arg[]){ __VA_ARGS__ }))

static uint32_t run(const struct seccomp_program *program, uint32_t audit, uint32_t number, uint64_t first)
{
	struct seccomp_data call = { .nr = number, .arch = audit, .args = { first } };

	return cbpf_run((struct sock_filter *)program->items, &call);
}

/* --- tables ------------------------------------------------------------------------------------ */

static void table_is_sorted(void **state)
{
	static const struct syscall_entry entries[] = {
#include "plan/syscalls.inc"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(entries); i++) {
		if (i)
			assert_true(strcmp(entries[i - 1].name, entries[i].name) < 0);
		assert_string_equal(syscall_find(entries[i].name)->name, entries[i].name);
		for (int arch = 0; arch < SECCOMP_ARCH_COUNT; arch++) {
			int number = entries[i].numbers[arch];

			if (number < 0)
				continue;
			/* Every number has its slot in the compiler. */
			assert_true((number & ~X32_BIT) < 640 || (arch == SECCOMP_ARM && number < 0xf0010));
			assert_int_equal(syscall_number(arch, syscall_name(arch, number)), number);
		}
	}
	assert_null(syscall_find("no_such_call"));
	assert_int_equal(syscall_number(SECCOMP_AARCH64, "open"), -1);
	assert_int_equal(syscall_number(SECCOMP_X32, "read"), X32_BIT);
	assert_null(syscall_name(SECCOMP_X86_64, 400));
	assert_null(syscall_name(SECCOMP_X86_64, -1));
}

static void table_equals_libseccomp(void **state)
{
	static const uint32_t tokens[] = { SCMP_ARCH_X86_64, SCMP_ARCH_X32, SCMP_ARCH_X86, SCMP_ARCH_AARCH64,
		                           SCMP_ARCH_ARM };
	size_t compared = 0;

	(void)state;
	for (int arch = 0; arch < SECCOMP_ARCH_COUNT; arch++)
		for (int number = 0; number < 700; number++) {
			int shown = arch == SECCOMP_X32 ? number | X32_BIT : number;
			char *theirs = seccomp_syscall_resolve_num_arch(tokens[arch], shown);

			/* An alias on arm: arm_sync_file_range is sync_file_range2. */
			if (theirs)
				assert_int_equal(syscall_number(arch, theirs), shown);
			compared += theirs != NULL;
			free(theirs);
		}
	assert_true(compared > 1700);
}

/* --- single sentences -------------------------------------------------------------------------- */

static void unlisted_architectures_kill(void **state)
{
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);

	(void)state;
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0, 0), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 9999, 0), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, X32_BIT, 0), SCMP_ACT_KILL_PROCESS);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, UINT32_MAX, 0), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 0, 0), SCMP_ACT_KILL_PROCESS);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 0, 0), SCMP_ACT_KILL_PROCESS);
	/* An architecture of another kind of machine cannot occur: it adds nothing. */
	profile.architectures = (const char *[]){ "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS64", "SCMP_ARCH_X86" };
	profile.architecture_count = 3;
	program = compile(&profile, SECCOMP_X86_64);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 7, 0), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 0, 0), SCMP_ACT_KILL_PROCESS);
	program = compile(&profile, SECCOMP_AARCH64);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 7, 0), SCMP_ACT_KILL_PROCESS);
	assert_int_equal(run(&program, AUDIT_ARCH_AARCH64, 0, 0), SCMP_ACT_ALLOW);
}

static void newer_calls_fail_with_enosys(void **state)
{
	static const enum spec_seccomp_action refusing[] = { SECCOMP_KILL_THREAD, SECCOMP_KILL_PROCESS, SECCOMP_TRAP,
		                                             SECCOMP_ERRNO };
	static const enum spec_seccomp_action open[] = { SECCOMP_ALLOW, SECCOMP_LOG, SECCOMP_TRACE, SECCOMP_NOTIFY };
	struct spec_seccomp_rule rules[] = { { NAMES("read", "openat2"), .action = SECCOMP_ALLOW } };
	struct spec_seccomp profile = { RULES(rules) };
	struct seccomp_program program;

	(void)state;
	for (size_t i = 0; i < COUNT(refusing); i++) {
		uint32_t otherwise = profile_scmp_action(refusing[i], (struct opt_uint){ 0 });

		profile.default_action = refusing[i];
		program = compile(&profile, SECCOMP_X86_64);
		assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 436, 0), otherwise);
		assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 437, 0), SCMP_ACT_ALLOW);
		assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 438, 0), SCMP_ACT_ERRNO(38));
	}
	for (size_t i = 0; i < COUNT(open); i++) {
		profile.default_action = open[i];
		program = compile(&profile, SECCOMP_X86_64);
		assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 438, 0),
		                 profile_scmp_action(open[i], (struct opt_uint){ 0 }));
	}
	/* A rule that says what the default says still names its call. */
	profile.default_action = SECCOMP_ERRNO;
	rules[0].action = SECCOMP_ERRNO;
	program = compile(&profile, SECCOMP_X86_64);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 437, 0), SCMP_ACT_ERRNO(1));
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 438, 0), SCMP_ACT_ERRNO(38));
}

static void unknown_names_are_told(void **state)
{
	struct spec_seccomp_rule rules[] = {
		{ NAMES("read", "frobnicate", "s390_sthyi"), .action = SECCOMP_NOTIFY },
		{ NAMES("defenestrate", "cacheflush"), .action = SECCOMP_ALLOW },
	};
	struct spec_seccomp profile = { .default_action = SECCOMP_ERRNO, .flags = 6, RULES(rules) };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);

	(void)state;
	assert_int_equal(program.unknown.count, 2);
	assert_string_equal(program.unknown.items[0], "frobnicate");
	assert_string_equal(program.unknown.items[1], "defenestrate");
	assert_int_equal(program.flags, 6);
	assert_true(program.notifies);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0, 0), SCMP_ACT_NOTIFY);
}

static void wider_rules_win_then_the_first(void **state)
{
	struct spec_seccomp_rule rules[] = {
		{ NAMES("ioctl"), .action = SECCOMP_LOG, ARGS({ 1, SECCOMP_GT, 100, 0 }) },
		{ NAMES("ioctl"), .action = SECCOMP_TRAP, ARGS({ 1, SECCOMP_GT, 50, 0 }) },
		{ NAMES("clone"), .action = SECCOMP_ALLOW, ARGS({ 0, SECCOMP_MASKED_EQ, 0x7e020000, 0 }) },
		{ NAMES("clone"), .action = SECCOMP_ERRNO, .errno_ret = { true, 5 } },
		{ NAMES("clone"), .action = SECCOMP_KILL_PROCESS },
	};
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW, RULES(rules) };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);
	struct seccomp_data call = { .nr = 16, .arch = AUDIT_ARCH_X86_64 };
	struct sock_filter *items = (struct sock_filter *)program.items;

	(void)state;
	call.args[1] = 101;
	assert_int_equal(cbpf_run(items, &call), SCMP_ACT_LOG);
	call.args[1] = 51;
	assert_int_equal(cbpf_run(items, &call), SCMP_ACT_TRAP);
	call.args[1] = 50;
	assert_int_equal(cbpf_run(items, &call), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 56, 0), SCMP_ACT_ERRNO(5));
}

/* What the runtime is told of a program that can never start. */
static void tells_what_kills_a_call(void **state)
{
	(void)state;
	static const struct {
		enum spec_seccomp_action action;
		bool kills;
	} cases[] = {
		{ SECCOMP_KILL_PROCESS, true }, { SECCOMP_KILL_THREAD, true }, { SECCOMP_TRAP, true },
		{ SECCOMP_ERRNO, false },       { SECCOMP_LOG, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_seccomp_rule rules[] = { { NAMES("execve"), .action = cases[i].action } };
		struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW, RULES(rules) };
		struct seccomp_program program = compile(&profile, SECCOMP_X86_64);
		assert_int_equal(seccomp_kills(&program, SECCOMP_X86_64, "execve"), cases[i].kills);
		assert_false(seccomp_kills(&program, SECCOMP_X86_64, "read"));
	}
	/* By default, too; but a number above all that are named fails with ENOSYS. */
	struct spec_seccomp_rule rules[] = { { NAMES("exit"), .action = SECCOMP_ALLOW } };
	struct spec_seccomp profile = { .default_action = SECCOMP_KILL_PROCESS, RULES(rules) };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);
	assert_true(seccomp_kills(&program, SECCOMP_X86_64, "execve"));
	assert_false(seccomp_kills(&program, SECCOMP_X86_64, "exit"));
	assert_false(seccomp_kills(&program, SECCOMP_X86_64, "exit_group"));
}

/* TIOCSTI with a bit set in the upper half: CVE-2019-10063. The kernel looks at the lower half only. */
static void masks_see_through_the_upper_half(void **state)
{
	struct spec_seccomp_rule rules[] = { { NAMES("ioctl"), .action = SECCOMP_ERRNO,
		                               ARGS({ 1, SECCOMP_MASKED_EQ, 0xffffffff, 0x5412 }) } };
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW, RULES(rules) };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);
	struct seccomp_data call = { .nr = 16, .arch = AUDIT_ARCH_X86_64, .args = { 0, 0x100005412 } };

	(void)state;
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ERRNO(1));
	call.args[1] = 0x5413;
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ALLOW);
}

static void rules_hold_inside_socketcall(void **state)
{
	struct spec_seccomp_rule rules[] = {
		{ NAMES("socket", "accept"), .action = SECCOMP_ERRNO, ARGS({ 0, SECCOMP_EQ, 40, 0 }) },
		{ NAMES("bind"), .action = SECCOMP_LOG, ARGS({ 0, SECCOMP_EQ, 40, 0 }) },
		{ NAMES("shmget"), .action = SECCOMP_TRAP },
	};
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW, RULES(rules) };
	struct seccomp_program program;

	(void)state;
	profile.architectures = (const char *[]){ "SCMP_ARCH_X86" };
	profile.architecture_count = 1;
	program = compile(&profile, SECCOMP_X86_64);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 359, 40), SCMP_ACT_ERRNO(1));
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 359, 41), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 102, 1), SCMP_ACT_ERRNO(1));
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 102, 2), SCMP_ACT_LOG);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 102, 3), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 102, 5), SCMP_ACT_ERRNO(1));
	/* The version in the upper half of ipc's first argument hides nothing. */
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 117, 23), SCMP_ACT_TRAP);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 117, 0x10000 | 23), SCMP_ACT_TRAP);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 117, 24), SCMP_ACT_ALLOW);
	/* What a condition allows is not allowed where the condition cannot be seen. */
	profile.default_action = SECCOMP_ERRNO;
	rules[0].action = SECCOMP_ALLOW;
	program = compile(&profile, SECCOMP_X86_64);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 359, 40), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 102, 1), SCMP_ACT_ERRNO(1));
}

static void errnos_are_kept(void **state)
{
	struct spec_seccomp_rule rules[] = {
		{ NAMES("read"), .action = SECCOMP_ERRNO, .errno_ret = { true, 13 } },
		{ NAMES("write"), .action = SECCOMP_ERRNO, .errno_ret = { true, 0 } },
		{ NAMES("open"), .action = SECCOMP_TRACE },
		{ NAMES("close"), .action = SECCOMP_TRACE, .errno_ret = { true, 77 } },
		{ NAMES("stat"), .action = SECCOMP_ERRNO, .errno_ret = { true, 0x10005 } },
	};
	struct spec_seccomp profile = { .default_action = SECCOMP_ERRNO, .default_errno = { true, 22 }, RULES(rules) };
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);

	(void)state;
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0, 0), SCMP_ACT_ERRNO(13));
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 1, 0), SCMP_ACT_ERRNO(0));
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 2, 0), SCMP_ACT_TRACE(1));
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 3, 0), SCMP_ACT_TRACE(77));
	/* An errno that is none never reaches the action's own bits. */
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 4, 0), SCMP_ACT_ERRNO(5));
	profile.rule_count = 0;
	program = compile(&profile, SECCOMP_X86_64);
	assert_int_equal(run(&program, AUDIT_ARCH_X86_64, 0, 0), SCMP_ACT_ERRNO(22));
}

/* `count` rules on ioctl, each of four instructions on x86-64. */
static struct spec_seccomp long_profile(size_t count)
{
	static const char *ioctl_name[] = { "ioctl" };
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW, .rule_count = count };

	profile.rules = ARENA_ARRAY(&arena, count, struct spec_seccomp_rule);
	for (size_t i = 0; i < count; i++) {
		struct spec_seccomp_arg *arg = ARENA_NEW(&arena, struct spec_seccomp_arg);

		*arg = (struct spec_seccomp_arg){ .index = 1, .op = SECCOMP_EQ, .value = i };
		profile.rules[i] = (struct spec_seccomp_rule){ .names = { .items = ioctl_name, .count = 1 },
			                                       .action = SECCOMP_ERRNO,
			                                       .errno_ret = { true, i % 4000 },
			                                       .args = arg,
			                                       .arg_count = 1 };
	}
	return profile;
}

static void far_jumps_arrive(void **state)
{
	struct spec_seccomp profile = long_profile(600);
	struct seccomp_program program = compile(&profile, SECCOMP_X86_64);
	struct seccomp_data call = { .nr = 16, .arch = AUDIT_ARCH_X86_64 };

	(void)state;
	assert_true(program.count > 3000);
	for (call.args[1] = 0; call.args[1] < 600; call.args[1]++)
		assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ERRNO(call.args[1]));
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ALLOW);
	assert_int_equal(run(&program, AUDIT_ARCH_I386, 16, 0), SCMP_ACT_KILL_PROCESS);
}

static void too_long_is_an_error(void **state)
{
	struct spec_seccomp profile = long_profile(1100);
	struct seccomp_program program;
	struct err err = { 0 };

	(void)state;
	assert_true(seccomp_compile(&arena, &profile, SECCOMP_X86_64, &program, &err) < 0);
	assert_string_equal(err.what, "the seccomp profile needs more than 4096 instructions, the kernel's limit");
	assert_string_equal(err.pointer, "/linux/seccomp");
	assert_int_equal(err.status, 125);
}

/* --- real profiles ----------------------------------------------------------------------------- */

static void compare_profile(const char *name, size_t most, size_t most_alone)
{
	struct spec_seccomp profile = profile_load(&arena, name);
	static const uint32_t audits[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64 };
	struct comparison comparison = { .profile = &profile, .native = SECCOMP_X86_64, .tries = 60 };
	size_t oracle_count = 0;

	comparison.ours = compile(&profile, SECCOMP_X86_64);
	comparison.oracle = profile_oracle(&arena, &profile, SCMP_ARCH_X86_64, &oracle_count);
	comparison.samples = samples_of(&profile);
	assert_non_null(comparison.oracle);
	compare_all(&comparison, audits, COUNT(audits));

	profile.architecture_count = 1;
	struct seccomp_program alone = compile(&profile, SECCOMP_X86_64);

	print_message(
		"# %s: %zu instructions, x86-64 alone %zu (libseccomp %zu); %zu calls compared, %zu differ by ENOSYS\n",
		name, comparison.ours.count, alone.count, oracle_count, comparison.calls, comparison.enosys);
	assert_true(comparison.ours.count <= most);
	assert_true(alone.count <= most_alone);
}

static void podman_profile(void **state)
{
	(void)state;
	compare_profile("podman.json", 678, 173);
}

static void docker_profile(void **state)
{
	(void)state;
	compare_profile("docker.json", 678, 173);
}

/* What the engine's whole config.json is decoded to gives the same program. */
static void decoded_config_compiles_alike(void **state)
{
	struct spec_seccomp profile = profile_load(&arena, "podman.json");
	struct seccomp_program expected = compile(&profile, SECCOMP_X86_64);
	const char *root = getenv("KIST_SOURCE");
	char *path = arena_printf(&arena, "%s/test/plan/configs/podman-network-none.json", root ? root : ".");
	struct spec_faults faults = { .arena = &arena };
	char *text;
	size_t length;

	(void)state;
	assert_int_equal(file_read_at(&arena, AT_FDCWD, path, SPEC_LIMIT, &text, &length), 0);
	struct spec *spec = spec_decode(&arena, text, length, "config.json", "/bundle", &faults);

	assert_int_equal(faults.count, 0);
	struct seccomp_program decoded = compile(&spec->linux_.seccomp, SECCOMP_X86_64);

	assert_int_equal(decoded.count, expected.count);
	assert_memory_equal(decoded.items, expected.items, expected.count * sizeof(*expected.items));
	assert_int_equal(decoded.unknown.count, 0);
}

static void compiling_takes_microseconds(void **state)
{
	struct spec_seccomp profile = profile_load(&arena, "podman.json");
	double best = 1e9;

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct timespec before, after;

		clock_gettime(CLOCK_MONOTONIC, &before);
		compile(&profile, SECCOMP_X86_64);
		clock_gettime(CLOCK_MONOTONIC, &after);
		double taken = (after.tv_sec - before.tv_sec) * 1e6 + (after.tv_nsec - before.tv_nsec) / 1e3;

		best = taken < best ? taken : best;
	}
	print_message("# podman.json compiles in %.0f us\n", best);
	assert_true(best < 2000); /* a sanitizer and a busy machine included */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_sorted),
		cmocka_unit_test(table_equals_libseccomp),
		cmocka_unit_test(unlisted_architectures_kill),
		cmocka_unit_test(newer_calls_fail_with_enosys),
		cmocka_unit_test(unknown_names_are_told),
		cmocka_unit_test(wider_rules_win_then_the_first),
		cmocka_unit_test(tells_what_kills_a_call),
		cmocka_unit_test(masks_see_through_the_upper_half),
		cmocka_unit_test(rules_hold_inside_socketcall),
		cmocka_unit_test(errnos_are_kept),
		cmocka_unit_test(far_jumps_arrive),
		cmocka_unit_test(too_long_is_an_error),
		cmocka_unit_test(podman_profile),
		cmocka_unit_test(docker_profile),
		cmocka_unit_test(decoded_config_compiles_alike),
		cmocka_unit_test(compiling_takes_microseconds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
