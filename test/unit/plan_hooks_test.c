/* plan_hooks_test.c: where the plan puts hooks, what they are told, and what is written down for later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "json/json.h"
#include "plan_fixture.h"

#define ALL_SIX                                                                                                        \
	",'annotations':{'k':'a \\\"b\\\"','n':''},'hooks':{'poststop':[{'path':'/f','timeout':7}],"                   \
	"'prestart':[{'path':'/a','args':['a','b c'],'env':['X=1']},{'path':'/a2'}],'createRuntime':[{'path':'/b'}],"  \
	"'createContainer':[{'path':'/c','timeout':99999999999}],'startContainer':[{'path':'/d'}],"                    \
	"'poststart':[{'path':'/e'}]}"

static void all_at_their_places(void **state)
{
	(void)state;
	struct config config = { .document = ALL_SIX };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	assert_string_equal(
		story(block, STEP_keep_hooks, STEP_pivot),
		"keep_hooks run_hook run_hook_inside pivot"); /* the list says what is done, not how often */
	assert_int_equal(count_of(block, STEP_run_hook), 3);
	assert_string_equal(story(block, STEP_set_caps, STEP_exec), "set_caps hide_process run_hook_at_start exec");
	const struct step_run_hook *first = &step_of(block, STEP_run_hook, 0)->run_hook;
	assert_string_equal(list_of(block, first->args), "a|b c");
	assert_string_equal(list_of(block, first->env), "X=1");
	assert_int_equal(first->timeout, 0);
	assert_int_equal(step_of(block, STEP_run_hook, 1)->run_hook.index, 1);
	assert_string_equal(text_of(block, step_of(block, STEP_run_hook, 2)->run_hook.type), "createRuntime");
	assert_int_equal(step_of(block, STEP_run_hook_inside, 0)->run_hook_inside.timeout, UINT32_MAX);
}

static const char *member(const struct json_value *object, const char *key)
{
	const struct json_value *value = json_member(object, key);
	assert_non_null(value);
	return value->string;
}

static void what_they_are_told(void **state)
{
	(void)state;
	struct json_error error;
	struct config config = { .document = ALL_SIX };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	const struct step_run_hook *hook = &step_of(block, STEP_run_hook, 0)->run_hook;
	const char *text = arena_printf(&arena, "%s%d%s", text_of(block, hook->state), 42, text_of(block, hook->rest));
	const struct json_value *told = json_parse(&arena, text, strlen(text), &error, NULL);
	assert_non_null(told);
	assert_int_equal(told->count, 6);
	assert_string_equal(member(told, "id"), "c1");
	assert_string_equal(member(told, "status"), "creating");
	assert_int_equal(json_member(told, "pid")->magnitude, 42);
	assert_string_equal(member(json_member(told, "annotations"), "k"), "a \"b\"");
	assert_non_null(strstr(text_of(block, step_of(block, STEP_run_hook_at_start, 0)->run_hook_at_start.state),
	                       "\"status\":\"created\""));
	/* Without annotations there is no such member. */
	config.document = ",'hooks':{'prestart':[{'path':'/a'}]}";
	block = plan_of(spec_with(config), root_host());
	assert_null(strstr(text_of(block, step_of(block, STEP_run_hook, 0)->run_hook.rest), "annotations"));
}

static void what_is_kept(void **state)
{
	(void)state;
	struct json_error error;
	struct config config = { .document = ALL_SIX };
	const struct plan_block *block = plan_of(spec_with(config), root_host());
	const struct step_keep_hooks *step = &step_of(block, STEP_keep_hooks, 0)->keep_hooks;
	assert_string_equal(list_of(block, step->hooks), "poststart:/e|poststop:/f");
	const struct json_value *kept =
		json_parse(&arena, plan_bytes(block, step->text), step->text.count, &error, NULL);
	assert_non_null(kept);
	const struct json_value *poststop = json_member(kept, "poststop");
	assert_string_equal(member(&json_member(poststop, "hooks")->items[0], "path"), "/f");
	assert_int_equal(json_member(&json_member(poststop, "hooks")->items[0], "timeout")->magnitude, 7);
	assert_non_null(strstr(member(poststop, "state"), "\"stopped\""));
	assert_null(strstr(member(poststop, "state"), "pid")); /* there is none by then */
	assert_non_null(strstr(member(json_member(kept, "poststart"), "state"), "\"pid\":"));
	/* Those of the start alone leave nothing for later, and those of the end alone change nothing before. */
	config.document = ",'hooks':{'prestart':[{'path':'/a'}],'startContainer':[{'path':'/a'}]}";
	assert_int_equal(count_of(plan_of(spec_with(config), root_host()), STEP_keep_hooks), 0);
	config.document = ",'hooks':{'poststart':[{'path':'/a'}]}";
	block = plan_of(spec_with(config), root_host());
	assert_int_equal(count_of(block, STEP_keep_hooks), 1);
	assert_string_equal(story(block, STEP_save_process, STEP_keep_hooks), "save_process keep_hooks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_at_their_places, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(what_they_are_told, fixture_open, fixture_close),
		cmocka_unit_test_setup_teardown(what_is_kept, fixture_open, fixture_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
