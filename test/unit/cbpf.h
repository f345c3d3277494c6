/* cbpf.h: classic BPF as seccomp runs it: the kernel's checks on a program, and an interpreter. For tests. */
#ifndef KIST_TEST_CBPF_H
#define KIST_TEST_CBPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

/* What kernel/seccomp.c and net/core/filter.c demand, for the instructions that either compiler uses. */
static inline bool cbpf_valid(const struct sock_filter *program, size_t count)
{
	if (count == 0 || count > BPF_MAXINSNS || BPF_CLASS(program[count - 1].code) != BPF_RET)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *at = &program[i];
		size_t left = count - i - 1;

		switch (at->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (at->k >= sizeof(struct seccomp_data) || at->k % 4)
				return false;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
		case BPF_RET | BPF_K:
			break;
		case BPF_JMP | BPF_JA:
			if (at->k >= left)
				return false;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
			if (at->jt >= left || at->jf >= left)
				return false;
			break;
		default:
			return false;
		}
	}
	return true;
}

/* The program must be valid. */
static inline uint32_t cbpf_run(const struct sock_filter *program, const struct seccomp_data *call)
{
	uint32_t loaded = 0;

	for (size_t i = 0;; i++) {
		const struct sock_filter *at = &program[i];

		switch (at->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&loaded, (const char *)call + at->k, sizeof(loaded));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			loaded &= at->k;
			break;
		case BPF_RET | BPF_K:
			return at->k;
		case BPF_JMP | BPF_JA:
			i += at->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += loaded == at->k ? at->jt : at->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += loaded >= at->k ? at->jt : at->jf;
			break;
		default: /* JGT */
			i += loaded > at->k ? at->jt : at->jf;
			break;
		}
	}
}

#endif
