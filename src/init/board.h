/* board.h: writing on the shared page, which outlives a killed init. */
#ifndef KIST_INIT_BOARD_H
#define KIST_INIT_BOARD_H

#include "init/block.h"
#include "plan/board.h"

/* Maps the board shared, or NULL when it is not the one of this plan. */
struct board *board_map(int fd, const struct plan_block *block);

/* CLOCK_REALTIME in nanoseconds. */
int64_t board_clock(void);

void board_state(struct board *board, enum board_state state, uint32_t step);
/* The detail of a step: kept whole or, when there is no room left, not at all. */
void board_detail(struct board *board, uint32_t step, const char *detail);
/* The same with `length` bytes behind it, of which the last ones are kept when the room is short. No byte is 0. */
void board_detail_and(struct board *board, uint32_t step, const char *detail, const char *bytes, size_t length);

#endif
