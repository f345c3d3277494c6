/* plan_topic_test.c: what the topics decide about the process and its world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"

/* --- the process -------------------------------------------------------------------------------------- */

static void one_clone(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(spec_with((struct config){ 0 }), root_host());
	assert_string_equal(story(block, STEP_make_record, STEP_open_root),
	                    "make_record make_cgroup open_cgroup load_init clone enter_cgroup exec_init "
	                    "hide_process set_propagation open_root");
	const struct step *clone = step_of(block, STEP_clone, 0);
	assert_int_equal(clone->clone.namespaces, ABI_NEWNS | ABI_NEWPID);
	assert_int_not_equal(clone->clone.cgroup, 0); /* cgroup2 is entered by the clone */
	assert_int_equal(count_of(block, STEP_enter_cgroup), 6);
}

static void cgroup_namespace_comes_after_the_cgroups(void **state)
{
	(void)state;
	struct config config = { .namespaces = "{'type':'mount'},{'type':'cgroup'}" };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(story(block, STEP_clone, STEP_exec_init), "clone enter_cgroup unshare exec_init");
	assert_int_equal(step_of(block, STEP_unshare, 0)->unshare.namespaces, ABI_NEWCGROUP);
}

static void own_id_is_mapped_directly(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER, .linux_ = SINGLE_MAP };
	const struct plan_block *block = plan_of(spec_with(config), user_host());
	assert_string_equal(story(block, STEP_clone, STEP_hide_process),
	                    "clone write_idmap become_root exec_init hide_process");
	assert_int_equal(step_of(block, STEP_write_idmap, 0)->write_idmap.which, 'u');
	assert_int_equal(step_of(block, STEP_write_idmap, 1)->write_idmap.which, 's');
	assert_int_equal(step_of(block, STEP_write_idmap, 2)->write_idmap.which, 'g');
	assert_string_equal(text_of(block, step_of(block, STEP_write_idmap, 0)->write_idmap.text), "0 1000 1\n");
	assert_int_equal(step_of(block, STEP_write_idmap, 0)->write_idmap.helper, 0);
	assert_int_equal(count_of(block, STEP_set_groups), 0); /* denied, and none asked for */
	assert_int_equal(count_of(block, STEP_make_cgroup), 0);
}

static void more_ids_need_the_helpers(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER, .linux_ = RANGE_MAP };
	struct facts *facts = user_host();
	const struct plan_block *block = plan_of(spec_with(config), facts);
	assert_int_equal(count_of(block, STEP_write_idmap), 2);
	assert_string_equal(text_of(block, step_of(block, STEP_write_idmap, 0)->write_idmap.helper),
	                    "/usr/bin/newuidmap");
	assert_string_equal(text_of(block, step_of(block, STEP_write_idmap, 1)->write_idmap.text),
	                    "0 1000 1\n1 100000 65536\n");
	assert_int_equal(count_of(block, STEP_set_groups), 1);

	static struct facts_range short_range[] = { { 100000, 1000 } };
	facts->caller.subuids = short_range;
	assert_refused(spec_with(config), facts, "/linux/uidMappings/1",
	               "101000 is not: add the line \"anna:101000:64536\" to "
	               "/etc/subuid");
	/* Two ranges side by side hold one map. */
	static struct facts_range halves[] = { { 132768, 32768 }, { 100000, 32768 } };
	facts->caller.subuids = halves;
	facts->caller.subuid_count = 2;
	plan_of(spec_with(config), facts);
	facts->caller.newgidmap = NULL;
	assert_refused(spec_with(config), facts, "/linux/gidMappings", "install the package uidmap");
	facts = user_host();
	facts->caller.no_new_privs = true;
	assert_refused(spec_with(config), facts, "/linux/uidMappings", "no_new_privs is set");
}

static void host_root_maps_anybody(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER, .linux_ = ROOT_MAP };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_int_equal(count_of(block, STEP_write_idmap), 2);
	assert_int_equal(step_of(block, STEP_write_idmap, 1)->write_idmap.helper, 0);
	assert_int_equal(step_of(block, STEP_become_root, 0)->become_root.uid, 0);
	assert_int_equal(step_of(block, STEP_make_device, 0)->make_device.how, 'b');
}

#define SOURCES                                                                                                        \
	",'mounts':[{'destination':'/a','type':'bind','source':'a','options':['rbind']},"                              \
	"{'destination':'/p','type':'proc','source':'proc'},"                                                          \
	"{'destination':'/b','type':'bind','source':'/b','options':['bind','rslave']},"                                \
	"{'destination':'/c','type':'bind','source':'/c','options':['bind','shared']},"                                \
	"{'destination':'/b','options':['bind','remount','ro']}]"

/* What root of the container may not open, its caller does; one that may not either leaves it to init. */
static void sources_are_opened_outside(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER, .linux_ = ROOT_MAP, .document = SOURCES };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_int_equal(count_of(block, STEP_open_tree), 4);
	const struct step *root = step_of(block, STEP_open_tree, 0), *first = step_of(block, STEP_open_tree, 1);
	assert_string_equal(text_of(block, root->open_tree.path), "/bundle/rootfs");
	assert_int_equal(root->open_tree.propagation, ABI_PRIVATE);
	assert_int_equal(step_of(block, STEP_open_root, 0)->open_root.tree, root->open_tree.tree);
	assert_string_equal(text_of(block, first->open_tree.path), "/bundle/a");
	assert_string_equal(text_of(block, first->pointer), "/mounts/0");
	assert_true(first->open_tree.recursive);
	assert_int_equal(step_of(block, STEP_bind, 0)->bind.tree, first->open_tree.tree);
	for (uint32_t i = 1; i <= 2; i++) {
		const struct step *tree = step_of(block, STEP_open_tree, i + 1);
		assert_false(tree->open_tree.recursive);
		assert_int_equal(tree->open_tree.propagation, ABI_SLAVE);
		assert_int_equal(step_of(block, STEP_bind, i)->bind.tree, tree->open_tree.tree);
	}

	config.linux_ = SINGLE_MAP;
	block = plan_of(spec_with(config), user_host());
	assert_int_equal(count_of(block, STEP_open_tree), 0);
	config = (struct config){ .document = SOURCES };
	block = plan_of(spec_with(config), root_host());
	assert_int_equal(count_of(block, STEP_open_tree), 0);
	assert_int_equal(step_of(block, STEP_bind, 0)->bind.tree, 0);
}

static void a_moved_root_is_opened_by_init(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER, .linux_ = ROOT_MAP, .document = SOURCES };
	struct plan_request moved = request;
	moved.no_pivot = true;
	faults = (struct spec_faults){ .arena = &arena };
	const struct plan_block *block = plan_make(&arena, spec_with(config), root_host(), &moved, &faults);
	assert_non_null(block);
	assert_null(plan_law(&arena, block));
	assert_int_equal(step_of(block, STEP_open_root, 0)->open_root.tree, 0);
	assert_int_equal(count_of(block, STEP_open_tree), 3);
}

/* Whoever is nobody cannot make a file: init works as the lowest id there is. */
static void root_is_not_mapped(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = WITH_USER,
		.process = ",'user':{'uid':2001,'gid':8}",
		.linux_ = ",'uidMappings':[{'containerID':2000,'hostID':5,'size':9},"
			  "{'containerID':1000,'hostID':100,'size':9}],"
			  "'gidMappings':[{'containerID':7,'hostID':100,'size':9}]",
	};
	const struct step *step = step_of(plan_of(spec_with(config), root_host()), STEP_become_root, 0);
	assert_int_equal(step->become_root.uid, 1000);
	assert_int_equal(step->become_root.gid, 7);
	assert_false(step->become_root.search);
}

static void nobody_mapped(void **state)
{
	(void)state;
	struct config config = { .namespaces = WITH_USER };
	const struct plan_block *block = plan_of(spec_with(config), user_host());
	assert_int_equal(count_of(block, STEP_write_idmap), 0);
	assert_int_equal(step_of(block, STEP_become_root, 0)->become_root.uid, UINT32_MAX);
	assert_int_equal(step_of(block, STEP_set_uid, 0)->set_uid.uid, UINT32_MAX);
	assert_int_equal(step_of(block, STEP_set_gid, 0)->set_gid.gid, UINT32_MAX);
	struct spec *spec = spec_with(config);
	spec->process.user.uid = 7;
	assert_refused(spec, user_host(), "/process/user/uid", "7 is not mapped");
	/* Where files must be made there must be somebody to own them. */
	config.document = ",'mounts':[{'destination':'/proc','type':'proc'}]";
	plan_of(spec_with(config), user_host());
	assert_int_equal(faults.warning_count, 1);
	config.document = ",'mounts':[{'destination':'/dev/pts','type':'devpts'}]";
	assert_refused(spec_with(config), user_host(), "/linux/uidMappings", "no ids are mapped");
	config.document = ",'mounts':[{'destination':'/dev/','type':'tmpfs'}]";
	assert_refused(spec_with(config), user_host(), "/linux/uidMappings", "add uidMappings and gidMappings");
}

static void joins_without_a_fork(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network','path':'/run/netns/a'}",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(story(block, STEP_open_namespace, STEP_exec_init),
	                    "open_namespace load_init clone enter_cgroup hide_process join_namespace exec_init");
	assert_int_equal(count_of(block, STEP_raise_loopback), 0); /* its maker's business */
}

/* The order of the steps of the container's world, from the root to the first mask. */
static void assert_world(struct config config, const char *kinds)
{
	assert_string_equal(story(plan_of(spec_with(config), root_host()), STEP_open_root, STEP_set_umask), kinds);
}

/* What shows the network comes last, in its listed order; with anything else behind it all stays in its place. */
static void sysfs_waits_for_the_network(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'cgroup'},{'type':'network'}",
		.document = ",'mounts':[{'destination':'/proc','type':'proc'},{'destination':'/sys','type':'sysfs'},"
			    "{'destination':'/sys/fs/cgroup','type':'cgroup'}]",
	};
	assert_world(config,
	             "open_root mount_fs make_device make_link pivot make_network enter_network mount_fs make_link "
	             "mount_fs raise_loopback save_process set_umask");
	config.document = ",'mounts':[{'destination':'/sys','type':'sysfs'},{'destination':'/x','type':'tmpfs'}]";
	static const char *const listed = "open_root make_network enter_network mount_fs make_device make_link pivot "
					  "raise_loopback save_process set_umask";
	assert_world(config, listed);
	/* A path of the host cannot be named after the switch of root. */
	config.document = ",'mounts':[{'destination':'/sys','type':'sysfs'},"
			  "{'destination':'/sys/x','type':'bind','source':'/x','options':['bind']}]";
	assert_world(config, "open_root make_network enter_network mount_fs bind make_device make_link pivot "
	                     "raise_loopback save_process set_umask");
	/* Under a shared root what is mounted late would be shared. */
	config.document = ",'mounts':[{'destination':'/sys','type':'sysfs'}]";
	config.linux_ = ",'rootfsPropagation':'shared'";
	assert_world(config, listed);
	/* Of the host's cgroups a path is bound. */
	config.linux_ = NULL;
	config.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network'}";
	config.document = ",'mounts':[{'destination':'/sys','type':'sysfs'},"
			  "{'destination':'/sys/fs/cgroup','type':'cgroup'}]";
	assert_world(config, "open_root make_network enter_network mount_fs bind make_link bind make_device make_link "
	                     "pivot raise_loopback save_process set_umask");
}

/* It takes the kernel as long as all the steps before sysfs, which init does meanwhile: nobody waits for init. */
static void network_is_made_beside_init(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network'}",
		.document = ",'mounts':[{'destination':'/proc','type':'proc'},{'destination':'/sys','type':'sysfs'}]",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(story(block, STEP_open_root, STEP_raise_loopback),
	                    "open_root mount_fs make_device make_link pivot make_network enter_network mount_fs "
	                    "raise_loopback");
	assert_int_equal(step_of(block, STEP_clone, 0)->clone.namespaces, ABI_NEWNS | ABI_NEWPID);
	uint32_t messages = 0;
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		const struct plan_crossing *crossing = plan_crossing_at(block, i);
		messages += crossing->how == 'm';
		if (crossing->how == 'm')
			assert_int_equal(plan_step(block, crossing->step)->actor, ACTOR_INIT);
	}
	assert_int_equal(messages, 2); /* the namespace is there; the process is recorded */

	/* The container's own user namespace must own it, so that makes it. */
	config.namespaces = WITH_USER ",{'type':'network'}";
	config.linux_ = ROOT_MAP;
	block = plan_of(spec_with(config), root_host());
	assert_int_equal(count_of(block, STEP_make_network), 0);
	assert_true(step_of(block, STEP_clone, 0)->clone.namespaces & ABI_NEWNET);
}

static void joined_pid_namespace_forks(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'cgroup'},{'type':'pid','path':'/proc/7/ns/pid'}",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(story(block, STEP_clone, STEP_exec_init),
	                    "clone enter_cgroup hide_process join_namespace fork save_process exec_init");
	assert_int_equal(step_of(block, STEP_clone, 0)->clone.namespaces, 0);
	assert_int_equal(step_of(block, STEP_fork, 0)->fork.namespaces, ABI_NEWNS | ABI_NEWCGROUP);
}

static void user_namespace_between_joins(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'user'},{'type':'mount'},{'type':'network','path':'/run/netns/a'}",
		.linux_ = ROOT_MAP,
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(
		story(block, STEP_clone, STEP_exec_init),
		"clone enter_cgroup hide_process join_namespace fork write_idmap give_pipes save_process become_root "
		"exec_init");
}

/* The privileged caller joins the user namespace last, another one first. */
static void joined_user_namespace(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'user','path':'/proc/7/ns/user'},"
			      "{'type':'ipc','path':'/proc/7/ns/ipc'}",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_int_equal(step_of(block, STEP_join_namespace, 0)->join_namespace.type, ABI_NEWIPC);
	assert_int_equal(step_of(block, STEP_join_namespace, 1)->join_namespace.type, ABI_NEWUSER);
	assert_string_equal(story(block, STEP_fork, STEP_exec_init), "fork save_process become_root exec_init");
	block = plan_of(spec_with(config), user_host());
	assert_int_equal(step_of(block, STEP_join_namespace, 0)->join_namespace.type, ABI_NEWUSER);
}

static void time_namespace(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'time'}",
		.linux_ = ",'timeOffsets':{'monotonic':{'secs':-5,'nanosecs':6},'boottime':{'secs':7}}",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(
		story(block, STEP_clone, STEP_exec_init),
		"clone enter_cgroup open_time_offsets unshare write_time_offsets fork save_process exec_init");
	assert_string_equal(text_of(block, step_of(block, STEP_write_time_offsets, 0)->write_time_offsets.text),
	                    "monotonic -5 6\nboottime 7 0\n");
	/* Without privilege the user namespace that allows it comes first. */
	config.namespaces = "{'type':'mount'},{'type':'time'},{'type':'user'}";
	config.linux_ = SINGLE_MAP;
	block = plan_of(spec_with(config), user_host());
	assert_string_equal(story(block, STEP_clone, STEP_exec_init),
	                    "clone write_idmap unshare fork save_process become_root exec_init");
	assert_int_equal(step_of(block, STEP_clone, 0)->clone.namespaces, ABI_NEWUSER);
	/* Joined, it owns the clocks as well; the mount namespace takes the /proc away through which they are set. */
	config.namespaces =
		"{'type':'user','path':'/proc/7/ns/user'},{'type':'mount','path':'/proc/7/ns/mnt'},{'type':'time'}";
	config.linux_ = ",'timeOffsets':{'boottime':{'secs':7}}";
	block = plan_of(spec_with(config), user_host());
	assert_string_equal(story(block, STEP_clone, STEP_exec_init),
	                    "clone open_time_offsets hide_process join_namespace unshare write_time_offsets "
	                    "fork save_process become_root exec_init");
}

static void ordinary_user_needs_a_user_namespace(void **state)
{
	(void)state;
	assert_refused(spec_with((struct config){ 0 }), user_host(), "/linux/namespaces", "needs a user namespace");
	struct facts *facts = user_host();
	facts->kernel.user_namespace = false;
	assert_refused(spec_with((struct config){ .namespaces = WITH_USER, .linux_ = SINGLE_MAP }), facts,
	               "/linux/namespaces", "makes no user namespaces");
}

static void oom_score_only_when_set(void **state)
{
	(void)state;
	assert_int_equal(count_of(plan_of(spec_with((struct config){ 0 }), root_host()), STEP_set_oom_score), 0);
	const struct plan_block *block =
		plan_of(spec_with((struct config){ .process = ",'oomScoreAdj':-17" }), root_host());
	assert_int_equal((int64_t)step_of(block, STEP_set_oom_score, 0)->set_oom_score.value, -17);
}

/* --- mounts ------------------------------------------------------------------------------------------- */

static const struct plan_block *plan_with_mounts(const char *mounts, const char *linux_)
{
	struct config config = { .document = arena_printf(&arena, ",'mounts':[%s]", mounts), .linux_ = linux_ };
	return plan_of(spec_with(config), root_host());
}

static void paths_of_mounts(void **state)
{
	(void)state;
	const struct plan_block *block = plan_with_mounts(
		"{'destination':'data/./x/..//y','type':'bind','source':'vol','options':['rbind','ro','rnoexec']}", "");
	const struct step *step = step_of(block, STEP_bind, 0);
	assert_string_equal(text_of(block, step->bind.path), "/data/y");
	assert_string_equal(text_of(block, step->bind.source), "/bundle/vol");
	assert_true(step->bind.recursive);
	assert_int_equal(step->bind.attr_set, ABI_ATTR_RDONLY);
	assert_int_equal(step->bind.attr_set_rec, ABI_ATTR_NOEXEC);
	assert_string_equal(text_of(block, step->pointer), "/mounts/0");
}

static void a_readonly_sys_covers_the_cgroups(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_with_mounts("{'destination':'/sys','type':'none','source':'/sys/.','options':['rbind','ro']},"
	                         "{'destination':'/s','type':'none','source':'/srv','options':['rbind','ro']}",
	                         "");
	assert_int_equal(step_of(block, STEP_bind, 0)->bind.attr_set_rec, ABI_ATTR_RDONLY);
	assert_int_equal(step_of(block, STEP_bind, 1)->bind.attr_set_rec, 0);
}

static void a_readonly_tmpfs_is_filled_first(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_with_mounts("{'destination':'/ro','type':'tmpfs','source':'t','options':['ro','size=1m','sync']},"
	                         "{'destination':'/ro/in','type':'tmpfs','source':'t'}",
	                         "");
	const struct step *mount = step_of(block, STEP_mount_fs, 0);
	assert_int_equal(mount->mount_fs.attr_set & ABI_ATTR_RDONLY, 0);
	assert_string_equal(list_of(block, mount->mount_fs.options), "sync|size=1m");
	const struct step *remount = step_of(block, STEP_remount, 0);
	assert_string_equal(text_of(block, remount->remount.path), "/ro");
	assert_int_equal(remount->remount.attr_set, ABI_ATTR_RDONLY);
	assert_true(remount > step_of(block, STEP_pivot, 0));
}

static void superblock_flags(void **state)
{
	(void)state;
	const struct plan_block *block = plan_with_mounts(
		"{'destination':'/a','type':'ext4','source':'/dev/vdb','options':['ro','iversion','silent']},"
		"{'destination':'/sys','type':'sysfs','source':'sysfs','options':['ro']},"
		"{'destination':'/a','options':['remount','ro']},"
		"{'destination':'/a','options':['bind','remount','nodev']},"
		"{'destination':'/b','type':'tmpfs','source':'t','options':['tmpcopyup']}",
		"");
	assert_string_equal(list_of(block, step_of(block, STEP_mount_fs, 0)->mount_fs.options), "ro|i_version");
	assert_int_equal(step_of(block, STEP_mount_fs, 0)->mount_fs.attr_set, ABI_ATTR_RDONLY);
	/* Its superblock may be the host's. */
	assert_string_equal(list_of(block, step_of(block, STEP_mount_fs, 1)->mount_fs.options), "");
	assert_true(step_of(block, STEP_remount, 0)->remount.superblock);
	assert_string_equal(list_of(block, step_of(block, STEP_remount, 0)->remount.options), "ro");
	assert_false(step_of(block, STEP_remount, 1)->remount.superblock);
	assert_int_equal(step_of(block, STEP_remount, 1)->remount.attr_set, ABI_ATTR_NODEV);
	assert_true(step_of(block, STEP_mount_fs, 2)->mount_fs.copy_up);
}

static void a_group_that_nobody_has(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = WITH_USER,
		.linux_ = SINGLE_MAP,
		.document = ",'mounts':[{'destination':'/dev/pts','type':'devpts','source':'devpts',"
			    "'options':['newinstance','gid=5','mode=620']}]",
	};
	const struct plan_block *block = plan_of(spec_with(config), user_host());
	assert_string_equal(list_of(block, step_of(block, STEP_mount_fs, 0)->mount_fs.options), "newinstance|mode=620");
	config.linux_ = RANGE_MAP;
	block = plan_of(spec_with(config), user_host());
	assert_string_equal(list_of(block, step_of(block, STEP_mount_fs, 0)->mount_fs.options),
	                    "newinstance|gid=5|mode=620");
}

static void propagation(void **state)
{
	(void)state;
	static const struct {
		const char *root, *option;
		uint32_t outside, clone;
	} cases[] = {
		{ NULL, "rbind", ABI_PRIVATE, 0 },
		{ NULL, "rslave", ABI_SLAVE, ABI_SLAVE },
		{ "slave", "rbind", ABI_SLAVE, ABI_PRIVATE }, /* what is not asked to listen does not */
		{ NULL, "rshared", ABI_SLAVE, ABI_SHARED },   /* shared with its own copies alone */
		{ "shared", "rbind", ABI_PRIVATE, 0 },
		{ "shared", "rshared", ABI_SHARED, ABI_SHARED },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *linux_ =
			cases[i].root ? arena_printf(&arena, ",'rootfsPropagation':'%s'", cases[i].root) : "";
		const struct plan_block *block = plan_with_mounts(
			arena_printf(&arena,
		                     "{'destination':'/v','type':'bind','source':'/v','options':['rbind','%s']}",
		                     cases[i].option),
			linux_);
		assert_int_equal(step_of(block, STEP_set_propagation, 0)->set_propagation.propagation,
		                 cases[i].outside);
		assert_int_equal(step_of(block, STEP_bind, 0)->bind.propagation, cases[i].clone);
	}
}

static void without_a_mount_namespace(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_of(spec_with((struct config){ .namespaces = "{'type':'pid'}" }), root_host());
	assert_int_equal(step_of(block, STEP_open_root, 0)->open_root.how, 'd');
	assert_int_equal(step_of(block, STEP_pivot, 0)->pivot.how, 'c');
	assert_int_equal(count_of(block, STEP_set_propagation), 0);
}

/* --- devices ------------------------------------------------------------------------------------------ */

static void default_devices(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_with_mounts("{'destination':'/dev','type':'tmpfs','source':'t'},"
	                         "{'destination':'/proc','type':'proc','source':'proc'}",
	                         ",'devices':[{'path':'/dev/null','type':'c','major':1,'minor':3,'fileMode':8630},"
	                         "{'path':'/dev/pipe','type':'p'}]");
	/* Five defaults, and the null that the configuration names itself. */
	assert_int_equal(count_of(block, STEP_make_device), 7);
	const struct step *null = step_of(block, STEP_make_device, 5);
	assert_int_equal(null->make_device.how, 'n');
	assert_int_equal(null->make_device.mode, 0666); /* 8630 is S_IFCHR | 0666 */
	assert_int_equal(step_of(block, STEP_make_device, 6)->make_device.type, 'p');
	assert_int_equal(count_of(block, STEP_make_link), 5);
	assert_string_equal(text_of(block, step_of(block, STEP_make_link, 4)->make_link.target), "pts/ptmx");
	assert_false(step_of(block, STEP_make_link, 0)->make_link.optional);
	/* Privileged engines name /dev/ptmx too: then it is a node. */
	assert_int_equal(
		count_of(plan_with_mounts("", ",'devices':[{'path':'/dev/ptmx','type':'c','major':5,'minor':2}]"),
	                 STEP_make_link),
		0);
	/* No /proc, nothing to link to. */
	assert_int_equal(count_of(plan_with_mounts("", ""), STEP_make_link), 1);
}

static void the_hosts_dev_is_left_alone(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_with_mounts("{'destination':'/dev/','type':'bind','source':'/dev','options':['rbind']}",
	                         ",'devices':[{'path':'/dev/fuse','type':'c','major':10,'minor':229},"
	                         "{'path':'/opt/fuse','type':'c','major':10,'minor':229}]");
	assert_int_equal(count_of(block, STEP_make_device), 1);
	assert_string_equal(text_of(block, step_of(block, STEP_make_device, 0)->make_device.path), "/opt/fuse");
	assert_int_equal(count_of(block, STEP_make_link), 0);
}

static void terminal(void **state)
{
	(void)state;
	struct config config = {
		.process = ",'terminal':true,'consoleSize':{'height':24,'width':80}",
		.document = ",'mounts':[{'destination':'/dev','type':'tmpfs','source':'t'},"
			    "{'destination':'/dev/pts','type':'devpts','source':'devpts'}]",
	};
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(story(block, STEP_open_terminal, STEP_pivot),
	                    "open_terminal bind_console take_console pivot");
	assert_string_equal(story(block, STEP_new_session, STEP_change_dir), "new_session take_terminal change_dir");
	const struct step *step = step_of(block, STEP_open_terminal, 0);
	assert_int_equal(step->open_terminal.rows, 24);
	assert_int_equal(step->open_terminal.columns, 80);
	assert_false(step->open_terminal.host);
	config.document = "";
	block = plan_of(spec_with(config), root_host());
	assert_true(step_of(block, STEP_open_terminal, 0)->open_terminal.host);
	/* It puts carriage returns in only where what it sends ends on a terminal. */
	assert_false(step_of(block, STEP_open_terminal, 0)->open_terminal.onlcr);
	struct facts *watched = root_host();
	watched->caller.terminal = true;
	block = plan_of(spec_with(config), watched);
	assert_true(step_of(block, STEP_open_terminal, 0)->open_terminal.onlcr);
}

/* --- protection ----------------------------------------------------------------------------------------- */

static void protection_in_order(void **state)
{
	(void)state;
	struct config config = {
		.namespaces = "{'type':'mount'},{'type':'pid'},{'type':'network'},{'type':'uts'}",
		.linux_ = ",'sysctl':{'net/ipv4/conf/eth0.100/forwarding':'1','net.ipv4.ip_forward':'1'},"
			  "'maskedPaths':['/proc/keys'],'readonlyPaths':['/proc/sys']",
		.document = ",'hostname':'h','domainname':'d'",
	};
	struct spec *spec = spec_with(config);
	spec->root.readonly = true;
	spec->process.cwd = "/made//here";
	const struct plan_block *block = plan_of(spec, root_host());
	assert_string_equal(story(block, STEP_pivot, STEP_set_umask),
	                    "pivot make_network enter_network open_proc write_sysctl make_path mask readonly set_name "
	                    "raise_loopback "
	                    "save_process set_umask");
	assert_string_equal(text_of(block, step_of(block, STEP_write_sysctl, 0)->write_sysctl.name),
	                    "net.ipv4.conf.eth0/100.forwarding");
	assert_string_equal(text_of(block, step_of(block, STEP_write_sysctl, 1)->write_sysctl.name),
	                    "net.ipv4.ip_forward");
	assert_string_equal(text_of(block, step_of(block, STEP_make_path, 0)->make_path.path), "/made/here");
	assert_string_equal(text_of(block, step_of(block, STEP_readonly, 1)->readonly.path), "/");
	assert_int_equal(count_of(block, STEP_set_name), 2);
	spec->linux_.sysctl.items[0].value = "1\n2";
	assert_refused(spec, root_host(), "/linux/sysctl/net~1ipv4~1conf~1eth0.100~1forwarding", "more than one line");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_clone),
		cmocka_unit_test(cgroup_namespace_comes_after_the_cgroups),
		cmocka_unit_test(own_id_is_mapped_directly),
		cmocka_unit_test(more_ids_need_the_helpers),
		cmocka_unit_test(host_root_maps_anybody),
		cmocka_unit_test(sources_are_opened_outside),
		cmocka_unit_test(a_moved_root_is_opened_by_init),
		cmocka_unit_test(root_is_not_mapped),
		cmocka_unit_test(nobody_mapped),
		cmocka_unit_test(joins_without_a_fork),
		cmocka_unit_test(sysfs_waits_for_the_network),
		cmocka_unit_test(network_is_made_beside_init),
		cmocka_unit_test(joined_pid_namespace_forks),
		cmocka_unit_test(user_namespace_between_joins),
		cmocka_unit_test(joined_user_namespace),
		cmocka_unit_test(time_namespace),
		cmocka_unit_test(ordinary_user_needs_a_user_namespace),
		cmocka_unit_test(oom_score_only_when_set),
		cmocka_unit_test(paths_of_mounts),
		cmocka_unit_test(a_readonly_sys_covers_the_cgroups),
		cmocka_unit_test(a_readonly_tmpfs_is_filled_first),
		cmocka_unit_test(superblock_flags),
		cmocka_unit_test(a_group_that_nobody_has),
		cmocka_unit_test(propagation),
		cmocka_unit_test(without_a_mount_namespace),
		cmocka_unit_test(default_devices),
		cmocka_unit_test(the_hosts_dev_is_left_alone),
		cmocka_unit_test(terminal),
		cmocka_unit_test(protection_in_order),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
