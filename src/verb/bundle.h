/* bundle.h: a bundle's config.json, read and decoded. */
#ifndef KIST_VERB_BUNDLE_H
#define KIST_VERB_BUNDLE_H

#include "verb/verb.h"

/* Reads BUNDLE/config.json (NULL: the current directory). Returns NULL after a report when it cannot be read; a spec
 * with faults is returned with them. */
struct spec *bundle_read(struct command *command, const char *bundle, struct spec_faults *faults);

#endif
