/* fault.h: what a test build does to itself at one step of the plan. meson picks fault_on.c or fault_off.c. */
#ifndef KIST_INIT_FAULT_H
#define KIST_INIT_FAULT_H

#include "init/walk.h"

/* Before each of init's own steps. Returns 0, or the -errno the step is to fail with; or does not return. */
int fault_before(struct walker *walker);

#endif
