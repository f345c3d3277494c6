/* check.c: the list of checks, and what they share. */
#include "spec/check.h"

#include "spec/checker.h"

#include <string.h>

/* Each row: what is true when the check finds nothing. `linux_only`: says nothing about a config of another system. */
static const struct check {
	const char *name;
	check_function *run;
	bool linux_only;
} checks[] = {
	{ "the version is one that kist supports", check_version, false },
	{ "annotations have keys", check_annotations, false },
	{ "there is a root", check_root, true },
	{ "names of the machine have a uts namespace", check_names, true },
	{ "hooks can be run", check_hooks, true },
	{ "nothing mounts on the host", check_mount_namespace, true },
	{ "mounts say what to mount", check_mounts, true },
	{ "id maps of mounts are maps", check_mount_idmaps, true },
	{ "the working directory is absolute", check_cwd, true },
	{ "there is a program", check_args, true },
	{ "the environment has names", check_env, true },
	{ "the terminal has a size", check_console, true },
	{ "ids are ids", check_user, true },
	{ "capabilities can be granted", check_capabilities, true },
	{ "resource limits are set once", check_rlimits, true },
	{ "the OOM score is in range", check_oom_score, true },
	{ "the scheduler takes its parameters", check_scheduler, true },
	{ "the I/O priority is in range", check_io_priority, true },
	{ "the CPU affinity is a list of CPUs", check_affinity, true },
	{ "namespaces are named once", check_namespaces, true },
	{ "id maps have a user namespace", check_id_mappings, true },
	{ "clock offsets have a time namespace", check_time_offsets, true },
	{ "masked and read-only paths are absolute", check_paths, true },
	{ "propagation has a mount namespace", check_propagation, true },
	{ "devices are named once", check_devices, true },
	{ "network devices have names", check_net_devices, true },
	{ "the cgroup path stays below its root", check_cgroups_path, true },
	{ "kernel parameters belong to the container", check_sysctl, true },
	{ "the cache schemata are single lines", check_rdt, true },
	{ "the memory policy takes its nodes", check_memory_policy, true },
	{ "the personality has no flags", check_personality, true },
	{ "memory limits fit together", check_memory, true },
	{ "CPU limits fit together", check_cpu, true },
	{ "the process limit is a limit", check_pids, true },
	{ "block I/O weights are in range", check_block_io, true },
	{ "huge page sizes are sizes", check_hugepages, true },
	{ "network priorities name an interface", check_network, true },
	{ "rdma devices have a limit", check_rdma, true },
	{ "unified names files", check_unified, true },
	{ "the filter's default can be returned", check_seccomp_default, true },
	{ "the filter's rules can match", check_seccomp_rules, true },
	{ "the filter has the listener it needs", check_seccomp_listener, true },
};
enum { CHECK_COUNT = sizeof(checks) / sizeof(checks[0]) };

const char *spec_check_name(size_t index)
{
	return index < CHECK_COUNT ? checks[index].name : NULL;
}

void spec_check_resources(struct arena *arena, const struct spec *spec, struct spec_faults *faults)
{
	static check_function *const of_limits[] = { check_memory,    check_cpu,     check_pids, check_block_io,
		                                     check_hugepages, check_network, check_rdma, check_unified };
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		struct checker checker = { .arena = arena, .spec = spec, .faults = faults, .name = checks[i].name };
		for (size_t k = 0; k < sizeof(of_limits) / sizeof(of_limits[0]); k++)
			if (checks[i].run == of_limits[k])
				checks[i].run(&checker);
	}
}

void spec_check(struct arena *arena, const struct spec *spec, struct spec_faults *faults)
{
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		struct checker checker = { .arena = arena, .spec = spec, .faults = faults, .name = checks[i].name };
		if (!spec->platform || !checks[i].linux_only)
			checks[i].run(&checker);
	}
}

__attribute__((format(printf, 4, 0))) static void report(struct checker *checker, enum fault_kind kind,
                                                         const char *pointer, const char *format, va_list list)
{
	if (faults_full(checker->faults, kind) || faults_touch(checker->faults, pointer))
		return;
	fault_add_at(checker->faults, kind, checker->spec->document,
	             (struct spec_fault){
			     .pointer = pointer,
			     .text = arena_vprintf(checker->arena, format, list),
			     .check = checker->name,
		     });
}

void check_fault(struct checker *checker, const char *pointer, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	report(checker, FAULT_ERROR, pointer, format, list);
	va_end(list);
}

void check_warn(struct checker *checker, const char *pointer, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	report(checker, FAULT_WARNING, pointer, format, list);
	va_end(list);
}

void check_note(struct checker *checker, const char *pointer, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	report(checker, FAULT_NOTE, pointer, format, list);
	va_end(list);
}

enum check_namespace check_namespace(const struct checker *checker, uint32_t type)
{
	const char *path;
	if (faults_touch(checker->faults, "/linux/namespaces"))
		return CHECK_UNKNOWN;
	if (!spec_has_namespace(checker->spec, type, &path))
		return CHECK_ABSENT;
	return path ? CHECK_JOINED : CHECK_NEW;
}

void check_needs_mounts(struct checker *checker, const char *pointer, const char *what)
{
	enum check_namespace mounts = check_namespace(checker, ABI_NEWNS);
	if (mounts == CHECK_ABSENT)
		check_fault(checker, pointer,
		            "%s a mount namespace: " CHECK_ADD("mount") " (nothing is mounted on the host)", what);
	if (mounts == CHECK_JOINED)
		check_fault(
			checker, pointer,
			"%s a new mount namespace: this one is joined, and kist mounts nothing in what it did not make",
			what);
}

static bool ranges_overlap(uint32_t one, uint32_t one_count, uint32_t other, uint32_t other_count)
{
	return one < (uint64_t)other + other_count && other < (uint64_t)one + one_count;
}

/* The first earlier line that has an id, inside or outside, in common with line `index`. */
static size_t earlier_overlap(const struct spec_idmaps *maps, size_t index)
{
	const struct spec_idmap *line = &maps->items[index];
	size_t i = 0;
	for (; i < index; i++) {
		const struct spec_idmap *other = &maps->items[i];
		if (ranges_overlap(line->inside, line->count, other->inside, other->count) ||
		    ranges_overlap(line->outside, line->count, other->outside, other->count))
			break;
	}
	return i;
}

/* user_namespaces(7): what the kernel would refuse with a bare EINVAL. */
void check_idmaps(struct checker *checker, const char *pointer, const struct spec_idmaps *maps)
{
	if (faults_touch(checker->faults, pointer))
		return;
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_idmap *line = &maps->items[i];
		const char *at = check_pointer(checker, (struct check_item){ pointer, i }, "");
		size_t other = earlier_overlap(maps, i);
		/* The last id, 4294967295, means "no id" to the kernel. */
		if (line->count == 0)
			check_fault(checker, at, "maps no ids: size is 0");
		else if ((uint64_t)line->inside + line->count > UINT32_MAX ||
		         (uint64_t)line->outside + line->count > UINT32_MAX)
			check_fault(checker, at, "goes beyond the last id, 4294967294");
		else if (other < i)
			check_fault(checker, at, "overlaps with the ids of %s/%zu", pointer, other);
	}
}

const char *check_pointer(const struct checker *checker, struct check_item item, const char *rest)
{
	return arena_printf(checker->arena, "%s/%zu%s", item.list, item.index, rest);
}

bool check_touched(const struct checker *checker, struct check_item item)
{
	return checker->faults->count && faults_touch(checker->faults, check_pointer(checker, item, ""));
}

void check_absolute(struct checker *checker, struct check_item item, const char *rest, const char *path)
{
	if (path && path[0] != '/')
		check_fault(checker, check_pointer(checker, item, rest), "expected an absolute path, got %s",
		            fault_quote(checker->arena, path));
}

/* "7", "0-3" or, with a stride, "0-31:2/4". Returns what follows, or NULL. */
static const char *list_entry(const char *text)
{
	static const char separators[] = { '-', ':', '/' };
	for (size_t i = 0; i <= sizeof(separators); i++) {
		size_t digits = strspn(text, "0123456789");
		if (digits == 0)
			return NULL;
		text += digits;
		if (i == sizeof(separators) || *text != separators[i])
			return i == 2 ? NULL : text; /* a group has a used part and a size, or neither */
		text++;
	}
	return NULL;
}

void check_number_list(struct checker *checker, const char *pointer, const char *list)
{
	const char *rest = list ? list + strspn(list, ", ") : "";
	while (rest && *rest) {
		rest = list_entry(rest);
		if (rest && *rest && *rest != ',' && *rest != ' ')
			rest = NULL;
		if (rest)
			rest += strspn(rest, ", ");
	}
	if (!rest)
		check_fault(checker, pointer, "%s is not a list of numbers such as \"0-3,7\"",
		            fault_quote(checker->arena, list));
}
