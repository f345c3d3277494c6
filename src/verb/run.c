/* run.c: kist run: a bundle's program, in the foreground. */
#include "verb/box_start.h"
#include "verb/bundle.h"
#include "verb/report.h"
#include "verb/start.h"

struct run_options {
	const char *bundle;
	bool no_pivot, no_new_keyring, seccomp_trace;
	const char *pid_file;
};

static const struct flag run_flags[] = {
	{ "pid-file", 0, FLAG_VALUE, offsetof(struct run_options, pid_file), "FILE",
	  "write the pid of the program's process, as this host sees it, to FILE" },
	{ "bundle", 'b', FLAG_VALUE, offsetof(struct run_options, bundle), "DIR",
	  "the bundle's directory (default: this one)" },
	{ "no-pivot", 0, FLAG_SWITCH, offsetof(struct run_options, no_pivot), NULL,
	  "move the root instead of pivot_root (for a root on a ramdisk)" },
	{ "no-new-keyring", 0, FLAG_SWITCH, offsetof(struct run_options, no_new_keyring), NULL,
	  "keep the caller's session keyring" },
	{ "seccomp-trace", 0, FLAG_SWITCH, offsetof(struct run_options, seccomp_trace), NULL,
	  "tell which system calls the profile refuses, by which rule" },
};

static int run_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct run_options *options = given;
	struct err err = { 0 };
	if (argc != 1) {
		err_set(&err, command->arena, 0,
		        argc ? "run takes one container id, not %d" : "run needs a container id", argc);
		err.hint = "kist run [-b BUNDLE] ID";
		return report_error(command, &err, NULL);
	}
	if (!start_id_valid(command, argv[0]))
		return 125;
	struct spec_faults faults;
	struct facts facts;
	struct spec *spec = bundle_read(command, options->bundle, &faults);
	if (!spec)
		return 125;
	int status = start_facts(command, box_start_facts(spec), &facts);
	if (status)
		return status;
	struct start_request start = {
		.spec = spec,
		.faults = &faults,
		.facts = &facts,
		.id = argv[0],
		.no_pivot = options->no_pivot,
		.pid_file = options->pid_file,
		.no_new_keyring = options->no_new_keyring,
		.seccomp_trace = options->seccomp_trace,
	};
	return box_start(command, &facts, &start);
}

const struct verb verb_run = {
	.name = "run",
	.operands = "ID",
	.summary = "run a bundle's program in the foreground and end with its status",
	VERB_FLAGS(run_flags),
	.options_size = sizeof(struct run_options),
	.run = run_verb,
	.starts = true,
};
