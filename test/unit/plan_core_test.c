/* plan_core_test.c: building, linking, printing and hinting, on plans made by hand. */
#include "plan/build.h"
#include "plan/step_table.h"
#include "plan/wire.h"

#include "base/abi.h"
#include "json/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct spec spec;
static struct spec_faults faults;
static const struct plan_request request = { .id = "c1", .state_root = "/run/kist" };
static struct plan_builder builder;

static int start(void **state)
{
	(void)state;
	if (arena_open(&arena) < 0)
		return -1;
	spec = (struct spec){ 0 };
	faults = (struct spec_faults){ .arena = &arena };
	builder = (struct plan_builder){ .arena = &arena, .spec = &spec, .faults = &faults, .request = &request };
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

/* --- the table -------------------------------------------------------------------------------------- */

static void table_follows_the_structs(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++) {
		struct step_fields fields = step_fields(kind);
		assert_non_null(step_table[kind].name);
		assert_non_null(step_table[kind].words);
		for (size_t i = 0; i < fields.count; i++) {
			assert_true(fields.items[i].offset >= offsetof(struct step, exec));
			assert_true(fields.items[i].offset < sizeof(struct step));
			assert_true(i == 0 || fields.items[i].offset > fields.items[i - 1].offset);
		}
	}
	assert_int_equal(step_fields(STEP_KIND_COUNT).count, 0);
	struct step step = { .kind = STEP_set_rlimit, .set_rlimit = { 7, 1024, UINT64_MAX } };
	const struct step_field *hard = step_field_named(STEP_set_rlimit, "hard", 4);
	assert_true(step_number(&step, hard) == UINT64_MAX);
	assert_null(step_field_named(STEP_set_rlimit, "hardy", 5));
}

/* The journal is the runtime's: init cannot write down what it is about to do. */
static void undo_is_the_runtimes(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++)
		if (step_table[kind].undo != UNDO_NONE)
			assert_int_equal(step_table[kind].actor, ACTOR_RUNTIME);
}

/* --- building ---------------------------------------------------------------------------------------- */

static void equal_texts_are_one(void **state)
{
	(void)state;
	plan_text first = plan_put_text(&builder, "/proc");
	for (int i = 0; i < 1000; i++)
		assert_true(plan_put_format(&builder, "/proc/%d", i) != first);
	assert_int_equal(plan_put_text(&builder, "/proc"), first);
	assert_int_equal(plan_put_format(&builder, "/%s/%d", "proc", 7), plan_put_text(&builder, "/proc/7"));
	assert_true(plan_put_text(&builder, "") != 0);
	assert_int_equal(plan_put_text(&builder, NULL), 0);
}

static void spans_are_read_back(void **state)
{
	(void)state;
	const char *items[] = { "a", "", "long one" };
	const uint32_t groups[] = { 1, 2, 3 };
	plan_put_text(&builder, "x");
	struct plan_span list = plan_put_list(&builder, items, 3);
	struct plan_span bytes = plan_put_bytes(&builder, groups, sizeof(groups));
	struct plan_span none = plan_put_bytes(&builder, NULL, 0);
	plan_add(&builder, STEP_load_init, NULL);
	const struct plan_block *block = plan_link(&builder);
	assert_memory_equal(plan_bytes(block, list), "a\0\0long one", 11);
	assert_int_equal(bytes.start % 8, 0);
	assert_memory_equal(plan_bytes(block, bytes), groups, sizeof(groups));
	assert_null(plan_bytes(block, none));
	assert_string_equal(plan_string(block, block->id), "c1");
}

static void many_steps_keep_their_order(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		plan_add(&builder, STEP_set_umask, "/mounts/%u", i)->set_umask.mask = i;
	const struct plan_block *block = plan_link(&builder);
	assert_int_equal(block->step_count, 1000);
	assert_int_equal(plan_step(block, 777)->set_umask.mask, 777);
	assert_int_equal(plan_step(block, 777)->actor, ACTOR_INIT);
	assert_string_equal(plan_string(block, plan_step(block, 777)->pointer), "/mounts/777");
}

static void too_many_slots_are_refused(void **state)
{
	(void)state;
	for (int i = 1; i <= PLAN_SLOTS; i++)
		assert_int_equal(plan_new_slot(&builder, SLOT_FD), i);
	assert_int_equal(faults.count, 0);
	assert_int_equal(plan_new_slot(&builder, SLOT_FD), 0);
	assert_int_equal(faults.count, 1);
}

static void refusals_and_warnings_are_kept_apart(void **state)
{
	(void)state;
	plan_refuse(&builder, "/mounts/0", "no %s", "way");
	plan_warn(&builder, NULL, "mind the %s", "gap");
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].pointer, "/mounts/0");
	assert_string_equal(faults.items[0].text, "no way");
	assert_int_equal(faults.warning_count, 1);
	assert_string_equal(faults.warnings[0].text, "mind the gap");
}

/* --- linking ----------------------------------------------------------------------------------------- */

static plan_slot load_init(void)
{
	plan_slot image = plan_new_slot(&builder, SLOT_FD);
	plan_add(&builder, STEP_load_init, NULL)->load_init.image = image;
	return image;
}

static plan_slot clone_process(void)
{
	plan_slot pid = plan_new_slot(&builder, SLOT_NUMBER), pidfd = plan_new_slot(&builder, SLOT_FD);
	struct step *step = plan_add(&builder, STEP_clone, NULL);
	step->clone.pid = pid;
	step->clone.pidfd = pidfd;
	return pid;
}

static void exec_init(plan_slot image)
{
	plan_add(&builder, STEP_exec_init, NULL)->exec_init.image = image;
}

/* "m5:1,2": how, the first step on the far side (from 1), the slots. */
static const char *crossings_of(const struct plan_block *block)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		const struct plan_crossing *crossing = plan_crossing_at(block, i);
		buf_printf(&text, "%s%c%u:", i ? " " : "", crossing->how, crossing->step + 1u);
		for (uint32_t k = 0; k < crossing->slots.count; k++)
			buf_printf(&text, "%s%u", k ? "," : "", plan_crossing_slots(block, crossing)[k]);
	}
	return text.bytes;
}

/* A child that is followed by its own step starts at once. */
static void child_starts_at_once(void **state)
{
	(void)state;
	plan_slot image = load_init();
	clone_process();
	exec_init(image);
	plan_add(&builder, STEP_hide_process, NULL);
	assert_string_equal(crossings_of(plan_link(&builder)), "c3:1 e4:");
}

/* One that is followed by the runtime waits, and is told once. */
static void child_waits_for_its_maps(void **state)
{
	(void)state;
	plan_slot image = load_init();
	plan_slot pid = clone_process();
	plan_add(&builder, STEP_write_idmap, NULL)->write_idmap.pid = pid;
	plan_add(&builder, STEP_save_process, NULL)->save_process.pid = pid;
	exec_init(image);
	plan_add(&builder, STEP_hide_process, NULL);
	assert_string_equal(crossings_of(plan_link(&builder)), "c5:1 m5: e6:");
}

/* What the child does not take is not handed to it; what is opened after the clone comes with a message. */
static void slots_travel_once(void **state)
{
	(void)state;
	plan_slot cgroup = plan_new_slot(&builder, SLOT_FD), unused = plan_new_slot(&builder, SLOT_FD);
	plan_slot late = plan_new_slot(&builder, SLOT_FD);
	plan_slot image = load_init();
	plan_add(&builder, STEP_open_cgroup, NULL)->open_cgroup.cgroup = cgroup;
	plan_add(&builder, STEP_open_cgroup, NULL)->open_cgroup.cgroup = unused;
	clone_process();
	plan_add(&builder, STEP_open_namespace, NULL)->open_namespace.namespace = late;
	plan_add(&builder, STEP_enter_cgroup, NULL)->enter_cgroup.cgroup = cgroup;
	plan_add(&builder, STEP_set_oom_score, NULL);
	plan_add(&builder, STEP_join_namespace, NULL)->join_namespace.namespace = late;
	exec_init(image);
	/* late crosses with the first message, not again with the third. */
	const char *want = arena_printf(&arena, "c6:%u,%u m6:%u m7: m8: ", cgroup, image, late);
	const char *got = crossings_of(plan_link(&builder));
	assert_memory_equal(got, want, strlen(want));
}

/* The terminal goes back to the runtime; init keeps over its exec what it takes afterwards, and nothing else. */
static void console_goes_back(void **state)
{
	(void)state;
	plan_slot early = plan_new_slot(&builder, SLOT_FD), master = plan_new_slot(&builder, SLOT_FD);
	plan_slot peer = plan_new_slot(&builder, SLOT_FD), identity = plan_new_slot(&builder, SLOT_LOCAL);
	plan_slot image = load_init();
	plan_add(&builder, STEP_open_namespace, NULL)->open_namespace.namespace = early;
	clone_process();
	exec_init(image);
	plan_add(&builder, STEP_join_namespace, NULL)->join_namespace.namespace = early;
	plan_add(&builder, STEP_lookup_user, NULL)->lookup_user.identity = identity;
	struct step *step = plan_add(&builder, STEP_open_terminal, NULL);
	step->open_terminal.master = master;
	step->open_terminal.peer = peer;
	plan_add(&builder, STEP_take_console, NULL)->take_console.master = master;
	plan_add(&builder, STEP_take_terminal, NULL)->take_terminal.peer = peer;
	plan_add(&builder, STEP_set_uid, NULL)->set_uid.identity = identity;
	const char *want = arena_printf(&arena, "c4:%u,%u e5:%u m8:%u m9:", early, image, early, master);
	assert_string_equal(crossings_of(plan_link(&builder)), want);
}

/* The process that goes on has another pid, and only its maker knows: it tells the runtime before init forgets. */
static void forked_pid_goes_back(void **state)
{
	(void)state;
	plan_slot image = load_init();
	clone_process();
	plan_slot pid = plan_new_slot(&builder, SLOT_NUMBER), pidfd = plan_new_slot(&builder, SLOT_FD);
	struct step *step = plan_add(&builder, STEP_fork, NULL);
	step->fork.pid = pid;
	step->fork.pidfd = pidfd;
	plan_add(&builder, STEP_save_process, NULL)->save_process.pid = pid;
	exec_init(image);
	plan_add(&builder, STEP_hide_process, NULL);
	const char *want = arena_printf(&arena, "c3:%u m4:%u m5: e6:", image, pid);
	assert_string_equal(crossings_of(plan_link(&builder)), want);
}

static void too_much_at_once_is_refused(void **state)
{
	(void)state;
	load_init();
	clone_process();
	plan_slot first = (plan_slot)(builder.slot_count + 1);
	for (int i = 0; i <= WIRE_SLOTS; i++)
		plan_add(&builder, STEP_open_terminal, NULL)->open_terminal.master = plan_new_slot(&builder, SLOT_FD);
	for (plan_slot slot = first; slot <= builder.slot_count; slot++)
		plan_add(&builder, STEP_take_console, NULL)->take_console.master = slot;
	plan_link(&builder);
	assert_true(faults.count > 0);
}

/* What is inherited takes no message, so all slots of a plan may be. */
static void much_is_inherited(void **state)
{
	(void)state;
	plan_slot image = load_init();
	while (builder.slot_count < PLAN_SLOTS - 2)
		plan_add(&builder, STEP_open_tree, NULL)->open_tree.tree = plan_new_slot(&builder, SLOT_FD);
	clone_process();
	exec_init(image);
	for (plan_slot slot = 2; slot <= PLAN_SLOTS - 2; slot++)
		plan_add(&builder, STEP_bind, NULL)->bind.tree = slot;
	const struct plan_block *block = plan_link(&builder);
	assert_int_equal(faults.count, 0);
	assert_int_equal(block->crossing_count, 2);
	const struct plan_crossing *kept = plan_crossing_at(block, 1);
	assert_int_equal(kept->slots.count, PLAN_SLOTS - 3);
	assert_int_equal(plan_crossing_slots(block, kept)[PLAN_SLOTS - 4], PLAN_SLOTS - 2);
}

static void block_lies_right(void **state)
{
	(void)state;
	plan_put_text(&builder, "x");
	spec.process.terminal = true;
	plan_slot image = load_init();
	clone_process();
	exec_init(image);
	plan_add(&builder, STEP_hide_process, NULL);
	const struct plan_block *block = plan_link(&builder);
	assert_int_equal(block->magic, PLAN_MAGIC);
	assert_int_equal(block->step_start % 8, 0);
	assert_int_equal(block->crossing_start, block->step_start + 4 * sizeof(struct step));
	/* One slot crosses, the image. */
	assert_int_equal(block->size, block->crossing_start + block->crossing_count * sizeof(struct plan_crossing) +
	                                      sizeof(plan_slot));
	assert_int_equal(block->slot_count, 3);
	assert_int_equal(block->slot_types[2], SLOT_NUMBER);
	assert_int_equal(block->terminal, 1);
}

/* --- words ------------------------------------------------------------------------------------------- */

static const char *last_words(void)
{
	const struct plan_block *block = plan_link(&builder);
	return plan_step_words(&arena, block, block->step_count - 1);
}

static const char *printed(struct plan_style style)
{
	struct buf out = buf_in(&arena);
	plan_print(&out, plan_link(&builder), style);
	return out.bytes;
}

static void deeds_are_sentences(void **state)
{
	(void)state;
	plan_text proc = plan_put_text(&builder, "proc"), path = plan_put_text(&builder, "/proc");
	struct step *step = plan_add(&builder, STEP_mount_fs, NULL);
	step->mount_fs.type = proc;
	step->mount_fs.path = path;
	assert_string_equal(last_words(), "mount proc on /proc");
	step = plan_add(&builder, STEP_set_rlimit, NULL);
	step->set_rlimit = (struct step_set_rlimit){ 7, 1024, UINT64_MAX };
	assert_string_equal(last_words(), "set RLIMIT_NOFILE to 1024:unlimited");
	step = plan_add(&builder, STEP_open_namespace, NULL);
	step->open_namespace.type = ABI_NEWUTS;
	step->open_namespace.path = path;
	assert_string_equal(last_words(), "open the uts namespace /proc");
	step = plan_add(&builder, STEP_set_name, NULL);
	step->set_name.which = 'h';
	step->set_name.name = proc;
	assert_string_equal(last_words(), "set the hostname to proc");
	step = plan_add(&builder, STEP_set_oom_score, NULL);
	step->set_oom_score.value = (uint64_t)(int64_t)-17;
	assert_string_equal(last_words(), "set the OOM score to -17");
}

/* Nobody reads a sentence with a megabyte of arguments in it. */
static void long_deeds_are_cut(void **state)
{
	(void)state;
	char argument[2000];
	const char *args[] = { "/bin/x", argument };
	memset(argument, 'y', sizeof(argument));
	memcpy(argument + 384, "\xc3\xa9", 2); /* the 400th byte of the deed is in the middle of this */
	argument[sizeof(argument) - 1] = '\0';
	struct plan_span span = plan_put_list(&builder, args, 2);
	plan_add(&builder, STEP_exec, NULL)->exec.args = span;
	const char *words = last_words();
	assert_int_equal(strlen(words), 399 + strlen("…"));
	assert_string_equal(words + 398, "y…");
}

/* A configuration must not drive the terminal of who looks at its plan. */
static void controls_are_escaped(void **state)
{
	(void)state;
	plan_text path = plan_put_text(&builder, "/a\x1b[2Jb\n\xc2\x9b");
	plan_add(&builder, STEP_mask, "/linux/maskedPaths/\x07")->mask.path = path;
	assert_string_equal(last_words(), "mask /a\\x1b[2Jb\\x0a\\xc2\\x9b");
	const char *text = printed((struct plan_style){ 0 });
	assert_null(strpbrk(text, "\x1b\x07"));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_null(strpbrk(printed((struct plan_style){ .json = true }), "\x1b\x07"));
}

static void details_have_names(void **state)
{
	(void)state;
	struct step *step = plan_add(&builder, STEP_set_propagation, NULL);
	step->set_propagation = (struct step_set_propagation){ ABI_SLAVE, 1 };
	step = plan_add(&builder, STEP_clone, NULL);
	step->clone.namespaces = ABI_NEWPID | ABI_NEWNET | 0x1;
	step = plan_add(&builder, STEP_remount, NULL);
	step->remount.attr_set = ABI_ATTR_RDONLY | ABI_ATTR_NOATIME;
	step = plan_add(&builder, STEP_set_caps, NULL);
	step->set_caps.effective = step->set_caps.permitted = 1 << 5;
	step = plan_add(&builder, STEP_drop_bounding, NULL);
	step->drop_bounding.keep = (1ULL << ABI_CAP_COUNT) - 1;
	step = plan_add(&builder, STEP_make_device, NULL);
	step->make_device = (struct step_make_device){ .how = 'n', .type = 'c', .major = 1, .minor = 3, .mode = 0666 };
	step = plan_add(&builder, STEP_set_uid, NULL);
	step->set_uid.uid = UINT32_MAX;
	const char *text = printed((struct plan_style){ 0 });
	assert_non_null(strstr(text, "propagation=rslave\n"));
	assert_non_null(strstr(text, "namespaces=pid,network,0x1\n"));
	assert_non_null(strstr(text, "attr_set=ro,noatime\n"));
	assert_non_null(strstr(text, "effective,permitted=KILL"));
	assert_non_null(strstr(text, "inheritable,ambient=none"));
	assert_non_null(strstr(text, "keep=all"));
	assert_non_null(strstr(text, "mknod c 1:3 0666"));
	assert_non_null(strstr(text, "set the user id to what it is"));
}

/* --- printing ---------------------------------------------------------------------------------------- */

static void a_small_plan(void)
{
	const char *args[] = { "sh", "-c", "echo  \"x\"" }, *env[] = { "PATH=/bin", "TOKEN=hush" };
	plan_text path = plan_put_text(&builder, "/run/kist/c1");
	struct plan_span arg_span = plan_put_list(&builder, args, 3), env_span = plan_put_list(&builder, env, 2);
	plan_add(&builder, STEP_make_record, NULL)->make_record.path = path;
	plan_slot image = load_init();
	plan_slot pid = clone_process();
	plan_add(&builder, STEP_save_process, NULL)->save_process.pid = pid;
	exec_init(image);
	struct step *step = plan_add(&builder, STEP_exec, "/process/args");
	step->exec.args = arg_span;
	step->exec.env = env_span;
}

static void plan_is_printed(void **state)
{
	(void)state;
	a_small_plan();
	static const char *const lines[] = {
		"  1  make_record         make the record /run/kist/c1\n",
		"                         └── the child ────▶ starts, with image\n",
		"                         └─────────────────▶ go on\n",
		"  5  exec_init                              execute the init program\n",
		"                                            ═ over its exec it keeps nothing\n",
		"  6  exec                                   execute sh -c "
		"\"echo  \\\"x\\\"\"  env=PATH=… TOKEN=…  "
		""
		""
		"",
		"             /process/args\n",
	};
	const char *text = printed((struct plan_style){ 0 });
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("missing: %sin:\n%s", lines[i], text);
}

static void secrets_are_kept(void **state)
{
	(void)state;
	a_small_plan();
	assert_null(strstr(printed((struct plan_style){ 0 }), "hush"));
	assert_null(strstr(printed((struct plan_style){ .json = true }), "hush"));
	assert_non_null(strstr(printed((struct plan_style){ .show_env = true }), "TOKEN=hush"));
	assert_non_null(strstr(printed((struct plan_style){ .show_env = true, .json = true }), "\"TOKEN=hush\""));
}

/* Long texts go on below in their lane; no line is cut in a path. */
static void long_texts_are_wrapped(void **state)
{
	(void)state;
	const char *words[40];
	for (size_t i = 0; i < 40; i++)
		words[i] = "size=1m";
	struct plan_span list = plan_put_list(&builder, words, 40);
	plan_text path = plan_put_format(&builder, "/%0150d,/x", 1);
	struct step *step = plan_add(&builder, STEP_mount_fs, "/mounts/0");
	step->mount_fs.path = path;
	step->mount_fs.options = list;
	const char *text = printed((struct plan_style){ 0 });
	assert_non_null(strstr(text, plan_string(plan_link(&builder), path)));
	size_t lines = 0;
	text = strchr(text, '\n') + 1; /* the legend */
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1, lines++)
		assert_true(strcspn(line, "\n") <= 104 || strchr(line, '/') < line + strcspn(line, "\n"));
	assert_true(lines > 6);
}

static void json_is_json(void **state)
{
	(void)state;
	a_small_plan();
	const char *text = printed((struct plan_style){ .json = true });
	struct json_error error;
	const struct json_value *plan = json_parse(&arena, text, strlen(text), &error, NULL);
	if (!plan)
		fail_msg("%u:%u: %s\n%s", error.line, error.column, error.text, text);
	const struct json_value *steps = json_member(plan, "steps");
	assert_int_equal(steps->count, 6);
	const struct json_value *first = &steps->items[0];
	assert_string_equal(json_member(first, "kind")->string, "make_record");
	assert_string_equal(json_member(first, "actor")->string, "runtime");
	assert_string_equal(json_member(first, "undo")->string, "remove_record");
	assert_string_equal(json_member(json_member(first, "fields"), "path")->string, "/run/kist/c1");
	const struct json_value *last = &steps->items[5];
	assert_string_equal(json_member(last, "asked_by")->string, "/process/args");
	assert_int_equal(json_member(json_member(last, "fields"), "args")->count, 3);
	const struct json_value *crossings = json_member(plan, "crossings");
	assert_int_equal(crossings->count, 3);
	assert_string_equal(json_member(&crossings->items[0], "how")->string, "clone");
	assert_string_equal(json_member(&json_member(&crossings->items[0], "slots")->items[0], "name")->string,
	                    "image");
}

/* --- hints ------------------------------------------------------------------------------------------- */

static const char *hint_for(int number)
{
	const struct plan_block *block = plan_link(&builder);
	return plan_hint(&arena, block, block->step_count - 1, number, false);
}

static void has_hint(int number, const char *part)
{
	const char *hint = hint_for(number);
	if (!hint || !strstr(hint, part))
		fail_msg("expected a hint with \"%s\", got \"%s\"", part, hint ? hint : "(none)");
}

static void mounting(const char *type)
{
	plan_text text = plan_put_text(&builder, type), path = plan_put_text(&builder, "/mnt");
	struct step *step = plan_add(&builder, STEP_mount_fs, NULL);
	step->mount_fs.type = text;
	step->mount_fs.path = path;
}

static void hints_fit(void **state)
{
	(void)state;
	mounting("proc");
	has_hint(EPERM, "this /proc is partly masked");
	mounting("sysfs");
	has_hint(EPERM, "network namespace");
	mounting("nosuchfs");
	has_hint(ENODEV, "\"nosuchfs\" is not known to this kernel");
	mounting("overlay");
	has_hint(EINVAL, "upper and work");
	plan_add(&builder, STEP_clone, NULL)->clone.namespaces = ABI_NEWUSER;
	has_hint(EPERM, "forbids user namespaces");
	has_hint(ENOSPC, "max_user_namespaces");
	mounting("ext4");
	has_hint(EPERM, "cannot be mounted in a user namespace");
	plan_add(&builder, STEP_clone, NULL);
	has_hint(EPERM, "need root");
	plan_add(&builder, STEP_set_rlimit, NULL)->set_rlimit.resource = 7;
	has_hint(EPERM, "fs.nr_open");
	plan_add(&builder, STEP_new_keyring, NULL);
	has_hint(EDQUOT, "kernel.keys.maxkeys");
	plan_add(&builder, STEP_set_uid, NULL)->set_uid.uid = 42;
	has_hint(EINVAL, "/linux/uidMappings");
	assert_null(hint_for(EXDEV));
	assert_null(plan_hint(&arena, plan_link(&builder), 10000, EPERM, false));
	/* What init said already, with the limit that it found, is not said again. */
	plan_add(&builder, STEP_set_rlimit, NULL)->set_rlimit.resource = 7;
	const struct plan_block *block = plan_link(&builder);
	assert_null(plan_hint(&arena, block, block->step_count - 1, EPERM, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(table_follows_the_structs, start, end),
		cmocka_unit_test_setup_teardown(undo_is_the_runtimes, start, end),
		cmocka_unit_test_setup_teardown(equal_texts_are_one, start, end),
		cmocka_unit_test_setup_teardown(spans_are_read_back, start, end),
		cmocka_unit_test_setup_teardown(many_steps_keep_their_order, start, end),
		cmocka_unit_test_setup_teardown(too_many_slots_are_refused, start, end),
		cmocka_unit_test_setup_teardown(refusals_and_warnings_are_kept_apart, start, end),
		cmocka_unit_test_setup_teardown(child_starts_at_once, start, end),
		cmocka_unit_test_setup_teardown(child_waits_for_its_maps, start, end),
		cmocka_unit_test_setup_teardown(slots_travel_once, start, end),
		cmocka_unit_test_setup_teardown(console_goes_back, start, end),
		cmocka_unit_test_setup_teardown(forked_pid_goes_back, start, end),
		cmocka_unit_test_setup_teardown(too_much_at_once_is_refused, start, end),
		cmocka_unit_test_setup_teardown(much_is_inherited, start, end),
		cmocka_unit_test_setup_teardown(block_lies_right, start, end),
		cmocka_unit_test_setup_teardown(deeds_are_sentences, start, end),
		cmocka_unit_test_setup_teardown(long_deeds_are_cut, start, end),
		cmocka_unit_test_setup_teardown(controls_are_escaped, start, end),
		cmocka_unit_test_setup_teardown(details_have_names, start, end),
		cmocka_unit_test_setup_teardown(plan_is_printed, start, end),
		cmocka_unit_test_setup_teardown(secrets_are_kept, start, end),
		cmocka_unit_test_setup_teardown(long_texts_are_wrapped, start, end),
		cmocka_unit_test_setup_teardown(json_is_json, start, end),
		cmocka_unit_test_setup_teardown(hints_fit, start, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
