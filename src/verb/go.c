/* go.c: kist start: a created container's program is executed. */
#include "run/run.h"
#include "verb/container.h"
#include "verb/report.h"
#include "verb/start.h"

#include <errno.h>
#include <string.h>

/* Why one of this status cannot be started, and what to do; the first %s of a hint is its id. */
static const struct {
	const char *why, *hint;
} go_refusals[] = {
	[CONTAINER_CREATING] = { "it was never completely created", "kist delete --force %s, then create it again" },
	[CONTAINER_RUNNING] = { "it is running already", NULL },
	[CONTAINER_PAUSED] = { "it is paused", "kist resume %s lets it go on" },
	[CONTAINER_STOPPED] = { "it has stopped", "kist delete %s, then create it again" },
};

static int go_refuse(struct command *command, const struct container *container, struct err *err)
{
	const char *id = container->record.id, *hint = go_refusals[container->status].hint;
	err_set(err, command->arena, 0, "cannot start the container %s: %s", id, go_refusals[container->status].why);
	if (hint) {
		const char *at = strstr(hint, "%s");
		err->hint = arena_printf(command->arena, "%.*s%s%s", (int)(at - hint), hint, id, at + 2);
	}
	return -EINVAL;
}

static int go_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct container container;
	struct err err = { 0 };
	uint64_t caps_missing = 0;
	if (!container_operand(command, &verb_start, argc) || !container_hold(command, argv[0], &container))
		return 125;
	int result = container.status == CONTAINER_CREATED
	                     ? run_go(command->arena, &container.record, &caps_missing, &err)
	                     : go_refuse(command, &container, &err);
	container_release(&container);
	if (result < 0)
		return report_error(command, &err, NULL);
	start_warn_capabilities(command, caps_missing);
	return 0;
}

const struct verb verb_start = {
	.name = "start",
	.operands = "ID",
	.summary = "let a created container's program begin",
	.run = go_verb,
	.flags_anywhere = true,
};
