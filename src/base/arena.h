/* arena.h: one span of address space per command; memory is taken from it and given back all at once. */
#ifndef KIST_BASE_ARENA_H
#define KIST_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* The span is reserved without memory behind it and opened in steps, so an idle arena costs two
 * system calls and nothing else. When the span is used up the process says so and ends with 125:
 * every input kist reads is bounded (see json.h), so that is a fault of kist, not of the input. */
struct arena {
	char *start;   /* first byte of the reserved span */
	size_t used;   /* bytes handed out */
	size_t opened; /* bytes that may be touched */
};

/* Reserves the span. Returns 0 or -errno. */
int arena_open(struct arena *arena);
/* Gives the whole span back; every pointer taken from it is dead afterwards. */
void arena_close(struct arena *arena);

/* Zeroed memory, aligned for any object. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* Zeroed memory for `count` elements; refuses an overflowing product like an exhausted span. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* NUL-terminated copies, never NULL. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);
char *arena_string(struct arena *arena, const char *string);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena, const char *format, ...);
__attribute__((format(printf, 2, 0))) char *arena_vprintf(struct arena *arena, const char *format, va_list list);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
