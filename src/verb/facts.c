/* facts.c: kist facts: what kist finds on this host, as JSON; `kist plan --facts FILE` takes it on another. */
#include "facts/facts.h"
#include "verb/report.h"
#include "verb/start.h"

static int facts_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct facts facts;
	for (int i = 0; i < argc; i++) {
		struct err err;
		if (*argv[i] == '/')
			continue;
		err_set(&err, command->arena, 0, "expected an absolute path, but got \"%s\"", argv[i]);
		return report_error(command, &err, NULL);
	}
	int status = start_facts(command, FACTS_MOUNTS | FACTS_CPUS | FACTS_BINFMT, &facts);
	if (status)
		return status;
	facts_read_sources(command->arena, (const char *const *)argv, (size_t)argc, &facts);
	struct buf text = buf_in(command->arena);
	facts_write_json(&text, &facts);
	return report_output(command, &text);
}

const struct verb verb_facts = {
	.name = "facts",
	.operands = "[PATH ...]",
	.summary = "print what kist finds on this host, as JSON",
	.run = facts_verb,
};
