/* delete.h: what `kist delete` does: everything that a container left, by its journal, and the record last. */
#ifndef KIST_STATE_DELETE_H
#define KIST_STATE_DELETE_H

#include "base/buf.h"
#include "state/record.h"

/* One that runs is refused, unless `force`: then it is killed first, and one whose record is damaged, or that was never
 * made whole, goes too. One that was created and never started is killed without being asked: engines rely on that.
 * Every wait is bounded (5 s). Lines of what was done or failed go to report. 0, or -errno with err: -ENOENT when there
 * is no such container. */
int record_delete(struct arena *arena, const char *root, const char *id, bool force, struct buf *report,
                  struct err *err);

#endif
