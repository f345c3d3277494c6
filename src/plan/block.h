/* block.h: a plan as it travels: one sealed, pointer-free block of steps and what they refer to.
 *
 * plan/ builds it, run/ seals it in a memfd, init maps it. Offsets count from the block's first byte; offset 0 is
 * the header, so a 0 reference means "absent". Nothing in it is changed after plan_link(). */
#ifndef KIST_PLAN_BLOCK_H
#define KIST_PLAN_BLOCK_H

#include "plan/steps.h"

#include <stdbool.h>

/* So many descriptors can be open at once, below the usual RLIMIT_NOFILE of 1024. */
enum { PLAN_MAGIC = 0x7473696b, PLAN_SLOTS = 512 };

enum slot_type {
	SLOT_FD,     /* a descriptor: crosses by SCM_RIGHTS or by being inherited */
	SLOT_NUMBER, /* a pid: crosses as a number */
	SLOT_LOCAL,  /* something that stays in the actor's memory (identity, program): never crosses */
};

/* A place in the list where something changes hands. Made by plan_link() alone.
 * 'm' message: the actor of step-1 tells the actor of `step` to go on, with these slots (at most WIRE_SLOTS);
 * 'c' clone: the child inherits these slots;   'e' exec_init: the child keeps these slots over its exec. */
struct plan_crossing {
	uint16_t step; /* the first step on the far side */
	uint8_t how;
	struct plan_span slots; /* of `count` plan_slot, in the block */
};

/* For test builds: what goes wrong at which step. Step numbers count from 1; 0: nothing. */
struct plan_trouble {
	uint32_t step;
	uint32_t how; /* 'f' fail with `number`, 'k' SIGKILL the actor, 'o' SIGKILL the other one, 's' SIGSTOP */
	int32_t number;
};

struct plan_block {
	uint32_t magic, size;
	uint32_t step_start, step_count;
	uint32_t crossing_start, crossing_count;
	uint32_t slot_count;                /* slots are 1..slot_count */
	uint8_t slot_types[PLAN_SLOTS + 1]; /* enum slot_type */
	uint8_t terminal;                   /* the foreground must pump a terminal */
	uint8_t no_new_keyring;
	plan_text id;
	struct plan_trouble trouble;
};

static inline const struct step *plan_step(const struct plan_block *block, uint32_t index)
{
	return (const struct step *)((const char *)block + block->step_start) + index;
}

static inline const struct plan_crossing *plan_crossing_at(const struct plan_block *block, uint32_t index)
{
	return (const struct plan_crossing *)((const char *)block + block->crossing_start) + index;
}

/* The slots of a crossing, in the order in which a message carries them. */
static inline const plan_slot *plan_crossing_slots(const struct plan_block *block,
                                                   const struct plan_crossing *crossing)
{
	return (const plan_slot *)(const void *)((const char *)block + crossing->slots.start);
}

/* NULL when absent. */
static inline const char *plan_string(const struct plan_block *block, plan_text text)
{
	return text ? (const char *)block + text : NULL;
}

static inline const void *plan_bytes(const struct plan_block *block, struct plan_span span)
{
	return span.count ? (const char *)block + span.start : NULL;
}

#endif
