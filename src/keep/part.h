/* part.h: what the files of this room ask of each other. */
#ifndef KIST_KEEP_PART_H
#define KIST_KEEP_PART_H

#include "keep/keep.h"

/* "upper.3", "work.3" */
const char *keep_upper_name(struct arena *arena, unsigned number);
const char *keep_work_name(struct arena *arena, unsigned number);

/* The top of what a part was made over. It is not followed through links, but for the root's own path. -errno. */
int keep_open_target(const struct keep *keep, const struct keep_part *part);

/* The directory is the caller's and closed to all others. 0 or -errno with err. */
int keep_check_owner(struct arena *arena, const struct keep *keep, struct err *err);
/* The lock alone; the manifest may not be there yet. */
int keep_lock_directory(struct arena *arena, const struct keep *keep, struct err *err);
/* The lock, what the manifest says under it, and that the last box is gone (unless that is `own_record`). */
int keep_lock_for(struct arena *arena, struct keep *keep, const char *own_record, struct err *err);

#endif
