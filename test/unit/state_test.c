/* state_test.c: the state root, records and processes: a hostile or half-written one does no harm. */
#include "state_fixture.h"

#include "state/disposition.h"
#include "state/record_json.h"

#include <time.h>

/* --- ids, processes ------------------------------------------------------------------------------- */

static void ids(void **state)
{
	(void)state;
	static const char *const good[] = { "a", "A-b_c+d.e", "0", "a..b", "-", "_" };
	static const char *const bad[] = {
		"", ".", "..", ".a", "a/b", "a b", "a\n", "../a", "\xc3\xa4", "a:b", "a\\b"
	};
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
	assert_int_equal(process_parse_stat("7 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -5", &stat),
	                 -EBADMSG);
}

static void signal_sets(void **state)
{
	(void)state;
	struct disposition set;
	const char *text = "Name:\tx\\nSigIgn:\t0\nState:\tS (sleeping)\nNSpid:\t77\t1\nSigQ:\t0/1\n"
			   "SigBlk:\t0000000000000001\nSigIgn:\t0000000000000004\nSigCgt:\t4000000000000002\n";
	assert_int_equal(disposition_parse(text, &set), 0);
	assert_true(set.first);
	assert_false(disposition_is_default(&set, SIGHUP));  /* blocked */
	assert_false(disposition_is_default(&set, SIGQUIT)); /* ignored */
	assert_false(disposition_is_default(&set, SIGINT));  /* caught */
	assert_false(disposition_is_default(&set, 63));
	assert_true(disposition_is_default(&set, SIGTERM));
	assert_true(disposition_is_default(&set, 64));
	/* Not PID 1; PID 1 of the reader's own namespace; ended; cut off; without the line. */
	assert_int_equal(disposition_parse("NSpid:\t77\t12\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0\n", &set), 0);
	assert_false(set.first);
	assert_int_equal(disposition_parse("NSpid:\t1\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0\n", &set), 0);
	assert_false(set.first);
	assert_int_equal(disposition_parse("State:\tZ (zombie)\nSigBlk:\t0\nSigIgn:\t0\nSigCgt:\t0\n", &set), -ESRCH);
	assert_int_equal(disposition_parse("SigBlk:\t0\nSigIgn:\t0\nSigCgt:\t", &set), -EBADMSG);
	assert_int_equal(disposition_parse("", &set), -EBADMSG);
	assert_int_equal(disposition_read(getpid(), &set), 0);
	assert_true(signal_ends(SIGTERM) && signal_ends(SIGUSR1) && signal_ends(64));
	assert_false(signal_ends(SIGCHLD) || signal_ends(SIGTSTP) || signal_ends(SIGWINCH) || signal_ends(0));
}

/* The kernel shows what a process waits for as not blocked. */
static void waiting_for_signals(void **state)
{
	(void)state;
	int ready[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t set;
		int number;
		sigfillset(&set);
		sigprocmask(SIG_BLOCK, &set, NULL);
		if (write(ready[1], "x", 1) == 1)
			sigwait(&set, &number);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	for (int round = 0; round < 50; round++) {
		struct disposition set;
		assert_int_equal(disposition_read(pid, &set), 0);
		assert_false(disposition_is_default(&set, SIGTERM));
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	close(ready[0]);
	close(ready[1]);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
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

#define WITH(version, id, pid, start)                                                                                  \
	"{\"version\":" version ",\"id\":" id ",\"pid\":" pid ",\"startTime\":" start                                  \
	",\"runtimePid\":3,\"runtimeStartTime\":4,\"created\":5"
#define GOOD WITH("1", "\"x\"", "1", "2")
#define BOX ",\"box\":true"

static void json_hostile(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"{",
		"[]",
		"null",
		"{}",
		GOOD "}", /* box is missing */
		GOOD ",\"box\":1}",
		GOOD BOX ",\"box\":false}", /* twice */
		GOOD BOX ",\"bundle\":\"relative\"}",
		GOOD BOX ",\"bundle\":7}",
		GOOD BOX ",\"bundle\":\"/a\\u0000b\"}",
		GOOD BOX ",\"uidHelper\":\"newuidmap\"}",
		GOOD BOX "} trailing",
		WITH("1", "\"y\"", "1", "2") BOX "}",
		WITH("2", "\"x\"", "1", "2") BOX "}",
		WITH("1", "\"x\"", "-1", "2") BOX "}",
		WITH("1", "\"x\"", "4294967297", "2") BOX "}",
		WITH("1", "\"x\"", "1.5", "2") BOX "}",
		WITH("1", "\"x\"", "\"1\"", "2") BOX "}",
		WITH("1", "\"x\"", "1", "18446744073709551616") BOX "}",
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
	const char *good = GOOD BOX ",\"unknown\":[1,{}]}";
	assert_int_equal(record_read_json(&arena, good, strlen(good), &record, &err), 0);
	assert_int_equal(record.pid, 1);
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
	write_file(arena_printf(&arena, "%s/dead/upper/file", root), "x");
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(stat_line),
		cmocka_unit_test(signal_sets),
		cmocka_unit_test(waiting_for_signals),
		cmocka_unit_test(identity),
		cmocka_unit_test_setup_teardown(json_round, setup, teardown),
		cmocka_unit_test_setup_teardown(json_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(state_root, setup, teardown),
		cmocka_unit_test_setup_teardown(make_open_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(locked, setup, teardown),
		cmocka_unit_test_setup_teardown(links_are_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(dead_is_cleared_away, setup, teardown),
		cmocka_unit_test_setup_teardown(collect, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
