/* walk.h: the walker: what init knows while it does its steps, and the two ways a step tells how it went. */
#ifndef KIST_INIT_WALK_H
#define KIST_INIT_WALK_H

#include "init/block.h"
#include "init/exec.h"
#include "init/user.h"
#include "plan/board.h"
#include "plan/steps.h"

#include <stdbool.h>

/* The directory in which step `step` made something: devices and links come in a row, nearly all of them in /dev. */
struct parent {
	int fd; /* -1: none */
	uint32_t step;
	const char *path; /* of what was made; its first `length` bytes name the directory */
	size_t length;
};

struct walker {
	const struct plan_block *block;
	struct board *board;
	int line;       /* to the runtime, behind the start gate to who started it; close-on-exec */
	uint32_t index; /* of the step being done */
	int slots[PLAN_SLOTS + 1]; /* descriptors, or pids; -1: not given */
	int null;       /* the container's verified /dev/null, once a mask needed it; else -1 */
	int empty;      /* the empty read-only directory that masks share; -1: none yet */
	struct parent parent; /* of the last node or link */
	bool mounts_shared; /* mounts of the host may still be shared with this namespace */
	uint32_t root_propagation; /* SHARED waits for the pivot, which refuses a shared root (pivot_root(2)) */
	bool filtered;  /* a seccomp filter is installed: only execveat and exit may follow */
	bool files_closed;
	bool detached;  /* a created container does not end with the runtime */
	bool tied;      /* the program is to end with its runtime: die_with_runtime was done */
	int64_t clock;  /* the last time read: after the filter the clock is not asked any more */
	struct identity identity;
	struct program program;
};

/* Does all steps from `walker->index` on. Returns only when one failed: -errno; the board tells which, and why. */
int walk(struct walker *walker);

/* Adds to the board what errno does not say, for the current step: the strings, joined. Returns `result`, so that a
 * step can write `return walk_fail(walker, fd, "nothing is mounted on ", path);`. */
#define walk_fail(walker, result, ...) walk_explain(walker, result, (const char *const[]){ __VA_ARGS__, NULL })
int walk_explain(struct walker *walker, int result, const char *const *parts);

/* The descriptor in a slot, or -EBADF. */
int walk_slot(const struct walker *walker, plan_slot slot);
void walk_give(struct walker *walker, plan_slot slot, int value);
/* The same as walk_slot(), and the descriptor is the caller's from now on: the slot is empty. */
int walk_take(struct walker *walker, plan_slot slot);

static inline const char *walk_text(const struct walker *walker, plan_text text)
{
	return text ? plan_string(walker->block, text) : "";
}

/* Ends the process when the runtime is gone: a container that nobody waits for must not start. */
void walk_check_runtime(const struct walker *walker);

#endif
