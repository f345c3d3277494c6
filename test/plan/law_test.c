/* law_test.c: a hundred thousand random specs on random hosts: each is refused with a reason or gives a lawful plan.
 *
 * KIST_LAW_CASES and KIST_LAW_SEED override how many and from where; a failure prints the number that repeats it. */
#include "generate.h"
#include "plan/plan.h"
#include "plan/step_table.h"
#include "spec/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CASES = 100000 };

struct tally {
	uint64_t invalid, refused, planned, steps;
	bool seen[STEP_KIND_COUNT];
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
	for (uint32_t i = 0; i < block->step_count; i++)
		tally->seen[plan_step(block, i)->kind] = true;
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

/* Tries the cases from `first` on; the first bad one is printed. */
static bool try_cases(uint64_t first, uint64_t cases, struct tally *tally)
{
	for (uint64_t seed = first; seed < first + cases; seed++) {
		struct arena arena;
		if (arena_open(&arena) < 0)
			return false;
		const char *broken = one_case(&arena, seed, tally);
		if (broken) {
			printf("not ok 1 - every plan keeps the laws\n# KIST_LAW_SEED=%" PRIu64
			       " KIST_LAW_CASES=1: %s\n",
			       seed, broken);
			show(seed);
			return false;
		}
		arena_close(&arena);
	}
	printf("ok 1 - every plan keeps the laws\n");
	return true;
}

/* A generator whose specs are all refused, or never have a step, proves nothing about it. */
static bool is_wide(const struct tally *tally, uint64_t cases)
{
	bool wide = tally->planned * 4 > cases;
	for (unsigned kind = 0; kind < STEP_KIND_COUNT; kind++)
		if (!tally->seen[kind]) {
			printf("# no plan has %s\n", step_table[kind].name);
			wide = false;
		}
	printf("# %" PRIu64 " cases: %" PRIu64 " invalid, %" PRIu64 " refused, %" PRIu64 " planned with %" PRIu64
	       " steps\n",
	       cases, tally->invalid, tally->refused, tally->planned, tally->steps);
	return wide;
}

int main(void)
{
	uint64_t cases = number_from("KIST_LAW_CASES", CASES), first = number_from("KIST_LAW_SEED", 1);
	struct tally tally = { 0 };
	printf("1..2\n");
	if (!try_cases(first, cases, &tally))
		return 1;
	bool enough = is_wide(&tally, cases) || cases < CASES;
	printf("%s 2 - at least every fourth case is a plan, and every kind of step occurs\n",
	       enough ? "ok" : "not ok");
	return !enough;
}
