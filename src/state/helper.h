/* helper.h: running a small program of the host (newuidmap and newgidmap) and telling what it said when it failed. */
#ifndef KIST_STATE_HELPER_H
#define KIST_STATE_HELPER_H

#include "base/arena.h"

#include <sys/types.h>

/* Runs args[0], an absolute path, with an empty environment, no descriptor above 2, stdin and stdout on /dev/null, and
 * waits at most 10 s. 0 when it exited with 0. Otherwise -errno, and *words (in the arena) tells how it ended and what
 * it wrote to stderr: -ENOENT, -EACCES ... when it could not be executed, -ETIMEDOUT, -EPERM when it failed. */
int helper_run(struct arena *arena, const char *const *args, const char **words);

/* A helper that was started. { .pidfd = -1 } is none. */
struct helper {
	const char *name;
	int pidfd, words; /* `words`: the end of its stderr */
};

/* newuidmap or newgidmap: gives the process the map, which is as /proc/PID/uid_map wants it: lines of three numbers.
 * The helper is started and left to itself: each of the two takes a millisecond and a half, and neither waits for the
 * other. 0, or -errno, perhaps with *words. */
int helper_start_map(struct arena *arena, const char *path, pid_t pid, const char *map, struct helper *helper,
                     const char **words);
/* Waits for it; as helper_run(). */
int helper_finish(struct arena *arena, struct helper *helper, const char **words);
/* Ends one that is not waited for any more, if there is one. */
void helper_drop(struct helper *helper);
/* Starts it and waits. */
int helper_write_map(struct arena *arena, const char *path, pid_t pid, const char *map, const char **words);

#endif
