/* check.h: what a config must satisfy beyond the types of its properties: a list of named checks. */
#ifndef KIST_SPEC_CHECK_H
#define KIST_SPEC_CHECK_H

#include "spec/fault.h"
#include "spec/spec.h"

/* Runs every check and adds what they find. Decoding's faults must be in `faults` already: a check says nothing about
 * what could not be read. */
void spec_check(struct arena *arena, const struct spec *spec, struct spec_faults *faults);

/* The names of the checks, in order; NULL behind the last. A fault carries the name of the check that found it. */
const char *spec_check_name(size_t index);

/* Only those of linux_.resources. */
void spec_check_resources(struct arena *arena, const struct spec *spec, struct spec_faults *faults);

#endif
