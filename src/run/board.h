/* board.h: writing progress on the board, and reading what init wrote there without believing it. */
#ifndef KIST_RUN_BOARD_H
#define KIST_RUN_BOARD_H

#include "base/arena.h"
#include "plan/board.h"
#include "plan/steps.h"

/* CLOCK_REALTIME in nanoseconds. */
int64_t board_now(void);

/* Made in the record's directory, with room for this many steps, and mapped shared. 0 or -errno. */
int board_make(int dirfd, uint32_t step_count, struct board **board, int *fd);

/* Progress of one actor. All take NULL for "no board yet" and only write memory: the child uses them too. */
void board_wait(struct board *board, enum step_actor actor, uint32_t step);
void board_begin(struct board *board, enum step_actor actor, uint32_t step);
void board_end(struct board *board, enum step_actor actor, uint32_t step);
/* `detail` may be NULL; what does not fit is cut. */
void board_fail(struct board *board, enum step_actor actor, uint32_t step, int number, const char *detail);

/* That of a container which another kist made, as it is now: a private copy. Its size says how many steps it has. 0 or
 * -errno. */
int board_read(struct arena *arena, int dirfd, struct board **copy);

/* A private copy of the page as it is now, sized by the plan and not by what the page says. */
struct board *board_copy(struct arena *arena, const struct board *board, uint32_t step_count);
/* The step's detail, cut at the page's end and without control characters; NULL when there is none. */
const char *board_words(struct arena *arena, const struct board *copy, uint32_t step);
/* The same as it was written. Anything may be in it but NUL bytes. */
const char *board_text(struct arena *arena, const struct board *copy, uint32_t step);

#endif
