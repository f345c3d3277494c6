/* terminal.c: raw and back. */
#include "watch/terminal.h"

#include "sys/terminal.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

struct terminal terminal_find(void)
{
	struct terminal terminal = { .fd = -1 };
	if (tcgetattr(STDIN_FILENO, &terminal.saved) == 0)
		terminal.fd = STDIN_FILENO;
	return terminal;
}

int terminal_make_raw(struct terminal *terminal)
{
	if (terminal->fd < 0)
		return 0;
	struct termios raw = terminal->saved;
	cfmakeraw(&raw);
	raw.c_oflag = terminal->saved.c_oflag;
	/* From the background this stops kist (SIGTTOU) until it is in the foreground: then the terminal is its own. */
	if (tcsetattr(terminal->fd, TCSANOW, &raw) < 0)
		return -errno;
	terminal->raw = true;
	return 0;
}

void terminal_restore(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
	terminal->raw = false;
}

void terminal_stop(struct terminal *terminal)
{
	bool was_raw = terminal->raw;
	terminal_restore(terminal);
	kill(getpid(), SIGSTOP);
	if (was_raw)
		terminal_make_raw(terminal);
}

void terminal_copy_size(int console)
{
	uint16_t rows, columns;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* 0 by 0 is a terminal that does not know its size: then what the configuration says stays. */
		if (sys_terminal_get_size(fd, &rows, &columns) == 0 && rows && columns) {
			sys_terminal_set_size(console, rows, columns);
			return;
		}
	}
}
