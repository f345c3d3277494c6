/* text.c: appending strings and numbers to a bounded text, and reading a number strictly. */
#include "init/text.h"

#include <errno.h>
#include <string.h>

static void put_bytes(struct text *text, const char *bytes, size_t length)
{
	size_t room = TEXT_SIZE - 1 - text->length;

	if (length > room)
		length = room;
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_put(struct text *text, const char *string)
{
	put_bytes(text, string, strlen(string));
}

static void put_digits(struct text *text, uint64_t number, unsigned base)
{
	char digits[24];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + number % base);
		number /= base;
	} while (number);
	put_bytes(text, digits + start, sizeof(digits) - start);
}

void text_put_number(struct text *text, uint64_t number)
{
	put_digits(text, number, 10);
}

void text_put_octal(struct text *text, unsigned number)
{
	text_put(text, "0");
	put_digits(text, number, 8);
}

static void put_hex(struct text *text, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	const char escape[] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

	put_bytes(text, escape, sizeof(escape));
}

void text_put_quoted(struct text *text, const char *string)
{
	static const char plain[] = "\r\n\t\"\\", letters[] = "rnt\"\\";

	text_put(text, "\"");
	for (; *string; string++) {
		const char *known = strchr(plain, *string);
		if (known)
			put_bytes(text, (const char[]){ '\\', letters[known - plain] }, 2);
		else if ((unsigned char)*string < ' ' || *string == 127)
			put_hex(text, (unsigned char)*string);
		else
			put_bytes(text, string, 1);
	}
	text_put(text, "\"");
}

int number_parse(const char *string, uint64_t limit, uint64_t *number)
{
	uint64_t value = 0;

	if (!*string || (string[0] == '0' && string[1]))
		return -EINVAL;
	for (; *string; string++) {
		if (*string < '0' || *string > '9')
			return -EINVAL;
		unsigned digit = (unsigned)(*string - '0');
		if (value > (limit - digit) / 10 || digit > limit)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*number = value;
	return 0;
}
