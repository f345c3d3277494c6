/* main.c: the door: global flags, then a verb. */
#include "verb/verb.h"

#include "run/fault.h"
#include "verb/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define GLOBAL_VALUE(name, field, value, help)                                                                         \
	{                                                                                                              \
		name, 0, FLAG_VALUE, offsetof(struct global_options, field), value, help                               \
	}
#define GLOBAL_SWITCH(name, letter, field, help)                                                                       \
	{                                                                                                              \
		name, letter, FLAG_SWITCH, offsetof(struct global_options, field), NULL, help                          \
	}

const struct flag verb_global_flags[] = {
	GLOBAL_VALUE("root", root, "DIR", "where records are kept (default: /run/kist, or $XDG_RUNTIME_DIR/kist)"),
	GLOBAL_VALUE("log", log, "FILE", "append failures to FILE"),
	GLOBAL_VALUE("log-format", log_format, "text|json", "the form of failures"),
	GLOBAL_SWITCH("debug", 0, debug, "show ignored properties and other remarks"),
	GLOBAL_SWITCH("help", 'h', help, "show this, or a verb's flags"),
	GLOBAL_SWITCH("version", 'v', version, "show the version"),
	GLOBAL_VALUE("fail-at", fail_at, "K[:ERRNO]", "test builds: step K fails"),
	GLOBAL_VALUE("kill-at", kill_at, "K", "test builds: the actor of step K is killed at it"),
	GLOBAL_VALUE("kill-other-at", kill_other_at, "K", "test builds: the other actor is killed at step K"),
	GLOBAL_VALUE("stop-at", stop_at, "K", "test builds: the actor of step K stops at it"),
};
const size_t verb_global_flag_count = sizeof(verb_global_flags) / sizeof(verb_global_flags[0]);

/* The last ones are refused by a kist that is no test build; there nobody needs to read of them. */
enum { TROUBLE_FLAGS = 4 };

size_t verb_global_flags_shown(void)
{
	return verb_global_flag_count - (fault_available() ? 0 : TROUBLE_FLAGS);
}

/* clang-format off */
const struct verb *const verb_table[] = {
	&verb_run,
	&verb_box,
	&verb_diff,
	&verb_apply,
	&verb_discard,
	&verb_plan,
	&verb_trace,
	&verb_check,
	&verb_spec,
	&verb_facts,
	&verb_doctor,
	&verb_gc,
	&verb_ns,
	&verb_completion,
	&verb_help,
	NULL,
};
/* clang-format on */

const struct verb *verb_named(const char *name)
{
	for (const struct verb *const *verb = verb_table; *verb; verb++)
		if (strcmp((*verb)->name, name) == 0)
			return *verb;
	return NULL;
}

/* Every verb answers --help; the flag is not repeated in each table. */
static bool verb_wants_help(const struct verb *verb, int argc, char **argv)
{
	if (argc < 1 || (strcmp(argv[0], "--help") != 0 && strcmp(argv[0], "-h") != 0))
		return false;
	return verb != &verb_help;
}

int verb_call(struct command *command, const struct verb *verb, int argc, char **argv)
{
	if (verb_wants_help(verb, argc, argv))
		return verb_usage(command, verb);
	struct err err = { 0 };
	void *options = arena_alloc(command->arena, verb->options_size);
	int used = flag_parse(command->arena, verb->flags, verb->flag_count, options, argc, argv, &err);
	if (used < 0) {
		if (!err.hint)
			err.hint = arena_printf(command->arena, "kist %s --help lists the flags", verb->name);
		return report_error(command, &err, NULL);
	}
	return verb->run(command, options, argc - used, argv + used);
}

static int main_version(struct command *command)
{
	struct buf text = buf_in(command->arena);
	/* podman and docker read the first line's last word and the "spec:" line. */
	buf_printf(&text, "kist version %s\nspec: 1.3.0\n", KIST_VERSION);
	return report_output(command, &text);
}

/* What is recorded must still hold when the next command is given from another directory. */
static int main_absolute_root(struct command *command, struct err *err)
{
	char cwd[PATH_MAX];
	const char *root = command->global.root;
	if (!root || *root == '/')
		return 0;
	if (*root == '\0')
		return err_set(err, command->arena, 0, "--root needs a directory");
	if (!getcwd(cwd, sizeof(cwd)))
		return err_set(err, command->arena, errno, "cannot find --root %s from the current directory", root);
	command->global.root = arena_printf(command->arena, "%s/%s", cwd, root);
	return 0;
}

static int main_command(struct command *command, int argc, char **argv)
{
	struct err err = { 0 };
	int used = flag_parse(command->arena, verb_global_flags, verb_global_flag_count, &command->global, argc, argv,
	                      &err);
	if (used >= 0 && (report_open(command, &err) < 0 || main_absolute_root(command, &err) < 0))
		used = -1;
	if (used < 0) {
		if (!err.hint)
			err.hint = "kist --help lists the flags and the verbs";
		return report_error(command, &err, NULL);
	}
	if (command->global.version)
		return main_version(command);
	if (command->global.help || used == argc)
		return verb_usage(command, NULL);
	const struct verb *verb = verb_named(argv[used]);
	if (verb)
		return verb_call(command, verb, argc - used - 1, argv + used + 1);
	err_set(&err, command->arena, 0, "unknown verb \"%s\"", argv[used]);
	err.hint = "kist --help lists the verbs";
	return report_error(command, &err, NULL);
}

int main(int argc, char **argv)
{
	struct arena arena;
	/* kist has no business in a set-uid program: its environment and descriptors would be an attacker's
	 * (CVE-2020-5291 and its like all begin there). */
	if (getauxval(AT_SECURE)) {
		fputs("kist: refusing to run set-uid or with file capabilities\n", stderr);
		return 125;
	}
	int result = arena_open(&arena);
	if (result < 0) {
		fprintf(stderr, "kist: cannot reserve memory: %s\n", err_words(-result));
		return 125;
	}
	struct command command = { .arena = &arena };
	/* The arena goes with the process: to unmap it first would take as long again. */
	return main_command(&command, argc - 1, argv + 1);
}
