/* background.h: the two processes of a box in the background: the caller's tells its id, the other one stays. */
#ifndef KIST_VERB_BACKGROUND_H
#define KIST_VERB_BACKGROUND_H

#include "run/run.h"
#include "verb/verb.h"

enum { BACKGROUND_STAYS = -1 };

/* Makes the process that stays, and there returns BACKGROUND_STAYS with *line, the way to the caller's. The caller's
 * waits for its word, prints the id, and returns the exit status: that of the failure when there was one, after it was
 * told. */
int background_begin(struct command *command, const char *root, const char *id, int *line);
/* The program runs: from here on nothing of the caller's is held, what is printed goes to the log, and the directory is
 * the root. Closes the line. 0, or -errno when the caller is gone or could not print the id: nobody knows of the box
 * then, and it is not to stay. */
int background_leave(struct command *command, const char *cwd, int *line, struct run *run);

#endif
