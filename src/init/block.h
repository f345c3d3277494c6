/* block.h: the plan as init maps it: sealed, and looked over before one step of it is done. */
#ifndef KIST_INIT_BLOCK_H
#define KIST_INIT_BLOCK_H

#include "plan/block.h"

/* 0 when every offset, list, slot and crossing of the `size` bytes at `block` stays inside them, else -EINVAL. The
 * bytes come from a runtime that built them itself; this is the second lock on the door (CVE-2021-43784). */
int block_check(const struct plan_block *block, size_t size);

/* Maps the sealed memfd read-only. The block, or NULL when it is not sealed, not mappable or not a plan. */
const struct plan_block *block_map(int fd);

/* The next string of a list, given the one before it. */
const char *list_next(const char *string);

#endif
