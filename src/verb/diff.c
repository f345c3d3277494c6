/* diff.c: kist diff: what a box that kept its changes has added, changed and deleted. */
#include "verb/archive.h"
#include "verb/changes.h"
#include "verb/report.h"

#include <unistd.h>

struct diff_options {
	bool json, tar;
};

static const struct flag diff_flags[] = {
	{ "json", 0, FLAG_SWITCH, offsetof(struct diff_options, json), NULL, "as JSON" },
	{ "tar", 0, FLAG_SWITCH, offsetof(struct diff_options, tar), NULL, "as a tar archive, a layer of an image" },
};

static int diff_print(struct command *command, const struct diff_options *options, const struct keep *keep,
                      const struct keep_changes *changes)
{
	struct buf text = buf_in(command->arena);
	if (options->tar)
		return archive_write(command, keep, changes);
	if (options->json)
		changes_json(&text, keep, changes);
	for (size_t i = 0; !options->json && i < changes->count; i++)
		changes_line(&text, &changes->items[i]);
	return text.length ? report_output(command, &text) : 0;
}

static int diff_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct diff_options *options = given;
	const struct changes_wanted wanted = { .verb = "diff", .enter = true };
	struct keep keep = { .dirfd = -1 };
	struct keep_changes changes;
	struct err err = { 0 };
	int status;
	if (options->tar && (options->json || isatty(STDOUT_FILENO))) {
		err_set(&err, command->arena, 0,
		        options->json ? "--json and --tar exclude each other" : "an archive is nothing for a terminal");
		err.hint = options->json ? "leave one out" : "kist diff --tar DIR >layer.tar";
		return report_error(command, &err, NULL);
	}
	if (!changes_open(command, &wanted, argc, argv, &keep, &status))
		return status;
	if (keep_scan(command->arena, &keep, &changes, &err) < 0)
		return report_error(command, &err, NULL);
	status = diff_print(command, options, &keep, &changes);
	keep_close(&keep);
	return status;
}

const struct verb verb_diff = {
	.name = "diff",
	.operands = "DIR",
	.summary = "list what a box kept in DIR: added, modified, deleted",
	VERB_FLAGS(diff_flags),
	.options_size = sizeof(struct diff_options),
	.run = diff_verb,
};
