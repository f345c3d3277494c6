/* wire.h: what the two actors say to each other: one message where the list changes hands, nothing else.
 *
 * A SOCK_SEQPACKET pair, made by the runtime before clone. The same packet goes both ways; descriptors travel as
 * SCM_RIGHTS in the order of the crossing's SLOT_FD slots, numbers in `numbers` at the slot's place in the crossing.
 * The end of the plan is end-of-file: init's end is close-on-exec, so a successful exec closes it, and so does death;
 * the board tells which. Init that finds end-of-file while it waits has lost its runtime and ends. */
#ifndef KIST_PLAN_WIRE_H
#define KIST_PLAN_WIRE_H

#include "plan/block.h"

#include <stdint.h>

/* What `start` says at the gate. It learns from the end of that connection what the runtime learns from the line's. */
struct wire_go {
	uint32_t magic;
};
enum { WIRE_GO = 0x74726174 };

/* The slots of one message: what SCM_RIGHTS takes, and more than any plan needs. */
enum { WIRE_MAGIC = 0x6f67, WIRE_SLOTS = 32 };

struct wire_packet {
	uint32_t magic;
	uint32_t step; /* index of the step the receiver goes on with */
	int32_t numbers[WIRE_SLOTS];
};

/* Flags of seccomp(2) that both actors look at: with a listener init puts its number on the board, and the runtime
 * takes it from there with pidfd_getfd(2), since behind the filter init may not be able to send it. */
enum { WIRE_FILTER_TSYNC = 1 << 0, WIRE_FILTER_LISTENER = 1 << 3 };

/* init's command line: argv[0] is "kist-init", then decimal numbers. */
enum init_argument { INIT_NAME, INIT_LINE, INIT_BLOCK, INIT_BOARD, INIT_STEP, INIT_ARGUMENTS };

#endif
