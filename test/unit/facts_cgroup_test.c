/* facts_cgroup_test.c: cgroup layouts, from trees made for it. */
#include "facts_fixture.h"

/* --- cgroups: a tree of directories, in which a file "magic" tells what would be mounted there ------ */

static int look(const char *path, struct sys_filesystem *filesystem)
{
	char text[16];
	if (!facts_read_small(arena_printf(&arena, "%s/magic", path), text, sizeof(text)))
		return access(path, F_OK) < 0 ? -ENOENT : 0;
	filesystem->magic = strncmp(text, "v2", 2) == 0 ? UAPI_CGROUP2_MAGIC : UAPI_CGROUP_MAGIC;
	filesystem->flags = strstr(text, "ro") ? UAPI_ST_RDONLY : 0;
	return 0;
}

static struct facts_cgroup read_tree(const char *self, bool overrides)
{
	struct facts_cgroup cgroup;
	struct facts_cgroup_source source = { text_of(self), folder, overrides, look };
	facts_read_cgroup(&arena, &source, &cgroup);
	return cgroup;
}

static const char *words(const char *const *list, size_t count)
{
	struct buf out = buf_in(&arena);
	buf_puts(&out, "");
	for (size_t i = 0; i < count; i++)
		buf_printf(&out, "%s%s", i ? " " : "", list[i]);
	return out.bytes;
}

static void reads_cgroup_v2(void **state)
{
	(void)state;
	make_file("magic", "v2", 0644);
	make_file("cgroup.controllers", "cpuset cpu io memory pids\n", 0644);
	make_file("user.slice/a/cgroup.controllers", "memory pids\n", 0644);
	struct facts_cgroup cgroup = read_tree("0::/user.slice/a\n", true);
	const struct facts_hierarchy *only = &cgroup.hierarchies[0];
	assert_int_equal(cgroup.layout, CGROUP_V2);
	assert_int_equal(cgroup.count, 1);
	assert_true(only->unified && only->root_writable && only->own_writable);
	assert_string_equal(only->mount, folder);
	assert_string_equal(only->name, "");
	assert_string_equal(only->own, "/user.slice/a");
	assert_string_equal(words(only->controllers, only->controller_count), "cpuset cpu io memory pids");
	assert_string_equal(words(only->delegated, only->delegated_count), "memory pids");
	assert_null(cgroup.cpus);

	cgroup = read_tree("0::/\n", true);
	assert_string_equal(cgroup.hierarchies[0].own, "/");
	assert_int_equal(cgroup.hierarchies[0].delegated_count, 5);
	/* v1 hierarchies that are not mounted anywhere do not count */
	cgroup = read_tree("3:cpu:/x\n0::/user.slice/a\n", true);
	assert_int_equal(cgroup.count, 1);
	assert_string_equal(cgroup.hierarchies[0].own, "/user.slice/a");
}

static void reads_cgroup_v1(void **state)
{
	(void)state;
	make_file("cpu,cpuacct/magic", "v1", 0644);
	make_file("net_prio/magic", "v1", 0644);
	make_file("cpuset/magic", "v1 ro", 0644);
	make_file("cpuset/cpuset.cpus", "0-3\n", 0644);
	make_file("cpuset/cpuset.mems", "0\n", 0644);
	make_file("systemd/magic", "v1", 0644);
	make_file("freezer/no-magic", "", 0644);
	make_file("systemd/a/b/cgroup.procs", "", 0644);
	struct facts_cgroup cgroup = read_tree("9:name=systemd:/a/b\n8:cpu,cpuacct:/../..\n7:net_cls,net_prio:/gone\n"
	                                       "6:cpuset:/\n5:freezer:/\n4:pids:/\nnonsense\n1:\n\n",
	                                       true);
	assert_int_equal(cgroup.layout, CGROUP_V1);
	assert_int_equal(cgroup.count, 4);
	static const struct {
		const char *name, *controllers, *own;
		bool writable;
	} rows[] = {
		{ "systemd", "name=systemd", "/a/b", true },
		{ "cpu,cpuacct", "cpu cpuacct", "/", true },   /* seen from inside of a cgroup namespace */
		{ "net_prio", "net_cls net_prio", "/", true }, /* the host's path, which is not visible here */
		{ "cpuset", "cpuset", "/", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct facts_hierarchy *hierarchy = &cgroup.hierarchies[i];
		assert_string_equal(hierarchy->name, rows[i].name);
		assert_string_equal(hierarchy->mount, arena_printf(&arena, "%s/%s", folder, rows[i].name));
		assert_string_equal(words(hierarchy->controllers, hierarchy->controller_count), rows[i].controllers);
		assert_string_equal(hierarchy->own, rows[i].own);
		assert_int_equal(hierarchy->root_writable, rows[i].writable);
		assert_false(hierarchy->unified);
	}
	assert_string_equal(cgroup.cpus, "0-3");
	assert_string_equal(cgroup.mems, "0");
}

static void reads_cgroup_hybrid(void **state)
{
	(void)state;
	make_file("memory/magic", "v1", 0644);
	make_file("unified/magic", "v2", 0644);
	make_file("unified/cgroup.controllers", "hugetlb\n", 0644);
	struct facts facts = { .cgroup = read_tree("0::/\n4:memory:/m\n", true) };
	assert_int_equal(facts.cgroup.layout, CGROUP_HYBRID);
	assert_int_equal(facts.cgroup.count, 2);
	assert_string_equal(facts.cgroup.hierarchies[0].name, "memory");
	assert_string_equal(facts.cgroup.hierarchies[1].name, "unified"); /* last, wherever its line stood */
	assert_ptr_equal(facts_controller(&facts, "hugetlb"), &facts.cgroup.hierarchies[1]);
	assert_ptr_equal(facts_controller(&facts, "memory"), &facts.cgroup.hierarchies[0]);
	assert_null(facts_controller(&facts, "mem"));
	assert_null(facts_controller(&facts, ""));
}

static void reads_no_cgroup(void **state)
{
	(void)state;
	struct facts_cgroup cgroup = read_tree("4:memory:/m\n0::/\n", true);
	assert_int_equal(cgroup.layout, CGROUP_NONE);
	assert_int_equal(cgroup.count, 0);
	/* a cgroup2 where v1 is expected, and the other way round, are nothing */
	make_file("memory/magic", "v2", 0644);
	make_file("unified/magic", "v1", 0644);
	cgroup = read_tree("4:memory:/m\n0::/\n", true);
	assert_int_equal(cgroup.layout, CGROUP_NONE);
}

/* Delegation is a question of permissions: only an ordinary user can be refused. */
static void child_reads_delegation(void)
{
	struct facts_cgroup cgroup;
	if (geteuid() == 0 && (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0))
		_exit(1);
	cgroup = read_tree("0::/mine\n", false);
	if (cgroup.hierarchies[0].root_writable || !cgroup.hierarchies[0].own_writable)
		_exit(2);
	cgroup = read_tree("0::/half\n", false); /* the directory, but not its cgroup.procs */
	if (cgroup.hierarchies[0].own_writable || strcmp(cgroup.hierarchies[0].own, "/half") != 0)
		_exit(3);
	cgroup = read_tree("0::/theirs\n", false);
	if (cgroup.hierarchies[0].own_writable)
		_exit(4);
	_exit(0);
}

static void reads_delegation(void **state)
{
	(void)state;
	int status;
	make_file("magic", "v2", 0644);
	make_file("cgroup.procs", "", 0444);
	make_file("mine/cgroup.procs", "", 0666);
	make_file("half/cgroup.procs", "", 0444);
	make_file("theirs/cgroup.procs", "", 0666);
	assert_int_equal(chmod(arena_printf(&arena, "%s/mine", folder), 0777), 0);
	assert_int_equal(chmod(arena_printf(&arena, "%s/half", folder), 0777), 0);
	assert_int_equal(chmod(arena_printf(&arena, "%s/theirs", folder), 0555), 0);
	assert_int_equal(chmod(folder, 0555), 0);
	pid_t child = fork();
	if (child == 0)
		child_reads_delegation();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(status, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(reads_cgroup_v2), TEST(reads_cgroup_v1),  TEST(reads_cgroup_hybrid),
		TEST(reads_no_cgroup), TEST(reads_delegation),
	};
	return cmocka_run_group_tests_name("facts: cgroups", tests, NULL, NULL);
}
