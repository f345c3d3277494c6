/* check_resources.c: checks of the limits: what the kernel would refuse with a bare EINVAL. */
#include "spec/checker.h"

#include <inttypes.h>
#include <string.h>

/* -1 is "no limit"; what is below has no meaning. */
static void check_limit(struct checker *checker, const char *pointer, struct opt_int limit)
{
	if (limit.set && limit.value < -1)
		check_fault(checker, pointer, "expected a limit or -1 (none), got %" PRId64, limit.value);
}

void check_memory(struct checker *checker)
{
	const struct spec_memory *memory = &checker->spec->linux_.resources.memory;
	check_limit(checker, "/linux/resources/memory/limit", memory->limit);
	check_limit(checker, "/linux/resources/memory/reservation", memory->reservation);
	check_limit(checker, "/linux/resources/memory/swap", memory->swap);
	/* The specification's swap is memory and swap together (cgroup v1's memsw). */
	if (memory->swap.value > 0 && memory->limit.value <= 0)
		check_fault(checker, "/linux/resources/memory/swap",
		            "needs a memory limit: swap counts memory and swap together");
	else if (memory->swap.value > 0 && memory->swap.value < memory->limit.value)
		check_fault(checker, "/linux/resources/memory/swap",
		            "%" PRId64 " is less than the memory limit, %" PRId64
		            ": swap counts memory and swap together",
		            memory->swap.value, memory->limit.value);
	if (memory->swappiness.set && memory->swappiness.value > 100)
		check_fault(checker, "/linux/resources/memory/swappiness",
		            "expected an integer from 0 to 100, got %" PRIu64, memory->swappiness.value);
}

void check_cpu(struct checker *checker)
{
	enum { LEAST_PERIOD = 1000, MOST_PERIOD = 1000000, LEAST_QUOTA = 1000 }; /* microseconds: sched-bwc.rst */
	const struct spec_cpu *cpu = &checker->spec->linux_.resources.cpu;
	check_number_list(checker, "/linux/resources/cpu/cpus", cpu->cpus);
	check_number_list(checker, "/linux/resources/cpu/mems", cpu->mems);
	check_limit(checker, "/linux/resources/cpu/quota", cpu->quota);
	if (cpu->quota.value > 0 && cpu->quota.value < LEAST_QUOTA)
		check_fault(checker, "/linux/resources/cpu/quota",
		            "%" PRId64 " microseconds: the kernel takes at least %d", cpu->quota.value, LEAST_QUOTA);
	if (cpu->period.value && (cpu->period.value < LEAST_PERIOD || cpu->period.value > MOST_PERIOD))
		check_fault(checker, "/linux/resources/cpu/period",
		            "%" PRIu64 " microseconds: the kernel takes from %d to %d", cpu->period.value, LEAST_PERIOD,
		            MOST_PERIOD);
	if (cpu->burst.value && cpu->quota.value > 0 && cpu->burst.value > (uint64_t)cpu->quota.value)
		check_fault(checker, "/linux/resources/cpu/burst", "%" PRIu64 " is more than the quota, %" PRId64,
		            cpu->burst.value, cpu->quota.value);
	if (cpu->idle.set && cpu->idle.value != 0 && cpu->idle.value != 1)
		check_fault(checker, "/linux/resources/cpu/idle", "expected 0 or 1, got %" PRId64, cpu->idle.value);
}

void check_pids(struct checker *checker)
{
	check_limit(checker, "/linux/resources/pids/limit", checker->spec->linux_.resources.pids_limit);
}

/* 0 is how engines write "not set". */
static void check_weight(struct checker *checker, const char *pointer, struct opt_uint weight)
{
	if (weight.value && (weight.value < 10 || weight.value > 1000))
		check_fault(checker, pointer, "expected a weight from 10 to 1000, got %" PRIu64, weight.value);
}

void check_block_io(struct checker *checker)
{
	const struct spec_block_io *block_io = &checker->spec->linux_.resources.block_io;
	check_weight(checker, "/linux/resources/blockIO/weight", block_io->weight);
	check_weight(checker, "/linux/resources/blockIO/leafWeight", block_io->leaf_weight);
	for (size_t i = 0; i < block_io->weight_device.count; i++) {
		const struct spec_block_device *device = &block_io->weight_device.items[i];
		struct check_item item = { "/linux/resources/blockIO/weightDevice", i };
		if (!device->weight.set && !device->leaf_weight.set)
			check_fault(checker, check_pointer(checker, item, ""),
			            "expected weight or leafWeight, or both");
		check_weight(checker, check_pointer(checker, item, "/weight"), device->weight);
		check_weight(checker, check_pointer(checker, item, "/leafWeight"), device->leaf_weight);
	}
}

/* "2MB", "1GB": a number without a leading zero, then KB, MB or GB. */
static bool is_page_size(const char *size)
{
	size_t digits = strspn(size, "0123456789");
	const char *unit = size + digits;
	return digits && size[0] != '0' && *unit && strchr("KMG", *unit) && strcmp(unit + 1, "B") == 0;
}

void check_hugepages(struct checker *checker)
{
	const struct spec_resources *resources = &checker->spec->linux_.resources;
	for (size_t i = 0; i < resources->hugepage_count; i++) {
		const char *size = resources->hugepages[i].page_size;
		if (size && !is_page_size(size))
			check_fault(checker,
			            check_pointer(checker, (struct check_item){ "/linux/resources/hugepageLimits", i },
			                          "/pageSize"),
			            "%s is not a page size: expected a number and KB, MB or GB, such as \"2MB\"",
			            fault_quote(checker->arena, size));
	}
}

void check_network(struct checker *checker)
{
	const struct spec_resources *resources = &checker->spec->linux_.resources;
	for (size_t i = 0; i < resources->priority_count; i++) {
		const char *name = resources->priorities[i].name;
		if (name && !name[0])
			check_fault(checker,
			            check_pointer(checker,
			                          (struct check_item){ "/linux/resources/network/priorities", i },
			                          "/name"),
			            "is empty: expected the name of a network interface");
	}
}

void check_rdma(struct checker *checker)
{
	const struct spec_resources *resources = &checker->spec->linux_.resources;
	for (size_t i = 0; i < resources->rdma_count; i++) {
		const struct spec_rdma *rdma = &resources->rdma[i];
		if (!rdma->handles.set && !rdma->objects.set)
			check_fault(checker, pointer_to_key(checker->arena, "/linux/resources/rdma", rdma->device),
			            "expected hcaHandles or hcaObjects, or both");
	}
}

void check_unified(struct checker *checker)
{
	const struct spec_pairs *unified = &checker->spec->linux_.resources.unified;
	for (size_t i = 0; i < unified->count; i++) {
		const char *file = unified->items[i].key;
		/* A file of the container's own cgroup, and nothing beside or above it. */
		if (!file[0] || strpbrk(file, "/\n") || strcmp(file, "..") == 0 || strcmp(file, ".") == 0)
			check_fault(checker, pointer_to_key(checker->arena, "/linux/resources/unified", file),
			            "%s is no file of a cgroup: expected a name such as \"memory.high\"",
			            fault_quote(checker->arena, file));
		else if (!unified->items[i].value[strspn(unified->items[i].value, "\n")])
			check_fault(checker, pointer_to_key(checker->arena, "/linux/resources/unified", file),
			            "is empty: expected what is to be written to the file");
	}
}
