/* print_json.h: a plan as JSON. */
#ifndef KIST_PLAN_PRINT_JSON_H
#define KIST_PLAN_PRINT_JSON_H

#include "base/buf.h"
#include "plan/block.h"

#include <stdbool.h>

/* {"kist": version, "id": ..., "steps": [...], "crossings": [...]}, one step a line. Fields have the names of
 * steps.def; numbers with a notation are strings in it, absent fields are left out, programs are counted. */
void plan_print_json(struct buf *out, const struct plan_block *block, bool show_env);

#endif
