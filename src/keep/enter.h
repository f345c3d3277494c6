/* enter.h: becoming root over the files of subordinate ids, which an ordinary user's box has left. */
#ifndef KIST_KEEP_ENTER_H
#define KIST_KEEP_ENTER_H

#include "keep/keep.h"

/* Where the changes were made in a user namespace and the caller is not root of the machine: goes on in a child that
 * has all capabilities in a new user namespace with the same maps. The ids it sees are those of the box, and what is
 * not mapped belongs to 65534; it has no power over the latter. 0: go on (in the child, or right here when none is
 * needed); 1: this is the parent, the child has ended with *status; -errno with err. */
int keep_enter(struct arena *arena, struct keep *keep, const struct keep_helpers *helpers, int *status,
               struct err *err);

#endif
