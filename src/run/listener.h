/* listener.h: the seccomp listener of a traced container: taken from init as soon as there is one, and served while the
 * runtime still waits for the program to start. */
#ifndef KIST_RUN_LISTENER_H
#define KIST_RUN_LISTENER_H

#include "run/walk.h"

#include <poll.h>
#include <stdbool.h>

/* How long a wait may last, in milliseconds, when it would last `pause` (-1: for ever): init cannot say that there is a
 * listener, so it is looked for. */
int listener_pause(const struct walk *walk, int pause);
/* Takes it when it is there. 0 or -errno with the walk at the step that made it. */
int listener_take(struct walk *walk);
/* After a poll: hands the calls to whom the request names. */
void listener_serve(struct walk *walk, const struct pollfd *polled);

#endif
