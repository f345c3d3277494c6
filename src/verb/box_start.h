/* box_start.h: from the spec of a box, of flags or of a config.json, to its start. */
#ifndef KIST_VERB_BOX_START_H
#define KIST_VERB_BOX_START_H

#include "verb/start.h"

/* What the plan of this spec asks the host about. */
enum facts_wanted box_start_facts(const struct spec *spec);
/* start_container(), after what the spec names was looked at: its result goes into `facts`, which are the request's. */
int box_start(struct command *command, struct facts *facts, struct start_request *request);

/* A bundle's config.json, read, decoded, and started as the request says. The exit status. */
int bundle_start(struct command *command, const char *bundle, struct start_request *request);

#endif
