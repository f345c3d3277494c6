/* buf.h: bytes that grow, in an arena. */
#ifndef KIST_BASE_BUF_H
#define KIST_BASE_BUF_H

#include "base/arena.h"

#include <stdbool.h>

/* `bytes` is always NUL-terminated once something was put; it moves when the buffer grows. */
struct buf {
	struct arena *arena;
	char *bytes;
	size_t length;   /* without the final NUL */
	size_t capacity; /* with it */
};

struct buf buf_in(struct arena *arena);
/* Makes room for `more` bytes at once, where the size is known: growing by doubling touches twice the memory. */
void buf_reserve(struct buf *buf, size_t more);
void buf_put(struct buf *buf, const void *bytes, size_t length);
void buf_puts(struct buf *buf, const char *string);
void buf_putc(struct buf *buf, char byte);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
/* Appends zero bytes until the length is a multiple of `alignment` (a power of two). */
void buf_align(struct buf *buf, size_t alignment);

#endif
