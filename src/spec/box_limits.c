/* box_limits.c: what a box may use: memory, processors, processes, devices. */
#include "spec/box_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel takes no quota below a millisecond: of a period of 100 that is a hundredth of a processor. */
enum { BOX_CPU_PERIOD = 100000, BOX_CPU_LEAST = 10 };

/* A whole number, then optionally one of K M G T (powers of 1024). False when it is anything else. */
static bool box_size(const char *text, uint64_t *size)
{
	static const char suffixes[] = "KMGT";
	char *end;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end) {
		char upper = (char)(*end >= 'a' ? *end - 'a' + 'A' : *end);
		const char *suffix = strchr(suffixes, upper);
		if (!suffix || end[1])
			return false;
		for (const char *step = suffixes; step <= suffix; step++)
			if (__builtin_mul_overflow(number, 1024ULL, &number))
				return false;
	}
	*size = number;
	return number <= INT64_MAX;
}

/* "0.5", "2": thousandths of a processor. */
static bool box_thousandths(const char *text, uint64_t *thousandths)
{
	uint64_t whole = 0, part = 0, unit = 100;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && whole < 100000; at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == text)
		return false;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9' && unit; at++, unit /= 10)
			part += (uint64_t)(*at - '0') * unit;
	*thousandths = whole * 1000 + part;
	return *at == '\0';
}

/* For root only a policy stands between the box and the machine's disks, whatever nodes its root has. The default
 * devices stay allowed, and the plan allows those that flags name; an ordinary user has the permissions of the host's
 * nodes instead. */
static void box_devices(struct box *box)
{
	struct spec_resources *resources = &box->spec->linux_.resources;
	if (!box->flags->privileged || box_has_host_devices(box))
		return;
	resources->devices = ARENA_NEW(box->arena, struct spec_device_rule);
	resources->devices[0] = (struct spec_device_rule){
		.allow = false,
		.type = 'a',
		.access = DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD,
	};
	resources->device_count = 1;
}

void box_limits(struct box *box)
{
	box_devices(box);
	const struct box_flags *flags = box->flags;
	struct spec_resources *resources = &box->spec->linux_.resources;
	uint64_t number;
	if (flags->memory) {
		static const char pointer[] = "/linux/resources/memory/limit";
		box_origin(box, pointer, "memory", flags->memory);
		if (box_size(flags->memory, &number) && number > 0)
			resources->memory.limit = (struct opt_int){ true, (int64_t)number };
		else
			box_fault(box, pointer, "expected a size in bytes such as 100000000, 64M or 2G");
	}
	if (flags->cpus) {
		static const char pointer[] = "/linux/resources/cpu/quota";
		box_origin(box, pointer, "cpus", flags->cpus);
		box_origin(box, "/linux/resources/cpu/period", "cpus", flags->cpus);
		if (box_thousandths(flags->cpus, &number) && number >= BOX_CPU_LEAST) {
			resources->cpu.period = (struct opt_uint){ true, BOX_CPU_PERIOD };
			resources->cpu.quota = (struct opt_int){ true, (int64_t)(number * (BOX_CPU_PERIOD / 1000)) };
		} else {
			box_fault(box, pointer, "expected a number of processors such as 2 or 0.5, and 0.01 at least");
		}
	}
	if (flags->pids) {
		static const char pointer[] = "/linux/resources/pids/limit";
		box_origin(box, pointer, "pids", flags->pids);
		if (box_size(flags->pids, &number) && number > 0)
			resources->pids_limit = (struct opt_int){ true, (int64_t)number };
		else
			box_fault(box, pointer, "expected the largest number of processes, 1 or more");
	}
	resources->set = resources->device_count || flags->memory || flags->cpus || flags->pids;
}
