/* spec_profile_test.c: seccomp profiles in files of their own: docker's form, and what holds for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "spec/profile.h"

#include <string.h>

static struct arena arena;
static struct spec_faults faults;

static int setup(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static struct profile *decode(const char *text)
{
	faults = (struct spec_faults){ .arena = &arena };
	return profile_decode(&arena, text, strlen(text), &faults);
}

/* The first names of the rules that hold, in order, with a blank behind each. */
static const char *resolve(const struct profile *profile, struct profile_reader reader, struct spec_seccomp *seccomp)
{
	struct buf text = buf_in(&arena);
	assert_int_equal(faults.count, 0);
	profile_resolve(&arena, profile, &reader, seccomp);
	buf_puts(&text, "");
	for (size_t i = 0; i < seccomp->rule_count; i++)
		buf_printf(&text, "%s ", seccomp->rules[i].names.items[0]);
	return text.bytes;
}

static const char docker_form[] =
	"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38, \"comment\": \"x\",\n"
	"  \"archMap\": [ { \"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": [\"SCMP_ARCH_X86\"] },\n"
	"               { \"architecture\": \"SCMP_ARCH_AARCH64\", \"subArchitectures\": null } ],\n"
	"  \"syscalls\": [\n"
	"    { \"names\": [\"read\", \"write\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": null, \"includes\": {},\n"
	"      \"excludes\": {}, \"comment\": \"\" },\n"
	"    { \"name\": \"close\", \"action\": \"SCMP_ACT_ALLOW\" },\n"
	"    { \"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": { \"caps\": [\"CAP_SYS_ADMIN\"] "
	"} },\n"
	"    { \"names\": [\"umount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EACCES\",\n"
	"      \"excludes\": { \"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"] } },\n"
	"    { \"names\": [\"bpf\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	"      \"includes\": { \"caps\": [\"CAP_SYS_ADMIN\", \"CAP_BPF\"] } },\n"
	"    { \"names\": [\"arch_prctl\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": { \"arches\": [\"amd64\", "
	"\"x32\"] } },\n"
	"    { \"names\": [\"dup\"], \"action\": \"SCMP_ACT_ALLOW\", \"excludes\": { \"arches\": [\"arm64\"] } },\n"
	"    { \"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": { \"minKernel\": \"4.8\" } },\n"
	"    { \"names\": [\"kcmp\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 7,\n"
	"      \"excludes\": { \"minKernel\": \"6.10.3\" } } ] }";

static void rules_hold_for_whom_they_name(void **state)
{
	(void)state;
	const struct profile *profile = decode(docker_form);
	const uint64_t admin = UINT64_C(1) << 21, bpf = UINT64_C(1) << 39;
	struct spec_seccomp seccomp;
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "x86_64", { 6, 1 } }, &seccomp),
	                    "read close umount arch_prctl dup ptrace kcmp ");
	assert_true(seccomp.set);
	assert_int_equal(seccomp.default_action, SECCOMP_ERRNO);
	assert_int_equal(seccomp.default_errno.value, 38);
	assert_int_equal(seccomp.architecture_count, 2);
	assert_string_equal(seccomp.architectures[0], "SCMP_ARCH_X86_64");
	assert_string_equal(seccomp.architectures[1], "SCMP_ARCH_X86");
	assert_int_equal(seccomp.rules[0].names.count, 2);
	assert_int_equal(seccomp.rules[2].errno_ret.value, 13);
	assert_int_equal(seccomp.rules[6].errno_ret.value, 7);
	/* All of the included capabilities, any of the excluded ones. */
	assert_string_equal(resolve(profile, (struct profile_reader){ admin, "x86_64", { 6, 1 } }, &seccomp),
	                    "read close mount arch_prctl dup ptrace kcmp ");
	assert_string_equal(resolve(profile, (struct profile_reader){ admin | bpf, "x86_64", { 6, 1 } }, &seccomp),
	                    "read close mount bpf arch_prctl dup ptrace kcmp ");
	/* Another machine, and kernels on either side of the edges. */
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "aarch64", { 4, 7 } }, &seccomp),
	                    "read close umount kcmp ");
	assert_int_equal(seccomp.architecture_count, 1);
	assert_string_equal(seccomp.architectures[0], "SCMP_ARCH_AARCH64");
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "aarch64", { 4, 8 } }, &seccomp),
	                    "read close umount ptrace kcmp ");
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "aarch64", { 6, 9 } }, &seccomp),
	                    "read close umount ptrace kcmp ");
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "aarch64", { 6, 10 } }, &seccomp),
	                    "read close umount ptrace ");
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "aarch64", { 7, 0 } }, &seccomp),
	                    "read close umount ptrace ");
}

static void the_oci_form_is_read_too(void **state)
{
	(void)state;
	struct spec_seccomp seccomp;
	const struct profile *profile = decode(
		"{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"SCMP_ARCH_X86_64\", "
		"\"SCMP_ARCH_X32\"],\n"
		"  \"flags\": [\"SECCOMP_FILTER_FLAG_LOG\"], \"syscalls\": [ { \"names\": [\"kill\"],\n"
		"  \"action\": \"SCMP_ACT_ERRNO\", \"args\": [ { \"index\": 1, \"value\": 9, \"op\": \"SCMP_CMP_EQ\" "
		"} ] } ] }");
	assert_string_equal(resolve(profile, (struct profile_reader){ 0, "x86_64", { 6, 1 } }, &seccomp), "kill ");
	assert_int_equal(seccomp.architecture_count, 2);
	assert_int_equal(seccomp.flags, 2);
	assert_int_equal(seccomp.rules[0].arg_count, 1);
	assert_int_equal(seccomp.rules[0].args[0].value, 9);
}

/* All of them, each with its place. */
static void faults_are_told_at_once(void **state)
{
	(void)state;
	decode("{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"defaultErrno\": \"EWHAT\",\n"
	       "  \"archMap\": [ { \"subArchitectures\": [\"SCMP_ARCH_X68\"] } ], \"architectures\": "
	       "[\"SCMP_ARCH_ARM\"],\n"
	       "  \"syscalls\": [ { \"names\": [], \"action\": \"SCMP_ACT_ALLOW\", \"errnoRet\": 3 },\n"
	       "    { \"name\": \"a\", \"names\": [\"b\", \"\"], \"action\": \"SCMP_ACT_LOGG\", \"errno\": \"EPERM\",\n"
	       "      \"includes\": { \"caps\": [\"CAP_SYS_ADMN\"], \"minKernel\": \"6\" } },\n"
	       "    { \"names\": [\"x\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	       "      \"args\": [ { \"index\": 6, \"value\": 1, \"op\": \"SCMP_CMP_EQ\" } ] } ] }");
	static const struct {
		unsigned line, column;
		const char *text;
	} wanted[] = {
		{ 1, 1, "has both \"architectures\" and \"archMap\"" },
		{ 1, 54, "unknown errno \"EWHAT\": give its number" },
		{ 1, 54, "SCMP_ACT_ALLOW returns no errno: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do" },
		{ 2, 16, "missing: this property is required" },
		{ 2, 39, "unknown seccomp architecture \"SCMP_ARCH_X68\" (did you mean \"SCMP_ARCH_X86\"?)" },
		{ 3, 17, "expected the name of at least one system call in \"names\"" },
		{ 3, 72, "SCMP_ACT_ALLOW returns no errno: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do" },
		{ 4, 5, "has both \"name\" and \"names\"" },
		{ 4, 5, "an empty name: expected the name of a system call" },
		{ 4, 50, "unknown seccomp action \"SCMP_ACT_LOGG\" (did you mean \"SCMP_ACT_LOG\"?)" },
		{ 5, 30, "unknown capability \"CAP_SYS_ADMN\" (did you mean \"CAP_SYS_ADMIN\"?)" },
		{ 5, 60, "expected a kernel version such as \"4.8\", got \"6\"" },
		{ 7, 28, "expected an integer from 0 to 5, got 6" },
	};
	for (size_t i = 0; i < faults.count && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_string_equal(faults.items[i].text, wanted[i].text);
		assert_int_equal(faults.items[i].line, wanted[i].line);
		assert_int_equal(faults.items[i].column, wanted[i].column);
	}
	assert_int_equal(faults.count, sizeof(wanted) / sizeof(wanted[0]));
	decode("[]");
	assert_int_equal(faults.count, 1);
	decode("{");
	assert_int_equal(faults.count, 1);
	assert_int_equal(faults.items[0].line, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_hold_for_whom_they_name),
		cmocka_unit_test(the_oci_form_is_read_too),
		cmocka_unit_test(faults_are_told_at_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
