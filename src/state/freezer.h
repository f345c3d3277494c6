/* freezer.h: stopping and thawing all processes of a container at once. */
#ifndef KIST_STATE_FREEZER_H
#define KIST_STATE_FREEZER_H

#include "state/record.h"

/* Whether the container's cgroup is frozen, or about to be. False where it has none. */
bool freezer_holds(struct arena *arena, const struct record *record);
/* Freezes or thaws, and waits until it is so, at most 5 s; a freeze that does not succeed is taken back. 0 or -errno
 * with err: -EOPNOTSUPP when the container has no cgroup that can be frozen, -ETIMEDOUT with the process that does not
 * stop. */
int freezer_set(struct arena *arena, const struct record *record, bool frozen, struct err *err);
/* A signal that ends a process of cgroup v1 has no effect while it is frozen: thaws there, and waits for nothing. On
 * v2 nothing is needed. */
void freezer_let_die(struct arena *arena, const struct record *record);

#endif
