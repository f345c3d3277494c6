/* follow_test.c: copies of the host's files: made, renewed when the host changes, replaces or removes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "state/copy.h"
#include "watch/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char folder[] = "/tmp/kist-follow.XXXXXX";

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return arena_open(&arena) < 0 || !mkdtemp(folder) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	int result = system(arena_printf(&arena, "rm -rf %s", folder));
	arena_close(&arena);
	return result;
}

static const char *in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *text_of(const char *name)
{
	char *bytes;
	size_t length;
	assert_int_equal(file_read_at(&arena, AT_FDCWD, in_folder(name), 4 << 20, &bytes, &length), 0);
	return bytes;
}

static void copies(void **state)
{
	(void)state;
	put("copy", "something longer that was there before");
	put("source", "text\n");
	int fd = open(in_folder("copy"), O_WRONLY);
	assert_int_equal(copy_renew(fd, in_folder("source"), "head\n"), 0);
	assert_string_equal(text_of("copy"), "head\ntext\n");
	assert_int_equal(copy_renew(fd, in_folder("none"), "head\n"), 0);
	assert_string_equal(text_of("copy"), "head\n");
	/* Neither blocked by a FIFO nor reading a device without end. */
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_int_equal(copy_renew(fd, in_folder("fifo"), ""), -EINVAL);
	assert_int_equal(copy_renew(fd, "/dev/zero", ""), -EINVAL);
	assert_int_equal(truncate(in_folder("source"), (1 << 20) + 1), 0);
	assert_int_equal(copy_renew(fd, in_folder("source"), ""), -EFBIG);
	close(fd);
}

/* The copy keeps its inode: that is what a container has. */
static void assert_followed(struct follow *follow, const char *text)
{
	struct stat before, after;
	assert_int_equal(stat(in_folder("copy"), &before), 0);
	assert_int_equal(poll(&(struct pollfd){ .fd = follow->fd, .events = POLLIN }, 1, 1000), 1);
	follow_renew(follow);
	assert_int_equal(poll(&(struct pollfd){ .fd = follow->fd, .events = POLLIN }, 1, 0), 0);
	assert_int_equal(stat(in_folder("copy"), &after), 0);
	assert_string_equal(text_of("copy"), text);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void follows(void **state)
{
	(void)state;
	struct follow follow;
	struct follow_file file = { in_folder("a/source"), in_folder("copy"), "#\n" };
	assert_int_equal(mkdir(in_folder("a"), 0755), 0);
	assert_int_equal(mkdir(in_folder("b"), 0755), 0);
	put("a/source", "first");
	follow_open(&follow, &arena, &file, 1);
	assert_int_equal(follow.fd, -1); /* a container that ends at once costs no watching */
	assert_true(follow_wait(&follow) > 0 && follow_wait(&follow) <= 1000);
	put("copy", "#\nfirst");
	put("a/source", "before it is watched");
	assert_int_equal(follow_start(&follow), 0);
	assert_string_equal(text_of("copy"), "#\nbefore it is watched");
	assert_int_equal(follow_wait(&follow), -1);
	assert_int_equal(poll(&(struct pollfd){ .fd = follow.fd, .events = POLLIN }, 1, 0), 0);
	put("a/source", "in place");
	assert_followed(&follow, "#\nin place");
	put("a/new", "renamed over");
	assert_int_equal(rename(in_folder("a/new"), in_folder("a/source")), 0);
	assert_followed(&follow, "#\nrenamed over");
	put("b/target", "by a link");
	assert_int_equal(symlink("../b/target", in_folder("a/link")), 0);
	assert_int_equal(rename(in_folder("a/link"), in_folder("a/source")), 0);
	assert_followed(&follow, "#\nby a link");
	put("b/new", "behind the link");
	assert_int_equal(rename(in_folder("b/new"), in_folder("b/target")), 0);
	assert_followed(&follow, "#\nbehind the link");
	assert_int_equal(unlink(in_folder("b/target")), 0);
	assert_followed(&follow, "#\n");
	put("b/target", "back");
	assert_followed(&follow, "#\nback");
	/* What the container wrote stays until the machine says something else. */
	put("copy", "of the container");
	put("a/other", "");
	assert_followed(&follow, "of the container");
	follow_close(&follow);
	assert_int_equal(follow.fd, -1);
}

static void cannot_follow(void **state)
{
	(void)state;
	struct follow follow;
	struct follow_file file = { in_folder("nowhere/source"), in_folder("copy"), "" };
	follow_open(&follow, &arena, &file, 1);
	assert_int_equal(follow_start(&follow), -ENOENT);
	assert_non_null(strstr(follow.trouble, "were not followed: no such file or directory"));
	assert_int_equal(follow.fd, -1);
	assert_int_equal(follow_wait(&follow), -1);
	follow_open(&follow, &arena, NULL, 0);
	assert_int_equal(follow_wait(&follow), -1);
	assert_int_equal(follow.fd, -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = { TEST(copies), TEST(follows), TEST(cannot_follow) };
	return cmocka_run_group_tests_name("follow", tests, NULL, NULL);
}
