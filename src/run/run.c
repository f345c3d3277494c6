/* run.c: the story of a run: walk the plan, see whether the program runs, and undo what stands outside. */
#include "run/run.h"

#include "base/buf.h"
#include "base/fd.h"
#include "run/board.h"
#include "run/fail.h"
#include "run/walk.h"
#include "state/background.h"
#include "state/journal.h"
#include "state/kept_hooks.h"
#include "state/pidfile.h"
#include "state/process.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* The page is copied: an init that does not end could still write it. */
static void keep_board(struct arena *arena, struct run *run)
{
	struct board *shared = run->board;
	if (!shared)
		return;
	run->board = board_copy(arena, shared, run->block->step_count);
	munmap(shared, board_size(run->block->step_count));
}

static uint64_t missing_caps(const struct board *board)
{
	return (uint64_t)board->caps_missing[1] << 32 | board->caps_missing[0];
}

/* What could not be undone is told with the reason of the failure, in one message. */
static void add_leftovers(struct arena *arena, const struct buf *report, struct err *err)
{
	if (!report->length)
		return;
	const char *left = arena_copy(arena, report->bytes, report->length - 1);
	err->hint = err->hint ? arena_printf(arena, "%s; moreover: %s", err->hint, left) : left;
}

/* Once the box has ended its server ends by itself, and a good end is none to speak of. */
static void judge_server(const struct run *run, struct buf *report)
{
	int status = run->server_status;
	if (status == -1 || status == 0 || !report)
		return;
	buf_printf(report,
	           "the program that made the box's view (%s) ended with %s %d, and the box was ended with it\n",
	           server_program(run->block), WIFSIGNALED(status) ? "signal" : "status",
	           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* The journal has ended it; kist is who reaps it. */
static void reap_server(struct run *run)
{
	siginfo_t end;
	if (run->server_fd >= 0)
		sys_wait_pidfd(run->server_fd, &end, WEXITED | WNOHANG);
	fd_close(&run->server_fd);
}

/* The process first, so that nothing is made any more; then all that the journal has. The line is closed before the
 * journal is walked: a forked process that nobody told us of ends with it. */
static void undo_start(struct walk *walk, struct err *err)
{
	struct run *run = walk->run;
	struct err ignored;
	struct buf report = buf_in(walk->arena);
	if (run->pidfd >= 0 && process_end(run->pidfd) < 0)
		buf_printf(&report, "%s does not end\n", process_describe(walk->arena, run->pid));
	keep_board(walk->arena, run);
	fd_close(&run->console);
	fd_close(&run->log);
	fd_close(&run->listener);
	walk_close(walk);
	fd_close(&run->pidfd);
	if (run->record.dirfd >= 0)
		journal_undo(walk->arena, &run->record, &report, &ignored);
	reap_server(run);
	/* Last: what was mounted on it went with the process. */
	if (run->keep_made && keep_discard(walk->arena, &run->keep, &(struct keep_helpers){ 0 }, &ignored) < 0)
		buf_printf(&report, "%s\n", ignored.what);
	keep_close(&run->keep);
	run->pid = 0;
	add_leftovers(walk->arena, &report, err);
}

/* A descriptor opened in the place of a closed stdin, stdout or stderr would become the program's. And what kist
 * inherited beyond them must not reach a container, whatever step opens it to one (CVE-2024-21626). 0 or -errno. */
static int settle_descriptors(void)
{
	int result = sys_open_stdio();
	return result < 0 ? result : sys_close_range(STDERR_FILENO + 1, ~0U, UAPI_CLOSE_RANGE_CLOEXEC);
}

/* The program runs, so the files are the caller's. */
static void leave_files(const struct walk *walk)
{
	for (uint32_t i = 0; i < walk->block->step_count; i++) {
		const struct step *step = plan_step(walk->block, i);
		if (step->kind == STEP_write_pid_file)
			pidfile_leave(&walk->run->record, walk_text(walk, step->write_pid_file.path));
		if (step->kind == STEP_open_log)
			pidfile_leave(&walk->run->record, walk_text(walk, step->open_log.path));
	}
}

/* The program runs. One of these hooks that fails ends it again (runtime-spec 1.3, "Lifecycle"). */
static int run_poststart(struct walk *walk, struct err *err)
{
	struct run *run = walk->run;
	int result = kept_hooks_poststart(walk->arena, &run->record, run->pid, err, &walk->signal);
	return walk->signal ? fail_own(walk, result, err) : result;
}

static bool waits_at_gate(const struct plan_block *block)
{
	for (uint32_t i = 0; i < block->step_count; i++)
		if (plan_step(block, i)->kind == STEP_wait_gate)
			return true;
	return false;
}

static int judge(struct walk *walk, int result, struct err *err)
{
	if (result == 0 && waits_at_gate(walk->block))
		return 0;
	/* Both the end of the plan and an early end of init are end-of-file on the line. */
	if ((result == 0 || result == -EPIPE) && !walk->own_failed)
		return fail_judge_init(walk, err);
	return fail_own(walk, result, err);
}

/* The last deed: until then all of it is debris when kist is killed. */
static int keep_record(struct walk *walk, struct err *err)
{
	struct record *record = &walk->run->record;
	if (walk->request->stage == RECORD_FOREGROUND)
		return 0;
	record->stage = walk->request->stage;
	return record_save(walk->arena, record, err);
}

int run_start(struct arena *arena, const struct plan_block *block, const struct run_request *request, struct run *run,
              struct err *err)
{
	struct walk walk;
	*run = RUN_NONE;
	run->block = block;
	run->record.root = request->state_root;
	run->record.id = request->id;
	run->record.bundle = request->bundle;
	run->record.rootfs = request->rootfs;
	run->record.annotations = request->annotations;
	run->record.box = request->box;
	run->record.stage = request->stage == RECORD_FOREGROUND ? RECORD_FOREGROUND : RECORD_CREATING;
	run->record.background = request->background;
	walk_open(&walk, arena, block, request, run);
	int result = settle_descriptors();
	if (result < 0)
		return err_set(err, arena, -result, "cannot settle the descriptors that kist was started with");
	result = judge(&walk, walk_all(&walk), err);
	if (result == 0 && !waits_at_gate(block))
		result = run_poststart(&walk, err);
	if (result == 0)
		result = keep_record(&walk, err);
	if (result < 0) {
		undo_start(&walk, err);
		return result;
	}
	leave_files(&walk);
	run->caps_missing = missing_caps(run->board);
	walk_close(&walk);
	record_unlock(&run->record);
	return 0;
}

void run_detach(struct run *run)
{
	fd_close(&run->console);
	fd_close(&run->pidfd);
	record_close(&run->record);
}

/* The record is locked again when all descriptors are closed. -ENOENT: it was deleted, so all is undone already. */
static int close_run(struct arena *arena, struct run *run, struct buf *report, struct err *err)
{
	fd_close(&run->console);
	fd_close(&run->log);
	fd_close(&run->listener);
	fd_close(&run->pidfd);
	keep_close(&run->keep); /* the process is gone, and its mounts with it */
	judge_server(run, report);
	int result = record_lock(arena, &run->record, err);
	if (result < 0)
		record_close(&run->record);
	return result;
}

int run_end(struct arena *arena, struct run *run, struct buf *report, struct err *err)
{
	int result = close_run(arena, run, report, err);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	result = journal_undo(arena, &run->record, report, err);
	reap_server(run);
	return result;
}

int run_leave(struct arena *arena, struct run *run, int status, struct buf *report, struct err *err)
{
	int result = close_run(arena, run, report, err);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	result = background_end(arena, &run->record, status, report, err);
	reap_server(run);
	return result;
}
