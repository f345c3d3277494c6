/* prefix.c: kist plan VERB ... and kist trace VERB ...: the same verb, looked at. */
#include "verb/report.h"
#include "verb/verb.h"

struct plan_options {
	const char *facts;
	bool json, show_env;
};

static const struct flag plan_flags[] = {
	{ "json", 0, FLAG_SWITCH, offsetof(struct plan_options, json), NULL, "as JSON" },
	{ "show-env", 0, FLAG_SWITCH, offsetof(struct plan_options, show_env), NULL, "show environment values too" },
	{ "facts", 0, FLAG_VALUE, offsetof(struct plan_options, facts), "FILE",
	  "plan for the host whose `kist facts` is in FILE" },
};

struct trace_options {
	const char *file;
};

static const struct flag trace_flags[] = {
	{ "trace-file", 0, FLAG_VALUE, offsetof(struct trace_options, file), "FILE",
	  "write Chrome trace events (Perfetto) to FILE" },
};

static int prefix_call(struct command *command, const char *prefix, int argc, char **argv)
{
	const struct verb *verb = argc ? verb_named(argv[0]) : NULL;
	if (verb && verb->starts)
		return verb_call(command, verb, argc - 1, argv + 1);
	struct err err;
	if (argc)
		err_set(&err, command->arena, 0, "%s stands before a verb that starts something, not before \"%s\"",
		        prefix, argv[0]);
	else
		err_set(&err, command->arena, 0, "%s needs a verb that starts something", prefix);
	err.hint =
		arena_printf(command->arena, "kist %s run [-b BUNDLE] ID, or kist %s box -- COMMAND", prefix, prefix);
	return report_error(command, &err, NULL);
}

static int plan_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct plan_options *options = given;
	command->mode = START_PLAN;
	command->json = options->json;
	command->show_env = options->show_env;
	command->facts_file = options->facts;
	return prefix_call(command, "plan", argc, argv);
}

static int trace_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct trace_options *options = given;
	command->mode = START_TRACE;
	command->trace_file = options->file;
	return prefix_call(command, "trace", argc, argv);
}

const struct verb verb_plan = {
	.name = "plan",
	.operands = "VERB ...",
	.summary = "print what a verb would do, and do nothing",
	VERB_FLAGS(plan_flags),
	.options_size = sizeof(struct plan_options),
	.run = plan_verb,
};

const struct verb verb_trace = {
	.name = "trace",
	.operands = "VERB ...",
	.summary = "do it and print each step with its time",
	VERB_FLAGS(trace_flags),
	.options_size = sizeof(struct trace_options),
	.run = trace_verb,
};
