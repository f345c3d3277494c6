/* json_write.c: values, strings and messages about them as text. */
#include "json/json.h"
#include "json/utf8.h"

#include <inttypes.h>
#include <string.h>

enum { DESCRIBED_BYTES = 40 };

/* The length of what has to be escaped at `at`, 0 when the character stands for itself. Beyond what RFC 8259 §7 asks
 * for, DEL and the C1 controls are escaped: kist's output ends on terminals, and some obey them. */
static size_t escape_length(const char *at, const char *end)
{
	unsigned char byte = (unsigned char)*at;
	if (byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\')
		return 1;
	if (byte < 0x80)
		return 0;
	if (utf8_length(at, end) == 0)
		return 1;
	return byte == 0xc2 && (unsigned char)at[1] < 0xa0 ? 2 : 0;
}

static void put_escape(struct buf *out, const char *at, size_t length)
{
	static const char meanings[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
	unsigned char byte = (unsigned char)at[length - 1]; /* of c2 80 ... c2 9f the second byte is the code point */
	const char *known = byte ? strchr(meanings, byte) : NULL;
	if (length == 1 && known)
		buf_printf(out, "\\%c", names[known - meanings]);
	else if (length == 1 && byte >= 0x80)
		buf_puts(out, "\\ufffd");
	else
		buf_printf(out, "\\u%04x", byte);
}

void json_put_bytes(struct buf *out, const char *bytes, size_t length)
{
	const char *at = bytes, *plain = bytes, *end = bytes + length;
	buf_putc(out, '"');
	while (at < end) {
		size_t escaped = escape_length(at, end);
		if (escaped == 0) {
			at += utf8_length(at, end);
			continue;
		}
		buf_put(out, plain, (size_t)(at - plain));
		put_escape(out, at, escaped);
		at += escaped;
		plain = at;
	}
	buf_put(out, plain, (size_t)(end - plain));
	buf_putc(out, '"');
}

void json_put_string(struct buf *out, const char *string)
{
	json_put_bytes(out, string, strlen(string));
}

static void put_break(struct buf *out, int indent)
{
	if (indent < 0)
		return;
	buf_putc(out, '\n');
	for (int i = 0; i < indent; i++)
		buf_puts(out, "  ");
}

static void put_container(struct buf *out, const struct json_value *value, int indent)
{
	bool object = value->type == JSON_OBJECT;
	int inner = indent < 0 ? indent : indent + 1;
	buf_putc(out, object ? '{' : '[');
	for (size_t i = 0; i < value->count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_break(out, inner);
		if (object) {
			json_put_bytes(out, value->members[i].key, value->members[i].key_length);
			buf_puts(out, indent < 0 ? ":" : ": ");
		}
		json_put_value(out, object ? &value->members[i].value : &value->items[i], inner);
	}
	if (value->count > 0)
		put_break(out, indent);
	buf_putc(out, object ? '}' : ']');
}

void json_put_value(struct buf *out, const struct json_value *value, int indent)
{
	switch (value->type) {
	case JSON_NULL:
		buf_puts(out, "null");
		break;
	case JSON_BOOL:
		buf_puts(out, value->boolean ? "true" : "false");
		break;
	case JSON_INTEGER:
		buf_printf(out, "%s%" PRIu64, value->negative ? "-" : "", value->magnitude);
		break;
	case JSON_REAL:
		buf_put(out, value->string, value->length);
		break;
	case JSON_STRING:
		json_put_bytes(out, value->string, value->length);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		put_container(out, value, indent);
		break;
	}
}

const char *json_shorten(struct arena *arena, const char *bytes, size_t length)
{
	size_t kept = length;
	if (length > DESCRIBED_BYTES)
		for (kept = DESCRIBED_BYTES; kept > 0 && ((unsigned char)bytes[kept] & 0xc0) == 0x80;)
			kept--; /* not in the middle of a character */
	struct buf text = buf_in(arena);
	json_put_bytes(&text, bytes, kept);
	if (kept < length)
		buf_puts(&text, "...");
	return text.bytes;
}

const char *json_describe(struct arena *arena, const struct json_value *value)
{
	struct buf text = buf_in(arena);
	switch (value->type) {
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	case JSON_STRING:
		return arena_printf(arena, "a string (%s)", json_shorten(arena, value->string, value->length));
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_INTEGER:
	case JSON_REAL:
		break;
	}
	json_put_value(&text, value, -1);
	bool number = value->type == JSON_INTEGER || value->type == JSON_REAL;
	if (number && text.length > DESCRIBED_BYTES)
		return "a number of many digits";
	return number ? arena_printf(arena, "the number %s", text.bytes) : text.bytes;
}
