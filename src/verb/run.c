/* run.c: kist run: a bundle's program, in the foreground. */
#include "verb/box_start.h"
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
	struct start_request start = {
		.no_pivot = options->no_pivot,
		.pid_file = options->pid_file,
		.no_new_keyring = options->no_new_keyring,
		.seccomp_trace = options->seccomp_trace,
	};
	return start_id(command, &verb_run, argc, argv, &start) ? bundle_start(command, options->bundle, &start) : 125;
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
