/* hook_test.c: running a hook on the host: what it gets, what is said of its end, and what of it is left. */
#include "state/hook.h"
#include "state/kept_hooks.h"
#include "state_fixture.h"

static const char *const no_words[] = { NULL };

/* `sh -c command` as a hook that has this long. */
static struct hook shell(const char *command, uint32_t timeout)
{
	const char **args = ARENA_ARRAY(&arena, 4, const char *);
	args[0] = "sh";
	args[1] = "-c";
	args[2] = command;
	return (struct hook){ "/bin/sh", args, no_words, timeout, folder };
}

static const char *content(const char *name)
{
	static char text[4096];
	FILE *file = fopen(in_folder(name), "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void gets_the_state(void **state)
{
	struct hook_end end;
	const char *args[] = { "cp", "/proc/self/environ", "environment", NULL }, *env[] = { "A=1", "B=", NULL };
	struct hook copy = { "/bin/cp", args, env, 0, folder };
	(void)state;
	struct hook hook = shell("cat >state; pwd >place", 0);
	assert_int_equal(hook_run(&arena, &hook, "{\"id\":\"x\"}", &end), 0);
	assert_null(end.words);
	assert_string_equal(content("state"), "{\"id\":\"x\"}");
	assert_string_equal(content("place"), arena_printf(&arena, "%s\n", folder));
	assert_int_equal(hook_run(&arena, &copy, "", &end), 0);
	assert_memory_equal(content("environment"), "A=1\0B=\0", 8);
	hook.directory = "/nowhere/at/all";
	hook.args = shell("[ \"$(pwd)\" = / ]", 0).args;
	assert_int_equal(hook_run(&arena, &hook, "", &end), 0);
}

/* The time is left out. */
static const char *said(const char *words)
{
	const char *after = strstr(words, " after "), *unit = after ? strstr(after, " ms") : NULL;
	return unit ? arena_printf(&arena, "%.*s%s", (int)(after - words), words, unit + 3) : words;
}

static void tells_the_end(void **state)
{
	struct hook_end end;
	(void)state;
	struct hook hook = shell("echo out; echo 'a \"b\"' >&2; exit 3", 5);
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ECHILD);
	assert_string_equal(said(end.words), "it exited with status 3: \"out\\na \\\"b\\\"\"");
	hook = shell("kill -TERM $$", 0);
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ECHILD);
	assert_string_equal(said(end.words), "it was ended by signal 15");
	hook.path = "/nowhere/hook";
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ENOENT);
	assert_null(end.words);
	hook.path = "/etc";
	assert_int_equal(hook_run(&arena, &hook, "", &end), -EACCES);
	hook = shell("seq 1 2000; exit 1", 0);
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ECHILD);
	assert_non_null(strstr(end.words, "\\n1999\\n2000\""));
	assert_null(strstr(end.words, "\\n1000\\n")); /* 5 bytes each: the last 4096 begin behind it */
	assert_non_null(strstr(end.words, "\\n1200\\n"));
}

/* Gone, or a zombie that waits for its new parent. */
static bool ended(pid_t pid)
{
	struct process_stat stat;
	return process_read_stat(pid, &stat) < 0 || stat.state == 'Z' || stat.state == 'X';
}

/* Out of its group, its session, and its parent's sight. */
static const char escape[] = "(setsid sh -c 'setsid sleep 600 & echo $! >pid; exec sleep 600' >&- 2>&- &)"
			     "; until [ -s pid ]; do sleep 0.01; done; ";

static void kills_all_of_it(void **state)
{
	struct hook_end end;
	(void)state;
	struct hook hook = shell(arena_printf(&arena, "PATH=%s; %sexec sleep 600", getenv("PATH"), escape), 1);
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ETIMEDOUT);
	assert_string_equal(end.words, "it did not end within its timeout of 1 s and was killed");
	assert_true(ended(atoi(content("pid"))));
	unlink(in_folder("pid"));
	hook = shell(arena_printf(&arena, "PATH=%s; %sexit 1", getenv("PATH"), escape), 0);
	assert_int_equal(hook_run(&arena, &hook, "", &end), -ECHILD);
	assert_true(ended(atoi(content("pid"))));
	/* One that was content may leave something. */
	unlink(in_folder("pid"));
	hook = shell(arena_printf(&arena, "PATH=%s; %sexit 0", getenv("PATH"), escape), 0);
	assert_int_equal(hook_run(&arena, &hook, "", &end), 0);
	pid_t left = atoi(content("pid"));
	assert_false(ended(left));
	kill(left, SIGKILL);
}

/* --- those of the record ------------------------------------------------------------------------------------ */

#define HOOK(command) "{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"" command "\"],\"env\":[],\"timeout\":0}"
#define KEPT(poststart, poststop)                                                                                      \
	"{\"poststart\":{\"state\":\"<\",\"rest\":\">\",\"hooks\":[" poststart "]},"                                   \
	"\"poststop\":{\"state\":\"stopped\",\"rest\":\"!\",\"hooks\":[" poststop "]}}"

static struct record record_with(const char *text)
{
	struct record record = make("kept");
	record.bundle = folder;
	assert_int_equal(kept_hooks_write(&record, text, strlen(text)), 0);
	return record;
}

static void remove_it(struct record *record)
{
	struct err err = { 0 };
	assert_int_equal(record_remove(&arena, record, &err), 0);
}

static void poststart_in_turn(void **state)
{
	struct err err = { 0 };
	int signal;
	(void)state;
	struct record record =
		record_with(KEPT(HOOK("cat >one") "," HOOK("cat >two; exit 1") "," HOOK("cat >three"), ""));
	assert_int_equal(kept_hooks_poststart(&arena, &record, 42, &err, &signal), -ECHILD);
	assert_string_equal(content("one"), "<42>");
	assert_string_equal(content("two"), "<42>");
	assert_false(exists(in_folder("three")));
	assert_string_equal(said(err.what), "cannot run the poststart hook 1, /bin/sh: it exited with status 1");
	assert_string_equal(err.pointer, "/hooks/poststart/1");
	assert_int_equal(err.status, 125);
	remove_it(&record);
	record = make("none");
	assert_int_equal(kept_hooks_poststart(&arena, &record, 42, &err, &signal), 0);
	remove_it(&record);
}

static void poststop_once(void **state)
{
	struct buf report = buf_in(&arena);
	struct err err = { 0 };
	(void)state;
	struct record record = record_with(KEPT("", HOOK("exit 1") "," HOOK("cat >>told")));
	assert_int_equal(journal_undo(&arena, &record, &report, &err), 0);
	assert_string_equal(content("told"), "stopped!");
	assert_string_equal(said(report.bytes), "cannot run the poststop hook 0, /bin/sh: it exited with status 1\n");
	/* What a killed kist left: it had begun with them. */
	record = record_with(KEPT("", HOOK("cat >>told")));
	kept_hooks_poststop(&arena, &record, &report);
	kept_hooks_poststop(&arena, &record, &report);
	assert_string_equal(content("told"), "stopped!stopped!");
	remove_it(&record);
}

static void hostile_files(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"poststop\":[]}",
		KEPT("", "{\"path\":\"sh\",\"args\":[],\"env\":[],\"timeout\":0}"),
		KEPT("", "{\"path\":\"/bin/sh\",\"args\":[1],\"env\":[],\"timeout\":0}"),
		KEPT("", "{\"path\":\"/bin/sh\",\"args\":[],\"env\":{},\"timeout\":0}"),
		KEPT("", "{\"path\":\"/bin/sh\",\"args\":[],\"env\":[],\"timeout\":-1}"),
		KEPT("", "{\"path\":\"/bin/sh\\u0000\",\"args\":[],\"env\":[],\"timeout\":1}"),
		KEPT("", HOOK("cat >told") ",7"),
		KEPT("", "\"/bin/sh\""),
	};
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf report = buf_in(&arena);
		struct record record = record_with(texts[i]);
		kept_hooks_poststop(&arena, &record, &report);
		assert_string_equal(report.bytes, "hooks.json of kept was not written by kist: bad message\n");
		assert_false(exists(in_folder("told")));
		remove_it(&record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gets_the_state, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(kills_all_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(poststart_in_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(poststop_once, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_files, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
