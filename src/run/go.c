/* go.c: the other half of a creation: through the start gate, and what became of the program. */
#include "run/run.h"

#include "base/fd.h"
#include "plan/wire.h"
#include "run/board.h"
#include "run/fail.h"
#include "state/gate.h"
#include "state/journal.h"
#include "state/kept_hooks.h"
#include "state/process.h"
#include "sys/packet.h"
#include "sys/process.h"

#include <errno.h>

/* The connection's end, or the process's: a copy of the connection in some other process would keep it open. */
static int await_end(int line, int pidfd)
{
	for (;;) {
		struct pollfd fds[] = { { .fd = line, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
		if (poll(fds, 2, -1) > 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

/* Init says last that it executes; a filter that kills then leaves no errno, and only its end tells. */
static bool has_executed(const struct board *board, const struct late_step *step, int pidfd)
{
	const struct board_actor init = board->actors[ACTOR_INIT];
	return init.state == BOARD_DONE && board->steps[init.step].number == 0 &&
	       !(step->kills && sys_poll(pidfd, POLLIN, PROCESS_END_MS) > 0);
}

/* The board is init's to write: an index beyond it means its last step. */
static int judge(struct arena *arena, const struct record *record, int pidfd, uint64_t *caps_missing, struct err *err)
{
	struct late_step step = { .name = "exec", .pointer = "", .words = "start the program" };
	struct board *board;
	int result = board_read(arena, record->dirfd, &board);
	if (result < 0)
		return err_set(err, arena, -result, "cannot read the board of %s", record->id);
	struct board_actor *init = &board->actors[ACTOR_INIT];
	if (init->step >= board->step_count)
		init->step = board->step_count - 1;
	(void)late_read(arena, record, init->step, &step);
	*caps_missing = (uint64_t)board->caps_missing[1] << 32 | board->caps_missing[0];
	if (has_executed(board, &step, pidfd))
		return 0;
	const int number = board->steps[init->step].number;
	const struct late_failure failure = {
		.step = &step,
		.index = init->step,
		.board = board,
		.number = init->state == BOARD_FAILED && number > 0 ? number : 0,
	};
	return fail_late(arena, &failure, err);
}

/* One of these hooks that fails stops the container and destroys it (runtime-spec 1.3, "Lifecycle"). */
static int run_poststart(struct arena *arena, struct record *record, int pidfd, struct err *err)
{
	int signal = 0;
	int result = kept_hooks_poststart(arena, record, record->pid, err, &signal);
	if (result < 0) {
		process_end(pidfd);
		journal_undo(arena, record, NULL, &(struct err){ 0 });
	}
	return result;
}

int run_go(struct arena *arena, struct record *record, uint64_t *caps_missing, struct err *err)
{
	const struct wire_go go = { WIRE_GO };
	FD_AUTO int pidfd = sys_pidfd_open(record->pid);
	if (pidfd < 0)
		return err_set(err, arena, -pidfd, "cannot reach the process of %s", record->id);
	FD_AUTO int line = gate_connect(arena, record, err);
	if (line < 0)
		return line;
	int result = sys_send(line, &go, sizeof(go), NULL, 0);
	if (result == 0)
		result = await_end(line, pidfd);
	if (result < 0)
		return err_set(err, arena, -result, "cannot let %s through its start gate", record->id);
	result = judge(arena, record, pidfd, caps_missing, err);
	/* Even one that failed came through: it cannot be started again. */
	record->stage = RECORD_STARTED;
	struct err ignored;
	int saved = record_save(arena, record, result < 0 ? &ignored : err);
	gate_remove(record);
	if (result < 0 || saved < 0)
		return result < 0 ? result : saved;
	return run_poststart(arena, record, pidfd, err);
}
