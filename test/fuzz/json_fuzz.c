/* json_fuzz.c: whatever is read can be written, and what was written is read as the same value. */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool same(const struct json_value *one, const struct json_value *other);

static bool same_member(const struct json_member *one, const struct json_member *other)
{
	return one->key_length == other->key_length && memcmp(one->key, other->key, one->key_length) == 0 &&
	       same(&one->value, &other->value);
}

/* The type tells which of the fields in a value are its own. */
static bool same(const struct json_value *one, const struct json_value *other)
{
	if (one->type != other->type)
		return false;
	switch (one->type) {
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return one->boolean == other->boolean;
	case JSON_INTEGER:
		return one->negative == other->negative && one->magnitude == other->magnitude;
	case JSON_REAL:
	case JSON_STRING:
		return one->length == other->length && memcmp(one->string, other->string, one->length + 1) == 0;
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	bool equal = one->count == other->count;
	for (size_t i = 0; equal && i < one->count; i++)
		equal = one->type == JSON_ARRAY ? same(&one->items[i], &other->items[i])
		                                : same_member(&one->members[i], &other->members[i]);
	return equal;
}

static void check_again(struct arena *arena, const struct json_value *value, int indent, size_t duplicates)
{
	struct json_error error = { 0 };
	struct json_duplicates list = { 0 };
	struct buf out = buf_in(arena);
	json_put_value(&out, value, indent);
	/* Escapes and indentation make text longer: only then may the length be a reason to refuse it. */
	if (out.length > JSON_BYTES)
		return;
	const struct json_value *again = json_parse(arena, out.bytes, out.length, &error, &list);
	if (!again || !same(value, again) || list.count != duplicates)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena;
	struct json_error error = { 0 };
	struct json_duplicates list = { 0 };
	if (arena_open(&arena) < 0)
		abort();
	/* A copy of exactly this size, so that the sanitizer sees a read past its end. */
	char *text = malloc(size ? size : 1);
	if (size)
		memcpy(text, bytes, size);
	const struct json_value *value = json_parse(&arena, text, size, &error, &list);
	free(text);
	if (!value && (!error.text || error.line == 0 || error.column == 0))
		abort();
	if (value) {
		check_again(&arena, value, -1, list.count);
		check_again(&arena, value, 0, list.count);
		json_describe(&arena, value);
	}
	arena_close(&arena);
	return 0;
}
