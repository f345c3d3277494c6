/* spec_box_test.c: what the flags of a box say, as a spec: each flag's meaning, and what is said when it has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cpus.h"
#include "spec/box.h"
#include "spec/names.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;
static struct spec_faults faults;

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

static struct box_flags plain(void)
{
	static const char *args[] = { "sh" };
	return (struct box_flags){ .args = args, .arg_count = 1, .cwd = "/home", .privileged = true };
}

static struct spec *spec_of(const struct box_flags *flags)
{
	faults = (struct spec_faults){ .arena = &arena };
	struct spec *spec = box_spec(&arena, flags, &faults);
	if (faults.count)
		fail_msg("%s: %s", faults.items[0].pointer, faults.items[0].text);
	return spec;
}

static struct given_words words_of(struct given_word *items, size_t count)
{
	return (struct given_words){ items, count, count };
}
#define WORDS(...) words_of((struct given_word[]){ __VA_ARGS__ }, COUNT(((struct given_word[]){ __VA_ARGS__ })))

/* The flags have exactly one fault, which has these words, and is told as that of the flag. */
static void refuses(const struct box_flags *flags, const char *flag, const char *text)
{
	faults = (struct spec_faults){ .arena = &arena };
	struct spec *spec = box_spec(&arena, flags, &faults);
	if (faults.count != 1)
		fail_msg("%s: %zu faults, the last one: %s", flag, faults.count,
		         faults.count ? faults.items[faults.count - 1].text : "none");
	if (!strstr(faults.items[0].text, text))
		fail_msg("%s: \"%s\" has no \"%s\"", flag, faults.items[0].text, text);
	const char *place = spec_place(&arena, spec, faults.items[0].pointer);
	assert_non_null(place);
	if (strcmp(place, flag) != 0)
		fail_msg("%s is told as %s", flag, place);
}

#define REFUSE(field, flag, value, text)                                                                               \
	do {                                                                                                           \
		struct box_flags wrong = plain();                                                                      \
		wrong.field = value;                                                                                   \
		refuses(&wrong, "--" flag " " value, text);                                                            \
	} while (0)
#define REFUSE_EACH(field, given, value, text)                                                                         \
	do {                                                                                                           \
		struct box_flags wrong = plain();                                                                      \
		wrong.field = WORDS({ given, value });                                                                 \
		refuses(&wrong, "--" given " " value, text);                                                           \
	} while (0)

/* --- the environment ------------------------------------------------------------------------------------ */

static const char *env_of(const struct spec *spec)
{
	struct buf text = buf_in(&arena);
	for (size_t i = 0; i < spec->process.env.count; i++)
		buf_printf(&text, "%s%s", i ? "|" : "", spec->process.env.items[i]);
	return text.bytes;
}

static void environment_is_clean_but_for_what_is_asked(void **state)
{
	(void)state;
	static const char *const here[] = { "SECRET=1", "HOME=/home/me", "odd", "SECRETARY=x", NULL };
	struct box_flags flags = plain();
	flags.environment_here = here;
	flags.term = "xterm";
#define PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|TERM=xterm"
	assert_string_equal(env_of(spec_of(&flags)), PATH);
	flags.environment = WORDS({ "env", "A=b=c" }, { "pass-env", "SECRET" }, { "env", "A=" });
	assert_string_equal(env_of(spec_of(&flags)), PATH "|A=b=c|SECRET=1|A=");
	flags.environment = WORDS({ "pass-env", "all" }, { "env", "HOME=" });
	assert_string_equal(env_of(spec_of(&flags)), PATH "|SECRET=1|HOME=/home/me|SECRETARY=x|HOME=");
	/* A variable there is not is a remark: scripts pass http_proxy on wherever they run. */
	flags.environment = WORDS({ "pass-env", "NONE" });
	assert_string_equal(env_of(spec_of(&flags)), PATH);
	assert_int_equal(faults.note_count, 1);
}

static void environment_faults(void **state)
{
	(void)state;
	REFUSE_EACH(environment, "env", "A", "--pass-env NAME");
	REFUSE_EACH(environment, "pass-env", "A=b", "the name of a variable");
	REFUSE_EACH(environment, "pass-env", "", "the name of a variable");
	struct box_flags flags = plain();
	flags.environment = WORDS({ "env", "=secret" });
	refuses(&flags, "--env =...", "there is no name");
}

static void directory_and_name(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	assert_string_equal(spec_of(&flags)->process.cwd, "/home");
	flags.root = "/opt/r";
	assert_string_equal(spec_of(&flags)->process.cwd, "/");
	flags.workdir = "/srv";
	flags.argv0 = "-sh";
	assert_string_equal(spec_of(&flags)->process.cwd, "/srv");
	assert_string_equal(spec_of(&flags)->box.argv0, "-sh");
	REFUSE(workdir, "cwd", "srv", "absolute path");
	REFUSE(workdir, "cwd", "", "absolute path");
	flags = plain();
	assert_true(spec_of(&flags)->process.no_new_privileges);
	flags.no_new_privs = "off";
	assert_false(spec_of(&flags)->process.no_new_privileges);
	REFUSE(no_new_privs, "no-new-privs", "yes", "on or off");
}

/* The words are the program's arguments, and its name is the one it was called by. */
static void programs_of_the_host(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	flags.host_exec = "busybox";
	flags.host_program = "/usr/bin/busybox";
	const struct spec *spec = spec_of(&flags);
	assert_string_equal(spec->box.host_program, "/usr/bin/busybox");
	assert_int_equal(spec->process.args.count, 2);
	assert_string_equal(spec->process.args.items[0], "busybox");
	assert_string_equal(spec->process.args.items[1], "sh");
	flags.arg_count = 0;
	assert_int_equal(spec_of(&flags)->process.args.count, 1);
	REFUSE(host_exec, "host-exec", "nosuch", "no such program");
}

/* --- users ------------------------------------------------------------------------------------------------ */

static void groups(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	assert_int_equal(spec_of(&flags)->box.groups, GROUPS_OF_USER);
	flags.groups = "7,adm,4294967294";
	const struct spec *spec = spec_of(&flags);
	assert_int_equal(spec->box.groups, GROUPS_GIVEN);
	assert_int_equal(spec->process.user.additional_gid_count, 2);
	assert_int_equal(spec->process.user.additional_gids[1], UINT32_MAX - 1);
	assert_int_equal(spec->box.group_names.count, 1);
	assert_string_equal(spec->box.group_names.items[0], "adm");
	flags.groups = "none";
	assert_int_equal(spec_of(&flags)->box.groups, GROUPS_GIVEN);
	assert_int_equal(spec_of(&flags)->process.user.additional_gid_count, 0);
	flags.groups = "keep";
	assert_int_equal(spec_of(&flags)->box.groups, GROUPS_KEPT);
	REFUSE(groups, "groups", "", "no group");
	REFUSE(groups, "groups", "1,,2", "\"\" is no group");
	REFUSE(groups, "groups", "1,none", "\"none\" is no group");
	REFUSE(groups, "groups", "4294967295", "no group");
	REFUSE(groups, "groups", "-1", "no group");
	REFUSE(user, "user", "1000:-1", "neither a group id");
	REFUSE(user, "user", "1000:0x1", "neither a group id");
	REFUSE(user, "user", "+1", "neither a user id");
	REFUSE(user, "user", "a:b:c", "neither a group id");
}

/* --- id maps ------------------------------------------------------------------------------------------------ */

static const char *maps_of(const struct spec_idmaps *maps)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (size_t i = 0; i < maps->count; i++)
		buf_printf(&text, "%s%u:%u:%u", i ? " " : "", maps->items[i].inside, maps->items[i].outside,
		           maps->items[i].count);
	return text.bytes;
}

static struct box_flags ordinary(void)
{
	static const struct box_range ranges[] = { { 100000, 1000 }, { 300000, 50 } };
	struct box_flags flags = plain();
	flags.privileged = false;
	flags.own_users = flags.own_groups = (struct box_owned){ 1000, ranges, 2 };
	flags.maps_helped = true;
	flags.caller_name = "anna";
	flags.subids_free = 400000;
	return flags;
}

/* The caller is the one that was asked for, and the subordinate ids are the others, from 0 on. */
static void the_caller_is_another_inside(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *map;
	} cases[] = {
		{ NULL, "0:1000:1 1:100000:1000 1001:300000:50" },
		{ "0", "0:1000:1 1:100000:1000 1001:300000:50" },
		{ "1", "1:1000:1 0:100000:1 2:100001:999 1001:300000:50" },
		{ "999", "999:1000:1 0:100000:999 1000:100999:1 1001:300000:50" },
		{ "1000", "1000:1000:1 0:100000:1000 1001:300000:50" },
		{ "1010", "1010:1000:1 0:100000:1000 1000:300000:10 1011:300010:40" },
		{ "1049", "1049:1000:1 0:100000:1000 1000:300000:49 1050:300049:1" },
		{ "1050", "1050:1000:1 0:100000:1000 1000:300000:50" },
		{ "4294967294", "4294967294:1000:1 0:100000:1000 1000:300000:50" },
	};
	struct box_flags flags = ordinary();
	for (size_t i = 0; i < COUNT(cases); i++) {
		flags.map_uid = cases[i].asked;
		const struct spec *spec = spec_of(&flags);
		assert_string_equal(maps_of(&spec->linux_.uid_mappings), cases[i].map);
		assert_string_equal(maps_of(&spec->linux_.gid_mappings), cases[0].map);
		flags.map_gid = cases[i].asked;
		assert_string_equal(maps_of(&spec_of(&flags)->linux_.gid_mappings), cases[i].map);
		flags.map_gid = NULL;
	}
}

/* One kind without subordinate ids, or no helpers: then each kind is the caller's own alone. */
static void without_subordinate_ids(void **state)
{
	(void)state;
	struct box_flags flags = ordinary();
	flags.own_groups.range_count = 0;
	assert_string_equal(maps_of(&spec_of(&flags)->linux_.uid_mappings), "0:1000:1");
	flags.map_uid = "5";
	refuses(&flags, "--map-uid 5", "anna has no subordinate group ids in /etc/subgid (`usermod --add-subgids");
	flags.own_users.range_count = 0;
	refuses(&flags, "--map-uid 5",
	        "anna has no subordinate ids in /etc/subuid and /etc/subgid (`usermod --add-subuids 400000-465535");
	flags = ordinary();
	flags.maps_helped = false;
	flags.map_uid = "5";
	refuses(&flags, "--map-uid 5", "package uidmap");
	flags.user = "5:0";
	assert_string_equal(maps_of(&spec_of(&flags)->linux_.uid_mappings), "5:1000:1");
}

static size_t warnings_about_ids(const struct box_flags *flags)
{
	size_t count = 0;
	spec_of(flags);
	for (size_t i = 0; i < faults.warning_count; i++)
		count += strstr(faults.warnings[i].text, "only your own id, 1000, is mapped") != NULL;
	return count;
}

static void few_ids_are_told_where_it_matters(void **state)
{
	(void)state;
	struct box_flags few = ordinary(), flags;
	assert_int_equal(warnings_about_ids(&few), 0);
	few.own_groups.range_count = few.own_users.range_count = 0;
	assert_int_equal(warnings_about_ids(&few), 1);
	assert_non_null(strstr(faults.warnings[0].text, "`usermod --add-subuids 400000-465535 --add-subgids "
	                                                "400000-465535 anna`, as root"));
	flags = few;
	flags.own_users.range_count = 1;
	assert_int_equal(warnings_about_ids(&flags), 1);
	assert_non_null(strstr(faults.warnings[0].text, "no subordinate group ids in /etc/subgid"));
	flags = few;
	flags.map_uid = "0";
	assert_int_equal(warnings_about_ids(&flags), 0);
	flags = few;
	flags.maps = WORDS({ "map", "0:1000:1" });
	assert_int_equal(warnings_about_ids(&flags), 0);
	flags = few;
	flags.capabilities = WORDS({ "cap-drop", "all" });
	assert_int_equal(warnings_about_ids(&flags), 0);
	flags = ordinary();
	flags.maps_helped = false;
	assert_int_equal(warnings_about_ids(&flags), 1);
	assert_non_null(strstr(faults.warnings[0].text, "package uidmap"));
	flags = few;
	flags.privileged = true;
	assert_int_equal(warnings_about_ids(&flags), 0);
}

static void maps_as_given(void **state)
{
	(void)state;
	const char *path;
	struct box_flags flags = plain();
	flags.own_users.id = flags.own_groups.id = 0;
	flags.maps_helped = true;
	assert_false(spec_has_namespace(spec_of(&flags), ABI_NEWUSER, &path));
	flags.maps = WORDS({ "map", "0:0:1" }, { "map", "u:1:100000:10" }, { "map", "g:1:200000:20" });
	const struct spec *spec = spec_of(&flags);
	assert_true(spec_has_namespace(spec, ABI_NEWUSER, &path));
	assert_string_equal(maps_of(&spec->linux_.uid_mappings), "0:0:1 1:100000:10");
	assert_string_equal(maps_of(&spec->linux_.gid_mappings), "0:0:1 1:200000:20");
	/* The kind that no map speaks of is as without. */
	flags.maps = WORDS({ "map", "u:7:0:1" });
	flags.user = "7:0";
	assert_string_equal(maps_of(&spec_of(&flags)->linux_.gid_mappings), "0:0:1");
}

static void map_faults(void **state)
{
	(void)state;
	static const char *const wrong[] = { "",      "0",      "0:0",     "0:0:1:1",
		                             "a:0:1", "0:0:-1", "x:0:0:1", "0:0:4294967295",
		                             "u:0:0", "0:0:0" };
	struct box_flags flags = plain();
	for (size_t i = 0; i < COUNT(wrong); i++) {
		flags.maps = WORDS({ "map", wrong[i] });
		refuses(&flags, arena_printf(&arena, "--map %s", wrong[i]), "expected ID:HOST:COUNT");
	}
	flags.maps = WORDS({ "map", "u:0:100000:10" });
	refuses(&flags, "--map u:0:100000:10", "the caller's own user id, 0, is not mapped");
	flags.maps = WORDS({ "map", "g:0:0:10" }, { "map", "g:5:20:1" });
	refuses(&flags, "--map g:5:20:1", "overlaps");
	flags.maps = WORDS({ "map", "u:4294967290:0:10" });
	flags.user = "4294967290:0";
	refuses(&flags, "--map u:4294967290:0:10", "beyond the last id");
	flags.maps = WORDS({ "map", "u:0:0:10" });
	flags.map_uid = "0";
	refuses(&flags, "--map-uid 0", "--map says already which user ids there are");
	flags.maps = (struct given_words){ 0 };
	flags.map_uid = "4294967295";
	refuses(&flags, "--map-uid 4294967295", "expected an id");
	flags.map_uid = "8";
	flags.user = "9:0";
	refuses(&flags, "--user 9:0", "9 is not mapped");
}

/* --- capabilities ------------------------------------------------------------------------------------------ */

static uint64_t cap(const char *name)
{
	uint64_t number;
	assert_true(name_value(&name_capabilities, name, &number));
	return UINT64_C(1) << number;
}

static void capabilities_fold_in_order(void **state)
{
	(void)state;
	const uint64_t all = (UINT64_C(1) << ABI_CAP_COUNT) - 1;
	struct box_flags flags = plain();
	const struct spec_capabilities *set = &spec_of(&flags)->process.capabilities;
	const uint64_t usual = set->bounding;
	assert_int_equal(set->effective, usual);
	assert_int_equal(set->inheritable, 0);
	flags.capabilities = WORDS({ "cap-add", "net_admin,CAP_SYS_TIME" }, { "cap-drop", "Chown" });
	set = &spec_of(&flags)->process.capabilities;
	assert_int_equal(set->bounding, (usual | cap("CAP_NET_ADMIN") | cap("CAP_SYS_TIME")) & ~cap("CAP_CHOWN"));
	assert_int_equal(set->inheritable | set->ambient, 0);
	flags.capabilities = WORDS({ "cap-drop", "all" }, { "cap-add", "kill" });
	assert_int_equal(spec_of(&flags)->process.capabilities.effective, cap("CAP_KILL"));
	flags.capabilities = WORDS({ "cap-add", "kill" }, { "cap-drop", "ALL" });
	assert_int_equal(spec_of(&flags)->process.capabilities.bounding, 0);
	flags.capabilities = WORDS({ "cap-add", "all" }, { "cap-keep", "kill,sys_admin" });
	assert_int_equal(spec_of(&flags)->process.capabilities.bounding, cap("CAP_KILL") | cap("CAP_SYS_ADMIN"));
	flags.capabilities = WORDS({ "cap-add", "all" });
	assert_int_equal(spec_of(&flags)->process.capabilities.permitted, all);
}

/* Who is not root inside has what was asked for by name, and nothing of the usual set. */
static void capabilities_of_others(void **state)
{
	(void)state;
	static const char *const roots[] = { "0", "0:5", "root", "root:adm" };
	static const char *const others[] = { "1000", "daemon", "rooty", "1:0" };
	struct box_flags flags = plain();
	for (size_t i = 0; i < COUNT(roots); i++) {
		flags.user = roots[i];
		assert_int_not_equal(spec_of(&flags)->process.capabilities.effective, 0);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		flags.user = others[i];
		flags.capabilities = (struct given_words){ 0 };
		const struct spec_capabilities *set = &spec_of(&flags)->process.capabilities;
		assert_int_equal(set->effective | set->permitted | set->inheritable | set->ambient, 0);
		flags.capabilities = WORDS({ "cap-add", "net_raw,kill" }, { "cap-drop", "kill" });
		set = &spec_of(&flags)->process.capabilities;
		assert_int_equal(set->ambient, cap("CAP_NET_RAW"));
		assert_int_equal(set->inheritable & set->permitted & set->effective, cap("CAP_NET_RAW"));
	}
}

static void capability_faults(void **state)
{
	(void)state;
	REFUSE_EACH(capabilities, "cap-add", "net_admn", "did you mean CAP_NET_ADMIN?");
	REFUSE_EACH(capabilities, "cap-drop", "", "is no capability");
	REFUSE_EACH(capabilities, "cap-keep", "kill,", "is no capability");
	/* Each flag is told as itself. */
	struct box_flags flags = plain();
	flags.capabilities = WORDS({ "cap-add", "kill" }, { "cap-keep", "xyzzy" });
	refuses(&flags, "--cap-keep xyzzy", "capabilities(7)");
}

/* --- limits and scheduling ----------------------------------------------------------------------------------- */

static void limits(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	flags.memory = "64M";
	flags.swap = "0";
	flags.cpuset = "0-1";
	flags.io_weight = "10";
	const struct spec_resources *resources = &spec_of(&flags)->linux_.resources;
	assert_int_equal(resources->memory.swap.value, 64 << 20);
	assert_string_equal(resources->cpu.cpus, "0-1");
	assert_int_equal(resources->block_io.weight.value, 10);
	flags.swap = "1K";
	assert_int_equal(spec_of(&flags)->linux_.resources.memory.swap.value, (64 << 20) + 1024);
	flags.swap = "unlimited";
	assert_int_equal(spec_of(&flags)->linux_.resources.memory.swap.value, -1);
	REFUSE(swap, "swap", "1G", "give --memory too");
	flags.swap = "9223372036854775807";
	refuses(&flags, "--swap 9223372036854775807", "size in bytes");
	REFUSE(cpuset, "cpuset", "1-", "processors such as");
	REFUSE(io_weight, "io-weight", "9", "from 10 to 1000");
	REFUSE(io_weight, "io-weight", "1001", "from 10 to 1000");
	REFUSE(io_weight, "io-weight", "0", "from 10 to 1000");
}

static void resource_limits(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	flags.rlimits =
		WORDS({ "rlimit", "nofile=10:20" }, { "rlimit", "RLIMIT_core=unlimited" }, { "rlimit", "AS=1G" });
	const struct spec_process *process = &spec_of(&flags)->process;
	assert_int_equal(process->rlimit_count, 3);
	assert_string_equal(process->rlimits[0].type, "RLIMIT_NOFILE");
	assert_int_equal(process->rlimits[0].soft, 10);
	assert_int_equal(process->rlimits[0].hard, 20);
	assert_true(process->rlimits[1].soft == UINT64_MAX && process->rlimits[1].hard == UINT64_MAX);
	assert_int_equal(process->rlimits[2].hard, 1 << 30);
	REFUSE_EACH(rlimits, "rlimit", "nofil=1", "did you mean NOFILE?");
	REFUSE_EACH(rlimits, "rlimit", "nofile", "NAME=SOFT:HARD");
	REFUSE_EACH(rlimits, "rlimit", "nofile=", "NAME=SOFT:HARD");
	REFUSE_EACH(rlimits, "rlimit", "nofile=1:", "NAME=SOFT:HARD");
	REFUSE_EACH(rlimits, "rlimit", "nofile=2:1", "above hard");
	REFUSE_EACH(rlimits, "rlimit", "nofile=-1", "NAME=SOFT:HARD");
	flags.rlimits = WORDS({ "rlimit", "core=1" }, { "rlimit", "CORE=2" });
	refuses(&flags, "--rlimit CORE=2", "set twice");
}

static void scheduling(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	flags.nice = "-20";
	flags.oom_score = "-1000";
	flags.affinity = "0xa";
	const struct spec *spec = spec_of(&flags);
	assert_int_equal(spec->process.scheduler.nice, -20);
	assert_int_equal(spec->process.scheduler.policy, NAME_SCHED_OTHER);
	assert_int_equal(spec->process.oom_score_adj.value, -1000);
	assert_int_equal(spec->box.affinity->bits[0], 0xa);
	flags.affinity = "1,3";
	assert_int_equal(spec_of(&flags)->box.affinity->bits[0], 0xa);
	REFUSE(nice, "nice", "20", "-20");
	REFUSE(nice, "nice", "1.5", "-20");
	REFUSE(nice, "nice", "", "-20");
	REFUSE(oom_score, "oom-score", "1001", "1000");
	REFUSE(oom_score, "oom-score", "x", "1000");
	REFUSE(affinity, "affinity", "f", "0xb");
	REFUSE(affinity, "affinity", "0x0", "0xb");
}

static void background(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	flags.terminal = flags.background = true;
	struct spec *spec = spec_of(&flags);
	assert_true(spec->box.background && spec->box.die_with_runtime);
	assert_false(spec->process.terminal);
	assert_null(spec->box.log);
	flags.log = "web.log";
	assert_string_equal(spec_of(&flags)->box.log, "/home/web.log");
	REFUSE(log, "log", "", "expected a file");
	flags.log = NULL;
	flags.shell = true;
	refuses(&flags, "--background", "needs a command");
	flags.shell = false;
	flags.die_with_parent = true;
	refuses(&flags, "--background", "contradicts --die-with-parent");
	flags.die_with_parent = false;
	flags.console = "/dev/tty8";
	refuses(&flags, "--background", "contradicts --console");
	flags = plain();
	flags.log = "x";
	refuses(&flags, "--log x", "add --background");
	/* Over a config.json, of which nothing else is changed. */
	struct spec config = { .process.terminal = true, .box.die_with_parent = true };
	struct spec_faults found = { .arena = &arena };
	flags = plain();
	flags.background = true;
	box_run_spec(&arena, &config, &flags, &found);
	assert_int_equal(found.count, 2);
	assert_false(config.box.set);
	config = (struct spec){ 0 };
	found.count = 0;
	flags.timeout = "3s";
	box_run_spec(&arena, &config, &flags, &found);
	assert_int_equal(found.count, 0);
	assert_true(config.box.background && config.box.timeout_ms == 3000);
	assert_string_equal(spec_place(&arena, &config, "/box/timeout"), "--timeout 3s");
}

static void running(void **state)
{
	(void)state;
	struct box_flags flags = plain();
	assert_false(spec_of(&flags)->process.terminal);
	flags.terminal = true;
	assert_true(spec_of(&flags)->process.terminal);
	flags.no_tty = true;
	assert_false(spec_of(&flags)->process.terminal);
	flags = plain();
	flags.tty = true;
	assert_true(spec_of(&flags)->process.terminal);
	flags = plain();
	flags.terminal = true;
	flags.console = "tty8";
	struct spec *spec = spec_of(&flags);
	assert_false(spec->process.terminal);
	assert_string_equal(spec->box.console, "/home/tty8");
	uint32_t time = 0;
	assert_true(box_time("1.5m", &time) && time == 90000);
	assert_true(box_time("250ms", &time) && time == 250);
	assert_true(box_time("0.001", &time) && time == 1);
	assert_true(box_time("24d", &time) && time == 24u * 86400000u);
	assert_false(box_time("25d", &time) || box_time("0.0001", &time) || box_time(".5", &time) ||
	             box_time("1w", &time));
	REFUSE(timeout, "timeout", "0", "expected a time");
	REFUSE(timeout, "timeout", "", "expected a time");
	REFUSE(console, "console", "", "expected a terminal device");
	flags = plain();
	flags.tty = flags.no_tty = true;
	refuses(&flags, "--tty", "contradicts --no-tty");
	flags = plain();
	flags.init = true;
	assert_true(spec_of(&flags)->box.init);
	flags.pid = "host";
	refuses(&flags, "--init", "pid namespace");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	static const struct CMUnitTest tests[] = {
		TEST(environment_is_clean_but_for_what_is_asked),
		TEST(environment_faults),
		TEST(directory_and_name),
		TEST(programs_of_the_host),
		TEST(groups),
		TEST(the_caller_is_another_inside),
		TEST(without_subordinate_ids),
		TEST(few_ids_are_told_where_it_matters),
		TEST(maps_as_given),
		TEST(map_faults),
		TEST(capabilities_fold_in_order),
		TEST(capabilities_of_others),
		TEST(capability_faults),
		TEST(limits),
		TEST(resource_limits),
		TEST(scheduling),
		TEST(background),
		TEST(running),
	};
	return cmocka_run_group_tests_name("spec_box", tests, NULL, NULL);
}
