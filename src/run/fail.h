/* fail.h: one sentence about why a start failed, from the walk, the board and the kernel. */
#ifndef KIST_RUN_FAIL_H
#define KIST_RUN_FAIL_H

#include "plan/board.h"
#include "run/walk.h"
#include "state/gate.h"

/* Whether init reached its exec and got through: end-of-file is also what its death looks like. Looks at the board and
 * at the process. 0, or -errno with everything in err: then init failed at a step, or was killed in it. */
int fail_judge_init(struct walk *walk, struct err *err);

/* A step of the runtime failed, or the line did, or a signal said to give up. Fills err and returns -errno. */
int fail_own(struct walk *walk, int result, struct err *err);

/* A step behind the start gate did not come to its end: `number` is its errno, 0 when init ended in it. */
struct late_failure {
	const struct late_step *step;
	uint32_t index;
	int number;
	const struct board *board; /* as board_read() has it */
};
/* Fills err and returns -errno. */
int fail_late(struct arena *arena, const struct late_failure *failure, struct err *err);

#endif
