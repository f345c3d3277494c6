/* gate.c: the start gate: a created container waits there for whoever starts it. */
#include "base/fd.h"
#include "init/actions.h"
#include "init/board.h"
#include "plan/wire.h"
#include "sys/packet.h"
#include "sys/process.h"
#include "sys/local.h"

enum { GATE_BACKLOG = 8, GATE_PAGE = 4096, GATE_STACK = 1 << 17 };

int act_listen_gate(struct walker *walker, const struct step *step)
{
	int gate = walk_slot(walker, step->listen_gate.gate);
	int result = gate < 0 ? gate : sys_listen(gate, GATE_BACKLOG);

	/* The runtime blocks what it passes on; here a signal is for this process. */
	if (result == 0)
		result = sys_reset_signals();
	if (result == 0)
		result = sys_die_with_parent(0);
	walker->detached = result == 0;
	return result;
}

/* One who only looked, or was killed before it said so, does not open the gate. */
static int take_go(int gate)
{
	for (;;) {
		struct wire_go go = { 0 };
		FD_AUTO int line = sys_accept(gate);
		if (line < 0)
			return line;
		if (sys_receive(line, &go, sizeof(go), NULL, 0) == 0 && go.magic == WIRE_GO)
			return fd_take(&line);
	}
}

/* What the steps before it used of the stack would stay for as long as the container waits. The plan is a file, and is
 * there again when it is looked at. */
static void forget_pages(const struct plan_block *block)
{
	const char here = 0;
	const uintptr_t page = (uintptr_t)&here & ~(uintptr_t)(GATE_PAGE - 1);

	/* Beyond what the stack grew to nothing is mapped, and that is no failure. */
	(void)sys_forget((void *)(page - GATE_PAGE - GATE_STACK), GATE_STACK);
	(void)sys_forget((void *)block, block->size);
}

int act_wait_gate(struct walker *walker, const struct step *step)
{
	FD_AUTO int gate = walk_take(walker, step->wait_gate.gate);

	fd_close(&walker->line);
	forget_pages(walker->block);
	board_state(walker->board, BOARD_WAITING, walker->index);
	walker->line = gate < 0 ? gate : take_go(gate);
	if (walker->line < 0)
		return walker->line;
	walker->board->passed = 1;
	return 0;
}
