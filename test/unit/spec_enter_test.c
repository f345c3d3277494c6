/* spec_enter_test.c: what `kist enter` means: which namespaces, who one is there, and what one may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "spec/enter.h"

#include <string.h>

enum { BOUNDING = 0x31 };

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

/* Of a process in a user namespace of its own, whose ids begin at 5, when that is joined. */
static struct spec *enter(uint32_t namespaces, struct box_flags flags, bool denies_setgroups)
{
	static const char *program[] = { "sh" };
	const struct enter_target target = {
		.pid = 7,
		.start_time = 99,
		.namespaces = namespaces,
		.own_root = namespaces & ABI_NEWNS,
		.cwd = "/srv",
		.bounding = BOUNDING,
		.uid = 1000,
		.gid = 1001,
		.uid_map = "        20     100000      10\n         5       1000          1\n",
		.gid_map = "         6       1001          1\n",
		.denies_setgroups = denies_setgroups,
	};
	faults = (struct spec_faults){ .arena = &arena };
	flags.args = program;
	flags.arg_count = 1;
	flags.cwd = "/home";
	return enter_spec(&arena, &flags, &target, &faults);
}

static void namespaces_are_joined_and_nothing_is_made(void **state)
{
	(void)state;
	struct spec *spec = enter(ABI_NEWNS | ABI_NEWPID, (struct box_flags){ 0 }, false);
	assert_int_equal(faults.count, 0);
	assert_int_equal(spec->linux_.namespace_count, 2);
	assert_string_equal(spec->linux_.namespaces[0].path, "/proc/7/ns/mnt");
	assert_string_equal(spec->linux_.namespaces[1].path, "/proc/7/ns/pid");
	assert_string_equal(spec->root.path, "/proc/7/root");
	assert_string_equal(spec->process.cwd, "/srv");
	assert_int_equal(spec->mount_count, 0);
	assert_int_equal(spec->box.process, 7);
	assert_int_equal(spec->box.process_start, 99);
	spec = enter(ABI_NEWUTS, (struct box_flags){ .workdir = "/tmp" }, false);
	assert_string_equal(spec->root.path, "/");
	assert_string_equal(spec->process.cwd, "/tmp");
}

static void the_caller_stays_or_becomes_the_first(void **state)
{
	(void)state;
	struct spec *spec = enter(ABI_NEWPID, (struct box_flags){ 0 }, true);
	assert_int_equal(spec->process.user.uid, 1000);
	assert_int_equal(spec->process.user.gid, 1001);
	assert_int_equal(spec->box.groups, GROUPS_OF_USER); /* whether its own user namespace denies it is not asked */
	spec = enter(ABI_NEWPID | ABI_NEWUSER, (struct box_flags){ 0 }, true);
	assert_int_equal(spec->process.user.uid, 5);
	assert_int_equal(spec->process.user.gid, 6);
	assert_int_equal(spec->box.groups, GROUPS_KEPT);
	spec = enter(ABI_NEWUSER, (struct box_flags){ .user = "29:6", .groups = "keep" }, true);
	assert_int_equal(faults.count, 0);
	assert_int_equal(spec->process.user.uid, 29);
}

static const char *fault_of(uint32_t namespaces, struct box_flags flags, bool denies_setgroups)
{
	enter(namespaces, flags, denies_setgroups);
	return faults.count ? faults.items[0].text : "";
}

static void who_cannot_be_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(fault_of(ABI_NEWUSER, (struct box_flags){ .user = "30" }, false), "this user id"));
	assert_non_null(strstr(fault_of(ABI_NEWUSER, (struct box_flags){ .user = "5:5" }, false), "this group id"));
	assert_string_equal(fault_of(ABI_NEWPID, (struct box_flags){ .user = "30:5" }, false), "");
	assert_string_equal(fault_of(ABI_NEWUSER, (struct box_flags){ .user = "somebody:some" }, false), "");
	assert_non_null(strstr(fault_of(ABI_NEWUSER, (struct box_flags){ .groups = "6" }, true), "denies setgroups"));
	assert_non_null(
		strstr(fault_of(ABI_NEWUSER, (struct box_flags){ .groups = "none" }, true), "denies setgroups"));
}

static uint64_t effective(const char *user)
{
	struct spec *spec = enter(ABI_NEWPID, (struct box_flags){ .user = user }, false);
	assert_true(spec->process.capabilities.set);
	assert_int_equal(spec->process.capabilities.bounding, BOUNDING);
	assert_int_equal(spec->process.capabilities.inheritable | spec->process.capabilities.ambient, 0);
	return spec->process.capabilities.effective;
}

static void only_root_has_capabilities(void **state)
{
	(void)state;
	assert_int_equal(effective("0"), BOUNDING);
	assert_int_equal(effective("0:8"), BOUNDING);
	assert_int_equal(effective("root"), BOUNDING);
	assert_int_equal(effective("root:users"), BOUNDING);
	assert_int_equal(effective("r"), 0);
	assert_int_equal(effective("rooty"), 0);
	assert_int_equal(effective("7"), 0);
	assert_int_equal(effective("7:0"), 0);
	assert_int_equal(effective(NULL), 0); /* the caller, who is no root */
}

/* Warnings of a process with this bounding set. */
static size_t warnings(uint64_t bounding, bool shares_user, uint32_t namespaces)
{
	static const char *program[] = { "sh" };
	const struct enter_target target = {
		.pid = 7,
		.namespaces = namespaces,
		.shares_user = shares_user,
		.cwd = "/",
		.bounding = bounding,
		.uid_map = "0 0 1",
		.gid_map = "0 0 1",
	};
	const struct box_flags flags = { .args = program, .arg_count = 1, .cwd = "/" };
	faults = (struct spec_faults){ .arena = &arena };
	enter_spec(&arena, &flags, &target, &faults);
	assert_int_equal(faults.count, 0);
	return faults.warning_count;
}

static void tracers_are_warned_of(void **state)
{
	(void)state;
	const uint64_t traces = UINT64_C(1) << 19, rules = UINT64_C(1) << 21;
	assert_int_equal(warnings(traces, true, ABI_NEWPID | ABI_NEWNS), 1);
	assert_int_equal(warnings(traces, true, ABI_NEWNS), 0);
	assert_int_equal(warnings(traces, false, ABI_NEWPID | ABI_NEWUSER), 0);
	assert_int_equal(warnings(traces | rules, true, ABI_NEWPID), 0);
	assert_int_equal(warnings(rules, true, ABI_NEWPID), 0);
}

static void lists_are_words(void **state)
{
	(void)state;
	uint32_t types;
	const char *nearest = "";
	assert_null(enter_parse(&arena, "mnt,pid,user", &types, &nearest));
	assert_int_equal(types, ABI_NEWNS | ABI_NEWPID | ABI_NEWUSER);
	assert_null(enter_parse(&arena, "mount,network", &types, &nearest));
	assert_int_equal(types, ABI_NEWNS | ABI_NEWNET);
	assert_string_equal(enter_parse(&arena, "mnt,pdi", &types, &nearest), "pdi");
	assert_string_equal(nearest, "pid");
	assert_string_equal(enter_parse(&arena, "moutn", &types, &nearest), "moutn");
	assert_string_equal(nearest, "mount");
	assert_string_equal(enter_parse(&arena, "", &types, &nearest), "");
	assert_string_equal(enter_parse(&arena, "mnt,", &types, &nearest), "");
	assert_string_equal(enter_parse(&arena, "qwertz", &types, &nearest), "qwertz");
	assert_null(nearest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(namespaces_are_joined_and_nothing_is_made, setup, teardown),
		cmocka_unit_test_setup_teardown(the_caller_stays_or_becomes_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(who_cannot_be_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(only_root_has_capabilities, setup, teardown),
		cmocka_unit_test_setup_teardown(tracers_are_warned_of, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_are_words, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
