/* create.c: kist create: everything of a container but its program, which waits for kist start. */
#include "verb/box_start.h"
#include "verb/report.h"
#include "verb/start.h"

struct create_options {
	const char *bundle, *pid_file;
	bool no_pivot, no_new_keyring;
};

static const struct flag create_flags[] = {
	{ "pid-file", 0, FLAG_VALUE, offsetof(struct create_options, pid_file), "FILE",
	  "write the pid of the container's process, as this host sees it, to FILE" },
	{ "bundle", 'b', FLAG_VALUE, offsetof(struct create_options, bundle), "DIR",
	  "the bundle's directory (default: this one)" },
	{ "no-pivot", 0, FLAG_SWITCH, offsetof(struct create_options, no_pivot), NULL,
	  "move the root instead of pivot_root (for a root on a ramdisk)" },
	{ "no-new-keyring", 0, FLAG_SWITCH, offsetof(struct create_options, no_new_keyring), NULL,
	  "keep the caller's session keyring" },
};

static int create_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct create_options *options = given;
	struct start_request start = {
		.stage = RECORD_CREATED,
		.no_pivot = options->no_pivot,
		.no_new_keyring = options->no_new_keyring,
		.pid_file = options->pid_file,
	};
	return start_id(command, &verb_create, argc, argv, &start) ? bundle_start(command, options->bundle, &start)
	                                                           : 125;
}

const struct verb verb_create = {
	.name = "create",
	.operands = "ID",
	.summary = "make a bundle's container, and let its program wait for start",
	VERB_FLAGS(create_flags),
	.options_size = sizeof(struct create_options),
	.run = create_verb,
	.starts = true,
};
