/* utf8.h: the one definition of well-formed UTF-8 for the reader and the writer. */
#ifndef KIST_JSON_UTF8_H
#define KIST_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the well-formed character at `at`, 1 to 4; 0 when it is none, or does not end before `end`.
 * The bounds of the second byte are those of RFC 3629 §4: they refuse overlong forms, surrogates and what is
 * beyond U+10FFFF. */
static inline size_t utf8_length(const char *at, const char *end)
{
	const unsigned char *byte = (const unsigned char *)at;
	unsigned char lowest = 0x80, highest = 0xbf;
	size_t length;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] >= 0xc2 && byte[0] <= 0xdf)
		length = 2;
	else if (byte[0] >= 0xe0 && byte[0] <= 0xef)
		length = 3;
	else if (byte[0] >= 0xf0 && byte[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if ((size_t)(end - at) < length)
		return 0;
	if (byte[0] == 0xe0)
		lowest = 0xa0;
	else if (byte[0] == 0xf0)
		lowest = 0x90;
	else if (byte[0] == 0xed)
		highest = 0x9f;
	else if (byte[0] == 0xf4)
		highest = 0x8f;
	if (byte[1] < lowest || byte[1] > highest)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (byte[i] < 0x80 || byte[i] > 0xbf)
			return 0;
	return length;
}

/* Appends the UTF-8 form of a code point that is no surrogate; returns its length, 1 to 4. */
static inline size_t utf8_put(char *to, unsigned point)
{
	if (point < 0x80) {
		to[0] = (char)point;
		return 1;
	}
	size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = length - 1; i > 0; i--, point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	to[0] = (char)((0xf00 >> length & 0xff) | point); /* 110x, 1110, 1111 0: as many ones as bytes */
	return length;
}

#endif
