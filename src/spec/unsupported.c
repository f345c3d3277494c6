/* unsupported.c: what is decoded and checked but cannot be applied yet: refused by name, never dropped.
 *
 * Values that ask for nothing pass, since engines write them: an empty object, a weight of 0, a limit of -1. */
#include "spec/fault.h"
#include "spec/names.h"

#include <string.h>

/* What the member of a row is, and when it asks for something. */
enum asked {
	ASKED_TEXT,  /* const char *: not empty */
	ASKED_FLAG,  /* bool: true */
	ASKED_COUNT, /* size_t: not 0 */
	ASKED_VALUE, /* uint64_t: not 0 */
	ASKED_LIMIT, /* int64_t: above 0; -1 is "none" */
};

/* clang-format off */
#define ROW(place, kind, member, words) { place, kind, offsetof(struct spec, member), words }
/* clang-format on */
static const struct unsupported {
	const char *pointer;
	enum asked kind;
	size_t offset;
	const char *what; /* "kist cannot <what> yet" */
} unsupported[] = {
	ROW("/process/apparmorProfile", ASKED_TEXT, process.apparmor_profile, "apply an AppArmor profile"),
	ROW("/process/selinuxLabel", ASKED_TEXT, process.selinux_label, "apply an SELinux label"),
	ROW("/linux/intelRdt", ASKED_FLAG, linux_.intel_rdt.set, "make a class of service in resctrl"),
	ROW("/linux/mountLabel", ASKED_TEXT, linux_.mount_label, "label mounts for SELinux"),
	ROW("/linux/netDevices", ASKED_COUNT, linux_.net_device_count, "move network devices"),
	ROW("/vm", ASKED_FLAG, has_vm, "start a virtual machine"),
};

bool spec_supports(const char *pointer)
{
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		if (strcmp(unsupported[i].pointer, pointer) == 0)
			return false;
	return true;
}

static bool is_asked(const struct spec *spec, const struct unsupported *row)
{
	const void *member = (const char *)spec + row->offset;
	switch (row->kind) {
	case ASKED_TEXT: {
		const char *text = *(const char *const *)member;
		return text && text[0];
	}
	case ASKED_FLAG:
		return *(const bool *)member;
	case ASKED_COUNT:
		return *(const size_t *)member != 0;
	case ASKED_VALUE:
		return *(const uint64_t *)member != 0;
	case ASKED_LIMIT:
		return *(const int64_t *)member > 0;
	}
	return false;
}

static void refuse(const struct spec *spec, struct spec_faults *faults, const char *pointer, const char *text)
{
	fault_add_at(faults, FAULT_ERROR, spec->document,
	             (struct spec_fault){
			     .pointer = pointer,
			     .text = text,
			     .check = "unsupported",
		     });
}

static void refuse_mounts(const struct spec *spec, struct spec_faults *faults)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct spec_mount *mount = &spec->mounts[i];
		bool mapped = mount->options.idmap || mount->uid_mappings.count || mount->gid_mappings.count;
		if (mapped && (!mount->options.bind || mount->options.remount))
			refuse(spec, faults, arena_printf(faults->arena, "/mounts/%zu", i),
			       "kist cannot map the ids of another mount than a bind yet");
	}
}

bool spec_supports_action(enum spec_seccomp_action action)
{
	return action != SECCOMP_NOTIFY;
}

static void refuse_notify(const struct spec *spec, struct spec_faults *faults)
{
	static const char text[] = "kist cannot hand system calls to a seccomp listener yet";
	const struct spec_seccomp *seccomp = &spec->linux_.seccomp;
	if (seccomp->set && !spec_supports_action(seccomp->default_action))
		refuse(spec, faults, "/linux/seccomp/defaultAction", text);
	for (size_t i = 0; i < seccomp->rule_count; i++) {
		if (!spec_supports_action(seccomp->rules[i].action))
			refuse(spec, faults, arena_printf(faults->arena, "/linux/seccomp/syscalls/%zu/action", i),
			       text);
	}
}

/* What the specification names and nobody can do: no kernel has SCHED_ISO, and the two clamps have no value. */
static void refuse_scheduler(const struct spec *spec, struct spec_faults *faults)
{
	const struct spec_scheduler *scheduler = &spec->process.scheduler;
	if (scheduler->policy == NAME_SCHED_ISO)
		refuse(spec, faults, "/process/scheduler/policy", "no Linux kernel has SCHED_ISO");
	if (scheduler->flags & (NAME_SCHED_UTIL_CLAMP_MIN | NAME_SCHED_UTIL_CLAMP_MAX))
		refuse(spec, faults, "/process/scheduler/flags",
		       "utilization cannot be clamped: the specification has no property for the value");
}

/* The CFQ scheduler alone knew them, and is gone since Linux 5.0. */
static void refuse_leaf_weights(const struct spec *spec, struct spec_faults *faults)
{
	static const char text[] = "no kernel since Linux 5.0 has leaf weights";
	const struct spec_block_io *block_io = &spec->linux_.resources.block_io;
	if (block_io->leaf_weight.value)
		refuse(spec, faults, "/linux/resources/blockIO/leafWeight", text);
	for (size_t i = 0; i < block_io->weight_device.count; i++)
		if (block_io->weight_device.items[i].leaf_weight.value)
			refuse(spec, faults,
			       arena_printf(faults->arena, "/linux/resources/blockIO/weightDevice/%zu/leafWeight", i),
			       text);
}

/* slice:prefix:name, the form that a systemd cgroup manager takes. */
static void refuse_slice(const struct spec *spec, struct spec_faults *faults)
{
	const char *path = spec->linux_.cgroups_path;
	const char *colon = path && path[0] != '/' ? strchr(path, ':') : NULL;
	if (colon && strchr(colon + 1, ':'))
		refuse(spec, faults, "/linux/cgroupsPath",
		       "kist cannot use a systemd slice yet (the form slice:prefix:name)");
}

void spec_refuse_unsupported(const struct spec *spec, struct spec_faults *faults)
{
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		if (is_asked(spec, &unsupported[i]))
			refuse(spec, faults, unsupported[i].pointer,
			       arena_printf(faults->arena, "kist cannot %s yet", unsupported[i].what));
	}
	refuse_mounts(spec, faults);
	refuse_notify(spec, faults);
	refuse_scheduler(spec, faults);
	refuse_leaf_weights(spec, faults);
	refuse_slice(spec, faults);
	/* Its checks were skipped, so nothing may be started from it. */
	if (spec->platform)
		refuse(spec, faults, arena_printf(faults->arena, "/%s", spec->platform),
		       "a config for another system: it has no \"linux\" object");
	faults_sort(faults);
}
