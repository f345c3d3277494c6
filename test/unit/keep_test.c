/* keep_test.c: kept changes: the manifest as untrusted input, who may use a directory, and what is seen in a layer. */
#include "keep/apply.h"
#include "keep/change.h"
#include "keep/keep.h"
#include "state_fixture.h"

#include <sys/file.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/* --- the manifest --------------------------------------------------------------------------------- */

#define HEAD "{\"kist\":\"changes\",\"version\":1,"

static int parse(const char *text, struct keep_manifest *manifest)
{
	struct err err = { 0 };
	int result = keep_manifest_parse(&arena, text, strlen(text), "DIR", manifest, &err);
	if (result < 0) {
		assert_int_equal(result, -EBADMSG);
		assert_non_null(strstr(err.what, "DIR/changes.json"));
	}
	return result;
}

static void manifest_is_read_as_written(void **state)
{
	(void)state;
	struct keep_part parts[] = { { "/", 0 }, { "/srv/a b\n\"", 7 } };
	struct keep_manifest wanted = { "/", "/run/kist/box-1", "0 1000 1\n1 100000 65536\n", "0 1000 1\n", parts, 2 };
	struct keep_manifest read;
	struct buf text = buf_in(&arena);
	keep_manifest_write(&text, &wanted);
	assert_int_equal(parse(text.bytes, &read), 0);
	assert_string_equal(read.root, "/");
	assert_string_equal(read.record, wanted.record);
	assert_string_equal(read.uid_map, wanted.uid_map);
	assert_string_equal(read.gid_map, wanted.gid_map);
	assert_int_equal(read.count, 2);
	assert_string_equal(read.parts[1].path, parts[1].path);
	assert_int_equal(keep_part_at(&read, parts[1].path)->number, 7);
	assert_null(keep_part_at(&read, "/srv"));
}

static void manifest_is_not_believed(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"[]",
		"{}",
		"{\"kist\":\"record\",\"version\":1,\"root\":\"/\",\"parts\":[]}",
		"{\"kist\":\"changes\",\"version\":2,\"root\":\"/\",\"parts\":[]}",
		HEAD "\"parts\":[]}",
		HEAD "\"root\":\"/\"}",
		HEAD "\"root\":\"relative\",\"parts\":[]}",
		HEAD "\"root\":\"/a/../b\",\"parts\":[]}",
		HEAD "\"root\":\"/a//b\",\"parts\":[]}",
		HEAD "\"root\":\"/a/\",\"parts\":[]}",
		HEAD "\"root\":\"/a\\u0000b\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"parts\":{}}",
		HEAD "\"root\":\"/\",\"parts\":[1]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/\"}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/..\",\"number\":0}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/\",\"number\":-1}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/\",\"number\":10000}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/\",\"number\":\"0/../../etc\"}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/\",\"number\":0},{\"path\":\"/a\",\"number\":0}]}",
		HEAD "\"root\":\"/\",\"parts\":[{\"path\":\"/a\",\"number\":0},{\"path\":\"/a\",\"number\":1}]}",
		HEAD "\"root\":\"/srv\",\"parts\":[{\"path\":\"/etc\",\"number\":0}]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\\n\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\",\"gidMap\":\"0 0 1\\n\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\\n\",\"gidMap\":\"\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\\n\",\"gidMap\":\"0 0 x\\n\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\\n\",\"gidMap\":\"0 0 4294967296\\n\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"uidMap\":\"0 0 1\\n\",\"gidMap\":\"0 --help 1\\n\",\"parts\":[]}",
		HEAD "\"root\":\"/\",\"record\":1,\"parts\":[]}",
	};
	struct keep_manifest manifest = { .root = "kept" };
	for (size_t i = 0; i < COUNT(wrong); i++)
		if (parse(wrong[i], &manifest) == 0)
			fail_msg("believed: %s", wrong[i]);
	assert_string_equal(manifest.root, "kept");
}

/* --- the directory --------------------------------------------------------------------------------- */

static void make_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* A lower directory, and a directory of changes over it with an upper layer. */
static struct keep make_keep(const struct keep_wanted *more)
{
	static const struct keep_part part = { "/", 0 };
	struct keep_wanted wanted = more ? *more : (struct keep_wanted){ 0 };
	struct keep keep;
	struct err err = { 0 };
	bool made;
	mkdir(in_folder("lower"), 0755);
	wanted.path = in_folder("keep");
	wanted.root = in_folder("lower");
	wanted.parts = &part;
	wanted.count = 1;
	if (keep_hold(&arena, &wanted, &keep, &made, &err) < 0)
		fail_msg("%s", err.what);
	assert_true(made != wanted.go_on);
	return keep;
}

static void directory_is_held(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct stat status;
	struct keep keep = make_keep(NULL), other = { .dirfd = -1 };
	assert_int_equal(stat(in_folder("keep"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(stat(in_folder("keep/upper.0"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0755);
	assert_true(exists(in_folder("keep/work.0")));
	assert_false(exists(in_folder("keep/probe.0")) || exists(in_folder("keep/probe.1")));
	/* Two never share one. */
	assert_int_equal(keep_open(&arena, in_folder("keep"), &other, &err), 0);
	assert_int_equal(keep_lock(&arena, &other, &err), -EBUSY);
	keep_close(&keep);
	assert_int_equal(keep_lock(&arena, &other, &err), 0);
	keep_close(&other);
	/* A work directory that another mount marked is made anew. */
	assert_int_equal(mkdir(in_folder("keep/work.0/work"), 0700), 0);
	assert_int_equal(mkdir(in_folder("keep/work.0/work/incompat"), 0), 0);
	keep = make_keep(&(struct keep_wanted){ .go_on = true });
	assert_false(exists(in_folder("keep/work.0/work")));
	assert_int_equal(keep_discard(&arena, &keep, &(struct keep_helpers){ 0 }, &err), 0);
	assert_false(exists(in_folder("keep")));
}

static void directory_must_be_ones_own(void **state)
{
	(void)state;
	struct err err = { 0 };
	struct keep keep = make_keep(NULL);
	keep_close(&keep);
	chmod(in_folder("keep"), 0755);
	assert_int_equal(keep_open(&arena, in_folder("keep"), &keep, &err), -EPERM);
	assert_non_null(strstr(err.hint, "chmod 700"));
	chmod(in_folder("keep"), 0700);
	if (geteuid() == 0) {
		assert_int_equal(chown(in_folder("keep"), 12345, 12345), 0);
		assert_int_equal(keep_open(&arena, in_folder("keep"), &keep, &err), -EPERM);
		assert_non_null(strstr(err.what, "12345"));
		assert_int_equal(chown(in_folder("keep"), 0, 0), 0);
	}
	/* A manifest that is a link leads somewhere else. */
	assert_int_equal(rename(in_folder("keep/changes.json"), in_folder("elsewhere")), 0);
	assert_int_equal(symlink(in_folder("elsewhere"), in_folder("keep/changes.json")), 0);
	assert_true(keep_open(&arena, in_folder("keep"), &keep, &err) < 0);
}

static void directory_must_be_empty(void **state)
{
	(void)state;
	static const struct keep_part part = { "/", 0 };
	struct keep_wanted wanted = { .path = in_folder("mine"), .root = "/", .parts = &part, .count = 1 };
	struct keep_manifest manifest;
	struct keep keep;
	struct err err = { 0 };
	bool made;
	assert_int_equal(mkdir(in_folder("mine"), 0700), 0);
	make_file(in_folder("mine/letter"), "dear", 0600);
	assert_true(keep_look(&arena, wanted.path, false, &manifest, &err) < 0);
	assert_true(keep_hold(&arena, &wanted, &keep, &made, &err) < 0);
	assert_non_null(strstr(err.what, "not empty"));
	assert_true(exists(in_folder("mine/letter")));
	/* Nor is anything made below a directory that is missing. */
	wanted.path = in_folder("no/such");
	assert_int_equal(keep_hold(&arena, &wanted, &keep, &made, &err), -ENOENT);
	wanted.path = in_folder("none");
	wanted.go_on = true;
	assert_int_equal(keep_hold(&arena, &wanted, &keep, &made, &err), -ENOENT);
	assert_false(exists(in_folder("none")));
}

/* --- what is seen in a layer ------------------------------------------------------------------------ */

static const char *seen(const struct keep *keep)
{
	struct keep_changes changes;
	struct err err = { 0 };
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	if (keep_scan(&arena, keep, &changes, &err) < 0)
		return err.what;
	for (size_t i = 0; i < changes.count; i++)
		buf_printf(&text, "%c%s ", changes.items[i].kind, keep_change_path(&arena, &changes.items[i]));
	return text.bytes;
}

static void mark(const char *name, const char *attribute)
{
	const char *path = in_folder(name);
	assert_int_equal(setxattr(path, attribute, "y", 1, 0), 0);
}

static void layer_is_compared(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	struct stat status;
	make_file(in_folder("lower/same"), "one", 0644);
	make_file(in_folder("keep/upper.0/same"), "one", 0644);
	make_file(in_folder("lower/sly"), "one", 0644);
	make_file(in_folder("keep/upper.0/sly"), "two", 0644);
	make_file(in_folder("lower/mode"), "one", 0644);
	make_file(in_folder("keep/upper.0/mode"), "one", 04755);
	make_file(in_folder("lower/type"), "one", 0644);
	assert_int_equal(mkdir(in_folder("keep/upper.0/type"), 0755), 0);
	make_file(in_folder("keep/upper.0/type/in"), "", 0644);
	make_file(in_folder("keep/upper.0/new"), "", 0644);
	mark("keep/upper.0/mode", "user.overlay.origin");
	/* Neither size nor times tell the sly one. */
	static const char *const timed[] = { "same", "sly", "mode" };
	for (size_t i = 0; i < COUNT(timed); i++) {
		assert_int_equal(stat(in_folder(arena_printf(&arena, "lower/%s", timed[i])), &status), 0);
		const struct timespec times[2] = { status.st_atim, status.st_mtim };
		assert_int_equal(
			utimensat(AT_FDCWD, in_folder(arena_printf(&arena, "keep/upper.0/%s", timed[i])), times, 0), 0);
	}
	assert_string_equal(seen(&keep), "P/mode A/new M/sly T/type A/type/in ");
	mark("keep/upper.0/same", "user.note");
	assert_string_equal(seen(&keep), "P/mode A/new P/same M/sly T/type A/type/in ");
	keep_close(&keep);
}

static void deletions_of_every_kind(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	static const char *const names[] = { "node", "mark", "dir", "opaque" };
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *lower = in_folder(arena_printf(&arena, "lower/%s", names[i]));
		assert_int_equal(mkdir(lower, 0755), 0);
		make_file(arena_printf(&arena, "%s/in", lower), "x", 0644);
	}
	assert_int_equal(mknod(in_folder("keep/upper.0/node"), S_IFCHR, makedev(0, 0)), 0);
	make_file(in_folder("keep/upper.0/mark"), "", 0);
	mark("keep/upper.0/mark", "user.overlay.whiteout");
	assert_int_equal(mkdir(in_folder("keep/upper.0/dir"), 0755), 0);
	assert_int_equal(mknod(in_folder("keep/upper.0/dir/in"), S_IFCHR, makedev(0, 0)), 0);
	assert_int_equal(mkdir(in_folder("keep/upper.0/opaque"), 0755), 0);
	make_file(in_folder("keep/upper.0/opaque/other"), "x", 0644);
	mark("keep/upper.0/opaque", "user.overlay.opaque");
	/* Nothing is below this one any more. */
	assert_int_equal(mknod(in_folder("keep/upper.0/gone"), S_IFCHR, makedev(0, 0)), 0);
	assert_string_equal(seen(&keep), "D/dir/in D/mark D/node D/opaque/in A/opaque/other ");
	/* An empty file is one, without the mark. */
	assert_int_equal(removexattr(in_folder("keep/upper.0/mark"), "user.overlay.whiteout"), 0);
	assert_string_equal(seen(&keep), "D/dir/in T/mark D/node D/opaque/in A/opaque/other ");
	keep_close(&keep);
}

static void hostile_layer_leads_nowhere(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	assert_int_equal(mkdir(in_folder("lower/dir"), 0755), 0);
	make_file(in_folder("lower/dir/in"), "x", 0644);
	assert_int_equal(symlink("/etc", in_folder("keep/upper.0/dir")), 0);
	assert_int_equal(symlink("/etc/passwd", in_folder("keep/upper.0/link")), 0);
	assert_int_equal(mkfifo(in_folder("keep/upper.0/pipe"), 0644), 0);
	assert_string_equal(seen(&keep), "T/dir A/link A/pipe ");
	/* Below a link of this machine nothing is looked at. */
	assert_int_equal(symlink("/etc", in_folder("lower/out")), 0);
	assert_int_equal(mkdir(in_folder("keep/upper.0/out"), 0755), 0);
	make_file(in_folder("keep/upper.0/out/passwd"), "x", 0644);
	assert_string_equal(seen(&keep), "T/dir A/link T/out A/out/passwd A/pipe ");
	/* What another overlay redirected is refused by name. */
	make_file(in_folder("keep/upper.0/meta"), "x", 0644);
	mark("keep/upper.0/meta", "user.overlay.metacopy");
	assert_non_null(strstr(seen(&keep), "upper.0/meta"));
	assert_non_null(strstr(seen(&keep), "metacopy"));
	keep_close(&keep);
}

/* --- applying -------------------------------------------------------------------------------------- */

static bool is_text(const char *name, const char *text)
{
	char bytes[64] = { 0 };
	int fd = open(in_folder(name), O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);
	close(fd);
	return length == (ssize_t)strlen(text) && strcmp(bytes, text) == 0;
}

/* Scans, lets something happen, applies: the letters of what was done, in small what was not. */
static const char *apply(const struct keep *keep, void (*meanwhile)(void))
{
	struct keep_changes changes;
	struct err err = { 0 };
	bool done[16] = { 0 };
	struct buf text = buf_in(&arena);
	assert_int_equal(keep_scan(&arena, keep, &changes, &err), 0);
	assert_true(changes.count < COUNT(done));
	const char **obstacles = keep_obstacles(&arena, keep, &changes);
	meanwhile();
	int result = keep_apply(&arena, keep, &changes, obstacles, done, &err);
	for (size_t i = 0; i < changes.count; i++)
		buf_printf(&text, "%c%s ", done[i] ? '+' : '-', keep_change_path(&arena, &changes.items[i]));
	buf_puts(&text, result < 0 ? err.what : "");
	return text.bytes;
}

static void nothing(void)
{
}

static void write_over(void)
{
	assert_int_equal(unlink(in_folder("lower/b")), 0);
	make_file(in_folder("lower/b"), "here", 0644);
}

static void put_in_the_way(void)
{
	make_file(in_folder("lower/new"), "here", 0644);
}

static void file_that_changes_meanwhile_is_left(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	static const char *const names[] = { "a", "b", "c" };
	for (size_t i = 0; i < COUNT(names); i++) {
		make_file(in_folder(arena_printf(&arena, "lower/%s", names[i])), "old", 0644);
		make_file(in_folder(arena_printf(&arena, "keep/upper.0/%s", names[i])), "box", 0644);
	}
	const char *said = apply(&keep, write_over);
	assert_memory_equal(said, "+/a -/b -/c cannot put into place /b", 36);
	assert_true(is_text("lower/a", "box"));
	assert_true(is_text("lower/b", "here"));
	assert_true(is_text("lower/c", "old"));
	/* It can be run again: what is done is no change any more. */
	assert_string_equal(apply(&keep, nothing), "+/b +/c ");
	assert_true(is_text("lower/b", "box"));
	make_file(in_folder("keep/upper.0/new"), "box", 0644);
	said = apply(&keep, put_in_the_way);
	assert_memory_equal(said, "-/new cannot", 12);
	assert_true(is_text("lower/new", "here"));
	keep_close(&keep);
}

static void what_a_killed_apply_left_is_removed(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	struct stat status;
	assert_int_equal(stat(in_folder("keep"), &status), 0);
	char *left = arena_printf(&arena, "lower/.kist-apply-%llu", (unsigned long long)status.st_ino);
	make_file(in_folder(left), "half", 0600);
	make_file(in_folder("keep/upper.0/new"), "whole", 0644);
	assert_string_equal(apply(&keep, nothing), "+/new ");
	assert_true(is_text("lower/new", "whole"));
	assert_false(exists(in_folder(left)));
	keep_close(&keep);
}

static void types_change_places(void **state)
{
	(void)state;
	struct keep keep = make_keep(NULL);
	assert_int_equal(mkdir(in_folder("lower/dir"), 0755), 0);
	make_file(in_folder("lower/dir/in"), "x", 0644);
	make_file(in_folder("keep/upper.0/dir"), "a file", 0644);
	make_file(in_folder("lower/file"), "x", 0644);
	assert_int_equal(mkdir(in_folder("keep/upper.0/file"), 0500), 0);
	assert_int_equal(symlink("/nowhere", in_folder("keep/upper.0/link")), 0);
	make_file(in_folder("lower/link"), "x", 0644);
	if (geteuid() == 0)
		make_file(in_folder("keep/upper.0/file/in"), "y", 0644);
	assert_string_equal(seen(&keep), geteuid() == 0 ? "T/dir T/file A/file/in T/link " : "T/dir T/file T/link ");
	assert_memory_equal(apply(&keep, nothing), "+/dir +/file ", 13);
	assert_true(is_text("lower/dir", "a file"));
	struct stat status;
	assert_int_equal(stat(in_folder("lower/file"), &status), 0);
	assert_int_equal(status.st_mode, S_IFDIR | 0500);
	assert_int_equal(lstat(in_folder("lower/link"), &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_string_equal(seen(&keep), "");
	keep_close(&keep);
}

static void names_are_fit_to_be_shown(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "/etc/x", "/etc/x" },
		{ "/a b", "\"/a b\"" },
		{ "/\033]0;x\007", "\"/\\033]0;x\\007\"" },
		{ "/\"\\", "\"/\\\"\\\\\"" },
		{ "/gr\303\274n", "/gr\303\274n" },
		{ "/\302\233m", "\"/\\302\\233m\"" },
		{ "/\233m\303\274", "\"/\\233m\303\274\"" },
		{ "/\303", "\"/\\303\"" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(keep_quote(&arena, rows[i][0]), rows[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(manifest_is_read_as_written, setup, teardown),
		cmocka_unit_test_setup_teardown(manifest_is_not_believed, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_must_be_ones_own, setup, teardown),
		cmocka_unit_test_setup_teardown(directory_must_be_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(layer_is_compared, setup, teardown),
		cmocka_unit_test_setup_teardown(deletions_of_every_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile_layer_leads_nowhere, setup, teardown),
		cmocka_unit_test_setup_teardown(file_that_changes_meanwhile_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_killed_apply_left_is_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(types_change_places, setup, teardown),
		cmocka_unit_test_setup_teardown(names_are_fit_to_be_shown, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
