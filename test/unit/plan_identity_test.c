/* plan_identity_test.c: what the plan decides about who the program is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"

#include "plan/wire.h"
#include "spec/names.h"

/* --- identity ------------------------------------------------------------------------------------------- */

static void identity_in_order(void **state)
{
	(void)state;
	struct config config = {
		.process = ",'env':['A=1','HOME=','A=2'],'rlimits':[{'type':'RLIMIT_CORE','soft':0,'hard':0}]",
		.linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','syscalls':[{'names':['reboot'],"
			  "'action':'SCMP_ACT_ERRNO'}]},'personality':{'domain':'LINUX32'}",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(
		story(block, STEP_set_rlimit, STEP_exec),
		"set_rlimit set_personality set_umask lookup_user take_pipes new_keyring new_session change_dir "
		"inspect_program seccomp drop_bounding set_groups set_gid set_uid set_caps hide_process exec");
	assert_string_equal(list_of(block, step_of(block, STEP_exec, 0)->exec.env),
	                    "A=2");                                               /* the last wins, no empty HOME */
	assert_int_equal(step_of(block, STEP_set_umask, 0)->set_umask.mask, 027); /* unset: the caller's */
	assert_int_equal(step_of(block, STEP_set_uid, 0)->set_uid.identity, 0);   /* only HOME is looked up */
	config.process = ",'env':['HOME=/x'],'noNewPrivileges':true,'user':{'uid':1,'gid':2,'umask':63}";
	block = plan_of(spec_with(config), root_host());
	assert_string_equal(
		story(block, STEP_set_umask, STEP_exec),
		"set_umask take_pipes new_keyring new_session change_dir inspect_program drop_bounding set_groups "
		"set_gid "
		"set_uid set_caps hide_process no_new_privs seccomp exec");
	assert_int_equal(step_of(block, STEP_set_umask, 0)->set_umask.mask, 077);
}

/* Who may open /dev/stdout: only what init's user namespace does not map is given from outside. */
static void pipes_of_the_caller(void **state)
{
	(void)state;
	struct config config = { .process = ",'user':{'uid':7,'gid':0}" };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_int_equal(step_of(block, STEP_take_pipes, 0)->take_pipes.uid, 7);
	assert_int_equal(count_of(block, STEP_give_pipes), 0);
	config.namespaces = WITH_USER;
	config.linux_ = ROOT_MAP;
	block = plan_of(spec_with(config), root_host());
	assert_int_equal(step_of(block, STEP_give_pipes, 0)->give_pipes.uid, 100007);
	assert_int_equal(count_of(block, STEP_take_pipes), 0);
	config.linux_ = RANGE_MAP;
	block = plan_of(spec_with(config), user_host());
	assert_int_equal(step_of(block, STEP_take_pipes, 0)->take_pipes.uid, 7);
	assert_int_equal(count_of(block, STEP_give_pipes), 0);
	/* A terminal is the program's already. */
	config = (struct config){ .process = ",'terminal':true",
		                  .document = ",'mounts':[{'destination':'/dev/pts','type':'devpts'}]" };
	assert_int_equal(count_of(plan_of(spec_with(config), root_host()), STEP_take_pipes), 0);
}

static void capabilities(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(spec_with((struct config){ 0 }), root_host());
	const struct step *caps = step_of(block, STEP_set_caps, 0);
	assert_int_equal(step_of(block, STEP_drop_bounding, 0)->drop_bounding.keep, 0); /* unset: none */
	assert_int_equal(caps->set_caps.permitted | caps->set_caps.effective, 0);
	struct config config = {
		.process = ",'capabilities':{'bounding':['CAP_CHOWN','CAP_KILL'],'permitted':['CAP_CHOWN','CAP_KILL'],"
			   "'effective':['CAP_CHOWN'],'inheritable':['CAP_KILL'],"
			   "'ambient':['CAP_CHOWN','CAP_KILL']}",
	};
	block = plan_of(spec_with(config), root_host());
	caps = step_of(block, STEP_set_caps, 0);
	assert_int_equal(caps->set_caps.permitted, 1u << 0 | 1u << 5);
	assert_int_equal(caps->set_caps.effective, 1u << 0);
	assert_int_equal(caps->set_caps.ambient, 1u << 5); /* CHOWN is not inheritable (CVE-2022-24769) */
}

/* The mask as set_mempolicy(2) takes it, in whole words. */
static void memory_policy(void **state)
{
	(void)state;
	struct config config = { .linux_ = ",'memoryPolicy':{'mode':'MPOL_INTERLEAVE','nodes':'0,3-4,70',"
		                           "'flags':['MPOL_F_STATIC_NODES']}" };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	const struct step *step = step_of(block, STEP_set_memory_policy, 0);
	const uint64_t nodes[] = { 1 | 1 << 3 | 1 << 4, 1 << 6 };
	assert_int_equal(step->set_memory_policy.policy, 3 | 1 << 15);
	assert_int_equal(step->set_memory_policy.nodes.count, sizeof(nodes));
	assert_memory_equal(plan_bytes(block, step->set_memory_policy.nodes), nodes, sizeof(nodes));
	assert_string_equal(plan_step_words(&arena, block, (uint32_t)(step - plan_step(block, 0))),
	                    "set the memory policy MPOL_INTERLEAVE,MPOL_F_STATIC_NODES");
	config.linux_ = ",'memoryPolicy':{'mode':'MPOL_LOCAL'}";
	block = plan_of(spec_with(config), root_host());
	assert_int_equal(step_of(block, STEP_set_memory_policy, 0)->set_memory_policy.nodes.count, 0);
	assert_int_equal(count_of(plan_of(spec_with((struct config){ 0 }), root_host()), STEP_set_memory_policy), 0);
	config.linux_ = ",'memoryPolicy':{'mode':'MPOL_BIND','nodes':'9000'}";
	assert_refused(spec_with(config), root_host(), "/linux/memoryPolicy/nodes", "nodes below 8192");
}

static void limits_that_cannot_be_had(void **state)
{
	(void)state;
	struct config config = {
		.process = ",'rlimits':[{'type':'RLIMIT_NOFILE','soft':1,'hard':2000000000}]",
	};
	assert_refused(spec_with(config), root_host(), "/process/rlimits/0",
	               "hard limit 2000000000 > fs.nr_open 1048576");
	config.process = ",'rlimits':[{'type':'RLIMIT_NPROC','soft':1,'hard':5000}]";
	plan_of(spec_with(config), root_host());
	struct facts *facts = root_host();
	facts->caller.capabilities &= ~(UINT64_C(1) << 24);
	assert_refused(spec_with(config), facts, "/process/rlimits/0", "above the caller's own, 4096");
	config.namespaces = WITH_USER;
	config.linux_ = ROOT_MAP;
	/* Init has no privilege for it there, but kist has. */
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	const struct step *step = step_of(block, STEP_raise_rlimit, 0);
	assert_int_equal(step->raise_rlimit.resource, 6);
	assert_int_equal(step->raise_rlimit.hard, 5000);
	assert_true(step->raise_rlimit.pid == step_of(block, STEP_write_idmap, 0)->write_idmap.pid);
	assert_string_equal(plan_step_words(&arena, block, (uint32_t)(step - plan_step(block, 0))),
	                    "raise the hard limit of RLIMIT_NPROC to 5000");
	assert_refused(spec_with(config), facts, "/process/rlimits/0", "outside of any user namespace");
	facts = root_host();
	facts->caller.initial_user_namespace = false;
	assert_refused(spec_with(config), facts, "/process/rlimits/0", "outside of any user namespace");
	/* What is there already need not be raised. */
	config.process = ",'rlimits':[{'type':'RLIMIT_NPROC','soft':1,'hard':4096}]";
	assert_int_equal(count_of(plan_of(spec_with(config), root_host()), STEP_raise_rlimit), 0);
}

static void groups_and_ids_without_privilege(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = WITH_USER,
		.linux_ = SINGLE_MAP,
		.process = ",'user':{'uid':0,'gid':0,'additionalGids':[0]}",
	};
	assert_refused(spec_with(config), user_host(), "/process/user/additionalGids", "denies setgroups");
	config.linux_ = RANGE_MAP;
	const struct plan_block *block = plan_of(spec_with(config), user_host());
	assert_int_equal(step_of(block, STEP_set_groups, 0)->set_groups.groups.count, sizeof(uint32_t));
	struct spec *spec = spec_with(config);
	spec->process.user.gid = 70000;
	spec->process.user.additional_gids[0] = 70001;
	assert_refused(spec, user_host(), "/process/user/gid", "70000 is not mapped");
	assert_refused(spec, user_host(), "/process/user/additionalGids/0", "70001 is not mapped");
}

/* A call that is being answered is not begun again for a signal with a handler, where the kernel can promise that. */
static void traced_filter(void **state)
{
	(void)state;
	const struct config config = {
		.linux_ = ",'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','flags':['SECCOMP_FILTER_FLAG_TSYNC'],"
			  "'syscalls':[{'names':['reboot'],'action':'SCMP_ACT_ERRNO'}]}",
	};
	const struct plan_request traced = { .id = "c1", .state_root = "/run/kist", .seccomp_trace = true };
	for (int killable = 0; killable < 2; killable++) {
		struct facts *facts = root_host();
		facts->kernel.seccomp_wait_killable = killable;
		faults = (struct spec_faults){ .arena = &arena };
		const struct plan_block *block = plan_make(&arena, spec_with(config), facts, &traced, &faults);
		assert_non_null(block);
		assert_null(plan_law(&arena, block));
		assert_int_equal(step_of(block, STEP_seccomp, 0)->seccomp.flags,
		                 WIRE_FILTER_LISTENER | (killable ? NAME_SECCOMP_WAIT_KILLABLE_RECV : 0));
	}
}

static void nothing_to_run(void **state)
{
	(void)state;
	struct spec *spec = spec_with((struct config){ 0 });
	spec->process.set = false;
	assert_refused(spec, root_host(), "/process", "no program");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_in_order),
		cmocka_unit_test(pipes_of_the_caller),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(memory_policy),
		cmocka_unit_test(limits_that_cannot_be_had),
		cmocka_unit_test(groups_and_ids_without_privilege),
		cmocka_unit_test(traced_filter),
		cmocka_unit_test(nothing_to_run),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
