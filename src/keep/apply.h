/* apply.h: putting kept changes onto what they were made over.
 *
 * A box chose every name, link and number in the layer, and others may be at work in the directories they go to. So
 * both sides are walked by openat2 from the top of the part, no link is followed and no mount entered; each file is
 * made under a name of kist's own beside its place, complete with owner, attributes, mode and times, and then renamed
 * over it. */
#ifndef KIST_KEEP_APPLY_H
#define KIST_KEEP_APPLY_H

#include "keep/change.h"

/* Why a change cannot be applied by this caller, in words; NULL where it can. One for each of changes->items. */
const char **keep_obstacles(struct arena *arena, const struct keep *keep, const struct keep_changes *changes);

/* Applies all that have no obstacle, a directory before what is in it, and stops at the first that fails. `done` (one
 * for each of changes->items) tells which are whole; the others are as they were. 0 or -errno with err. */
int keep_apply(struct arena *arena, const struct keep *keep, const struct keep_changes *changes,
               const char *const *obstacles, bool *done, struct err *err);

#endif
