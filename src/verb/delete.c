/* delete.c: kist delete: removes a container that has ended, and all that it left. */
#include "state/delete.h"
#include "verb/container.h"
#include "verb/report.h"

#include <errno.h>

struct delete_options {
	bool force;
};

static const struct flag delete_flags[] = {
	{ "force", 'f', FLAG_SWITCH, offsetof(struct delete_options, force), NULL,
	  "kill it first when it runs; one that is damaged goes too, and one that is not there is no failure" },
};

static int delete_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct delete_options *options = given;
	struct err err = { 0 };
	struct buf report = buf_in(command->arena);
	if (!container_operand(command, &verb_delete, argc))
		return 125;
	int result = record_delete(command->arena, container_root(command), argv[0], options->force, &report, &err);
	if (result == -ENOENT && options->force)
		return 0;
	if (result < 0)
		return report_error(command, &err, NULL);
	if (report.length)
		report_warning(command, arena_copy(command->arena, report.bytes, report.length - 1));
	return 0;
}

const struct verb verb_delete = {
	.name = "delete",
	.operands = "ID",
	.summary = "remove a container that has ended, and all that it left",
	VERB_FLAGS(delete_flags),
	.options_size = sizeof(struct delete_options),
	.run = delete_verb,
	.flags_anywhere = true,
};
