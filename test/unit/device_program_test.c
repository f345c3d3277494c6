/* device_program_test.c: the device program against a plain model of its rules, version 1's rules, and the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/device_program.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANY                                                                                                            \
	{                                                                                                              \
		0                                                                                                      \
	}
#define IS(number)                                                                                                     \
	{                                                                                                              \
		true, number                                                                                           \
	}

enum { RULES_MAX = 12 };

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

static uint32_t random_state = 20260102;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state % limit;
}

/* What a process asks for. */
struct request {
	char type;
	uint32_t major, minor;
	unsigned access; /* DEVICE_* */
};

/* --- an interpreter for the few instructions the program has ------------------------------------ */

static uint32_t context_load(const struct bpf_instruction *at, const struct bpf_cgroup_dev_ctx *context)
{
	const char *bytes = (const char *)context + at->offset;
	uint16_t half;
	uint32_t word;

	if (at->code == (BPF_LDX | BPF_MEM | BPF_H)) {
		memcpy(&half, bytes, sizeof(half));
		return half;
	}
	memcpy(&word, bytes, sizeof(word));
	return word;
}

static bool run(const struct bpf_instruction *program, size_t count, const struct request *request)
{
	unsigned access = (request->access & DEVICE_MKNOD ? BPF_DEVCG_ACC_MKNOD : 0) |
	                  (request->access & DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
	                  (request->access & DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0);
	struct bpf_cgroup_dev_ctx context = {
		.access_type = access << 16 | (request->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		.major = request->major,
		.minor = request->minor,
	};
	uint32_t registers[16] = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct bpf_instruction *at = &program[i];
		uint32_t *target = &registers[at->registers & 15], source = registers[at->registers >> 4];
		uint32_t immediate = at->immediate;

		switch (at->code) {
		case BPF_LDX | BPF_MEM | BPF_H:
		case BPF_LDX | BPF_MEM | BPF_W:
			*target = context_load(at, &context);
			break;
		case BPF_ALU | BPF_MOV | BPF_K:
			*target = immediate;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			*target &= immediate;
			break;
		case BPF_ALU | BPF_LSH | BPF_K:
			*target <<= immediate;
			break;
		case BPF_ALU | BPF_OR | BPF_X:
			*target |= source;
			break;
		case BPF_JMP | BPF_JA:
			i += at->offset;
			break;
		case BPF_JMP32 | BPF_JEQ | BPF_K:
			i += *target == immediate ? at->offset : 0;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			i += *target != immediate ? at->offset : 0;
			break;
		case BPF_JMP32 | BPF_JSET | BPF_K:
			i += *target & immediate ? at->offset : 0;
			break;
		case BPF_JMP | BPF_EXIT:
			assert_true(registers[0] <= 1);
			return registers[0];
		default:
			fail_msg("instruction %zu: code %#x", i, at->code);
		}
	}
	fail_msg("the program runs past its end");
	return false;
}

/* --- the model: every access is decided by the last rule about it -------------------------------- */

static bool is_about(const struct spec_device_rule *rule, const struct request *request)
{
	return (rule->type == 'a' || rule->type == request->type) &&
	       (!rule->major.set || rule->major.value == request->major) &&
	       (!rule->minor.set || rule->minor.value == request->minor);
}

static bool model(const struct spec_device_rule *rules, size_t count, const struct request *request)
{
	for (unsigned access = DEVICE_READ; access <= DEVICE_MKNOD; access <<= 1) {
		bool allowed = false;

		for (size_t i = 0; i < count; i++)
			if (is_about(&rules[i], request) && (rules[i].access & access))
				allowed = rules[i].allow;
		if ((request->access & access) && !allowed)
			return false;
	}
	return true;
}

/* --- version 1, as security/device_cgroup.c does it with the lines it is given ------------------- */

struct exception {
	char type, major[16], minor[16];
	unsigned access;
};
struct version_one {
	bool allows; /* by default; then the exceptions deny */
	struct exception exceptions[2 * RULES_MAX];
	size_t count;
};

static unsigned access_bits(const char *letters)
{
	return (strchr(letters, 'r') ? DEVICE_READ : 0) | (strchr(letters, 'w') ? DEVICE_WRITE : 0) |
	       (strchr(letters, 'm') ? DEVICE_MKNOD : 0);
}

static void version_one_write(struct version_one *state, bool allow, const char *line)
{
	struct exception wanted;
	char letters[8];
	size_t i;

	if (line[0] == 'a') {
		*state = (struct version_one){ .allows = allow };
		return;
	}
	assert_int_equal(
		sscanf(line, "%c %15[0-9*]:%15[0-9*] %7[rwm]", &wanted.type, wanted.major, wanted.minor, letters), 4);
	wanted.access = access_bits(letters);
	for (i = 0; i < state->count; i++) {
		struct exception *have = &state->exceptions[i];

		if (have->type == wanted.type && !strcmp(have->major, wanted.major) &&
		    !strcmp(have->minor, wanted.minor))
			break;
	}
	if (state->allows == allow && i < state->count)
		state->exceptions[i].access &= ~wanted.access;
	else if (state->allows != allow && i < state->count)
		state->exceptions[i].access |= wanted.access;
	else if (state->allows != allow)
		state->exceptions[state->count++] = wanted;
}

static bool number_is(const char *text, uint32_t number)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%u", number);
	return !strcmp(text, "*") || !strcmp(text, digits);
}

static bool version_one_allows(const struct version_one *state, const struct request *request)
{
	for (size_t i = 0; i < state->count; i++) {
		const struct exception *have = &state->exceptions[i];

		if (have->type != request->type || !number_is(have->major, request->major) ||
		    !number_is(have->minor, request->minor))
			continue;
		if (state->allows && (have->access & request->access))
			return false;
		if (!state->allows && !(request->access & ~have->access))
			return true;
	}
	return state->allows;
}

/* --- lists of rules ------------------------------------------------------------------------------ */

static const struct spec_device_rule everything_denied = { .type = 'a', .access = 7 };

/* What an engine's container may use: no device but these, though any may be made (a node is no access). */
static const struct spec_device_rule default_rules[] = {
	{ false, 'a', ANY, ANY, 7 },    { true, 'c', ANY, ANY, DEVICE_MKNOD }, { true, 'b', ANY, ANY, DEVICE_MKNOD },
	{ true, 'c', IS(1), IS(3), 7 }, { true, 'c', IS(1), IS(5), 7 },        { true, 'c', IS(1), IS(7), 7 },
	{ true, 'c', IS(1), IS(8), 7 }, { true, 'c', IS(1), IS(9), 7 },        { true, 'c', IS(5), IS(0), 7 },
	{ true, 'c', IS(5), IS(1), 7 }, { true, 'c', IS(5), IS(2), 7 },        { true, 'c', IS(136), ANY, 7 },
};

static struct opt_int random_number(void)
{
	static const int64_t numbers[] = { 0, 1, 3, 5, 136, 2047, 2048, 4095, 4096, 1048575, 1048576, -5 };

	return (struct opt_int){ .set = random_below(3), .value = numbers[random_below(COUNT(numbers))] };
}

static size_t random_rules(struct spec_device_rule *rules)
{
	size_t count = random_below(RULES_MAX);

	for (size_t i = 0; i < count; i++)
		rules[i] = (struct spec_device_rule){
			.allow = random_below(2),
			.type = "abc"[random_below(3)],
			.major = random_number(),
			.minor = random_number(),
			.access = random_below(3) ? 7 : random_below(8),
		};
	return count;
}

/* Mostly about a device that some rule names. */
static struct request random_request(const struct spec_device_rule *rules, size_t count)
{
	struct request request = { .type = "bc"[random_below(2)], .access = 1 + random_below(7) };
	struct opt_int major = random_number(), minor = random_number();

	if (count && random_below(4)) {
		const struct spec_device_rule *rule = &rules[random_below(count)];

		major = rule->major.set ? rule->major : major;
		minor = rule->minor.set ? rule->minor : minor;
	}
	request.major = (uint64_t)major.value & 0xfff;
	request.minor = (uint64_t)minor.value & 0xfffff;
	return request;
}

/* --- tests --------------------------------------------------------------------------------------- */

static void small_programs(void **state)
{
	const struct spec_device_rule all = { .allow = true, .type = 'a', .access = 7 };
	const struct spec_device_rule halves[] = { { true, 'c', ANY, ANY, 7 }, { true, 'b', ANY, ANY, 7 } };
	struct bpf_instruction *program;

	(void)state;
	assert_int_equal(device_program_make(&arena, NULL, 0, &program), 2);
	assert_false(run(program, 2, &(struct request){ 'c', 1, 3, DEVICE_READ }));
	assert_int_equal(device_program_make(&arena, &everything_denied, 1, &program), 2);
	assert_false(run(program, 2, &(struct request){ 'c', 1, 3, DEVICE_READ }));
	assert_int_equal(device_program_make(&arena, &all, 1, &program), 2);
	assert_true(run(program, 2, &(struct request){ 'c', 1, 3, DEVICE_READ }));
	assert_int_equal(device_program_make(&arena, halves, 2, &program), 2);
	assert_true(run(program, 2, &(struct request){ 'b', 8, 0, 7 }));
}

static void default_list_is_small(void **state)
{
	struct bpf_instruction *program;
	size_t count = device_program_make(&arena, default_rules, COUNT(default_rules), &program);

	(void)state;
	print_message("# the default list takes %zu instructions\n", count);
	assert_true(count <= 21);
	assert_true(run(program, count, &(struct request){ 'c', 1, 3, DEVICE_READ | DEVICE_WRITE }));
	assert_true(run(program, count, &(struct request){ 'c', 136, 77, DEVICE_READ | DEVICE_WRITE }));
	assert_true(run(program, count, &(struct request){ 'b', 8, 0, DEVICE_MKNOD }));
	assert_false(run(program, count, &(struct request){ 'b', 8, 0, DEVICE_READ }));
	assert_false(run(program, count, &(struct request){ 'b', 1, 3, DEVICE_READ }));
	assert_false(run(program, count, &(struct request){ 'c', 1, 4, DEVICE_READ | DEVICE_MKNOD }));
	/* access(2) with F_OK. */
	assert_true(run(program, count, &(struct request){ 'c', 1, 3, 0 }));
}

static void part_of_an_access_is_denied(void **state)
{
	const struct spec_device_rule rules[] = {
		{ true, 'c', IS(1), ANY, DEVICE_READ | DEVICE_WRITE },
		{ false, 'c', IS(1), IS(3), DEVICE_WRITE },
		{ true, 'c', ANY, IS(9), DEVICE_MKNOD },
	};
	struct bpf_instruction *program;
	size_t count = device_program_make(&arena, rules, COUNT(rules), &program);

	(void)state;
	assert_true(run(program, count, &(struct request){ 'c', 1, 3, DEVICE_READ }));
	assert_false(run(program, count, &(struct request){ 'c', 1, 3, DEVICE_WRITE }));
	assert_false(run(program, count, &(struct request){ 'c', 1, 3, DEVICE_READ | DEVICE_WRITE }));
	/* Two rules together allow what neither does alone. */
	assert_true(run(program, count, &(struct request){ 'c', 1, 9, DEVICE_READ | DEVICE_MKNOD }));
	assert_false(run(program, count, &(struct request){ 'c', 2, 9, DEVICE_READ | DEVICE_MKNOD }));
	/* Existing is allowed where anything is. */
	assert_true(run(program, count, &(struct request){ 'c', 2, 9, 0 }));
	assert_false(run(program, count, &(struct request){ 'c', 2, 3, 0 }));
}

static void random_rules_equal_the_model(void **state)
{
	size_t allowed = 0, longest = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct spec_device_rule rules[RULES_MAX];
		struct arena outer = arena;
		struct bpf_instruction *program;
		size_t count = random_rules(rules), length;

		assert_int_equal(arena_open(&arena), 0);
		length = device_program_make(&arena, rules, count, &program);
		assert_true(length > 0);
		longest = length > longest ? length : longest;
		for (int k = 0; k < 10; k++) {
			struct request request = random_request(rules, count);
			bool ours = run(program, length, &request);

			allowed += ours;
			assert_int_equal(ours, model(rules, count, &request));
		}
		arena_close(&arena);
		arena = outer;
	}
	print_message("# 200000 requests, %zu allowed; the longest program has %zu instructions\n", allowed, longest);
	assert_true(allowed > 40000 && allowed < 160000);
}

static void version_one_lines(void **state)
{
	const struct spec_device_rule null = { true, 'c', IS(1), IS(3), 7 };
	const struct spec_device_rule any_read = { true, 'a', ANY, IS(4), DEVICE_READ | DEVICE_MKNOD };
	const struct spec_device_rule nothing = { true, 'a', ANY, ANY, 0 };
	const char *lines[2];

	(void)state;
	assert_int_equal(device_rule_v1_text(&arena, &null, lines), 1);
	assert_string_equal(lines[0], "c 1:3 rwm");
	assert_int_equal(device_rule_v1_text(&arena, &everything_denied, lines), 1);
	assert_string_equal(lines[0], "a *:* rwm");
	assert_int_equal(device_rule_v1_text(&arena, &any_read, lines), 2);
	assert_string_equal(lines[0], "c *:4 rm");
	assert_string_equal(lines[1], "b *:4 rm");
	assert_int_equal(device_rule_v1_text(&arena, &nothing, lines), 0);
}

static struct version_one version_one_of(const struct spec_device_rule *rules, size_t count)
{
	struct version_one state = { .allows = true };

	version_one_write(&state, false, "a");
	for (size_t i = 0; i < count; i++) {
		const char *lines[2];
		size_t writes = device_rule_v1_text(&arena, &rules[i], lines);

		for (size_t k = 0; k < writes; k++)
			version_one_write(&state, rules[i].allow, lines[k]);
	}
	return state;
}

/* Where no gap is found version 1 allows each single access as the program does, and never more at once. */
static void version_one_agrees_without_gaps(void **state)
{
	size_t compared = 0, gaps = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct spec_device_rule rules[RULES_MAX];
		size_t count = random_rules(rules) % 6;
		struct arena outer = arena;

		if (device_rules_v1_gap(rules, count) < count) {
			gaps++;
			continue;
		}
		assert_int_equal(arena_open(&arena), 0);
		struct version_one one = version_one_of(rules, count);

		for (int k = 0; k < 10; k++) {
			struct request request = random_request(rules, count);

			if (version_one_allows(&one, &request))
				assert_true(model(rules, count, &request));
			request.access = 1u << random_below(3);
			assert_int_equal(version_one_allows(&one, &request), model(rules, count, &request));
			compared++;
		}
		arena_close(&arena);
		arena = outer;
	}
	print_message("# %zu requests compared; %zu lists have a gap\n", compared, gaps);
	assert_true(compared > 50000 && gaps > 1000);
}

static void gaps_are_found(void **state)
{
	const struct spec_device_rule rules[] = {
		{ false, 'a', ANY, ANY, 7 },
		{ true, 'c', IS(1), ANY, 7 },
		{ false, 'c', IS(1), ANY, DEVICE_WRITE },
		{ false, 'c', IS(1), IS(3), 7 },
	};

	(void)state;
	assert_int_equal(device_rules_v1_gap(rules, 3), 3);
	assert_int_equal(device_rules_v1_gap(rules, 4), 3);
	assert_int_equal(device_rules_v1_gap(default_rules, COUNT(default_rules)), COUNT(default_rules));
}

static void too_many_rules(void **state)
{
	struct spec_device_rule *rules = ARENA_ARRAY(&arena, 5000, struct spec_device_rule);
	struct bpf_instruction *program;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		rules[i] = (struct spec_device_rule){ true, 'c', IS(7), IS(i), 7 };
	assert_int_equal(device_program_make(&arena, rules, 5000, &program), 0);
	assert_int_equal(device_program_make(&arena, rules, 4000, &program), 4009);
	assert_true(run(program, 4009, &(struct request){ 'c', 7, 0, 7 }));
	assert_true(run(program, 4009, &(struct request){ 'c', 7, 3999, 7 }));
	assert_false(run(program, 4009, &(struct request){ 'c', 7, 4000, 7 }));
}

/* --- the kernel ---------------------------------------------------------------------------------- */

static int program_load(const struct bpf_instruction *program, size_t count, char *log, size_t size)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uintptr_t)program,
		.insn_cnt = count,
		.license = (uintptr_t) "Apache-2.0",
		.log_level = log ? 1 : 0,
		.log_buf = (uintptr_t)log,
		.log_size = size,
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void the_kernel_takes_them(void **state)
{
	static char log[65536];

	(void)state;
	for (int i = 0; i < 500; i++) {
		struct spec_device_rule rules[RULES_MAX];
		size_t count = random_rules(rules);
		struct bpf_instruction *program;
		size_t length = device_program_make(&arena, i ? rules : default_rules, i ? count : COUNT(default_rules),
		                                    &program);
		int fd = program_load(program, length, log, sizeof(log));

		if (fd < 0 && (errno == EPERM || errno == ENOSYS)) {
			print_message("# bpf(2) is not permitted here: %s\n", strerror(errno));
			skip();
		}
		if (fd < 0)
			fail_msg("%s\n%s", strerror(errno), log);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_programs),
		cmocka_unit_test(default_list_is_small),
		cmocka_unit_test(part_of_an_access_is_denied),
		cmocka_unit_test(random_rules_equal_the_model),
		cmocka_unit_test(version_one_lines),
		cmocka_unit_test(version_one_agrees_without_gaps),
		cmocka_unit_test(gaps_are_found),
		cmocka_unit_test(too_many_rules),
		cmocka_unit_test(the_kernel_takes_them),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
