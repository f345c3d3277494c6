/* box_profile.h: the seccomp profile that a box is given as a file. */
#ifndef KIST_VERB_BOX_PROFILE_H
#define KIST_VERB_BOX_PROFILE_H

#include "spec/box.h"
#include "verb/verb.h"

/* Reads what --seccomp FILE names into flags->profile. 0, or the exit status after a report. */
int box_profile_read(struct command *command, struct box_flags *flags);

#endif
