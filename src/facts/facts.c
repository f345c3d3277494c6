/* facts.c: this host, read: the story of what is asked in which order. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "facts/parts.h"
#include "sys/open.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

enum { CAPABILITY_DAC_OVERRIDE = 1, CGROUP_LIMIT = 64 << 10, MOUNTINFO_LIMIT = 64 << 20 };

/* A number alone in a file; `otherwise` where there is none. */
static uint64_t read_number(const char *path, uint64_t otherwise)
{
	char text[32];
	uint64_t number;
	if (!facts_read_small(path, text, sizeof(text)))
		return otherwise;
	return slice_number((struct slice){ text, strlen(text) }, UINT64_MAX, &number) ? number : otherwise;
}

static void read_kernel(struct arena *arena, struct facts *facts)
{
	struct utsname name;
	const char *key = facts_cache_key(arena, &facts->caller), *root = facts->caller.state_root;
	if (!key || !facts_cache_read(arena, root, key, &facts->kernel)) {
		facts_probe_kernel(&facts->kernel);
		facts->kernel.overlay = facts_overlay_known(arena);
		if (key)
			facts_cache_write(arena, root, key, &facts->kernel);
	}
	/* Its module may have been loaded since. */
	if (!facts->kernel.overlay)
		facts->kernel.overlay = facts_overlay_known(arena);
	uname(&name);
	facts->kernel_release = arena_string(arena, name.release);
	facts->machine = arena_string(arena, name.machine);
	facts_parse_release(name.release, &facts->kernel);
}

static int look(const char *path, struct sys_filesystem *filesystem)
{
	struct statfs status;
	if (statfs(path, &status) < 0)
		return -errno;
	*filesystem = (struct sys_filesystem){ (uint64_t)status.f_type, (uint64_t)status.f_flags };
	return 0;
}

static void read_cgroup(struct arena *arena, struct facts *facts)
{
	struct facts_cgroup_source source = { .mount = "/sys/fs/cgroup", .look = look };
	char *text = "";
	size_t length = 0;
	/* A capability of another user namespace says nothing about files of the initial one. */
	source.overrides =
		facts->caller.initial_user_namespace && facts->caller.capabilities >> CAPABILITY_DAC_OVERRIDE & 1;
	(void)file_read_at(arena, AT_FDCWD, "/proc/self/cgroup", CGROUP_LIMIT, &text, &length);
	source.self = (struct slice){ text, length };
	facts_read_cgroup(arena, &source, &facts->cgroup);
}

static void read_limits(struct arena *arena, struct facts *facts)
{
	facts->nr_open = read_number("/proc/sys/fs/nr_open", 1 << 20);
	facts->rlimits_hard = ARENA_ARRAY(arena, ABI_RLIMIT_COUNT, uint64_t);
	for (unsigned i = 0; i < ABI_RLIMIT_COUNT; i++) {
		struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
		getrlimit((int)i, &limit);
		facts->rlimits_hard[i] = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : limit.rlim_max;
	}
}

static void read_fuse(struct facts *facts)
{
	static const char *const places[] = { "/usr/bin/fuse-overlayfs", "/usr/local/bin/fuse-overlayfs" };
	FD_AUTO int fd = sys_open_at(AT_FDCWD, "/dev/fuse", O_RDWR, 0);
	facts->fuse_open = fd >= 0;
	facts->fuse_there = fd >= 0 || access("/dev/fuse", F_OK) == 0;
	for (size_t i = sizeof(places) / sizeof(*places); i-- > 0;)
		if (access(places[i], X_OK) == 0)
			facts->fuse_overlayfs = places[i];
}

static void read_security(struct facts *facts)
{
	char enabled[8];
	facts->apparmor = facts_read_small("/sys/module/apparmor/parameters/enabled", enabled, sizeof(enabled)) &&
	                  strcmp(enabled, "Y") == 0;
	facts->selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
	uint64_t noexec = read_number("/proc/sys/vm/memfd_noexec", 0); /* before 6.3 there is none */
	facts->memfd_noexec = noexec > 2 ? 2 : (int)noexec;
}

/* Every container engine, systemd's protections and lxcfs cover at least one of these. Whether a name is a mount costs
 * a statx(2), the whole truth a reading of mountinfo. */
static bool looks_covered(void)
{
	static const char *const names[] = { "acpi",    "bus", "cpuinfo",       "kcore",      "keys",  "kmsg",
		                             "meminfo", "sys", "sysrq-trigger", "timer_list", "uptime" };
	FD_AUTO int proc = sys_open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY, 0);
	for (size_t i = 0; proc >= 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		struct uapi_statx status = { 0 };
		if (syscall(SYS_statx, proc, names[i], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &status) == 0 &&
		    status.stx_attributes & UAPI_STATX_ATTR_MOUNT_ROOT)
			return true;
	}
	return false;
}

static int read_mounts(struct arena *arena, struct facts *facts, struct err *err)
{
	char *text;
	size_t length;
	int result = file_read_at(arena, AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_LIMIT, &text, &length);
	if (result < 0)
		return err_set(err, arena, result, "cannot read the mounts in /proc/self/mountinfo");
	facts->mount_count = facts_parse_mounts(arena, (struct slice){ text, length }, &facts->mounts);
	facts->proc_masked = facts_proc_covered(facts->mounts, facts->mount_count);
	facts->sys_masked = facts_sys_covered(facts->mounts, facts->mount_count);
	result = facts_read_entries(arena, "", facts);
	if (result < 0)
		return err_set(err, arena, result, "cannot list the directories that have mounts below them");
	facts->have_mounts = true;
	return 0;
}

static const char *read_cpus(struct arena *arena)
{
	char text[256];
	return facts_read_small("/sys/devices/system/cpu/online", text, sizeof(text)) ? arena_string(arena, text)
	                                                                              : NULL;
}

int facts_read(struct arena *arena, const char *state_root, enum facts_wanted wanted, struct facts *facts,
               struct err *err)
{
	struct facts read = { 0 };
	facts_read_caller(arena, state_root, wanted, &read.caller);
	read_kernel(arena, &read);
	read_cgroup(arena, &read);
	read_limits(arena, &read);
	if (wanted & FACTS_MOUNTS)
		read_security(&read);
	if (wanted & (FACTS_MOUNTS | FACTS_FUSE))
		read_fuse(&read);
	read.proc_masked = (wanted & FACTS_PROC) && !(wanted & FACTS_MOUNTS) && looks_covered();
	if (wanted & (FACTS_PROC | FACTS_MOUNTS)) /* only a box writes there */
		read.caller.state_file_system = facts_file_system(arena, read.caller.state_root);
	read.cpus_online = wanted & FACTS_CPUS ? read_cpus(arena) : NULL;
	if (wanted & FACTS_BINFMT)
		facts_read_binfmt(arena, "/proc/sys/fs/binfmt_misc", &read);
	int result = wanted & FACTS_MOUNTS ? read_mounts(arena, &read, err) : 0;
	if (result == 0)
		*facts = read;
	return result;
}

const struct facts_source *facts_source(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->source_count; i++)
		if (strcmp(facts->sources[i].path, path) == 0)
			return &facts->sources[i];
	return NULL;
}

const struct facts_hierarchy *facts_controller(const struct facts *facts, const char *controller)
{
	for (size_t i = 0; i < facts->cgroup.count; i++) {
		const struct facts_hierarchy *hierarchy = &facts->cgroup.hierarchies[i];
		for (size_t k = 0; k < hierarchy->controller_count; k++)
			if (strcmp(hierarchy->controllers[k], controller) == 0)
				return hierarchy;
	}
	return NULL;
}
