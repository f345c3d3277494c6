/* line.h: the hand-overs between the two actors, as plan/wire.h has them; for the runtime and its fresh child. */
#ifndef KIST_RUN_LINE_H
#define KIST_RUN_LINE_H

#include "plan/block.h"

#include <sys/types.h>

/* One message where the list changes hands, with the crossing's slots. No allocation. 0 or -errno; -EPIPE: the other
 * one is gone; -EPROTO: it said something that the plan does not have. */
int line_send(int line, const struct plan_block *block, const struct plan_crossing *crossing, const int *slots);
int line_receive(int line, const struct plan_block *block, const struct plan_crossing *crossing, int *slots);

/* After a fork step the new process cannot know its pid as the runtime sees it, and the old one can. So the old one
 * tells, and ends: a packet for the step after the fork, with the pid as its first number and the pidfd. Where the
 * plan has a message at that step, this is it, and the new process does not send it a second time. */
int line_send_fork(int line, uint32_t step, pid_t pid, int pidfd);
int line_receive_fork(int line, uint32_t step, pid_t *pid, int *pidfd);

#endif
