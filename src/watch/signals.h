/* signals.h: the signals that reach a foreground kist, read one by one, and which of them the container gets. */
#ifndef KIST_WATCH_SIGNALS_H
#define KIST_WATCH_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

/* All that can be blocked but the terminal's job control, which stops kist as it stops any program. */
void signals_wanted(sigset_t *set);
/* A close-on-exec, non-blocking signalfd for them; with `job_control` SIGTSTP and SIGCONT too: kist
 * holds a raw terminal then, or suspends what it watches along with itself. */
int signals_open(bool job_control);
/* The next one that waits. 1, 0 when there is none, or -errno. */
int signals_next(int fd, struct signalfd_siginfo *info);
/* Passes it on to the container's process where that is right; true when it did. */
bool signals_forward(const struct signalfd_siginfo *info, int pidfd);

#endif
