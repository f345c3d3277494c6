/* changes.h: what the verbs over kept changes share: opening, entering, and the list as people and programs read it. */
#ifndef KIST_VERB_CHANGES_H
#define KIST_VERB_CHANGES_H

#include "keep/change.h"
#include "keep/keep.h"
#include "verb/verb.h"

struct changes_wanted {
	const char *verb; /* for the message about operands */
	bool lock;        /* no box may use it meanwhile */
	bool enter;       /* files of subordinate ids are read or written */
};

/* Opens the one operand. True: go on with it (perhaps in a child that sees the ids of the box); false: *status is the
 * exit status, and whatever went wrong has been reported. */
bool changes_open(struct command *command, const struct changes_wanted *wanted, int argc, char **argv,
                  struct keep *keep, int *status);
/* The caller's newuidmap and newgidmap. 0, or the exit status after a report. */
int changes_helpers(struct command *command, struct keep_helpers *helpers);

/* "M  /etc/passwd  (mode 0644 to 0600)", one line a change; a name with control characters is quoted. */
void changes_line(struct buf *out, const struct keep_change *change);
void changes_json(struct buf *out, const struct keep *keep, const struct keep_changes *changes);

#endif
