/* stream.c: moves bytes with back-pressure: a slow reader slows the writer down and nobody else. */
#include "watch/stream.h"

#include "sys/open.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A regular file is never waited for, and a second opening would have an offset of its own. A socket cannot be opened
 * again; each call says MSG_DONTWAIT instead. */
struct stream_end stream_end_of_caller(int fd, bool writing)
{
	struct stat status;
	char path[32];
	if (fstat(fd, &status) < 0)
		return (struct stream_end){ .fd = -1 };
	if (!S_ISFIFO(status.st_mode) && !S_ISCHR(status.st_mode))
		return (struct stream_end){ .fd = fd, .socket = S_ISSOCK(status.st_mode) };
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int again = sys_open_at(AT_FDCWD, path, (writing ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY, 0);
	if (again < 0)
		return (struct stream_end){ .fd = fd, .patient = true };
	return (struct stream_end){ .fd = again, .opened = true };
}

struct stream_end stream_end_of_console(int fd)
{
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	return (struct stream_end){ .fd = fd };
}

void stream_end_close(struct stream_end *end)
{
	if (end->opened)
		close(end->fd);
	*end = (struct stream_end){ .fd = -1 };
}

void stream_open(struct stream *stream, struct arena *arena, struct stream_end from, struct stream_end to)
{
	*stream = (struct stream){
		.from = from,
		.to = to,
		.bytes = arena_alloc(arena, STREAM_ROOM),
		.no_more = from.fd < 0,
		.broken = to.fd < 0,
	};
}

void stream_ask(const struct stream *stream, struct pollfd fds[2])
{
	bool reads = !stream->no_more && (stream->count < STREAM_ROOM || stream->broken);
	bool writes = !stream->broken && stream->count > 0;
	fds[0] = (struct pollfd){ .fd = reads ? stream->from.fd : -1, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = writes ? stream->to.fd : -1, .events = POLLOUT };
}

static bool would_wait(ssize_t result)
{
	return result < 0 && (errno == EAGAIN || errno == EINTR);
}

static ssize_t read_some(const struct stream_end *end, char *bytes, size_t size)
{
	return end->socket ? recv(end->fd, bytes, size, MSG_DONTWAIT) : read(end->fd, bytes, size);
}

static ssize_t write_some(const struct stream_end *end, const char *bytes, size_t size)
{
	if (end->socket)
		return send(end->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* A pipe that poll(2) calls writable takes PIPE_BUF bytes without waiting (pipe(7)). */
	return write(end->fd, bytes, end->patient && size > PIPE_BUF ? PIPE_BUF : size);
}

static void fill(struct stream *stream)
{
	if (stream->broken) /* nobody wants it, but who writes must not stall */
		stream->start = stream->count = 0;
	if (stream->start > 0) {
		memmove(stream->bytes, stream->bytes + stream->start, stream->count);
		stream->start = 0;
	}
	ssize_t got = read_some(&stream->from, stream->bytes + stream->count, STREAM_ROOM - stream->count);
	if (got > 0)
		stream->count += (size_t)got;
	else if (!would_wait(got)) /* a terminal whose other side is gone says EIO */
		stream->no_more = true;
}

static void empty(struct stream *stream)
{
	ssize_t sent = write_some(&stream->to, stream->bytes + stream->start, stream->count);
	if (sent > 0) {
		stream->moved = (size_t)sent;
		stream->before = stream->last;
		stream->last = stream->bytes[stream->start + (size_t)sent - 1];
		stream->start += (size_t)sent;
		stream->count -= (size_t)sent;
	} else if (!would_wait(sent)) {
		stream->broken = true;
	}
}

void stream_move(struct stream *stream, const struct pollfd fds[2])
{
	stream->moved = 0;
	if (fds[0].fd >= 0 && fds[0].revents)
		fill(stream);
	/* What was just read may go on at once, without another round of poll(2). */
	bool may_write = !stream->to.patient || (fds[1].fd >= 0 && fds[1].revents);
	if (!stream_idle(stream) && may_write)
		empty(stream);
}

void stream_put(struct stream *stream, char byte)
{
	if (stream->start + stream->count < STREAM_ROOM)
		stream->bytes[stream->start + stream->count++] = byte;
}
