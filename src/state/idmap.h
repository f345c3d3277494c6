/* idmap.h: removing files of subordinate ids, which an ordinary user can only do from inside a user namespace. */
#ifndef KIST_STATE_IDMAP_H
#define KIST_STATE_IDMAP_H

#include "base/arena.h"
#include "state/record.h"

/* tree_remove, done by a throw-away process that is root in a new user namespace with the record's id maps.
 * 0 or -errno; -EPERM when the record has no maps. */
int idmap_tree_remove(struct arena *arena, const struct record *record, int dirfd, const char *name);

#endif
