/* ns.c: kist ns: which namespaces there are, who is in them, and which container or box they belong to. */
#include "base/fd.h"
#include "look/look.h"
#include "verb/ns_print.h"
#include "verb/report.h"
#include "verb/start.h"
#include "verb/user_name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ns_options {
	const char *namespace, *type;
	bool tree, json;
};

static const struct flag ns_flags[] = {
	{ "namespace", 'n', FLAG_VALUE, offsetof(struct ns_options, namespace), "NS",
	  "the processes of one namespace, by its number or the path of its file" },
	{ "type", 't', FLAG_VALUE, offsetof(struct ns_options, type), "TYPE",
	  "only mnt, pid, net, ipc, uts, user, time or cgroup" },
	{ "tree", 0, FLAG_SWITCH, offsetof(struct ns_options, tree), NULL,
	  "user namespaces with what they own, and pid namespaces, each below the one above it" },
	{ "json", 0, FLAG_SWITCH, offsetof(struct ns_options, json), NULL, "as JSON" },
};

static int ns_check(struct command *command, const struct ns_options *options, int argc, struct err *err)
{
	if (argc > 1)
		return err_set(err, command->arena, 0, "ns takes one process or container");
	if (options->namespace && (argc || options->type || options->tree))
		return err_set(err, command->arena, 0,
		               "--namespace names one namespace: no process, --type or --tree goes with it");
	if (options->tree && (argc || options->json))
		return err_set(err, command->arena, 0,
		               "--tree shows all: no process and no --json goes with it (--json has \"parent\" and "
		               "\"user\")");
	if (options->type && !look_type_named(options->type))
		return err_set(err, command->arena, 0,
		               "--type is mnt, pid, net, ipc, uts, user, time or cgroup, not \"%s\"", options->type);
	return 0;
}

static const struct look_process *ns_process(const struct look *look, const struct look_target *target)
{
	for (size_t i = 0; i < look->process_count; i++)
		if (look->processes[i].pid == target->pid && look->processes[i].start_time == target->start_time)
			return &look->processes[i];
	return NULL;
}

/* Only the namespaces of this process. */
static int ns_select(struct command *command, const char *root, const char *word, struct ns_view *view, struct err *err)
{
	struct look_target target = { .processfd = -1 };
	int result = look_target(command->arena, root, word, &target, err);
	if (result < 0)
		return result;
	fd_close(&target.processfd);
	view->process = ns_process(view->look, &target);
	if (!view->process)
		return err_set(err, command->arena, ESRCH, "process %s has just ended", word);
	if (!view->process->readable)
		return err_set(err, command->arena, EACCES, "cannot see the namespaces of %s", word);
	return 0;
}

/* By number, or by a file: /proc/PID/ns/mnt, /run/netns/NAME. */
static const struct look_namespace *ns_named(const struct look *look, const char *word)
{
	struct stat status, own;
	char *end;
	uint64_t inode = strtoull(word, &end, 10);
	if (end == word || *end) {
		/* Another file system may have a file with the number of a namespace. */
		bool found = strchr(word, '/') && stat(word, &status) == 0 && stat("/proc/self/ns/mnt", &own) == 0 &&
		             status.st_dev == own.st_dev;
		inode = found ? status.st_ino : 0;
	}
	return look_find(look, inode);
}

static void ns_warn_unreadable(const struct command *command, size_t count)
{
	const char *why = geteuid() ? "they are other users': root sees all"
	                            : "they have capabilities that kist lacks, or a security module hides them";
	report_warning(command, arena_printf(command->arena, "of %zu process%s the namespaces cannot be seen: %s",
	                                     count, count == 1 ? "" : "es", why));
}

static int ns_print(struct command *command, const struct ns_options *options, const struct ns_view *view)
{
	struct buf text = buf_in(command->arena);
	const struct look_namespace *one = options->namespace ? ns_named(view->look, options->namespace) : NULL;
	if (options->namespace && !one) {
		struct err err = { 0 };
		err_set(&err, command->arena, ENOENT, "there is no namespace %s to be seen", options->namespace);
		return report_error(command, &err, NULL);
	}
	if (one && options->json)
		ns_print_processes_json(&text, view, one);
	else if (one)
		ns_print_processes(&text, view, one);
	else if (options->json)
		ns_print_json(&text, view);
	else if (options->tree)
		ns_print_tree(&text, view);
	else
		ns_print_table(&text, view);
	int status = report_output(command, &text);
	if (view->look->unreadable && !view->process && !options->json)
		ns_warn_unreadable(command, view->look->unreadable);
	return status;
}

static int ns_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct ns_options *options = given;
	struct facts facts;
	struct look look;
	struct err err = { 0 };
	struct ns_view view = { .look = &look };
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	const char *root = command->global.root ? command->global.root : facts.caller.state_root;
	int result = ns_check(command, options, argc, &err);
	if (result == 0)
		result = look_around(command->arena, root, &look, &err);
	if (result == 0 && argc)
		result = ns_select(command, root, argv[0], &view, &err);
	if (result < 0)
		return report_error(command, &err, NULL);
	view.type = options->type ? look_type_named(options->type) : NULL;
	view.passwd = user_names(command->arena);
	return ns_print(command, options, &view);
}

const struct verb verb_ns = {
	.name = "ns",
	.operands = "[PID|ID]",
	.summary = "list namespaces, who is in them and whose they are",
	VERB_FLAGS(ns_flags),
	.options_size = sizeof(struct ns_options),
	.run = ns_verb,
};
