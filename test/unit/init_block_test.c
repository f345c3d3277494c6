/* init_block_test.c: a plan with one wrong number in it is refused, whichever number it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "init/block.h"
#include "plan/wire.h"

#include <stdlib.h>
#include <string.h>

/* A plan of three steps, laid out as plan_link() does it. */
struct sample {
	struct plan_block header;
	_Alignas(8) struct step steps[3];
	_Alignas(8) struct plan_crossing crossing;
	plan_slot crossed[1];
	_Alignas(8) char texts[16]; /* "/proc", "a", "b" and four bytes, the last of them a NUL */
};

enum { TEXT_PATH = 0, TEXT_LIST = 6, TEXT_BYTES = 12 };

static uint32_t text_at(size_t place)
{
	return (uint32_t)(offsetof(struct sample, texts) + place);
}

static struct sample sample(void)
{
	struct sample plan = {
		.header = { .magic = PLAN_MAGIC,
		            .size = sizeof(struct sample),
		            .step_start = offsetof(struct sample, steps),
		            .step_count = 3,
		            .crossing_start = offsetof(struct sample, crossing),
		            .crossing_count = 1,
		            .slot_count = 2,
		            .id = text_at(TEXT_PATH) },
		.steps = { { .kind = STEP_mask, .actor = ACTOR_INIT, .pointer = text_at(TEXT_PATH) },
		           { .kind = STEP_inspect_program, .actor = ACTOR_INIT },
		           { .kind = STEP_seccomp, .actor = ACTOR_INIT } },
		.crossing = { .step = 1, .how = 'm', .slots = { offsetof(struct sample, crossed), 1 } },
		.crossed = { 2 },
		.texts = "/proc\0a\0b\0\0\0xyz",
	};

	plan.steps[0].mask = (struct step_mask){ .root = 1, .path = text_at(TEXT_PATH) };
	plan.steps[1].inspect_program =
		(struct step_inspect_program){ .root = 1, .program = 2, .args = { text_at(TEXT_LIST), 2 } };
	plan.steps[2].seccomp.program = (struct plan_span){ text_at(TEXT_BYTES), 4 };
	return plan;
}

static int check(const struct sample *plan)
{
	return block_check(&plan->header, sizeof(*plan));
}

static void accepts_a_plan(void **state)
{
	struct sample plan = sample();

	(void)state;
	assert_int_equal(check(&plan), 0);
}

#define REFUSES(change)                                                                                                \
	do {                                                                                                           \
		struct sample plan = sample();                                                                         \
		change;                                                                                                \
		if (check(&plan) == 0)                                                                                 \
			fail_msg("accepted with %s", #change);                                                         \
	} while (0)

static void refuses_lies(void **state)
{
	(void)state;
	REFUSES(plan.header.magic++);
	REFUSES(plan.header.size++);
	REFUSES(plan.header.size--);
	REFUSES(plan.header.step_start = 0);
	REFUSES(plan.header.step_start += 4);
	REFUSES(plan.header.step_start = UINT32_MAX - 7);
	REFUSES(plan.header.step_count = 100);
	REFUSES(plan.header.step_count = UINT32_MAX);
	REFUSES(plan.header.crossing_start = sizeof(struct sample) + 8);
	REFUSES(plan.header.crossing_count = UINT32_MAX);
	REFUSES(plan.header.slot_count = PLAN_SLOTS + 1);
	REFUSES(plan.header.slot_count = 1);
	REFUSES(plan.header.id = sizeof(struct sample));
	REFUSES(plan.steps[0].kind = STEP_KIND_COUNT);
	REFUSES(plan.steps[0].kind = UINT8_MAX);
	REFUSES(plan.steps[0].actor = 2);
	REFUSES(plan.steps[0].pointer = UINT32_MAX);
	REFUSES(plan.steps[0].mask.root = 3);
	REFUSES(plan.steps[0].mask.path = sizeof(struct sample));
	REFUSES(plan.steps[1].inspect_program.args.count = 50);
	REFUSES(plan.steps[1].inspect_program.args.count = UINT32_MAX);
	REFUSES(plan.steps[1].inspect_program.args.start = UINT32_MAX);
	REFUSES(plan.steps[2].seccomp.program.count = 5);
	REFUSES(plan.steps[2].seccomp.program.start = UINT32_MAX);
	REFUSES(plan.crossing.step = 3);
	REFUSES(plan.crossing.slots.count = WIRE_SLOTS + 1);
	REFUSES((plan.crossing.how = 'e', plan.crossing.slots.count = UINT32_MAX));
	REFUSES(plan.crossing.slots.start++);
	REFUSES(plan.crossing.slots.start = sizeof(struct sample));
	REFUSES(plan.crossing.slots.start = UINT32_MAX - 1);
	REFUSES(plan.crossed[0] = 0);
	REFUSES(plan.crossed[0] = 3);
	/* A string that runs to the last byte without an end. */
	REFUSES((plan.texts[15] = 'x', plan.steps[0].mask.path = text_at(15)));
}

/* Random damage, in memory of just the plan's size: a sanitizer sees every byte read too many. */
static void survives_damage(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		struct sample *plan = malloc(sizeof(*plan));
		*plan = sample();
		for (int wounds = 0; wounds < 3; wounds++) {
			size_t at = (size_t)random() % sizeof(*plan);
			if (at >= offsetof(struct plan_block, size) + sizeof(uint32_t))
				((unsigned char *)plan)[at] = (unsigned char)random();
		}
		check(plan);
		free(plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_a_plan),
		cmocka_unit_test(refuses_lies),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
