/* law_test.c: a hundred thousand random specs on random hosts: each is refused with a reason or gives a lawful plan.
 *
 * KIST_LAW_CASES and KIST_LAW_SEED override how many and from where; a failure prints the number that repeats it. */
#include "generate.h"
#include "plan/plan.h"
#include "spec/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CASES = 100000 };

struct tally {
	uint64_t invalid, refused, planned, steps;
};

/* The faults all say something. */
static bool reasons_given(const struct spec_faults *faults)
{
	for (size_t i = 0; i < faults->count; i++)
		if (!faults->items[i].text || !*faults->items[i].text)
			return false;
	return faults->count > 0;
}

/* NULL when all is well. */
static const char *one_case(struct arena *arena, uint64_t seed, struct tally *tally)
{
	struct chance chance = { .state = seed, .arena = arena };
	struct facts *facts = generate_facts(&chance);
	struct spec *spec = generate_spec(&chance, facts);
	struct plan_request request = generate_request(&chance, facts);
	struct spec_faults faults = { .arena = arena };
	spec_check(arena, spec, &faults);
	if (faults.count) {
		tally->invalid++;
		return NULL;
	}
	const struct plan_block *block = plan_make(arena, spec, facts, &request, &faults);
	if (!block) {
		tally->refused++;
		return reasons_given(&faults) ? NULL : "no plan, and no reason";
	}
	tally->planned++;
	tally->steps += block->step_count;
	return faults.count ? "a plan, and reasons against it" : plan_law(arena, block);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* What a failed case looked like. */
static void show(uint64_t seed)
{
	struct arena arena;
	arena_open(&arena);
	struct chance chance = { .state = seed, .arena = &arena };
	struct facts *facts = generate_facts(&chance);
	struct spec *spec = generate_spec(&chance, facts);
	struct plan_request request = generate_request(&chance, facts);
	struct spec_faults faults = { .arena = &arena };
	const struct plan_block *block = plan_make(&arena, spec, facts, &request, &faults);
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	if (block)
		plan_print(&text, block, (struct plan_style){ .show_env = true });
	fprintf(stderr, "%s", text.bytes);
	arena_close(&arena);
}

int main(void)
{
	uint64_t cases = number_from("KIST_LAW_CASES", CASES), first = number_from("KIST_LAW_SEED", 1);
	struct tally tally = { 0 };
	printf("1..2\n");
	for (uint64_t i = 0; i < cases; i++) {
		struct arena arena;
		if (arena_open(&arena) < 0)
			return 1;
		const char *broken = one_case(&arena, first + i, &tally);
		if (broken) {
			printf("not ok 1 - every plan keeps the laws\n# KIST_LAW_SEED=%" PRIu64
			       " KIST_LAW_CASES=1: %s\n",
			       first + i, broken);
			show(first + i);
			return 1;
		}
		arena_close(&arena);
	}
	printf("ok 1 - every plan keeps the laws\n");
	printf("# %" PRIu64 " cases: %" PRIu64 " invalid, %" PRIu64 " refused, %" PRIu64 " planned with %" PRIu64
	       " steps\n",
	       cases, tally.invalid, tally.refused, tally.planned, tally.steps);
	/* A generator whose specs are all refused proves nothing. */
	bool enough = cases < 1000 || tally.planned * 4 > cases;
	printf("%s 2 - at least every fourth case is a plan\n", enough ? "ok" : "not ok");
	return !enough;
}
