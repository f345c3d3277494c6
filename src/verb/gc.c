/* gc.c: kist gc: removes what killed runtimes left behind. */
#include "state/record.h"
#include "verb/report.h"
#include "verb/start.h"

static int gc_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct facts facts;
	struct err err = { 0 };
	if (argc > 0) {
		err_set(&err, command->arena, 0, "gc takes no operand, but got \"%s\"", argv[0]);
		return report_error(command, &err, NULL);
	}
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	struct buf text = buf_in(command->arena);
	const char *root = command->global.root ? command->global.root : facts.caller.state_root;
	int result = record_collect(command->arena, root, &text, &err);
	status = report_output(command, &text);
	return result < 0 ? report_error(command, &err, NULL) : status;
}

const struct verb verb_gc = {
	.name = "gc",
	.operands = "",
	.summary = "remove what killed runtimes left behind",
	.run = gc_verb,
};
