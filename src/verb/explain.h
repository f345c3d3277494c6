/* explain.h: what the doctor knows about a step that failed. */
#ifndef KIST_VERB_EXPLAIN_H
#define KIST_VERB_EXPLAIN_H

#include "base/err.h"
#include "facts/facts.h"
#include "plan/block.h"

/* Puts the cause on this host, and the one remedy, in place of the step's hint; where no cause is certain the hint
 * stays. Only after a failure: it reads files. */
void explain_failure(struct arena *arena, const struct facts *facts, const struct plan_block *block, struct err *err);

#endif
