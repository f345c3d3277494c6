/* field.c: walks the tables of the decoder: objects, lists, maps and plain values into structs. */
#include "spec/field.h"

#include "spec/nearest.h"

#include <inttypes.h>
#include <string.h>

enum { SHORT_LIST = 90, FEW_WORDS = 9, PATH_BYTES = 4095 /* PATH_MAX without its NUL */ };

const struct range range_uint16 = { 0, UINT16_MAX };
const struct range range_int32 = { INT32_MIN, INT32_MAX };
const struct range range_uint32 = { 0, UINT32_MAX };
const struct range range_int64 = { INT64_MIN, INT64_MAX };
const struct range range_uint64 = { 0, UINT64_MAX };

/* --- places and faults --- */

static const char *place_pointer(struct arena *arena, const struct place *at)
{
	if (!at->parent)
		return "";
	const char *parent = place_pointer(arena, at->parent);
	if (at->key)
		return pointer_to_key(arena, parent, at->key);
	return arena_printf(arena, "%s/%zu", parent, at->index);
}

struct place place_item(const struct place *array, size_t index)
{
	return (struct place){ .parent = array, .index = index, .value = &array->value->items[index] };
}

static struct spec_fault fault_here(struct decoder *decoder, const struct place *at, const char *text)
{
	return (struct spec_fault){
		.line = at->value->line,
		.column = at->value->column,
		.pointer = place_pointer(decoder->arena, at),
		.text = text,
		.check = fault_from_decoder,
	};
}

void place_remark(struct decoder *decoder, enum fault_kind kind, const struct place *at, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fault_add(decoder->faults, kind, fault_here(decoder, at, arena_vprintf(decoder->arena, format, list)));
	va_end(list);
}

void place_fault(struct decoder *decoder, const struct place *at, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fault_add(decoder->faults, FAULT_ERROR, fault_here(decoder, at, arena_vprintf(decoder->arena, format, list)));
	va_end(list);
}

static void fault_expected(struct decoder *decoder, const struct place *at, const char *what)
{
	place_fault(decoder, at, "expected %s, got %s", what, json_describe(decoder->arena, at->value));
}

const char *unknown_word(struct arena *arena, const struct name_table *names, const char *word)
{
	struct buf text = buf_in(arena);
	buf_printf(&text, "unknown %s %s", names->what, fault_quote(arena, word));
	const char *nearest = name_nearest(names, word), *list = name_list(arena, names);
	if (nearest)
		buf_printf(&text, " (did you mean \"%s\"?)", nearest);
	if (strlen(list) <= SHORT_LIST || (!nearest && names->count <= FEW_WORDS))
		buf_printf(&text, ": expected %s", list);
	return text.bytes;
}

/* --- plain values --- */

static void *member_of(const struct field *field, void *object)
{
	return (char *)object + field->offset;
}

bool value_string(struct decoder *decoder, const struct place *at, const char **string)
{
	if (at->value->type != JSON_STRING) {
		fault_expected(decoder, at, "a string");
		return false;
	}
	/* The kernel would read the part before the NUL: another string than the one that was checked. */
	if (strlen(at->value->string) != at->value->length) {
		place_fault(decoder, at, "a NUL byte (\\u0000) inside a string");
		return false;
	}
	*string = at->value->string;
	return true;
}

static bool in_range(const struct json_value *value, const struct range *range)
{
	if (value->negative)
		return range->least < 0 && value->magnitude <= (uint64_t) - (range->least + 1) + 1;
	return value->magnitude <= range->most && (range->least <= 0 || value->magnitude >= (uint64_t)range->least);
}

/* A number of digits only that did not fit 64 bits. */
static bool is_huge(const struct json_value *value)
{
	const char *digits = value->type == JSON_REAL ? value->string : "";
	digits += *digits == '-';
	return *digits && strspn(digits, "0123456789") == strlen(digits);
}

bool value_integer(struct decoder *decoder, const struct place *at, const struct range *range, uint64_t *value)
{
	bool huge = is_huge(at->value);
	if (at->value->type != JSON_INTEGER && !huge) {
		fault_expected(decoder, at, "an integer");
		return false;
	}
	if (huge || !in_range(at->value, range)) {
		/* 18446744073709551615 (unlimited) becomes 18446744073709552000 in Debian's jq: worth a word. */
		const char *hint = huge ? " (jq before 1.7 rounds integers beyond 2^53)" : "";
		place_fault(decoder, at, "expected an integer from %" PRId64 " to %" PRIu64 ", got %s%s", range->least,
		            range->most, json_describe(decoder->arena, at->value), hint);
		return false;
	}
	*value = at->value->negative ? -at->value->magnitude : at->value->magnitude;
	return true;
}

/* Stores the low `size` bytes' worth of a value that is known to fit. */
static void store_integer(void *member, size_t size, uint64_t value)
{
	uint8_t value8 = (uint8_t)value;
	uint16_t value16 = (uint16_t)value;
	uint32_t value32 = (uint32_t)value;
	const void *from = size == 1 ? &value8 : size == 2 ? &value16 : size == 4 ? (void *)&value32 : &value;
	memcpy(member, from, size);
}

void field_bool(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (at->value->type != JSON_BOOL)
		fault_expected(decoder, at, "true or false");
	else if (field->size)
		*(bool *)member_of(field, object) = at->value->boolean;
}

void field_opt_bool(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (at->value->type != JSON_BOOL)
		fault_expected(decoder, at, "true or false");
	else
		*(struct opt_bool *)member_of(field, object) =
			(struct opt_bool){ .set = true, .value = at->value->boolean };
}

void field_integer(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	uint64_t value;
	if (value_integer(decoder, at, field->range, &value))
		store_integer(member_of(field, object), field->size, value);
}

void field_opt_int(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	uint64_t value;
	if (value_integer(decoder, at, field->range, &value))
		*(struct opt_int *)member_of(field, object) = (struct opt_int){ .set = true, .value = (int64_t)value };
}

void field_opt_uint(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	uint64_t value;
	if (value_integer(decoder, at, field->range, &value))
		*(struct opt_uint *)member_of(field, object) = (struct opt_uint){ .set = true, .value = value };
}

void field_string(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	const char *string;
	if (value_string(decoder, at, &string) && field->size)
		*(const char **)member_of(field, object) = string;
}

void field_path(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (at->value->type == JSON_STRING && at->value->length > PATH_BYTES)
		place_fault(decoder, at, "a path of %zu bytes: the kernel takes at most %d", at->value->length,
		            PATH_BYTES);
	else
		field_string(decoder, at, field, object);
}

static bool value_word(struct decoder *decoder, const struct place *at, const struct name_table *names, uint64_t *value)
{
	const char *word;
	if (!value_string(decoder, at, &word))
		return false;
	if (name_value(names, word, value))
		return true;
	place_fault(decoder, at, "%s", unknown_word(decoder->arena, names, word));
	return false;
}

void field_word(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	uint64_t value;
	if (value_word(decoder, at, field->names, &value) && field->size)
		store_integer(member_of(field, object), field->size, value);
}

/* --- lists --- */

bool value_array(struct decoder *decoder, const struct place *at, const char *what, size_t limit)
{
	if (at->value->type != JSON_ARRAY) {
		fault_expected(decoder, at, what);
		return false;
	}
	if (at->value->count > limit) {
		place_fault(decoder, at, "%zu entries: at most %zu are allowed", at->value->count, limit);
		return false;
	}
	return true;
}

static void store_list(const struct field *field, void *object, void *items, size_t count)
{
	memcpy(member_of(field, object), &items, sizeof(items));
	memcpy((char *)object + field->count_offset, &count, sizeof(count));
}

void field_words(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_array(decoder, at, "an array of strings", field->limit))
		return;
	uint64_t all = 0;
	for (size_t i = 0; i < at->value->count; i++) {
		struct place item = place_item(at, i);
		uint64_t bit;
		if (value_word(decoder, &item, field->names, &bit))
			all |= bit;
	}
	store_integer(member_of(field, object), field->size, all);
}

void field_strings(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_array(decoder, at, "an array of strings", field->limit))
		return;
	const char **items = ARENA_ARRAY(decoder->arena, at->value->count, const char *);
	for (size_t i = 0; i < at->value->count; i++) {
		struct place item = place_item(at, i);
		uint64_t value;
		items[i] = ""; /* a faulty one keeps its place, so that the checks' pointers stay right */
		if (value_string(decoder, &item, &items[i]) && field->names)
			value_word(decoder, &item, field->names, &value);
	}
	store_list(field, object, items, at->value->count);
}

void field_ids(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_array(decoder, at, "an array of integers", field->limit))
		return;
	uint32_t *items = ARENA_ARRAY(decoder->arena, at->value->count, uint32_t);
	for (size_t i = 0; i < at->value->count; i++) {
		struct place item = place_item(at, i);
		uint64_t id;
		if (value_integer(decoder, &item, &range_uint32, &id))
			items[i] = (uint32_t)id;
	}
	store_list(field, object, items, at->value->count);
}

void field_objects(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_array(decoder, at, "an array of objects", field->limit))
		return;
	size_t size = field->shape->size;
	char *items = arena_array(decoder->arena, at->value->count, size);
	for (size_t i = 0; i < at->value->count; i++) {
		struct place item = place_item(at, i);
		shape_decode(decoder, &item, field->shape, items + i * size);
	}
	store_list(field, object, items, at->value->count);
}

/* --- objects and maps --- */

/* An object whose keys are the user's own. */
static bool value_map(struct decoder *decoder, const struct place *at, const struct field *field, const char *what)
{
	if (at->value->type != JSON_OBJECT) {
		fault_expected(decoder, at, what);
		return false;
	}
	if (at->value->count > field->limit) {
		place_fault(decoder, at, "%zu entries: at most %zu are allowed", at->value->count, field->limit);
		return false;
	}
	return true;
}

/* The place of one member; false, with a fault, when its key cannot be a string of C. */
static bool member_place(struct decoder *decoder, const struct place *at, const struct json_member *member,
                         struct place *inner)
{
	*inner = (struct place){ .parent = at, .key = member->key, .value = &member->value };
	if (strlen(member->key) == member->key_length)
		return true;
	place_fault(decoder, inner, "a NUL byte (\\u0000) inside a key");
	return false;
}

void field_pairs(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_map(decoder, at, field, "an object of strings"))
		return;
	struct spec_pair *items = ARENA_ARRAY(decoder->arena, at->value->count, struct spec_pair);
	size_t count = 0;
	for (size_t i = 0; i < at->value->count; i++) {
		struct place inner;
		if (!member_place(decoder, at, &at->value->members[i], &inner))
			continue;
		items[count].key = inner.key;
		if (value_string(decoder, &inner, &items[count].value))
			count++;
	}
	store_list(field, object, items, count);
}

void field_object(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	shape_decode(decoder, at, field->shape, member_of(field, object));
}

void field_object_map(struct decoder *decoder, const struct place *at, const struct field *field, void *object)
{
	if (!value_map(decoder, at, field, "an object of objects"))
		return;
	size_t size = field->shape->size, count = 0;
	char *items = arena_array(decoder->arena, at->value->count, size);
	for (size_t i = 0; i < at->value->count; i++) {
		struct place inner;
		if (!member_place(decoder, at, &at->value->members[i], &inner))
			continue;
		char *item = items + size * count++;
		*(const char **)(item + field->shape->key_offset) = inner.key;
		shape_decode(decoder, &inner, field->shape, item);
	}
	store_list(field, object, items, count);
}

static void note_unknown(struct decoder *decoder, const struct place *at, const struct shape *shape)
{
	if (faults_full(decoder->faults, FAULT_NOTE))
		return;
	struct nearest nearest = { .word = at->key };
	for (size_t i = 0; i < shape->count; i++)
		nearest_offer(&nearest, shape->fields[i].key);
	const char *hint = nearest.best ? arena_printf(decoder->arena, " (did you mean \"%s\"?)", nearest.best) : "";
	place_remark(decoder, FAULT_NOTE, at, "unknown property, ignored%s", hint);
}

static size_t field_find(const struct shape *shape, const char *key)
{
	size_t i = 0;
	while (i < shape->count && strcmp(shape->fields[i].key, key) != 0)
		i++;
	return i;
}

static void report_missing(struct decoder *decoder, const struct place *at, const struct shape *shape, uint64_t seen)
{
	for (size_t i = 0; i < shape->count; i++) {
		if (!shape->fields[i].required || (seen >> i & 1))
			continue;
		struct place missing = { .parent = at, .key = shape->fields[i].key, .value = at->value };
		place_fault(decoder, &missing, "missing: this property is required");
	}
}

void shape_decode(struct decoder *decoder, const struct place *at, const struct shape *shape, void *object)
{
	if (at->value->type != JSON_OBJECT) {
		fault_expected(decoder, at, "an object");
		return;
	}
	uint64_t seen = 0; /* no object of the specification has 64 properties */
	for (size_t i = 0; i < at->value->count; i++) {
		struct place inner;
		if (!member_place(decoder, at, &at->value->members[i], &inner))
			continue;
		size_t index = field_find(shape, inner.key);
		if (index < shape->count && inner.value->type != JSON_NULL) {
			seen |= UINT64_C(1) << index;
			shape->fields[index].decode(decoder, &inner, &shape->fields[index], object);
		} else if (index == shape->count && !shape->lenient) {
			note_unknown(decoder, &inner, shape);
		}
	}
	report_missing(decoder, at, shape, seen);
	if (shape->has_set)
		*(bool *)((char *)object + shape->set_offset) = true;
	if (shape->finish)
		shape->finish(decoder, at, object);
}
