/* init_text_test.c: texts without an allocator, and numbers that must not be mistaken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "init/text.h"
#include "init/user.h"

#include <string.h>

static void puts_parts(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_put(&text, "uid ");
	text_put_number(&text, 0);
	text_put(&text, " ");
	text_put_number(&text, UINT64_MAX);
	text_put(&text, " mode ");
	text_put_octal(&text, 0644);
	assert_string_equal(text.bytes, "uid 0 18446744073709551615 mode 0644");
	assert_int_equal(text.length, strlen(text.bytes));
}

static void quotes(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_put_quoted(&text, "/bin/sh\r\n\t\"\\\x01\x7f");
	assert_string_equal(text.bytes, "\"/bin/sh\\r\\n\\t\\\"\\\\\\x01\\x7f\"");
}

static void cuts_what_does_not_fit(void **state)
{
	struct text text = { 0 };

	(void)state;
	for (int at = 0; at < 1000; at++)
		text_put(&text, "word ");
	assert_int_equal(text.length, TEXT_SIZE - 1);
	assert_int_equal(text.bytes[TEXT_SIZE - 1], '\0');
}

static void reads_ids_strictly(void **state)
{
	static const char *const wrong[] = { "",   "-1", "+1",  "0x1",        "1a",         " 1",
		                             "1 ", "01", "1:2", "4294967295", "4294967296", "99999999999999999999999" };
	uint32_t id = 7;

	(void)state;
	for (size_t at = 0; at < sizeof(wrong) / sizeof(*wrong); at++) {
		assert_int_not_equal(id_parse(wrong[at], &id), 0);
		assert_int_equal(id, 7); /* untouched on failure: never 0 by accident */
	}
	assert_int_equal(id_parse("0", &id), 0);
	assert_int_equal(id, 0);
	assert_int_equal(id_parse("4294967294", &id), 0);
	assert_int_equal(id, 4294967294u);
}

static void keeps_the_limit(void **state)
{
	uint64_t number = 0;

	(void)state;
	assert_int_equal(number_parse("5", 5, &number), 0);
	assert_int_not_equal(number_parse("6", 5, &number), 0);
	assert_int_not_equal(number_parse("10", 5, &number), 0);
	assert_int_equal(number_parse("18446744073709551615", UINT64_MAX, &number), 0);
	assert_true(number == UINT64_MAX);
	assert_int_not_equal(number_parse("18446744073709551616", UINT64_MAX, &number), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_parts),
		cmocka_unit_test(quotes),
		cmocka_unit_test(cuts_what_does_not_fit),
		cmocka_unit_test(reads_ids_strictly),
		cmocka_unit_test(keeps_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
