/* json_test.c: what the JSON reader takes, what it refuses and with which words, and that writing gives it back. */
#include "json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static const struct json_value *parse(const char *text)
{
	struct json_error error = { 0 };
	const struct json_value *value = json_parse(&arena, text, strlen(text), &error, NULL);
	if (!value)
		fail_msg("%s: refused at %u:%u: %s", text, error.line, error.column, error.text);
	return value;
}

static const char *rewrite(const char *text, int indent)
{
	struct buf out = buf_in(&arena);
	json_put_value(&out, parse(text), indent);
	return out.bytes;
}

/* Text, and what it is on one line. */
static const struct {
	const char *text, *written;
} accepted[] = {
	{ "null", "null" },
	{ " \t\r\n[ true , false ] \n", "[true,false]" },
	{ "{}", "{}" },
	{ "[]", "[]" },
	{ "{\"a\":{\"b\":[]},\"c\":\"\"}", "{\"a\":{\"b\":[]},\"c\":\"\"}" },
	{ "{\"\":1}", "{\"\":1}" },
	{ "-0", "0" },
	{ "18446744073709551615", "18446744073709551615" },
	{ "-9223372036854775808", "-9223372036854775808" },
	{ "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
	{ "\"\\u0000\\u001f\\u007f\\u009b\"", "\"\\u0000\\u001f\\u007f\\u009b\"" },
	{ "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"", "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"" },
	{ "\"\x7f\"", "\"\\u007f\"" },
	{ "[1.0,1e3,-2.5E-7,0.0]", "[1.0,1e3,-2.5E-7,0.0]" },
};

static void accepts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(accepted); i++)
		assert_string_equal(rewrite(accepted[i].text, -1), accepted[i].written);
}

static const struct {
	const char *text;
	unsigned line, column;
	const char *message;
} refused[] = {
	{ "", 1, 1, "the text is empty" },
	{ " \n ", 1, 1, "the text is empty" },
	{ "\xef\xbb\xbf{}", 1, 1, "the text starts with a byte order mark: save it as UTF-8 without one" },
	{ "\xff\xfe{", 1, 1, "the text is UTF-16: save it as UTF-8" },
	{ "[1 2]", 1, 4, "expected a comma or ] after a value, got \"2\"" },
	{ "{\"a\": 1\n \"b\": 2}", 2, 2, "expected a comma or } after a value, got a string" },
	{ "[1,\n]", 1, 3, "trailing comma before ]" },
	{ "{\"a\":1 ,}", 1, 8, "trailing comma before }" },
	{ "[,1]", 1, 2, "expected a value, got ," },
	{ "[1,,2]", 1, 4, "expected a value, got ," },
	{ "[[1]", 1, 5, "an array is not closed (opened at 1:1)" },
	{ "\n {\"a\": 1", 2, 9, "an object is not closed (opened at 2:2)" },
	{ "{\"a\": [1}", 1, 9, "expected a comma or ] after a value, got }" },
	{ "{\"a\"}", 1, 5, "expected a colon after the key \"a\", got }" },
	{ "{\"a\" 1}", 1, 6, "expected a colon after the key \"a\", got \"1\"" },
	{ "{\"a\":", 1, 6, "expected a value, got the end of the text" },
	{ "{\"a\":}", 1, 6, "expected a value, got }" },
	{ "{a: 1}", 1, 2, "expected a key in double quotes or }, got \"a\"" },
	{ "{1: 1}", 1, 2, "expected a key in double quotes or }, got \"1\"" },
	{ "['a']", 1, 2, "expected a value, got ' (strings take double quotes)" },
	{ "// hello\n{}", 1, 1, "expected a value, got / (JSON has no comments)" },
	{ "True", 1, 1, "expected a value, got \"True\" (the words of JSON are true, false and null)" },
	{ "[nullx]", 1, 2, "expected a value, got \"nullx\" (the words of JSON are true, false and null)" },
	{ "NaN", 1, 1, "expected a value, got \"NaN\" (the words of JSON are true, false and null)" },
	{ "{} {}", 1, 4, "expected the end of the text, got {" },
	{ "1\n\x01", 2, 1, "expected the end of the text, got the byte 0x01" },
	{ "[\xc2\xa0]", 1, 2, "expected a value, got \"\xc2\xa0\"" },
	{ "[\"ab", 1, 5, "a string is not closed (opened at 1:2)" },
	{ "[\"ab\\", 1, 5, "a string is not closed (opened at 1:2)" },
	{ "[\"ab\\\"", 1, 7, "a string is not closed (opened at 1:2)" },
	{ "[\"a\nb\"]", 1, 4, "control character 0x0a in a string, which must end on its line (opened at 1:2)" },
	{ "\"\t\"", 1, 2, "control character 0x09 in a string: write \\u0009" },
	{ "\"\\x\"", 1, 2, "unknown escape in a string: a backslash before \"x\"" },
	{ "\"\\u12g4\"", 1, 2, "\\u takes four hexadecimal digits" },
	{ "\"\\u12", 1, 2, "\\u takes four hexadecimal digits" },
	{ "\"\\ud800\"", 1, 2, "\\ud800 is the first half of a surrogate pair without its second" },
	{ "\"\\ud800\\u0041\"", 1, 2, "\\ud800 is the first half of a surrogate pair without its second" },
	{ "\"\\udc00\"", 1, 2, "\\udc00 is the second half of a surrogate pair without its first" },
	{ "\"\x80\"", 1, 2, "not UTF-8: the byte 0x80" },
	{ "\"\xc0\xaf\"", 1, 2, "not UTF-8: the byte 0xc0" },
	{ "\"\xc1\xbf\"", 1, 2, "not UTF-8: the byte 0xc1" },
	{ "\"\xe0\x9f\xbf\"", 1, 2, "not UTF-8: the byte 0xe0" },
	{ "\"\xed\xa0\x80\"", 1, 2, "not UTF-8: the byte 0xed" },
	{ "\"\xf0\x8f\xbf\xbf\"", 1, 2, "not UTF-8: the byte 0xf0" },
	{ "\"\xf4\x90\x80\x80\"", 1, 2, "not UTF-8: the byte 0xf4" },
	{ "\"\xf8\x88\x80\x80\x80\"", 1, 2, "not UTF-8: the byte 0xf8" },
	{ "\"ab\xe2\x82\"", 1, 4, "not UTF-8: the byte 0xe2" },
	{ "\"\xe2\x82", 1, 2, "not UTF-8: the byte 0xe2" },
	{ "[01]", 1, 2, "a number cannot start with 0" },
	{ "-01", 1, 1, "a number cannot start with 0" },
	{ "-", 1, 2, "expected a digit after the minus sign, got the end of the text" },
	{ "[-a]", 1, 3, "expected a digit after the minus sign, got \"a\"" },
	{ "[1.]", 1, 4, "expected a digit after the point, got ]" },
	{ "[1.e5]", 1, 4, "expected a digit after the point, got \"e5\"" },
	{ "[1e+]", 1, 5, "expected a digit in the exponent, got ]" },
	{ "[.5]", 1, 2, "expected a value, got ." },
	{ "[+1]", 1, 2, "expected a value, got +" },
	{ "[0x10]", 1, 3, "expected a comma or ] after a value, got \"x10\"" },
	{ "{\"a\":1,\n \"b\":{},\"a\":2}", 2, 9, "duplicate key \"a\" (first at 1:2)" },
	{ "{\"\\u0061\":1,\"a\":2}", 1, 13, "duplicate key \"a\" (first at 1:2)" },
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct json_error error = { 0 };
		if (json_parse(&arena, refused[i].text, strlen(refused[i].text), &error, NULL))
			fail_msg("accepted: %s", refused[i].text);
		if (strcmp(error.text, refused[i].message) != 0 || error.line != refused[i].line ||
		    error.column != refused[i].column)
			fail_msg("%s\n  gives  %u:%u %s\n  not    %u:%u %s", refused[i].text, error.line, error.column,
			         error.text, refused[i].line, refused[i].column, refused[i].message);
	}
}

/* A NUL byte is no white space and no end. */
static void refuses_nul(void **state)
{
	(void)state;
	struct json_error error = { 0 };
	assert_null(json_parse(&arena, "{}\0", 3, &error, NULL));
	assert_string_equal(error.text, "expected the end of the text, got the byte 0x00");
	assert_null(json_parse(&arena, "\"a\0b\"", 5, &error, NULL));
	assert_string_equal(error.text, "control character 0x00 in a string: write \\u0000");
	assert_null(json_parse(&arena, "\"\\\0\"", 4, &error, NULL));
	assert_string_equal(error.text, "unknown escape in a string: a backslash before the byte 0x00");
}

static void keeps_numbers_exact(void **state)
{
	(void)state;
	const struct json_value *list = parse("[18446744073709551615,18446744073709551616,-9223372036854775808,"
	                                      "-9223372036854775809,99999999999999999999999999,-0,1.0,1e2,-7]");
	static const enum json_type types[] = { JSON_INTEGER, JSON_REAL, JSON_INTEGER, JSON_REAL,   JSON_REAL,
		                                JSON_INTEGER, JSON_REAL, JSON_REAL,    JSON_INTEGER };
	assert_int_equal(list->count, COUNT(types));
	for (size_t i = 0; i < list->count; i++)
		assert_int_equal(list->items[i].type, types[i]);
	assert_true(list->items[0].magnitude == UINT64_MAX);
	assert_true(list->items[2].magnitude == (uint64_t)1 << 63 && list->items[2].negative);
	assert_true(list->items[5].magnitude == 0 && !list->items[5].negative);
	assert_string_equal(list->items[3].string, "-9223372036854775809");
	assert_true(list->items[8].magnitude == 7 && list->items[8].negative);
}

static void knows_places(void **state)
{
	(void)state;
	const struct json_value *root = parse("{\n  \"a\": [ 1,\n\t\t\"\xc3\xa9\", true ],\r\n  \"b\" : {} }");
	const struct json_member *a = &root->members[0], *b = &root->members[1];
	assert_int_equal(root->line, 1);
	assert_int_equal(root->column, 1);
	assert_int_equal(a->line, 2);
	assert_int_equal(a->column, 3);
	assert_int_equal(a->value.column, 8);
	assert_int_equal(a->value.items[1].line, 3);
	assert_int_equal(a->value.items[1].column, 3);
	assert_int_equal(a->value.items[2].column, 9); /* columns count bytes */
	assert_int_equal(b->line, 4);
	assert_int_equal(b->column, 3);
	assert_int_equal(b->value.column, 9);
}

static void keeps_nul_in_strings(void **state)
{
	(void)state;
	const struct json_value *value = parse("\"a\\u0000b\"");
	assert_int_equal(value->length, 3);
	assert_memory_equal(value->string, "a\0b", 4);
}

static void collects_duplicates(void **state)
{
	(void)state;
	struct json_error error = { 0 };
	struct json_duplicates list = { 0 };
	static const char text[] = "{\"a\":1,\"b\":{\"x\":0,\"x\":1},\"a\":2,\"a\":3}";
	const struct json_value *root = json_parse(&arena, text, strlen(text), &error, &list);
	assert_non_null(root);
	assert_int_equal(root->count, 4);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].text, "duplicate key \"x\" (first at 1:13)");
	assert_string_equal(list.items[1].text, "duplicate key \"a\" (first at 1:2)");
	assert_string_equal(list.items[2].text, "duplicate key \"a\" (first at 1:2)");
	assert_int_equal(list.items[2].column, 32);
	assert_int_equal(json_member(root, "a")->magnitude, 1);
}

/* An object of `count` members, whose keys repeat after `distinct`. */
static struct buf many_members(unsigned count, unsigned distinct)
{
	struct buf text = buf_in(&arena);
	for (unsigned i = 0; i < count; i++)
		buf_printf(&text, "%s\"k%u\":%u", i ? "," : "{", i % distinct, i);
	buf_puts(&text, "}");
	return text;
}

static void finds_duplicates_among_many(void **state)
{
	(void)state;
	struct json_error error = { 0 };
	struct json_duplicates list = { 0 };
	struct buf text = many_members(50, 40);
	assert_non_null(json_parse(&arena, text.bytes, text.length, &error, &list));
	assert_int_equal(list.count, 10);
	assert_string_equal(list.items[0].text, "duplicate key \"k0\" (first at 1:2)");
	for (size_t i = 1; i < list.count; i++)
		assert_true(list.items[i].column > list.items[i - 1].column);
}

/* Quadratic work on 100,000 keys would be five thousand million comparisons: minutes. */
static void is_not_slow_on_many_keys(void **state)
{
	(void)state;
	struct json_error error = { 0 };
	struct json_duplicates list = { 0 };
	struct buf distinct = many_members(100000, 100000), same = many_members(100000, 1);
	clock_t start = clock();
	assert_non_null(json_parse(&arena, distinct.bytes, distinct.length, &error, &list));
	assert_int_equal(list.count, 0);
	assert_non_null(json_parse(&arena, same.bytes, same.length, &error, &list));
	assert_int_equal(list.count, 99999);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
}

static struct buf nested(unsigned depth)
{
	struct buf text = buf_in(&arena);
	for (unsigned i = 0; i < depth; i++)
		buf_puts(&text, i % 2 ? "{\"a\":" : "[");
	buf_puts(&text, "1");
	for (unsigned i = depth; i-- > 0;)
		buf_puts(&text, i % 2 ? "}" : "]");
	return text;
}

static void has_limits(void **state)
{
	(void)state;
	struct json_error error = { 0 };
	struct buf deepest = nested(JSON_DEPTH), deeper = nested(JSON_DEPTH + 1), hostile = nested(1000000);
	assert_non_null(json_parse(&arena, deepest.bytes, deepest.length, &error, NULL));
	assert_null(json_parse(&arena, deeper.bytes, deeper.length, &error, NULL));
	assert_string_equal(error.text, "nested deeper than 64 levels");
	assert_null(json_parse(&arena, hostile.bytes, JSON_BYTES, &error, NULL));
	assert_string_equal(error.text, "nested deeper than 64 levels");
	assert_null(json_parse(&arena, hostile.bytes, JSON_BYTES + 1, &error, NULL));
	assert_string_equal(error.text, "longer than 4 MiB");

	struct buf many = buf_in(&arena);
	for (unsigned i = 1; i < JSON_VALUES; i++)
		buf_puts(&many, i == 1 ? "[0" : ",0");
	size_t full = many.length;
	buf_puts(&many, "]");
	assert_non_null(json_parse(&arena, many.bytes, many.length, &error, NULL));
	many.length = full;
	buf_puts(&many, ",0]");
	assert_null(json_parse(&arena, many.bytes, many.length, &error, NULL));
	assert_string_equal(error.text, "more than 200000 values");
}

static void follows_pointers(void **state)
{
	(void)state;
	const struct json_value *root = parse("{\"a\":[10,{\"b/c\":20}],\"m~n\":30,\"\":40}");
	static const struct {
		const char *pointer;
		uint64_t magnitude; /* 0: the place it stopped at is no number */
		bool whole;
	} rows[] = {
		{ "", 0, true },
		{ "/a/0", 10, true },
		{ "/a/1/b~1c", 20, true },
		{ "/m~0n", 30, true },
		{ "/", 40, true },
		{ "/a/2", 0, false },
		{ "/a/00", 0, false },
		{ "/a/-", 0, false },
		{ "/a/0/x", 10, false },
		{ "/m~2n", 0, false },
		{ "/m~", 0, false },
		{ "a", 0, false },
		{ "/a/18446744073709551616", 0, false },
		{ "/a/", 0, false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool whole = !rows[i].whole;
		const struct json_value *value = json_follow(root, rows[i].pointer, &whole);
		assert_int_equal(value->type == JSON_INTEGER ? value->magnitude : 0, rows[i].magnitude);
		assert_int_equal(whole, rows[i].whole);
	}
	bool whole;
	assert_int_equal(json_follow(root, "/a/7", &whole)->type, JSON_ARRAY);
	assert_null(json_member(root, "b"));
	assert_null(json_member(&root->members[0].value, "a"));
}

static void describes(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "\"sh\"", "a string (\"sh\")" },
		{ "\"a\\nb\"", "a string (\"a\\nb\")" },
		{ "\"0123456789012345678901234567890123456789\"",
		  "a string (\"0123456789012345678901234567890123456789\")" },
		{ "\"012345678901234567890123456789012345678\xc3\xa9x\"",
		  "a string (\"012345678901234567890123456789012345678\"...)" },
		{ "[1]", "an array" },
		{ "{}", "an object" },
		{ "-7", "the number -7" },
		{ "1.5", "the number 1.5" },
		{ "1111111111111111111111111111111111111111111", "a number of many digits" },
		{ "true", "true" },
		{ "null", "null" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(json_describe(&arena, parse(rows[i].text)), rows[i].words);
}

static void writes_invalid_utf8_as_replacement(void **state)
{
	(void)state;
	struct buf out = buf_in(&arena);
	json_put_string(&out, "a\xff\xe2\x82z\xc2");
	assert_string_equal(out.bytes, "\"a\\ufffd\\ufffd\\ufffdz\\ufffd\"");
	parse(out.bytes);
}

static void writes_indented(void **state)
{
	(void)state;
	assert_string_equal(rewrite("{\"a\":[1,{}],\"b\":[]}", 0),
	                    "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	static const struct CMUnitTest tests[] = {
		TEST(accepts),
		TEST(refuses),
		TEST(refuses_nul),
		TEST(keeps_numbers_exact),
		TEST(knows_places),
		TEST(keeps_nul_in_strings),
		TEST(collects_duplicates),
		TEST(finds_duplicates_among_many),
		TEST(is_not_slow_on_many_keys),
		TEST(has_limits),
		TEST(follows_pointers),
		TEST(describes),
		TEST(writes_invalid_utf8_as_replacement),
		TEST(writes_indented),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
