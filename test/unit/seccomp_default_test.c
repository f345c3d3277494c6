/* seccomp_default_test.c: the filter of a box against podman's, decision by decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "seccomp_model.h"
#include "spec/names.h"
#include "spec/seccomp_default.h"

enum { TIOCSTI_NUMBER = 0x5412, TIOCLINUX_NUMBER = 0x541c };

/* What podman 4.3 gives root inside: the set that its profile was written out for. */
static uint64_t podman_capabilities(void)
{
	static const char *const names[] = { "CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",    "CAP_FSETID",
		                             "CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",   "CAP_SETGID",
		                             "CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT" };
	uint64_t set = 0, number;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(name_value(&name_capabilities, names[i], &number));
		set |= UINT64_C(1) << number;
	}
	return set;
}

static bool types_into_terminals(const struct seccomp_data *call)
{
	uint32_t number = (uint32_t)call->args[1];
	bool is_ioctl = (call->arch == AUDIT_ARCH_X86_64 && (call->nr == 16 || call->nr == (X32_BIT | 514))) ||
	                (call->arch == AUDIT_ARCH_I386 && call->nr == 54);
	return is_ioctl && (number == TIOCSTI_NUMBER || number == TIOCLINUX_NUMBER);
}

/* Every number of every architecture of a PC, with arguments around everything that either profile compares. */
static void decides_as_podman(void **state)
{
	static const uint32_t audits[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64 };
	static const uint64_t values[] = { 0,
		                           1,
		                           2,
		                           8,
		                           9,
		                           10,
		                           15,
		                           16,
		                           17,
		                           40,
		                           0x20000,
		                           0x20008,
		                           0x5411,
		                           0x5412,
		                           0x541c,
		                           0x100005412,
		                           0xdeadbeef0000541c,
		                           0xffffffff,
		                           1 << 9,
		                           1 << 30,
		                           UINT64_MAX,
		                           0x10000000010 };
	struct spec_seccomp podman = profile_load(&arena, "podman.json"), own;
	size_t calls = 0, terminals = 0;
	(void)state;
	seccomp_default(&arena, podman_capabilities(), "x86_64", &own);
	struct seccomp_program theirs = compile(&podman, SECCOMP_X86_64), ours = compile(&own, SECCOMP_X86_64);
	assert_int_equal(ours.unknown.count, 0);
	for (size_t i = 0; i < COUNT(audits) * 1400 * COUNT(values) * COUNT(values); i++, calls++) {
		uint64_t pair = i % (COUNT(values) * COUNT(values)), rest = i / (COUNT(values) * COUNT(values));
		uint64_t second = values[pair / COUNT(values)];
		struct seccomp_data call = {
			.nr = (int)(rest % 1400 < 700 ? rest % 1400 : (rest % 1400 - 700) | X32_BIT),
			.arch = audits[rest / 1400],
			.args = { values[pair % COUNT(values)], second, second },
		};
		bool terminal = types_into_terminals(&call);
		uint32_t wanted = cbpf_run((struct sock_filter *)theirs.items, &call);
		uint32_t got = cbpf_run((struct sock_filter *)ours.items, &call);
		if (terminal)
			wanted = SCMP_ACT_ERRNO(1);
		if (got != wanted)
			fail_msg("%x: call %d (%#llx, %#llx): %x instead of %x", call.arch, call.nr,
			         (long long)call.args[0], (long long)call.args[1], got, wanted);
		terminals += terminal;
	}
	assert_true(terminals > 100);
	print_message("# %zu decisions compared; %zu instructions, podman's %zu\n", calls, ours.count, theirs.count);
}

/* The names that only arm has were left out of the x86 form of the profile. */
static void knows_the_calls_of_arm(void **state)
{
	struct spec_seccomp own;
	(void)state;
	seccomp_default(&arena, podman_capabilities(), "aarch64", &own);
	struct seccomp_program program = compile(&own, SECCOMP_AARCH64);
	struct seccomp_data call = { .nr = 29, .arch = AUDIT_ARCH_AARCH64, .args = { 0, TIOCSTI_NUMBER } };
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ERRNO(1));
	call.args[1]++;
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ALLOW);
	call = (struct seccomp_data){ .nr = 0xf0005, .arch = AUDIT_ARCH_ARM }; /* set_tls */
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ALLOW);
	call = (struct seccomp_data){ .nr = 104, .arch = AUDIT_ARCH_AARCH64 }; /* kexec_load */
	assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call), SCMP_ACT_ERRNO(1));
}

/* A config.json that is printed from a box may be given to another runtime: libseccomp decides alike. */
static void libseccomp_decides_alike(void **state)
{
	static const uint32_t audits[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64 };
	struct spec_seccomp own;
	struct comparison comparison = { .profile = &own, .native = SECCOMP_X86_64, .tries = 60 };
	size_t count = 0;
	(void)state;
	seccomp_default(&arena, podman_capabilities(), "x86_64", &own);
	comparison.ours = compile(&own, SECCOMP_X86_64);
	comparison.oracle = profile_oracle(&arena, &own, SCMP_ARCH_X86_64, &count);
	comparison.samples = samples_of(&own);
	assert_non_null(comparison.oracle);
	compare_all(&comparison, audits, COUNT(audits));
}

/* What each capability opens, and nothing else: {capability, an x86-64 number}. */
static void capabilities_open_their_calls(void **state)
{
	static const struct {
		const char *capability;
		int number;
	} rows[] = {
		{ "CAP_DAC_READ_SEARCH", 304 }, { "CAP_SYS_MODULE", 175 }, { "CAP_SYS_RAWIO", 172 },
		{ "CAP_SYS_CHROOT", 161 },      { "CAP_SYS_PTRACE", 312 }, { "CAP_SYS_PACCT", 163 },
		{ "CAP_SYS_ADMIN", 321 },       { "CAP_SYS_TIME", 164 },   { "CAP_SYS_TTY_CONFIG", 153 },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spec_seccomp own;
		uint64_t number;
		assert_true(name_value(&name_capabilities, rows[i].capability, &number));
		seccomp_default(&arena, UINT64_C(1) << number, "x86_64", &own);
		struct seccomp_program program = compile(&own, SECCOMP_X86_64);
		for (size_t k = 0; k < COUNT(rows); k++) {
			struct seccomp_data call = { .nr = rows[k].number, .arch = AUDIT_ARCH_X86_64 };
			assert_int_equal(cbpf_run((struct sock_filter *)program.items, &call),
			                 i == k ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(1));
		}
	}
	struct spec_seccomp own;
	struct seccomp_data audit = { .nr = 41, .arch = AUDIT_ARCH_X86_64, .args = { 16, 3, 9 } };
	seccomp_default(&arena, 0, "x86_64", &own);
	assert_int_equal(cbpf_run((struct sock_filter *)compile(&own, SECCOMP_X86_64).items, &audit),
	                 SCMP_ACT_ERRNO(22));
	seccomp_default(&arena, UINT64_C(1) << 29, "x86_64", &own);
	assert_int_equal(cbpf_run((struct sock_filter *)compile(&own, SECCOMP_X86_64).items, &audit), SCMP_ACT_ALLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_podman),
		cmocka_unit_test(knows_the_calls_of_arm),
		cmocka_unit_test(libseccomp_decides_alike),
		cmocka_unit_test(capabilities_open_their_calls),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
