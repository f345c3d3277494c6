/* encode.c: walks the tables of the decoder the other way: plain structs become the objects of a config.json. */
#include "spec/encode.h"

#include "spec/box_note.h"
#include "spec/decode.h"

#include <inttypes.h>
#include <string.h>

static const void *member_of(const struct field *field, const void *object)
{
	return (const char *)object + field->offset;
}

/* The member's low `size` bytes; `negative`: they have a sign. */
static uint64_t load_integer(const void *member, size_t size, bool negative)
{
	uint64_t value = 0;
	memcpy(&value, member, size); /* both of kist's machines keep the low byte first */
	unsigned unused = 64 - 8 * (unsigned)size;
	return negative && unused ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
}

/* --- plain values --- */

static bool encode_bool(struct buf *out, const struct field *field, const void *object)
{
	bool value = field->size && *(const bool *)member_of(field, object);
	if (value || field->required)
		buf_puts(out, value ? "true" : "false");
	return value || field->required;
}

static bool encode_opt_bool(struct buf *out, const struct field *field, const void *object)
{
	const struct opt_bool *value = member_of(field, object);
	if (value->set)
		buf_puts(out, value->value ? "true" : "false");
	return value->set;
}

static bool encode_integer(struct buf *out, const struct field *field, const void *object)
{
	bool negative = field->range->least < 0;
	uint64_t value = load_integer(member_of(field, object), field->size, negative);
	if (value == 0 && !field->required)
		return false;
	if (negative)
		buf_printf(out, "%" PRId64, (int64_t)value);
	else
		buf_printf(out, "%" PRIu64, value);
	return true;
}

bool encode_opt_int(struct buf *out, const struct field *field, const void *object)
{
	const struct opt_int *value = member_of(field, object);
	if (value->set)
		buf_printf(out, "%" PRId64, value->value);
	return value->set;
}

bool encode_opt_uint(struct buf *out, const struct field *field, const void *object)
{
	const struct opt_uint *value = member_of(field, object);
	if (value->set)
		buf_printf(out, "%" PRIu64, value->value);
	return value->set;
}

bool encode_string(struct buf *out, const struct field *field, const void *object)
{
	const char *string = field->size ? *(const char *const *)member_of(field, object) : NULL;
	if (string)
		json_put_string(out, string);
	return string;
}

bool encode_word(struct buf *out, const struct field *field, const void *object)
{
	uint64_t value = load_integer(member_of(field, object), field->size, false);
	const char *word = value || field->required ? name_word(field->names, value) : NULL;
	if (word)
		json_put_string(out, word);
	return word;
}

static bool encode_words(struct buf *out, const struct field *field, const void *object)
{
	uint64_t left = load_integer(member_of(field, object), field->size, false);
	const char *comma = "[";
	for (size_t i = 0; i < field->names->count; i++) {
		const struct name *name = &field->names->names[i];
		if (!(left & name->value))
			continue;
		left &= ~name->value;
		buf_puts(out, comma);
		json_put_string(out, name->word);
		comma = ",";
	}
	bool any = *comma == ',';
	if (any)
		buf_putc(out, ']');
	return any;
}

/* --- lists and maps --- */

struct items {
	const char *first;
	size_t count;
};

static struct items items_of(const struct field *field, const void *object)
{
	struct items items;
	memcpy(&items.first, member_of(field, object), sizeof(items.first));
	memcpy(&items.count, (const char *)object + field->count_offset, sizeof(items.count));
	return items;
}

static bool encode_strings(struct buf *out, const struct field *field, const void *object)
{
	struct items items = items_of(field, object);
	for (size_t i = 0; i < items.count; i++) {
		buf_putc(out, i ? ',' : '[');
		json_put_string(out, ((const char *const *)(const void *)items.first)[i]);
	}
	if (items.count)
		buf_putc(out, ']');
	return items.count;
}

static bool encode_ids(struct buf *out, const struct field *field, const void *object)
{
	struct items items = items_of(field, object);
	for (size_t i = 0; i < items.count; i++)
		buf_printf(out, "%c%" PRIu32, i ? ',' : '[', ((const uint32_t *)(const void *)items.first)[i]);
	if (items.count)
		buf_putc(out, ']');
	return items.count;
}

static bool encode_pairs(struct buf *out, const struct field *field, const void *object)
{
	struct items items = items_of(field, object);
	const struct spec_pair *pairs = (const void *)items.first;
	for (size_t i = 0; i < items.count; i++) {
		buf_putc(out, i ? ',' : '{');
		json_put_string(out, pairs[i].key);
		buf_putc(out, ':');
		json_put_string(out, pairs[i].value);
	}
	if (items.count)
		buf_putc(out, '}');
	return items.count;
}

static void put_object(struct buf *out, const struct shape *shape, const void *object)
{
	if (!shape_encode(out, shape, object))
		buf_puts(out, "{}");
}

static bool encode_object(struct buf *out, const struct field *field, const void *object)
{
	return shape_encode(out, field->shape, member_of(field, object));
}

static bool encode_objects(struct buf *out, const struct field *field, const void *object)
{
	struct items items = items_of(field, object);
	for (size_t i = 0; i < items.count; i++) {
		buf_putc(out, i ? ',' : '[');
		put_object(out, field->shape, items.first + i * field->shape->size);
	}
	if (items.count)
		buf_putc(out, ']');
	return items.count;
}

static bool encode_object_map(struct buf *out, const struct field *field, const void *object)
{
	struct items items = items_of(field, object);
	for (size_t i = 0; i < items.count; i++) {
		const char *item = items.first + i * field->shape->size;
		buf_putc(out, i ? ',' : '{');
		json_put_string(out, *(const char *const *)(const void *)(item + field->shape->key_offset));
		buf_putc(out, ':');
		put_object(out, field->shape, item);
	}
	if (items.count)
		buf_putc(out, '}');
	return items.count;
}

/* --- objects --- */

static const struct {
	field_decoder *decode;
	field_encoder *encode;
} usual[] = {
	{ field_bool, encode_bool },       { field_opt_bool, encode_opt_bool }, { field_integer, encode_integer },
	{ field_opt_int, encode_opt_int }, { field_opt_uint, encode_opt_uint }, { field_string, encode_string },
	{ field_path, encode_string },     { field_word, encode_word },         { field_words, encode_words },
	{ field_strings, encode_strings }, { field_ids, encode_ids },           { field_pairs, encode_pairs },
	{ field_object, encode_object },   { field_objects, encode_objects },   { field_object_map, encode_object_map },
};

static bool field_encode(struct buf *out, const struct field *field, const void *object)
{
	if (field->encode)
		return field->encode(out, field, object);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i].decode == field->decode)
			return usual[i].encode(out, field, object);
	return false; /* the objects of other systems, of which nothing is kept */
}

bool shape_encode(struct buf *out, const struct shape *shape, const void *object)
{
	bool set = shape->has_set && *(const bool *)((const char *)object + shape->set_offset), any = false;
	if (shape->has_set && !set)
		return false;
	for (size_t i = 0; i < shape->count; i++) {
		struct buf value = buf_in(out->arena);
		if (!field_encode(&value, &shape->fields[i], object))
			continue;
		buf_putc(out, any ? ',' : '{');
		json_put_string(out, shape->fields[i].key);
		buf_putc(out, ':');
		buf_put(out, value.bytes, value.length);
		any = true;
	}
	if (any || set)
		buf_puts(out, any ? "}" : "{}");
	return any || set;
}

void spec_encode(struct buf *out, const struct spec *spec)
{
	struct buf text = buf_in(out->arena);
	struct spec noted = *spec;
	struct json_error error;
	box_note_add(out->arena, &noted);
	put_object(&text, &shape_document, &noted);
	json_put_value(out, json_parse(out->arena, text.bytes, text.length, &error, NULL), 0);
	buf_putc(out, '\n');
}
