/* background_test.c: the record of a box in the background: its status, who waits for it, and who takes its name. */
#include "state_fixture.h"

#include "state/background.h"
#include "state/log.h"
#include "state/pidfile.h"
#include "state/record_json.h"

/* --- record.json ------------------------------------------------------------------------------------ */

static void members(void **state)
{
	(void)state;
	struct record record = record_named("round"), read = record_named("round");
	struct err err = { 0 };
	struct buf text = buf_in(&arena);
	record_write_json(&text, &record);
	/* One in the foreground has no word of either. */
	assert_null(strstr(text.bytes, "background"));
	assert_null(strstr(text.bytes, "status"));
	read.background = true;
	read.status = 3;
	assert_int_equal(record_read_json(&arena, text.bytes, text.length, &read, &err), 0);
	assert_false(read.background);
	assert_int_equal(read.status, STATUS_UNKNOWN);
	for (int status = 0; status <= 255; status += 255) {
		struct buf ended = buf_in(&arena);
		record.background = true;
		record.status = status;
		record_write_json(&ended, &record);
		assert_int_equal(record_read_json(&arena, ended.bytes, ended.length, &read, &err), 0);
		assert_true(read.background);
		assert_int_equal(read.status, status);
	}
}

#define RECORD                                                                                                         \
	"{\"version\":1,\"id\":\"x\",\"pid\":1,\"startTime\":2,\"runtimePid\":3,\"runtimeStartTime\":4,"               \
	"\"created\":5,\"box\":true"

static void hostile_members(void **state)
{
	(void)state;
	static const char *const bad[] = {
		RECORD ",\"background\":1}", RECORD ",\"background\":null}", RECORD ",\"status\":256}",
		RECORD ",\"status\":-1}",    RECORD ",\"status\":true}",     RECORD ",\"status\":\"0\"}",
		RECORD ",\"status\":1.0}",   RECORD ",\"status\":null}",
	};
	const char *good = RECORD ",\"background\":false,\"status\":0}";
	struct record record = record_named("x");
	struct err err = { 0 };
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(record_read_json(&arena, bad[i], strlen(bad[i]), &record, &err), -EBADMSG);
		assert_int_equal(record.status, STATUS_UNKNOWN);
	}
	assert_int_equal(record_read_json(&arena, good, strlen(good), &record, &err), 0);
	assert_int_equal(record.status, 0);
}

/* --- the end ---------------------------------------------------------------------------------------- */

/* A runtime that starts a box in the background, tells that it has, and goes on. */
static pid_t make_runtime(const char *id, int status)
{
	int ready[2], go[2];
	char byte;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct err err = { 0 };
		struct record record = record_named(id);
		record.background = record.box = true;
		bool made = record_make(&arena, &record, &err) == 0 && record_save(&arena, &record, &err) == 0;
		write_file(arena_printf(&arena, "%s/%s/log", root, id), "said");
		record_unlock(&record);
		close(go[1]);
		if (!made || write(ready[1], "x", 1) != 1 || status == STATUS_UNKNOWN)
			for (;;)
				pause();
		struct buf report = buf_in(&arena);
		_exit(record_lock(&arena, &record, &err) < 0 ||
		      background_end(&arena, &record, status, &report, &err) < 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(go[0]);
	close(go[1]);
	return pid;
}

static void status_stays(void **state)
{
	(void)state;
	struct err err = { 0 };
	int status = -1, end;
	pid_t runtime = make_runtime("web", 7);
	assert_int_equal(background_wait(&arena, root, "web", &status, &err), 0);
	assert_int_equal(status, 7);
	assert_int_equal(waitpid(runtime, &end, 0), runtime);
	assert_int_equal(end, 0);
	assert_int_equal(background_wait(&arena, root, "web", &status, &err), 0);
	assert_true(exists(arena_printf(&arena, "%s/web/log", root)));
	assert_false(exists(arena_printf(&arena, "%s/web/journal", root)));
	/* Nobody takes its name, and no lock or descriptor is left behind by the one who tried. */
	struct record second = record_named("web");
	assert_int_equal(record_make(&arena, &second, &err), -EEXIST);
	assert_non_null(strstr(err.what, "with status 7"));
	assert_int_equal(second.dirfd, -1);
	assert_int_equal(background_stop(&arena, root, "web", 0, &err), 0);
	assert_false(exists(arena_printf(&arena, "%s/web", root)));
	assert_int_equal(background_wait(&arena, root, "web", &status, &err), -ENOENT);
	assert_int_equal(background_stop(&arena, root, "web", 0, &err), -ENOENT);
}

static void collected(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct buf report = buf_in(&arena);
	pid_t runtime = make_runtime("web", 0);
	waitpid(runtime, NULL, 0);
	assert_int_equal(record_collect(&arena, root, &report, &err), 1);
	assert_non_null(strstr(report.bytes, "removed web, which had ended with status 0"));
	assert_false(exists(arena_printf(&arena, "%s/web", root)));
}

static void runtime_killed(void **state)
{
	(void)state;
	struct err err = { 0 };
	int status = -1;
	end_victim(make_runtime("web", STATUS_UNKNOWN));
	assert_int_equal(background_wait(&arena, root, "web", &status, &err), -EOWNERDEAD);
	assert_int_equal(err.status, 137);
	assert_non_null(strstr(err.what, "was killed"));
	assert_int_equal(status, -1);
	/* Nothing is known of it that could be lost. */
	struct record second = make("web");
	assert_int_equal(record_remove(&arena, &second, &err), 0);
}

static void stopped(void **state)
{
	(void)state;
	struct err err = { 0 };
	int end;
	pid_t runtime = make_runtime("web", STATUS_UNKNOWN);
	assert_int_equal(background_stop(&arena, root, "web", 5000, &err), 0);
	assert_int_equal(waitpid(runtime, &end, 0), runtime);
	assert_true(WIFSIGNALED(end) && WTERMSIG(end) == SIGTERM);
	assert_false(exists(arena_printf(&arena, "%s/web", root)));
}

/* Neither waited for nor signalled: its own kist does that. */
static void foreground(void **state)
{
	(void)state;
	struct err err = { 0 };
	int status = -1;
	struct record record = make("front");
	record.runtime_pid = getpid();
	assert_int_equal(record_save(&arena, &record, &err), 0);
	record_unlock(&record);
	assert_int_equal(background_wait(&arena, root, "front", &status, &err), -EINVAL);
	assert_non_null(strstr(err.what, "front is no box in the background"));
	assert_non_null(strstr(err.hint, "foreground"));
	assert_int_equal(background_stop(&arena, root, "front", 0, &err), -EINVAL);
	assert_int_equal(record_remove(&arena, &record, &err), 0);
}

/* --- the log ------------------------------------------------------------------------------------------ */

static void log_file(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct stat status;
	const char *path = in_folder("log"), *link = in_folder("link");
	struct record record = make("web");
	int fd = log_open(&record, path);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | 0600);
	assert_int_equal(write(fd, "one", 3), 3);
	close(fd);
	/* Through a link to what is there, and behind it; a link that leads nowhere makes nothing. */
	assert_int_equal(symlink(path, link), 0);
	fd = log_open(&record, link);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND);
	close(fd);
	assert_int_equal(symlink(in_folder("nowhere"), in_folder("dangling")), 0);
	assert_int_equal(log_open(&record, in_folder("dangling")), -EEXIST);
	assert_false(exists(in_folder("nowhere")));
	assert_int_equal(log_open(&record, folder), -EISDIR);
	assert_int_equal(log_open(&record, in_folder("none/log")), -ENOENT);
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_int_equal(log_open(&record, in_folder("fifo")), -ENXIO);
	/* Made for a start that failed: it goes. The link that was there stays. */
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);
	assert_false(exists(path));
	assert_true(exists(link));
}

static void log_left(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct record record = make("web");
	const char *path = in_folder("log");
	close(log_open(&record, path));
	assert_int_equal(pidfile_leave(&record, path), 0);
	assert_int_equal(journal_undo(&arena, &record, NULL, &err), 0);
	assert_true(exists(path));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(members, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_members, setup, teardown),
		cmocka_unit_test_setup_teardown(status_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(collected, setup, teardown),
		cmocka_unit_test_setup_teardown(runtime_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(foreground, setup, teardown),
		cmocka_unit_test_setup_teardown(log_file, setup, teardown),
		cmocka_unit_test_setup_teardown(log_left, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
