/* quote.c: names that a box chose, fit to be shown. */
#include "base/buf.h"
#include "json/utf8.h"
#include "keep/change.h"

#include <string.h>

/* How many bytes can be shown as they are; 0: the byte needs an escape. Control characters are also those from U+0080
 * to U+009F, and outside of UTF-8 their bytes alone. */
static size_t plain_length(const char *at, const char *end)
{
	size_t length = utf8_length(at, end);
	const unsigned char *byte = (const unsigned char *)at;
	if (length == 1)
		return *byte > ' ' && *byte != 0x7f && *byte != '"' && *byte != '\\';
	return length == 2 && byte[0] == 0xc2 && byte[1] < 0xa0 ? 0 : length;
}

const char *keep_quote(struct arena *arena, const char *path)
{
	const char *end = path + strlen(path), *at = path;
	for (size_t length; at < end && (length = plain_length(at, end)) > 0; at += length) {
	}
	if (at == end)
		return path;
	struct buf out = buf_in(arena);
	buf_putc(&out, '"');
	for (at = path; at < end;) {
		size_t length = *at == ' ' ? 1 : plain_length(at, end);
		if (length)
			buf_put(&out, at, length);
		else if (*at == '"' || *at == '\\')
			buf_printf(&out, "\\%c", *at);
		else
			buf_printf(&out, "\\%03o", (unsigned char)*at);
		at += length ? length : 1;
	}
	buf_putc(&out, '"');
	return out.bytes;
}
