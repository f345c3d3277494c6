/* terminal.c: raw and back. */
#include "watch/terminal.h"

#include "sys/terminal.h"

#include <errno.h>
#include <unistd.h>

struct terminal terminal_find(bool onlcr)
{
	struct terminal terminal = { .fd = -1, .onlcr = onlcr };
	if (tcgetattr(STDIN_FILENO, &terminal.saved) == 0)
		terminal.fd = STDIN_FILENO;
	return terminal;
}

/* A terminal that is not the controlling one knows no foreground: then it is whose descriptor it is. */
static bool is_in_front(const struct terminal *terminal)
{
	pid_t group = tcgetpgrp(terminal->fd);
	return group < 0 || group == getpgrp();
}

static int set_raw(struct terminal *terminal)
{
	struct termios raw = terminal->saved;
	cfmakeraw(&raw);
	if (!terminal->onlcr)
		raw.c_oflag = terminal->saved.c_oflag;
	if (tcsetattr(terminal->fd, TCSANOW, &raw) < 0)
		return -errno;
	terminal->raw = true;
	return 0;
}

int terminal_make_raw(struct terminal *terminal)
{
	if (terminal->fd < 0 || terminal->raw || !is_in_front(terminal))
		return 0;
	/* Read now: while another job was in front, the modes were that job's. */
	if (tcgetattr(terminal->fd, &terminal->saved) < 0)
		return -errno;
	return set_raw(terminal);
}

void terminal_restore(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	tcsetattr(terminal->fd, TCSADRAIN, &terminal->saved);
	terminal->raw = false;
}

void terminal_settle(struct terminal *terminal)
{
	if (!terminal->raw)
		terminal_make_raw(terminal);
	else if (is_in_front(terminal))
		set_raw(terminal); /* `saved` stays: nobody may have changed the modes meanwhile */
	else
		terminal->raw = false;
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
