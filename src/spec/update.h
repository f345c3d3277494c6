/* update.h: new limits for a container that runs; only linux_.resources of these specs is filled. */
#ifndef KIST_SPEC_UPDATE_H
#define KIST_SPEC_UPDATE_H

#include "base/words.h"
#include "spec/spec.h"

/* From a document that is what /linux/resources of a config.json is. The spec may be used only when faults->count is
 * 0. */
struct spec *spec_update_decode(struct arena *arena, const char *text, size_t length, const char *source,
                                struct spec_faults *faults);
/* From the flags of `kist update`, as they were given. */
struct spec *spec_update_flags(struct arena *arena, const struct given_words *words, struct spec_faults *faults);

#endif
