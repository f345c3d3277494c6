/* slice.h: lines and fields of the texts that tell the facts, without copying them. */
#ifndef KIST_FACTS_SLICE_H
#define KIST_FACTS_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *bytes;
	size_t length;
};

/* Takes what stands before the next `separator`, or all there is. False when nothing is left. */
static inline bool slice_take(struct slice *rest, char separator, struct slice *taken)
{
	if (rest->length == 0)
		return false;
	const char *end = memchr(rest->bytes, separator, rest->length);
	size_t length = end ? (size_t)(end - rest->bytes) : rest->length;
	*taken = (struct slice){ rest->bytes, length };
	rest->bytes += end ? length + 1 : length;
	rest->length -= end ? length + 1 : length;
	return true;
}

static inline bool slice_is(struct slice slice, const char *string)
{
	return slice.length == strlen(string) && memcmp(slice.bytes, string, slice.length) == 0;
}

/* A decimal number of digits only; false when it is none, or larger than `most`. */
static inline bool slice_number(struct slice slice, uint64_t most, uint64_t *number)
{
	uint64_t value = 0;
	for (size_t i = 0; i < slice.length; i++) {
		char digit = slice.bytes[i];
		if (digit < '0' || digit > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(digit - '0'), &value))
			return false;
	}
	if (slice.length == 0 || value > most)
		return false;
	*number = value;
	return true;
}

#endif
