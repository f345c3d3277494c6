/* box_limits.c: what a box may use: memory, processors, processes, devices. */
#include "spec/box_part.h"

#include "base/cpus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel takes no quota below a millisecond: of a period of 100 that is a hundredth of a processor. */
enum { BOX_CPU_PERIOD = 100000, BOX_CPU_LEAST = 10 };

bool box_size(const char *text, uint64_t *size)
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

static void box_memory(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/memory/limit";
	uint64_t number;
	box_origin(box, pointer, "memory", words);
	if (box_size(words, &number) && number > 0)
		box->spec->linux_.resources.memory.limit = (struct opt_int){ true, (int64_t)number };
	else
		box_fault(box, pointer, "expected a size in bytes such as 100000000, 64M or 2G");
}

/* Said as people think of it, beside the memory; the specification counts both together. */
static void box_swap(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/memory/swap";
	struct spec_memory *memory = &box->spec->linux_.resources.memory;
	uint64_t number;
	box_origin(box, pointer, "swap", words);
	if (!box->flags->memory)
		box_fault(box, pointer, "swap is limited together with memory: give --memory too");
	else if (strcmp(words, "unlimited") == 0)
		memory->swap = (struct opt_int){ true, -1 };
	else if (!box_size(words, &number) || number > (uint64_t)(INT64_MAX - memory->limit.value))
		box_fault(box, pointer, "expected a size in bytes such as 0, 64M or 2G, or unlimited");
	else
		memory->swap = (struct opt_int){ true, memory->limit.value + (int64_t)number };
}

static void box_cpus(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/cpu/quota";
	struct spec_cpu *cpu = &box->spec->linux_.resources.cpu;
	uint64_t number;
	box_origin(box, pointer, "cpus", words);
	box_origin(box, "/linux/resources/cpu/period", "cpus", words);
	if (box_thousandths(words, &number) && number >= BOX_CPU_LEAST) {
		cpu->period = (struct opt_uint){ true, BOX_CPU_PERIOD };
		cpu->quota = (struct opt_int){ true, (int64_t)(number * (BOX_CPU_PERIOD / 1000)) };
	} else {
		box_fault(box, pointer, "expected a number of processors such as 2 or 0.5, and 0.01 at least");
	}
}

static void box_cpuset(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/cpu/cpus";
	struct cpus cpus;
	box_origin(box, pointer, "cpuset", words);
	if (cpus_parse_list(words, &cpus))
		box->spec->linux_.resources.cpu.cpus = words;
	else
		box_fault(box, pointer, "expected processors such as 0-1,3");
}

static void box_pids(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/pids/limit";
	uint64_t number;
	box_origin(box, pointer, "pids", words);
	if (box_size(words, &number) && number > 0)
		box->spec->linux_.resources.pids_limit = (struct opt_int){ true, (int64_t)number };
	else
		box_fault(box, pointer, "expected the largest number of processes, 1 or more");
}

static void box_io_weight(struct box *box, const char *words)
{
	static const char pointer[] = "/linux/resources/blockIO/weight";
	struct spec_block_io *block_io = &box->spec->linux_.resources.block_io;
	uint64_t number;
	box_origin(box, pointer, "io-weight", words);
	if (!box_size(words, &number) || number < 10 || number > 1000) {
		box_fault(box, pointer, "expected a weight from 10 to 1000, against those of others");
		return;
	}
	block_io->set = true;
	block_io->weight = (struct opt_uint){ true, number };
}

void box_limits(struct box *box)
{
	const struct box_flags *flags = box->flags;
	const struct {
		const char *words;
		void (*read)(struct box *box, const char *words);
	} limits[] = {
		{ flags->memory, box_memory }, { flags->swap, box_swap }, { flags->cpus, box_cpus },
		{ flags->cpuset, box_cpuset }, { flags->pids, box_pids }, { flags->io_weight, box_io_weight },
	};
	struct spec_resources *resources = &box->spec->linux_.resources;
	box_devices(box);
	resources->set = resources->device_count;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (!limits[i].words)
			continue;
		limits[i].read(box, limits[i].words);
		resources->set = true;
	}
}
