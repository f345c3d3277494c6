/* buf.c: bytes that grow, in an arena. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

enum { BUF_FIRST = 256, BUF_SHORT = 120 };

struct buf buf_in(struct arena *arena)
{
	return (struct buf){ .arena = arena };
}

/* Room for `more` bytes and the NUL. The old bytes stay in the arena: doubling bounds the waste. */
static void buf_grow(struct buf *buf, size_t more)
{
	size_t need = buf->length + more + 1;
	if (need <= buf->capacity)
		return;
	size_t capacity = buf->capacity ? buf->capacity : BUF_FIRST;
	while (capacity < need)
		capacity *= 2;
	char *bytes = arena_alloc(buf->arena, capacity);
	if (buf->length)
		memcpy(bytes, buf->bytes, buf->length);
	buf->bytes = bytes;
	buf->capacity = capacity;
}

void buf_reserve(struct buf *buf, size_t more)
{
	if (buf->length + more + 1 <= buf->capacity)
		return;
	char *bytes = arena_alloc(buf->arena, buf->length + more + 1);
	if (buf->length)
		memcpy(bytes, buf->bytes, buf->length);
	buf->bytes = bytes;
	buf->capacity = buf->length + more + 1;
}

void buf_put(struct buf *buf, const void *bytes, size_t length)
{
	buf_grow(buf, length);
	if (length)
		memcpy(buf->bytes + buf->length, bytes, length);
	buf->length += length;
	buf->bytes[buf->length] = '\0';
}

void buf_puts(struct buf *buf, const char *string)
{
	buf_put(buf, string, strlen(string));
}

void buf_putc(struct buf *buf, char byte)
{
	buf_put(buf, &byte, 1);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list list, again;
	buf_grow(buf, BUF_SHORT); /* most texts fit at the first try */
	size_t room = buf->capacity - buf->length;
	va_start(list, format);
	va_copy(again, list);
	int length = vsnprintf(buf->bytes + buf->length, room, format, again);
	va_end(again);
	if (length > 0 && (size_t)length >= room) {
		buf_grow(buf, (size_t)length);
		vsnprintf(buf->bytes + buf->length, (size_t)length + 1, format, list);
	}
	if (length > 0)
		buf->length += (size_t)length;
	va_end(list);
}

void buf_align(struct buf *buf, size_t alignment)
{
	while (buf->length % alignment)
		buf_putc(buf, '\0');
}
