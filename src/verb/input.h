/* input.h: a document that a flag names: a file, "-" for standard input, or "fd:N" for an inherited descriptor. */
#ifndef KIST_VERB_INPUT_H
#define KIST_VERB_INPUT_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

/* Reads at most `limit` bytes; `what` is what it is for messages ("the seccomp profile"). 0, or -errno with err. A
 * descriptor is closed, so that it does not reach the program. */
int input_read(struct arena *arena, const char *name, const char *what, size_t limit, char **text, size_t *length,
               struct err *err);

#endif
