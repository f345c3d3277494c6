/* wait.c: kist wait: the end of a box in the background, and its status. */
#include "state/background.h"
#include "verb/report.h"
#include "verb/start.h"

static int wait_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct err err = { 0 };
	struct facts facts;
	int ended = 0;
	if (!start_one_id(command, &verb_wait, argc, argv))
		return 125;
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	const char *root = command->global.root ? command->global.root : facts.caller.state_root;
	int result = background_wait(command->arena, root, argv[0], &ended, &err);
	return result < 0 ? report_error(command, &err, NULL) : ended;
}

const struct verb verb_wait = {
	.name = "wait",
	.operands = "ID",
	.summary = "wait for a box in the background and end with its status",
	.run = wait_verb,
	.flags_anywhere = true,
};
