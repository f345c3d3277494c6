/* fault.h: what a test build does to itself at one step of the plan. meson picks fault_on.c or fault_off.c. */
#ifndef KIST_RUN_FAULT_H
#define KIST_RUN_FAULT_H

#include "run/walk.h"

#include <stdbool.h>

/* Whether this is a build that does such things. */
bool fault_available(void);
/* Before each of the runtime's own steps. Returns 0, or the -errno the step is to fail with; or does not return. */
int fault_own(struct walk *walk);
/* The same in the child, before it is init. */
int fault_in_child(struct walk *walk);
/* While the runtime waits for init, every fault_pause() milliseconds: init asks to be killed or to lose its runtime. */
void fault_waiting(struct walk *walk);
int fault_pause(void);

#endif
