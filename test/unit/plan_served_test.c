/* plan_served_test.c: a box's view that fuse-overlayfs makes: what of it is planned, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"
#include "spec/box.h"

static struct facts_mount mounts[] = {
	{ "/", "ext4", 0, false },        { "/proc", "proc", 0, false }, { "/sys", "sysfs", 0, false },
	{ "/dev", "devtmpfs", 0, false }, { "/tmp", "tmpfs", 0, false }, { "/srv/data", "ext4", 0, false },
};

static struct facts *here(struct facts *facts)
{
	facts->have_mounts = true;
	facts->mounts = mounts;
	facts->mount_count = COUNT(mounts);
	facts->fuse_there = facts->fuse_open = true;
	facts->fuse_overlayfs = "/usr/bin/fuse-overlayfs";
	return facts;
}

static struct box_flags flags_of(bool privileged)
{
	static const char *args[] = { "sh" };
	static const struct box_range subordinate[] = { { 100000, 65536 } };
	struct box_flags flags = {
		.args = args, .arg_count = 1, .cwd = "/", .privileged = privileged, .maps_helped = true, .fuse = true
	};
	flags.own_users = flags.own_groups = (struct box_owned){ 1000, subordinate, 1 };
	return flags;
}

static struct spec *spec_from(const struct box_flags *flags)
{
	faults = (struct spec_faults){ .arena = &arena };
	return box_spec(&arena, flags, &faults);
}

static const char *server_options(const struct plan_block *block)
{
	return list_of(block, step_of(block, STEP_serve_root, 0)->serve_root.args);
}

static void one_mount_with_a_server(void **state)
{
	(void)state;
	struct box_flags flags = flags_of(false);
	const struct plan_block *block = plan_of(spec_from(&flags), here(user_host()));
	const struct step *root = step_of(block, STEP_open_root, 0), *server = step_of(block, STEP_serve_root, 0);
	assert_string_equal(text_of(block, root->open_root.type), "fuse");
	assert_string_equal(list_of(block, root->open_root.options),
	                    "rootmode=40755|user_id=0|group_id=0|default_permissions|allow_other");
	assert_string_equal(server_options(block), "-f|-o|lowerdir=/,upperdir=/run/kist/c1/upper.0,"
	                                           "workdir=/run/kist/c1/work.0");
	assert_int_equal(root->open_root.channel, server->serve_root.channel);
	/* The mounts below come with it, but for the kernel's own. */
	for (uint32_t i = 0; i < count_of(block, STEP_mount_fs); i++)
		assert_string_not_equal(text_of(block, step_of(block, STEP_mount_fs, i)->mount_fs.path), "/tmp");
	const struct step_make_idmap *ids = &step_of(block, STEP_make_idmap, 0)->make_idmap;
	assert_string_equal(text_of(block, ids->uids), "0 1000 1\n1 100000 65536\n");
	assert_string_equal(text_of(block, ids->uid_helper), "/usr/bin/newuidmap");
	assert_false(ids->deny_groups);
}

static void a_directory_with_mounts_below(void **state)
{
	(void)state;
	struct box_flags flags = flags_of(false);
	flags.root = "/srv";
	const struct plan_block *block = plan_of(spec_from(&flags), here(user_host()));
	assert_non_null(strstr(server_options(block), "lowerdir=/srv,"));
	flags.fuse = false;
	assert_refused(spec_from(&flags), here(user_host()), "/root/path", "as root or with --fuse");
}

static void without_the_id_of_strangers(void **state)
{
	(void)state;
	struct box_flags flags = flags_of(false);
	flags.map_uid = "7";
	flags.map_gid = "8";
	flags.user = "7:8";
	flags.own_users.range_count = flags.own_groups.range_count = 0;
	const struct plan_block *block = plan_of(spec_from(&flags), here(user_host()));
	assert_non_null(strstr(server_options(block), ",squash_to_uid=7,squash_to_gid=8"));
	assert_int_equal(step_of(block, STEP_serve_root, 0)->serve_root.uid, 7);
	const struct step_make_idmap *ids = &step_of(block, STEP_make_idmap, 0)->make_idmap;
	assert_true(ids->deny_groups);
	assert_int_equal(ids->uid_helper, 0);
}

static void refusals_name_what_helps(void **state)
{
	(void)state;
	struct box_flags flags = flags_of(false);
	struct facts *facts = here(user_host());
	facts->fuse_there = facts->fuse_open = false;
	assert_refused(spec_from(&flags), facts, "/box/fuse", "modprobe fuse");
	facts->fuse_there = true;
	assert_refused(spec_from(&flags), facts, "/box/fuse", "chmod 666 /dev/fuse");
	facts->fuse_open = true;
	facts->fuse_overlayfs = NULL;
	assert_refused(spec_from(&flags), facts, "/box/fuse", "apt install fuse-overlayfs");
	facts = here(user_host());
	flags.keep = "/srv/changes";
	assert_refused(spec_from(&flags), facts, "/box/fuse", "kist diff and kist apply do not read");
	flags.keep = NULL;
	flags.root = "/opt";
	flags.rw = true;
	assert_refused(spec_from(&flags), facts, "/box/fuse", "with --rw");
	flags = flags_of(true);
	assert_refused(spec_from(&flags), here(root_host()), "/box/fuse", "a user namespace of their own");
	assert_string_equal(spec_place(&arena, spec_from(&flags), "/box/fuse"), "--fuse");
}

static void what_the_kernel_lacks_does_not_matter(void **state)
{
	(void)state;
	struct box_flags flags = flags_of(false);
	struct facts *facts = here(user_host());
	facts->kernel.overlay = false;
	facts->caller.state_file_system = "overlay";
	const struct plan_block *block = plan_of(spec_from(&flags), facts);
	assert_int_equal(count_of(block, STEP_mount_scratch), 0);
	assert_int_equal(count_of(block, STEP_make_scratch), 4); /* with that of the copied /etc/hosts */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mount_with_a_server),
		cmocka_unit_test(a_directory_with_mounts_below),
		cmocka_unit_test(without_the_id_of_strangers),
		cmocka_unit_test(refusals_name_what_helps),
		cmocka_unit_test(what_the_kernel_lacks_does_not_matter),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
