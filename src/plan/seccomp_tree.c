/* seccomp_tree.c: classic BPF, written from its end: a tree over ranges of numbers, tests of arguments, returns. */
#include "plan/seccomp_part.h"

/* linux/bpf_common.h: class | size | mode, class | operation | source. */

/* A conditional jump skips at most 255 instructions. Less is used, because what makes one of its two targets near
 * may push the other away. */
enum { REACH = 250 };

struct seccomp_code seccomp_code_new(const struct seccomp_leaves *leaves)
{
	struct seccomp_code code = { .first = SECCOMP_INSTRUCTION_LIMIT, .leaves = leaves };

	code.items = ARENA_ARRAY(leaves->arena, SECCOMP_INSTRUCTION_LIMIT, struct seccomp_instruction);
	code.placed = ARENA_ARRAY(leaves->arena, leaves->count, size_t);
	for (size_t i = 0; i < leaves->count; i++)
		code.placed[i] = SECCOMP_INSTRUCTION_LIMIT;
	return code;
}

static size_t put(struct seccomp_code *code, struct seccomp_instruction instruction)
{
	if (code->first == 0) {
		code->full = true;
		return 0;
	}
	code->items[--code->first] = instruction;
	return code->first;
}

size_t seccomp_code_load(struct seccomp_code *code, uint32_t offset)
{
	return put(code, (struct seccomp_instruction){ .code = BPF_LOAD, .k = offset });
}

/* The target, or an unconditional jump to it (whose distance is a 32-bit number) that can be reached from the next
 * instruction. */
static size_t near(struct seccomp_code *code, size_t target)
{
	if (target - code->first <= REACH)
		return target;
	return put(code, (struct seccomp_instruction){ .code = BPF_GOTO, .k = target - code->first });
}

static size_t branch(struct seccomp_code *code, struct seccomp_instruction test, size_t yes, size_t no)
{
	yes = near(code, yes);
	no = near(code, no);
	test.jump_true = yes - code->first;
	test.jump_false = no - code->first;
	return put(code, test);
}

size_t seccomp_code_equal(struct seccomp_code *code, uint32_t k, size_t yes, size_t no)
{
	return branch(code, (struct seccomp_instruction){ .code = BPF_EQUAL, .k = k }, yes, no);
}

/* --- arguments --------------------------------------------------------------------------------- */

/* Arguments stand in memory as the machine keeps them; all of ours put the low half first. */
static uint32_t low_half(const struct spec_seccomp_arg *arg)
{
	return SECCOMP_AT_ARGS + 8 * arg->index;
}

static uint32_t high_half(const struct spec_seccomp_arg *arg)
{
	return low_half(arg) + 4;
}

struct half {
	uint32_t offset, mask, value;
};

/* Bits of the value outside the mask are no condition, as libseccomp has it; a mask of none is no test. */
static size_t half_test(struct seccomp_code *code, const struct half *half, size_t yes, size_t no)
{
	if (half->mask == 0)
		return yes;
	seccomp_code_equal(code, half->value & half->mask, yes, no);
	if (half->mask != UINT32_MAX)
		put(code, (struct seccomp_instruction){ .code = BPF_AND, .k = half->mask });
	return seccomp_code_load(code, half->offset);
}

static size_t masked_test(struct seccomp_code *code, const struct spec_seccomp_arg *arg, bool wide, size_t yes,
                          size_t no)
{
	struct half low = { low_half(arg), arg->value, arg->value_two };
	struct half high = { high_half(arg), arg->value >> 32, arg->value_two >> 32 };

	yes = half_test(code, &low, yes, no);
	return wide ? half_test(code, &high, yes, no) : yes;
}

static size_t equal_test(struct seccomp_code *code, const struct spec_seccomp_arg *arg, bool wide, size_t yes,
                         size_t no)
{
	seccomp_code_equal(code, arg->value, yes, no);
	size_t low = seccomp_code_load(code, low_half(arg));

	if (!wide)
		return low;
	seccomp_code_equal(code, arg->value >> 32, low, no);
	return seccomp_code_load(code, high_half(arg));
}

/* Greater, or at least; their opposites come with the targets exchanged. */
static size_t order_test(struct seccomp_code *code, const struct spec_seccomp_arg *arg, bool wide, size_t yes,
                         size_t no)
{
	uint16_t last = arg->op == SECCOMP_GE || arg->op == SECCOMP_LT ? BPF_AT_LEAST : BPF_GREATER;

	branch(code, (struct seccomp_instruction){ .code = last, .k = arg->value }, yes, no);
	size_t low = seccomp_code_load(code, low_half(arg));

	if (!wide)
		return low;
	size_t same = seccomp_code_equal(code, arg->value >> 32, low, no);

	branch(code, (struct seccomp_instruction){ .code = BPF_GREATER, .k = arg->value >> 32 }, yes, same);
	return seccomp_code_load(code, high_half(arg));
}

static size_t arg_test(struct seccomp_code *code, const struct spec_seccomp_arg *arg, bool wide, size_t yes, size_t no)
{
	switch (arg->op) {
	case SECCOMP_EQ:
		return equal_test(code, arg, wide, yes, no);
	case SECCOMP_NE:
		return equal_test(code, arg, wide, no, yes);
	case SECCOMP_GT:
	case SECCOMP_GE:
		return order_test(code, arg, wide, yes, no);
	case SECCOMP_LE:
	case SECCOMP_LT:
		return order_test(code, arg, wide, no, yes);
	case SECCOMP_MASKED_EQ:
		return masked_test(code, arg, wide, yes, no);
	}
	return no;
}

/* --- leaves ------------------------------------------------------------------------------------ */

static size_t clauses_test(struct seccomp_code *code, const struct seccomp_clause *clause,
                           const struct seccomp_leaf *leaf)
{
	if (!clause)
		return seccomp_code_leaf(code, leaf->otherwise);
	size_t no = clauses_test(code, clause->next, leaf);
	size_t yes = seccomp_code_leaf(code, clause->leaf);

	for (size_t i = clause->arg_count; i-- > 0;)
		yes = arg_test(code, &clause->args[i], leaf->wide, yes, no);
	return yes;
}

/* A return is copied where the last one is out of reach: that costs what a jump to it would. */
size_t seccomp_code_leaf(struct seccomp_code *code, uint32_t index)
{
	const struct seccomp_leaf *leaf = &code->leaves->items[index];
	size_t placed = code->placed[index];

	if (placed < SECCOMP_INSTRUCTION_LIMIT && placed - code->first <= REACH)
		return placed;
	if (!leaf->clauses)
		placed = put(code, (struct seccomp_instruction){ .code = BPF_RETURN, .k = leaf->action });
	else if (placed == SECCOMP_INSTRUCTION_LIMIT)
		placed = clauses_test(code, leaf->clauses, leaf);
	else
		placed = near(code, placed);
	code->placed[index] = placed;
	return placed;
}

/* --- the tree ---------------------------------------------------------------------------------- */

/* One number that differs from both its neighbours, which are alike. */
static bool is_island(const struct seccomp_range *ranges, size_t count)
{
	return count == 3 && ranges[0].leaf == ranges[2].leaf && ranges[2].first - ranges[1].first == 1;
}

size_t seccomp_code_tree(struct seccomp_code *code, const struct seccomp_range *ranges, size_t count)
{
	if (count == 1)
		return seccomp_code_leaf(code, ranges[0].leaf);
	if (is_island(ranges, count)) {
		size_t island = seccomp_code_leaf(code, ranges[1].leaf);
		size_t around = seccomp_code_leaf(code, ranges[0].leaf);

		return seccomp_code_equal(code, ranges[1].first, island, around);
	}
	/* Halves with an odd number of ranges are more often made of islands. */
	size_t middle = count / 2 - (count > 3 && count / 2 % 2 == 0);
	size_t above = seccomp_code_tree(code, ranges + middle, count - middle);
	size_t below = seccomp_code_tree(code, ranges, middle);

	return branch(code, (struct seccomp_instruction){ .code = BPF_AT_LEAST, .k = ranges[middle].first }, above,
	              below);
}
