/* law_mutation_test.c: every law catches a plan that was broken by hand; a law that cannot fail is none.
 *
 * A few real plans keep all laws. Each mutation changes one of them, and the law it is aimed at must then speak. Laws
 * are asked one by one, so that none hides behind another; plan_law() as a whole must refuse the mutant too. */
#include "law_mutations.h"

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

/* --- the tests -------------------------------------------------------------------------------------------- */

static const struct law *law_named(const char *start, bool *of_block)
{
	for (size_t i = 0; i < LAW_LISTS; i++)
		for (size_t k = 0; k < law_lists[i]->count; k++)
			if (strncmp(law_lists[i]->laws[k].name, start, strlen(start)) == 0) {
				*of_block = law_lists[i] == &laws_block;
				return &law_lists[i]->laws[k];
			}
	fail_msg("no law \"%s\"", start);
	return NULL;
}

static const char *ask(const char *name, const struct plan_block *block)
{
	bool of_block;
	const struct law *law = law_named(name, &of_block);
	struct law_view plain = { .arena = &arena, .block = block };
	return law->check(of_block ? &plain : law_look(&arena, block));
}

static void bases_are_lawful(void **state)
{
	(void)state;
	for (enum base base = 0; base < BASES; base++) {
		const char *broken = plan_law(&arena, plan_of(base));
		if (broken)
			fail_msg("plan %d: %s", base, broken);
		/* A draft that nothing changed is the same plan. */
		broken = plan_law(&arena, plan_link(&draft_of(plan_of(base))->builder));
		if (broken)
			fail_msg("plan %d, linked again: %s", base, broken);
	}
}

static void lists_are_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mutations); i++) {
		struct draft *draft = draft_of(plan_of(mutations[i].base));
		mutations[i].mutate(&draft->builder);
		const struct plan_block *block = plan_link(&draft->builder);
		if (!ask(mutations[i].law, block))
			fail_msg("mutation %zu: \"%s\" does not see it", i, mutations[i].law);
		assert_non_null(plan_law(&arena, block));
	}
}

static void blocks_are_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(block_mutations); i++) {
		struct plan_block *block = plan_of(BASE_FULL);
		block_mutations[i].mutate(block);
		if (!ask(block_mutations[i].law, block))
			fail_msg("mutation %zu: \"%s\" does not see it", i, block_mutations[i].law);
		assert_non_null(plan_law(&arena, block));
	}
}

static bool has_kinds(const struct plan_block *block, const struct law_order *order)
{
	const struct law_view *view = law_look(&arena, block);
	return view->count[order->first] && view->count[order->then];
}

/* Each row of the table of orders: the first is moved behind the other, and the row is named. */
static void orders_are_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < law_order_count; i++) {
		const struct law_order *order = &law_orders[i];
		enum base base = 0;
		while (base < BASES && !has_kinds(plan_of(base), order))
			base++;
		if (base == BASES)
			fail_msg("no plan has %s and %s", step_table[order->first].name, step_table[order->then].name);
		struct draft *draft = draft_of(plan_of(base));
		move(&draft->builder, find(&draft->builder, order->first), find_last(&draft->builder, order->then));
		const struct plan_block *block = plan_link(&draft->builder);
		const struct law_view *view = law_look(&arena, block);
		assert_true(view->last[order->first] > view->first[order->then]);
		assert_non_null(laws_order.laws[0].check(view));
		assert_non_null(plan_law(&arena, block));
	}
}

static bool is_aimed_at(const char *law)
{
	for (size_t i = 0; i < COUNT(mutations); i++)
		if (strncmp(law, mutations[i].law, strlen(mutations[i].law)) == 0)
			return true;
	for (size_t i = 0; i < COUNT(block_mutations); i++)
		if (strncmp(law, block_mutations[i].law, strlen(block_mutations[i].law)) == 0)
			return true;
	return false;
}

static void every_law_is_tried(void **state)
{
	(void)state;
	for (size_t i = 0; i < LAW_LISTS; i++)
		for (size_t k = 0; k < law_lists[i]->count; k++) {
			const struct law *law = &law_lists[i]->laws[k];
			assert_true(strlen(law->reason) > 0);
			if (!is_aimed_at(law->name))
				fail_msg("nothing tries the law \"%s\"", law->name);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bases_are_lawful, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(lists_are_caught, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(blocks_are_caught, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(orders_are_caught, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(every_law_is_tried, open_arena, close_arena),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
