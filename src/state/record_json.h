/* record_json.h: record.json: the record as text and back. */
#ifndef KIST_STATE_RECORD_JSON_H
#define KIST_STATE_RECORD_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "state/record.h"

#include <stddef.h>

void record_write_json(struct buf *out, const struct record *record);
/* Fills all that record.json holds; what it does not hold stays. Text of another record, of another kist or of no kist
 * at all is refused: 0, or -EBADMSG with err, and then the record is as it was. */
int record_read_json(struct arena *arena, const char *text, size_t length, struct record *record, struct err *err);

#endif
