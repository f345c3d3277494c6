/* arena.c: the span of address space behind one command. */
#include "base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARENA_SPAN = 1 << 30, ARENA_STEP = 256 << 10, ARENA_ALIGN = 16, ARENA_SHORT = 256 };

int arena_open(struct arena *arena)
{
	/* PROT_NONE is not counted against overcommit, so the reservation is free. */
	void *start = mmap(NULL, ARENA_SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return -errno;
	*arena = (struct arena){ .start = start };
	return 0;
}

void arena_close(struct arena *arena)
{
	if (arena->start)
		munmap(arena->start, ARENA_SPAN);
	*arena = (struct arena){ 0 };
}

/* The one place that ends the process outside main: nothing above could go on without memory,
 * and passing NULL up through every decoder would hide this line in a thousand others. */
static _Noreturn void arena_exhausted(void)
{
	static const char message[] = "kist: out of memory\n";
	(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(125);
}

/* Makes sure that `size` bytes behind what was handed out may be touched. */
static void arena_open_to(struct arena *arena, size_t size)
{
	if (size > ARENA_SPAN - arena->used)
		arena_exhausted();
	size_t end = arena->used + size;
	if (end <= arena->opened)
		return;
	size_t opened = (end + ARENA_STEP - 1) / ARENA_STEP * ARENA_STEP;
	if (mprotect(arena->start + arena->opened, opened - arena->opened, PROT_READ | PROT_WRITE) < 0)
		arena_exhausted();
	arena->opened = opened;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t need = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (need < size)
		arena_exhausted();
	arena_open_to(arena, need);
	void *place = arena->start + arena->used; /* fresh pages are zero, and nothing is ever handed out twice */
	arena->used += need;
	return place;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		arena_exhausted();
	return arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string));
}

/* Most texts are short: they are written where they will stay, in one pass. What vsnprintf left behind of a longer one
 * is written over by the second pass, or lies in the part that is rounded up, so no later allocation sees it. */
char *arena_vprintf(struct arena *arena, const char *format, va_list list)
{
	va_list again;
	arena_open_to(arena, ARENA_SHORT);
	char *text = arena->start + arena->used;
	va_copy(again, list);
	int length = vsnprintf(text, ARENA_SHORT, format, again);
	va_end(again);
	if (length < 0)
		return arena_string(arena, format);
	arena_alloc(arena, (size_t)length + 1);
	if (length >= ARENA_SHORT)
		vsnprintf(text, (size_t)length + 1, format, list);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	char *text = arena_vprintf(arena, format, list);
	va_end(list);
	return text;
}
