/* codec.c: structs to JSON and back by tables of their fields. */
#include "facts/codec.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* One level of the document: its parts together are the pointer of a fault, "/caller/groups/3". */
struct level {
	const struct level *above;
	const char *key; /* NULL: an item */
	size_t index;
};

struct taker {
	struct arena *arena;
	const char *source;
	struct err *err;
	const struct level *level; /* NULL: the whole document */
};

static bool take(struct taker *taker, const struct field *field, const struct json_value *value, void *object);

static const void *member_of(const void *object, size_t offset)
{
	return (const char *)object + offset;
}

static void put_break(struct buf *out, int indent)
{
	if (indent < 0) {
		buf_putc(out, ' ');
		return;
	}
	buf_putc(out, '\n');
	for (int i = 0; i < indent; i++)
		buf_puts(out, "  ");
}

static void put_object(struct buf *out, const struct field *field, const void *object, int indent)
{
	int inner = indent < 0 ? indent : indent + 1;
	buf_putc(out, '{');
	for (size_t i = 0; i < field->field_count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		put_break(out, inner);
		json_put_string(out, field->fields[i].key);
		buf_puts(out, ": ");
		field_put(out, &field->fields[i], object, inner);
	}
	put_break(out, indent);
	buf_putc(out, '}');
}

static size_t count_of(const struct field *field, const void *object)
{
	if (field->count_offset == FIELD_FIXED)
		return (size_t)field->most;
	return *(const size_t *)member_of(object, field->count_offset);
}

static void put_list(struct buf *out, const struct field *field, const void *object, int indent)
{
	const char *items = *(const char *const *)member_of(object, field->offset);
	size_t count = count_of(field, object);
	bool lines = indent >= 0 && field->element->kind == FIELD_OBJECT && count > 0;
	buf_putc(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_puts(out, lines ? "," : ", ");
		if (lines)
			put_break(out, indent + 1);
		field_put(out, field->element, items + i * field->element_size, -1);
	}
	if (lines)
		put_break(out, indent);
	buf_putc(out, ']');
}

static void put_text(struct buf *out, const char *text)
{
	if (text)
		json_put_string(out, text);
	else
		buf_puts(out, "null");
}

static void put_limit(struct buf *out, uint64_t limit)
{
	if (limit == UINT64_MAX)
		buf_puts(out, "\"unlimited\"");
	else
		buf_printf(out, "%" PRIu64, limit);
}

void field_put(struct buf *out, const struct field *field, const void *object, int indent)
{
	const void *place = member_of(object, field->offset);
	switch (field->kind) {
	case FIELD_BOOL:
		buf_puts(out, *(const bool *)place ? "true" : "false");
		break;
	case FIELD_U32:
		buf_printf(out, "%" PRIu32, *(const uint32_t *)place);
		break;
	case FIELD_U64:
		buf_printf(out, "%" PRIu64, *(const uint64_t *)place);
		break;
	case FIELD_LIMIT:
		put_limit(out, *(const uint64_t *)place);
		break;
	case FIELD_WORD:
		json_put_string(out, field->words[*(const unsigned *)place]);
		break;
	case FIELD_TEXT:
	case FIELD_PATH:
		put_text(out, *(const char *const *)place);
		break;
	case FIELD_OBJECT:
		put_object(out, field, place, indent);
		break;
	case FIELD_LIST:
		put_list(out, field, object, indent);
		break;
	}
}

static void put_pointer(struct buf *out, const struct level *level)
{
	if (!level)
		return;
	put_pointer(out, level->above);
	if (level->key)
		buf_printf(out, "/%s", level->key);
	else
		buf_printf(out, "/%zu", level->index);
}

__attribute__((format(printf, 3, 4))) static bool refuse(struct taker *taker, const struct json_value *value,
                                                         const char *format, ...)
{
	va_list list;
	va_start(list, format);
	const char *text = arena_vprintf(taker->arena, format, list);
	va_end(list);
	struct buf pointer = buf_in(taker->arena);
	put_pointer(&pointer, taker->level);
	err_set(taker->err, taker->arena, 0, "%s:%u:%u %s: %s", taker->source, value->line, value->column,
	        pointer.length ? pointer.bytes : "/", text);
	return false;
}

static bool expected(struct taker *taker, const struct json_value *value, const char *what)
{
	return refuse(taker, value, "expected %s, got %s", what, json_describe(taker->arena, value));
}

static bool take_number(struct taker *taker, const struct field *field, const struct json_value *value,
                        uint64_t *number)
{
	uint64_t most = field->most ? field->most : UINT64_MAX;
	if (value->type == JSON_INTEGER && !value->negative && value->magnitude <= most) {
		*number = value->magnitude;
		return true;
	}
	return expected(taker, value, arena_printf(taker->arena, "a whole number of at most %" PRIu64, most));
}

static bool is_clean_path(const char *path)
{
	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	while (*path) {
		size_t length = strcspn(++path, "/");
		if ((length == 1 && path[0] == '.') || (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += length;
	}
	return true;
}

static bool take_text(struct taker *taker, const struct field *field, const struct json_value *value, const char **text)
{
	if (value->type == JSON_NULL && field->nullable) {
		*text = NULL;
		return true;
	}
	if (value->type != JSON_STRING)
		return expected(taker, value, field->nullable ? "a string or null" : "a string");
	if (memchr(value->string, '\0', value->length))
		return refuse(taker, value, "a string with a NUL byte in it");
	if (field->kind == FIELD_PATH && !is_clean_path(value->string))
		return expected(taker, value, "an absolute path without . and .. in it");
	*text = value->string;
	return true;
}

static bool take_word(struct taker *taker, const struct field *field, const struct json_value *value, unsigned *number)
{
	struct buf words = buf_in(taker->arena);
	for (unsigned i = 0; i < field->most; i++) {
		if (value->type == JSON_STRING && strlen(field->words[i]) == value->length &&
		    memcmp(value->string, field->words[i], value->length) == 0) {
			*number = i;
			return true;
		}
		buf_printf(&words, "%s\"%s\"", i ? ", " : "one of ", field->words[i]);
	}
	return expected(taker, value, words.bytes);
}

static bool take_object(struct taker *taker, const struct field *field, const struct json_value *value, void *object)
{
	if (value->type != JSON_OBJECT)
		return expected(taker, value, "an object");
	struct level level = { .above = taker->level };
	for (size_t i = 0; i < field->field_count; i++) {
		const struct field *member = &field->fields[i];
		const struct json_value *given = json_member(value, member->key);
		if (!given)
			return refuse(taker, value, "the member \"%s\" is missing", member->key);
		level.key = member->key;
		taker->level = &level;
		bool taken = take(taker, member, given, object);
		taker->level = level.above;
		if (!taken)
			return false;
	}
	return true;
}

static bool take_list(struct taker *taker, const struct field *field, const struct json_value *value, void *object)
{
	if (value->type != JSON_ARRAY)
		return expected(taker, value, "an array");
	bool fixed = field->count_offset == FIELD_FIXED;
	if (fixed && value->count != field->most)
		return refuse(taker, value, "expected %" PRIu64 " items, got %zu", field->most, value->count);
	if (value->count > field->most)
		return refuse(taker, value, "expected at most %" PRIu64 " items, got %zu", field->most, value->count);
	char *items = arena_array(taker->arena, value->count, field->element_size);
	struct level level = { .above = taker->level };
	for (; level.index < value->count; level.index++) {
		taker->level = &level;
		bool taken = take(taker, field->element, &value->items[level.index],
		                  items + level.index * field->element_size);
		taker->level = level.above;
		if (!taken)
			return false;
	}
	*(char **)((char *)object + field->offset) = items;
	if (!fixed)
		*(size_t *)(void *)((char *)object + field->count_offset) = value->count;
	return true;
}

static bool take(struct taker *taker, const struct field *field, const struct json_value *value, void *object)
{
	void *place = (char *)object + field->offset;
	uint64_t number;
	switch (field->kind) {
	case FIELD_BOOL:
		if (value->type != JSON_BOOL)
			return expected(taker, value, "true or false");
		*(bool *)place = value->boolean;
		return true;
	case FIELD_U32:
		if (!take_number(taker, field, value, &number))
			return false;
		*(uint32_t *)place = (uint32_t)number;
		return true;
	case FIELD_LIMIT:
		if (value->type == JSON_STRING && strcmp(value->string, "unlimited") == 0) {
			*(uint64_t *)place = UINT64_MAX;
			return true;
		}
		return take_number(taker, field, value, place);
	case FIELD_U64:
		return take_number(taker, field, value, place);
	case FIELD_WORD:
		return take_word(taker, field, value, place);
	case FIELD_TEXT:
	case FIELD_PATH:
		return take_text(taker, field, value, place);
	case FIELD_OBJECT:
		return take_object(taker, field, value, place);
	case FIELD_LIST:
		break;
	}
	return take_list(taker, field, value, object);
}

bool field_take(struct arena *arena, const char *source, const struct field *field, const struct json_value *value,
                void *object, struct err *err)
{
	struct taker taker = { .arena = arena, .source = source, .err = err };
	return take(&taker, field, value, object);
}
