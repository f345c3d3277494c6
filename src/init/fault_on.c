/* fault_on.c: test builds fail before the step that the plan names, or hold still there to be killed. */
#include "init/fault.h"

#include "init/board.h"
#include "sys/process.h"

/* PID 1 of a namespace cannot be ended by a signal from inside, its own included (pid_namespaces(7)), and cannot name
 * its runtime. So the board shows BOARD_WAITING at this step, and the runtime kills init, or itself, when it sees that.
 * An init whose runtime is gone walks on: it has to end by itself at its next look at the line. */
static void hold_still(struct walker *walker)
{
	board_state(walker->board, BOARD_WAITING, walker->index);
	while (!(sys_poll(walker->line, 0, -1) & (POLLHUP | POLLERR)))
		continue;
	board_state(walker->board, BOARD_WALKING, walker->index);
}

int fault_before(struct walker *walker)
{
	const struct plan_trouble *trouble = &walker->block->trouble;

	if (trouble->step != walker->index + 1)
		return 0;
	if (trouble->how == 'f')
		return -trouble->number;
	hold_still(walker);
	return 0;
}
