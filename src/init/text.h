/* text.h: short texts put together without an allocator and without stdio: for the details of errors. */
#ifndef KIST_INIT_TEXT_H
#define KIST_INIT_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { TEXT_SIZE = 640 };

/* Always NUL-terminated; what does not fit is cut off. Start with `struct text text = { 0 };`. */
struct text {
	size_t length;
	char bytes[TEXT_SIZE];
};

void text_put(struct text *text, const char *string);
void text_put_number(struct text *text, uint64_t number);
/* With a leading 0, as modes are written. */
void text_put_octal(struct text *text, unsigned number);
/* In double quotes; quotes, backslashes and control bytes escaped as in C ("/bin/sh\r"). */
void text_put_quoted(struct text *text, const char *string);

/* A decimal number of at most `limit`: digits only, no sign, no spaces, no leading zero but "0" itself. 0 or -EINVAL
 * (CVE-2026-30892, CVE-2024-40635: what is not a number, or too large, must not become uid 0). */
int number_parse(const char *string, uint64_t limit, uint64_t *number);

#endif
