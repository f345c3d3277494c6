/* spec_gallery_test.c: wrong configs and what is said about them, right ones about which nothing is said. */
#include "base/file.h"
#include "spec/check.h"
#include "spec/spec.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_LIMIT = 16 << 20, CHECKS = 64, GALLERY_LEAST = 60 };

/* Where the tree is; the build says so, and by hand the tests are run from it. */
static const char *source_path(struct arena *arena, const char *path)
{
	const char *root = getenv("KIST_SOURCE");
	return arena_printf(arena, "%s/%s", root ? root : ".", path);
}

static const char *shared_path(struct arena *arena, const char *path)
{
	const char *shared = getenv("KIST_SHARED");
	return arena_printf(arena, "%s/%s", shared ? shared : source_path(arena, "../shared"), path);
}

static struct spec *decode_file(struct arena *arena, const char *path, struct spec_faults *faults)
{
	char *text;
	size_t length;
	if (file_read_at(arena, AT_FDCWD, path, FILE_LIMIT, &text, &length) < 0)
		fail_msg("cannot read %s", path);
	*faults = (struct spec_faults){ .arena = arena };
	return spec_decode(arena, text, length, "config.json", NULL, faults);
}

static const char *all_lines(struct arena *arena, const struct spec_faults *faults)
{
	struct buf lines = buf_in(arena);
	buf_puts(&lines, "");
	for (size_t i = 0; i < faults->count; i++)
		buf_printf(&lines, "%s\n", spec_fault_line(arena, "config.json", &faults->items[i]));
	for (size_t i = 0; i < faults->warning_count; i++)
		buf_printf(&lines, "warning: %s\n", spec_fault_line(arena, "config.json", &faults->warnings[i]));
	return lines.bytes;
}

static glob_t list(const char *pattern)
{
	glob_t found;
	if (glob(pattern, 0, NULL, &found) != 0)
		fail_msg("nothing matches %s", pattern);
	return found;
}

static void mark_checks(const struct spec_faults *faults, bool *seen)
{
	for (size_t i = 0; i < faults->count; i++) {
		for (size_t check = 0; spec_check_name(check); check++)
			seen[check] |= strcmp(spec_check_name(check), faults->items[i].check) == 0;
	}
}

/* Every config gives exactly the lines that stand beside it, and every check has a config that fails it. */
static void gallery_is_as_written(void **state)
{
	struct arena arena;
	assert_int_equal(arena_open(&arena), 0);
	glob_t found = list(source_path(&arena, "test/spec/gallery/*.json"));
	bool seen[CHECKS] = { false };
	(void)state;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		char *expected;
		size_t length;
		struct spec_faults faults;
		decode_file(&arena, path, &faults);
		const char *stem = arena_copy(&arena, path, strlen(path) - strlen(".json"));
		const char *beside = arena_printf(&arena, "%s.expected", stem);
		assert_int_equal(file_read_at(&arena, AT_FDCWD, beside, FILE_LIMIT, &expected, &length), 0);
		print_message("# %s\n", strrchr(path, '/') + 1);
		assert_string_equal(all_lines(&arena, &faults), expected);
		assert_true(faults.count > 0);
		mark_checks(&faults, seen);
	}
	assert_true(found.gl_pathc >= GALLERY_LEAST);
	for (size_t check = 0; spec_check_name(check); check++) {
		/* Capabilities only warn (C8). */
		if (!seen[check] && strcmp(spec_check_name(check), "capabilities can be granted") != 0)
			fail_msg("no config of the gallery fails the check \"%s\"", spec_check_name(check));
	}
	globfree(&found);
	arena_close(&arena);
}

static void decode_folder(const char *folder, bool good)
{
	struct arena arena;
	assert_int_equal(arena_open(&arena), 0);
	glob_t found = list(arena_printf(&arena, "%s/*.json", folder));
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct spec_faults faults;
		decode_file(&arena, found.gl_pathv[i], &faults);
		print_message("# %s: %zu\n", strrchr(found.gl_pathv[i], '/') + 1, faults.count);
		if (good)
			assert_string_equal(faults.count ? all_lines(&arena, &faults) : "", "");
		else
			assert_true(faults.count > 0);
	}
	globfree(&found);
	arena_close(&arena);
}

/* The specification's own fixtures pass and fail as their folders say. */
static void fixtures_are_as_filed(void **state)
{
	struct arena arena;
	(void)state;
	assert_int_equal(arena_open(&arena), 0);
	const char *folder = shared_path(&arena, "oci/test/config");
	if (access(folder, R_OK) != 0) {
		print_message("# skipped: no fixtures of the runtime specification at %s (KIST_SHARED)\n", folder);
		skip();
	}
	decode_folder(arena_printf(&arena, "%s/good", folder), true);
	decode_folder(arena_printf(&arena, "%s/bad", folder), false);
	arena_close(&arena);
}

/* What podman, docker and containerd wrote is without fault. */
static void engines_write_no_faults(void **state)
{
	struct arena arena;
	(void)state;
	assert_int_equal(arena_open(&arena), 0);
	decode_folder(source_path(&arena, "test/plan/configs"), true);
	arena_close(&arena);
}

/* Whatever is cut off or flipped in a real config: no crash, and a cut never passes as a whole. */
static void damaged_configs_are_survived(void **state)
{
	struct arena arena;
	char *text;
	size_t length;
	(void)state;
	assert_int_equal(arena_open(&arena), 0);
	const char *path = source_path(&arena, "test/spec/gallery/130-many-faults.json");
	assert_int_equal(file_read_at(&arena, AT_FDCWD, path, FILE_LIMIT, &text, &length), 0);
	for (size_t i = 0; i < length; i++) {
		struct arena each;
		assert_int_equal(arena_open(&each), 0);
		struct spec_faults cut = { .arena = &each }, flipped = { .arena = &each };
		spec_decode(&each, text, i, "config.json", NULL, &cut);
		assert_true(cut.count > 0);
		char *copy = arena_copy(&each, text, length);
		copy[i] = (char)(copy[i] ^ (1 << i % 8));
		struct spec *spec = spec_decode(&each, copy, length, "config.json", NULL, &flipped);
		spec_refuse_unsupported(spec, &flipped);
		arena_close(&each);
	}
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gallery_is_as_written),
		cmocka_unit_test(fixtures_are_as_filed),
		cmocka_unit_test(engines_write_no_faults),
		cmocka_unit_test(damaged_configs_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
