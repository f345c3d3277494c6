/* facts.c: kist facts: what kist finds on this host, as JSON; `kist plan --facts FILE` takes it on another. */
#include "facts/facts.h"
#include "verb/report.h"
#include "verb/start.h"

static int facts_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct facts facts;
	if (argc > 0) {
		struct err err;
		err_set(&err, command->arena, 0, "facts takes no operand, but got \"%s\"", argv[0]);
		return report_error(command, &err, NULL);
	}
	int status = start_facts(command, FACTS_MOUNTS, &facts);
	if (status)
		return status;
	struct buf text = buf_in(command->arena);
	facts_write_json(&text, &facts);
	return report_output(command, &text);
}

const struct verb verb_facts = {
	.name = "facts",
	.operands = "",
	.summary = "print what kist finds on this host, as JSON",
	.run = facts_verb,
};
