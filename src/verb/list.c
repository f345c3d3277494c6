/* list.c: kist list: the containers and boxes of this user. */
#include "verb/container.h"
#include "verb/grid.h"
#include "verb/report.h"

#include <string.h>

struct list_options {
	bool quiet;
	const char *format;
};

static const struct flag list_flags[] = {
	{ "quiet", 'q', FLAG_SWITCH, offsetof(struct list_options, quiet), NULL, "only the ids" },
	{ "format", 'f', FLAG_VALUE, offsetof(struct list_options, format), "table|json", "the form (default: table)" },
};

/* For those who go on with them, such as a tear-down: what is wrong with one is told then. */
static int list_ids(struct command *command, struct err *err)
{
	const char **ids;
	struct buf text = buf_in(command->arena);
	int count = container_ids(command->arena, container_root(command), &ids, err);
	if (count < 0)
		return report_error(command, err, NULL);
	for (int i = 0; i < count; i++)
		buf_printf(&text, "%s\n", ids[i]);
	return report_output(command, &text);
}

static void list_put_table(struct buf *text, const struct container_list *list)
{
	static const char *const head[] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	enum { COLUMNS = sizeof(head) / sizeof(head[0]) };
	const char *owner = container_owner(text->arena);
	struct grid grid = grid_in(text->arena, COLUMNS, 0);
	for (size_t i = 0; i < COLUMNS; i++)
		grid_put(&grid, head[i]);
	for (size_t i = 0; i < list->count; i++) {
		const struct container *container = &list->items[i];
		int pid = container_lives(container) ? (int)container->record.pid : 0;
		grid_put(&grid, container->record.id);
		grid_put(&grid, arena_printf(text->arena, "%d", pid));
		grid_put(&grid, container_status_word(container->status));
		grid_put(&grid, container->record.bundle);
		grid_put(&grid, container_created(text->arena, container));
		grid_put(&grid, owner);
	}
	grid_print(text, &grid, 0);
}

static void list_put_json(struct buf *text, const struct container_list *list)
{
	const char *owner = container_owner(text->arena);
	buf_putc(text, '[');
	for (size_t i = 0; i < list->count; i++) {
		buf_puts(text, i ? ",\n{" : "{");
		container_put_state(text, &list->items[i], owner, " ");
		buf_puts(text, " }");
	}
	buf_puts(text, "]\n");
}

static int list_check(struct command *command, const struct list_options *options, int argc, struct err *err)
{
	const char *format = options->format;
	if (argc > 0)
		return err_set(err, command->arena, 0, "list takes no operand: it shows all");
	if (format && strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
		return err_set(err, command->arena, 0, "--format is table or json, not \"%s\"", format);
	return 0;
}

/* One that cannot be read is no reason to hide the others. */
static void list_warn(const struct command *command, const struct container_list *list)
{
	for (size_t i = 0; i < list->damaged_count; i++) {
		const struct err *err = &list->damaged[i];
		report_warning(command, arena_printf(command->arena, "%s; %s", err->what, err->hint));
	}
}

static int list_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct list_options *options = given;
	struct container_list list;
	struct err err = { 0 };
	(void)argv;
	int result = list_check(command, options, argc, &err);
	if (result == 0 && options->quiet)
		return list_ids(command, &err);
	if (result == 0)
		result = container_list(command->arena, container_root(command), &list, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	struct buf text = buf_in(command->arena);
	if (options->format && strcmp(options->format, "json") == 0)
		list_put_json(&text, &list);
	else
		list_put_table(&text, &list);
	list_warn(command, &list);
	return report_output(command, &text);
}

const struct verb verb_list = {
	.name = "list",
	.operands = "",
	.summary = "list containers and boxes and what they are doing",
	VERB_FLAGS(list_flags),
	.options_size = sizeof(struct list_options),
	.run = list_verb,
	.flags_anywhere = true,
};
