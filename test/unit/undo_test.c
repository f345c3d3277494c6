/* undo_test.c: journals and their undo: what a hostile one can make kist remove or kill (nothing). */
#include "state_fixture.h"

#include "state/cgroup.h"
#include "state/pidfile.h"

/* --- the journal's text --------------------------------------------------------------------------- */

static void journal_text(void **state)
{
	(void)state;
	static const char text[] = "record 1 2 /r/x\n"
				   "cgroup 0 0 /c/kist/x\n"
				   "parent 0 0 /c/kist\n"
				   "parent 5 6 /c/kist\n"
				   "cgroup 7 8 /c/kist/x\n"
				   "tree 0 0 /r/x/a b\n"
				   "tree 0 1 /r/x/a b\n"
				   "process 12 34 -\n"
				   "marked 3 4 /c\n"
				   "cgroup 0 0 /c/not/fini";
	struct journal journal;
	struct err err;
	assert_int_equal(journal_parse(&arena, text, strlen(text), &journal, &err), 0);
	assert_int_equal(journal.count, 6);
	assert_int_equal(journal.deeds[1].verb, JOURNAL_REMOVE_CGROUP);
	assert_true(journal.deeds[1].first == 7 && journal.deeds[1].second == 8);
	assert_string_equal(journal.deeds[1].path, "/c/kist/x");
	assert_int_equal(journal.deeds[2].verb, JOURNAL_REMOVE_PARENT);
	assert_true(journal.deeds[3].cancelled);
	assert_string_equal(journal.deeds[3].path, "/r/x/a b");
	assert_int_equal(journal.deeds[4].verb, JOURNAL_KILL_PROCESS);
	assert_true(journal.deeds[4].first == 12 && journal.deeds[4].second == 34);
}

static void journal_hostile(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\n",
		"record\n",
		"record 1\n",
		"record 1 2\n",
		"record 1 2 \n",
		"record 1 2 relative\n",
		"format 1 2 /\n",
		"record -1 2 /x\n",
		"record +1 2 /x\n",
		"record 1x 2 /x\n",
		"record 18446744073709551616 2 /x\n",
		"record  1 2 /x\n",
		" record 1 2 /x\n",
		"RECORD 1 2 /x\n",
	};
	struct journal journal;
	struct err err;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(journal_parse(&arena, bad[i], strlen(bad[i]), &journal, &err), -EBADMSG);
	assert_int_equal(journal_parse(&arena, "record 1 2 /x\0y\n", 16, &journal, &err), -EBADMSG);
	assert_int_equal(journal_parse(&arena, "", 0, &journal, &err), 0);
	assert_int_equal(journal.count, 0);
}

static void journal_refuses_line_ends(void **state)
{
	(void)state;
	struct record record = make("lines");
	struct err err;
	assert_int_equal(journal_intend(&record, JOURNAL_REMOVE_CGROUP, "/a\n/b"), -EINVAL);
	assert_int_equal(journal_intend(&record, JOURNAL_REMOVE_CGROUP, ""), -EINVAL);
	assert_int_equal(record_remove(&arena, &record, &err), 0);
}

/* --- undo ------------------------------------------------------------------------------------------- */

/* Runs the undo of a dead record with these journal lines. */
static int undo(const char *lines, const char **what)
{
	struct record record;
	struct err err = { 0 };
	make_dead("u", lines);
	assert_int_equal(record_open(&arena, root, "u", &record, &err), 0);
	int result = journal_undo(&arena, &record, NULL, &err);
	*what = err.what;
	if (result < 0)
		assert_int_equal(wipe(arena_printf(&arena, "%s/u", root)), 0);
	return result;
}

/* A journal that somebody else wrote must not make kist remove what is not the record's. */
static void undo_stays_inside(void **state)
{
	(void)state;
	const char *what, *canary = in_folder("canary/file");
	assert_int_equal(mkdir(in_folder("canary"), 0755), 0);
	write_file(canary, "untouched");
	const char *const attacks[] = {
		arena_printf(&arena, "tree 0 0 %s/canary\n", folder),
		arena_printf(&arena, "tree 0 0 %s/u/../../../canary\n", root),
		arena_printf(&arena, "tree 0 0 %s/u/..\n", root),
		arena_printf(&arena, "tree 0 0 %s/u/.\n", root),
		arena_printf(&arena, "tree 0 0 %s/u/\n", root),
		arena_printf(&arena, "tree 0 0 %s/uu/x\n", root),
		arena_printf(&arena, "cgroup 0 0 %s/canary\n", folder),
		arena_printf(&arena, "parent 0 0 %s/canary\n", folder),
		arena_printf(&arena, "marked 0 0 %s/canary\n", folder),
		"cgroup 0 0 /\n",
		"cgroup 0 0 /sys/fs/cgroup/..\n",
		"cgroup 0 0 -\n",
		"record 1 1 /x\n",
	};
	for (size_t i = 0; i < COUNT(attacks); i++) {
		assert_true(undo(attacks[i], &what) < 0);
		assert_non_null(what);
		assert_true(exists(canary));
	}
}

static void undo_follows_no_link(void **state)
{
	(void)state;
	const char *canary = in_folder("victim/file");
	struct record record = make("l");
	struct err err = { 0 };
	assert_int_equal(mkdir(in_folder("victim"), 0755), 0);
	write_file(canary, "untouched");
	/* The scratch directory itself, and one inside it, are links out of the record. */
	assert_int_equal(symlink(in_folder("victim"), arena_printf(&arena, "%s/l/upper", root)), 0);
	assert_int_equal(mkdir(arena_printf(&arena, "%s/l/work", root), 0700), 0);
	assert_int_equal(symlink(in_folder("victim"), arena_printf(&arena, "%s/l/work/out", root)), 0);
	const char *lines = arena_printf(&arena, "tree 0 0 %s/l/upper\ntree 0 0 %s/l/work\ntree 0 0 %s/l/upper/file\n",
	                                 root, root, root);
	assert_int_equal(write(record.journalfd, lines, strlen(lines)), strlen(lines));
	assert_true(journal_undo(&arena, &record, NULL, &err) < 0); /* upper/file leads through a link */
	assert_true(exists(canary));
	assert_false(exists(arena_printf(&arena, "%s/l/upper", root)));
	assert_false(exists(arena_printf(&arena, "%s/l/work", root)));
}

/* The pid was taken over by another process: it has another start time, and must live. */
static void undo_spares_strangers(void **state)
{
	(void)state;
	const char *what;
	uint64_t start, own;
	pid_t pid = make_victim();
	assert_int_equal(process_start_time(pid, &start), 0);
	assert_int_equal(undo(arena_printf(&arena, "process %d %llu -\n", pid, (unsigned long long)start + 1), &what),
	                 0);
	assert_true(process_is(pid, start));
	/* Nor itself, whoever wrote that. */
	assert_int_equal(process_start_time(getpid(), &own), 0);
	assert_int_equal(undo(arena_printf(&arena, "process %d %llu -\n", getpid(), (unsigned long long)own), &what),
	                 0);
	assert_int_equal(undo("process 1 1 -\nprocess 0 0 -\nprocess 99999999999 1 -\n", &what), 0);
	assert_int_equal(undo(arena_printf(&arena, "process %d %llu -\n", pid, (unsigned long long)start), &what), 0);
	assert_false(process_is(pid, start));
	end_victim(pid);
}

static void undo_refuses_other_hands(void **state)
{
	(void)state;
	const char *what;
	assert_int_equal(undo("please remove /\n", &what), -EBADMSG);
	assert_non_null(strstr(what, "was not written by kist"));
}

/* --- cgroups ------------------------------------------------------------------------------------------- */

/* A cgroup of the test's own, or NULL where it cannot make one. */
static const char *make_cgroup(void)
{
	static const char *const places[] = { "/sys/fs/cgroup/pids", "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	for (size_t i = 0; i < COUNT(places); i++) {
		if (!exists(arena_printf(&arena, "%s/cgroup.procs", places[i])))
			continue;
		mkdir(arena_printf(&arena, "%s/kist-test", places[i]), 0755);
		const char *path = arena_printf(&arena, "%s/kist-test/state-%d", places[i], getpid());
		if (mkdir(path, 0755) == 0)
			return path;
	}
	return NULL;
}

/* Waits at most a second until the process is no more than a zombie. */
static bool has_ended(pid_t pid, uint64_t start)
{
	for (int tries = 0; tries < 100 && process_is(pid, start); tries++)
		usleep(10000);
	return !process_is(pid, start);
}

/* Only the very file that was made is removed, and none that was left to the caller. */
static void pid_files(void **state)
{
	(void)state;
	const char *what, *path = in_folder("pid"), *fresh = in_folder(".pid.kist");
	struct record record = make("c1");
	write_file(path, "of another one");
	assert_int_equal(pidfile_write(&record, path, 1234), 0);
	assert_false(exists(fresh));
	struct err err;
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);
	assert_false(exists(path));

	record = make("c1");
	assert_int_equal(pidfile_write(&record, path, 1234), 0);
	assert_int_equal(pidfile_leave(&record, path), 0);
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);
	assert_true(exists(path));

	/* Another file by now; a link; a directory; nothing. */
	assert_int_equal(undo(arena_printf(&arena, "file 0 0 %s\nfile 1 2 %s\n", path, path), &what), 0);
	assert_true(exists(path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(undo(arena_printf(&arena, "file 0 0 %s\nfile 1 2 %s\n", path, path), &what), 0);
	assert_int_equal(undo("file 1 2 /no/such/place\n", &what), 0);
	assert_int_equal(symlink("elsewhere", path), 0);
	record = make("c1");
	assert_int_equal(pidfile_write(&record, path, 1), -EEXIST);
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);

	/* Killed before the inode was known: only kist's own name is looked at. */
	write_file(fresh, "1234");
	assert_int_equal(undo(arena_printf(&arena, "file 0 0 %s\n", path), &what), 0);
	assert_false(exists(fresh));
	write_file(fresh, "this is longer than any pid");
	assert_int_equal(undo(arena_printf(&arena, "file 0 0 %s\n", path), &what), 0);
	record = make("c1");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(pidfile_write(&record, path, 1), -EEXIST);
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);
	assert_true(exists(fresh));
	assert_int_equal(pidfile_write(&record, "relative", 1), -EISDIR);
}

static void cgroup_with_processes(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct stat status;
	uint64_t start;
	const char *path = make_cgroup();
	if (!path) { /* no cgroup here may be written to */
		skip();
		return;
	}
	const char *below = arena_printf(&arena, "%s/below", path);
	assert_int_equal(mkdir(below, 0755), 0);
	assert_int_equal(stat(path, &status), 0);
	pid_t pid = make_victim();
	assert_int_equal(process_start_time(pid, &start), 0);
	write_file(arena_printf(&arena, "%s/cgroup.procs", below), arena_printf(&arena, "%d", pid));

	struct cgroup_target target = { .path = path, .inode = status.st_ino + 1, .device = status.st_dev };
	assert_int_equal(cgroup_remove(&arena, &target, &err), 0); /* another one of this name is not ours */
	assert_true(exists(below) && process_is(pid, start));
	target.inode = 0; /* not known: only when it is empty */
	assert_int_equal(cgroup_remove(&arena, &target, &err), 0);
	assert_true(exists(below) && process_is(pid, start));
	target =
		(struct cgroup_target){ .path = path, .inode = status.st_ino, .device = status.st_dev, .parent = true };
	assert_int_equal(cgroup_remove(&arena, &target, &err), 0); /* others use it */
	assert_true(exists(below) && process_is(pid, start));

	/* Somebody must reap it, or its cgroup stays busy; here that is the test. */
	signal(SIGCHLD, SIG_IGN);
	target.parent = false;
	assert_int_equal(cgroup_remove(&arena, &target, &err), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_true(has_ended(pid, start));
	assert_false(exists(path));
	assert_int_equal(cgroup_remove(&arena, &target, &err), 0); /* gone is fine */
	waitpid(pid, NULL, WNOHANG);
}

static bool is_marked(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	bool marked = cgroup_is_marked(fd);
	close(fd);
	return marked;
}

/* Two containers below one cgroup: the one that made it, and the one that found it there before it had its mark. */
static void cgroup_above_two(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct stat status;
	const char *path = make_cgroup();
	if (!path) { /* no cgroup here may be written to */
		skip();
		return;
	}
	const char *below = arena_printf(&arena, "%s/below", path);
	assert_int_equal(stat(path, &status), 0);
	struct cgroup_target maker = { .path = path, .inode = status.st_ino, .device = status.st_dev, .parent = true };
	struct cgroup_target finder = maker;
	finder.marked = true;

	/* The maker is still inside, and its mark not yet set: it removes the cgroup itself. */
	assert_int_equal(cgroup_remove(&arena, &finder, &err), 0);
	assert_true(exists(path) && !is_marked(path));
	/* The maker ends first, without having set it: it leaves the cgroup to the other one. */
	assert_int_equal(mkdir(below, 0755), 0);
	assert_int_equal(cgroup_remove(&arena, &maker, &err), 0);
	assert_true(exists(below) && is_marked(path));
	assert_int_equal(cgroup_remove(&arena, &finder, &err), 0);
	assert_true(exists(below));
	assert_int_equal(rmdir(below), 0);
	struct cgroup_target other = finder;
	other.inode++;
	assert_int_equal(cgroup_remove(&arena, &other, &err), 0);
	assert_true(exists(path));
	assert_int_equal(cgroup_remove(&arena, &finder, &err), 0);
	assert_false(exists(path));
}

/* --- trees -------------------------------------------------------------------------------------------- */

enum { DEEP = 3000 };

/* Deeper than there are descriptors, deeper than PATH_MAX. */
static void deep_tree(void **state)
{
	(void)state;
	int dirfd = open(folder, O_PATH | O_DIRECTORY), at = dup(dirfd);
	for (int level = 0; level < DEEP; level++) {
		assert_int_equal(mkdirat(at, "directory", 0700), 0);
		assert_int_equal(symlinkat("..", at, "link"), 0);
		int next = openat(at, "directory", O_PATH | O_DIRECTORY);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	close(at);
	assert_int_equal(tree_remove(dirfd, "directory"), 0);
	assert_false(exists(in_folder("directory")));
	assert_int_equal(tree_remove(dirfd, "directory"), 0); /* nothing is there: fine */
	close(dirfd);
}

/* As an ordinary user: what overlayfs leaves (mode 000), and what a container made unwritable. */
static void closed_tree(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		if (geteuid() == 0 && (chown(folder, 2000, 2000) < 0 || setresgid(2000, 2000, 2000) < 0 ||
		                       setresuid(2000, 2000, 2000) < 0))
			_exit(2);
		mkdir(in_folder("tree"), 0700);
		mkdir(in_folder("tree/a"), 0700);
		mkdir(in_folder("tree/a/b"), 0700);
		write_file(in_folder("tree/a/b/file"), "x");
		mkdir(in_folder("tree/work"), 0);
		chmod(in_folder("tree/a/b"), 0500);
		chmod(in_folder("tree/a"), 0);
		int dirfd = open(folder, O_PATH | O_DIRECTORY);
		_exit(tree_remove(dirfd, "tree") == 0 && !exists(in_folder("tree")) ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(journal_text, setup, teardown),
		cmocka_unit_test_setup_teardown(journal_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(journal_refuses_line_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_stays_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_follows_no_link, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_spares_strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_refuses_other_hands, setup, teardown),
		cmocka_unit_test_setup_teardown(pid_files, setup, teardown),
		cmocka_unit_test_setup_teardown(cgroup_with_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(cgroup_above_two, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_tree, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
