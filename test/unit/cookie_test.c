/* cookie_test.c: entries of a file of X authorities: those of a display, for any host; nothing but whole files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "state/cookie.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Family 256 (local), address "me", the display, "MIT", "k1". */
#define ENTRY(address, display)                                                                                        \
	"\1\0" address display "\0\3MIT"                                                                               \
	"\0\2k1"
#define HERE "\0\2me"
#define WILD                                                                                                           \
	"\xff\xff"                                                                                                     \
	"\0\0"

static const struct {
	const char *bytes;
	size_t length;
	int result;
	const char *copied;
	size_t copied_length;
} files[] = {
#define CASE(text, result, copied)                                                                                     \
	{                                                                                                              \
		text, sizeof(text) - 1, result, copied, sizeof(copied) - 1                                             \
	}
	CASE("", 0, ""),
	CASE(ENTRY(HERE, "\0\1"
	                 "0"),
	     0,
	     WILD "\0\1"
	          "0"
	          "\0\3MIT"
	          "\0\2k1"),
	CASE(ENTRY(HERE, "\0\1"
	                 "1"),
	     0, ""),
	CASE(ENTRY(HERE, "\0\2"
	                 "00"),
	     0, ""),
	CASE(ENTRY(HERE, "\0\0"), 0,
	     WILD "\0\0"
	          "\0\3MIT"
	          "\0\2k1"),
	CASE(ENTRY(HERE, "\0\1"
	                 "1") ENTRY("\0\0", "\0\1"
	                                    "0"),
	     0,
	     WILD "\0\1"
	          "0"
	          "\0\3MIT"
	          "\0\2k1"),
	CASE("\1", -EBADMSG, ""),
	CASE("\1\0\0", -EBADMSG, ""),
	CASE("\1\0\0\3me", -EBADMSG, ""),
	CASE("\1\0" HERE "\0\1"
	     "0"
	     "\0\3MIT"
	     "\0\2k",
	     -EBADMSG, ""),
	CASE("this is no such file", -EBADMSG, ""),
};

static void copies_entries(void **state)
{
	(void)state;
	struct arena arena;
	assert_int_equal(arena_open(&arena), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char source[] = "/tmp/kist-cookie.XXXXXX", copied[256];
		int from = mkstemp(source), to = fileno(tmpfile());
		assert_int_equal(write(from, files[i].bytes, files[i].length), files[i].length);
		int result = cookie_copy(&arena, to, source, "0");
		unlink(source);
		close(from);
		if (result != files[i].result)
			fail_msg("file %zu: %d", i, result);
		assert_int_equal(pread(to, copied, sizeof(copied), 0), files[i].copied_length);
		assert_memory_equal(copied, files[i].copied, files[i].copied_length);
	}
	assert_int_equal(cookie_copy(&arena, -1, "/nowhere/at/all", "0"), 0);
	arena_close(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(copies_entries) };
	return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
