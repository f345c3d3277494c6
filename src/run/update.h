/* update.h: new limits for a container that runs. */
#ifndef KIST_RUN_UPDATE_H
#define KIST_RUN_UPDATE_H

#include "base/arena.h"
#include "base/err.h"
#include "plan/block.h"

/* Does a plan of plan_update(): writes all its limits, or, when one is refused, puts those that were written back and
 * fills err. 0 or -errno. */
int run_update(struct arena *arena, const struct plan_block *block, struct err *err);

#endif
