/* facts_mounts_test.c: the mounts of a mountinfo text, which of them can be reached, and the names beside them. */
#include "base/abi.h"
#include "facts/parts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static char folder[64];

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/kist-facts-XXXXXX");
	return mkdtemp(folder) ? arena_open(&arena) : -1;
}

static int teardown(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	arena_close(&arena);
	return system(command);
}

static struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* Makes a file and the directories above it below the test's folder. */
static const char *make_file(const char *name, const char *text, unsigned mode)
{
	char *path = arena_printf(&arena, "%s/%s", folder, name);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static const char mountinfo[] =
	"27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
	"22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n"
	"24 27 0:6 / /dev rw,nosuid - devtmpfs devtmpfs rw,size=1k\n"
	"25 24 0:23 / /dev/shm rw,noatime - tmpfs tmpfs rw\n" /* covered by the next but one */
	"28 27 0:25 / /mnt/a\\040b ro,nosymfollow,nodiratime - tmpfs none\\040x ro\n"
	"30 25 0:26 / /dev/shm rw,relatime - tmpfs tmpfs rw\n" /* on it */
	"31 30 0:27 / /dev/shm/x rw,relatime - tmpfs tmpfs rw\n"
	"32 25 0:28 / /dev/shm/y rw,relatime - tmpfs tmpfs rw\n" /* on the covered one */
	"40 27 0:40 / /a/b rw,relatime - tmpfs tmpfs rw\n"       /* behind the next */
	"41 27 0:41 / /a rw,relatime - tmpfs tmpfs rw\n"
	"42 40 0:42 / /a/b/c rw,relatime - tmpfs tmpfs rw\n" /* on what is behind */
	"43 41 0:43 / /a/b rw,relatime - tmpfs tmpfs rw\n"
	"44 27 0:44 / /ab rw,relatime - tmpfs tmpfs rw\n" /* not below /a */
	"50 27 0:50 / /gone//deleted rw,relatime - tmpfs tmpfs rw\n"
	"51 27 0:51 / /tab\\011line\\012back\\134\\777\\04 rw,relatime master:3 propagate_from:2 - tmpfs tmpfs rw\n"
	"52 52 0:52 / /self rw,relatime - tmpfs tmpfs rw\n"
	"this is no line\n"
	"53 27 0:53 / relative rw - tmpfs tmpfs rw\n"
	"54 27 0:53 / /nodash rw tmpfs tmpfs rw\n"
	"55 27";

static const struct {
	const char *path, *type;
	uint64_t attr;
	bool hidden;
} mounts_in_it[] = {
	{ "/", "ext4", 0, false },
	{ "/proc", "proc", ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_NOEXEC, false },
	{ "/dev", "devtmpfs", ABI_ATTR_NOSUID | ABI_ATTR_STRICTATIME, false },
	{ "/dev/shm", "tmpfs", ABI_ATTR_NOATIME, true },
	{ "/mnt/a b", "tmpfs", ABI_ATTR_RDONLY | ABI_ATTR_NOSYMFOLLOW | ABI_ATTR_NODIRATIME | ABI_ATTR_STRICTATIME,
	  false },
	{ "/dev/shm", "tmpfs", 0, false },
	{ "/dev/shm/x", "tmpfs", 0, false },
	{ "/dev/shm/y", "tmpfs", 0, true },
	{ "/a/b", "tmpfs", 0, true },
	{ "/a", "tmpfs", 0, false },
	{ "/a/b/c", "tmpfs", 0, true },
	{ "/a/b", "tmpfs", 0, false },
	{ "/ab", "tmpfs", 0, false },
	{ "/tab\tline\nback\\\377\\04", "tmpfs", 0, false },
	{ "/self", "tmpfs", 0, true },
};

static void parses_mounts(void **state)
{
	(void)state;
	struct facts_mount *mounts;
	size_t count = facts_parse_mounts(&arena, text_of(mountinfo), &mounts);
	for (size_t i = 0; i < count && i < COUNT(mounts_in_it); i++) {
		assert_string_equal(mounts[i].path, mounts_in_it[i].path);
		assert_string_equal(mounts[i].type, mounts_in_it[i].type);
		assert_int_equal(mounts[i].attr, mounts_in_it[i].attr);
		if (mounts[i].hidden != mounts_in_it[i].hidden)
			fail_msg("%zu: %s is %shidden", i, mounts[i].path, mounts[i].hidden ? "" : "not ");
	}
	assert_int_equal(count, COUNT(mounts_in_it));
	assert_int_equal(facts_parse_mounts(&arena, text_of(""), &mounts), 0);
}

static void parses_many_mounts(void **state)
{
	(void)state;
	struct buf text = buf_in(&arena);
	struct facts_mount *mounts;
	buf_puts(&text, "1 0 0:1 / / rw - ext4 x rw\n");
	for (unsigned i = 2; i < 50000; i++)
		buf_printf(&text, "%u 1 0:1 / /run/pods/%u/root rw - overlay x rw\n", i, i);
	for (unsigned i = 50000; i < 60000; i++) /* a stack */
		buf_printf(&text, "%u %u 0:1 / /stack rw - tmpfs x rw\n", i, i == 50000 ? 1 : i - 1);
	assert_int_equal(facts_parse_mounts(&arena, (struct slice){ text.bytes, text.length }, &mounts), 59999);
	assert_false(mounts[49998].hidden);
	assert_true(mounts[49999].hidden);
	assert_true(mounts[59997].hidden);
	assert_false(mounts[59998].hidden);
}

static void sees_a_masked_proc(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool covered;
	} rows[] = {
		{ "", false },
		{ "2 1 0:2 / /proc rw - proc proc rw\n", false },
		{ "2 1 0:2 / /proc rw - proc proc rw\n3 2 0:3 / /proc/sys/fs/binfmt_misc rw - autofs x rw\n", false },
		{ "2 1 0:2 / /proc rw - proc proc rw\n3 2 0:3 / /proc/acpi ro - tmpfs tmpfs ro\n", true },
		{ "2 1 0:2 / /procession rw - proc proc rw\n3 2 0:3 / /procession/acpi ro - tmpfs tmpfs ro\n", false },
		/* a fresh one over the masked one */
		{ "2 1 0:2 / /proc rw - proc proc rw\n3 2 0:3 / /proc/acpi ro - tmpfs tmpfs ro\n"
		  "4 2 0:4 / /proc rw - proc p rw\n",
		  false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct facts_mount *mounts;
		size_t count = facts_parse_mounts(&arena, text_of(rows[i].text), &mounts);
		assert_int_equal(facts_proc_covered(mounts, count), rows[i].covered);
	}
}

static void reads_entries(void **state)
{
	(void)state;
	struct facts_mount mounts[] = {
		{ .path = "/" },       { .path = "/run/user/1" },
		{ .path = "/data" },   { .path = "/hid", .hidden = true },
		{ .path = "/proc/x" }, { .path = "/file" },
	};
	struct facts facts = { .mounts = mounts, .mount_count = COUNT(mounts) };
	make_file("run/user/1/inside", "", 0644);
	make_file("run/user/2/other", "", 0644);
	make_file("run/lock", "", 0604);
	make_file("data/inside", "", 0644);
	make_file("hid/inside", "", 0644);
	make_file("proc/x/1", "", 0644);
	make_file("runner", "", 0640);
	make_file("file", "", 0644);
	assert_int_equal(symlink("usr/bin", arena_printf(&arena, "%s/bin", folder)), 0);
	assert_int_equal(mkfifo(arena_printf(&arena, "%s/pipe", folder), 0600), 0);
	assert_int_equal(facts_read_entries(&arena, folder, &facts), 0);
	static const struct {
		const char *path;
		enum facts_entry_type type;
		bool below;
	} rows[] = {
		{ "/bin", ENTRY_LINK, false },       { "/data", ENTRY_DIR, true },
		{ "/file", ENTRY_FILE, false },      { "/hid", ENTRY_DIR, false },
		{ "/pipe", ENTRY_OTHER, false },     { "/proc", ENTRY_DIR, true },
		{ "/run", ENTRY_DIR, true },         { "/run/lock", ENTRY_FILE, false },
		{ "/run/user", ENTRY_DIR, true },    { "/run/user/1", ENTRY_DIR, true },
		{ "/run/user/2", ENTRY_DIR, false }, { "/runner", ENTRY_FILE, false },
	};
	assert_int_equal(facts.entry_count, COUNT(rows));
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(facts.entries[i].path, rows[i].path);
		assert_int_equal(facts.entries[i].type, rows[i].type);
		assert_int_equal(facts.entries[i].mounts_below, rows[i].below);
	}
	assert_string_equal(facts.entries[0].target, "usr/bin");
	assert_int_equal(facts.entries[7].mode, 0604);
	assert_true(facts.entries[7].readable);
	facts.mount_count = 1;
	assert_int_equal(facts_read_entries(&arena, folder, &facts), 0);
	assert_int_equal(facts.entry_count, 8); /* the names of the root alone */
}

static void a_covered_sys(void **state)
{
	(void)state;
	static const struct {
		struct facts_mount mounts[3];
		bool covered;
	} rows[] = {
		{ { { "/sys", "sysfs", 0, false }, { "/sys/fs/cgroup", "cgroup2", 0, false } }, false },
		{ { { "/sys", "sysfs", ABI_ATTR_RDONLY, false }, { "/sys/fs/cgroup/cpu", "cgroup", 0, false } },
		  false },
		{ { { "/sys", "sysfs", 0, false }, { "/sys/firmware", "tmpfs", 0, false } }, true },
		{ { { "/sys", "sysfs", 0, false }, { "/sys/firmware", "tmpfs", 0, true } }, false },
		{ { { "/sys", "sysfs", 0, false }, { "/sys/fs/cgroups", "tmpfs", 0, false } }, true },
		{ { { "/sys", "sysfs", ABI_ATTR_NOATIME, false } }, true },
		{ { { "/sys", "tmpfs", 0, false } }, true },
		{ { { "/", "ext4", 0, false } }, true },
		{ { { "/sys", "sysfs", 0, true }, { "/sys", "tmpfs", 0, false } }, true },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t count = 0;
		while (count < 3 && rows[i].mounts[count].path)
			count++;
		assert_int_equal(facts_sys_covered(rows[i].mounts, count), rows[i].covered);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(parses_mounts), TEST(parses_many_mounts), TEST(sees_a_masked_proc),
		TEST(reads_entries), TEST(a_covered_sys),
	};
	return cmocka_run_group_tests_name("facts_mounts", tests, NULL, NULL);
}
