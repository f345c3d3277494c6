/* update.c: kist update: other limits for a container that runs. */
#include "plan/update.h"

#include "base/fd.h"
#include "base/file.h"
#include "run/update.h"
#include "spec/update.h"
#include "state/inside.h"
#include "verb/container.h"
#include "verb/input.h"
#include "verb/report.h"
#include "verb/start.h"

#include <errno.h>
#include <string.h>

enum { FILE_BYTES = 4096 };

struct update_options {
	const char *resources;
	struct given_words limits;
	const char *cache, *bandwidth;
};

#define LIMIT(name, value, help)                                                                                       \
	{                                                                                                              \
		name, 0, FLAG_EACH, offsetof(struct update_options, limits), value, help                               \
	}
static const struct flag update_flags[] = {
	{ "resources", 'r', FLAG_VALUE, offsetof(struct update_options, resources), "FILE",
	  "the limits, as /linux/resources of a config.json; -: from standard input" },
	LIMIT("blkio-weight", "N", "share of block I/O, 10 to 1000"),
	LIMIT("cpu-burst", "N", "microseconds of a quota that may be saved up"),
	LIMIT("cpu-idle", "0|1", "only when nobody else wants the processor"),
	LIMIT("cpu-period", "N", "microseconds in which the quota holds"),
	LIMIT("cpu-quota", "N", "microseconds of processor time in a period; -1: no limit"),
	LIMIT("cpu-rt-period", "N", "microseconds in which the real-time quota holds"),
	LIMIT("cpu-rt-runtime", "N", "microseconds of real-time processor time in a period"),
	LIMIT("cpu-share", "N", "share of the processors, 2 to 262144"),
	LIMIT("cpuset-cpus", "LIST", "the processors: 0-3,7"),
	LIMIT("cpuset-mems", "LIST", "the memory nodes"),
	LIMIT("kernel-memory", "N", "limit of kernel memory"),
	LIMIT("kernel-memory-tcp", "N", "limit of TCP buffers"),
	LIMIT("memory", "N", "limit of memory, in bytes or with K, M, G, T; -1: none"),
	LIMIT("memory-reservation", "N", "memory that is left to it when memory is short"),
	LIMIT("memory-swap", "N", "limit of memory and swap together; -1: none"),
	LIMIT("pids-limit", "N", "number of processes; -1: no limit"),
	{ "l3-cache-schema", 0, FLAG_VALUE, offsetof(struct update_options, cache), "TEXT",
	  "share of the L3 cache: not possible yet" },
	{ "mem-bw-schema", 0, FLAG_VALUE, offsetof(struct update_options, bandwidth), "TEXT",
	  "share of the memory bandwidth: not possible yet" },
};

/* A file of the first of its cgroups that has it, without the line end; NULL: none has. */
static const char *update_read(struct arena *arena, const struct inside *inside, const char *file)
{
	for (size_t i = 0; i < inside->count; i++) {
		char *text;
		size_t length;
		FD_AUTO int dirfd = inside_open(&inside->places[i]);
		if (dirfd >= 0 && file_read_at(arena, dirfd, file, FILE_BYTES, &text, &length) == 0)
			return arena_copy(arena, text, strcspn(text, "\n"));
	}
	return NULL;
}

/* NULL after a report. */
static struct spec *update_spec(struct command *command, const struct update_options *options,
                                struct spec_faults *faults)
{
	const char *name = options->resources;
	struct err err = { 0 };
	char *text;
	size_t length;
	if (name && options->limits.count) {
		err_set(&err, command->arena, 0, "--resources says all limits: no --%s goes with it",
		        options->limits.items[0].flag);
	} else if (!name && options->limits.count == 0) {
		err_set(&err, command->arena, 0, "update needs a limit to set");
		err.hint = "kist update --memory 512M ID, or --resources FILE; kist update --help lists them";
	} else if (!name) {
		return spec_update_flags(command->arena, &options->limits, faults);
	} else if (input_read(command->arena, name, "the resources", SPEC_LIMIT, &text, &length, &err) == 0) {
		const char *source = strcmp(name, "-") == 0 ? "standard input" : name;
		return spec_update_decode(command->arena, text, length, source, faults);
	}
	report_error(command, &err, NULL);
	return NULL;
}

/* What a device may be opened is a program in the kernel, made once. */
static void update_warn_devices(const struct command *command, const struct spec *spec)
{
	if (spec->linux_.resources.device_count)
		report_warning(command, "the device rules stay as they were: update changes limits only");
}

static int update_container(struct command *command, const struct container *container, struct spec *spec,
                            struct spec_faults *faults)
{
	struct err err = { 0 };
	struct inside inside;
	struct facts facts;
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status)
		return status;
	int result = inside_read(command->arena, &container->record, &inside);
	if (!container_lives(container))
		result = container_not_running(command->arena, container, "cannot update", &err);
	else if (result < 0)
		err_set(&err, command->arena, -result, "cannot read the journal of %s", container->record.id);
	if (result < 0)
		return report_error(command, &err, NULL);
	const char **paths = ARENA_ARRAY(command->arena, inside.count, const char *);
	for (size_t i = 0; i < inside.count; i++)
		paths[i] = inside.places[i].path;
	const char *used = update_read(command->arena, &inside, "memory.current");
	const struct plan_update update = {
		.paths = paths,
		.path_count = inside.count,
		.cpu_max_now = update_read(command->arena, &inside, "cpu.max"),
		.memory_now = used ? used : update_read(command->arena, &inside, "memory.usage_in_bytes"),
	};
	spec_refuse_unsupported(spec, faults);
	struct plan_block *block = faults->count ? NULL : plan_update(command->arena, spec, &facts, &update, faults);
	if (report_faults(command, faults, spec))
		return 125;
	update_warn_devices(command, spec);
	return run_update(command->arena, block, &err) < 0 ? report_error(command, &err, spec) : 0;
}

static int update_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct update_options *options = given;
	struct container container;
	struct spec_faults faults = { 0 };
	if (!container_operand(command, &verb_update, argc))
		return 125;
	if (options->cache || options->bandwidth) {
		struct err err;
		err_set(&err, command->arena, 0, "kist cannot share caches and memory bandwidth out yet (--%s)",
		        options->cache ? "l3-cache-schema" : "mem-bw-schema");
		err.hint = "write the schema into the container's class below /sys/fs/resctrl";
		return report_error(command, &err, NULL);
	}
	struct spec *spec = update_spec(command, options, &faults);
	if (!spec || report_faults(command, &faults, spec))
		return 125;
	faults.warning_count = faults.note_count = 0; /* they are told */
	if (!container_hold(command, argv[0], &container))
		return 125;
	int status = update_container(command, &container, spec, &faults);
	container_release(&container);
	return status;
}

const struct verb verb_update = {
	.name = "update",
	.operands = "ID",
	.summary = "set other limits for a container that runs",
	VERB_FLAGS(update_flags),
	.options_size = sizeof(struct update_options),
	.run = update_verb,
	.flags_anywhere = true,
};
