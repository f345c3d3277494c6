/* kill.c: kist kill: a signal to a container's process, or to all of them. */
#include "spec/names.h"
#include "verb/container.h"
#include "verb/report.h"

#include <errno.h>
#include <regex.h>
#include <signal.h>
#include <string.h>

struct kill_options {
	bool all, regex;
};

static const struct flag kill_flags[] = {
	{ "all", 'a', FLAG_SWITCH, offsetof(struct kill_options, all), NULL,
	  "signal every process of the container's cgroup" },
	{ "regex", 'r', FLAG_SWITCH, offsetof(struct kill_options, regex), NULL,
	  "the id is an extended regular expression: signal every container whose id has a match" },
};

/* kill(2): signal 0 is none, and only looks whether there is somebody to signal. */
static int kill_number(struct command *command, const char *word, int *number, struct err *err)
{
	*number = 0;
	if (strcmp(word, "0") == 0 || name_signal(word, number))
		return 0;
	const char *nearest = name_nearest(&name_signals, word);
	err_set(err, command->arena, 0, "there is no signal \"%s\"", word);
	err->hint = nearest ? arena_printf(command->arena, "did you mean %s?", nearest)
	                    : "a name with or without SIG, RTMIN+N, RTMAX-N, or a number up to 64";
	return -EINVAL;
}

/* False after a report. */
static bool kill_one(struct command *command, const struct container *container, bool all, int number)
{
	struct err err = { 0 };
	int result = all ? container_signal_all(command->arena, container, number, &err)
	                 : container_signal(command->arena, container, number, &err);
	if (result < 0) {
		report_error(command, &err, NULL);
		return false;
	}
	if (container->status == CONTAINER_PAUSED && number != SIGKILL && number != 0)
		report_warning(command,
		               arena_printf(command->arena, "%s is paused: it sees the signal when it is resumed",
		                            container->record.id));
	return true;
}

static int kill_compile(struct command *command, const char *pattern, regex_t *regex, struct err *err)
{
	char words[128];
	int result = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (result == 0)
		return 0;
	regerror(result, regex, words, sizeof(words));
	return err_set(err, command->arena, 0, "\"%s\" is no extended regular expression: %s", pattern, words);
}

/* Those that have stopped need no signal, unless what they left behind is meant. */
static int kill_matching(struct command *command, const char *pattern, bool all, int number)
{
	struct container_list list;
	struct err err = { 0 };
	regex_t regex;
	int status = 0, matches = 0;
	int result = kill_compile(command, pattern, &regex, &err);
	if (result == 0)
		result = container_list(command->arena, container_root(command), &list, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	for (size_t i = 0; i < list.count; i++) {
		const struct container *container = &list.items[i];
		if (regexec(&regex, container->record.id, 0, NULL, 0) != 0)
			continue;
		matches++;
		if ((all || container_lives(container)) && !kill_one(command, container, all, number))
			status = 125;
	}
	for (size_t i = 0; i < list.damaged_count; i++)
		report_warning(command, list.damaged[i].what);
	if (matches)
		return status;
	err_set(&err, command->arena, ENOENT, "no container has an id that \"%s\" matches", pattern);
	err.hint = "kist list -q shows the ids";
	return report_error(command, &err, NULL);
}

static int kill_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct kill_options *options = given;
	struct container container;
	struct err err = { 0 };
	int number;
	if (argc != 2 && !container_operand(command, &verb_kill, argc))
		return 125;
	if (kill_number(command, argc == 2 ? argv[1] : "TERM", &number, &err) < 0)
		return report_error(command, &err, NULL);
	if (options->regex)
		return kill_matching(command, argv[0], options->all, number);
	if (!container_find(command, argv[0], &container))
		return 125;
	return kill_one(command, &container, options->all, number) ? 0 : 125;
}

const struct verb verb_kill = {
	.name = "kill",
	.operands = "ID [SIGNAL]",
	.summary = "send a signal to a container (default: TERM)",
	VERB_FLAGS(kill_flags),
	.options_size = sizeof(struct kill_options),
	.run = kill_verb,
	.flags_anywhere = true,
};
