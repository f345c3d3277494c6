/* start.c: from a spec to a running program and its exit status, or to the printed plan. */
#include "verb/start.h"

#include "base/fd.h"
#include "base/file.h"
#include "plan/plan.h"
#include "run/fault.h"
#include "run/oom.h"
#include "run/run.h"
#include "spec/fault.h"
#include "spec/names.h"
#include "sys/process.h"
#include "state/record.h"
#include "verb/background.h"
#include "verb/container.h"
#include "verb/explain.h"
#include "verb/report.h"
#include "verb/seccomp_trace.h"
#include "verb/trace.h"
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FACTS_LIMIT = 4 << 20, START_GRACE_MS = 10000, START_UNTOLD = -1 };

int start_facts(struct command *command, enum facts_wanted wanted, struct facts *facts)
{
	struct err err = { 0 };
	int result;
	if (command->facts_file) {
		char *text;
		size_t length;
		result = file_read_at(command->arena, AT_FDCWD, command->facts_file, FACTS_LIMIT, &text, &length);
		if (result < 0)
			err_set(&err, command->arena, result, "cannot read the facts %s", command->facts_file);
		else
			result = facts_read_json(command->arena, text, length, command->facts_file, facts, &err);
	} else {
		result = facts_read(command->arena, command->global.root, wanted, facts, &err);
	}
	return result < 0 ? report_error(command, &err, NULL) : 0;
}

bool start_id_valid(struct command *command, const char *id)
{
	struct err err = { 0 };
	if (record_id_valid(id))
		return true;
	err_set(&err, command->arena, 0, "invalid container id %s", fault_quote(command->arena, id));
	err.hint = "an id has letters, digits and _ + . - only, no dot at its start, and 255 bytes at most";
	report_error(command, &err, NULL);
	return false;
}

const char *start_own_id(struct command *command, const char *kind, const struct facts *facts)
{
	const char *root = command->global.root ? command->global.root : facts->caller.state_root;
	const char *id = arena_printf(command->arena, "%s-%d", kind, (int)getpid());
	for (int next = 2; access(arena_printf(command->arena, "%s/%s", root, id), F_OK) == 0; next++)
		id = arena_printf(command->arena, "%s-%d-%d", kind, (int)getpid(), next);
	return id;
}

bool start_one_id(struct command *command, const struct verb *verb, int argc, char **argv)
{
	return container_operand(command, verb, argc) && start_id_valid(command, argv[0]);
}

bool start_id(struct command *command, const struct verb *verb, int argc, char **argv, struct start_request *request)
{
	if (!start_one_id(command, verb, argc, argv))
		return false;
	request->id = argv[0];
	return true;
}

/* --- trouble asked for, in test builds ----------------------------------------------------------- */

/* K or K:ERRNO, K counting from 1. */
static int start_trouble_parse(struct command *command, const char *words, char how, struct plan_trouble *trouble,
                               struct err *err)
{
	char *end;
	unsigned long step = strtoul(words, &end, 10);
	int number = EIO;
	if (how == 'f' && *end == ':')
		number = err_number(end + 1);
	else if (*end)
		number = 0;
	if (end == words || step == 0 || step > UINT16_MAX || number == 0)
		return err_set(err, command->arena, 0, "expected a step number%s, not \"%s\"",
		               how == 'f' ? ", then perhaps :ERRNO" : "", words);
	*trouble = (struct plan_trouble){ .step = (uint32_t)step, .how = (uint32_t)how, .number = number };
	return 0;
}

static int start_trouble(struct command *command, struct plan_trouble *trouble, struct err *err)
{
	const struct {
		const char *flag, *words;
		char how;
	} asked[] = {
		{ "fail-at", command->global.fail_at, 'f' },
		{ "kill-at", command->global.kill_at, 'k' },
		{ "kill-other-at", command->global.kill_other_at, 'o' },
		{ "stop-at", command->global.stop_at, 's' },
	};
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		if (!asked[i].words)
			continue;
		if (!fault_available())
			return err_set(err, command->arena, 0,
			               "--%s needs a test build of kist (meson setup -Dfaults=true)", asked[i].flag);
		int result = start_trouble_parse(command, asked[i].words, asked[i].how, trouble, err);
		if (result < 0)
			return result;
	}
	return 0;
}

/* --- the plan ----------------------------------------------------------------------------------- */

static const char *start_path(struct command *command, const struct facts *facts, const char *path)
{
	return !path || *path == '/' ? path : arena_printf(command->arena, "%s/%s", facts->caller.cwd, path);
}

static struct plan_block *start_plan(struct command *command, const struct start_request *request)
{
	struct err err = { 0 };
	struct plan_request plan = {
		.id = request->id,
		.state_root = command->global.root ? command->global.root : request->facts->caller.state_root,
		.pid_file = start_path(command, request->facts, request->pid_file),
		.kept = request->kept,
		.gate = request->stage == RECORD_CREATED,
		.no_pivot = request->no_pivot,
		.no_new_keyring = request->no_new_keyring,
		.seccomp_trace = request->seccomp_trace,
	};
	if (start_trouble(command, &plan.trouble, &err) < 0) {
		report_error(command, &err, NULL);
		return NULL;
	}
	if (request->faults->count == 0)
		spec_refuse_unsupported(request->spec, request->faults);
	struct plan_block *block = NULL;
	if (request->faults->count == 0)
		block = plan_make(command->arena, request->spec, request->facts, &plan, request->faults);
	return report_faults(command, request->faults, request->spec) == 0 ? block : NULL;
}

/* --- doing it ----------------------------------------------------------------------------------- */

/* What is no regular file (a pipe, a device, /dev/stdout) is written to: a rename into place would replace it. */
static int start_write_trace(const char *path, const struct buf *text)
{
	struct stat status;
	if (lstat(path, &status) < 0 || S_ISREG(status.st_mode))
		return file_replace_at(AT_FDCWD, path, 0644, text->bytes, text->length);
	FD_AUTO int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || (stat(path, &status) == 0 && S_ISREG(status.st_mode) && ftruncate(fd, 0) < 0))
		return -errno;
	return file_write_fd(fd, text->bytes, text->length);
}

static void start_show_trace(const struct command *command, const struct run *run)
{
	if (!run->board)
		return;
	struct buf text = buf_in(command->arena);
	if (!command->trace_file) {
		trace_print(&text, run->block, run->board);
		(void)file_write_fd(STDERR_FILENO, text.bytes, text.length);
		return;
	}
	trace_events(&text, run->block, run->board);
	int result = start_write_trace(command->trace_file, &text);
	if (result < 0)
		report_warning(command, arena_printf(command->arena, "cannot write the trace %s: %s",
		                                     command->trace_file, err_words(-result)));
}

void start_warn_capabilities(const struct command *command, uint64_t missing)
{
	struct buf names = buf_in(command->arena);
	for (unsigned number = 0; number < ABI_CAP_COUNT; number++)
		if (missing >> number & 1)
			buf_printf(&names, " %s", name_word(&name_capabilities, number));
	if (names.length)
		report_warning(command, arena_printf(command->arena,
		                                     "/process/capabilities: cannot be granted here and left out:%s",
		                                     names.bytes));
}

/* A program that the kernel killed for its memory looks like any that was killed: the status says no more. */
static void start_tell_oom(const struct command *command, const struct run *run, int status)
{
	const char *words = status == 128 + SIGKILL ? oom_words(command->arena, run->block) : "";
	if (*words)
		report_warning(command, arena_printf(command->arena, "the program was killed (SIGKILL%s)", words));
}

/* Taken before anything is made. A parent that ended before was replaced by another (a subreaper), as everywhere. */
static int start_parent(struct command *command, const struct spec *spec, int *parent, struct err *err)
{
	pid_t pid = getppid();
	if (!spec->box.die_with_parent)
		return 0;
	*parent = pid > 0 ? sys_pidfd_open(pid) : -ESRCH;
	if (*parent >= 0)
		return 0;
	int result = err_set(err, command->arena, -*parent, "kist sees no parent to die with");
	err->pointer = "/box/dieWithParent";
	err->hint = "the process that started kist is outside of this pid namespace, or has ended";
	return result;
}

/* The signal does not say for which call; with --seccomp-trace nobody dies of it. */
static void start_tell_filter(const struct command *command, const struct spec *spec, int status)
{
	if (status == 128 + SIGSYS && spec->linux_.seccomp.set)
		report_warning(command,
		               "the program was ended by SIGSYS: its seccomp profile kills it for a system call; "
		               "with --seccomp-trace kist tells which");
}

static int start_serve(void *trace, int listener)
{
	return notify_serve(seccomp_trace_notify(trace), listener);
}

/* The machine's files that the container has copies of; followed from before they are made. */
static void start_follow(const struct command *command, const struct plan_block *block, struct follow *follow)
{
	struct follow_file *files = ARENA_ARRAY(command->arena, block->step_count, struct follow_file);
	size_t count = 0;
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_copy_file)
			files[count++] = (struct follow_file){
				.source = plan_string(block, step->copy_file.source),
				.path = plan_string(block, step->copy_file.path),
				.head = plan_string(block, step->copy_file.head),
			};
	}
	follow_open(follow, command->arena, files, count);
}

/* Whether its terminal was made to send carriage returns. */
static bool start_onlcr(const struct plan_block *block)
{
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind == STEP_open_terminal)
			return step->open_terminal.onlcr;
	}
	return false;
}

/* What goes on beside a container in the foreground. */
struct start_beside {
	struct seccomp_trace *trace; /* or NULL */
	struct follow follow;
	int parent; /* pidfd of the process it is to die with, or -1 */
	int line;   /* to the caller's process, which waits for a box in the background; or -1 */
};

static int start_watch(struct command *command, const struct start_request *request, struct run *run,
                       struct start_beside *beside)
{
	const struct seccomp_trace *trace = beside->trace;
	struct err err = { 0 };
	struct watch watch = {
		.pid = run->pid,
		.pidfd = run->pidfd,
		.console = run->console,
		.console_onlcr = start_onlcr(run->block),
		.acts_by_default = request->spec->box.set,
		.init = request->spec->box.init,
		.timeout_ms = request->spec->box.timeout_ms,
		.grace_ms = START_GRACE_MS,
		.parent = beside->parent,
		.listener = run->listener,
		.server = run->server,
		.server_status = &run->server_status,
		.notify = trace ? seccomp_trace_notify(trace) : NULL,
		.follow = &beside->follow,
	};
	int status = watch_wait(command->arena, &watch, &err);
	follow_close(&beside->follow);
	if (beside->follow.trouble)
		report_warning(command, beside->follow.trouble);
	if (status < 0)
		status = report_error(command, &err, request->spec);
	if (trace)
		seccomp_trace_end(trace);
	start_tell_oom(command, run, status);
	start_tell_filter(command, request->spec, status);
	return status;
}

static struct record_pairs start_annotations(struct command *command, const struct spec_pairs *annotations)
{
	struct record_pair *items = ARENA_ARRAY(command->arena, annotations->count, struct record_pair);
	for (size_t i = 0; i < annotations->count; i++)
		items[i] = (struct record_pair){ annotations->items[i].key, annotations->items[i].value };
	return (struct record_pairs){ items, annotations->count };
}

/* Absolute, for whoever reads the record. */
static const char *start_rootfs(struct command *command, const struct start_request *request)
{
	const struct spec *spec = request->spec;
	if (spec->box.root_mode == ROOT_HOST_OVERLAY)
		return "/";
	if (!spec->root.path || *spec->root.path == '/' || !spec->bundle)
		return start_path(command, request->facts, spec->root.path);
	return arena_printf(command->arena, "%s/%s", spec->bundle, spec->root.path);
}

static void start_warn_lines(const struct command *command, char *lines)
{
	for (char *rest, *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		report_warning(command, line);
}

/* It outlives kist. */
static int start_leave(struct command *command, struct run *run, struct start_beside *beside)
{
	follow_close(&beside->follow);
	run_detach(run);
	if (command->mode == START_TRACE)
		start_show_trace(command, run);
	return 0;
}

static const char *start_root(const struct command *command, const struct start_request *request)
{
	return command->global.root ? command->global.root : request->facts->caller.state_root;
}

/* What stands outside is undone; of a box in the background the status stays. */
static void start_end(struct command *command, const struct start_request *request, struct run *run, int status)
{
	struct buf report = buf_in(command->arena);
	struct err err = { 0 };
	bool stays = status >= 0 && request->spec->box.background;
	/* The report holds the error's line too. */
	int undone = stays ? run_leave(command->arena, run, status, &report, &err)
	                   : run_end(command->arena, run, &report, &err);
	if (report.length)
		start_warn_lines(command, report.bytes);
	else if (undone < 0)
		report_error(command, &err, request->spec);
	if (command->mode == START_TRACE)
		start_show_trace(command, run);
}

static int start_do(struct command *command, const struct start_request *request, const struct plan_block *block,
                    int line)
{
	struct start_beside beside = { .parent = -1, .line = line };
	if (request->seccomp_trace)
		beside.trace = seccomp_trace_open(command, request->spec, request->facts->machine);
	struct run_request what = {
		.state_root = start_root(command, request),
		.id = request->id,
		.bundle = request->spec->bundle,
		.rootfs = start_rootfs(command, request),
		.annotations = start_annotations(command, &request->spec->annotations),
		.box = request->spec->box.set,
		.background = request->spec->box.background,
		.stage = request->stage,
		.serve = beside.trace ? start_serve : NULL,
		.server = beside.trace,
	};
	struct err err = { 0 };
	struct run run = RUN_NONE;
	int result = start_parent(command, request->spec, &beside.parent, &err);
	if (result == 0)
		result = watch_prepare(&err, command->arena);
	start_follow(command, block, &beside.follow);
	if (result == 0)
		result = run_start(command->arena, block, &what, &run, &err);
	if (result < 0) {
		follow_close(&beside.follow);
		explain_failure(command->arena, request->facts, block, &err);
		int status = report_error(command, &err, request->spec);
		if (command->mode == START_TRACE)
			start_show_trace(command, &run);
		return status;
	}
	start_warn_capabilities(command, run.caps_missing);
	if (request->stage != RECORD_FOREGROUND)
		return start_leave(command, &run, &beside);
	bool told = beside.line < 0 || background_leave(command, request->facts->caller.cwd, &beside.line, &run) == 0;
	if (!told)
		sys_pidfd_signal(run.pidfd, SIGKILL);
	int status = start_watch(command, request, &run, &beside);
	start_end(command, request, &run, told ? status : START_UNTOLD);
	return status;
}

/* The caller's process returns with the id printed, the other one when the box has ended. */
static int start_background(struct command *command, const struct start_request *request,
                            const struct plan_block *block)
{
	int line = -1;
	int status = background_begin(command, start_root(command, request), request->id, &line);
	return status == BACKGROUND_STAYS ? start_do(command, request, block, line) : status;
}

int start_container(struct command *command, const struct start_request *request)
{
	struct plan_block *block = start_plan(command, request);
	if (!block)
		return 125;
	if (command->mode != START_PLAN)
		return request->spec->box.background ? start_background(command, request, block)
		                                     : start_do(command, request, block, -1);
	struct buf text = buf_in(command->arena);
	plan_print(&text, block, (struct plan_style){ .show_env = command->show_env, .json = command->json });
	return report_output(command, &text);
}
