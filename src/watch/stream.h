/* stream.h: one direction of the pump: bytes from here to there, none lost, none waited for. */
#ifndef KIST_WATCH_STREAM_H
#define KIST_WATCH_STREAM_H

#include "base/arena.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

enum { STREAM_ROOM = 32 << 10 };

/* A descriptor that is not waited for. What kist got from its caller is shared with others (a shell, a pipeline), and
 * O_NONBLOCK would hit them too; so it is opened a second time where that is possible. */
struct stream_end {
	int fd;
	bool opened;  /* a second opening: to be closed */
	bool socket;  /* each call says itself that it does not wait */
	bool patient; /* could not be made non-blocking: small pieces, and only after poll(2) */
};
struct stream_end stream_end_of_caller(int fd, bool writing);
struct stream_end stream_end_of_console(int fd);
void stream_end_close(struct stream_end *end);

struct stream {
	struct stream_end from, to;
	char *bytes;         /* STREAM_ROOM of them */
	size_t start, count; /* what was read and not yet written */
	char last;           /* the last byte that was written; 0: none */
	size_t moved;        /* so many bytes before `start` were written by the last stream_move() ... */
	char before;         /* ... and this byte before them */
	bool no_more;        /* `from` has ended; what is in the room is still to be written */
	bool broken;         /* `to` takes nothing any more */
};

void stream_open(struct stream *stream, struct arena *arena, struct stream_end from, struct stream_end to);
/* What to wait for: reading only while there is room, writing only while there is something. An end that has nothing to
 * tell has fd -1: poll(2) would report its hang-up again and again. */
void stream_ask(const struct stream *stream, struct pollfd fds[2]);
/* Moves what can be moved, after poll(2). */
void stream_move(struct stream *stream, const struct pollfd fds[2]);
/* Adds a byte of kist's own; there is room when nothing waits to be written. */
void stream_put(struct stream *stream, char byte);
/* Nothing waits to be written, or nobody takes it. */
static inline bool stream_idle(const struct stream *stream)
{
	return stream->count == 0 || stream->broken;
}

#endif
