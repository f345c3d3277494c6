/* facts_json_test.c: facts written and read back are the same; another host's file is checked in all respects. */
#include "base/abi.h"
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static struct facts_mount sample_mounts[] = {
	{ "/", "ext4", ABI_ATTR_STRICTATIME, false },
	{ "/line\nbreak", "tmpfs", ABI_ATTR_RDONLY | ABI_ATTR_NOSYMFOLLOW, true },
};
static struct facts_entry sample_entries[] = {
	{ "/bin", ENTRY_LINK, "usr/bin", 0777, false, false },
	{ "/run", ENTRY_DIR, NULL, 01755, true, true },
	{ "/x", ENTRY_FILE, NULL, 0, false, true },
	{ "/y", ENTRY_OTHER, NULL, 07777, false, false },
};
static struct facts_binfmt sample_binfmts[] = {
	{ "/usr/bin/qemu-aarch64", true, 64, false, 183 },
	{ "/usr/bin/qemu-mips", false, 32, true, 8 },
};
static struct facts_source sample_sources[] = {
	{ "/dev/kvm", SOURCE_CHAR, 10, 232, 0, 108, NULL },
	{ "/home/a/./b", SOURCE_MISSING, 0, 0, 0, 0, NULL },
	{ "/dev/sda", SOURCE_BLOCK, 4095, 1048575, 0, 6, NULL },
	{ "/srv/root", SOURCE_DIR, 0, 0, 100000, 4294967295, "uids 0:100000:65536, gids 0:100000:1" },
};

/* Every field has a value of its own, so that two rows of the table cannot be exchanged unseen. */
static struct facts sample(void)
{
	static uint32_t groups[] = { 4, 24, 4294967294 };
	static struct facts_range subuids[] = { { 100000, 65536 }, { 4294967294, 1 } }, subgids[] = { { 200000, 10 } };
	static const char *cpu[] = { "cpu", "cpuacct" }, *unified[] = { "io", "pids" }, *delegated[] = { "pids" };
	static struct facts_hierarchy hierarchies[] = {
		{ .mount = "/sys/fs/cgroup/cpu,cpuacct",
		  .name = "cpu,cpuacct",
		  .controllers = cpu,
		  .controller_count = 2,
		  .own = "/a b/\xc3\xa9",
		  .root_writable = true },
		{ .unified = true,
		  .mount = "/sys/fs/cgroup/unified",
		  .name = "unified",
		  .controllers = unified,
		  .controller_count = 2,
		  .own = "/",
		  .delegated = delegated,
		  .delegated_count = 1,
		  .own_writable = true },
	};
	static uint64_t limits[ABI_RLIMIT_COUNT] = { UINT64_MAX, 0, UINT64_MAX - 1, 9007199254740993 };
	return (struct facts){
		.caller = { .uid = 1000,
		            .gid = 1001,
		            .groups = groups,
		            .group_count = 3,
		            .capabilities = UINT64_MAX,
		            .initial_user_namespace = true,
		            .subuids = subuids,
		            .subuid_count = 2,
		            .subgids = subgids,
		            .subgid_count = 1,
		            .subids_free = 400000,
		            .name = NULL,
		            .newuidmap = "/usr/bin/newuidmap",
		            .newgidmap = NULL,
		            .cwd = "/",
		            .state_root = "/run/user/1000/kist",
		            .umask = 077,
		            .terminal = true,
		            .no_new_privs = true,
		            .state_file_system = "overlay" },
		.kernel = { .major = 6,
		            .minor = 18,
		            .openat2 = true,
		            .mount_setattr = true,
		            .pidfd = true,
		            .memfd_exec_flag = true,
		            .time_namespace = true,
		            .user_namespace = true,
		            .seccomp_log = true,
		            .cgroup_bpf = true },
		.cgroup = { .layout = CGROUP_HYBRID,
		            .hierarchies = hierarchies,
		            .count = 2,
		            .cpus = "0-3,7",
		            .mems = NULL },
		.kernel_release = "6.18.44",
		.machine = "x86_64",
		.memfd_noexec = 2,
		.selinux = true,
		.fuse_open = true,
		.fuse_overlayfs = "/usr/bin/fuse-overlayfs",
		.nr_open = 1073741816,
		.rlimits_hard = limits,
		.cpus_online = "0-3",
		.have_mounts = true,
		.mounts = sample_mounts,
		.mount_count = 2,
		.entries = sample_entries,
		.entry_count = 4,
		.have_binfmt = true,
		.binfmts = sample_binfmts,
		.binfmt_count = 2,
		.sources = sample_sources,
		.source_count = 4,
	};
}

static const char *write_facts(const struct facts *facts)
{
	struct buf out = buf_in(&arena);
	facts_write_json(&out, facts);
	return out.bytes;
}

static const char *read_fault(const char *text)
{
	struct facts facts = { .nr_open = 12345 };
	struct err err = { 0 };
	if (facts_read_json(&arena, text, strlen(text), "host.json", &facts, &err) == 0)
		return "accepted";
	assert_int_equal(facts.nr_open, 12345); /* untouched */
	assert_int_equal(err.status, 125);
	return err.what;
}

static void gives_back_what_was_written(void **state)
{
	(void)state;
	struct facts facts = sample(), read;
	struct err err = { 0 };
	const char *text = write_facts(&facts);
	if (facts_read_json(&arena, text, strlen(text), "host.json", &read, &err) < 0)
		fail_msg("%s", err.what);
	assert_string_equal(write_facts(&read), text);
	assert_int_equal(read.caller.groups[2], 4294967294);
	assert_true(read.caller.capabilities == UINT64_MAX);
	assert_memory_equal(&read.kernel, &facts.kernel, sizeof(facts.kernel));
	assert_string_equal(read.cgroup.hierarchies[0].own, "/a b/\xc3\xa9");
	assert_string_equal(read.cgroup.hierarchies[1].delegated[0], "pids");
	assert_true(read.rlimits_hard[0] == UINT64_MAX && read.rlimits_hard[2] == UINT64_MAX - 1);
	assert_true(read.rlimits_hard[3] == 9007199254740993);
	assert_string_equal(read.mounts[1].path, "/line\nbreak");
	assert_int_equal(read.entries[3].type, ENTRY_OTHER);
	assert_true(read.binfmts[1].big_endian && read.binfmts[0].fixed);
	assert_int_equal(read.binfmts[0].machine, 183);
	assert_int_equal(read.sources[2].kind, SOURCE_BLOCK);
	assert_int_equal(read.sources[2].major, 4095);
	assert_int_equal(read.sources[2].minor, 1048575);
	assert_int_equal(read.sources[3].uid, 100000);
	assert_string_equal(read.sources[3].idmap, "uids 0:100000:65536, gids 0:100000:1");
	assert_null(read.sources[0].idmap);
	assert_null(read.caller.name);
	assert_int_equal(read.caller.subids_free, 400000);
	assert_null(read.entries[1].target);
}

static void gives_back_every_flag(void **state)
{
	(void)state;
	struct facts facts = sample();
	bool *const flags[] = {
		&facts.caller.initial_user_namespace,
		&facts.caller.terminal,
		&facts.caller.no_new_privs,
		&facts.kernel.openat2,
		&facts.kernel.mount_api,
		&facts.kernel.mount_setattr,
		&facts.kernel.close_range,
		&facts.kernel.pidfd,
		&facts.kernel.clone_into_cgroup,
		&facts.kernel.memfd_exec_flag,
		&facts.kernel.statmount,
		&facts.kernel.open_tree_namespace,
		&facts.kernel.time_namespace,
		&facts.kernel.cgroup_namespace,
		&facts.kernel.user_namespace,
		&facts.kernel.seccomp,
		&facts.kernel.seccomp_log,
		&facts.kernel.seccomp_wait_killable,
		&facts.kernel.overlay,
		&facts.kernel.cgroup_bpf,
		&facts.apparmor,
		&facts.selinux,
		&facts.proc_masked,
		&facts.sys_masked,
		&facts.fuse_open,
		&facts.fuse_there,
	};
	for (size_t i = 0; i < COUNT(flags); i++) {
		struct facts read;
		struct err err = { 0 };
		const char *before = write_facts(&facts), *after;
		*flags[i] = !*flags[i];
		after = write_facts(&facts);
		assert_string_not_equal(before, after);
		assert_int_equal(facts_read_json(&arena, after, strlen(after), "host.json", &read, &err), 0);
		assert_string_equal(write_facts(&read), after);
	}
}

/* The text of the sample with one piece replaced. */
static const char *with(const char *piece, const char *replacement)
{
	struct facts facts = sample();
	const char *text = write_facts(&facts), *place = strstr(text, piece);
	if (!place)
		fail_msg("the sample has no %s", piece);
	return arena_printf(&arena, "%.*s%s%s", (int)(place - text), text, replacement, place + strlen(piece));
}

static const struct {
	const char *piece, *replacement, *fault;
} faults[] = {
	{ "\"uid\": 1000", "\"uid\": \"1000\"",
	  "host.json:5:12 /caller/uid: expected a whole number of at most 4294967294, got a string (\"1000\")" },
	{ "\"uid\": 1000", "\"uid\": 4294967295",
	  "host.json:5:12 /caller/uid: expected a whole number of at most 4294967294, got the number 4294967295" },
	{ "\"uid\": 1000", "\"uid\": -1",
	  "host.json:5:12 /caller/uid: expected a whole number of at most 4294967294, got the number -1" },
	{ "\"uid\": 1000", "\"uid\": 1e3",
	  "host.json:5:12 /caller/uid: expected a whole number of at most 4294967294, got the number 1e3" },
	{ "\"uid\": 1000,", "", "host.json:4:13 /caller: the member \"uid\" is missing" },
	{ "\"uid\": 1000,", "\"uid\": 1000, \"uid\": 0,", "host.json:5:18: duplicate key \"uid\" (first at 5:5)" },
	{ "[4, 24, 4294967294]", "[4, null]",
	  "host.json:7:19 /caller/groups/1: expected a whole number of at most 4294967295, got null" },
	{ "[4, 24, 4294967294]", "{}", "host.json:7:15 /caller/groups: expected an array, got an object" },
	{ "\"terminal\": true", "\"terminal\": 1",
	  "host.json:24:17 /caller/terminal: expected true or false, got the number 1" },
	{ "\"/usr/bin/newuidmap\"", "\"newuidmap\"",
	  "host.json:19:18 /caller/newuidmap: expected an absolute path "
	  "without . and .. in it, got a string (\"newuidmap\")" },
	{ "\"/usr/bin/newuidmap\"", "\"/usr/../x\"",
	  "host.json:19:18 /caller/newuidmap: expected an absolute path "
	  "without . and .. in it, got a string (\"/usr/../x\")" },
	{ "\"/usr/bin/newuidmap\"", "\"/a\\u0000b\"",
	  "host.json:19:18 /caller/newuidmap: a string with a NUL byte in it" },
	{ "\"cwd\": \"/\"", "\"cwd\": null", "host.json:21:12 /caller/cwd: expected a string, got null" },
	{ "\"name\": null", "\"name\": 7",
	  "host.json:18:13 /caller/name: expected a string or null, got the number 7" },
	{ "\"/run/user/1000/kist\"", "\"kist\"", "host.json:22:19 /caller/state_root: expected an absolute path" },
	{ "\"hybrid\"", "\"v3\"",
	  "host.json:50:15 /cgroup/layout: expected one of \"none\", \"v1\", \"hybrid\", \"v2\", "
	  "got a string (\"v3\")" },
	{ "\"hybrid\"", "\"v1\"", "host.json:51:20 /cgroup/hierarchies: they do not fit the layout" },
	{ "\"hybrid\"", "\"v2\"", "host.json:51:20 /cgroup/hierarchies: they do not fit the layout" },
	{ "\"hybrid\"", "\"none\"", "host.json:51:20 /cgroup/hierarchies: they do not fit the layout" },
	{ "\"name\": \"unified\"", "\"name\": \"../x\"",
	  "host.json:51:20 /cgroup/hierarchies: a name or a controller is empty or a path" },
	{ "\"name\": \"unified\"", "\"name\": \"\"",
	  "host.json:51:20 /cgroup/hierarchies: a name or a controller is empty or a path" },
	{ "[\"cpu\", \"cpuacct\"]", "[\"a/b\"]",
	  "host.json:51:20 /cgroup/hierarchies: a name or a controller is empty or a path" },
	{ "{ \"first\": 4294967294, \"count\": 1 }", "{ \"first\": 4294967294, \"count\": 2 }",
	  "host.json:10:16 /caller/subuids: the ranges are empty, too long or overlap" },
	{ "{ \"first\": 4294967294, \"count\": 1 }", "{ \"first\": 100001, \"count\": 1 }",
	  "host.json:10:16 /caller/subuids: the ranges are empty, too long or overlap" },
	{ "{ \"first\": 200000, \"count\": 10 }", "{ \"first\": 200000, \"count\": 0 }",
	  "host.json:14:16 /caller/subgids: the ranges are empty, too long or overlap" },
	{ "{ \"first\": 200000, \"count\": 10 }", "{ \"first\": 200000 }",
	  "host.json:15:7 /caller/subgids/0: the member \"count\" is missing" },
	{ "\"memfd_noexec\": 2", "\"memfd_noexec\": 3",
	  "host.json:58:19 /memfd_noexec: expected a whole number of at most 2, got the number 3" },
	{ "\"unlimited\", 0, ", "0, ", "host.json:67:19 /rlimits_hard: expected 16 items, got 15" },
	{ "\"have_mounts\": true", "\"have_mounts\": false",
	  "host.json:69:18 /have_mounts: false, but there are mounts or entries" },
	{ "\"target\": \"usr/bin\"", "\"target\": null",
	  "host.json:74:14 /entries: a link without a target, or a target without a link" },
	{ "{\n", "[\n", "host.json:2:19: expected a comma or ] after a value, got :" },
};

static void refuses_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++)
		assert_string_equal(read_fault(with(faults[i].piece, faults[i].replacement)), faults[i].fault);
	assert_string_equal(read_fault("[]"), "host.json:1:1 /: expected an object, got an array");
	assert_string_equal(read_fault(""), "host.json:1:1: the text is empty");
}

static void ignores_unknown_members(void **state)
{
	(void)state;
	assert_string_equal(read_fault(with("\"uid\": 1000", "\"uid\": 1000, \"new\": [1]")), "accepted");
}

/* Every member is demanded: taking out any line of the sample's kernel makes it refused. */
static void demands_every_member(void **state)
{
	(void)state;
	static const char *const members[] = {
		"kernel_release", "machine",
		"caller",         "kernel",
		"cgroup",         "memfd_noexec",
		"apparmor",       "selinux",
		"proc_masked",    "fuse_open",
		"nr_open",        "rlimits_hard",
		"have_mounts",    "mounts",
		"entries",        "gid",
		"capabilities",   "umask",
		"openat2",        "overlay",
		"layout",         "hierarchies",
		"cpus",           "mems",
		"hidden",         "readable",
		"root_writable",  "sources",
		"kind",           "minor",
		"cpus_online",    "idmap",
		"no_new_privs",   "state_file_system",
		"subids_free",    "fuse_there",
		"fuse_overlayfs", "sys_masked",
	};
	for (size_t i = 0; i < COUNT(members); i++) {
		const char *fault = read_fault(with(arena_printf(&arena, "\"%s\": ", members[i]), "\"other\": "));
		assert_non_null(strstr(fault, arena_printf(&arena, "the member \"%s\" is missing", members[i])));
	}
}

/* No cut and no changed byte makes it read anything but a whole document or a fault. */
static void survives_damage(void **state)
{
	(void)state;
	struct facts facts = sample();
	const char *text = write_facts(&facts);
	size_t length = strlen(text);
	for (size_t i = 0; i + 2 < length; i += 7)
		assert_string_not_equal(read_fault(arena_copy(&arena, text, i)), "accepted");
	for (size_t i = 0; i < length; i += 5) {
		char *damaged = arena_copy(&arena, text, length);
		damaged[i] ^= 0x11;
		read_fault(damaged);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	static const struct CMUnitTest tests[] = {
		TEST(gives_back_what_was_written), TEST(gives_back_every_flag), TEST(refuses_what_is_wrong),
		TEST(ignores_unknown_members),     TEST(demands_every_member),  TEST(survives_damage),
	};
	return cmocka_run_group_tests_name("facts_json", tests, NULL, NULL);
}
