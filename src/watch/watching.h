/* watching.h: what the foreground knows while it waits. */
#ifndef KIST_WATCH_WATCHING_H
#define KIST_WATCH_WATCHING_H

#include "watch/pump.h"
#include "watch/watch.h"

#include <sys/signalfd.h>

enum { STATUS_NONE = -1 };

/* The time that --timeout gives is running, up (SIGTERM was sent), or over (SIGKILL). */
enum clock_stage { CLOCK_OFF, CLOCK_RUNS, CLOCK_UP, CLOCK_OVER };

struct watching {
	const struct watch *watch;
	struct pump pump;
	int signals;
	int listener;  /* or -1: there is none, or nobody is left behind the filter */
	int status;    /* of the ended process, or STATUS_NONE */
	int acted;     /* kist ended the container for this signal, which is what it died of; 0: none */
	bool given_up; /* a signal came while only the output was still being written */
	bool orphaned; /* the parent has ended, and the container was killed for it */
	int looks;     /* so often to look yet whether ^Z has stopped the program under an init */
	enum clock_stage stage;
	int64_t due;   /* when the next stage begins, in milliseconds of the monotonic clock */
};

/* answer.c: what is done about a signal that reached kist, and about a key that the container's terminal turned into
 * one. */
void answer_signal(struct watching *watching, const struct signalfd_siginfo *info);
void answer_key(struct watching *watching);
/* Whether ^Z, just typed, has stopped what an init runs: nobody tells kist. To be called every ANSWER_LOOK_MS while
 * `looks` is not 0. */
enum { ANSWER_LOOK_MS = 50 };
void answer_stop(struct watching *watching);

/* deadline.c: how long to wait at most (-1: for ever), and what is done when the time is up. */
void deadline_open(struct watching *watching);
int deadline_wait(const struct watching *watching);
void deadline_check(struct watching *watching);

#endif
