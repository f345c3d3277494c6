/* syscalls.h: system calls by name and number, for every architecture whose calls a kist filter can meet. */
#ifndef KIST_PLAN_SYSCALLS_H
#define KIST_PLAN_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

/* The architectures with a table. A number of x32 carries the x32 bit (0x40000000), as the kernel shows it. */
enum seccomp_arch {
	SECCOMP_X86_64,
	SECCOMP_X32,
	SECCOMP_X86,
	SECCOMP_AARCH64,
	SECCOMP_ARM,
	SECCOMP_ARCH_COUNT,
};

struct syscall_entry {
	const char *name;
	int32_t numbers[SECCOMP_ARCH_COUNT]; /* -1: that architecture lacks the call */
	/* 32-bit x86 offers this call also inside socketcall(2) or ipc(2), under this number; 0: it does not. */
	uint8_t in_socketcall, in_ipc;
};

/* The call of that name on any architecture of Linux, also one without a table here (its numbers are all -1).
 * NULL: no call is known by that name. */
const struct syscall_entry *syscall_find(const char *name);

/* Negative when the architecture lacks the call, or nobody knows it. */
int syscall_number(enum seccomp_arch arch, const char *name);

/* For messages; NULL when the number is not known. */
const char *syscall_name(enum seccomp_arch arch, int number);

#endif
