/* trouble.h: what can go wrong with a run. */
#ifndef KIST_TEST_TROUBLE_H
#define KIST_TEST_TROUBLE_H

#include "trial.h"

extern const struct trouble trouble_none;     /* an undisturbed run, which must succeed */
extern const struct trouble trouble_unlooked; /* the same, but nobody looks */
extern const struct trouble step_troubles[];  /* for each step of a plan */
extern const unsigned step_trouble_count;
extern const unsigned brief_trouble_count;      /* the first of them */
extern const struct trouble random_troubles[];  /* at a random moment */
extern const unsigned random_trouble_count;

#endif
