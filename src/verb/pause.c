/* pause.c: kist pause and kist resume: all processes of a container stop, and go on, at once. */
#include "state/freezer.h"
#include "verb/container.h"
#include "verb/report.h"

#include <errno.h>

static int pause_check(struct command *command, const struct container *container, struct err *err)
{
	const char *id = container->record.id;
	if (container->status == CONTAINER_PAUSED) {
		err_set(err, command->arena, 0, "cannot pause \"%s\": it is paused already", id);
		err->hint = arena_printf(command->arena, "`kist resume %s` lets it go on", id);
		return -EALREADY;
	}
	if (!container_lives(container))
		return container_not_running(command->arena, container, "cannot pause", err);
	return 0;
}

static int resume_check(struct command *command, const struct container *container, struct err *err)
{
	if (container->status == CONTAINER_PAUSED)
		return 0;
	if (!container_lives(container))
		return container_not_running(command->arena, container, "cannot resume", err);
	err_set(err, command->arena, 0, "cannot resume \"%s\": container not paused", container->record.id);
	err->hint = arena_printf(command->arena, "it is %s", container_status_word(container->status));
	return -EINVAL;
}

static int pause_set(struct command *command, const char *id, bool frozen)
{
	struct container container;
	struct err err = { 0 };
	if (!container_hold(command, id, &container))
		return 125;
	int result = frozen ? pause_check(command, &container, &err) : resume_check(command, &container, &err);
	if (result == 0)
		result = freezer_set(command->arena, &container.record, frozen, &err);
	container_release(&container);
	return result < 0 ? report_error(command, &err, NULL) : 0;
}

static int pause_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	return container_operand(command, &verb_pause, argc) ? pause_set(command, argv[0], true) : 125;
}

static int resume_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	return container_operand(command, &verb_resume, argc) ? pause_set(command, argv[0], false) : 125;
}

const struct verb verb_pause = {
	.name = "pause",
	.operands = "ID",
	.summary = "stop all processes of a container at once",
	.run = pause_verb,
	.flags_anywhere = true,
};

const struct verb verb_resume = {
	.name = "resume",
	.operands = "ID",
	.summary = "let the processes of a paused container go on",
	.run = resume_verb,
	.flags_anywhere = true,
};
