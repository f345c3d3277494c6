/* plan_update_test.c: new limits for a container that runs: what is written where, and what stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/update.h"
#include "plan_fixture.h"
#include "spec/update.h"

static struct spec_faults faults;

/* "DIRECTORY/FILE=VALUE ..." for flags "name=value name=value"; NULL when it is refused. */
static const char *update(const struct facts *facts, const char *now, const char *flags)
{
	static const char *const paths[] = { "/sys/fs/cgroup/kist/c1", "/sys/fs/cgroup/pids/kist/c1",
		                             "/sys/fs/cgroup/cpu,cpuacct/kist/c1" };
	struct given_word items[8];
	struct given_words words = { .items = items };
	char *rest = arena_string(&arena, flags);
	for (char *flag = strsep(&rest, " "); flag; flag = strsep(&rest, " ")) {
		const char *name = strsep(&flag, "=");
		items[words.count++] = (struct given_word){ name, flag };
	}
	faults = (struct spec_faults){ .arena = &arena };
	const struct spec *spec = spec_update_flags(&arena, &words, &faults);
	const struct plan_update known = { .paths = paths, .path_count = COUNT(paths), .cpu_max_now = now };
	const struct plan_block *block = faults.count ? NULL : plan_update(&arena, spec, facts, &known, &faults);
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (uint32_t i = 0; block && i < block->step_count; i++) {
		const struct step_write_cgroup *step = &plan_step(block, i)->write_cgroup;
		assert_int_equal(plan_step(block, i)->kind, STEP_write_cgroup);
		buf_printf(&text, "%s%s/%s=%s", text.length ? " " : "", plan_string(block, step->path),
		           plan_string(block, step->file), plan_string(block, step->value));
	}
	return block ? text.bytes : NULL;
}

static const struct facts *pure(void)
{
	struct facts *facts = root_host();
	cgroup_pure(facts, true);
	facts->cgroup.hierarchies[0].mount = "/sys/fs/cgroup";
	return facts;
}

static void goes_to_the_hierarchy_with_the_controller(void **state)
{
	(void)state;
	struct facts *hybrid = root_host();
	cgroup_hybrid(hybrid, true);
	assert_string_equal(update(hybrid, NULL, "cpu-quota=50000 pids-limit=7"),
	                    "/sys/fs/cgroup/cpu,cpuacct/kist/c1/cpu.cfs_quota_us=50000 "
	                    "/sys/fs/cgroup/pids/kist/c1/pids.max=7");
	assert_string_equal(update(pure(), NULL, "pids-limit=-1"), "/sys/fs/cgroup/kist/c1/pids.max=max");
	/* Of memory the container has no cgroup there. */
	assert_null(update(hybrid, NULL, "memory=64M"));
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].pointer, "/linux/resources/memory/limit");
}

/* cpu.max holds quota and period. */
static void the_other_half_of_cpu_max_stays(void **state)
{
	(void)state;
	static const struct {
		const char *now, *flags, *value;
	} cases[] = {
		{ "50000 200000", "cpu-quota=70000", "70000 200000" },
		{ "50000 200000", "cpu-period=100000", "50000 100000" },
		{ "max 200000", "cpu-period=100000", "max 100000" },
		{ "50000 200000", "cpu-quota=-1", "max 200000" },
		{ "50000 200000", "cpu-quota=80000 cpu-period=90000", "80000 90000" },
		{ NULL, "cpu-quota=70000", "70000 100000" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *wanted = arena_printf(&arena, "/sys/fs/cgroup/kist/c1/cpu.max=%s", cases[i].value);
		assert_string_equal(update(pure(), cases[i].now, cases[i].flags), wanted);
	}
}

static void wrong_words_are_refused_by_the_flag(void **state)
{
	(void)state;
	static const char *const flags[] = { "memory=5Q", "cpu-period=-1", "pids-limit=", "cpu-quota=7x",
		                             "memory-swap=64M" };
	for (size_t i = 0; i < COUNT(flags); i++) {
		assert_null(update(pure(), NULL, flags[i]));
		assert_int_equal(faults.count, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_to_the_hierarchy_with_the_controller),
		cmocka_unit_test(the_other_half_of_cpu_max_stays),
		cmocka_unit_test(wrong_words_are_refused_by_the_flag),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
