/* table.c: all that is tried, in the order in which one thing needs the other. */
#include "base/abi.h"
#include "doctor/trial.h"

#define NAMESPACE(name, type, use)                                                                                     \
	{                                                                                                              \
		{ "namespaces", name, "unshare(2)", use }, SUBJECT_NAMESPACE, type, NULL, try_namespace, true          \
	}
#define MOUNT(name, beside)                                                                                            \
	{                                                                                                              \
		{ "mounts", name, "fsmount(2)", NULL }, SUBJECT_MOUNT, beside, name, try_file_system, true             \
	}

/* clang-format off */
const struct trial_row trial_table[] = {
	{ { "namespaces", "user namespace", "unshare(2)", NULL }, SUBJECT_USER, ABI_NEWUSER, NULL, try_user_namespace,
	  true },
	{ { "namespaces", "own id", "a line in /proc/PID/uid_map and gid_map", NULL },
	  SUBJECT_OWN_MAP, ABI_NEWUSER, NULL, try_own_map, true },
	{ { "namespaces", "more ids", "a map of 65536 ids, without root by newuidmap and newgidmap",
	  "more than one user inside a box" },
	  SUBJECT_SUB_MAP, ABI_NEWUSER, NULL, try_sub_map, true },
	NAMESPACE("mount namespace", ABI_NEWNS, NULL),
	NAMESPACE("pid namespace", ABI_NEWPID, NULL),
	NAMESPACE("network namespace", ABI_NEWNET, NULL),
	NAMESPACE("ipc namespace", ABI_NEWIPC, NULL),
	NAMESPACE("uts namespace", ABI_NEWUTS, NULL),
	NAMESPACE("cgroup namespace", ABI_NEWCGROUP, NULL),
	NAMESPACE("time namespace", ABI_NEWTIME, "clocks of its own"),
	{ { "namespaces", "clock offsets", "a line in /proc/self/timens_offsets", "clocks of its own" },
	  SUBJECT_TIME_OFFSETS, ABI_NEWTIME, NULL, try_time_offsets, true },
	{ { "mounts", "proc", "fsmount(2) in a new pid namespace", NULL }, SUBJECT_PROC, 0, "proc", try_proc, true },
	{ { "mounts", "sysfs", "fsmount(2) in a new network namespace", "a /sys that shows a network of its own" },
	  SUBJECT_SYSFS, ABI_NEWNET, "sysfs", try_file_system, true },
	MOUNT("tmpfs", 0),
	MOUNT("devpts", 0),
	MOUNT("mqueue", ABI_NEWIPC),
	{ { "mounts", "overlay", "fsmount(2) over a tmpfs", NULL }, SUBJECT_OVERLAY, 0, NULL, try_overlay, true },
	{ { "mounts", "idmapped mount", "mount_setattr(2) with MOUNT_ATTR_IDMAP", "binds with other owners" },
	  SUBJECT_IDMAPPED, 0, NULL, try_idmapped, true },
	{ { "mounts", "state directory", "a look at its owner and its file system", NULL }, SUBJECT_STATE, 0, NULL,
	  try_state, false },
	{ { "limits", "cgroup", "a cgroup made and removed in each hierarchy", "--memory, --cpus, --pids" },
	  SUBJECT_CGROUP, 0, NULL, try_cgroup, false },
	{ { "limits", "device program", "a BPF program loaded", "a device policy on cgroup v2" },
	  SUBJECT_DEVICES, 0, NULL, try_devices, false },
	{ { "kernel", "seccomp filter", "a filter installed that allows all", NULL }, SUBJECT_SECCOMP, 0, NULL,
	  try_seccomp, false },
	{ { "kernel", "seccomp notification", "a filter installed with a listener",
	  "watching what a profile would deny" },
	  SUBJECT_NOTIFY, 0, NULL, try_notify, false },
	{ { "kernel", "clone3 and pidfd", "clone3(2), pidfd_open(2), waitid(2)", NULL }, SUBJECT_PIDFD, 0, NULL,
	  try_pidfd, false },
	{ { "kernel", "program in memory", "a sealed memfd executed", NULL }, SUBJECT_MEMFD, 0, NULL, try_memfd,
	  false },
	{ { "kernel", "session keyring", "keyctl(KEYCTL_JOIN_SESSION_KEYRING)", NULL }, SUBJECT_KEYRING, 0, NULL,
	  try_keyring, false },
	{ { "kernel", "landlock", "landlock_create_ruleset(2)", "rules for paths without a mount namespace" },
	  SUBJECT_LANDLOCK, 0, NULL, try_landlock, false },
	{ { "helpers", "foreign programs", "a look into /proc/sys/fs/binfmt_misc", "programs of another architecture" },
	  SUBJECT_BINFMT, 0, NULL, try_binfmt, false },
	{ { "helpers", "fuse-overlayfs", "a file replaced in a view that it makes",
	    "box --fuse: a whole view of / without root" },
	  SUBJECT_FUSE, 0, NULL, try_fuse, false },
};
/* clang-format on */
const size_t trial_count = sizeof(trial_table) / sizeof(trial_table[0]);

size_t doctor_check_count(void)
{
	return trial_count;
}

struct doctor_check_row doctor_check_row(size_t index)
{
	return trial_table[index].words;
}
