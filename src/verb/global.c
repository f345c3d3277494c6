/* global.c: the flags that every verb takes, and what they mean. */
#include "run/fault.h"
#include "verb/report.h"
#include "verb/verb.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define GLOBAL_VALUE(name, field, value, help)                                                                         \
	{                                                                                                              \
		name, 0, FLAG_VALUE, offsetof(struct global_options, field), value, help                               \
	}
#define GLOBAL_SWITCH(name, letter, field, help)                                                                       \
	{                                                                                                              \
		name, letter, FLAG_SWITCH, offsetof(struct global_options, field), NULL, help                          \
	}

const struct flag verb_global_flags[] = {
	GLOBAL_VALUE("root", root, "DIR", "where records are kept (default: /run/kist, or $XDG_RUNTIME_DIR/kist)"),
	GLOBAL_VALUE("log", log, "FILE|syslog:NAME", "append failures to FILE; syslog:NAME: to the system's log"),
	GLOBAL_VALUE("log-format", log_format, "text|json", "the form of failures"),
	GLOBAL_VALUE("log-level", log_level, "error|warning|info|debug", "what is told (default: info)"),
	GLOBAL_SWITCH("debug", 0, debug, "show ignored properties and other remarks"),
	{ "rootless", 0, FLAG_CHOICE, offsetof(struct global_options, rootless), "true|false|auto",
	  "kist looks at what the caller may do; false: fail unless it is root" },
	GLOBAL_VALUE("cgroup-manager", cgroup_manager, "cgroupfs|systemd|disabled",
	             "who makes cgroups: kist itself (cgroupfs), the only one by now"),
	GLOBAL_SWITCH("systemd-cgroup", 0, systemd_cgroup, "let systemd make cgroups: not possible yet"),
	GLOBAL_SWITCH("help", 'h', help, "show this, or a verb's flags"),
	GLOBAL_SWITCH("version", 'v', version, "show the version"),
	GLOBAL_VALUE("fail-at", fail_at, "K[:ERRNO]", "test builds: step K fails"),
	GLOBAL_VALUE("kill-at", kill_at, "K", "test builds: the actor of step K is killed at it"),
	GLOBAL_VALUE("kill-other-at", kill_other_at, "K", "test builds: the other actor is killed at step K"),
	GLOBAL_VALUE("stop-at", stop_at, "K", "test builds: the actor of step K stops at it"),
};
const size_t verb_global_flag_count = sizeof(verb_global_flags) / sizeof(verb_global_flags[0]);

/* The last ones are refused by a kist that is no test build; there nobody needs to read of them. */
enum { TROUBLE_FLAGS = 4 };

size_t verb_global_flags_shown(void)
{
	return verb_global_flag_count - (fault_available() ? 0 : TROUBLE_FLAGS);
}

/* What is recorded must still hold when the next command is given from another directory. */
static int global_absolute_root(struct command *command, struct err *err)
{
	char cwd[PATH_MAX];
	const char *root = command->global.root;
	if (!root || *root == '/')
		return 0;
	if (*root == '\0')
		return err_set(err, command->arena, 0, "--root needs a directory");
	if (!getcwd(cwd, sizeof(cwd)))
		return err_set(err, command->arena, errno, "cannot find --root %s from the current directory", root);
	command->global.root = arena_printf(command->arena, "%s/%s", cwd, root);
	return 0;
}

/* --- cgroups, and who the caller is ------------------------------------------------------------------- */

static int global_refuse(struct command *command, struct err *err, const char *what, const char *hint)
{
	err_set(err, command->arena, 0, "%s", what);
	err->hint = hint;
	return -EINVAL;
}

static int global_manager(struct command *command, struct err *err)
{
	static const char remedy[] = "leave it out, or --cgroup-manager cgroupfs: kist makes the cgroups itself "
				     "(podman: cgroup_manager = \"cgroupfs\" in containers.conf; docker: "
				     "native.cgroupdriver=cgroupfs)";
	const char *manager = command->global.cgroup_manager;
	if (command->global.systemd_cgroup)
		return global_refuse(command, err, "kist cannot let systemd make cgroups yet (--systemd-cgroup)",
		                     remedy);
	if (!manager || strcmp(manager, "cgroupfs") == 0)
		return 0;
	if (strcmp(manager, "systemd") == 0)
		return global_refuse(command, err,
		                     "kist cannot let systemd make cgroups yet (--cgroup-manager systemd)", remedy);
	if (strcmp(manager, "disabled") == 0)
		return global_refuse(command, err,
		                     "kist cannot do without cgroups on request yet (--cgroup-manager disabled)",
		                     "leave it out: where the caller may make no cgroup, kist makes none");
	return err_set(err, command->arena, 0, "--cgroup-manager is cgroupfs, systemd or disabled, not \"%s\"",
	               manager);
}

/* What the caller may do is looked at where it matters, so there is nothing to switch on. */
static int global_rootless(struct command *command, struct err *err)
{
	const char *rootless = command->global.rootless;
	if (!rootless || strcmp(rootless, "false") != 0 || geteuid() == 0)
		return 0;
	err_set(err, command->arena, 0, "--rootless=false: user %u is not root", (unsigned)geteuid());
	err->hint = "run kist as root, or leave the flag out";
	return -EINVAL;
}

/* --- all of them -------------------------------------------------------------------------------------- */

int global_settle(struct command *command)
{
	struct err err = { 0 };
	bool settled = report_open(command, &err) == 0 && global_absolute_root(command, &err) == 0 &&
	               global_manager(command, &err) == 0 && global_rootless(command, &err) == 0;
	if (settled)
		return 0;
	if (!err.hint)
		err.hint = "kist --help lists the flags and the verbs";
	return report_error(command, &err, NULL);
}
