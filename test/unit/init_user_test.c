/* init_user_test.c: passwd(5) and group(5) as a hostile image may write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "init/user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void parses_passwd(void **state)
{
	static const char *const wrong[] = { "",
		                             "root",
		                             "root:x:0:0:root",
		                             ":x:0:0:root:/root:/bin/sh",
		                             "a:x:-1:0::/:",
		                             "a:x:0x0:0::/:",
		                             "a:x: 0:0::/:",
		                             "a:x:0:4294967296::/:",
		                             "a:x::0::/:",
		                             "# a comment",
		                             "+::::::",
		                             "a:x:00:0::/:" };
	struct passwd_line entry;
	char good[] = "bob:x:1000:1001:Bob, of course:/home/bob:/bin/sh";
	char short_one[] = "ann:x:5:6::/home/ann";

	(void)state;
	assert_true(passwd_parse(good, &entry));
	assert_string_equal(entry.name, "bob");
	assert_string_equal(entry.home, "/home/bob");
	assert_int_equal(entry.uid, 1000);
	assert_int_equal(entry.gid, 1001);
	assert_true(passwd_parse(short_one, &entry)); /* without a shell */
	assert_string_equal(entry.home, "/home/ann");
	for (size_t at = 0; at < sizeof(wrong) / sizeof(*wrong); at++) {
		char line[64];
		snprintf(line, sizeof(line), "%s", wrong[at]);
		if (passwd_parse(line, &entry))
			fail_msg("taken for an entry: %s", wrong[at]);
	}
}

static void parses_group(void **state)
{
	struct group_line entry;
	char good[] = "audio:x:29:ann,bob", empty[] = "video:x:44:", none[] = "tape:x:26", wrong[] = "disk:x:six:bob";

	(void)state;
	assert_true(group_parse(good, &entry));
	assert_int_equal(entry.gid, 29);
	assert_true(group_has(entry.members, "bob"));
	assert_true(group_has(entry.members, "ann"));
	assert_false(group_has(entry.members, "bo"));
	assert_false(group_has(entry.members, "bobby"));
	assert_true(group_parse(empty, &entry));
	assert_false(group_has(entry.members, "bob"));
	assert_true(group_parse(none, &entry));
	assert_string_equal(entry.members, "");
	assert_false(group_parse(wrong, &entry));
}

/* An unlinked file with these bytes, at its start. */
static int file_with(const char *bytes, size_t length, size_t times)
{
	char name[] = "/tmp/kist-test-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	while (times--)
		assert_int_equal(write(fd, bytes, length), (ssize_t)length);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void reads_lines(void **state)
{
	static const char text[] = "first\n\nthird:with:fields\nlast without an end";
	struct lines lines;
	char *line;

	(void)state;
	assert_int_equal(lines_open(&lines, file_with(text, sizeof(text) - 1, 1)), 0);
	assert_int_equal(lines_next(&lines, &line), 1);
	assert_string_equal(line, "first");
	assert_int_equal(lines_next(&lines, &line), 1);
	assert_string_equal(line, "");
	assert_int_equal(lines_next(&lines, &line), 1);
	assert_string_equal(line, "third:with:fields");
	assert_int_equal(lines_next(&lines, &line), 1);
	assert_string_equal(line, "last without an end");
	assert_int_equal(lines_next(&lines, &line), 0);
	lines_close(&lines);
}

static void has_no_lines_without_a_file(void **state)
{
	struct lines lines;

	(void)state;
	assert_int_equal(lines_open(&lines, -2 /* ENOENT */), -2);
	lines_close(&lines);
}

static void crosses_its_buffer(void **state)
{
	struct lines lines;
	char *line;
	int count = 0, result;

	(void)state;
	assert_int_equal(lines_open(&lines, file_with("0123456789012345678901234567890123456\n", 38, 5000)), 0);
	while ((result = lines_next(&lines, &line)) == 1) {
		assert_string_equal(line, "0123456789012345678901234567890123456");
		count++;
	}
	assert_int_equal(result, 0);
	assert_int_equal(count, 5000);
	lines_close(&lines);
}

static void refuses_bombs(void **state)
{
	struct lines lines;
	static char block[4096];
	char *line;
	int result;

	(void)state;
	memset(block, 'a', sizeof(block));
	assert_int_equal(lines_open(&lines, file_with(block, sizeof(block), 16)), 0); /* one line of 64 KiB */
	assert_int_equal(lines_next(&lines, &line), -EFBIG);
	lines_close(&lines);
	block[sizeof(block) - 1] = '\n';
	assert_int_equal(lines_open(&lines, file_with(block, sizeof(block), 1024)), 0); /* 4 MiB of lines */
	while ((result = lines_next(&lines, &line)) == 1)
		continue;
	assert_int_equal(result, -EFBIG);
	assert_true(lines.total <= USER_FILE_LIMIT + USER_LINE_SIZE);
	lines_close(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_passwd),      cmocka_unit_test(parses_group),
		cmocka_unit_test(reads_lines),        cmocka_unit_test(has_no_lines_without_a_file),
		cmocka_unit_test(crosses_its_buffer), cmocka_unit_test(refuses_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
