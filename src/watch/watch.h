/* watch.h: the foreground: forwards signals, pumps the terminal, reaps, and tells how the container ended. */
#ifndef KIST_WATCH_WATCH_H
#define KIST_WATCH_WATCH_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct watch {
	pid_t pid;
	int pidfd;
	int console; /* master end, or -1: the program has kist's own stdin, stdout and stderr */
};

/* To be called before the plan is walked: blocks the forwardable signals so that none is lost between the start of
 * the program and watch_wait (they wait, pending), and remembers the mask the program must get back. */
int watch_prepare(struct err *err, struct arena *arena);

/* Returns when the process has ended: its exit status, or 128 + n when signal n ended it. Forwards every forwardable
 * signal (all but KILL, STOP, CHLD and the job-control ones of the terminal), reaps orphans that come to kist, pumps
 * the terminal byte for byte in both directions with back-pressure and drains it at the end, follows window size
 * changes, and puts the caller's terminal back on every way out. -errno with err when it cannot watch. */
int watch_wait(struct arena *arena, const struct watch *watch, struct err *err);

#endif
