/* state_test.c: records, journals and their undo: what a hostile or half-written one can make kist do (nothing). */
#include "state/record.h"

#include "state/journal.h"
#include "state/process.h"
#include "state/record_json.h"
#include "state/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static char folder[64]; /* the test's own */
static char root[96];   /* the state root in it, made by kist */

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/kist-state-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(root, sizeof(root), "%s/deep/root", folder);
	return arena_open(&arena);
}

/* A path of the test's own folder, with everything below it. */
static int wipe(const char *path)
{
	int slash = open("/", O_PATH | O_DIRECTORY);
	int result = tree_remove(slash, path + 1);
	close(slash);
	return result;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return wipe(folder);
}

static bool exists(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static const char *in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct record record_named(const char *id)
{
	struct record record = RECORD_NONE;
	record.root = root;
	record.id = id;
	return record;
}

static struct record make(const char *id)
{
	struct record record = record_named(id);
	struct err err = { 0 };
	assert_int_equal(record_make(&arena, &record, &err), 0);
	return record;
}

/* A record as a killed runtime leaves it: nobody holds it, and its journal ends with these lines. */
static void make_dead(const char *id, const char *journal)
{
	struct record record = make(id);
	assert_int_equal(write(record.journalfd, journal, strlen(journal)), strlen(journal));
	record_close(&record);
}

/* A process that only waits to be killed. */
static pid_t make_victim(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	return pid;
}

static void end_victim(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* --- ids, processes ------------------------------------------------------------------------------- */

static void ids(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "A-b_c+d.e", "0", "a..b", "-", "_" };
	static const char *const bad[] = { "", ".", "..", ".a", "a/b", "a b", "a\n", "../a", "\xc3\xa4", "a:b", "a\\b" };
	char longest[257];
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	assert_true(record_id_valid(longest));
	longest[255] = 'a';
	longest[256] = '\0';
	assert_false(record_id_valid(longest));
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(record_id_valid(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(record_id_valid(bad[i]));
}

static void stat_line(void **state)
{
	(void)state;
	struct process_stat stat;
	const char *hostile = "7 (a) R 1 (b) S) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 12345 20 21";
	assert_int_equal(process_parse_stat(hostile, &stat), 0);
	assert_int_equal(stat.state, 'S');
	assert_true(stat.start_time == 12345);
	assert_int_equal(process_parse_stat("", &stat), -EBADMSG);
	assert_int_equal(process_parse_stat("7 (a)", &stat), -EBADMSG);
	assert_int_equal(process_parse_stat("7 (a) ", &stat), -EBADMSG);
	assert_int_equal(process_parse_stat("7 (a) S 1 2 3", &stat), -EBADMSG);
	assert_int_equal(process_parse_stat("7 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x", &stat), -EBADMSG);
	assert_int_equal(process_parse_stat("7 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -5", &stat), -EBADMSG);
}

static void identity(void **state)
{
	(void)state;
	uint64_t start;
	pid_t pid = make_victim();
	assert_int_equal(process_start_time(pid, &start), 0);
	assert_true(process_is(pid, start));
	assert_false(process_is(pid, start + 1));
	assert_false(process_is(0, start));
	assert_false(process_is(-1, start));
	kill(pid, SIGKILL);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(process_is(pid, start)); /* a zombie is no process any more */
	waitpid(pid, NULL, 0);
	assert_int_equal(process_start_time(pid, &start), -ESRCH);
}

/* --- record.json ---------------------------------------------------------------------------------- */

static void json_round(void **state)
{
	(void)state;
	struct record record = record_named("round"), read = record_named("round");
	struct err err = { 0 };
	struct buf text = buf_in(&arena);
	record.pid = 4194304;
	record.start_time = UINT64_MAX;
	record.runtime_pid = 7;
	record.runtime_start = 8;
	record.created = INT64_MAX;
	record.box = true;
	record.bundle = "/a \"b\"\\\n\t\xc3\xa4";
	record.uid_map = "0 2000 1\n1 100000 65536\n";
	record.uid_helper = "/usr/bin/newuidmap";
	record_write_json(&text, &record);
	assert_int_equal(record_read_json(&arena, text.bytes, text.length, &read, &err), 0);
	assert_int_equal(read.pid, record.pid);
	assert_true(read.start_time == record.start_time && read.created == record.created && read.box);
	assert_int_equal(read.runtime_pid, 7);
	assert_string_equal(read.bundle, record.bundle);
	assert_string_equal(read.uid_map, record.uid_map);
	assert_string_equal(read.uid_helper, record.uid_helper);
	assert_null(read.gid_map);
}

#define GOOD "\"version\":1,\"id\":\"x\",\"pid\":1,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5"

static void json_hostile(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		"{" GOOD "}",                                    /* box is missing */
		"{" GOOD ",\"box\":1}",
		"{" GOOD ",\"box\":true,\"box\":false}",         /* twice */
		"{" GOOD ",\"box\":true,\"bundle\":\"relative\"}",
		"{" GOOD ",\"box\":true,\"bundle\":7}",
		"{" GOOD ",\"box\":true,\"bundle\":\"/a\\u0000b\"}",
		"{" GOOD ",\"box\":true,\"uidHelper\":\"newuidmap\"}",
		"{" GOOD ",\"box\":true} trailing",
		"{\"version\":1,\"id\":\"y\",\"pid\":1,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":2,\"id\":\"x\",\"pid\":1,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":1,\"id\":\"x\",\"pid\":-1,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":1,\"id\":\"x\",\"pid\":4294967297,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":1,\"id\":\"x\",\"pid\":1.5,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":1,\"id\":\"x\",\"pid\":\"1\",\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
		"{\"version\":1,\"id\":\"x\",\"pid\":1,\"startTime\":18446744073709551616,\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5,\"box\":true}",
	};
	struct err err;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct record record = record_named("x");
		record.pid = 99;
		err = (struct err){ 0 };
		assert_int_equal(record_read_json(&arena, bad[i], strlen(bad[i]), &record, &err), -EBADMSG);
		assert_non_null(err.what);
		assert_int_equal(record.pid, 99); /* untouched */
	}
	struct record record = record_named("x");
	const char *good = "{" GOOD ",\"box\":true,\"unknown\":[1,{}]}";
	assert_int_equal(record_read_json(&arena, good, strlen(good), &record, &err), 0);
	assert_int_equal(record.pid, 1);
}

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
				   "cgroup 0 0 /c/not/fini";
	struct journal journal;
	struct err err;
	assert_int_equal(journal_parse(&arena, text, strlen(text), &journal, &err), 0);
	assert_int_equal(journal.count, 5);
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
		"\n", "record\n", "record 1\n", "record 1 2\n", "record 1 2 \n", "record 1 2 relative\n", "format 1 2 /\n",
		"record -1 2 /x\n", "record +1 2 /x\n", "record 1x 2 /x\n", "record 18446744073709551616 2 /x\n",
		"record  1 2 /x\n", " record 1 2 /x\n", "RECORD 1 2 /x\n",
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

/* --- the state root -------------------------------------------------------------------------------- */

static void state_root(void **state)
{
	(void)state;
	struct record record = make("first");
	struct stat status;
	struct err err = { 0 };
	assert_int_equal(stat(root, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(record_remove(&arena, &record, &err), 0);

	assert_int_equal(chmod(root, 0770), 0);
	record = record_named("second");
	assert_int_equal(record_make(&arena, &record, &err), -EPERM);
	assert_non_null(strstr(err.what, "written to by others"));
	assert_int_equal(record_open(&arena, root, "second", &record, &err), -EPERM);
	assert_int_equal(chmod(root, 0755), 0); /* readable by others is their business */
	assert_int_equal(record_open(&arena, root, "second", &record, &err), -ENOENT);

	record = record_named("third");
	record.root = in_folder("link");
	assert_int_equal(symlink(root, record.root), 0);
	assert_int_equal(record_make(&arena, &record, &err), -ENOTDIR); /* O_NOFOLLOW with O_DIRECTORY */
	record.root = "relative";
	assert_int_equal(record_make(&arena, &record, &err), -EINVAL);
	if (geteuid() == 0) {
		assert_int_equal(chown(root, 2000, 2000), 0);
		record = record_named("fourth");
		assert_int_equal(record_make(&arena, &record, &err), -EPERM);
		assert_non_null(strstr(err.what, "belongs to user 2000"));
	}
}

/* --- making, opening, taking over ------------------------------------------------------------------ */

static void make_open_remove(void **state)
{
	(void)state;
	struct record record = make("c1"), opened;
	struct err err = { 0 };
	record.pid = getpid();
	assert_int_equal(process_start_time(record.pid, &record.start_time), 0);
	record.bundle = "/bundle";
	assert_int_equal(record_save(&arena, &record, &err), 0);
	record_unlock(&record);
	assert_int_equal(record_open(&arena, root, "c1", &opened, &err), 0);
	assert_string_equal(opened.bundle, "/bundle");
	assert_int_equal(opened.pid, getpid());
	assert_true(record_alive(&opened));
	record_close(&opened);

	struct record again = record_named("c1");
	assert_int_equal(record_make(&arena, &again, &err), -EEXIST);
	assert_non_null(strstr(err.what, "taken by a running container"));
	assert_non_null(err.hint);
	assert_int_equal(record_remove(&arena, &record, &err), 0);
	assert_int_equal(record_open(&arena, root, "c1", &opened, &err), -ENOENT);
	assert_non_null(strstr(err.what, "no such file or directory"));
}

static void locked(void **state)
{
	(void)state;
	struct record record = make("busy"), opened;
	struct err err = { 0 };
	assert_int_equal(record_open(&arena, root, "busy", &opened, &err), -EBUSY); /* after its 2 seconds */
	assert_non_null(strstr(err.what, "another kist command"));
	assert_int_equal(record_remove(&arena, &record, &err), 0);
}

static void links_are_not_followed(void **state)
{
	(void)state;
	struct record record = make("real"), opened;
	struct err err = { 0 };
	record_unlock(&record);
	assert_int_equal(symlink("real", arena_printf(&arena, "%s/alias", root)), 0);
	assert_int_equal(record_open(&arena, root, "alias", &opened, &err), -ENOTDIR);
	write_file(in_folder("elsewhere"), "{}");
	assert_int_equal(symlink(in_folder("elsewhere"), arena_printf(&arena, "%s/real/record.json", root)), 0);
	assert_int_equal(record_open(&arena, root, "real", &opened, &err), -ELOOP);
	record_close(&record);
}

static void dead_is_cleared_away(void **state)
{
	(void)state;
	struct err err = { 0 };
	char *scratch = arena_printf(&arena, "%s/dead/upper", root);
	make_dead("dead", arena_printf(&arena, "tree 0 0 %s\n", scratch));
	assert_int_equal(mkdir(scratch, 0700), 0);
	write_file(arena_printf(&arena, "%s/file", scratch), "x");
	write_file(arena_printf(&arena, "%s/dead/record.json.1.new", root), "interrupted");
	struct record record = make("dead");
	assert_false(exists(scratch));
	assert_int_equal(record_remove(&arena, &record, &err), 0);
	assert_false(exists(arena_printf(&arena, "%s/dead", root)));
}

static void collect(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct buf report = buf_in(&arena);
	make_dead("gone", "");
	struct record alive = make("alive");
	alive.pid = getpid();
	assert_int_equal(process_start_time(alive.pid, &alive.start_time), 0);
	assert_int_equal(record_save(&arena, &alive, &err), 0);
	record_unlock(&alive);
	assert_int_equal(mkdir(arena_printf(&arena, "%s/bare", root), 0700), 0); /* killed right after its mkdir */
	write_file(arena_printf(&arena, "%s/features", root), "{}");
	assert_int_equal(record_collect(&arena, root, &report, &err), 2);
	assert_non_null(strstr(report.bytes, "removed what gone left"));
	assert_true(exists(arena_printf(&arena, "%s/alive/record.json", root)));
	assert_false(exists(arena_printf(&arena, "%s/gone", root)));
	assert_false(exists(arena_printf(&arena, "%s/bare", root)));
	assert_true(exists(arena_printf(&arena, "%s/features", root)));
	assert_int_equal(record_collect(&arena, in_folder("nothing"), &report, &err), 0);
	assert_int_equal(record_remove(&arena, &alive, &err), 0);
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
	const char *lines = arena_printf(&arena, "tree 0 0 %s/l/upper\ntree 0 0 %s/l/work\ntree 0 0 %s/l/upper/file\n", root,
	                                 root, root);
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
	uint64_t start;
	pid_t pid = make_victim();
	assert_int_equal(process_start_time(pid, &start), 0);
	assert_int_equal(undo(arena_printf(&arena, "process %d %llu -\n", pid, (unsigned long long)start + 1), &what), 0);
	assert_true(process_is(pid, start));
	assert_int_equal(undo(arena_printf(&arena, "process %d %llu -\n", getpid(), 1ULL), &what), 0);
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
		cmocka_unit_test(ids),
		cmocka_unit_test(stat_line),
		cmocka_unit_test(identity),
		cmocka_unit_test_setup_teardown(json_round, setup, teardown),
		cmocka_unit_test_setup_teardown(json_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(journal_text, setup, teardown),
		cmocka_unit_test_setup_teardown(journal_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(journal_refuses_line_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(state_root, setup, teardown),
		cmocka_unit_test_setup_teardown(make_open_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(locked, setup, teardown),
		cmocka_unit_test_setup_teardown(links_are_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(dead_is_cleared_away, setup, teardown),
		cmocka_unit_test_setup_teardown(collect, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_stays_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_follows_no_link, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_spares_strangers, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_refuses_other_hands, setup, teardown),
		cmocka_unit_test_setup_teardown(deep_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(closed_tree, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
