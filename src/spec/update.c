/* update.c: new limits for a container that runs: from a document of resources, or from flags. */
#include "spec/update.h"

#include "spec/box_part.h"
#include "spec/check.h"
#include "spec/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- a document ------------------------------------------------------------------------------------------ */

/* { "key": value } around a value, which keeps its place. */
static struct json_value *wrapped(struct arena *arena, const char *key, const struct json_value *value)
{
	struct json_member *member = ARENA_NEW(arena, struct json_member);
	struct json_value *object = ARENA_NEW(arena, struct json_value);
	*member = (struct json_member){ .key = key, .key_length = strlen(key), .value = *value };
	*object = (struct json_value){ .type = JSON_OBJECT, .members = member, .count = 1 };
	return object;
}

/* It is what /linux/resources of a config.json is, so that is what its faults are called by. */
struct spec *spec_update_decode(struct arena *arena, const char *text, size_t length, const char *source,
                                struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	struct decoder decoder = { .arena = arena, .faults = faults };
	faults->arena = arena;
	spec->source = source;
	struct json_value *read = document_read(&decoder, text, length);
	if (!read)
		return spec;
	struct json_value *above = wrapped(arena, "resources", read);
	spec->document = wrapped(arena, "linux", above);
	const struct place document = { .value = spec->document };
	const struct place linux_ = { .parent = &document, .key = "linux", .value = above };
	const struct place resources = { .parent = &linux_, .key = "resources", .value = read };
	shape_decode(&decoder, &resources, &shape_resources, &spec->linux_.resources);
	spec_check_resources(arena, spec, faults);
	faults_sort(faults);
	return spec;
}

/* --- flags ----------------------------------------------------------------------------------------------- */

enum form {
	FORM_BYTES,  /* a size, or -1 for none: struct opt_int */
	FORM_LIMIT,  /* struct opt_int */
	FORM_NUMBER, /* struct opt_uint */
	FORM_TEXT,   /* const char * */
};

#define ROW(name, form, member, place)                                                                                 \
	{                                                                                                              \
		name, form, offsetof(struct spec_resources, member), "/linux/resources/" place                         \
	}
static const struct update_flag {
	const char *name;
	enum form form;
	size_t offset;
	const char *pointer;
} update_flags[] = {
	ROW("blkio-weight", FORM_NUMBER, block_io.weight, "blockIO/weight"),
	ROW("cpu-burst", FORM_NUMBER, cpu.burst, "cpu/burst"),
	ROW("cpu-idle", FORM_LIMIT, cpu.idle, "cpu/idle"),
	ROW("cpu-period", FORM_NUMBER, cpu.period, "cpu/period"),
	ROW("cpu-quota", FORM_LIMIT, cpu.quota, "cpu/quota"),
	ROW("cpu-rt-period", FORM_NUMBER, cpu.realtime_period, "cpu/realtimePeriod"),
	ROW("cpu-rt-runtime", FORM_LIMIT, cpu.realtime_runtime, "cpu/realtimeRuntime"),
	ROW("cpu-share", FORM_NUMBER, cpu.shares, "cpu/shares"),
	ROW("cpuset-cpus", FORM_TEXT, cpu.cpus, "cpu/cpus"),
	ROW("cpuset-mems", FORM_TEXT, cpu.mems, "cpu/mems"),
	ROW("kernel-memory", FORM_BYTES, memory.kernel, "memory/kernel"),
	ROW("kernel-memory-tcp", FORM_BYTES, memory.kernel_tcp, "memory/kernelTCP"),
	ROW("memory", FORM_BYTES, memory.limit, "memory/limit"),
	ROW("memory-reservation", FORM_BYTES, memory.reservation, "memory/reservation"),
	ROW("memory-swap", FORM_BYTES, memory.swap, "memory/swap"),
	ROW("pids-limit", FORM_LIMIT, pids_limit, "pids/limit"),
};
enum { UPDATE_FLAGS = sizeof(update_flags) / sizeof(update_flags[0]) };

static bool take_limit(const char *words, struct opt_int *limit)
{
	char *end;
	errno = 0;
	long long number = strtoll(words, &end, 10);
	if (end == words || *end || errno || *words == ' ' || *words == '+')
		return false;
	*limit = (struct opt_int){ true, number };
	return true;
}

static bool take_words(enum form form, const char *words, void *place)
{
	uint64_t size;
	struct opt_int limit;
	switch (form) {
	case FORM_BYTES:
		if (box_size(words, &size)) {
			*(struct opt_int *)place = (struct opt_int){ true, (int64_t)size };
			return true;
		}
		return take_limit(words, place);
	case FORM_LIMIT:
		return take_limit(words, place);
	case FORM_NUMBER:
		if (!take_limit(words, &limit) || limit.value < 0)
			return false;
		*(struct opt_uint *)place = (struct opt_uint){ true, (uint64_t)limit.value };
		return true;
	case FORM_TEXT:
		*(const char **)place = words;
		return true;
	}
	return false;
}

static void take_flag(struct spec *spec, const struct given_word *given, struct spec_faults *faults)
{
	for (size_t i = 0; i < UPDATE_FLAGS; i++) {
		const struct update_flag *flag = &update_flags[i];
		if (strcmp(flag->name, given->flag) != 0)
			continue;
		spec->origins.items[spec->origins.count++] =
			(struct spec_pair){ flag->pointer,
			                    arena_printf(faults->arena, "--%s %s", given->flag, given->value) };
		if (take_words(flag->form, given->value, (char *)&spec->linux_.resources + flag->offset))
			continue;
		fault_add(faults, FAULT_ERROR,
		          (struct spec_fault){
				  .pointer = flag->pointer,
				  .text = flag->form == FORM_BYTES
		                                  ? "expected a size in bytes such as 100000000 or 64M, or -1"
		                                  : "expected a whole number",
				  .check = "flags",
			  });
	}
}

struct spec *spec_update_flags(struct arena *arena, const struct given_words *words, struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	faults->arena = arena;
	spec->origins.items = ARENA_ARRAY(arena, words->count, struct spec_pair);
	for (size_t i = 0; i < words->count; i++)
		take_flag(spec, &words->items[i], faults);
	if (faults->count == 0)
		spec_check_resources(arena, spec, faults);
	return spec;
}
