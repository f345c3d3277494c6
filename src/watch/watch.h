/* watch.h: the foreground: forwards signals, pumps the terminal, reaps, and tells how the container ended. */
#ifndef KIST_WATCH_WATCH_H
#define KIST_WATCH_WATCH_H

#include "base/arena.h"
#include "base/err.h"

#include "watch/follow.h"
#include "watch/notify.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct watch {
	pid_t pid;
	int pidfd;
	int console; /* master end, or -1: the program has kist's own stdin, stdout and stderr */
	bool console_onlcr; /* it sends carriage returns itself, so the caller's terminal is to add none */
	/* A box answers ^C and ^Z as any command does. Its program is PID 1 though, to which the kernel lets no default
	 * action happen; so kist ends or suspends the box in its place. False: as under runc. */
	bool acts_by_default;
	bool init; /* pid is an init, and the program its child: that one may really stop, and then the box is
		    * suspended */
	uint32_t timeout_ms; /* then the program gets SIGTERM, and after grace_ms SIGKILL; 0: none */
	uint32_t grace_ms;
	int parent;          /* pidfd of a process whose end is the container's end, or -1 */
	pid_t server;        /* without which the container cannot go on: its end ends it; 0: none */
	int *server_status;  /* receives how that ended, as wait(2) has it; stays as it is while it runs */
	const struct notify *notify; /* answers the seccomp listener; NULL: there is none */
	int listener;                /* or -1 */
	struct follow *follow; /* open; NULL: nothing is to be followed */
};

/* The status of a container whose time was up, as timeout(1) has it. */
enum { WATCH_STATUS_TIMEOUT = 124 };

/* To be called before the plan is walked: blocks the forwardable signals so that none is lost between the start of
 * the program and watch_wait (they wait, pending), and remembers the mask the program must get back. */
int watch_prepare(struct err *err, struct arena *arena);

/* Returns when the process has ended: its exit status, or 128 + n when signal n ended it. Forwards every forwardable
 * signal (all but KILL, STOP, CHLD and the job-control ones of the terminal), reaps orphans that come to kist, pumps
 * the terminal byte for byte in both directions with back-pressure and drains it at the end, follows window size
 * changes, and puts the caller's terminal back on every way out. -errno with err when it cannot watch. */
int watch_wait(struct arena *arena, const struct watch *watch, struct err *err);

#endif
