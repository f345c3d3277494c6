/* box.c: kist box: one command in an isolated copy of this machine, or over a directory. */
#include "spec/box.h"
#include "spec/fault.h"
#include "verb/box_config.h"
#include "verb/box_profile.h"
#include "verb/box_start.h"
#include "verb/preset.h"
#include "verb/report.h"
#include "verb/start.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a box is told goes into the flags as it is; what only this verb needs stands beside them. */
struct box_options {
	struct box_flags flags;
	const char *name, *pid_file, *config;
	struct given_words presets;
	const char *print_preset;
	bool print_config;
};

/* On the way from a command line to a start. */
struct box_request {
	struct facts facts;
	struct spec_faults faults;
	int argc;
	char **argv;
};

#define BOX_VALUE(name, field, value, help)                                                                            \
	{                                                                                                              \
		name, 0, FLAG_VALUE, offsetof(struct box_options, flags.field), value, help                            \
	}

#define BOX_SWITCH(name, letter, field, help)                                                                          \
	{                                                                                                              \
		name, letter, FLAG_SWITCH, offsetof(struct box_options, flags.field), NULL, help                       \
	}

/* Their order counts, so they share a list. */
#define BOX_PLACE(name, value, help)                                                                                   \
	{                                                                                                              \
		name, 0, FLAG_EACH, offsetof(struct box_options, flags.places), value, help                            \
	}

#define BOX_EACH(name, field, value, help)                                                                             \
	{                                                                                                              \
		name, 0, FLAG_EACH, offsetof(struct box_options, flags.field), value, help                             \
	}

static const struct flag box_verb_flags[] = {
	BOX_VALUE("root", root, "DIR", "a copy-on-write view of DIR (default: of this machine's root)"),
	{ "overlay", 0, FLAG_SWITCH, offsetof(struct box_options, flags.overlay), NULL,
	  "what is written to the root is thrown away (the default)" },
	BOX_SWITCH("fuse", 0, fuse, "the copy-on-write view is made by fuse-overlayfs, without the kernel's limits"),
	{ "rw", 0, FLAG_SWITCH, offsetof(struct box_options, flags.rw), NULL,
	  "what is written to the root goes into DIR itself" },
	BOX_VALUE("keep", keep, "DIR", "keep what is written in DIR, a new directory"),
	BOX_VALUE("from", from, "DIR", "go on from the changes kept in DIR, and keep the new ones there too"),
	{ "name", 0, FLAG_VALUE, offsetof(struct box_options, name), "NAME",
	  "the box's id, as other verbs take it (default: box-PID)", ABOUT_START },
	{ "pid-file", 0, FLAG_VALUE, offsetof(struct box_options, pid_file), "FILE",
	  "write the pid of the command's process, as this host sees it, to FILE", ABOUT_START },
	BOX_VALUE("hostname", hostname, "NAME", "the hostname inside (default: box)"),
	BOX_PLACE("bind", "SRC[:DST][:OPTS]", "show SRC of this machine at DST inside; OPTS such as ro,norec"),
	BOX_PLACE("bind-try", "SRC[:DST][:OPTS]", "the same where SRC exists"),
	BOX_PLACE("tmpfs", "DST[:OPTS]", "an empty file system in memory at DST, such as /tmp:size=1G"),
	BOX_PLACE("proc", "DST", "a process file system at DST"),
	{ "sys", 0, FLAG_MARK, offsetof(struct box_options, flags.places), NULL, "the kernel's /sys, read-only" },
	BOX_PLACE("dev", "WHAT", "minimal, host, or a device beside the minimal ones"),
	BOX_PLACE("mount", "TYPE:SRC:DST[:OPTS]", "any file system, such as ext4:/dev/loop0:/mnt:ro"),
	BOX_PLACE("dir", "PATH", "make a directory"),
	BOX_PLACE("symlink", "TARGET:PATH", "make a symbolic link at PATH"),
	BOX_PLACE("mask", "PATH", "hide what is at PATH"),
	BOX_PLACE("ro", "PATH", "make PATH read-only inside; / for the whole root"),
	BOX_VALUE("host-files", host_files, "WORDS",
	          "dns,tz,certs of this machine are there too; none (default: dns without --root)"),
	BOX_VALUE("arch", arch, "ARCH", "with --root: its programs are for this architecture, such as aarch64"),
	BOX_SWITCH("x11", 0, x11, "windows on the caller's X display"),
	BOX_SWITCH("wayland", 0, wayland, "windows on the caller's Wayland display"),
	BOX_VALUE("net", net, "WHICH", "host (the default), none (only a loopback), ns:PATH or pid:N"),
	BOX_VALUE("pid", pid, "WHICH", "processes: new (the default), host, ns:PATH or pid:N"),
	BOX_VALUE("ipc", ipc, "WHICH",
	          "System V objects and message queues: new (the default), host, ns:PATH or pid:N"),
	BOX_VALUE("uts", uts, "WHICH", "the hostname: new (the default), host, ns:PATH or pid:N"),
	BOX_VALUE("cgroup", cgroup, "WHICH", "the view of cgroups: new (the default), host, ns:PATH or pid:N"),
	BOX_VALUE("time", time, "WHICH", "clocks: host (the default), new, ns:PATH or pid:N"),
	BOX_VALUE("clock", clock, "CLOCK=S,...", "with --time new: monotonic=S, boottime=S seconds ahead"),
	BOX_VALUE("map-uid", map_uid, "N", "the caller is user N inside; the others are its subordinate ids"),
	BOX_VALUE("map-gid", map_gid, "N", "the same for its group"),
	BOX_EACH("map", maps, "ID:HOST:COUNT",
	         "map ids from ID on inside to those from HOST on; u:... or g:... for one kind"),
	BOX_SWITCH("tty", 't', tty, "a terminal of its own, whatever stdin and stdout are"),
	BOX_SWITCH("no-tty", 'T', no_tty, "none: stdin, stdout and stderr are the caller's"),
	{ "console", 0, FLAG_VALUE, offsetof(struct box_options, flags.console), "PATH",
	  "its stdin, stdout and stderr are this terminal device", ABOUT_RUNNING },
	BOX_SWITCH("init", 0, init, "an init as PID 1, which reaps orphans and passes signals on"),
	{ "timeout", 0, FLAG_VALUE, offsetof(struct box_options, flags.timeout), "TIME",
	  "end it after this time, such as 10s or 5m, with the status 124", ABOUT_RUNNING },
	{ "die-with-parent", 0, FLAG_SWITCH, offsetof(struct box_options, flags.die_with_parent), NULL,
	  "it ends when the process that started kist does", ABOUT_RUNNING },
	{ "background", 0, FLAG_SWITCH, offsetof(struct box_options, flags.background), NULL,
	  "print its id once it runs, and return; see wait and stop", ABOUT_START },
	{ "log", 0, FLAG_VALUE, offsetof(struct box_options, flags.log), "FILE",
	  "with --background: append its output to FILE (default: log in its record)", ABOUT_START },
	BOX_VALUE("user", user, "U[:G]", "run as this user and group, by number or by name inside"),
	BOX_VALUE("groups", groups, "G,...|none|keep", "its supplementary groups, and no others; keep: the caller's"),
	BOX_VALUE("cwd", workdir, "DIR", "start in DIR inside (default: the caller's directory, or / of a root)"),
	BOX_EACH("env", environment, "NAME=VALUE", "set a variable; of several with one name the last counts"),
	BOX_EACH("pass-env", environment, "NAME|all", "take a variable, or all, from the caller's environment"),
	BOX_VALUE("host-exec", host_exec, "PROGRAM",
	          "run this static program of the host; COMMAND and ARG are its arguments"),
	BOX_VALUE("argv0", argv0, "NAME", "tell the program that this is its name"),
	BOX_EACH("cap-add", capabilities, "CAP,...|all", "give these capabilities too"),
	BOX_EACH("cap-drop", capabilities, "CAP,...|all", "take these capabilities away"),
	BOX_EACH("cap-keep", capabilities, "CAP,...|all", "leave these capabilities and no others"),
	BOX_VALUE("no-new-privs", no_new_privs, "on|off", "off: set-uid programs inside may gain privileges"),
	BOX_VALUE("memory", memory, "N", "memory limit in bytes; K, M, G are understood"),
	BOX_VALUE("swap", swap, "N|unlimited", "swap it may use besides that memory; 0: none"),
	BOX_VALUE("cpus", cpus, "N", "processor time it may use, such as that of 0.5 processors"),
	BOX_VALUE("cpuset", cpuset, "LIST", "processors it may run on, such as 0-1,3; nothing inside can leave them"),
	BOX_VALUE("pids", pids, "N", "the largest number of processes"),
	BOX_VALUE("seccomp", seccomp, "default|none|FILE", "which system calls it may make (default: as under podman)"),
	BOX_VALUE("io-weight", io_weight, "10-1000", "its share of the disks, against those of others"),
	BOX_VALUE("oom-score", oom_score, "N", "-1000 to 1000: the higher, the sooner killed when memory ends"),
	BOX_EACH("rlimit", rlimits, "NAME=S[:H]", "a resource limit, soft and hard, such as nofile=1024:4096"),
	BOX_VALUE("nice", nice, "N", "-20 (first) to 19 (last)"),
	BOX_VALUE("affinity", affinity, "LIST|MASK", "processors it starts on, such as 0-1,3 or 0xb"),
	{ "config", 0, FLAG_VALUE, offsetof(struct box_options, config), "FILE",
	  "run a config.json instead: a file, fd:N, - or the JSON itself; no flag that describes a box may join it",
	  ABOUT_FLAGS },
	{ "preset", 0, FLAG_EACH, offsetof(struct box_options, presets), "FILE|NAME",
	  "flags from a file, or build, untrusted or desktop; those given here win", ABOUT_FLAGS },
	{ "print-preset", 0, FLAG_VALUE, offsetof(struct box_options, print_preset), "NAME",
	  "print a preset, and do nothing", ABOUT_FLAGS },
	{ "print-config", 0, FLAG_SWITCH, offsetof(struct box_options, print_config), NULL,
	  "print the config.json that the box equals, and do nothing", ABOUT_FLAGS },
	{ "seccomp-trace", 0, FLAG_SWITCH, offsetof(struct box_options, flags.seccomp_trace), NULL,
	  "tell which system calls are refused, by which rule", ABOUT_START },
};

enum { BOX_VERB_FLAGS = sizeof(box_verb_flags) / sizeof(box_verb_flags[0]) };

static struct box_owned box_owned_ids(struct arena *arena, uint32_t own, const struct facts_range *ranges, size_t count)
{
	struct box_range *copy = ARENA_ARRAY(arena, count, struct box_range);
	for (size_t i = 0; i < count; i++)
		copy[i] = (struct box_range){ ranges[i].first, ranges[i].count };
	return (struct box_owned){ own, copy, count };
}

static void box_ids_here(struct arena *arena, const struct facts_caller *caller, struct box_flags *flags)
{
	const uint64_t writes = UINT64_C(1) << ABI_CAP_SETUID | UINT64_C(1) << ABI_CAP_SETGID;
	flags->own_users = box_owned_ids(arena, caller->uid, caller->subuids, caller->subuid_count);
	flags->own_groups = box_owned_ids(arena, caller->gid, caller->subgids, caller->subgid_count);
	flags->subids_free = caller->subids_free;
	flags->gains_nothing = caller->no_new_privs;
	flags->maps_helped = (caller->newuidmap && caller->newgidmap && !caller->no_new_privs) ||
	                     (caller->capabilities & writes) == writes;
	flags->caller_name = caller->name;
}

/* Without root an overlay cannot give the caller what belongs to ids that are not mapped (the kernel answers EACCES
 * below a directory of theirs, EOVERFLOW when their file would be copied up). Who watches a terminal is told before it
 * happens; others find it among the remarks. */
static void box_explain(const struct facts *facts, struct spec_faults *faults)
{
	const bool fuse = facts->fuse_open && facts->fuse_overlayfs;
	fault_add(
		faults, facts->caller.terminal ? FAULT_WARNING : FAULT_NOTE,
		(struct spec_fault){
			.pointer = "",
			.text = arena_printf(
				faults->arena,
				"without root, files of ids that are not mapped (root's, mostly) can be read as their "
				"permissions allow and replaced only at the top of a directory tree: run kist as root, "
				"or with --fuse%s",
				fuse ? "" : " (once `kist doctor` finds fuse-overlayfs and an open /dev/fuse)"),
		});
}

/* Over this machine's root the caller's own shell is there; any other root may have nothing but sh. */
static const char *box_shell(const struct box_options *options)
{
	const char *preferred = options->flags.root ? NULL : getenv("SHELL");
	return preferred && *preferred == '/' ? preferred : "/bin/sh";
}

/* What the caller's situation adds to the flags. */
static struct box_flags box_flags_here(const struct box_options *options, const struct facts *facts)
{
	struct box_flags flags = options->flags;
	flags.cwd = facts->caller.cwd;
	flags.term = getenv("TERM");
	flags.environment_here = (const char *const *)environ;
	flags.terminal = facts->caller.terminal;
	flags.machine = facts->machine;
	flags.proc_masked = facts->proc_masked;
	flags.sys_masked = facts->sys_masked;
	flags.kernel[0] = facts->kernel.major;
	flags.kernel[1] = facts->kernel.minor;
	/* Root of a user namespace may make no device nodes and no overlay of what it does not own. */
	flags.privileged =
		facts->caller.initial_user_namespace && (facts->caller.capabilities >> ABI_CAP_SYS_ADMIN & 1);
	return flags;
}

/* As a shell finds it: what has a slash is a path. NULL when PATH does not have it. */
static const char *box_program(struct arena *arena, const char *cwd, const char *name)
{
	const char *list = getenv("PATH");
	if (strchr(name, '/'))
		return *name == '/' ? name : arena_printf(arena, "%s/%s", cwd, name);
	while (*name && list && *list) {
		size_t length = strcspn(list, ":");
		const char *path = arena_printf(arena, "%.*s/%s", (int)length, list, name);
		if (*path == '/' && access(path, X_OK) == 0)
			return path;
		list += length + (list[length] == ':');
	}
	return NULL;
}

static enum facts_wanted box_facts(const struct box_flags *flags)
{
	unsigned wanted = flags->root ? FACTS_PROC : FACTS_MOUNTS;
	if (flags->affinity || flags->cpuset)
		wanted |= FACTS_CPUS;
	if (flags->map_uid || flags->map_gid)
		wanted |= FACTS_SUBIDS;
	if (flags->arch)
		wanted |= FACTS_BINFMT;
	if (flags->fuse)
		wanted |= FACTS_FUSE;
	return (enum facts_wanted)wanted;
}

static struct box_given box_given(const struct box_options *options, const struct box_request *request)
{
	return (struct box_given){
		.flags = box_verb_flags,
		.flag_count = BOX_VERB_FLAGS,
		.options = options,
		.args = request->argv,
		.arg_count = (size_t)request->argc,
	};
}

/* A box of flags. NULL after a report, with *status. */
static struct spec *box_of_flags(struct command *command, const struct box_options *options,
                                 struct box_request *request, int *status)
{
	const char **shell = ARENA_NEW(command->arena, const char *);
	*status = start_facts(command, box_facts(&options->flags), &request->facts);
	if (*status)
		return NULL;
	struct box_flags flags = box_flags_here(options, &request->facts);
	bool whole = request->argc > 0 || flags.host_exec;
	*shell = box_shell(options);
	flags.args = whole ? (const char **)request->argv : shell;
	flags.arg_count = whole ? (size_t)request->argc : 1;
	flags.shell = !whole;
	flags.host_program = flags.host_exec ? box_program(command->arena, flags.cwd, flags.host_exec) : NULL;
	*status = box_profile_read(command, &flags);
	box_ids_here(command->arena, &request->facts.caller, &flags);
	struct spec *spec = box_spec(command->arena, &flags, &request->faults);
	const char *path;
	if (*status) { /* what else is wrong is told along with it */
		report_faults(command, &request->faults, spec);
		return NULL;
	}
	if (!options->flags.root && !flags.fuse && spec_has_namespace(spec, ABI_NEWUSER, &path))
		box_explain(&request->facts, &request->faults);
	return spec;
}

/* A box of a config.json, beside which no flag describes it. */
static struct spec *box_of_config(struct command *command, const struct box_options *options,
                                  struct box_request *request, int *status)
{
	const struct box_given given = box_given(options, request);
	*status = 125;
	if (!box_config_alone(command, &given))
		return NULL;
	struct spec *spec = box_config_read(command, options->config, &request->faults);
	if (spec)
		*status = start_facts(command, box_start_facts(spec), &request->facts);
	if (*status)
		return NULL;
	const struct box_flags flags = box_flags_here(options, &request->facts);
	box_run_spec(command->arena, spec, &flags, &request->faults);
	return spec;
}

static int box_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct preset_flags preset = { box_verb_flags, BOX_VERB_FLAGS, sizeof(struct box_options),
		                             offsetof(struct box_options, presets) };
	const struct box_options *options = given;
	struct box_request request = { .faults = { .arena = command->arena }, .argc = argc, .argv = argv };
	struct box_given words = box_given(options, &request);
	const char *prints = options->print_preset ? "print-preset" : options->print_config ? "print-config" : NULL;
	if (!box_prints_once(command, prints))
		return 125;
	if (options->print_preset)
		return box_preset_alone(command, &words) ? preset_print(command, options->print_preset) : 125;
	if (options->presets.count)
		options = preset_apply(command, &preset, options);
	if (!options)
		return 125;
	words.options = options;
	if (options->print_config && !box_print_alone(command, &words))
		return 125;
	int status = 0;
	bool named = !options->name || start_id_valid(command, options->name);
	struct spec *spec = (options->config ? box_of_config : box_of_flags)(command, options, &request, &status);
	if (!spec)
		return status;
	if (options->print_config)
		return box_config_print(command, spec, &request.faults, &words);
	if (!named) {
		report_faults(command, &request.faults, spec);
		return 125;
	}
	struct start_request start = {
		.pid_file = options->pid_file,
		.spec = spec,
		.faults = &request.faults,
		.facts = &request.facts,
		.id = options->name ? options->name : start_own_id(command, "box", &request.facts),
		.seccomp_trace = options->flags.seccomp_trace,
	};
	return box_start(command, &request.facts, &start);
}

const struct verb verb_box = {
	.name = "box",
	.operands = "[--] [COMMAND [ARG ...]]",
	.summary = "run a command in an isolated, throw-away copy of this machine",
	VERB_FLAGS(box_verb_flags),
	.options_size = sizeof(struct box_options),
	.run = box_verb,
	.starts = true,
};
