/* init_path_test.c: paths in a root that an attacker filled: nothing is opened or made outside of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "init/exec.h"
#include "init/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory `outside` with the root beside it: what lands outside of `root` is an escape. */
struct place {
	char outside[64];
	int outside_fd, root;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->outside, sizeof(place->outside), "/tmp/kist-test-XXXXXX");
	if (!mkdtemp(place->outside))
		return -1;
	place->outside_fd = open(place->outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	mkdirat(place->outside_fd, "root", 0755);
	place->root = openat(place->outside_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*state = place;
	return place->root < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[128];

	close(place->root);
	close(place->outside_fd);
	snprintf(command, sizeof(command), "rm -rf %s", place->outside);
	int result = system(command);
	free(place);
	return result;
}

static bool exists(int directory, const char *name)
{
	return faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static unsigned mode_of(int directory, const char *name)
{
	struct stat status;

	assert_int_equal(fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW), 0);
	return status.st_mode;
}

static void must_make(int fd)
{
	if (fd < 0)
		fail_msg("not made: %s", strerror(-fd));
	close(fd);
}

static void makes_directories(void **state)
{
	struct place *place = *state;
	mode_t before = umask(0); /* init's own */

	must_make(path_make_directory(place->root, "/a/b/c", 01777));
	must_make(path_make_directory(place->root, "a//b/./c/", 0700)); /* there already */
	must_make(path_make_directory(place->root, "/", 0700));
	umask(before);
	assert_int_equal(mode_of(place->root, "a"), S_IFDIR | 0755);
	assert_int_equal(mode_of(place->root, "a/b/c"), S_IFDIR | 01777);
}

static void makes_files(void **state)
{
	struct place *place = *state;

	must_make(path_make_file(place->root, "/etc/resolv.conf"));
	assert_int_equal(mode_of(place->root, "etc/resolv.conf"), S_IFREG | 0644);
	assert_int_equal(path_make_directory(place->root, "/etc/resolv.conf", 0755), -ENOTDIR);
	assert_int_equal(path_make_directory(place->root, "/etc/resolv.conf/below", 0755), -ENOTDIR);
}

static void stays_inside(void **state)
{
	struct place *place = *state;
	char link[128];

	snprintf(link, sizeof(link), "%s/made", place->outside);
	assert_int_equal(symlinkat(link, place->root, "absolute"), 0);
	assert_int_equal(symlinkat("../../../../made", place->root, "relative"), 0);
	must_make(path_make_directory(place->root, "/absolute/deep", 0755));
	must_make(path_make_file(place->root, "/relative"));
	must_make(path_make_directory(place->root, "/../../up", 0755));
	assert_false(exists(place->outside_fd, "made"));
	assert_false(exists(place->outside_fd, "up"));
	assert_true(exists(place->root, "up"));
	assert_true(exists(place->root, "made"));   /* "../.." ends in the root */
	assert_true(exists(place->root, link + 1)); /* the absolute link, taken from the root */
}

static void follows_dangling_links(void **state)
{
	struct place *place = *state;

	mkdirat(place->root, "var", 0755);
	assert_int_equal(symlinkat("/run", place->root, "var/run"), 0);
	assert_int_equal(symlinkat("other", place->root, "var/name"), 0);
	must_make(path_make_directory(place->root, "/var/run/secrets/x", 0755));
	must_make(path_make_file(place->root, "/var/name"));
	assert_true(exists(place->root, "run/secrets/x"));
	assert_true(exists(place->root, "var/other"));
}

static void ends_in_loops(void **state)
{
	struct place *place = *state;
	char deep[PATH_SIZE + 10];

	assert_int_equal(symlinkat("b", place->root, "a"), 0);
	assert_int_equal(symlinkat("a", place->root, "b"), 0);
	assert_int_equal(path_make_directory(place->root, "/a/x", 0755), -ELOOP);
	assert_int_equal(symlinkat("long/../long/../nothing", place->root, "nothing"), 0);
	assert_true(path_make_directory(place->root, "/nothing/y", 0755) < 0);
	memset(deep, 'a', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(path_make_directory(place->root, deep, 0755), -ENAMETOOLONG);
}

static void opens_parents(void **state)
{
	struct place *place = *state;
	char name[NAME_SIZE];

	must_make(path_open_parent(place->root, "/dev/fd", name));
	assert_string_equal(name, "fd");
	assert_true(exists(place->root, "dev"));
	must_make(path_open_parent(place->root, "null///", name));
	assert_string_equal(name, "null");
	assert_int_equal(path_open_parent(place->root, "/", name), -EINVAL);
	assert_int_equal(path_open_parent(place->root, "/a/..", name), -EINVAL);
	assert_int_equal(path_open_parent(place->root, "a/.", name), -EINVAL);
}

static void reads_only_regular_files(void **state)
{
	struct place *place = *state;
	char link[128];

	assert_int_equal(mkfifoat(place->root, "fifo", 0644), 0);
	assert_int_equal(path_open_regular(place->root, "/fifo"), -EINVAL); /* and does not wait */
	snprintf(link, sizeof(link), "%s/canary", place->outside);
	close(openat(place->outside_fd, "canary", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(symlinkat(link, place->root, "passwd"), 0);
	assert_int_equal(path_open_regular(place->root, "/passwd"), -ENOENT);
	must_make(path_make_file(place->root, "/group"));
	must_make(path_open_regular(place->root, "/group"));
}

static void knows_the_root(void **state)
{
	(void)state;
	assert_true(path_is_root("/"));
	assert_true(path_is_root(""));
	assert_true(path_is_root("//./"));
	assert_true(path_is_root("."));
	assert_false(path_is_root("/.."));
	assert_false(path_is_root("/a"));
	assert_false(path_is_root("/.a"));
}

static void walks_the_path(void **state)
{
	const char *list = "/bin::/usr/bin/:";
	char candidate[PATH_SIZE];

	(void)state;
	assert_true(path_candidate(&list, "sh", candidate));
	assert_string_equal(candidate, "/bin/sh");
	assert_true(path_candidate(&list, "sh", candidate));
	assert_string_equal(candidate, "./sh");
	assert_true(path_candidate(&list, "sh", candidate));
	assert_string_equal(candidate, "/usr/bin//sh");
	assert_true(path_candidate(&list, "sh", candidate));
	assert_string_equal(candidate, "./sh");
	assert_false(path_candidate(&list, "sh", candidate));
	list = "/bin";
	assert_false(path_candidate(&list, "", candidate));

	char huge[PATH_SIZE * 2];
	memset(huge, 'x', sizeof(huge));
	memcpy(huge + sizeof(huge) - 6, ":/bin", 6);
	list = huge;
	assert_true(path_candidate(&list, "sh", candidate));
	assert_string_equal(candidate, "/bin/sh"); /* the entry that is too long was skipped */
	const char *const env[] = { "A=1", "PATH=/one", "PATH=/two", NULL }, *const none[] = { NULL };
	assert_string_equal(path_list(env), "/two");
	assert_string_equal(path_list(none), path_default);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(makes_directories),
		IN_PLACE(makes_files),
		IN_PLACE(stays_inside),
		IN_PLACE(follows_dangling_links),
		IN_PLACE(ends_in_loops),
		IN_PLACE(opens_parents),
		IN_PLACE(reads_only_regular_files),
		cmocka_unit_test(knows_the_root),
		cmocka_unit_test(walks_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
