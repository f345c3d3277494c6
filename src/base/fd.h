/* fd.h: file descriptors that close themselves when their scope ends. */
#ifndef KIST_BASE_FD_H
#define KIST_BASE_FD_H

#include <unistd.h>

static inline void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Hands the descriptor on: the scope no longer closes it. */
static inline int fd_take(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* `FD_AUTO int fd = ...`: closed at the end of the scope unless taken. Initialise it, to -1 at least. */
#define FD_AUTO __attribute__((cleanup(fd_close)))

#endif
