/* main.c: the door: global flags, then a verb. */
#include "verb/verb.h"

#include "verb/report.h"

#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

/* clang-format off */
const struct verb *const verb_table[] = {
	&verb_run,
	&verb_create,
	&verb_start,
	&verb_delete,
	&verb_box,
	&verb_state,
	&verb_list,
	&verb_kill,
	&verb_ps,
	&verb_pause,
	&verb_resume,
	&verb_update,
	&verb_diff,
	&verb_apply,
	&verb_discard,
	&verb_plan,
	&verb_trace,
	&verb_check,
	&verb_spec,
	&verb_features,
	&verb_facts,
	&verb_doctor,
	&verb_wait,
	&verb_stop,
	&verb_gc,
	&verb_ns,
	&verb_enter,
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

static int main_version(struct command *command)
{
	struct buf text = buf_in(command->arena);
	/* docker takes what stands before and behind "version", containerd the words behind "spec: ", podman all. */
	buf_printf(&text, "kist version %s\nspec: 1.3.0\n", KIST_VERSION);
	return report_output(command, &text);
}

/* A flag that no verb has as its own is a global one, wherever it stands. */
int verb_call(struct command *command, const struct verb *verb, int argc, char **argv)
{
	if (verb_wants_help(verb, argc, argv))
		return verb_usage(command, verb);
	struct err err = { 0 };
	const struct global_options before = command->global;
	void *options = arena_alloc(command->arena, verb->options_size);
	const struct flag_line line = {
		.arena = command->arena,
		.sets = { { verb->flags, verb->flag_count, options },
		          { verb_global_flags, verb_global_flag_count, &command->global } },
		.anywhere = verb->flags_anywhere,
	};
	int used = flag_parse(&line, argc, argv, &err);
	if (used < 0) {
		if (!err.hint)
			err.hint = arena_printf(command->arena, "kist %s --help lists the flags", verb->name);
		return report_error(command, &err, NULL);
	}
	if (command->global.help)
		return verb_usage(command, verb);
	if (command->global.version)
		return main_version(command);
	bool more = memcmp(&before, &command->global, sizeof(before)) != 0;
	int status = more ? global_settle(command) : 0;
	return status ? status : verb->run(command, options, argc - used, argv + used);
}

static int main_command(struct command *command, int argc, char **argv)
{
	struct err err = { 0 };
	const struct flag_line line = {
		.arena = command->arena,
		.sets = { { verb_global_flags, verb_global_flag_count, &command->global } },
	};
	int used = flag_parse(&line, argc, argv, &err);
	if (used < 0) {
		if (!err.hint)
			err.hint = "kist --help lists the flags and the verbs";
		return report_error(command, &err, NULL);
	}
	int status = global_settle(command);
	if (status)
		return status;
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
	/* Before Linux 5.18 execve(2) could start a program without a name, whose arguments are its environment then
	 * (CVE-2021-4034). */
	if (argc < 1) {
		fputs("kist: started without a name\n", stderr);
		return 125;
	}
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
