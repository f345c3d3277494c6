/* board.h: the page both actors write their progress on: when each step began and ended, and how.
 *
 * A file in the record's directory, mapped shared by the runtime and (again after its exec) by init. Init writes
 * it, so for the runtime it is untrusted input: every index is checked, nothing in it is a pointer.
 * The details have room for the last 4 KiB that a failed hook said, and for words beside.
 * The clock is CLOCK_REALTIME in nanoseconds: a time namespace shifts the monotonic one. */
#ifndef KIST_PLAN_BOARD_H
#define KIST_PLAN_BOARD_H

#include "plan/block.h"

#include <stdint.h>

enum { BOARD_MAGIC = 0x6472616f, BOARD_DETAILS = 8192 };

struct board_step {
	int64_t begun, ended; /* 0: not yet */
	int32_t number;       /* positive errno of a failed step, 0: none */
	uint32_t detail;      /* offset + 1 of a NUL-terminated text in details; 0: none */
};

enum board_state { BOARD_NOT_STARTED, BOARD_WALKING, BOARD_WAITING, BOARD_FAILED, BOARD_DONE };

struct board_actor {
	uint32_t state; /* enum board_state */
	uint32_t step;  /* index of the step it is in or waits for */
};

struct board {
	uint32_t magic, size, step_count;
	uint32_t detail_used;
	uint32_t passed; /* init has come through the start gate; state/record.h knows its place too */
	struct board_actor actors[2]; /* by enum step_actor */
	int32_t slots[PLAN_SLOTS + 1];  /* descriptor numbers as init has them after exec_init; written before it */
	int32_t listener;               /* of the seccomp filter, as init has it; 0: not yet */
	uint32_t caps_missing[2];       /* capabilities that could not be granted, for the warning (C8) */
	char details[BOARD_DETAILS];
	struct board_step steps[];
};

static inline uint32_t board_size(uint32_t step_count)
{
	return (uint32_t)(sizeof(struct board) + step_count * sizeof(struct board_step));
}

#endif
