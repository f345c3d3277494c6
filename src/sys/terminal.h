/* terminal.h: pseudo terminals by descriptor. */
#ifndef KIST_SYS_TERMINAL_H
#define KIST_SYS_TERMINAL_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/ioctl.h>

/* The other end of a pty, by its master: no path is looked up (CVE-2025-52565). Close-on-exec. */
static inline int sys_terminal_peer(int master)
{
	return sys_result(ioctl(master, UAPI_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

static inline int sys_terminal_unlock(int master)
{
	int locked = 0;

	return sys_result(ioctl(master, UAPI_TIOCSPTLCK, &locked));
}

static inline int sys_terminal_set_size(int fd, uint16_t rows, uint16_t columns)
{
	const struct uapi_window_size size = { .rows = rows, .columns = columns };

	return sys_result(ioctl(fd, UAPI_TIOCSWINSZ, &size));
}

static inline int sys_terminal_get_size(int fd, uint16_t *rows, uint16_t *columns)
{
	struct uapi_window_size size = { 0 };
	int result = sys_result(ioctl(fd, UAPI_TIOCGWINSZ, &size));

	if (result < 0)
		return result;
	*rows = size.rows;
	*columns = size.columns;
	return 0;
}

/* The foreground process group of the session's terminal. */
static inline pid_t sys_terminal_front(int fd)
{
	pid_t group = 0;
	int result = sys_result(ioctl(fd, UAPI_TIOCGPGRP, &group));

	return result < 0 ? result : group;
}

static inline int sys_terminal_set_front(int fd, pid_t group)
{
	return sys_result(ioctl(fd, UAPI_TIOCSPGRP, &group));
}

/* The session leader's controlling terminal from now on. */
static inline int sys_terminal_take(int fd)
{
	return sys_result(ioctl(fd, UAPI_TIOCSCTTY, 0));
}

/* Whether a line feed is sent as carriage return and line feed (ONLCR; a new terminal does). */
int sys_terminal_set_onlcr(int fd, bool on);

#endif
