/* state.c: kist state: what a container is doing, as JSON. */
#include "verb/container.h"
#include "verb/report.h"

static int state_verb(struct command *command, const void *options, int argc, char **argv)
{
	struct container container;
	(void)options;
	if (!container_operand(command, &verb_state, argc) || !container_find(command, argv[0], &container))
		return 125;
	struct buf text = buf_in(command->arena);
	buf_putc(&text, '{');
	container_put_state(&text, &container, container_owner(command->arena), "\n  ");
	buf_puts(&text, "\n}\n");
	return report_output(command, &text);
}

const struct verb verb_state = {
	.name = "state",
	.operands = "ID",
	.summary = "show what a container is doing, as JSON",
	.run = state_verb,
	.flags_anywhere = true,
};
