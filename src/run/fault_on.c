/* fault_on.c: test builds fail, kill or stop an actor before the step that the plan names.
 *
 * Init may be PID 1 of a namespace, which no signal from inside can end, and cannot name its runtime there. So it shows
 * BOARD_WAITING at the step of the trouble and holds still; the runtime sees that and does the killing. */
#include "run/fault.h"

#include "run/board.h"
#include "sys/process.h"

enum { PAUSE_MS = 2 };

static const struct plan_trouble *trouble_here(const struct walk *walk)
{
	const struct plan_trouble *trouble = &walk->block->trouble;
	return trouble->step == walk->index + 1 ? trouble : NULL;
}

bool fault_available(void)
{
	return true;
}

int fault_own(struct walk *walk)
{
	const struct plan_trouble *trouble = trouble_here(walk);
	if (!trouble)
		return 0;
	switch (trouble->how) {
	case 'f':
		return -trouble->number;
	case 'k':
		kill(getpid(), SIGKILL);
		return 0;
	case 's':
		kill(getpid(), SIGSTOP);
		return 0;
	case 'o':
		if (walk->run->pidfd >= 0)
			sys_pidfd_signal(walk->run->pidfd, SIGKILL);
		return 0;
	default:
		return 0;
	}
}

/* Until the runtime is gone, or this process. */
static void hold_still(struct walk *walk)
{
	board_wait(walk->run->board, ACTOR_INIT, walk->index);
	while (!(sys_poll(walk->line, 0, -1) & (POLLHUP | POLLERR)))
		continue;
}

int fault_in_child(struct walk *walk)
{
	const struct plan_trouble *trouble = trouble_here(walk);
	if (!trouble)
		return 0;
	if (trouble->how == 'f')
		return -trouble->number;
	hold_still(walk);
	return -EPIPE;
}

void fault_waiting(struct walk *walk)
{
	const struct plan_trouble *trouble = &walk->block->trouble;
	const struct board *board = walk->run->board;
	if (!trouble->step || trouble->step > walk->block->step_count || !board ||
	    plan_step(walk->block, trouble->step - 1)->actor != ACTOR_INIT ||
	    board->actors[ACTOR_INIT].state != BOARD_WAITING || board->actors[ACTOR_INIT].step + 1 != trouble->step)
		return;
	if (trouble->how == 'k')
		sys_pidfd_signal(walk->run->pidfd, SIGKILL);
	else if (trouble->how == 'o')
		kill(getpid(), SIGKILL);
}

int fault_pause(void)
{
	return PAUSE_MS;
}
