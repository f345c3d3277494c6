/* terminal.h: the caller's terminal: raw while the container has it, and as it was on every way out. */
#ifndef KIST_WATCH_TERMINAL_H
#define KIST_WATCH_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int fd;               /* stdin when it is a terminal, else -1 */
	bool raw;
	struct termios saved; /* as the caller had it */
};

/* Looks at stdin; touches nothing. */
struct terminal terminal_find(void);
/* Every key becomes a byte for the container: no echo, no signals, no lines. Output processing stays on, since the
 * container's terminal sends bare line feeds. Nothing happens when stdin is no terminal. 0 or -errno. */
int terminal_make_raw(struct terminal *terminal);
void terminal_restore(struct terminal *terminal);
/* Stops kist as ^Z from outside asks, with the terminal restored, and goes on raw when it is continued. */
void terminal_stop(struct terminal *terminal);
/* Gives the container's terminal the caller's window size, when the caller has one. */
void terminal_copy_size(int console);

#endif
