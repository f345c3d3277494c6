/* encode.h: a spec as a config.json. */
#ifndef KIST_SPEC_ENCODE_H
#define KIST_SPEC_ENCODE_H

#include "base/buf.h"
#include "spec/spec.h"

/* Appends the config.json, indented, that is decoded to this spec again. What a box has beyond the OCI specification
 * stands in the annotation BOX_NOTE. */
void spec_encode(struct buf *out, const struct spec *spec);

#endif
