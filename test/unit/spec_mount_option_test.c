/* spec_mount_option_test.c: every mount option of the specification, alone and after others. */
#include "spec/mount_option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

/* "ro,nosuid": the words of one list, in order. */
static struct spec_mount_options fold(const char *words)
{
	struct spec_strings list = { .items = ARENA_ARRAY(&arena, strlen(words) + 1, const char *) };
	for (char *rest = arena_string(&arena, words), *word; (word = strsep(&rest, ",")) != NULL;)
		list.items[list.count++] = word;
	struct spec_mount_options options;
	mount_options_fold(&arena, &list, &options);
	return options;
}

static struct spec_mount_options fold_word(const char *word)
{
	struct spec_strings list = { .items = &word, .count = 1 };
	struct spec_mount_options options;
	mount_options_fold(&arena, &list, &options);
	return options;
}

/* The table of config.md, "Linux mount options", MUST and SHOULD and MAY, is known whole (B7, B8, B9, B11). */
static void words_of_the_specification_are_known(void **state)
{
	static const char *const words[] = {
		"async",        "atime",       "bind",           "defaults",
		"dev",          "diratime",    "dirsync",        "exec",
		"iversion",     "lazytime",    "loud",           "noatime",
		"nodev",        "nodiratime",  "noexec",         "noiversion",
		"nolazytime",   "norelatime",  "nostrictatime",  "nosuid",
		"nosymfollow",  "private",     "ratime",         "rbind",
		"rdev",         "rdiratime",   "relatime",       "remount",
		"rexec",        "rnoatime",    "rnodev",         "rnodiratime",
		"rnoexec",      "rnorelatime", "rnostrictatime", "rnosuid",
		"rnosymfollow", "ro",          "rprivate",       "rrelatime",
		"rro",          "rrw",         "rshared",        "rslave",
		"rstrictatime", "rsuid",       "rsymfollow",     "runbindable",
		"rw",           "shared",      "silent",         "slave",
		"strictatime",  "suid",        "symfollow",      "sync",
		"tmpcopyup",    "unbindable",  "idmap",          "ridmap",
		"mand",         "nomand",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (fold_word(words[i]).data_count)
			fail_msg("the option %s is not known", words[i]);
	}
	for (size_t i = 0; mount_option_word(i); i++)
		assert_int_equal(fold_word(mount_option_word(i)).data_count, 0);
}

static void attributes_are_set_and_cleared(void **state)
{
	static const struct {
		const char *on, *off;
		uint64_t bit;
	} rows[] = {
		{ "ro", "rw", ABI_ATTR_RDONLY },
		{ "nosuid", "suid", ABI_ATTR_NOSUID },
		{ "nodev", "dev", ABI_ATTR_NODEV },
		{ "noexec", "exec", ABI_ATTR_NOEXEC },
		{ "nosymfollow", "symfollow", ABI_ATTR_NOSYMFOLLOW },
		{ "nodiratime", "diratime", ABI_ATTR_NODIRATIME },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spec_mount_options on = fold_word(rows[i].on), off = fold_word(rows[i].off);
		assert_int_equal(on.attr_set, rows[i].bit);
		assert_int_equal(on.attr_clear, 0);
		assert_int_equal(off.attr_set, 0);
		assert_int_equal(off.attr_clear, rows[i].bit);
		/* The recursive pair does the same for the tree, and nothing else. */
		on = fold_word(arena_printf(&arena, "r%s", rows[i].on));
		off = fold_word(arena_printf(&arena, "r%s", rows[i].off));
		assert_int_equal(on.attr_set_rec, rows[i].bit);
		assert_int_equal(off.attr_clear_rec, rows[i].bit);
		assert_int_equal(on.attr_set | on.attr_clear | on.attr_clear_rec | off.attr_set_rec, 0);
		/* The last word wins, either way round. */
		on = fold(arena_printf(&arena, "%s,%s", rows[i].off, rows[i].on));
		off = fold(arena_printf(&arena, "%s,%s", rows[i].on, rows[i].off));
		assert_int_equal(on.attr_set, rows[i].bit);
		assert_int_equal(on.attr_clear, 0);
		assert_int_equal(off.attr_set, 0);
		assert_int_equal(off.attr_clear, rows[i].bit);
	}
}

static void access_time_is_a_field(void **state)
{
	static const struct {
		const char *words;
		bool named;
		uint64_t value;
	} rows[] = {
		{ "ro", false, 0 },
		{ "noatime", true, ABI_ATTR_NOATIME },
		{ "relatime", true, ABI_ATTR_RELATIME },
		{ "strictatime", true, ABI_ATTR_STRICTATIME },
		{ "atime", true, ABI_ATTR_RELATIME },
		{ "norelatime", true, ABI_ATTR_RELATIME },
		{ "nostrictatime", true, ABI_ATTR_RELATIME },
		{ "noatime,strictatime", true, ABI_ATTR_STRICTATIME },
		{ "strictatime,noatime", true, ABI_ATTR_NOATIME },
		{ "strictatime,relatime", true, ABI_ATTR_RELATIME },
		{ "noatime,atime", true, ABI_ATTR_RELATIME },
		{ "strictatime,atime", true, ABI_ATTR_STRICTATIME },
		{ "noatime,nostrictatime", true, ABI_ATTR_NOATIME },
		{ "strictatime,nostrictatime", true, ABI_ATTR_RELATIME },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spec_mount_options options = fold(rows[i].words);
		assert_int_equal(options.attr_set & ABI_ATTR_ATIME, rows[i].value);
		/* mount_setattr(2): any value needs the whole field cleared. */
		assert_int_equal(options.attr_clear & ABI_ATTR_ATIME, rows[i].named ? ABI_ATTR_ATIME : 0);
	}
	struct spec_mount_options tree = fold("rstrictatime,rnoatime,noatime,strictatime");
	assert_int_equal(tree.attr_set_rec, ABI_ATTR_NOATIME);
	assert_int_equal(tree.attr_set, ABI_ATTR_STRICTATIME);
	assert_int_equal(tree.attr_clear_rec, ABI_ATTR_ATIME);
}

static void read_only_is_also_of_the_superblock(void **state)
{
	(void)state;
	assert_true(fold("ro").sb_readonly);
	assert_true(fold("ro,nosuid").sb_readonly);
	assert_false(fold("ro,rw").sb_readonly);
	assert_false(fold("rro").sb_readonly);
	assert_false(fold("nosuid").sb_readonly);
}

static void superblock_flags_are_switches(void **state)
{
	(void)state;
	assert_true(fold("sync").sync);
	assert_false(fold("sync,async").sync);
	assert_true(fold("dirsync").dirsync);
	assert_true(fold("mand").mandlock);
	assert_false(fold("mand,nomand").mandlock);
	assert_true(fold("nolazytime,lazytime").lazytime);
	assert_false(fold("lazytime,nolazytime").lazytime);
	assert_true(fold("silent").silent);
	assert_false(fold("silent,loud").silent);
	assert_true(fold("iversion").iversion);
	assert_false(fold("iversion,noiversion").iversion);
	assert_true(fold("remount").remount);
	assert_true(fold("tmpcopyup").copy_up);
}

static void trees_and_propagation(void **state)
{
	(void)state;
	struct spec_mount_options options = fold("rbind,rprivate");
	assert_true(options.bind && options.bind_rec && options.propagation_rec);
	assert_int_equal(options.propagation, ABI_PRIVATE);
	options = fold("rbind,bind,rshared,slave");
	assert_true(options.bind && !options.bind_rec && !options.propagation_rec);
	assert_int_equal(options.propagation, ABI_SLAVE);
	assert_int_equal(fold("shared").propagation, ABI_SHARED);
	assert_int_equal(fold("runbindable").propagation, ABI_UNBINDABLE);
	assert_int_equal(fold("bind").propagation, 0);
	options = fold("idmap");
	assert_true(options.idmap && !options.idmap_rec);
	options = fold("ridmap");
	assert_true(options.idmap && options.idmap_rec);
}

static void the_rest_is_the_file_systems(void **state)
{
	(void)state;
	struct spec_mount_options options = fold("nosuid,mode=755,defaults,size=65536k,newinstance");
	assert_int_equal(options.data_count, 3);
	assert_string_equal(options.data[0], "mode=755");
	assert_string_equal(options.data[1], "size=65536k");
	assert_string_equal(options.data[2], "newinstance");
	assert_int_equal(fold("").data_count, 0);
}

/* Two options in one string are two to mount(2); a quoted or escaped comma separates nothing. */
static void data_is_split_at_commas(void **state)
{
	(void)state;
	struct spec_mount_options options = fold_word("mode=755,size=1m");
	assert_int_equal(options.data_count, 2);
	assert_string_equal(options.data[0], "mode=755");
	assert_string_equal(options.data[1], "size=1m");
	options = fold_word(",,context=\"u:r:t:s0:c1,c2\",lowerdir=/a\\,b:/c,");
	assert_int_equal(options.data_count, 2);
	assert_string_equal(options.data[0], "context=\"u:r:t:s0:c1,c2\"");
	assert_string_equal(options.data[1], "lowerdir=/a\\,b:/c");
	assert_int_equal(fold_word("\"never,closed").data_count, 1);
	assert_int_equal(fold_word("\\").data_count, 1);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_the_specification_are_known),
		cmocka_unit_test(attributes_are_set_and_cleared),
		cmocka_unit_test(access_time_is_a_field),
		cmocka_unit_test(read_only_is_also_of_the_superblock),
		cmocka_unit_test(superblock_flags_are_switches),
		cmocka_unit_test(trees_and_propagation),
		cmocka_unit_test(the_rest_is_the_file_systems),
		cmocka_unit_test(data_is_split_at_commas),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
