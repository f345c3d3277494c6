/* ps.c: kist ps: the processes of a container, as ps(1) shows them. */
#include "look/look.h"
#include "state/inside.h"
#include "verb/container.h"
#include "verb/report.h"

#include <errno.h>
#include <string.h>

struct ps_options {
	const char *format;
};

static const struct flag ps_flags[] = {
	{ "format", 'f', FLAG_VALUE, offsetof(struct ps_options, format), "table|json",
	  "what ps prints (table), or an array of pids" },
};

static void ps_put_json(struct buf *text, const struct inside_pids *pids)
{
	buf_putc(text, '[');
	for (size_t i = 0; i < pids->count; i++)
		buf_printf(text, "%s%d", i ? "," : "", (int)pids->items[i]);
	buf_puts(text, "]\n");
}

static int ps_check(struct command *command, const struct ps_options *options, int argc, struct err *err)
{
	const char *format = options->format;
	if (argc == 0) {
		err_set(err, command->arena, 0, "ps needs a container id");
		err->hint = arena_printf(command->arena, "kist ps [FLAGS] %s", verb_ps.operands);
		return -EINVAL;
	}
	if (format && strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
		return err_set(err, command->arena, 0, "--format is table or json, not \"%s\"", format);
	return 0;
}

/* `options` behind "ps"; without any, the long form of all. */
static int ps_table(struct command *command, const struct inside_pids *pids, int count, char **options)
{
	struct err err = { 0 };
	struct buf text = buf_in(command->arena);
	const char **args = ARENA_ARRAY(command->arena, (size_t)count + 3, const char *);
	args[0] = "ps";
	args[1] = "-ef";
	for (int i = 0; i < count; i++)
		args[i + 1] = options[i];
	int result = look_ps(command->arena, args, pids, &text, &err);
	return result < 0 ? report_error(command, &err, NULL) : report_output(command, &text);
}

static int ps_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct ps_options *options = given;
	struct container container;
	struct inside_pids pids;
	struct err err = { 0 };
	if (ps_check(command, options, argc, &err) < 0)
		return report_error(command, &err, NULL);
	if (!container_find(command, argv[0], &container))
		return 125;
	int result = look_inside(command->arena, &container, &pids, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	if (!options->format || strcmp(options->format, "json") != 0)
		return ps_table(command, &pids, argc - 1, argv + 1);
	struct buf text = buf_in(command->arena);
	ps_put_json(&text, &pids);
	return report_output(command, &text);
}

const struct verb verb_ps = {
	.name = "ps",
	.operands = "ID [PS'S OPTIONS]",
	.summary = "show the processes of a container",
	VERB_FLAGS(ps_flags),
	.options_size = sizeof(struct ps_options),
	.run = ps_verb,
};
