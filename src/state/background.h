/* background.h: boxes that run in the background: how they end, and who waits for that. */
#ifndef KIST_STATE_BACKGROUND_H
#define KIST_STATE_BACKGROUND_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "state/record.h"

#include <stdint.h>

/* The last word of who watched it: saves the status, undoes what stands outside, and leaves the record, unlocked and
 * closed. Warnings (one line each) go to report. 0 or -errno. */
int background_end(struct arena *arena, struct record *record, int status, struct buf *report, struct err *err);

/* Waits for its end, however long. 0 with the status; -ENOENT when there is none, -EINVAL when it runs in the
 * foreground, -EOWNERDEAD (err->status 137) when who watched it was killed, so that nobody knows the status, or another
 * -errno. */
int background_wait(struct arena *arena, const char *root, const char *id, int *status, struct err *err);

/* SIGTERM for its runtime, which passes it on; after timeout_ms SIGKILL for its process; then the runtime's clearing up
 * is awaited, bounded, and the record removed. Of one that has ended only the record is. 0, or -errno as above. */
int background_stop(struct arena *arena, const char *root, const char *id, uint32_t timeout_ms, struct err *err);
/* After the runtime of a start was killed: undoes what it left under this id. 0, also when there is nothing, or
 * -errno. */
int background_clear(struct arena *arena, const char *root, const char *id, pid_t runtime, struct err *err);

#endif
