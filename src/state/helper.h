/* helper.h: running a small program of the host (newuidmap and newgidmap) and telling what it said when it failed. */
#ifndef KIST_STATE_HELPER_H
#define KIST_STATE_HELPER_H

#include "base/arena.h"

#include <sys/types.h>

/* Runs args[0], an absolute path, with an empty environment, no descriptor above 2, stdin and stdout on /dev/null, and
 * waits at most 10 s. 0 when it exited with 0. Otherwise -errno, and *words (in the arena) tells how it ended and what
 * it wrote to stderr: -ENOENT, -EACCES ... when it could not be executed, -ETIMEDOUT, -EPERM when it failed. */
int helper_run(struct arena *arena, const char *const *args, const char **words);

/* newuidmap or newgidmap: gives the process the map, which is as /proc/PID/uid_map wants it: lines of three numbers. */
int helper_write_map(struct arena *arena, const char *helper, pid_t pid, const char *map, const char **words);

#endif
