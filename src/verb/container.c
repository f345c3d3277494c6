/* container.c: what the verbs about a container that exists have in common. */
#include "verb/container.h"

#include "base/file.h"
#include "verb/report.h"
#include "verb/user_name.h"

#include <unistd.h>

const char *container_root(struct command *command)
{
	return command->global.root ? command->global.root : facts_state_root(command->arena);
}

bool container_operand(struct command *command, const struct verb *verb, int argc)
{
	struct err err;
	if (argc == 1)
		return true;
	if (argc == 0)
		err_set(&err, command->arena, 0, "%s needs a container id", verb->name);
	else
		err_set(&err, command->arena, 0, "%s takes one container id, not %d", verb->name, argc);
	err.hint = arena_printf(command->arena, "kist %s%s %s", verb->name, verb->flag_count ? " [FLAGS]" : "",
	                        verb->operands);
	report_error(command, &err, NULL);
	return false;
}

bool container_find(struct command *command, const char *id, struct container *container)
{
	struct err err = { 0 };
	if (container_read(command->arena, container_root(command), id, container, &err) == 0)
		return true;
	report_error(command, &err, NULL);
	return false;
}

bool container_hold(struct command *command, const char *id, struct container *container)
{
	struct err err = { 0 };
	struct record held;
	/* First without the lock: its words are about what is wrong with the container. */
	if (!container_find(command, id, container))
		return false;
	int result = record_open(command->arena, container_root(command), id, &held, &err);
	if (result == 0)
		result = container_read(command->arena, held.root, id, container, &err);
	if (result < 0) {
		report_error(command, &err, NULL);
		return false;
	}
	container->record.rootfd = held.rootfd;
	container->record.dirfd = held.dirfd;
	return true;
}

void container_release(struct container *container)
{
	record_close(&container->record);
}

const char *container_owner(struct arena *arena)
{
	return user_name(arena, user_names(arena), geteuid());
}
