/* apply.c: kist apply: shows what a box has kept, asks, and puts it onto what the box was a view of. */
#include "keep/apply.h"
#include "verb/changes.h"
#include "verb/report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct apply_options {
	bool yes, overwrite;
};

static const struct flag apply_flags[] = {
	{ "yes", 'y', FLAG_SWITCH, offsetof(struct apply_options, yes), NULL, "do not ask" },
	{ "overwrite", 0, FLAG_SWITCH, offsetof(struct apply_options, overwrite), NULL,
	  "also where a file was changed here since" },
};

struct applying {
	struct command *command;
	const struct apply_options *options;
	struct keep keep;
	struct keep_changes changes;
	const char **obstacles;
	size_t possible, conflicts;
};

/* --- before -------------------------------------------------------------------------------------- */

/* The list, and below each change that cannot be made why. */
static int show(struct applying *applying)
{
	struct buf text = buf_in(applying->command->arena);
	for (size_t i = 0; i < applying->changes.count; i++) {
		changes_line(&text, &applying->changes.items[i]);
		if (applying->obstacles[i])
			buf_printf(&text, "   cannot be applied: %s\n", applying->obstacles[i]);
		else
			applying->possible++;
		applying->conflicts += !applying->obstacles[i] && applying->changes.items[i].marks & KEEP_CONFLICT;
	}
	return report_output(applying->command, &text);
}

static int refuse(struct applying *applying, const char *what, const char *hint)
{
	struct err err = { 0 };
	err_set(&err, applying->command->arena, 0, "%s", what);
	err.hint = hint;
	return report_error(applying->command, &err, NULL);
}

static bool answer_is_yes(void)
{
	char line[16];
	return fgets(line, sizeof(line), stdin) && (line[0] == 'y' || line[0] == 'Y');
}

/* 0: go on; -1: the answer was no; else the exit status. */
static int ask(struct applying *applying)
{
	const struct keep_manifest *manifest = &applying->keep.manifest;
	struct arena *arena = applying->command->arena;
	if (applying->conflicts && !applying->options->overwrite)
		return refuse(
			applying,
			arena_printf(arena, "%zu of the files were changed here since the box saw them, or may have",
		                     applying->conflicts),
			"nothing was applied; look at them, then give --overwrite to replace or delete them anyway");
	if (!applying->possible)
		return refuse(applying, "none of the changes can be applied by this user", "run kist as root");
	if (applying->options->yes)
		return 0;
	if (!isatty(STDIN_FILENO))
		return refuse(applying, "there is no terminal to ask on, and --yes was not given",
		              "nothing was applied");
	fprintf(stderr, "apply %zu of %zu changes to %s? [y/N] ", applying->possible, applying->changes.count,
	        strcmp(manifest->root, "/") == 0 ? "this machine" : manifest->root);
	fflush(stderr);
	return answer_is_yes() ? 0 : -1;
}

/* --- after --------------------------------------------------------------------------------------- */

static void list_done(struct applying *applying, const bool *done, bool wanted, const char *heading)
{
	struct buf text = buf_in(applying->command->arena);
	for (size_t i = 0; i < applying->changes.count; i++) {
		if (done[i] != wanted)
			continue;
		if (!text.length)
			buf_printf(&text, "%s:\n", heading);
		changes_line(&text, &applying->changes.items[i]);
	}
	if (text.length)
		(void)report_output(applying->command, &text);
}

static int do_apply(struct applying *applying)
{
	struct arena *arena = applying->command->arena;
	bool *done = ARENA_ARRAY(arena, applying->changes.count + 1, bool);
	struct err err = { 0 };
	size_t left = applying->changes.count;
	int result = keep_apply(arena, &applying->keep, &applying->changes, applying->obstacles, done, &err);
	for (size_t i = 0; i < applying->changes.count; i++)
		left -= done[i];
	if (left == 0)
		return 0;
	list_done(applying, done, true, "applied");
	list_done(applying, done, false, "not applied");
	if (result < 0) {
		if (!err.hint)
			err.hint = "what is listed as applied is whole, the rest is as it was; it can be run again";
		return report_error(applying->command, &err, NULL);
	}
	return refuse(applying,
	              arena_printf(arena, "%zu of %zu changes could not be applied by this user", left,
	                           applying->changes.count),
	              "run kist as a user who may, or apply them by hand");
}

static int apply_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct changes_wanted wanted = { .verb = "apply", .lock = true, .enter = true };
	struct applying applying = { .command = command, .options = given, .keep.dirfd = -1 };
	struct err err = { 0 };
	int status;
	if (!changes_open(command, &wanted, argc, argv, &applying.keep, &status))
		return status;
	if (keep_scan(command->arena, &applying.keep, &applying.changes, &err) < 0)
		return report_error(command, &err, NULL);
	if (!applying.changes.count)
		return 0;
	applying.obstacles = keep_obstacles(command->arena, &applying.keep, &applying.changes);
	status = show(&applying);
	if (status == 0)
		status = ask(&applying);
	if (status == 0)
		status = do_apply(&applying);
	keep_close(&applying.keep);
	return status < 0 ? 1 : status;
}

const struct verb verb_apply = {
	.name = "apply",
	.operands = "DIR",
	.summary = "put what a box kept in DIR onto this machine, after asking",
	VERB_FLAGS(apply_flags),
	.options_size = sizeof(struct apply_options),
	.run = apply_verb,
};
