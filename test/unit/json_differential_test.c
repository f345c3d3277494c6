/* json_differential_test.c: json-c as oracle: it and the reader take and refuse the same documents.
 *
 * Where the reader is stricter than json-c in its strict mode, on purpose; each is recognised by its message:
 *   - raw control characters in a string (RFC 8259 §7 forbids them; json-c 0.16 takes all but NUL)
 *   - a lone surrogate in \u escapes (it has no UTF-8 form; json-c writes U+FFFD)
 *   - numbers: json-c takes 01, 1. and 1e (RFC 8259 §6 forbids them)
 *   - more than 64 levels or 200,000 values
 * Numbers beyond 64 bits are clamped by json-c and kept as text here, so only their acceptance is compared; of
 * members with the same key json-c keeps the last, so that one is compared. */
#include "base/file.h"
#include "json/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Both have an enum of this name. */
#define json_type oracle_type
#include <json-c/json.h>
#undef json_type

enum { SEED = 20240229, DOCUMENTS = 20000, MUTATIONS = 400 };

static uint64_t random_state = SEED;

/* splitmix64: the same documents on every machine. */
static uint64_t next_random(void)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned below(unsigned limit)
{
	return (unsigned)(next_random() % limit);
}

/* NULL with *accepted false when json-c refuses the document. null is NULL too. */
static json_object *oracle_parse(const char *text, size_t length, bool *accepted)
{
	json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH + 8);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With the final NUL: so a number at the end is finished. */
	json_object *object = json_tokener_parse_ex(tokener, text, (int)length + 1);
	enum json_tokener_error result = json_tokener_get_error(tokener);
	*accepted = result == json_tokener_success && json_tokener_get_parse_end(tokener) >= length;
	if (!*accepted && object) {
		json_object_put(object);
		object = NULL;
	}
	json_tokener_free(tokener);
	return object;
}

static bool stricter_on_purpose(const struct json_error *error)
{
	static const char *const reasons[] = { "control character", "surrogate pair", "cannot start with 0",
		                               "expected a digit",  "nested deeper",  "more than 200000" };
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strstr(error->text, reasons[i]))
			return true;
	return false;
}

static const struct json_value *last_member(const struct json_value *object, const char *key)
{
	for (size_t i = object->count; i-- > 0;)
		if (strcmp(object->members[i].key, key) == 0)
			return &object->members[i].value;
	return NULL;
}

static bool same(const struct json_value *ours, json_object *theirs)
{
	switch (ours->type) {
	case JSON_NULL:
		return theirs == NULL;
	case JSON_BOOL:
		return json_object_is_type(theirs, json_type_boolean) &&
		       json_object_get_boolean(theirs) == ours->boolean;
	case JSON_INTEGER:
		if (!json_object_is_type(theirs, json_type_int))
			return false;
		return ours->negative ? (uint64_t)json_object_get_int64(theirs) == -ours->magnitude
		                      : json_object_get_uint64(theirs) == ours->magnitude;
	case JSON_REAL:
		return json_object_is_type(theirs, json_type_double) || json_object_is_type(theirs, json_type_int);
	case JSON_STRING:
		return json_object_is_type(theirs, json_type_string) &&
		       (size_t)json_object_get_string_len(theirs) == ours->length &&
		       memcmp(json_object_get_string(theirs), ours->string, ours->length) == 0;
	case JSON_ARRAY:
		if (!json_object_is_type(theirs, json_type_array) || json_object_array_length(theirs) != ours->count)
			return false;
		for (size_t i = 0; i < ours->count; i++)
			if (!same(&ours->items[i], json_object_array_get_idx(theirs, i)))
				return false;
		return true;
	case JSON_OBJECT:
		break;
	}
	if (!json_object_is_type(theirs, json_type_object))
		return false;
	json_object_object_foreach(theirs, key, value)
	{
		const struct json_value *mine = last_member(ours, key);
		if (!mine || !same(mine, value))
			return false;
	}
	return true;
}

static unsigned taken, refused;

static void compare(const char *text, size_t length)
{
	struct arena arena;
	assert_int_equal(arena_open(&arena), 0);
	struct json_error error = { 0 };
	struct json_duplicates duplicates = { 0 };
	bool accepted;
	const struct json_value *ours = json_parse(&arena, text, length, &error, &duplicates);
	json_object *theirs = oracle_parse(text, length, &accepted);
	if (ours && !accepted)
		fail_msg("only kist takes: %s", text);
	if (!ours && accepted && !stricter_on_purpose(&error))
		fail_msg("only json-c takes (kist: %u:%u %s): %s", error.line, error.column, error.text, text);
	if (ours && !same(ours, theirs))
		fail_msg("read differently: %s", text);
	*(ours ? &taken : &refused) += 1;
	json_object_put(theirs);
	arena_close(&arena);
}

static void put_random_string(struct buf *out)
{
	static const char *const pieces[] = { "a",
		                              "bc",
		                              "\\n",
		                              "\\\"",
		                              "\\\\",
		                              "\\/",
		                              "\\u0041",
		                              "\\u00e9",
		                              "\\ud83d\\ude00",
		                              "\\u20AC",
		                              "\xc3\xa9",
		                              "\xe2\x82\xac",
		                              "\xf0\x9f\x98\x80",
		                              "/proc",
		                              " ",
		                              "\x7f" };
	buf_putc(out, '"');
	for (unsigned i = below(6); i-- > 0;)
		buf_puts(out, pieces[below(sizeof(pieces) / sizeof(pieces[0]))]);
	buf_putc(out, '"');
}

static void put_random_space(struct buf *out)
{
	for (unsigned i = below(3); i-- > 0;)
		buf_putc(out, " \t\r\n"[below(4)]);
}

static void put_random_scalar(struct buf *out)
{
	static const char *const words[] = { "null",
		                             "true",
		                             "false",
		                             "0",
		                             "-0",
		                             "-1",
		                             "1.5",
		                             "-2.25E+3",
		                             "1e-2",
		                             "18446744073709551615",
		                             "-9223372036854775808",
		                             "9223372036854775807" };
	unsigned kind = below(16);
	if (kind < sizeof(words) / sizeof(words[0]))
		buf_puts(out, words[kind]);
	else
		put_random_string(out);
}

static void put_random_value(struct buf *out, unsigned depth)
{
	put_random_space(out);
	if (depth == 0 || below(4) == 0) {
		put_random_scalar(out);
		put_random_space(out);
		return;
	}
	bool object = below(2);
	buf_putc(out, object ? '{' : '[');
	put_random_space(out);
	for (unsigned i = 0, count = below(4); i < count; i++) {
		if (i > 0) {
			buf_putc(out, ',');
			put_random_space(out);
		}
		if (object) {
			put_random_string(out);
			put_random_space(out);
			buf_putc(out, ':');
		}
		put_random_value(out, depth - 1);
	}
	buf_putc(out, object ? '}' : ']');
	put_random_space(out);
}

/* One to three small faults: a byte replaced, removed, put in or doubled, or the end cut off. */
static size_t mutate(char *text, size_t length)
{
	static const char alphabet[] = "{}[]\",:\\0123456789-+.eE \n\tntfu/'\x01\x80\xc3\xe2\xf0\xff";
	for (unsigned i = 1 + below(3); i-- > 0 && length > 0;) {
		size_t at = next_random() % length;
		unsigned kind = below(8);
		if (kind < 4) {
			text[at] = alphabet[below(sizeof(alphabet) - 1)];
		} else if (kind < 7) {
			memmove(text + at, text + at + 1, length - at - 1);
			length--;
		} else {
			length = at;
		}
	}
	text[length] = '\0';
	return length;
}

/* json-c stops at a NUL byte, at an empty text and at a byte order mark in ways of its own; json_test.c has those. */
static bool comparable(const char *text, size_t length)
{
	return length > 0 && strlen(text) == length && strspn(text, " \t\r\n") < length;
}

static void random_documents(void **state)
{
	(void)state;
	taken = refused = 0;
	for (unsigned i = 0; i < DOCUMENTS; i++) {
		struct arena arena;
		assert_int_equal(arena_open(&arena), 0);
		struct buf text = buf_in(&arena);
		put_random_value(&text, 5);
		compare(text.bytes, text.length);
		text.length = mutate(text.bytes, text.length);
		if (comparable(text.bytes, text.length))
			compare(text.bytes, text.length);
		arena_close(&arena);
	}
	assert_true(taken > DOCUMENTS && refused > DOCUMENTS / 4);
}

static void compare_file(int folder, const char *name)
{
	struct arena arena;
	assert_int_equal(arena_open(&arena), 0);
	char *text;
	size_t length;
	assert_int_equal(file_read_at(&arena, folder, name, JSON_BYTES, &text, &length), 0);
	char *mutant = arena_alloc(&arena, length + 1);
	compare(text, length);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		memcpy(mutant, text, length + 1);
		size_t mutated = mutate(mutant, length);
		if (comparable(mutant, mutated))
			compare(mutant, mutated);
	}
	arena_close(&arena);
}

static void mutated_configs(void **state)
{
	(void)state;
	const char *source = getenv("KIST_SOURCE");
	char path[4096];
	snprintf(path, sizeof(path), "%s/test/plan/configs", source ? source : ".");
	DIR *folder = opendir(path);
	assert_non_null(folder);
	unsigned files = 0;
	taken = refused = 0;
	for (struct dirent *entry; (entry = readdir(folder));) {
		size_t length = strlen(entry->d_name);
		if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
			continue;
		compare_file(dirfd(folder), entry->d_name);
		files++;
	}
	closedir(folder);
	assert_true(files >= 10);
	assert_true(taken > files && refused > files);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_documents),
		cmocka_unit_test(mutated_configs),
	};
	return cmocka_run_group_tests_name("json_differential", tests, NULL, NULL);
}
