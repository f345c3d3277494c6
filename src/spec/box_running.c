/* box_running.c: how a box runs: on which terminal, under which init, for how long, and with whom it ends. */
#include "spec/box_part.h"

#include <limits.h>
#include <string.h>

static const char terminal_pointer[] = "/process/terminal";

/* The caller's own terminal where it has one, unless told otherwise. */
static void box_terminal(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_process *process = &box->spec->process;
	process->terminal = flags->tty || (flags->terminal && !flags->no_tty && !flags->console && !flags->background);
	if (flags->tty)
		box_origin(box, terminal_pointer, "tty", NULL);
	else if (flags->no_tty)
		box_origin(box, terminal_pointer, "no-tty", NULL);
	if (flags->tty && flags->no_tty)
		box_fault(box, terminal_pointer, "it contradicts --no-tty: leave one of the two out");
}

static void box_console(struct box *box)
{
	static const char pointer[] = "/box/console";
	const struct box_flags *flags = box->flags;
	const char *path = flags->console;
	if (!path)
		return;
	box_origin(box, pointer, "console", path);
	if (*path == '\0')
		box_fault(box, pointer, "expected a terminal device, such as /dev/tty8");
	if (flags->tty || flags->no_tty)
		box_fault(box, pointer, "it is the terminal, so --tty and --no-tty contradict it: leave them out");
	box->spec->process.terminal = flags->tty;
	box->spec->box.console = *path == '/' ? path : arena_printf(box->arena, "%s/%s", flags->cwd, path);
}

/* The first process of a namespace only is the parent of all orphans, and takes all others with it. */
static void box_init(struct box *box)
{
	static const char pointer[] = "/box/init";
	const char *path = NULL;
	if (!box->flags->init)
		return;
	box_origin(box, pointer, "init", NULL);
	if (!spec_has_namespace(box->spec, ABI_NEWPID, &path) || path)
		box_fault(box, pointer, "it needs a pid namespace of the box's own: --pid new");
	const struct opt_int *pids = &box->spec->linux_.resources.pids_limit;
	if (pids->set && pids->value < 2)
		box_fault(box, pointer,
		          "it and the program are two processes, and --pids 1 allows one: leave --init out, or give "
		          "--pids 2");
	box->spec->box.init = true;
}

/* "10s", "1.5m", "250ms", "90": milliseconds. False when it is anything else, nothing, or more than INT_MAX. */
bool box_time(const char *text, uint32_t *milliseconds)
{
	static const struct {
		const char *unit;
		uint64_t milliseconds;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	uint64_t whole = 0, part = 0, parts = 1;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && whole <= INT_MAX; at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == text)
		return false;
	if (*at == '.' && at[1] >= '0' && at[1] <= '9')
		for (at++; *at >= '0' && *at <= '9' && parts < 1000000; at++, parts *= 10)
			part = part * 10 + (uint64_t)(*at - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(at, units[i].unit) != 0)
			continue;
		uint64_t time = whole * units[i].milliseconds + part * units[i].milliseconds / parts;
		*milliseconds = (uint32_t)time;
		return time > 0 && time <= INT_MAX;
	}
	return false;
}

static void box_timeout(struct box *box)
{
	static const char pointer[] = "/box/timeout";
	if (!box->flags->timeout)
		return;
	box_origin(box, pointer, "timeout", box->flags->timeout);
	if (!box_time(box->flags->timeout, &box->spec->box.timeout_ms))
		box_fault(box, pointer, "expected a time such as 90, 10s, 1.5m or 2h, and 24 days at most");
}

static void box_parent(struct box *box)
{
	if (!box->flags->die_with_parent)
		return;
	box->spec->box.die_with_parent = true;
	box_origin(box, "/box/dieWithParent", "die-with-parent", NULL);
}

static void box_log(struct box *box)
{
	static const char pointer[] = "/box/log";
	const char *path = box->flags->log;
	if (!path)
		return;
	box_origin(box, pointer, "log", path);
	if (*path == '\0')
		box_fault(box, pointer, "expected a file");
	else if (!box->flags->background)
		box_fault(box, pointer, "only a box in the background has a log: add --background");
	box->spec->box.log = *path == '/' ? path : arena_printf(box->arena, "%s/%s", box->flags->cwd, path);
}

/* What it is told here may also stand in a config.json. */
static void box_background(struct box *box)
{
	static const char pointer[] = "/box/background";
	struct spec *spec = box->spec;
	if (!box->flags->background)
		return;
	box_origin(box, pointer, "background", NULL);
	if (box->flags->tty)
		box_fault(box, pointer, "it contradicts --tty: nobody is at its terminal");
	else if (spec->process.terminal)
		box_fault(box, pointer, "the configuration asks for a terminal (/process/terminal), and it has none");
	if (spec->box.console)
		box_fault(box, pointer, "it contradicts --console: its output goes to a log");
	if (spec->box.die_with_parent)
		box_fault(box, pointer, "it contradicts --die-with-parent: its parent is not waited for");
	if (box->flags->shell)
		box_fault(box, pointer, "it needs a command: a shell would have nobody to read from");
	spec->box.background = spec->box.die_with_runtime = true;
}

/* What is said of a box of flags and of a config.json alike. */
static void box_run(struct box *box)
{
	box_console(box);
	box_timeout(box);
	box_parent(box);
	box_log(box);
	box_background(box);
}

void box_running(struct box *box)
{
	box_terminal(box);
	box_init(box);
	box_run(box);
}

void box_run_spec(struct arena *arena, struct spec *spec, const struct box_flags *flags, struct spec_faults *faults)
{
	struct box box = { .arena = arena, .flags = flags, .faults = faults, .spec = spec };
	if (!flags->console && !flags->timeout && !flags->die_with_parent && !flags->background && !flags->log)
		return;
	/* Only the background needs no words of a box; a plain configuration keeps what it was. */
	spec->box.set = spec->box.set || flags->console || flags->timeout || flags->die_with_parent;
	spec->process.terminal = spec->process.terminal && !flags->console;
	box_run(&box);
}
