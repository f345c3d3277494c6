/* pump.h: the terminal's two directions, and what happens at the end of each. */
#ifndef KIST_WATCH_PUMP_H
#define KIST_WATCH_PUMP_H

#include "base/arena.h"
#include "watch/stream.h"
#include "watch/terminal.h"

enum { PUMP_FDS = 4 };

struct pump {
	int console; /* master end, or -1: no terminal, and nothing below is used */
	int peer;    /* the other end, held open: a container that closes its terminal for a moment must not hang up */
	struct terminal terminal;
	struct stream in, out;
	bool end_sent;       /* the end of stdin was passed on */
	bool reads_terminal; /* stdin is one: in raw mode its only end is that it was hung up */
};

/* Makes the caller's terminal raw, with `onlcr` its output too: the container's sends carriage returns itself. 0 or
 * -errno; then nothing is changed. */
int pump_open(struct pump *pump, struct arena *arena, int console, bool onlcr);
void pump_ask(const struct pump *pump, struct pollfd fds[PUMP_FDS]);
void pump_move(struct pump *pump, const struct pollfd fds[PUMP_FDS]);
/* Writes what the container has written so far (the echo of ^Z), as far as nothing has to be waited for. */
void pump_flush(struct pump *pump);
/* The signal that the container's terminal makes of a key that pump_move just passed on (^C, ^\, ^Z in its modes); 0:
 * none. It goes to the terminal's foreground process group. */
int pump_typed_signal(const struct pump *pump);
/* ^Z was passed on, whatever the container's terminal makes of it. */
bool pump_typed_suspend(const struct pump *pump);
/* The process has ended: nothing goes in any more, and the other end is let go. */
void pump_finish(struct pump *pump);
/* True when all that the container wrote was written on, after pump_finish. */
bool pump_drained(const struct pump *pump);
/* Gives the terminal back and closes what was opened. */
void pump_close(struct pump *pump);

#endif
