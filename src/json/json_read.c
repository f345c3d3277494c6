/* json_read.c: the text of a JSON document (RFC 8259) to values that know their places. */
#include "json/json.h"
#include "json/utf8.h"

#include <stdlib.h>
#include <string.h>

struct place {
	unsigned line, column;
};

struct reader {
	struct arena *arena;
	const char *at, *end;
	const char *line_start; /* only white space can hold a line break: strings refuse raw control characters */
	unsigned line;
	/* A decoded string with its NUL is no longer than its text with the quotes, and a number with its NUL no longer
	 * than with the byte that ends it: one pool of the text's length (and one) holds them all. */
	char *pool;
	/* Finished values whose container is still open, as one stack over all levels. */
	struct json_member *open;
	size_t open_count, open_room;
	size_t values;
	unsigned depth;
	struct json_error *error;
	struct json_duplicates *duplicates;
};

enum { OPEN_LEAST = 16, OPEN_BYTES = 24, SMALL_OBJECT = 12 };

static bool read_value(struct reader *reader, struct json_value *value);

static struct place place_of(const struct reader *reader, const char *at)
{
	return (struct place){ reader->line, (unsigned)(at - reader->line_start) + 1 };
}

__attribute__((format(printf, 3, 4))) static bool fail(struct reader *reader, struct place place, const char *format,
                                                       ...)
{
	va_list list;
	va_start(list, format);
	*reader->error = (struct json_error){ place.line, place.column, arena_vprintf(reader->arena, format, list) };
	va_end(list);
	return false;
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || is_digit(byte);
}

/* What stands at the reader's place: "the end of the text", "\"abc\"", "}". */
static const char *found(const struct reader *reader)
{
	if (reader->at == reader->end)
		return "the end of the text";
	unsigned char byte = (unsigned char)*reader->at;
	if (byte == '"')
		return "a string";
	if (byte > 0x20 && byte < 0x7f && !is_word((char)byte))
		return arena_printf(reader->arena, "%c", byte);
	const char *word = reader->at;
	while (word < reader->end && is_word(*word))
		word++;
	if (word > reader->at)
		return json_shorten(reader->arena, reader->at, (size_t)(word - reader->at));
	size_t length = utf8_length(reader->at, reader->end);
	if (length > 1)
		return json_shorten(reader->arena, reader->at, length);
	return arena_printf(reader->arena, "the byte 0x%02x", byte);
}

/* Most of a text that was laid out for people is indentation. */
static void skip_space(struct reader *reader)
{
	const char *at = reader->at, *end = reader->end;
	for (;; at++) {
		while (at < end && *at == ' ')
			at++;
		if (at < end && *at == '\n') {
			reader->line++;
			reader->line_start = at + 1;
		} else if (at == end || (*at != '\t' && *at != '\r')) {
			break;
		}
	}
	reader->at = at;
}

/* Four hexadecimal digits, or -1. */
static int read_hex(const char *at, const char *end)
{
	if (end - at < 4)
		return -1;
	int number = 0;
	for (int i = 0; i < 4; i++) {
		char byte = at[i];
		int digit = is_digit(byte)               ? byte - '0'
		            : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
		                                         : byte - 'A' + 10;
		if (!is_digit(byte) && (digit < 10 || digit > 15))
			return -1;
		number = number * 16 + digit;
	}
	return number;
}

/* A \u escape; two when the first is a high surrogate: a lone one has no UTF-8 form. */
static bool read_unicode(struct reader *reader)
{
	struct place place = place_of(reader, reader->at);
	int point = read_hex(reader->at + 2, reader->end);
	if (point < 0)
		return fail(reader, place, "\\u takes four hexadecimal digits");
	reader->at += 6;
	if (point >= 0xdc00 && point <= 0xdfff)
		return fail(reader, place, "\\u%04x is the second half of a surrogate pair without its first",
		            (unsigned)point);
	if (point >= 0xd800 && point <= 0xdbff) {
		int low = reader->end - reader->at >= 6 && memcmp(reader->at, "\\u", 2) == 0
		                  ? read_hex(reader->at + 2, reader->end)
		                  : -1;
		if (low < 0xdc00 || low > 0xdfff)
			return fail(reader, place, "\\u%04x is the first half of a surrogate pair without its second",
			            (unsigned)point);
		reader->at += 6;
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
	}
	reader->pool += utf8_put(reader->pool, (unsigned)point);
	return true;
}

/* At a backslash that is not the text's last byte. */
static bool read_escape(struct reader *reader)
{
	static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char name = reader->at[1];
	if (name == 'u')
		return read_unicode(reader);
	const char *known = name ? strchr(names, name) : NULL;
	if (!known) {
		struct place place = place_of(reader, reader->at);
		reader->at++;
		return fail(reader, place, "unknown escape in a string: a backslash before %s", found(reader));
	}
	*reader->pool++ = meanings[known - names];
	reader->at += 2;
	return true;
}

/* Anything in a string but plain ASCII: an escape, a longer character, or a fault. */
static bool read_special(struct reader *reader, struct place opened)
{
	struct place place = place_of(reader, reader->at);
	unsigned char byte = (unsigned char)*reader->at;
	if (byte == '\\' && reader->at + 1 < reader->end)
		return read_escape(reader);
	if (byte == '\\')
		return fail(reader, place, "a string is not closed (opened at %u:%u)", opened.line, opened.column);
	if (byte == '\n' || byte == '\r')
		return fail(reader, place,
		            "control character 0x%02x in a string, which must end on its line (opened at %u:%u)", byte,
		            opened.line, opened.column);
	if (byte < 0x20)
		return fail(reader, place, "control character 0x%02x in a string: write \\u%04x", byte, byte);
	size_t length = utf8_length(reader->at, reader->end);
	if (length == 0)
		return fail(reader, place, "not UTF-8: the byte 0x%02x", byte);
	memcpy(reader->pool, reader->at, length);
	reader->pool += length;
	reader->at += length;
	return true;
}

/* ASCII that stands for itself inside a string. A table: one look a byte, where comparing takes four. */
static const bool is_plain[256] = {
	[' '] = true, [0x21] = true, [0x23 ... '['] = true, [']' ... 0x7f] = true, /* all but " and the backslash */
};

/* At the opening quote. */
static bool read_string(struct reader *reader, const char **string, size_t *length)
{
	struct place opened = place_of(reader, reader->at);
	char *decoded = reader->pool;
	reader->at++;
	for (;;) {
		const char *at = reader->at, *end = reader->end;
		char *pool = reader->pool;
		for (; at < end && is_plain[(unsigned char)*at]; at++)
			*pool++ = *at;
		reader->at = at;
		reader->pool = pool;
		if (reader->at == reader->end)
			return fail(reader, place_of(reader, reader->at), "a string is not closed (opened at %u:%u)",
			            opened.line, opened.column);
		if (*reader->at == '"')
			break;
		if (!read_special(reader, opened))
			return false;
	}
	reader->at++;
	*length = (size_t)(reader->pool - decoded);
	*reader->pool++ = '\0';
	*string = decoded;
	return true;
}

/* Goes past digits; at least one must be there. */
static bool skip_digits(struct reader *reader, const char *where)
{
	if (reader->at == reader->end || !is_digit(*reader->at))
		return fail(reader, place_of(reader, reader->at), "expected a digit %s, got %s", where, found(reader));
	while (reader->at < reader->end && is_digit(*reader->at))
		reader->at++;
	return true;
}

static bool peek(const struct reader *reader, char wanted)
{
	return reader->at < reader->end && *reader->at == wanted;
}

/* Whether the digits fit 64 bits with that sign; -0 is 0. */
static bool fits(struct json_value *value, const char *digits, const char *end)
{
	uint64_t magnitude = 0;
	for (; digits < end; digits++)
		if (__builtin_mul_overflow(magnitude, 10, &magnitude) ||
		    __builtin_add_overflow(magnitude, (uint64_t)(*digits - '0'), &magnitude))
			return false;
	if (value->negative && magnitude > (uint64_t)1 << 63)
		return false;
	value->magnitude = magnitude;
	value->negative = value->negative && magnitude != 0;
	return true;
}

static bool read_number(struct reader *reader, struct json_value *value)
{
	const char *start = reader->at;
	value->negative = *start == '-';
	if (value->negative)
		reader->at++;
	const char *digits = reader->at;
	if (!skip_digits(reader, "after the minus sign"))
		return false;
	if (*digits == '0' && reader->at - digits > 1)
		return fail(reader, place_of(reader, start), "a number cannot start with 0");
	bool whole = true;
	const char *digits_end = reader->at;
	if (peek(reader, '.')) {
		whole = false;
		reader->at++;
		if (!skip_digits(reader, "after the point"))
			return false;
	}
	if (peek(reader, 'e') || peek(reader, 'E')) {
		whole = false;
		reader->at++;
		if (peek(reader, '+') || peek(reader, '-'))
			reader->at++;
		if (!skip_digits(reader, "in the exponent"))
			return false;
	}
	value->type = JSON_INTEGER;
	if (whole && fits(value, digits, digits_end))
		return true;
	value->type = JSON_REAL;
	value->string = reader->pool;
	value->length = (size_t)(reader->at - start);
	memcpy(reader->pool, start, value->length);
	reader->pool += value->length;
	*reader->pool++ = '\0';
	return true;
}

static bool read_word(struct reader *reader, struct json_value *value)
{
	static const struct {
		const char *word;
		enum json_type type;
		bool boolean;
	} words[] = { { "true", JSON_BOOL, true }, { "false", JSON_BOOL, false }, { "null", JSON_NULL, false } };

	const char *start = reader->at, *end = start;
	while (end < reader->end && is_word(*end))
		end++;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if ((size_t)(end - start) != strlen(words[i].word) ||
		    memcmp(start, words[i].word, (size_t)(end - start)) != 0)
			continue;
		value->type = words[i].type;
		value->boolean = words[i].boolean;
		reader->at = end;
		return true;
	}
	const char *hint = end > start                              ? " (the words of JSON are true, false and null)"
	                   : peek(reader, '\'')                     ? " (strings take double quotes)"
	                   : peek(reader, '/') || peek(reader, '#') ? " (JSON has no comments)"
	                                                            : "";
	return fail(reader, place_of(reader, start), "expected a value, got %s%s", found(reader), hint);
}

static void push(struct reader *reader, const struct json_member *member)
{
	if (reader->open_count == reader->open_room) {
		size_t room = reader->open_room * 2;
		struct json_member *larger = ARENA_ARRAY(reader->arena, room, struct json_member);
		memcpy(larger, reader->open, reader->open_count * sizeof(*larger));
		reader->open = larger;
		reader->open_room = room;
	}
	reader->open[reader->open_count++] = *member;
}

static bool same_key(const struct json_member *one, const struct json_member *other)
{
	return one->key_length == other->key_length && memcmp(one->key, other->key, one->key_length) == 0;
}

/* Orders by key, then by place, so that of equal keys the first in the text comes first. */
static int compare_members(const void *left, const void *right)
{
	const struct json_member *one = *(const struct json_member *const *)left;
	const struct json_member *other = *(const struct json_member *const *)right;
	if (one->key_length != other->key_length)
		return one->key_length < other->key_length ? -1 : 1;
	int order = memcmp(one->key, other->key, one->key_length);
	return order ? order : one < other ? -1 : one > other;
}

/* For each member the first one with its key, or NULL when that is itself. Sorted, not hashed: with a sort there is no
 * input that makes it slow. */
static const struct json_member **find_firsts(struct arena *arena, const struct json_value *object)
{
	const struct json_member **sorted = ARENA_ARRAY(arena, object->count, const struct json_member *);
	const struct json_member **firsts = ARENA_ARRAY(arena, object->count, const struct json_member *);
	for (size_t i = 0; i < object->count; i++)
		sorted[i] = &object->members[i];
	qsort(sorted, object->count, sizeof(*sorted), compare_members);
	const struct json_member *first = sorted[0];
	for (size_t i = 1; i < object->count; i++) {
		if (same_key(first, sorted[i]))
			firsts[sorted[i] - object->members] = first;
		else
			first = sorted[i];
	}
	return firsts;
}

static const struct json_member *find_first(const struct json_value *object, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_key(&object->members[i], &object->members[index]))
			return &object->members[i];
	return NULL;
}

static bool note_duplicate(struct reader *reader, const struct json_member *again, const struct json_member *first)
{
	struct json_duplicates *list = reader->duplicates;
	struct json_error error = {
		again->line,
		again->column,
		arena_printf(reader->arena, "duplicate key %s (first at %u:%u)",
		             json_shorten(reader->arena, again->key, again->key_length), first->line, first->column),
	};
	if (!list) {
		*reader->error = error;
		return false;
	}
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 8;
		struct json_error *larger = ARENA_ARRAY(reader->arena, capacity, struct json_error);
		if (list->count)
			memcpy(larger, list->items, list->count * sizeof(*larger));
		list->items = larger;
		list->capacity = capacity;
	}
	list->items[list->count++] = error;
	return true;
}

static bool note_duplicates(struct reader *reader, const struct json_value *object)
{
	const struct json_member **firsts = object->count > SMALL_OBJECT ? find_firsts(reader->arena, object) : NULL;
	for (size_t i = 1; i < object->count; i++) {
		const struct json_member *first = firsts ? firsts[i] : find_first(object, i);
		if (first && !note_duplicate(reader, &object->members[i], first))
			return false;
	}
	return true;
}

/* Moves the values above `base` on the stack into their container. */
static bool close_container(struct reader *reader, struct json_value *container, size_t base)
{
	container->count = reader->open_count - base;
	reader->open_count = base;
	if (container->count == 0)
		return true;
	const struct json_member *finished = reader->open + base;
	if (container->type == JSON_ARRAY) {
		container->items = ARENA_ARRAY(reader->arena, container->count, struct json_value);
		for (size_t i = 0; i < container->count; i++)
			container->items[i] = finished[i].value;
		return true;
	}
	container->members = ARENA_ARRAY(reader->arena, container->count, struct json_member);
	memcpy(container->members, finished, container->count * sizeof(*finished));
	return note_duplicates(reader, container);
}

/* `"key" :`, up to the value. */
static bool read_key(struct reader *reader, struct json_member *member)
{
	struct place place = place_of(reader, reader->at);
	if (!peek(reader, '"'))
		return fail(reader, place, "expected a key in double quotes or }, got %s", found(reader));
	member->line = place.line;
	member->column = place.column;
	if (!read_string(reader, &member->key, &member->key_length))
		return false;
	skip_space(reader);
	if (!peek(reader, ':'))
		return fail(reader, place_of(reader, reader->at), "expected a colon after the key %s, got %s",
		            json_shorten(reader->arena, member->key, member->key_length), found(reader));
	reader->at++;
	skip_space(reader);
	return true;
}

static bool fail_unclosed(struct reader *reader, const struct json_value *container)
{
	return fail(reader, place_of(reader, reader->at), "%s is not closed (opened at %u:%u)",
	            container->type == JSON_OBJECT ? "an object" : "an array", container->line, container->column);
}

/* After a value: goes past a comma and the space behind it, or stays at the closing bracket. */
static bool read_comma(struct reader *reader, const struct json_value *container, char closing)
{
	skip_space(reader);
	if (reader->at == reader->end)
		return fail_unclosed(reader, container);
	if (*reader->at == closing)
		return true;
	struct place comma = place_of(reader, reader->at);
	if (*reader->at != ',')
		return fail(reader, comma, "expected a comma or %c after a value, got %s", closing, found(reader));
	reader->at++;
	skip_space(reader);
	if (peek(reader, ']') || peek(reader, '}'))
		return fail(reader, comma, "trailing comma before %c", *reader->at);
	return true;
}

static bool read_container(struct reader *reader, struct json_value *container)
{
	container->type = *reader->at == '{' ? JSON_OBJECT : JSON_ARRAY;
	char closing = container->type == JSON_OBJECT ? '}' : ']';
	size_t base = reader->open_count;
	if (reader->depth == JSON_DEPTH)
		return fail(reader, place_of(reader, reader->at), "nested deeper than %d levels", JSON_DEPTH);
	reader->depth++;
	reader->at++;
	skip_space(reader);
	for (;;) {
		struct json_member member = { 0 };
		if (reader->at == reader->end)
			return fail_unclosed(reader, container);
		if (*reader->at == closing)
			break;
		if (container->type == JSON_OBJECT && !read_key(reader, &member))
			return false;
		if (!read_value(reader, &member.value))
			return false;
		push(reader, &member);
		if (!read_comma(reader, container, closing))
			return false;
	}
	reader->at++;
	reader->depth--;
	return close_container(reader, container, base);
}

static bool read_value(struct reader *reader, struct json_value *value)
{
	struct place place = place_of(reader, reader->at);
	value->line = place.line;
	value->column = place.column;
	if (++reader->values > JSON_VALUES)
		return fail(reader, place, "more than %d values", JSON_VALUES);
	char byte = reader->at < reader->end ? *reader->at : '\0';
	if (byte == '"') {
		value->type = JSON_STRING;
		return read_string(reader, &value->string, &value->length);
	}
	if (byte == '{' || byte == '[')
		return read_container(reader, value);
	if (byte == '-' || is_digit(byte))
		return read_number(reader, value);
	return read_word(reader, value);
}

/* RFC 8259 §8.1 lets a parser ignore a byte order mark; kist refuses it, since other runtimes do. */
static bool check_start(struct reader *reader, size_t length)
{
	struct place start = { 1, 1 };
	if (length > JSON_BYTES)
		return fail(reader, start, "longer than %d MiB", JSON_BYTES >> 20);
	if (length >= 3 && memcmp(reader->at, "\xef\xbb\xbf", 3) == 0)
		return fail(reader, start, "the text starts with a byte order mark: save it as UTF-8 without one");
	if (length >= 2 && (memcmp(reader->at, "\xff\xfe", 2) == 0 || memcmp(reader->at, "\xfe\xff", 2) == 0))
		return fail(reader, start, "the text is UTF-16: save it as UTF-8");
	skip_space(reader);
	if (reader->at == reader->end)
		return fail(reader, start, "the text is empty");
	return true;
}

struct json_value *json_parse(struct arena *arena, const char *text, size_t length, struct json_error *error,
                              struct json_duplicates *duplicates)
{
	struct reader reader = {
		.arena = arena,
		.at = text,
		.end = text + length,
		.line_start = text,
		.line = 1,
		.error = error,
		.duplicates = duplicates,
	};
	if (!check_start(&reader, length))
		return NULL;
	reader.pool = arena_alloc(arena, length + 1);
	/* In most texts a value takes more bytes than this, and what is not used is never touched. */
	reader.open_room = OPEN_LEAST + length / OPEN_BYTES;
	reader.open = ARENA_ARRAY(arena, reader.open_room, struct json_member);
	struct json_value *root = ARENA_NEW(arena, struct json_value);
	if (!read_value(&reader, root))
		return NULL;
	skip_space(&reader);
	if (reader.at != reader.end) {
		fail(&reader, place_of(&reader, reader.at), "expected the end of the text, got %s", found(&reader));
		return NULL;
	}
	return root;
}
