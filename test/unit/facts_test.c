/* facts_test.c: subordinate ids and the cache, from texts and trees made for it; and this machine. */
#include "facts_fixture.h"

/* --- the caller ----------------------------------------------------------------------------------- */

static void finds_users(void **state)
{
	(void)state;
	static const char passwd[] =
		"root:x:0:0:root:/root:/bin/bash\n\n+::::::\nbad:x:notanumber:0::/:\n:x:7:7::/:\n"
		"huge:x:18446744073709551617:0::/:\nneg:x:-1:0::/:\nshort:x\nann:x:1000:1000::/home/ann:/bin/sh\n"
		"twin:x:1000:1000::/:\nlast:x:1001:1";
	assert_string_equal(facts_find_user(&arena, text_of(passwd), 0), "root");
	assert_string_equal(facts_find_user(&arena, text_of(passwd), 1000), "ann");
	assert_string_equal(facts_find_user(&arena, text_of(passwd), 1001), "last");
	assert_null(facts_find_user(&arena, text_of(passwd), 1));
	assert_null(facts_find_user(&arena, text_of(passwd), 7));
	assert_null(facts_find_user(&arena, text_of(passwd), UINT32_MAX));
	assert_null(facts_find_user(&arena, text_of(""), 0));
}

/* The caller is ann, uid 1000. */
static const struct {
	const char *text, *ranges;
} subids[] = {
	{ "", "" },
	{ "ann:100000:65536\n", "100000+65536 " },
	{ "ann:100000:65536", "100000+65536 " },
	{ "1000:100000:65536\n", "100000+65536 " },
	{ "bob:1:2\nann:100000:10\nann:200000:20\n1000:300000:30\n", "100000+10 200000+20 300000+30 " },
	{ "anna:1:2\nan:3:4\n01000:5:6\n10000:7:8\n", "5+6 " }, /* 01000 is the number 1000 */
	/* overlapping: the first counts */
	{ "ann:100000:10\nann:100009:10\nann:100010:1\n", "100000+10 100010+1 " },
	{ "ann:100:50\nann:90:100\nann:120:5\n", "100+50 " },
	{ "ann:100000:10\nann:100000:10\n", "100000+10 " },
	/* holding the caller's own id */
	{ "ann:0:65536\nann:1000:1\nann:1001:5\n", "1001+5 " },
	/* at the end of all ids, and beyond */
	{ "ann:4294967294:1\n", "4294967294+1 " },
	{ "ann:4294967294:2\n", "" },
	{ "ann:4294967295:1\n", "" },
	{ "ann:4294967296:1\n", "" },
	{ "ann:1:4294967295\n", "" },
	{ "ann:2000:18446744073709551615\nann:18446744073709551616:1\n", "" },
	/* what is no line of this file */
	{ "ann:100000:0\n", "" },
	{ "ann:-1:5\nann:5:-1\nann:+5:1\nann: 5:1\nann:5:1 \nann:0x10:1\n", "" },
	{ "ann:5\nann\n:5:5\nann::\nann:5:\nann::5\nann:5:5:5\n\n\n", "" },
	{ "#ann:5:5\nann:100000:10 # mine\n", "" },
	{ "ann:100000:10\r\n", "" },
};

static const char *show_ranges(const struct facts_range *ranges, size_t count)
{
	struct buf out = buf_in(&arena);
	buf_puts(&out, "");
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%u+%u ", ranges[i].first, ranges[i].count);
	return out.bytes;
}

static void finds_ranges(void **state)
{
	(void)state;
	static const struct facts_owner ann = { "ann", 1000, 1000 };
	struct facts_range *ranges;
	for (size_t i = 0; i < COUNT(subids); i++) {
		size_t count = facts_find_ranges(&arena, text_of(subids[i].text), &ann, &ranges);
		if (strcmp(show_ranges(ranges, count), subids[i].ranges) != 0)
			fail_msg("%s gives %s not %s", subids[i].text, show_ranges(ranges, count), subids[i].ranges);
	}
}

static void finds_who_root_is_outside(void **state)
{
	(void)state;
	uint32_t outer = 7;
	assert_true(facts_outer_root(text_of("         0       2000          1\n"), &outer));
	assert_int_equal(outer, 2000);
	assert_false(facts_outer_root(text_of("         1       2000          1\n"), &outer));
	assert_false(facts_outer_root(text_of(""), &outer));
	assert_false(facts_outer_root(text_of("0 x 1\n"), &outer));
	assert_int_equal(outer, 2000);
}

/* What does not exist yet will lie where the directory above it does. */
static void finds_the_file_system_of_a_path(void **state)
{
	(void)state;
	assert_null(facts_file_system(&arena, "/proc/self"));
	assert_null(facts_file_system(&arena, "/proc/nothing/at/all"));
	const char *root = facts_file_system(&arena, "/"), *missing = facts_file_system(&arena, "/kist-nowhere/at/all");
	assert_true(root == missing);
}

static void finds_ranges_without_a_name(void **state)
{
	(void)state;
	static const struct facts_owner nobody = { NULL, 1000, 77 };
	struct facts_range *ranges;
	assert_int_equal(
		facts_find_ranges(&arena, text_of("ann:5:5\n(null):5:5\n1000:70:5\n1000:75:5\n"), &nobody, &ranges), 1);
	assert_int_equal(ranges[0].first, 70);
}

static void finds_free_subids(void **state)
{
	(void)state;
	static const struct {
		const char *subuid, *subgid;
		uint32_t first;
	} cases[] = {
		{ "", "", 100000 },
		{ "ann:5:5\n", "", 100000 },
		{ "ann:100000:65536\nben:165536:65536\n", "ann:100000:65536\n", 231072 },
		{ "ann:100000:65536\n", "ben:500000:65536", 565536 },
		{ "ann:x:5\nben:7\n:\nann:200000:1:1\n", "\n", 100000 },
		{ "ann:4294901759:1\n", "", 0 },
		{ "ann:4294901758:1\n", "", 4294901759 },
		{ "ann:4294967295:4294967295\n", "", 0 },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(facts_free_subids(text_of(cases[i].subuid), text_of(cases[i].subgid)), cases[i].first);
}

static void bounds_ranges(void **state)
{
	(void)state;
	static const struct facts_owner ann = { "ann", 1000, 1000 };
	struct buf text = buf_in(&arena);
	struct facts_range *ranges;
	for (unsigned i = 0; i < 100000; i++)
		buf_printf(&text, "ann:%u:5\n", 100000 + i * 10);
	buf_put(&text, "\0\0:\0:\0\nann", 10);
	assert_int_equal(facts_find_ranges(&arena, (struct slice){ text.bytes, text.length }, &ann, &ranges), 339);
	assert_int_equal(ranges[338].first, 103380);
}

/* --- the kernel ----------------------------------------------------------------------------------- */

static void parses_releases(void **state)
{
	(void)state;
	static const struct {
		const char *release;
		unsigned major, minor;
	} rows[] = {
		{ "6.18.44-amd64", 6, 18 },
		{ "5.14", 5, 14 },
		{ "6.1-rc3", 6, 1 },
		{ "10.20+", 10, 20 },
		{ "", 0, 0 },
		{ "x.y", 0, 0 },
		{ "7", 7, 0 },
		{ "99999.1", 0, 1 },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts_kernel kernel = { .major = 77, .minor = 77 };
		facts_parse_release(rows[i].release, &kernel);
		assert_int_equal(kernel.major, rows[i].major);
		assert_int_equal(kernel.minor, rows[i].minor);
	}
}

/* What came in with a version is there from then on; nobody takes system calls out again. */
static void probes_agree_with_the_version(void **state)
{
	(void)state;
	struct utsname name;
	struct facts_kernel kernel = { 0 };
	assert_int_equal(uname(&name), 0);
	facts_parse_release(name.release, &kernel);
	unsigned version = kernel.major * 1000 + kernel.minor;
	facts_probe_kernel(&kernel);
	assert_true(version < 5006 || (kernel.openat2 && kernel.pidfd));
	assert_true(version < 5012 || (kernel.mount_api && kernel.mount_setattr && kernel.close_range));
	assert_true(version < 5007 || kernel.clone_into_cgroup);
	assert_true(version < 6003 || kernel.memfd_exec_flag);
	assert_true(version < 6008 || kernel.statmount);
	assert_true(version > 6018 || !kernel.open_tree_namespace);
	assert_true(!kernel.seccomp_wait_killable || kernel.seccomp);
	/* No probe leaves a child behind. */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* --- the cache ------------------------------------------------------------------------------------ */

static const struct facts_kernel features = { .openat2 = true, .statmount = true, .seccomp = true, .overlay = true };

static bool read_cache(const char *key)
{
	struct facts_kernel kernel = { .cgroup_bpf = true };
	if (!facts_cache_read(&arena, folder, key, &kernel)) {
		assert_true(kernel.cgroup_bpf); /* untouched */
		return false;
	}
	assert_memory_equal(&kernel, &features, sizeof(kernel));
	return true;
}

static void keeps_features(void **state)
{
	(void)state;
	const char *file = arena_printf(&arena, "%s/.features", folder);
	struct stat status;
	assert_false(read_cache("one"));
	facts_cache_write(&arena, folder, "one", &features);
	assert_true(read_cache("one"));
	assert_false(read_cache("two"));
	assert_int_equal(stat(file, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	ino_t first = status.st_ino;
	facts_cache_write(&arena, folder, "two", &features);
	assert_true(read_cache("two"));
	assert_int_equal(stat(file, &status), 0);
	assert_int_not_equal(status.st_ino, first); /* replaced, not overwritten */
}

static void ignores_features_of_others(void **state)
{
	(void)state;
	const char *file = arena_printf(&arena, "%s/.features", folder);
	facts_cache_write(&arena, folder, "key", &features);
	assert_true(read_cache("key"));
	chmod(file, 0620);
	assert_false(read_cache("key"));
	chmod(file, 0644);
	assert_false(read_cache("key"));
	chmod(file, 0600);
	assert_true(read_cache("key"));
	if (geteuid() == 0) {
		assert_int_equal(chown(file, 65534, 0), 0);
		assert_false(read_cache("key"));
		assert_int_equal(chown(file, 0, 0), 0);
	}
	const char *other = arena_printf(&arena, "%s/other", folder);
	assert_int_equal(rename(file, other), 0);
	assert_int_equal(symlink("other", file), 0);
	assert_false(read_cache("key"));
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0); /* does not wait for a writer */
	assert_false(read_cache("key"));
}

static void ignores_broken_features(void **state)
{
	(void)state;
	char *text, *place;
	size_t length;
	facts_cache_write(&arena, folder, "key", &features);
	assert_int_equal(
		file_read_at(&arena, AT_FDCWD, arena_printf(&arena, "%s/.features", folder), 4096, &text, &length), 0);
	for (size_t cut = 0; cut < length - 2; cut++) {
		make_file(".features", arena_copy(&arena, text, cut), 0600);
		assert_false(read_cache("key"));
	}
	make_file(".features", text, 0600);
	assert_true(read_cache("key"));
	place = strstr(text, "\"openat2\": true");
	assert_non_null(place);
	memcpy(place, "\"openat2\": 1   ", 15);
	make_file(".features", text, 0600);
	assert_false(read_cache("key"));
	memcpy(place, "\"openat3\": true", 15);
	make_file(".features", text, 0600);
	assert_false(read_cache("key"));
}

static void writes_features_only_into_own_folder(void **state)
{
	(void)state;
	const char *file = arena_printf(&arena, "%s/.features", folder);
	assert_int_equal(chmod(folder, 0777), 0);
	facts_cache_write(&arena, folder, "key", &features);
	assert_int_equal(access(file, F_OK), -1);
	assert_int_equal(chmod(folder, 0755), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(folder, 65534, 0), 0);
		facts_cache_write(&arena, folder, "key", &features);
		assert_int_equal(access(file, F_OK), -1);
		assert_int_equal(chown(folder, 0, 0), 0);
	}
	facts_cache_write(&arena, arena_printf(&arena, "%s/absent", folder), "key", &features);
	assert_int_equal(access(arena_printf(&arena, "%s/absent", folder), F_OK), -1);
	facts_cache_write(&arena, folder, "key", &features);
	assert_int_equal(access(file, F_OK), 0);
}

static void keys_tell_callers_apart(void **state)
{
	(void)state;
	struct facts_caller caller = { .uid = 1, .capabilities = 2, .user_namespace = 3 };
	const char *key = facts_cache_key(&arena, &caller);
	assert_non_null(key);
	assert_string_equal(key, facts_cache_key(&arena, &caller));
	caller.uid = 2;
	assert_string_not_equal(key, facts_cache_key(&arena, &caller));
	caller.uid = 1;
	caller.capabilities = 3;
	assert_string_not_equal(key, facts_cache_key(&arena, &caller));
	caller.capabilities = 2;
	caller.user_namespace = 4;
	assert_string_not_equal(key, facts_cache_key(&arena, &caller));
	caller.user_namespace = 0; /* there is no telling */
	assert_null(facts_cache_key(&arena, &caller));
}

/* --- this machine --------------------------------------------------------------------------------- */

static void reads_this_machine(void **state)
{
	(void)state;
	struct facts facts;
	struct err err;
	struct rlimit limit;
	char cwd[4096];
	assert_int_equal(facts_read(&arena, folder, FACTS_HOT, &facts, &err), 0);
	assert_int_equal(facts.caller.uid, geteuid());
	assert_int_equal(facts.caller.group_count, getgroups(0, NULL));
	assert_string_equal(facts.caller.cwd, getcwd(cwd, sizeof(cwd)));
	assert_string_equal(facts.caller.state_root, folder);
	for (int i = 0; i < ABI_RLIMIT_COUNT; i++) {
		assert_int_equal(getrlimit(i, &limit), 0);
		assert_true(facts.rlimits_hard[i] == (limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max));
	}
	assert_true(facts.kernel.major >= 5 && facts.kernel.openat2);
	assert_true(facts.nr_open >= 1024);
	assert_false(facts.have_mounts);
	mode_t mask = umask(022);
	umask(mask);
	assert_int_equal(facts.caller.umask, mask);
	/* The first reading left the answers for the second. */
	struct facts again;
	assert_int_equal(access(arena_printf(&arena, "%s/.features", folder), F_OK), 0);
	assert_int_equal(facts_read(&arena, folder, FACTS_HOT, &again, &err), 0);
	assert_memory_equal(&again.kernel, &facts.kernel, sizeof(facts.kernel));
	assert_string_equal(again.kernel_release, facts.kernel_release);
}

static void reads_mounts_of_this_machine(void **state)
{
	(void)state;
	struct facts facts;
	struct err err;
	assert_int_equal(facts_read(&arena, folder, FACTS_MOUNTS, &facts, &err), 0);
	assert_true(facts.have_mounts);
	const struct facts_mount *proc = NULL;
	for (size_t i = 0; i < facts.mount_count; i++) {
		struct stat status;
		if (strcmp(facts.mounts[i].path, "/proc") == 0 && !facts.mounts[i].hidden)
			proc = &facts.mounts[i];
		/* Only what is hidden may have no place. */
		if (!facts.mounts[i].hidden && lstat(facts.mounts[i].path, &status) < 0)
			assert_int_not_equal(errno, ENOENT);
	}
	assert_non_null(proc);
	assert_string_equal(proc->type, "proc");
	bool tmp = false;
	for (size_t i = 0; i < facts.entry_count; i++)
		tmp = tmp || (strcmp(facts.entries[i].path, "/tmp") == 0 && facts.entries[i].type == ENTRY_DIR);
	assert_true(tmp);
}

static const struct {
	const char *text;
	bool taken;
	struct facts_binfmt binfmt;
} registrations[] = {
#define BINFMT(state, flags, magic) state "\ninterpreter /usr/bin/qemu-x\nflags: " flags "\noffset 0\nmagic " magic "\n"
#define ELF64 "7f454c4602010100000000000000000002"
	{ BINFMT("enabled", "OCF", ELF64 "00b700") "mask ff\n", true, { NULL, true, 64, false, 183 } },
	{ BINFMT("enabled", "", ELF64 "00b700"), true, { NULL, false, 64, false, 183 } },
	{ BINFMT("enabled", "P", "7f454c4601020100000000000000000000020008"), true, { NULL, false, 32, true, 8 } },
	{ BINFMT("disabled", "F", ELF64 "00b700"), false, { NULL, false, 0, false, 0 } },
	{ BINFMT("enabled", "F", ELF64 "00b7"), false, { NULL, false, 0, false, 0 } },
	{ BINFMT("enabled", "F",
	         "4d5a4c4602010100000000000000000002"
	         "00b700"),
	  false,
	  { NULL, false, 0, false, 0 } },
	{ BINFMT("enabled", "F", ELF64 "00bz00"), false, { NULL, false, 0, false, 0 } },
	{ "enabled\ninterpreter /usr/bin/python3\nflags: \nextension .py\n", false, { NULL, false, 0, false, 0 } },
	{ "enabled\ninterpreter qemu\nflags: \noffset 0\nmagic " ELF64 "00b700\n",
	  false,
	  { NULL, false, 0, false, 0 } },
	{ "", false, { NULL, false, 0, false, 0 } },
};

static void parses_registrations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(registrations) / sizeof(*registrations); i++) {
		struct facts_binfmt found = { 0 };
		const struct facts_binfmt *wanted = &registrations[i].binfmt;
		if (facts_parse_binfmt(&arena, registrations[i].text, &found) != registrations[i].taken)
			fail_msg("registration %zu", i);
		if (!registrations[i].taken)
			continue;
		assert_string_equal(found.interpreter, "/usr/bin/qemu-x");
		assert_int_equal(found.fixed, wanted->fixed);
		assert_int_equal(found.bits, wanted->bits);
		assert_int_equal(found.big_endian, wanted->big_endian);
		assert_int_equal(found.machine, wanted->machine);
	}
}

static void reads_sources(void **state)
{
	(void)state;
	struct facts facts = { 0 };
	static const char *const paths[] = { "/dev/null", "/nowhere/x", "/", "/proc/self/status", "/dev/null/x" };
	static const enum facts_source_kind kinds[] = { SOURCE_CHAR, SOURCE_MISSING, SOURCE_DIR, SOURCE_FILE,
		                                        SOURCE_MISSING };
	facts_read_sources(&arena, paths, 5, &facts);
	assert_int_equal(facts.source_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(facts.sources[i].path, paths[i]);
		assert_int_equal(facts.sources[i].kind, kinds[i]);
	}
	assert_int_equal(facts.sources[0].major, 1);
	assert_int_equal(facts.sources[0].minor, 3);
	/* More is added to what is there; of a directory below /dev the devices in it are known too. */
	facts_read_sources(&arena, (const char *[]){ "/dev/pts" }, 1, &facts);
	assert_int_equal(facts_source(&facts, "/dev/pts")->kind, SOURCE_DIR);
	assert_int_equal(facts_source(&facts, "/dev/pts/ptmx")->kind, SOURCE_CHAR);
	assert_int_equal(facts_source(&facts, "/dev/null")->minor, 3);
	assert_null(facts_source(&facts, "/dev/zero"));
}

/* What an ordinary user is told, and where its state goes. */
static void child_reads_as_nobody(void)
{
	struct facts facts;
	struct err err;
	unsetenv("XDG_RUNTIME_DIR");
	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(1);
	if (facts_read(&arena, NULL, FACTS_HOT, &facts, &err) < 0)
		_exit(2);
	if (facts.caller.uid != 65534 || facts.caller.capabilities != 0 || facts.kernel.cgroup_bpf)
		_exit(3);
	if (strcmp(facts.caller.state_root, "/tmp/kist-65534") != 0)
		_exit(4);
	for (size_t i = 0; i < facts.cgroup.count; i++)
		if (facts.cgroup.hierarchies[i].root_writable)
			_exit(5);
	setenv("XDG_RUNTIME_DIR", "/run/user/65534", 1);
	if (facts_read(&arena, NULL, FACTS_HOT, &facts, &err) < 0 ||
	    strcmp(facts.caller.state_root, "/run/user/65534/kist") != 0)
		_exit(6);
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	if (facts_read(&arena, NULL, FACTS_HOT, &facts, &err) < 0 ||
	    strcmp(facts.caller.state_root, "/tmp/kist-65534") != 0)
		_exit(7);
	if (facts_read(&arena, "sub", FACTS_HOT, &facts, &err) < 0 || facts.caller.state_root[0] != '/')
		_exit(8);
	_exit(0);
}

static void reads_as_an_ordinary_user(void **state)
{
	(void)state;
	int status;
	if (geteuid() != 0)
		skip(); /* only root can become somebody else */
	pid_t child = fork();
	if (child == 0)
		child_reads_as_nobody();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* In a mount namespace of its own: both ways to tell say the same before and after a mask. */
static void child_masks_proc(void)
{
	struct facts hot, whole;
	struct err err;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		_exit(1);
	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		_exit(2);
	if (facts_read(&arena, folder, FACTS_PROC, &hot, &err) < 0 || hot.proc_masked)
		_exit(3);
	if (facts_read(&arena, folder, FACTS_MOUNTS, &whole, &err) < 0 || whole.proc_masked)
		_exit(4);
	if (mount("/dev/null", "/proc/timer_list", NULL, MS_BIND, NULL) < 0)
		_exit(5);
	if (facts_read(&arena, folder, FACTS_PROC, &hot, &err) < 0 || !hot.proc_masked)
		_exit(6);
	if (facts_read(&arena, folder, FACTS_MOUNTS, &whole, &err) < 0 || !whole.proc_masked)
		_exit(7);
	_exit(0);
}

static void sees_a_mask_on_this_machine(void **state)
{
	(void)state;
	int status;
	if (geteuid() != 0)
		skip(); /* only root can mount here */
	pid_t child = fork();
	if (child == 0)
		child_masks_proc();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(finds_users),
		TEST(finds_ranges),
		TEST(finds_who_root_is_outside),
		TEST(finds_the_file_system_of_a_path),
		TEST(finds_ranges_without_a_name),
		TEST(finds_free_subids),
		TEST(bounds_ranges),
		TEST(parses_releases),
		TEST(probes_agree_with_the_version),
		TEST(keeps_features),
		TEST(ignores_features_of_others),
		TEST(ignores_broken_features),
		TEST(writes_features_only_into_own_folder),
		TEST(keys_tell_callers_apart),
		TEST(reads_this_machine),
		TEST(reads_mounts_of_this_machine),
		TEST(reads_as_an_ordinary_user),
		TEST(sees_a_mask_on_this_machine),
		TEST(reads_sources),
		TEST(parses_registrations),
	};
	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
