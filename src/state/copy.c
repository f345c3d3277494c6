/* copy.c: a file of the host whose text a container has in a file of its own. */
#include "state/copy.h"

#include "base/fd.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { COPY_CHUNK = 16 << 10, COPY_LIMIT = 1 << 20 };

/* Not blocked by a FIFO, not acting on a device. */
static int open_source(const char *source)
{
	struct stat status;
	FD_AUTO int fd = sys_open_at(AT_FDCWD, source, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	int result = fd < 0 ? fd : sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	return S_ISREG(status.st_mode) ? fd_take(&fd) : -EINVAL;
}

static int put(int fd, const char *bytes, size_t size, off_t *at)
{
	while (size > 0) {
		ssize_t written = pwrite(fd, bytes, size, *at);
		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			size -= (size_t)written;
			*at += written;
		}
	}
	return 0;
}

/* Written over and cut at the end: a reader in between sees a file that is whole but for the part being written, and
 * never an empty one. */
int copy_renew(int fd, const char *source, const char *head)
{
	char chunk[COPY_CHUNK];
	off_t at = 0;
	FD_AUTO int from = open_source(source);
	if (from < 0 && from != -ENOENT)
		return from;
	int result = put(fd, head, strlen(head), &at);
	long count = 1;
	while (result == 0 && from >= 0 && count > 0) {
		count = sys_read(from, chunk, sizeof(chunk));
		if (count < 0)
			return (int)count;
		if (at + count > COPY_LIMIT)
			return -EFBIG;
		result = put(fd, chunk, (size_t)count, &at);
	}
	return result < 0 ? result : ftruncate(fd, at) < 0 ? -errno : 0;
}
