/* trace.h: a board as text for people and as Chrome trace events for Perfetto. */
#ifndef KIST_VERB_TRACE_H
#define KIST_VERB_TRACE_H

#include "base/buf.h"
#include "plan/block.h"
#include "plan/board.h"

/* One line a step in the order they began: time since the first, duration, actor, words. */
void trace_print(struct buf *out, const struct plan_block *block, const struct board *board);
/* The JSON object format of Chrome's trace viewer and Perfetto: one complete event ("ph":"X") a step, microseconds. */
void trace_events(struct buf *out, const struct plan_block *block, const struct board *board);

#endif
