/* plan_box_test.c: a box's view of this machine's root, and of a directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"
#include "spec/box.h"

static struct facts_mount mounts[] = {
	{ "/", "ext4", 0, false },
	{ "/proc", "proc", 0, false },
	{ "/proc/sys/fs/binfmt_misc", "autofs", 0, false },
	{ "/sys", "sysfs", 0, false },
	{ "/sys/fs/cgroup", "cgroup2", 0, false },
	{ "/dev", "devtmpfs", 0, false },
	{ "/dev/pts", "devpts", 0, false },
	{ "/dev/shm", "tmpfs", 0, false },
	{ "/tmp", "tmpfs", ABI_ATTR_NODEV, false },
	{ "/srv/nas", "fuse.sshfs", 0, false },
	{ "/srv/gone", "ext4", 0, true },
	{ "/etc/resolv.conf", "ext4", 0, false },
};
static struct facts_entry entries[] = {
	{ "/bin", ENTRY_LINK, "usr/bin", 0777, false, true },
	{ "/dev", ENTRY_DIR, NULL, 0755, true, true },
	{ "/etc", ENTRY_DIR, NULL, 0755, true, true },
	{ "/proc", ENTRY_DIR, NULL, 0555, true, true },
	{ "/root", ENTRY_DIR, NULL, 0700, false, false },
	{ "/srv", ENTRY_DIR, NULL, 0755, true, true },
	{ "/sys", ENTRY_DIR, NULL, 0555, true, true },
	{ "/tmp", ENTRY_DIR, NULL, 01777, true, true },
	{ "/usr", ENTRY_DIR, NULL, 0755, false, true },
	{ "/etc/hosts", ENTRY_FILE, NULL, 0644, false, true },
	{ "/etc/resolv.conf", ENTRY_FILE, NULL, 0644, true, true },
	{ "/srv/nas", ENTRY_DIR, NULL, 0755, true, true },
	{ "/tmp/x", ENTRY_DIR, NULL, 0755, false, true },
};

static struct facts *with_mounts(struct facts *facts)
{
	facts->have_mounts = true;
	facts->mounts = mounts;
	facts->mount_count = COUNT(mounts);
	facts->entries = entries;
	facts->entry_count = COUNT(entries);
	return facts;
}

static struct spec *box_with(const char *root, bool privileged, struct given_words places)
{
	static const char *args[] = { "sh" };
	struct box_flags flags = {
		.root = root, .args = args, .arg_count = 1, .cwd = "/home", .privileged = privileged, .places = places
	};
	if (!privileged)
		flags.own_users = flags.own_groups = (struct box_owned){ .id = 1000 };
	faults = (struct spec_faults){ .arena = &arena };
	return box_spec(&arena, &flags, &faults);
}

static struct spec *box(const char *root, bool privileged)
{
	return box_with(root, privileged, (struct given_words){ 0 });
}
#define PLACES(...)                                                                                                    \
	(struct given_words)                                                                                           \
	{                                                                                                              \
		(struct given_word[]){ __VA_ARGS__ },                                                                  \
			sizeof((struct given_word[]){ __VA_ARGS__ }) / sizeof(struct given_word), 0                    \
	}

/* "WHAT PATH" of each step that puts the box's view together, one a line. */
static const char *view(const struct plan_block *block)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (uint32_t i = 0; i < block->step_count && plan_step(block, i)->kind != STEP_pivot; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_open_root)
			buf_printf(&text, "%s /\n", text_of(block, step->open_root.type));
		if (step->kind == STEP_mount_fs)
			buf_printf(&text, "%s %s\n", text_of(block, step->mount_fs.type),
			           text_of(block, step->mount_fs.path));
		if (step->kind == STEP_bind)
			buf_printf(&text, "%s %s\n", step->bind.recursive ? "rbind" : "bind",
			           text_of(block, step->bind.path));
		if (step->kind == STEP_make_path)
			buf_printf(&text, "%o %s\n", step->make_path.mode, text_of(block, step->make_path.path));
		if (step->kind == STEP_make_link)
			buf_printf(&text, "link %s\n", text_of(block, step->make_link.path));
	}
	return text.bytes;
}

static void root_sees_one_overlay_and_the_mounts(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(box(NULL, true), with_mounts(root_host()));
	assert_string_equal(view(block), "overlay /\nproc /proc\nrbind /sys\ntmpfs /dev\ndevpts /dev/pts\n"
	                                 "tmpfs /dev/shm\noverlay /tmp\nbind /srv/nas\n"
	                                 "bind /etc/resolv.conf\nbind /etc/hosts\nbind /etc/resolv.conf\n"
	                                 "link /dev/fd\nlink /dev/stdin\n"
	                                 "link /dev/stdout\nlink /dev/stderr\nlink /dev/ptmx\n");
	const struct step *root = step_of(block, STEP_open_root, 0);
	assert_string_equal(list_of(block, root->open_root.options),
	                    "lowerdir=/|upperdir=/run/kist/c1/upper.0|workdir=/run/kist/c1/work.0|volatile");
	assert_string_equal(text_of(block, root->open_root.path), "/run/kist/c1/root");
	const struct step *tmp = step_of(block, STEP_mount_fs, 4);
	assert_int_equal(tmp->mount_fs.attr_set, ABI_ATTR_NODEV);
	/* The upper directory has the mode that the overlay's top shows: root, upper.0, work.0, upper.1. */
	assert_int_equal(step_of(block, STEP_make_scratch, 3)->make_scratch.mode, 01777);
	assert_int_equal(step_of(block, STEP_bind, 1)->bind.attr_set & ABI_ATTR_RDONLY, ABI_ATTR_RDONLY);
	assert_int_equal(step_of(block, STEP_bind, 0)->bind.attr_set_rec & ABI_ATTR_RDONLY, ABI_ATTR_RDONLY);
	assert_int_equal(count_of(block, STEP_die_with_runtime), 1);
}

/* The deny-all and what stays allowed; a user has no policy, and the host's nodes with their permissions. */
static void devices_of_a_box(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(box(NULL, true), with_mounts(root_host()));
	assert_int_equal(count_of(block, STEP_make_device), 6);
	const struct step *deny = step_of(block, STEP_write_cgroup, 0);
	assert_string_equal(text_of(block, deny->write_cgroup.file), "devices.deny");
	assert_string_equal(text_of(block, deny->write_cgroup.value), "a *:* rwm");
	block = plan_of(box("/opt/r", true), root_host());
	assert_string_equal(text_of(block, step_of(block, STEP_write_cgroup, 0)->write_cgroup.file), "devices.deny");
	block = plan_of(box(NULL, false), with_mounts(user_host()));
	assert_int_equal(count_of(block, STEP_make_device), 0);
	assert_int_equal(count_of(block, STEP_write_cgroup), 0);
}

/* Each box has terminals of its own, and its own one is among them; where there is no devpts, it is the host's. */
static void terminals_of_a_box(void **state)
{
	(void)state;
	struct spec *spec = box(NULL, false);
	spec->process.terminal = true;
	const struct plan_block *block = plan_of(spec, with_mounts(user_host()));
	assert_false(step_of(block, STEP_open_terminal, 0)->open_terminal.host);
	assert_int_equal(count_of(block, STEP_bind_console), 0);
	struct facts *bare = with_mounts(user_host());
	bare->mount_count = 6;
	block = plan_of(spec, bare);
	assert_true(step_of(block, STEP_open_terminal, 0)->open_terminal.host);
	spec = box(NULL, true);
	spec->process.terminal = true;
	block = plan_of(spec, with_mounts(root_host()));
	assert_false(step_of(block, STEP_open_terminal, 0)->open_terminal.host);
	assert_int_equal(count_of(block, STEP_bind_console), 1);
}

/* Where /dev is a directory of the root file system, its nodes are as little the box's. */
static void a_dev_without_mount_is_covered(void **state)
{
	(void)state;
	struct facts *facts = with_mounts(root_host());
	facts->mount_count = 1;
	assert_non_null(strstr(view(plan_of(box(NULL, true), facts)),
	                       "overlay /\ntmpfs /dev\nbind /etc/hosts\nbind /etc/resolv.conf\nlink"));
}

static void users_see_it_rebuilt(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(box(NULL, false), with_mounts(user_host()));
	assert_string_equal(
		view(block),
		"tmpfs /\nlink /bin\nrbind /dev\ndevpts /dev/pts\ntmpfs /dev/shm\n755 /etc\nproc /proc\n700 /root\n"
		"755 /srv\nrbind /sys\noverlay /tmp\noverlay /usr\nbind /etc/hosts\n"
		"bind /etc/resolv.conf\nbind /srv/nas\nbind /etc/hosts\nbind /etc/resolv.conf\n");
	assert_string_equal(
		list_of(block, step_of(block, STEP_mount_fs, 4)->mount_fs.options),
		"lowerdir=/usr|upperdir=/run/kist/c1/upper.1|workdir=/run/kist/c1/work.1|volatile|userxattr");
}

static void a_masked_proc_is_bound(void **state)
{
	(void)state;
	struct facts *facts = with_mounts(user_host());
	facts->proc_masked = true;
	const struct plan_block *block = plan_of(box(NULL, false), facts);
	assert_non_null(strstr(view(block), "rbind /proc\n"));
	assert_int_equal(faults.warning_count, 1);
	assert_non_null(strstr(faults.warnings[0].text, "partly masked"));
}

/* An overlay, as in another box, takes no upper layer: then the container's half makes both in a tmpfs. */
static void a_state_root_on_an_overlay(void **state)
{
	(void)state;
	struct facts *facts = with_mounts(root_host());
	facts->caller.state_file_system = "overlay";
	const struct plan_block *block = plan_of(box(NULL, true), facts);
	assert_string_equal(text_of(block, step_of(block, STEP_make_scratch, 1)->make_scratch.path),
	                    "/run/kist/c1/memory");
	assert_string_equal(text_of(block, step_of(block, STEP_mount_scratch, 0)->mount_scratch.path),
	                    "/run/kist/c1/memory");
	assert_int_equal(count_of(block, STEP_make_layer), 4);
	assert_string_equal(text_of(block, step_of(block, STEP_make_layer, 2)->make_layer.path),
	                    "/run/kist/c1/memory/upper.1");
	assert_int_equal(step_of(block, STEP_make_layer, 2)->make_layer.mode, 01777);
	assert_string_equal(
		list_of(block, step_of(block, STEP_open_root, 0)->open_root.options),
		"lowerdir=/|upperdir=/run/kist/c1/memory/upper.0|workdir=/run/kist/c1/memory/work.0|volatile");
	facts->caller.state_file_system = "ext4";
	assert_int_equal(count_of(plan_of(box(NULL, true), facts), STEP_mount_scratch), 0);
}

static void a_directory(void **state)
{
	(void)state;
	const struct plan_block *block = plan_of(box("/opt/a:b,c\\d", true), root_host());
	assert_string_equal(
		list_of(block, step_of(block, STEP_open_root, 0)->open_root.options),
		"lowerdir=/opt/a\\:b\\,c\\\\d|upperdir=/run/kist/c1/upper.0|workdir=/run/kist/c1/work.0|volatile");
	assert_int_equal(count_of(block, STEP_make_device), 6);
	assert_refused(box("/srv", false), with_mounts(user_host()), "/root/path",
	               "other file systems are mounted below");
	plan_of(box("/usr", false), with_mounts(user_host()));
}

static void what_is_missing(void **state)
{
	(void)state;
	assert_refused(box(NULL, true), root_host(), "/root/path", "no mount table");
	struct facts *facts = with_mounts(root_host());
	facts->kernel.overlay = false;
	assert_refused(box(NULL, true), facts, "/root/path", "modprobe overlay");
}

static void names_are_looked_up(void **state)
{
	(void)state;
	struct spec *spec = box("/opt/r", true);
	spec->box.user = "daemon:mail";
	const struct plan_block *block = plan_of(spec, root_host());
	const struct step *lookup = step_of(block, STEP_lookup_user, 0);
	assert_string_equal(text_of(block, lookup->lookup_user.user), "daemon:mail");
	assert_int_equal(step_of(block, STEP_set_uid, 0)->set_uid.identity, lookup->lookup_user.identity);
}

static void places_keep_their_order(void **state)
{
	(void)state;
	struct spec *spec = box_with("/opt/r", true,
	                             PLACES({ "tmpfs", "/x" }, { "dir", "/x/y" }, { "symlink", "y:/x/z" },
	                                    { "bind", "/srv\\:1:/x/y/b:ro,norec" }, { "symlink", "a:/l" }));
	const char *text = view(plan_of(spec, root_host()));
	assert_non_null(strstr(text, "\ntmpfs /x\n755 /x/y\nlink /x/z\nbind /x/y/b\nlink /l\n"));
	const struct step *bind = step_of(plan_of(spec, root_host()), STEP_bind, 1);
	assert_int_equal(bind->bind.attr_set, ABI_ATTR_RDONLY);
	assert_int_equal(bind->bind.attr_set_rec, 0);
	assert_false(bind->bind.if_there);
	spec = box_with("/opt/r", true, PLACES({ "bind-try", "/srv:rw,nodev" }));
	bind = step_of(plan_of(spec, root_host()), STEP_bind, 1);
	assert_true(bind->bind.if_there);
	assert_int_equal(bind->bind.attr_clear_rec, ABI_ATTR_RDONLY);
	assert_int_equal(bind->bind.attr_set_rec, ABI_ATTR_NODEV);
}

static const char *allowed(const struct plan_block *block)
{
	const char *last = "";
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_write_cgroup &&
		    strcmp(text_of(block, step->write_cgroup.file), "devices.allow") == 0)
			last = text_of(block, step->write_cgroup.value);
	}
	return last;
}

/* Root's policy lets through what a flag names, and not more of it than the flag says. */
static void devices_that_flags_name(void **state)
{
	(void)state;
	static struct facts_source sources[] = {
		{ "/dev/kvm", SOURCE_CHAR, 10, 232 },      { "/dev/dri", SOURCE_DIR, 0, 0 },
		{ "/dev/dri/card0", SOURCE_CHAR, 226, 7 }, { "/dev/sdb1", SOURCE_BLOCK, 8, 17 },
		{ "/srv/none", SOURCE_MISSING, 0, 0 },
	};
	struct facts *facts = root_host();
	facts->sources = sources;
	facts->source_count = COUNT(sources);
	assert_string_equal(allowed(plan_of(box_with("/r", true, PLACES({ "dev", "/dev/kvm" })), facts)),
	                    "c 10:232 rw");
	assert_string_equal(allowed(plan_of(box_with("/r", true, PLACES({ "dev", "/dev/dri" })), facts)), "c 226:7 rw");
	assert_string_equal(allowed(plan_of(box_with("/r", true, PLACES({ "mount", "vfat:/dev/sdb1:/u:ro" })), facts)),
	                    "b 8:17 r");
	assert_string_equal(allowed(plan_of(box_with("/r", true, PLACES({ "bind", "/srv:/dev/kvm" })), facts)),
	                    allowed(plan_of(box("/r", true), facts)));
	assert_int_equal(count_of(plan_of(box_with("/r", true, PLACES({ "dev", "host" })), facts), STEP_write_cgroup),
	                 0);
	assert_refused(box_with("/r", true, PLACES({ "bind", "/srv/none:/x" })), facts, "/mounts/5",
	               "nothing at /srv/none");
	plan_of(box_with("/r", true, PLACES({ "bind-try", "/srv/none:/x" })), facts);
	/* Without root there is no policy, and a read-only mount is none. */
	struct facts *user = user_host();
	user->sources = sources;
	user->source_count = COUNT(sources);
	plan_of(box_with("/r", false, PLACES({ "bind", "/dev/kvm:ro" })), user);
	assert_int_equal(faults.warning_count, 1);
}

static const char *protections(const struct plan_block *block)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_readonly)
			buf_printf(&text, "%s%s\n", text_of(block, step->readonly.path),
			           step->readonly.demanded ? "!" : "");
		if (step->kind == STEP_mask && step->mask.demanded)
			buf_printf(&text, "mask %s\n", text_of(block, step->mask.path));
	}
	return text.bytes;
}

/* A view of several mounts is one tree to its user; what flags place in it keeps what it has. */
static void readonly_holds_for_the_view(void **state)
{
	(void)state;
	struct spec *spec = box_with(NULL, false, PLACES({ "tmpfs", "/tmp" }, { "ro", "/" }, { "mask", "/srv/nas" }));
	assert_string_equal(protections(plan_of(spec, with_mounts(user_host()))),
	                    "mask /srv/nas\n/proc/bus\n/proc/fs\n/proc/irq\n/proc/sys\n/proc/sysrq-trigger\n/usr\n/\n");
	spec = box_with(NULL, true, PLACES({ "ro", "/tmp/x" }, { "ro", "/tmp/" }));
	assert_non_null(strstr(protections(plan_of(spec, with_mounts(root_host()))), "/tmp/x!\n/tmp!\n/proc/bus\n"));
	spec = box_with("/r", true, PLACES({ "proc", "/p" }, { "bind", "//proc/:/q" }));
	assert_non_null(strstr(protections(plan_of(spec, root_host())), "/p/sys\n"));
	assert_non_null(strstr(protections(plan_of(spec, root_host())), "/q/sys\n"));
}

static void the_view_leaves_dev_to_the_flags(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_of(box_with(NULL, false, PLACES({ "dev", "minimal" })), with_mounts(user_host()));
	assert_null(strstr(view(block), "rbind /dev"));
	assert_int_equal(count_of(block, STEP_make_device), 6);
	block = plan_of(box_with(NULL, true, PLACES({ "dev", "host" })), with_mounts(root_host()));
	assert_null(strstr(view(block), "tmpfs /dev\n"));
	assert_int_equal(count_of(block, STEP_make_device), 0);
}

/* An ordinary user joins what a process has together with its user namespace, and nothing by path. */
static void joined_with_the_user_namespace(void **state)
{
	(void)state;
	static const char *args[] = { "sh" };
	struct box_flags flags = { .args = args, .arg_count = 1, .cwd = "/home", .net = "pid:42", .uts = "host" };
	faults = (struct spec_faults){ .arena = &arena };
	struct spec *spec = box_spec(&arena, &flags, &faults);
	const struct plan_block *block = plan_of(spec, with_mounts(user_host()));
	const struct step *user = step_of(block, STEP_open_namespace, 0);
	assert_string_equal(text_of(block, user->open_namespace.path), "/proc/42/ns/user");
	assert_string_equal(spec_place(&arena, spec, text_of(block, user->pointer)), "--net pid:42");
	assert_int_equal(step_of(block, STEP_join_namespace, 0)->join_namespace.type, ABI_NEWUSER);
	assert_int_equal(step_of(block, STEP_join_namespace, 1)->join_namespace.type, ABI_NEWNET);
	assert_int_equal(count_of(block, STEP_set_name), 0);
	assert_int_equal(count_of(block, STEP_write_idmap), 0);
	flags.net = "ns:a";
	flags.privileged = true;
	block = plan_of(box_spec(&arena, &flags, &faults), with_mounts(root_host()));
	assert_string_equal(text_of(block, step_of(block, STEP_open_namespace, 0)->open_namespace.path), "/home/a");
	flags.privileged = false;
	box_spec(&arena, &flags, &faults);
	assert_int_equal(faults.count, 1);
}

static struct step_bind bind_at(const struct plan_block *block, const char *path)
{
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_bind && strcmp(text_of(block, step->bind.path), path) == 0)
			return step->bind;
	}
	fail_msg("nothing is bound on %s", path);
	return (struct step_bind){ 0 };
}

/* The names always in a view of this machine; in another root what was asked for, and nothing else. */
static void files_of_the_machine(void **state)
{
	(void)state;
	static const char *args[] = { "sh" };
	static struct facts_source sources[] = {
		{ "/etc/ssl/certs/ca-certificates.crt", SOURCE_MISSING, 0, 0 },
		{ "/etc/pki/tls/certs/ca-bundle.crt", SOURCE_FILE, 0, 0 },
	};
	static const char *const wrong[] = { "dns,", "dns,none", "" };
	struct box_flags flags = { .args = args, .arg_count = 1, .cwd = "/", .privileged = true, .hostname = "me" };
	faults = (struct spec_faults){ .arena = &arena };
	struct facts *facts = with_mounts(root_host());
	const struct plan_block *block = plan_of(box_spec(&arena, &flags, &faults), facts);
	const struct step *hosts = step_of(block, STEP_copy_file, 0);
	assert_string_equal(text_of(block, hosts->copy_file.source), "/etc/hosts");
	assert_string_equal(text_of(block, hosts->copy_file.path), "/run/kist/c1/files/hosts");
	assert_string_equal(text_of(block, hosts->copy_file.head), "127.0.1.1\tme\n");
	assert_string_equal(text_of(block, step_of(block, STEP_copy_file, 1)->copy_file.head), "");
	assert_int_equal(bind_at(block, "/etc/hosts").onto, BIND_ONTO_LINK);
	flags.host_files = "none";
	assert_int_equal(count_of(plan_of(box_spec(&arena, &flags, &faults), facts), STEP_copy_file), 0);
	flags.root = "/r";
	flags.host_files = NULL;
	assert_int_equal(count_of(plan_of(box_spec(&arena, &flags, &faults), facts), STEP_copy_file), 0);
	flags.host_files = "tz,certs";
	assert_refused(box_spec(&arena, &flags, &faults), facts, "/box/hostFiles",
	               "install the package ca-certificates");
	facts->sources = sources;
	facts->source_count = COUNT(sources);
	faults = (struct spec_faults){ .arena = &arena };
	block = plan_of(box_spec(&arena, &flags, &faults), facts);
	assert_int_equal(bind_at(block, "/usr/share/zoneinfo").onto, BIND_IF_MISSING);
	assert_int_equal(bind_at(block, "/etc/ssl/certs/ca-certificates.crt").onto, BIND_ONTO_LINK);
	assert_int_equal(bind_at(block, "/etc/ssl/cert.pem").onto, BIND_IF_THERE);
	assert_string_equal(text_of(block, bind_at(block, "/etc/ssl/cert.pem").source),
	                    "/etc/pki/tls/certs/ca-bundle.crt");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		flags.host_files = wrong[i];
		faults = (struct spec_faults){ .arena = &arena };
		box_spec(&arena, &flags, &faults);
		assert_int_equal(faults.count, 1);
	}
}

static void misplaced_flags_are_named(void **state)
{
	(void)state;
	struct spec *spec = box_with("/r", true,
	                             PLACES({ "tmpfs", "x" }, { "bind", "/a:/b:zz" }, { "mount", "a:b" },
	                                    { "dev", "host" }, { "dev", "/dev/kvm" }, { "mask", "/" }));
	static const char *const flags[] = { "--tmpfs x", "--bind /a:/b:zz", "--mount a:b", "--dev host", "--mask /" };
	assert_int_equal(faults.count, COUNT(flags));
	for (size_t i = 0; i < COUNT(flags) - 1; i++)
		assert_string_equal(spec_place(&arena, spec, faults.items[i].pointer), flags[i]);
}

/* The layers are the caller's files, so init works as the caller, whatever it is called inside. */
static void init_works_as_the_caller(void **state)
{
	(void)state;
	static const struct box_range ranges[] = { { 100000, 65536 } };
	static const char *args[] = { "sh" };
	struct box_flags flags = {
		.args = args, .arg_count = 1, .cwd = "/home", .map_uid = "1100", .maps_helped = true
	};
	flags.own_users = flags.own_groups = (struct box_owned){ 1000, ranges, 1 };
	faults = (struct spec_faults){ .arena = &arena };
	const struct plan_block *block = plan_of(box_spec(&arena, &flags, &faults), with_mounts(user_host()));
	const struct step *step = step_of(block, STEP_become_root, 0);
	assert_int_equal(step->become_root.uid, 1100);
	assert_int_equal(step->become_root.gid, 0);
	assert_int_equal(step_of(block, STEP_set_uid, 0)->set_uid.uid, 0);
}

/* --- kept changes -------------------------------------------------------------------------------------- */

static const struct plan_block *plan_kept(bool privileged, const char *root, const struct plan_kept *kept)
{
	struct spec *spec = box(root, privileged);
	struct plan_request wanted = { .id = "c1", .state_root = "/run/kist", .kept = kept };
	spec->box.keep = "/srv/changes";
	spec->box.go_on = kept;
	faults = (struct spec_faults){ .arena = &arena };
	return plan_make(&arena, spec, with_mounts(privileged ? root_host() : user_host()), &wanted, &faults);
}

static void kept_layers_keep_their_numbers(void **state)
{
	(void)state;
	static const struct plan_kept_part parts[] = { { "/tmp", 5 }, { "/gone", 7 }, { "/", 2 } };
	const struct plan_kept kept = { "/", NULL, NULL, parts, 3 };
	const struct plan_block *block = plan_kept(true, NULL, NULL);
	assert_non_null(block);
	const struct step *hold = step_of(block, STEP_hold_changes, 0);
	assert_string_equal(list_of(block, hold->hold_changes.parts), "0:/|1:/tmp");
	assert_string_equal(text_of(block, hold->hold_changes.base), "/");
	assert_false(hold->hold_changes.go_on);
	/* No layer is among the directories to be thrown away. */
	for (size_t i = 0; i < count_of(block, STEP_make_scratch); i++)
		assert_null(strstr(text_of(block, step_of(block, STEP_make_scratch, i)->make_scratch.path), "upper"));
	assert_string_equal(list_of(block, step_of(block, STEP_open_root, 0)->open_root.options),
	                    "lowerdir=/|upperdir=/srv/changes/upper.0|workdir=/srv/changes/work.0|"
	                    "redirect_dir=nofollow|metacopy=off");
	block = plan_kept(true, NULL, &kept);
	assert_non_null(block);
	hold = step_of(block, STEP_hold_changes, 0);
	assert_string_equal(list_of(block, hold->hold_changes.parts), "2:/|5:/tmp");
	assert_true(hold->hold_changes.go_on);
	/* What cannot be seen in this box is told. */
	assert_int_equal(faults.warning_count, 1);
	assert_non_null(strstr(faults.warnings[0].text, "/gone"));
}

static void kept_changes_must_fit(void **state)
{
	(void)state;
	const struct plan_kept over_root = { "/opt/r", NULL, NULL, NULL, 0 };
	const struct plan_kept mapped = { "/", "0 1000 1\n1 5 5\n", "0 1000 1\n", NULL, 0 };
	const struct plan_kept same = { "/", "0 1000 1\n", "0 1000 1\n", NULL, 0 };
	assert_null(plan_kept(true, NULL, &over_root));
	assert_non_null(strstr(faults.items[0].text, "give --root /opt/r"));
	assert_non_null(plan_kept(true, "/opt/r", &over_root));
	assert_non_null(plan_kept(true, "/opt/../opt//r", &over_root));
	assert_null(plan_kept(true, "/opt/r", &same));
	assert_non_null(strstr(faults.items[0].text, "leave --root out"));
	assert_null(plan_kept(false, NULL, &mapped));
	assert_int_equal(faults.count, 1);
	assert_non_null(strstr(faults.items[0].text, "user id map 0:1000:1 1:5:5"));
	assert_null(plan_kept(true, NULL, &same));
	assert_non_null(strstr(faults.items[0].text, "would have none"));
	assert_non_null(plan_kept(false, NULL, &same));
	/* The layers are neither in what they are over nor the other way round. */
	assert_null(plan_kept(true, "/srv", NULL));
	assert_null(plan_kept(true, "/srv/changes/upper.0", NULL));
	assert_non_null(plan_kept(true, "/srv/changes2", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joined_with_the_user_namespace),
		cmocka_unit_test(init_works_as_the_caller),
		cmocka_unit_test(files_of_the_machine),
		cmocka_unit_test(places_keep_their_order),
		cmocka_unit_test(devices_that_flags_name),
		cmocka_unit_test(readonly_holds_for_the_view),
		cmocka_unit_test(the_view_leaves_dev_to_the_flags),
		cmocka_unit_test(misplaced_flags_are_named),
		cmocka_unit_test(root_sees_one_overlay_and_the_mounts),
		cmocka_unit_test(devices_of_a_box),
		cmocka_unit_test(terminals_of_a_box),
		cmocka_unit_test(a_dev_without_mount_is_covered),
		cmocka_unit_test(users_see_it_rebuilt),
		cmocka_unit_test(a_masked_proc_is_bound),
		cmocka_unit_test(a_state_root_on_an_overlay),
		cmocka_unit_test(a_directory),
		cmocka_unit_test(what_is_missing),
		cmocka_unit_test(names_are_looked_up),
		cmocka_unit_test(kept_layers_keep_their_numbers),
		cmocka_unit_test(kept_changes_must_fit),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
