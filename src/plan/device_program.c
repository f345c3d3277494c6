/* device_program.c: the device rules of a cgroup as one small BPF program. */
#include "plan/device_program.h"

#include <stdbool.h>
#include <string.h>

/* linux/bpf_common.h and linux/bpf.h: class | size | mode, class | operation | source. Compares and arithmetic are
 * those of 32 bits: in 64-bit ones an immediate with its top bit set is sign-extended. */
enum bpf_code {
	BPF_LOAD_WORD = 0x61,
	BPF_LOAD_HALF = 0x69,
	BPF_SET = 0xb4,
	BPF_AND_WITH = 0x54,
	BPF_SHIFT_LEFT = 0x64,
	BPF_OR_REGISTER = 0x4c,
	BPF_GOTO = 0x05,
	BPF_IF_EQUAL = 0x16,
	BPF_IF_NOT_EQUAL = 0x56,
	BPF_IF_ANY_BIT = 0x46,
	BPF_EXIT = 0x95,
};

/* struct bpf_cgroup_dev_ctx (linux/bpf.h): access_type holds the type in its low half, the access in its high one. */
enum { AT_TYPE = 0, AT_ACCESS = 2, AT_MAJOR = 4, AT_MINOR = 8 };
enum { TYPE_BLOCK = 1, TYPE_CHAR = 2, TYPE_BOTH = 3 };
enum { KERNEL_MKNOD = 1, KERNEL_READ = 2, KERNEL_WRITE = 4, KERNEL_ALL = 7 };
/* A device number inside the kernel has 12 bits of major and 20 of minor (linux/kdev_t.h). */
enum { MINOR_BITS = 20, MAJOR_MAX = 0xfff, MINOR_MAX = 0xfffff };

enum { RESULT = 0, CONTEXT = 1, TYPE = 2, ACCESS = 3, NUMBER = 4, MINOR = 5 }; /* registers */

/* How much of the device number a rule names. */
enum extent { EXTENT_MAJOR, EXTENT_MINOR, EXTENT_BOTH, EXTENT_ANY, EXTENT_COUNT };

/* A rule in the kernel's numbers. */
struct device_match {
	bool allow;
	unsigned types, access;
	enum extent extent;
	uint32_t number; /* what the extent is compared with */
};

struct device_matches {
	struct device_match *items;
	size_t count;
};

/* --- rules ------------------------------------------------------------------------------------- */

static unsigned rule_types(const struct spec_device_rule *rule)
{
	switch (rule->type) {
	case 'b':
		return TYPE_BLOCK;
	case 'c':
		return TYPE_CHAR;
	default:
		return TYPE_BOTH;
	}
}

static unsigned rule_access(const struct spec_device_rule *rule)
{
	return (rule->access & DEVICE_MKNOD ? KERNEL_MKNOD : 0) | (rule->access & DEVICE_READ ? KERNEL_READ : 0) |
	       (rule->access & DEVICE_WRITE ? KERNEL_WRITE : 0);
}

static bool is_within(const struct opt_int *number, int64_t most)
{
	return !number->set || (number->value >= 0 && number->value <= most);
}

/* False when the rule can never match: it is about nothing, or about a number no device can have. */
static bool match_from(const struct spec_device_rule *rule, struct device_match *match)
{
	static const enum extent extents[2][2] = { { EXTENT_ANY, EXTENT_MINOR }, { EXTENT_MAJOR, EXTENT_BOTH } };
	uint32_t major = rule->major.set ? rule->major.value : 0, minor = rule->minor.set ? rule->minor.value : 0;

	if (!rule_access(rule) || !is_within(&rule->major, MAJOR_MAX) || !is_within(&rule->minor, MINOR_MAX))
		return false;
	*match = (struct device_match){ .allow = rule->allow, .types = rule_types(rule), .access = rule_access(rule) };
	match->extent = extents[rule->major.set][rule->minor.set];
	match->number = match->extent == EXTENT_MAJOR ? major : major << MINOR_BITS | minor;
	return true;
}

static bool same_device(const struct device_match *a, const struct device_match *b)
{
	return a->extent == b->extent && a->number == b->number;
}

static bool is_everything(const struct device_match *match)
{
	return match->extent == EXTENT_ANY && match->types == TYPE_BOTH && match->access == KERNEL_ALL;
}

/* Adds a rule to a run of rules that all allow or all deny, whose order therefore says nothing: rules about the same
 * device, or with the same access on both types of it, become one, which is returned. */
static const struct device_match *run_add(struct device_matches *run, size_t start, const struct device_match *match)
{
	for (size_t i = start; i < run->count; i++) {
		struct device_match *other = &run->items[i];

		if (!same_device(other, match))
			continue;
		if (other->types == match->types) {
			other->access |= match->access;
			return other;
		}
		if (other->access == match->access) {
			other->types |= match->types;
			return other;
		}
	}
	run->items[run->count] = *match;
	return &run->items[run->count++];
}

/* The rules from the last to the first, in runs, up to one that decides about everything; *otherwise is what holds
 * where none of them matches. */
static struct device_matches read_rules(struct arena *arena, const struct spec_device_rule *rules, size_t count,
                                        bool *otherwise)
{
	struct device_matches matches = { .items = ARENA_ARRAY(arena, count + 1, struct device_match) };
	size_t start = 0;

	*otherwise = false;
	for (size_t i = count; i-- > 0;) {
		struct device_match match;

		if (!match_from(&rules[i], &match))
			continue;
		if (matches.count > start && matches.items[matches.count - 1].allow != match.allow)
			start = matches.count;
		if (!is_everything(run_add(&matches, start, &match)))
			continue;
		*otherwise = match.allow;
		break;
	}
	/* The earliest rules need not say again what holds anyway. */
	while (matches.count > 0 && matches.items[matches.count - 1].allow == *otherwise)
		matches.count--;
	return matches;
}

/* --- the program ------------------------------------------------------------------------------- */

/* Where a jump goes, until the end of the program is known. */
enum { TO_OTHERWISE = -1, TO_OPPOSITE = -2 };

struct device_code {
	struct bpf_instruction *items;
	size_t count;
	bool otherwise;
	bool full;
};

static struct bpf_instruction *put(struct device_code *code, enum bpf_code operation, unsigned registers,
                                   int32_t immediate)
{
	if (code->count == DEVICE_PROGRAM_LIMIT) {
		code->full = true;
		code->count--;
	}
	struct bpf_instruction *at = &code->items[code->count++];

	*at = (struct bpf_instruction){ .code = operation, .registers = registers, .immediate = immediate };
	return at;
}

static void put_load(struct device_code *code, enum bpf_code size, unsigned target, int16_t offset)
{
	put(code, size, target | CONTEXT << 4, 0)->offset = offset;
}

static int16_t exit_of(const struct device_code *code, bool allow)
{
	return allow == code->otherwise ? TO_OTHERWISE : TO_OPPOSITE;
}

/* What a rule does to a request for its device: allowing takes its accesses from those still asked for and ends when
 * none is left; denying ends when one of them is among these. */
static void put_verdict(struct device_code *code, const struct device_match *match)
{
	if (!match->allow) {
		put(code, BPF_IF_ANY_BIT, ACCESS, match->access)->offset = exit_of(code, false);
		return;
	}
	put(code, BPF_AND_WITH, ACCESS, KERNEL_ALL & ~match->access);
	put(code, BPF_IF_EQUAL, ACCESS, 0)->offset = exit_of(code, true);
}

static void put_match(struct device_code *code, const struct device_match *match)
{
	unsigned compared = match->extent == EXTENT_MINOR ? MINOR : NUMBER;

	if (match->extent == EXTENT_ANY) {
		if (match->access == KERNEL_ALL)
			put(code, BPF_GOTO, 0, 0)->offset = exit_of(code, match->allow);
		else
			put_verdict(code, match);
	} else if (match->access == KERNEL_ALL) {
		put(code, BPF_IF_EQUAL, compared, match->number)->offset = exit_of(code, match->allow);
	} else {
		put(code, BPF_IF_NOT_EQUAL, compared, match->number)->offset = match->allow ? 2 : 1;
		put_verdict(code, match);
	}
}

/* The registers that the rules of one extent compare: the major, the minor, then both packed into one. */
static void put_number(struct device_code *code, enum extent extent, bool *loaded)
{
	if (extent == EXTENT_MAJOR && !loaded[EXTENT_MAJOR])
		put_load(code, BPF_LOAD_WORD, NUMBER, AT_MAJOR);
	if (extent == EXTENT_MINOR)
		put_load(code, BPF_LOAD_WORD, MINOR, AT_MINOR);
	if (extent == EXTENT_BOTH) {
		if (!loaded[EXTENT_MAJOR])
			put_load(code, BPF_LOAD_WORD, NUMBER, AT_MAJOR);
		if (!loaded[EXTENT_MINOR])
			put_load(code, BPF_LOAD_WORD, MINOR, AT_MINOR);
		put(code, BPF_SHIFT_LEFT, NUMBER, MINOR_BITS);
		put(code, BPF_OR_REGISTER, NUMBER | MINOR << 4, 0);
	}
	loaded[extent] = true;
}

/* The rules of a run that are about `types`, behind one test of the type. */
static void put_group(struct device_code *code, const struct device_match *run, size_t count, unsigned types)
{
	bool loaded[EXTENT_COUNT] = { false };
	size_t guard = code->count;
	size_t first;

	if (types != TYPE_BOTH)
		put(code, BPF_IF_NOT_EQUAL, TYPE, types);
	first = code->count;
	for (enum extent extent = 0; extent < EXTENT_COUNT; extent++)
		for (size_t i = 0; i < count; i++) {
			if (run[i].types != types || run[i].extent != extent)
				continue;
			if (!loaded[extent])
				put_number(code, extent, loaded);
			put_match(code, &run[i]);
		}
	if (code->count == first)
		code->count = guard;
	else if (types != TYPE_BOTH)
		code->items[guard].offset = code->count - first;
}

static bool needs_type(const struct device_matches *matches)
{
	for (size_t i = 0; i < matches->count; i++)
		if (matches->items[i].types != TYPE_BOTH)
			return true;
	return false;
}

static bool needs_access(const struct device_matches *matches)
{
	for (size_t i = 0; i < matches->count; i++)
		if (matches->items[i].access != KERNEL_ALL)
			return true;
	return false;
}

/* Ends the program: jumps to the opposite of the default find it in the result register already. */
static void put_exits(struct device_code *code)
{
	size_t otherwise = code->count, opposite = code->count + 1;

	put(code, BPF_SET, RESULT, code->otherwise);
	put(code, BPF_EXIT, 0, 0);
	for (size_t i = 0; i < otherwise && !code->full; i++) {
		struct bpf_instruction *at = &code->items[i];

		if (at->offset == TO_OTHERWISE)
			at->offset = otherwise - i - 1;
		else if (at->offset == TO_OPPOSITE)
			at->offset = opposite - i - 1;
	}
}

size_t device_program_make(struct arena *arena, const struct spec_device_rule *rules, size_t count,
                           struct bpf_instruction **out)
{
	struct device_code code = { .items = ARENA_ARRAY(arena, DEVICE_PROGRAM_LIMIT, struct bpf_instruction) };
	struct device_matches matches = read_rules(arena, rules, count, &code.otherwise);

	if (matches.count)
		put(&code, BPF_SET, RESULT, !code.otherwise);
	if (needs_type(&matches))
		put_load(&code, BPF_LOAD_HALF, TYPE, AT_TYPE);
	if (needs_access(&matches))
		put_load(&code, BPF_LOAD_HALF, ACCESS, AT_ACCESS);
	for (size_t start = 0, end = 0; start < matches.count; start = end) {
		const struct device_match *run = &matches.items[start];

		end = start + 1;
		while (end < matches.count && matches.items[end].allow == run->allow)
			end++;
		put_group(&code, run, end - start, TYPE_CHAR);
		put_group(&code, run, end - start, TYPE_BLOCK);
		put_group(&code, run, end - start, TYPE_BOTH);
	}
	put_exits(&code);
	*out = code.items;
	return code.full ? 0 : code.count;
}

/* --- version 1 --------------------------------------------------------------------------------- */

static const char *number_text(struct arena *arena, const struct opt_int *number)
{
	return number->set ? arena_printf(arena, "%lld", (long long)number->value) : "*";
}

size_t device_rule_v1_text(struct arena *arena, const struct spec_device_rule *rule, const char *lines[2])
{
	struct device_match match;
	const char *types = rule->type == 'b' ? "b" : rule->type == 'c' ? "c" : "cb";
	size_t count = 0;

	if (!match_from(rule, &match))
		return 0;
	if (is_everything(&match))
		types = "a";
	for (; *types; types++)
		lines[count++] =
			arena_printf(arena, "%c %s:%s %s%s%s", *types, number_text(arena, &rule->major),
		                     number_text(arena, &rule->minor), rule->access & DEVICE_READ ? "r" : "",
		                     rule->access & DEVICE_WRITE ? "w" : "", rule->access & DEVICE_MKNOD ? "m" : "");
	return count;
}

static bool numbers_meet(const struct opt_int *a, const struct opt_int *b)
{
	return !a->set || !b->set || a->value == b->value;
}

static bool numbers_same(const struct opt_int *a, const struct opt_int *b)
{
	return a->set == b->set && (!a->set || a->value == b->value);
}

/* A later rule takes from an earlier one of the opposite kind, and version 1 does not see that it does. */
static bool is_gap(const struct spec_device_rule *earlier, const struct spec_device_rule *later)
{
	bool meet = (rule_types(earlier) & rule_types(later)) && (rule_access(earlier) & rule_access(later)) &&
	            numbers_meet(&earlier->major, &later->major) && numbers_meet(&earlier->minor, &later->minor);
	/* Both types are two lines each there: the same numbers are enough. */
	bool same = numbers_same(&earlier->major, &later->major) && numbers_same(&earlier->minor, &later->minor);

	return earlier->allow != later->allow && meet && !same;
}

size_t device_rules_v1_gap(const struct spec_device_rule *rules, size_t count)
{
	bool otherwise = false;
	size_t start = 0;

	for (size_t i = 0; i < count; i++) {
		struct device_match match;

		if (match_from(&rules[i], &match) && is_everything(&match)) {
			otherwise = rules[i].allow;
			start = i + 1;
			continue;
		}
		/* A rule against the default is kept as an exception; one with it takes exceptions back. */
		for (size_t k = start; k < i && rules[i].allow == otherwise; k++)
			if (is_gap(&rules[k], &rules[i]))
				return i;
	}
	return count;
}
