/* terminal.h: the caller's terminal: raw while the container has it, and as it was on every way out. */
#ifndef KIST_WATCH_TERMINAL_H
#define KIST_WATCH_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int fd;               /* stdin when it is a terminal, else -1 */
	bool raw;
	bool onlcr;           /* the container's terminal sends carriage returns itself */
	struct termios saved; /* as the caller had it */
};

/* Looks at stdin; touches nothing. */
struct terminal terminal_find(bool onlcr);
/* Every key becomes a byte for the container: no echo, no signals, no lines. Output processing stays on where the
 * container's terminal sends bare line feeds. Nothing happens when stdin is no terminal, or while another job of the
 * caller's shell is in the foreground there (the kernel would stop kist, and the container's output with it).
 * 0 or -errno. */
int terminal_make_raw(struct terminal *terminal);
void terminal_restore(struct terminal *terminal);
/* There is a terminal, and it belongs to another job: to be asked again later, and not to be read from. */
static inline bool terminal_is_away(const struct terminal *terminal)
{
	return terminal->fd >= 0 && !terminal->raw;
}
/* After kist was stopped and continued by others: raw again if it was, unless the shell has taken the terminal. */
void terminal_settle(struct terminal *terminal);
/* Gives the container's terminal the caller's window size, when the caller has one. */
void terminal_copy_size(int console);

#endif
