/* discard.c: kist discard: removes the changes that a box kept. */
#include "verb/changes.h"
#include "verb/report.h"

static int discard_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	const struct changes_wanted wanted = { .verb = "discard", .lock = true };
	struct keep_helpers helpers = { 0 };
	struct keep keep = { .dirfd = -1 };
	struct err err = { 0 };
	int status;
	if (!changes_open(command, &wanted, argc, argv, &keep, &status))
		return status;
	status = keep.manifest.uid_map ? changes_helpers(command, &helpers) : 0;
	if (status == 0 && keep_discard(command->arena, &keep, &helpers, &err) < 0)
		status = report_error(command, &err, NULL);
	keep_close(&keep);
	return status;
}

const struct verb verb_discard = {
	.name = "discard",
	.operands = "DIR",
	.summary = "remove the changes kept in DIR",
	.run = discard_verb,
};
