/* enter.c: kist enter: a command in the namespaces of a process. */
#include "spec/enter.h"

#include "base/abi.h"
#include "base/fd.h"
#include "look/look.h"
#include "spec/fault.h"
#include "verb/report.h"
#include "verb/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct enter_options {
	struct box_flags flags;
	const char *namespaces;
};

#define ENTER_VALUE(name, field, value, help)                                                                          \
	{                                                                                                              \
		name, 0, FLAG_VALUE, offsetof(struct enter_options, field), value, help                                \
	}

static const struct flag enter_flags[] = {
	ENTER_VALUE("ns", namespaces, "LIST", "only these: user,mnt,pid,net,ipc,uts,time,cgroup (default: all)"),
	ENTER_VALUE("user", flags.user, "U[:G]", "run as this user and group, by number or by name inside"),
	ENTER_VALUE("groups", flags.groups, "G,...|none|keep", "its supplementary groups"),
	ENTER_VALUE("cwd", flags.workdir, "DIR", "start in DIR (default: where the process is)"),
	{ "env", 0, FLAG_EACH, offsetof(struct enter_options, flags.environment), "NAME=VALUE", "set a variable" },
	{ "pass-env", 0, FLAG_EACH, offsetof(struct enter_options, flags.environment), "NAME|all",
	  "take a variable, or all, from the caller's environment" },
	{ "tty", 0, FLAG_SWITCH, offsetof(struct enter_options, flags.tty), NULL, "with a terminal of its own" },
	{ "no-tty", 0, FLAG_SWITCH, offsetof(struct enter_options, flags.no_tty), NULL,
	  "without: stdin, stdout and stderr are the caller's" },
};
enum { ENTER_FLAGS = sizeof(enter_flags) / sizeof(enter_flags[0]) };

/* Which are asked for: all, without the flag. */
static int enter_wanted(struct arena *arena, const char *list, uint32_t *wanted, struct err *err)
{
	const char *nearest = NULL;
	*wanted = UINT32_MAX;
	const char *wrong = list ? enter_parse(arena, list, wanted, &nearest) : NULL;
	if (!wrong)
		return 0;
	int result = err_set(err, arena, 0,
	                     "--ns %s: \"%s\" is no namespace: expected user, mnt, pid, net, ipc, uts, time or cgroup, "
	                     "with commas between",
	                     list, wrong);
	err->hint = nearest ? arena_printf(arena, "perhaps \"%s\" is meant", nearest) : NULL;
	return result;
}

/* Rights over a namespace come with the user namespace that owns it: an ordinary user has them where that is his, and
 * he is in it. */
static int enter_rights(struct command *command, const char *word, const struct facts *facts,
                        const struct look_entry *entry, struct enter_target *target, struct err *err)
{
	if (facts->caller.capabilities >> ABI_CAP_SYS_ADMIN & 1)
		return 0;
	if (entry->others & ABI_NEWUSER) {
		target->namespaces |= ABI_NEWUSER;
		return 0;
	}
	int result = err_set(err, command->arena, EPERM, "cannot enter %s", word);
	err->hint = "its namespaces belong to the caller's own user namespace, and joining them needs CAP_SYS_ADMIN "
		    "there: run kist as root";
	return result;
}

static int enter_choose(struct command *command, const struct enter_options *options, const char *word,
                        const struct look_target *found, const struct facts *facts, struct enter_target *target,
                        struct err *err)
{
	struct look_entry entry;
	uint32_t wanted;
	int result = enter_wanted(command->arena, options->namespaces, &wanted, err);
	if (result == 0)
		result = look_at_entry(command->arena, found, word, &entry, err);
	if (result < 0)
		return result;
	bool own_root = wanted & ABI_NEWNS;
	*target = (struct enter_target){
		.pid = (uint32_t)found->pid,
		.start_time = found->start_time,
		.namespaces = wanted & entry.others,
		.shares_user = !(entry.others & ABI_NEWUSER),
		.asked = options->namespaces,
		.own_root = own_root,
		.cwd = own_root ? entry.cwd : facts->caller.cwd,
		.bounding = entry.bounding,
		.no_new_privs = entry.no_new_privs,
		.uid = facts->caller.uid,
		.gid = facts->caller.gid,
		.uid_map = entry.uid_map,
		.gid_map = entry.gid_map,
		.denies_setgroups = entry.denies_setgroups,
	};
	/* A chroot is something to enter too. */
	if (!target->namespaces && !(own_root && entry.other_root))
		return err_set(err, command->arena, 0,
		               "there is nothing to enter: %s is in the same namespaces as kist%s%s", word,
		               options->namespaces ? ", of --ns " : "", options->namespaces ? options->namespaces : "");
	return enter_rights(command, word, facts, &entry, target, err);
}

static struct box_flags enter_flags_here(const struct enter_options *options, const struct facts *facts)
{
	struct box_flags flags = options->flags;
	flags.cwd = facts->caller.cwd;
	flags.term = getenv("TERM");
	flags.environment_here = (const char *const *)environ;
	flags.terminal = facts->caller.terminal;
	return flags;
}

/* Flags may stand behind the process as well, as one says it: enter PID --ns mnt -- ls. Returns how many words of argv
 * come before the command, or -EINVAL with err. */
static int enter_more_flags(struct command *command, struct enter_options *options, int argc, char **argv,
                            struct err *err)
{
	if (!argc)
		return err_set(err, command->arena, 0, "enter needs a process: a pid, or the id of a container");
	const struct flag_line line = {
		.arena = command->arena,
		.sets = { { enter_flags, ENTER_FLAGS, options } },
	};
	int used = flag_parse(&line, argc - 1, argv + 1, err);
	return used < 0 ? used : used + 1;
}

/* The descriptor of the process's directory is closed before anything is started. */
static int enter_find(struct command *command, const struct enter_options *options, const char *word,
                      const struct facts *facts, struct enter_target *target, struct err *err)
{
	struct look_target found = { .processfd = -1 };
	const char *root = command->global.root ? command->global.root : facts->caller.state_root;
	int result = look_target(command->arena, root, word, &found, err);
	if (result == 0)
		result = enter_choose(command, options, word, &found, facts, target, err);
	fd_close(&found.processfd);
	return result;
}

static int enter_verb(struct command *command, const void *given, int argc, char **argv)
{
	static const char *shell[] = { "/bin/sh" };
	struct enter_options options = *(const struct enter_options *)given;
	struct enter_target target;
	struct err err = { 0 };
	struct facts facts;
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	int first = enter_more_flags(command, &options, argc, argv, &err);
	int result = first < 0 ? first : enter_find(command, &options, argv[0], &facts, &target, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	struct box_flags flags = enter_flags_here(&options, &facts);
	flags.args = argc > first ? (const char **)argv + first : shell;
	flags.arg_count = argc > first ? (size_t)(argc - first) : 1;
	struct spec_faults faults = { .arena = command->arena };
	struct spec *spec = enter_spec(command->arena, &flags, &target, &faults);
	return start_container(command, &(struct start_request){
						.spec = spec,
						.faults = &faults,
						.facts = &facts,
						.id = start_own_id(command, "enter", &facts),
					});
}

const struct verb verb_enter = {
	.name = "enter",
	.operands = "PID|ID [--] [COMMAND [ARG ...]]",
	.summary = "run a command in the namespaces of a process, a container or a box",
	VERB_FLAGS(enter_flags),
	.options_size = sizeof(struct enter_options),
	.run = enter_verb,
	.starts = true,
};
