/* seccomp_default.h: the system call filter of a box that is told nothing else. */
#ifndef KIST_SPEC_SECCOMP_DEFAULT_H
#define KIST_SPEC_SECCOMP_DEFAULT_H

#include "spec/spec.h"

/* Fills `profile`: const tables, but for the list of rules, which is in the arena. `capabilities`: those that the box
 * may ever have (its bounding set), one bit each; some calls are allowed only with one. `machine`: as uname(2) says
 * it. */
void seccomp_default(struct arena *arena, uint64_t capabilities, const char *machine, struct spec_seccomp *profile);

#endif
