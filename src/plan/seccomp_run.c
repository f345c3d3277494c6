/* seccomp_run.c: what a compiled filter answers to one call, found by running it as the kernel does. */
#include "plan/seccomp_part.h"

/* struct seccomp_data in words: number, architecture, instruction pointer, arguments. */
enum { WORDS = 16, FIRST_ARGUMENT = 4 };

static bool holds(const struct seccomp_instruction *test, uint32_t value)
{
	switch (test->code) {
	case BPF_EQUAL:
		return value == test->k;
	case BPF_GREATER:
		return value > test->k;
	default:
		return value >= test->k;
	}
}

static uint32_t run(const struct seccomp_program *program, const uint32_t words[WORDS])
{
	uint32_t value = 0;
	for (size_t at = 0; at < program->count; at++) {
		const struct seccomp_instruction *step = &program->items[at];
		switch (step->code) {
		case BPF_LOAD:
			value = words[step->k / sizeof(uint32_t) % WORDS];
			break;
		case BPF_AND:
			value &= step->k;
			break;
		case BPF_GOTO:
			at += step->k;
			break;
		case BPF_RETURN:
			return step->k;
		default:
			at += holds(step, value) ? step->jump_true : step->jump_false;
		}
	}
	return SECCOMP_RETURN_KILL_PROCESS;
}

bool seccomp_kills(const struct seccomp_program *program, enum seccomp_arch native, const char *name)
{
	uint32_t words[WORDS] = { (uint32_t)syscall_number(native, name), seccomp_audit(native) };
	/* Pointers, as those of execve are; a rule that looks at them would be of no use. */
	for (size_t i = FIRST_ARGUMENT; i < WORDS; i++)
		words[i] = 0x7fff0000;
	uint32_t action = run(program, words) & SECCOMP_RETURN_ACTION;
	return action == SECCOMP_RETURN_KILL_PROCESS || action == SECCOMP_RETURN_KILL_THREAD ||
	       action == SECCOMP_RETURN_TRAP;
}
