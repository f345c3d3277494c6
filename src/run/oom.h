/* oom.h: whether the memory limit of a container was its end. */
#ifndef KIST_RUN_OOM_H
#define KIST_RUN_OOM_H

#include "base/arena.h"
#include "plan/block.h"

/* ", memory limit 4 MiB reached" when a cgroup of this plan counts a process that the kernel killed for it; else "".
 * Asked before the cgroups are removed. Never NULL. */
const char *oom_words(struct arena *arena, const struct plan_block *block);

#endif
