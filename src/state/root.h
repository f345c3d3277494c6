/* root.h: the state root: the one directory all records lie in. */
#ifndef KIST_STATE_ROOT_H
#define KIST_STATE_ROOT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* A readable descriptor of the state root. It must be a directory of the caller that nobody else may write to: who
 * could, would choose which processes and cgroups kist kills. `make`: made 0700 when missing, parents too.
 * -ENOENT, -EPERM (not ours), or another -errno, with err. */
int root_open(struct arena *arena, const char *path, bool make, struct err *err);

/* The names in it that may be ids, each NUL-terminated, one behind the other. Takes the descriptor. 0 or -errno. */
int root_list(struct arena *arena, int rootfd, struct buf *ids);

/* Waits at most `milliseconds` for the exclusive flock. 0, -EWOULDBLOCK, or another -errno. */
int lock_wait(int fd, int milliseconds);

#endif
