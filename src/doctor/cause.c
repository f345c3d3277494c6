/* cause.c: questions to the host that tell one cause of a failure from another: one question a function. */
#include "doctor/cause.h"

#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

enum { SMALL_FILE = 64 << 10, OVERFLOW_ID = 65534 };

const char *cause_read(struct arena *arena, const char *path)
{
	char *text;
	size_t length;
	if (file_read_at(arena, AT_FDCWD, path, SMALL_FILE, &text, &length) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

const char *cause_user(const struct patient *patient)
{
	const struct facts_caller *caller = &patient->facts->caller;
	if (caller->name || caller->uid == 0) /* the facts look for a name only where maps need one */
		return caller->name ? caller->name : "root";
	return arena_printf(patient->arena, "%u", caller->uid);
}

static bool reads(const struct patient *patient, const char *path, const char *word)
{
	const char *text = cause_read(patient->arena, path);
	return text && strcmp(text, word) == 0;
}

/* A line of /proc/self/status. */
static const char *status_line(const struct patient *patient, const char *key)
{
	char *text;
	size_t length;
	if (file_read_at(patient->arena, AT_FDCWD, "/proc/self/status", SMALL_FILE, &text, &length) < 0)
		return "";
	char *at = strstr(text, arena_printf(patient->arena, "\n%s:\t", key));
	if (!at)
		return "";
	at += strlen(key) + 3;
	at[strcspn(at, "\n")] = '\0';
	return at;
}

static bool can(const struct patient *patient, unsigned capability)
{
	return patient->facts->caller.capabilities >> capability & 1;
}

/* --- namespaces ------------------------------------------------------------------------------------------- */

/* user_namespaces(7): the maker's ids must be mapped in its own user namespace. */
bool unmapped_caller(const struct patient *patient, const char **value)
{
	*value = arena_printf(patient->arena, "%u", patient->facts->caller.uid);
	const char *map = cause_read(patient->arena, "/proc/self/uid_map");
	return !patient->facts->caller.initial_user_namespace &&
	       (!map || !*map || patient->facts->caller.uid == OVERFLOW_ID);
}

bool in_chroot(const struct patient *patient, const char **value)
{
	(void)patient;
	(void)value;
	FD_AUTO int root = sys_open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	bool is_root = true;
	return root >= 0 && sys_is_mount_root(root, &is_root) == 0 && !is_root;
}

bool clone_switched_off(const struct patient *patient, const char **value)
{
	(void)value;
	return !can(patient, ABI_CAP_SYS_ADMIN) && reads(patient, "/proc/sys/kernel/unprivileged_userns_clone", "0");
}

/* Ubuntu 23.10 and later: a program without an AppArmor profile that says `userns` gets a user namespace without any
 * capability in it. */
bool apparmor_restricts(const struct patient *patient, const char **value)
{
	(void)value;
	return !(can(patient, ABI_CAP_SYS_ADMIN) && patient->facts->caller.initial_user_namespace) &&
	       reads(patient, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
}

static const struct {
	uint32_t type;
	const char *file;
} limits[] = {
	{ ABI_NEWUSER, "max_user_namespaces" }, { ABI_NEWNS, "max_mnt_namespaces" },
	{ ABI_NEWPID, "max_pid_namespaces" },   { ABI_NEWNET, "max_net_namespaces" },
	{ ABI_NEWIPC, "max_ipc_namespaces" },   { ABI_NEWUTS, "max_uts_namespaces" },
	{ ABI_NEWTIME, "max_time_namespaces" }, { ABI_NEWCGROUP, "max_cgroup_namespaces" },
};

bool limit_is_zero(const struct patient *patient, const char **value)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		*value = limits[i].file;
		if ((patient->failed->namespaces & limits[i].type) &&
		    reads(patient, arena_printf(patient->arena, "/proc/sys/user/%s", limits[i].file), "0"))
			return true;
	}
	return false;
}

/* Which of several is the one cannot be told: the kernel keeps the count to itself. */
bool limit_is_reached(const struct patient *patient, const char **value)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		*value = limits[i].file;
		if (patient->failed->namespaces == limits[i].type)
			return true;
	}
	*value = "max_*_namespaces";
	return true;
}

bool filtered(const struct patient *patient, const char **value)
{
	(void)value;
	return strcmp(status_line(patient, "Seccomp"), "2") == 0;
}

bool not_capable(const struct patient *patient, const char **value)
{
	(void)value;
	return !can(patient, ABI_CAP_SYS_ADMIN) && patient->facts->caller.uid == 0;
}

bool no_such_namespace(const struct patient *patient, const char **value)
{
	static const char *const files[] = { "user", "mnt", "pid", "net", "ipc", "uts", "time", "cgroup" };
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		*value = files[i];
		if ((patient->failed->namespaces & limits[i].type) &&
		    access(arena_printf(patient->arena, "/proc/self/ns/%s", files[i]), F_OK) < 0)
			return true;
	}
	return false;
}

/* --- subordinate ids --------------------------------------------------------------------------------------- */

static const char *found_anywhere(struct arena *arena, const char *name)
{
	static const char *const folders[] = { "/usr/bin", "/usr/local/bin", "/bin", "/run/wrappers/bin" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *path = arena_printf(arena, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

bool no_helper(const struct patient *patient, const char **value)
{
	const struct facts_caller *caller = &patient->facts->caller;
	*value = caller->newuidmap ? "newgidmap" : "newuidmap";
	return (!caller->newuidmap || !caller->newgidmap) && !found_anywhere(patient->arena, *value);
}

/* The facts name a helper only when it has the rights it needs. */
bool helper_without_rights(const struct patient *patient, const char **value)
{
	const struct facts_caller *caller = &patient->facts->caller;
	if (caller->newuidmap && caller->newgidmap)
		return false;
	*value = found_anywhere(patient->arena, caller->newuidmap ? "newgidmap" : "newuidmap");
	return *value;
}

bool helper_on_nosuid(const struct patient *patient, const char **value)
{
	struct statvfs filesystem;
	*value = patient->facts->caller.newuidmap;
	return *value && statvfs(*value, &filesystem) == 0 && (filesystem.f_flag & ST_NOSUID);
}

bool no_new_privileges(const struct patient *patient, const char **value)
{
	(void)value;
	return strcmp(status_line(patient, "NoNewPrivs"), "1") == 0;
}

bool no_ranges(const struct patient *patient, const char **value)
{
	const struct facts_caller *caller = &patient->facts->caller;
	unsigned first = caller->subids_free;
	*value = arena_printf(patient->arena, "--add-subuids %u-%u --add-subgids %u-%u", first, first + 65535, first,
	                      first + 65535);
	return !caller->subuid_count || !caller->subgid_count;
}

bool helper_said(const struct patient *patient, const char **value)
{
	*value = patient->failed->detail;
	return *value && **value;
}

/* --- mounts ------------------------------------------------------------------------------------------------- */

/* The mounts below a directory that hide a part of it, as a list for people. */
static const char *mounts_below(const struct patient *patient, const char *directory)
{
	enum { SHOWN = 6, PATH_FIELD = 5 };
	FILE *file = fopen("/proc/self/mountinfo", "re");
	const char *list = NULL;
	char *line = NULL, path[4096];
	size_t size = 0, found = 0, length = strlen(directory);
	while (file && getline(&line, &size, file) > 0) {
		if (sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1 || strncmp(path, directory, length) != 0 ||
		    path[length] != '/' || strcmp(path, "/sys/fs/cgroup") == 0 ||
		    strncmp(path, "/sys/fs/cgroup/", 15) == 0)
			continue;
		if (found++ < SHOWN)
			list = list ? arena_printf(patient->arena, "%s, %s", list, path)
			            : arena_string(patient->arena, path);
	}
	free(line);
	if (file)
		fclose(file);
	return found > SHOWN ? arena_printf(patient->arena, "%s and %zu more", list, found - SHOWN) : list;
}

bool proc_is_covered(const struct patient *patient, const char **value)
{
	*value = mounts_below(patient, "/proc");
	return *value;
}

bool sysfs_is_covered(const struct patient *patient, const char **value)
{
	*value = mounts_below(patient, "/sys");
	return *value;
}

bool overlay_unknown(const struct patient *patient, const char **value)
{
	(void)value;
	return !patient->facts->kernel.overlay;
}

/* --- the rest ------------------------------------------------------------------------------------------------ */

bool cgroup_not_mounted(const struct patient *patient, const char **value)
{
	(void)value;
	return patient->facts->cgroup.count == 0;
}

bool cgroup_readonly(const struct patient *patient, const char **value)
{
	struct statvfs filesystem;
	const struct facts_cgroup *cgroup = &patient->facts->cgroup;
	*value = cgroup->count ? cgroup->hierarchies[0].mount : "/sys/fs/cgroup";
	return statvfs(*value, &filesystem) == 0 && (filesystem.f_flag & ST_RDONLY);
}

/* Delegation is systemd's to give on cgroup v2; where it ends is what the user has to know. */
bool systemd_here(const struct patient *patient, const char **value)
{
	const struct facts_cgroup *cgroup = &patient->facts->cgroup;
	if (cgroup->layout != CGROUP_V2 || access("/run/systemd/system", F_OK) < 0)
		return false;
	*value = arena_printf(patient->arena, "%s%s", cgroup->hierarchies[0].mount, cgroup->hierarchies[0].own);
	return true;
}

bool memfd_forbidden(const struct patient *patient, const char **value)
{
	(void)value;
	return patient->facts->memfd_noexec == 2;
}

bool keys_used_up(const struct patient *patient, const char **value)
{
	*value = cause_read(patient->arena, patient->facts->caller.uid ? "/proc/sys/kernel/keys/maxkeys"
	                                                               : "/proc/sys/kernel/keys/root_maxkeys");
	return *value;
}

bool state_elsewhere(const struct patient *patient, const char **value)
{
	*value = patient->facts->caller.state_root;
	return true;
}

bool fuse_missing(const struct patient *patient, const char **value)
{
	(void)patient;
	(void)value;
	return access("/dev/fuse", F_OK) == 0;
}
