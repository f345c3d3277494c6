/* syscalls.c: looks system calls up in the generated table. */
#include "plan/syscalls.h"

#include <string.h>

/* Sorted by name in the order of strcmp: tool/syscalls writes it so, test/unit/seccomp_test.c checks it. */
static const struct syscall_entry syscalls[] = {
#include "plan/syscalls.inc"
};
enum { SYSCALL_COUNT = sizeof(syscalls) / sizeof(syscalls[0]) };

const struct syscall_entry *syscall_find(const char *name)
{
	size_t low = 0, high = SYSCALL_COUNT;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, syscalls[middle].name);

		if (order == 0)
			return &syscalls[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int syscall_number(enum seccomp_arch arch, const char *name)
{
	const struct syscall_entry *entry = syscall_find(name);

	return entry ? entry->numbers[arch] : -1;
}

const char *syscall_name(enum seccomp_arch arch, int number)
{
	if (number < 0)
		return NULL;
	for (size_t i = 0; i < SYSCALL_COUNT; i++)
		if (syscalls[i].numbers[arch] == number)
			return syscalls[i].name;
	return NULL;
}
