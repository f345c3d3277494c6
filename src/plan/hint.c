/* hint.c: what to do about a step that failed: one table of (kind, errno, which of them) -> advice. */
#include "base/abi.h"
#include "plan/plan.h"
#include "plan/words.h"

#include <errno.h>
#include <string.h>

/* What a hint may look at: the failed step and the plan around it. */
typedef bool hint_test(const struct plan_block *block, const struct step *step);

static bool is_type(const struct plan_block *block, const struct step *step, const char *type)
{
	const char *text = step->kind == STEP_mount_fs ? plan_string(block, step->mount_fs.type) : NULL;
	return text && strcmp(text, type) == 0;
}

static bool is_proc(const struct plan_block *block, const struct step *step)
{
	return is_type(block, step, "proc");
}

static bool is_sysfs(const struct plan_block *block, const struct step *step)
{
	return is_type(block, step, "sysfs");
}

static bool is_mqueue(const struct plan_block *block, const struct step *step)
{
	return is_type(block, step, "mqueue");
}

static bool is_cgroup(const struct plan_block *block, const struct step *step)
{
	return is_type(block, step, "cgroup2") || is_type(block, step, "cgroup");
}

static bool is_overlay(const struct plan_block *block, const struct step *step)
{
	const char *type = step->kind == STEP_open_root ? plan_string(block, step->open_root.type) : NULL;
	return is_type(block, step, "overlay") || (type && strcmp(type, "overlay") == 0);
}

static bool is_of_disk(const struct plan_block *block, const struct step *step)
{
	const char *source = plan_string(block, step->mount_fs.source);
	return source && strncmp(source, "/dev/", strlen("/dev/")) == 0;
}

static bool makes_user_namespace(const struct plan_block *block, const struct step *step)
{
	(void)block;
	uint32_t types = step->kind == STEP_clone     ? step->clone.namespaces
	                 : step->kind == STEP_unshare ? step->unshare.namespaces
	                                              : 0;
	return types & ABI_NEWUSER;
}

static bool joins_user_namespace(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->join_namespace.type == ABI_NEWUSER;
}

static bool maps_ids(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->open_tree.idmap;
}

static bool maps_by_helper(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->make_idmap.uid_helper || step->make_idmap.gid_helper;
}

static bool is_served(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->open_root.channel;
}

static bool by_helper(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->write_idmap.helper;
}

static bool is_gid_map(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->write_idmap.which == 'g';
}

static bool is_setgroups(const struct plan_block *block, const struct step *step)
{
	(void)block;
	return step->write_idmap.which == 's';
}

static bool is_open_files(const struct plan_block *block, const struct step *step)
{
	(void)block;
	enum { RLIMIT_OPEN_FILES = 7 }; /* RLIMIT_NOFILE, asm-generic/resource.h */
	return step->set_rlimit.resource == RLIMIT_OPEN_FILES;
}

static bool starts_with(const struct plan_block *block, plan_text text, const char *prefix)
{
	const char *string = plan_string(block, text);
	return string && strncmp(string, prefix, strlen(prefix)) == 0;
}

static bool is_cpuset(const struct plan_block *block, const struct step *step)
{
	return starts_with(block, step->write_cgroup.file, "cpuset.");
}

static bool is_memory(const struct plan_block *block, const struct step *step)
{
	return starts_with(block, step->write_cgroup.file, "memory.");
}

static bool in_user_namespace(const struct plan_block *block, const struct step *step)
{
	(void)step;
	for (uint32_t i = 0; i < block->step_count; i++)
		if (makes_user_namespace(block, plan_step(block, i)))
			return true;
	return false;
}

/* SCHED_OTHER, whose only parameter is nice. */
static bool is_normal(const struct plan_block *block, const struct step *step)
{
	const uint32_t *attr = plan_bytes(block, step->set_scheduler.attr);
	return attr && attr[1] == 0;
}

static bool enters_process(const struct plan_block *block, const struct step *step)
{
	(void)step;
	for (uint32_t i = 0; i < block->step_count; i++)
		if (plan_step(block, i)->kind == STEP_open_process)
			return true;
	return false;
}

struct hint {
	enum step_kind kind;
	int number;      /* positive errno */
	hint_test *test; /* NULL: always */
	const char *text;
	bool alone; /* only when nothing more was said: init says the same with names */
};

static const char no_terminal[] = "without a devpts on its /dev/pts there are no terminals: --no-tty runs without one";
static const char not_mapped[] = "the user namespace of the process does not map it: its /proc/PID/uid_map and gid_map "
				 "tell which ids there are";

/* The first row that fits is the hint, so the special ones come first. */
static const struct hint hints[] = {
	/* The record. */
	{ STEP_make_record, EEXIST, NULL, "this id is in use: take another one" },
	{ STEP_make_record, EACCES, NULL, "the state directory is not yours: give another one with --root" },
	{ STEP_make_record, EROFS, NULL,
	  "the state directory is on a read-only file system: give another one with --root" },
	{ STEP_make_record, ENOSPC, NULL, "the file system of the state directory is full" },
	{ STEP_make_scratch, EACCES, NULL, "the state directory is not yours: give another one with --root" },
	{ STEP_copy_cookie, EBADMSG, NULL, "{source} is no file of X authorities: see xauth(1)" },
	{ STEP_make_scratch, ENOSPC, NULL, "the file system of the state directory is full" },
	{ STEP_write_pid_file, EEXIST, NULL,
	  "something else than a regular file is there, or what a killed kist left beside it: remove that" },
	{ STEP_open_program, ENOENT, NULL, "there is no such program on the host" },
	{ STEP_open_program, EACCES, NULL, "kist must read the program to see whether it is static" },
	/* cgroups. */
	{ STEP_make_cgroup, EACCES, NULL,
	  "this cgroup is not delegated to you: start kist below a delegated one "
	  "(systemd-run --user --scope -p Delegate=yes kist ...), or leave the limits out" },
	{ STEP_make_cgroup, EPERM, NULL, "this cgroup is not delegated to you: start kist below a delegated one" },
	{ STEP_make_cgroup, EROFS, NULL,
	  "the cgroup file systems are mounted read-only here, as in a container: give it a writable /sys/fs/cgroup" },
	{ STEP_make_cgroup, EBUSY, NULL,
	  "the cgroup above holds processes itself, so it can give no controllers down (cgroups(7), "
	  "\"no internal processes\"): start kist in a leaf of its own",
	  true },
	{ STEP_make_cgroup, EAGAIN, NULL, "cgroup.max.descendants or cgroup.max.depth of a cgroup above is reached" },
	{ STEP_make_cgroup, ENOENT, NULL,
	  "a controller is not available in the cgroup above: look at its cgroup.controllers", true },
	{ STEP_make_cgroup, EEXIST, NULL, "this cgroup is in use: give another /linux/cgroupsPath" },
	{ STEP_write_cgroup, ENOENT, NULL,
	  "this kernel, or the cgroup above, does not have {file}: the controller is not enabled there, or the "
	  "kernel is built without it" },
	{ STEP_weigh_io, ENOENT, NULL,
	  "weights need a disk scheduler that knows them: BFQ (CONFIG_BFQ_GROUP_IOSCHED), or on "
	  "cgroup v2 iocost (CONFIG_BLK_CGROUP_IOCOST)" },
	{ STEP_write_cgroup, ENODEV, NULL, "this machine has no such block device" },
	{ STEP_write_cgroup, ENXIO, NULL, "this machine has no such block device" },
	{ STEP_write_cgroup, EACCES, is_cpuset, "the cgroup above does not have these cpus or memory nodes" },
	{ STEP_write_cgroup, EACCES, NULL, "the file is not delegated to you: the limit belongs to the cgroup above" },
	{ STEP_write_cgroup, EINVAL, is_cpuset, "the machine, or the cgroup above, does not have these cpus or nodes" },
	{ STEP_write_cgroup, EINVAL, NULL,
	  "the kernel does not take this value, or a limit of the cgroup above is lower" },
	{ STEP_write_cgroup, EOPNOTSUPP, is_memory,
	  "since Linux 5.16 the kernel's memory has no limit of its own: memory.limit_in_bytes counts it too" },
	{ STEP_write_cgroup, ERANGE, NULL, "the value is outside of what {file} takes" },
	{ STEP_write_cgroup, EBUSY, is_memory, "the cgroup uses more than this limit already" },
	{ STEP_write_cgroup, EBUSY, NULL, "the cgroup is in use in a way that forbids this" },
	{ STEP_open_cgroup, EACCES, NULL, "the cgroup is not delegated to you" },
	{ STEP_load_devices, EPERM, NULL,
	  "a device policy needs CAP_BPF and CAP_SYS_ADMIN on the host, or CAP_SYS_ADMIN where BPF is open to all" },
	{ STEP_load_devices, EINVAL, NULL, "this kernel is built without CONFIG_CGROUP_BPF" },
	{ STEP_enter_cgroup, ENOSPC, NULL, "a v1 cpuset without cpus or mems takes no process" },
	{ STEP_enter_cgroup, EPERM, NULL,
	  "a process of real-time priority needs cpu.rt_runtime_us there (CONFIG_RT_GROUP_SCHED)" },
	/* Namespaces and the process. */
	{ STEP_open_namespace, ENOENT, NULL, "the process or the file that held this namespace is gone" },
	{ STEP_open_namespace, EACCES, NULL, "only its owner may look into /proc/PID/ns" },
	{ STEP_open_namespace, EINVAL, NULL, "{path} is not a {type} namespace", true },
	{ STEP_open_namespace, EACCES, enters_process,
	  "the kernel shows it to who may trace the process (PTRACE_MODE_READ, ptrace(2)): run kist as root" },
	{ STEP_open_process, EACCES, NULL,
	  "the kernel shows it to who may trace the process (PTRACE_MODE_READ, ptrace(2)): run kist as root" },
	{ STEP_open_tree, EINVAL, maps_ids, "the file system at {path} cannot map ids, or maps them already" },
	{ STEP_open_tree, EPERM, maps_ids, "the ids of {path} can be mapped only by who owns its file system: root" },
	{ STEP_open_tree, ENOENT, NULL, "{path} must exist before the container starts" },
	{ STEP_open_tree, EINVAL, NULL,
	  "{path}, or a mount below it, is unbindable: see its propagation in mountinfo" },
	{ STEP_open_tree, EMFILE, NULL, "each bind mount takes a descriptor: raise the limit (ulimit -n)" },
	{ STEP_join_namespace, EPERM, enters_process,
	  "joining needs CAP_SYS_ADMIN in the user namespace that owns it: "
	  "run kist as root, or leave it out with --ns" },
	{ STEP_join_namespace, EPERM, NULL,
	  "joining needs CAP_SYS_ADMIN in the user namespace that owns it: "
	  "name that user namespace in the configuration too" },
	{ STEP_join_namespace, EINVAL, joins_user_namespace,
	  "the process has no user namespace of its own: its other namespaces are the machine's, and joining those "
	  "takes root" },
	{ STEP_join_namespace, EINVAL, NULL,
	  "the file is a namespace of another type, or the process is in it already" },
	{ STEP_clone, EPERM, makes_user_namespace,
	  "this host forbids user namespaces to you: see kernel.apparmor_restrict_unprivileged_userns, "
	  "kernel.unprivileged_userns_clone and, inside a container, its seccomp profile; "
	  "nobody may make one in a chroot, nor with an id that is not mapped (user_namespaces(7))" },
	{ STEP_clone, ENOSPC, makes_user_namespace,
	  "user.max_user_namespaces (or another user.max_*_namespaces) is reached: raise it with sysctl" },
	{ STEP_clone, EUSERS, makes_user_namespace, "user namespaces are nested too deeply: 32 levels is the most" },
	{ STEP_clone, EPERM, NULL, "new namespaces need root, or a new user namespace beside them" },
	{ STEP_clone, ENOSPC, NULL, "a limit of user.max_*_namespaces is reached: raise it with sysctl" },
	{ STEP_make_network, ENOSPC, NULL, "user.max_net_namespaces is reached: raise it with sysctl" },
	{ STEP_clone, EAGAIN, NULL, "no more processes are allowed: see ulimit -u, and pids.max of your cgroup" },
	{ STEP_clone, ENOMEM, NULL, "no memory, or the pid namespace has no init any more" },
	{ STEP_clone, EBUSY, NULL,
	  "the cgroup gives controllers to cgroups below it and cannot hold processes "
	  "(cgroups(7), \"no internal processes\")" },
	{ STEP_clone, EINVAL, NULL, "this kernel is built without one of these namespaces" },
	{ STEP_unshare, EPERM, makes_user_namespace,
	  "this host forbids user namespaces to you: see kernel.apparmor_restrict_unprivileged_userns and "
	  "kernel.unprivileged_userns_clone" },
	{ STEP_unshare, EPERM, NULL, "new namespaces need root, or a new user namespace beside them" },
	{ STEP_unshare, ENOSPC, NULL, "a limit of user.max_*_namespaces is reached: raise it with sysctl" },
	{ STEP_unshare, EINVAL, NULL, "this kernel is built without one of these namespaces" },
	{ STEP_fork, ENOMEM, NULL, "the pid namespace has no init any more: the container whose it is has ended" },
	{ STEP_fork, EAGAIN, NULL, "no more processes are allowed: see ulimit -u, and pids.max of the cgroup" },
	{ STEP_make_idmap, EPERM, maps_by_helper,
	  "the ids must be yours in /etc/subuid and /etc/subgid, and newuidmap and newgidmap set-uid root" },
	{ STEP_make_idmap, ENOENT, maps_by_helper, "newuidmap is missing: install uidmap (Debian) or shadow-utils" },
	{ STEP_make_idmap, ENOSPC, NULL, "user.max_user_namespaces is reached: raise it with sysctl" },
	{ STEP_open_channel, ENOENT, NULL, "load it: modprobe fuse (as root)" },
	{ STEP_open_channel, EACCES, NULL,
	  "open it to the box's user: chmod 666 {path} (as root), or leave --fuse out" },
	{ STEP_open_channel, EPERM, NULL,
	  "a device policy of the container around kist forbids it: give that container --device /dev/fuse" },
	{ STEP_open_root, EINVAL, is_served, "/dev/fuse was opened in another user namespace than the box's" },
	{ STEP_open_root, ENODEV, is_served, "load it: modprobe fuse (as root), or leave --fuse out" },
	{ STEP_serve_root, EAGAIN, NULL, "no more processes are allowed: see ulimit -u, and pids.max of your cgroup" },
	{ STEP_await_root, ENOTCONN, NULL,
	  "it ended at once: it must be 1.0 or newer, with libfuse 3.3 or newer; or leave --fuse out" },
	{ STEP_await_root, ECONNABORTED, NULL,
	  "it ended at once: it must be 1.0 or newer, with libfuse 3.3 or newer; or leave --fuse out" },
	{ STEP_write_idmap, EPERM, by_helper,
	  "{helper} did not take the map: the ids must be yours in /etc/subuid and /etc/subgid, "
	  "it must be set-uid root, and neither no_new_privs nor a tracer (strace) may take that from it" },
	{ STEP_write_idmap, ENOENT, by_helper, "{helper} is missing: install uidmap (Debian) or shadow-utils" },
	{ STEP_write_idmap, EPERM, is_gid_map,
	  "without privilege one's own group can be mapped alone, and only after setgroups is denied" },
	{ STEP_write_idmap, EPERM, is_setgroups, "setgroups can be denied only before the gid map is written" },
	{ STEP_write_idmap, EPERM, NULL,
	  "these ids are not yours to map: without privilege only your own, or with newuidmap those of /etc/subuid" },
	{ STEP_write_idmap, EACCES, NULL,
	  "the process cannot be looked into: it runs as another user, or is undumpable" },
	{ STEP_write_idmap, EINVAL, NULL,
	  "ranges overlap, are empty, there are more than 340, or their text is longer than a page (4 KiB)" },
	{ STEP_set_oom_score, EACCES, NULL, "lowering the OOM score needs CAP_SYS_RESOURCE" },
	{ STEP_become_root, EINVAL, NULL, "this id is not mapped in the user namespace" },
	{ STEP_write_time_offsets, ERANGE, NULL, "the clock would be negative, or beyond what it can hold" },
	{ STEP_write_time_offsets, EACCES, NULL, "clock offsets need CAP_SYS_TIME in the owning user namespace" },
	{ STEP_exec_init, EACCES, NULL,
	  "this host forbids executing memory files (vm.memfd_noexec, or an LSM): "
	  "install kist, so that libexec/kist/init is there" },
	{ STEP_load_init, EACCES, NULL,
	  "this host forbids executable memory files (vm.memfd_noexec=2): "
	  "install kist, so that libexec/kist/init is there" },
	/* The root and the mounts. */
	{ STEP_mount_scratch, ENOSPC, NULL, "the user namespace may make no more mounts: see fs.mount-max" },
	{ STEP_make_layer, ENOSPC, NULL, "the memory limit, or the machine, has no room for what the box writes" },
	{ STEP_open_root, ENOENT, is_overlay, "the directory does not exist on the host" },
	{ STEP_open_root, ENOENT, NULL, "the root does not exist: /root/path is taken from the bundle's directory" },
	{ STEP_open_root, ENOTDIR, NULL, "the root is not a directory" },
	{ STEP_open_root, EACCES, NULL,
	  "a directory on the way to the root cannot be searched by the container's root user" },
	{ STEP_open_root, EINVAL, is_overlay,
	  "overlayfs does not take these directories: upper and work must be on one file system that keeps extended "
	  "attributes, and that is itself no overlay; a box has them below the state root (kist --root DIR, "
	  "such as /dev/shm/kist)" },
	{ STEP_open_root, EPERM, is_overlay,
	  "overlay mounts in a user namespace need Linux 5.11, and an LSM that lets them be" },
	{ STEP_open_root, EINVAL, in_user_namespace,
	  "a tree with locked mounts below cannot be bound without them: bind it recursively" },
	{ STEP_mount_fs, EPERM, is_proc,
	  "this /proc is partly masked, so the kernel refuses a fresh one: bind it, or run with it unmasked" },
	{ STEP_mount_fs, EPERM, is_sysfs,
	  "sysfs belongs to a network namespace: make a new one too, or bind /sys instead" },
	{ STEP_mount_fs, EPERM, is_mqueue,
	  "mqueue belongs to an ipc namespace: make a new one too, or bind /dev/mqueue" },
	{ STEP_mount_fs, EPERM, is_cgroup,
	  "cgroups belong to a cgroup namespace: make a new one too, or bind /sys/fs/cgroup" },
	{ STEP_mount_fs, EBUSY, is_cgroup, "these controllers are mounted in another combination" },
	{ STEP_mount_fs, EPERM, is_overlay,
	  "overlay mounts in a user namespace need Linux 5.11, and an LSM that lets them be" },
	{ STEP_mount_fs, EINVAL, is_overlay,
	  "overlayfs does not take these directories: upper and work must be on one file system that keeps extended "
	  "attributes, and that is itself no overlay; a box has them below the state root (kist --root DIR, "
	  "such as /dev/shm/kist)" },
	{ STEP_mount_fs, ESTALE, is_overlay, "upper and work belong to another overlay: give each its own" },
	{ STEP_mount_fs, EPERM, in_user_namespace,
	  "{type} cannot be mounted in a user namespace: mount it on the host and bind it" },
	{ STEP_mount_fs, EPERM, is_of_disk,
	  "the container's device policy holds for its mounts too: allow {source} in /linux/resources/devices "
	  "(type b, its numbers, access rw), or mount it on the host and bind it" },
	{ STEP_mount_fs, ENODEV, NULL,
	  "the file system \"{type}\" is not known to this kernel (/proc/filesystems): is its module loaded?", true },
	{ STEP_mount_fs, ENODEV, NULL, "load its module (modprobe {type}), or mount another file system" },
	{ STEP_mount_fs, ENOTBLK, NULL, "{type} wants a block device as its source" },
	{ STEP_mount_fs, ENOTDIR, is_proc, "/proc of the image must be a real directory, no link (CVE-2019-19921)" },
	{ STEP_mount_fs, ELOOP, is_proc, "/proc of the image must be a real directory, no link (CVE-2019-19921)" },
	{ STEP_mount_fs, ENOTDIR, is_sysfs, "/sys of the image must be a real directory, no link (CVE-2019-19921)" },
	{ STEP_mount_fs, ELOOP, is_sysfs, "/sys of the image must be a real directory, no link (CVE-2019-19921)" },
	{ STEP_mount_fs, ENOTDIR, NULL, "{path} is a file in the image, and a file system goes on a directory" },
	{ STEP_mount_fs, EROFS, NULL, "{path} does not exist in the image, and its root is read-only: make it there" },
	{ STEP_mount_fs, EACCES, NULL, "the user namespace does not map the owner of {path}, so it cannot be made" },
	{ STEP_mount_fs, EOVERFLOW, NULL, "an id in the options is not mapped in the user namespace" },
	{ STEP_bind, ENOENT, NULL, "{source} does not exist on the host" },
	{ STEP_bind, ENOTDIR, NULL, "one of {source} and {path} is a file and the other a directory" },
	{ STEP_bind, EACCES, NULL,
	  "a directory on the way to {source} or {path} cannot be searched by the container's root user" },
	{ STEP_bind, EINVAL, in_user_namespace,
	  "a tree with locked mounts below cannot be bound without them: bind it recursively (rbind)" },
	{ STEP_bind, EPERM, in_user_namespace,
	  "the source carries an attribute (ro, nosuid, nodev, noexec, atime) that a user namespace may not clear" },
	{ STEP_bind, EROFS, NULL, "{path} does not exist in the image, and its root is read-only: make it there" },
	{ STEP_bind, ELOOP, NULL, "a link on the way leads in circles, or through /proc" },
	{ STEP_remount, EPERM, in_user_namespace,
	  "the mount carries an attribute (ro, nosuid, nodev, noexec, atime) that a user namespace may not clear" },
	{ STEP_remount, EINVAL, NULL, "{path} is not a mount point" },
	{ STEP_remount, EBUSY, NULL, "a file on it is open for writing" },
	{ STEP_make_path, EROFS, NULL, "the image's root is read-only: make {path} there" },
	{ STEP_make_path, ENOTDIR, NULL, "a part of {path} is a file" },
	{ STEP_make_path, EACCES, NULL, "the user namespace does not map the owner of the directory above" },
	{ STEP_make_link, EEXIST, NULL, "something else is at {path} in the image: remove it there" },
	{ STEP_make_link, EROFS, NULL, "the image's root is read-only: make {path} there" },
	{ STEP_make_device, EPERM, NULL,
	  "device nodes cannot be made in a user namespace, nor without CAP_MKNOD: bind the host's node instead" },
	{ STEP_make_device, EEXIST, NULL,
	  "another file is at {path} in the image, and stays (runtime-spec F4): remove it there" },
	{ STEP_make_device, ENOENT, NULL, "this host has no such device node" },
	{ STEP_make_device, EROFS, NULL, "/dev of the image is read-only: mount a tmpfs on it" },
	{ STEP_open_console, ENOTTY, NULL,
	  "a terminal is a device such as /dev/tty8 or /dev/pts/3 (tty(1) prints it)" },
	{ STEP_open_console, ENOENT, NULL, "tty(1) prints the name of a terminal" },
	{ STEP_open_log, ENOENT, NULL, "the directory that {path} is to be made in does not exist" },
	{ STEP_open_log, EEXIST, NULL, "{path} is a link that leads nowhere, and none is followed to make a file" },
	{ STEP_open_log, ENXIO, NULL, "nobody reads from this FIFO, or it is a socket: name a file" },
	{ STEP_open_log, EISDIR, NULL, "name a file in it" },
	{ STEP_take_terminal, EPERM, NULL,
	  "it is the controlling terminal of another session (a shell's, perhaps): take one that nobody has" },
	{ STEP_open_terminal, ENOENT, enters_process, no_terminal },
	{ STEP_open_terminal, ENODEV, enters_process, no_terminal },
	{ STEP_open_terminal, ENOENT, NULL, "a terminal needs devpts on /dev/pts: add the mount" },
	{ STEP_open_terminal, ENOSPC, NULL, "no more terminals: see kernel.pty.max" },
	{ STEP_bind_console, EROFS, NULL, "/dev of the image is read-only and has no console: mount a tmpfs on it" },
	{ STEP_pivot, EPERM, enters_process, "entering another root needs CAP_SYS_CHROOT: run kist as root" },
	{ STEP_run_hook, ENOENT, NULL, "it, the interpreter of a script, or its loader is not on this host" },
	{ STEP_run_hook, EACCES, NULL, "it is not executable, or a directory above it may not be searched" },
	{ STEP_run_hook, ENOEXEC, NULL, "not a program of this machine, or a script without #! line" },
	{ STEP_run_hook_inside, ENOENT, NULL, "it, the interpreter of a script, or its loader is not on this host" },
	{ STEP_run_hook_inside, EACCES, NULL,
	  "it is not executable for the root of the container's user namespace, or a directory above it may not be "
	  "searched by that" },
	{ STEP_run_hook_inside, ENOEXEC, NULL, "not a program of this machine, or a script without #! line" },
	{ STEP_run_hook_at_start, ENOENT, NULL,
	  "it, the interpreter of a script, or its loader is not in the image: a startContainer hook is a program of "
	  "the container" },
	{ STEP_run_hook_at_start, EACCES, NULL,
	  "it is not executable for the container's user: a startContainer hook runs as that" },
	{ STEP_run_hook_at_start, ENOEXEC, NULL, "not a program of this machine, or a script without #! line" },
	{ STEP_pivot, EINVAL, NULL,
	  "pivot_root does not work from the initial ramfs, nor when the root's mount is shared: try --no-pivot" },
	{ STEP_open_proc, EPERM, NULL,
	  "this /proc is partly masked, so the kernel refuses a fresh one: "
	  "leave /linux/sysctl out, or run with it unmasked" },
	{ STEP_write_sysctl, ENOENT, NULL, "this kernel has no {name}" },
	{ STEP_write_sysctl, EACCES, NULL, "{name} does not belong to a namespace that this user namespace owns" },
	{ STEP_write_sysctl, EPERM, NULL, "{name} does not belong to a namespace that this user namespace owns" },
	{ STEP_write_sysctl, EINVAL, NULL, "{name} does not take this value" },
	{ STEP_mask, ENOENT, NULL, "what is to be hidden must be there when everything is placed" },
	{ STEP_readonly, ENOENT, NULL, "what is to be read-only must be there when everything is placed" },
	{ STEP_readonly, EPERM, in_user_namespace, "the mount is locked by the user namespace above" },
	{ STEP_set_name, EPERM, NULL, "the uts namespace is owned by another user namespace" },
	{ STEP_set_name, EINVAL, NULL, "a name is 64 bytes long at most" },
	{ STEP_raise_loopback, EPERM, NULL,
	  "it needs CAP_NET_ADMIN in the user namespace that owns the network namespace" },
	/* The identity. */
	{ STEP_raise_rlimit, EPERM, NULL, "raising a hard limit needs CAP_SYS_RESOURCE outside of any user namespace" },
	{ STEP_set_rlimit, EPERM, is_open_files,
	  "the hard limit is above fs.nr_open, or above the caller's own, which only CAP_SYS_RESOURCE may raise",
	  true },
	{ STEP_set_rlimit, EPERM, NULL,
	  "the hard limit is above the caller's own, which only CAP_SYS_RESOURCE may raise", true },
	{ STEP_set_rlimit, EINVAL, NULL, "the soft limit is above the hard one" },
	{ STEP_new_keyring, EDQUOT, NULL,
	  "the user has as many keys as kernel.keys.maxkeys (or maxbytes) allows: "
	  "raise it, or run with --no-new-keyring" },
	{ STEP_new_keyring, ENOSYS, NULL, "this kernel has no keyrings: run with --no-new-keyring" },
	{ STEP_new_keyring, EPERM, NULL, "a seccomp profile forbids keyctl here: run with --no-new-keyring" },
	{ STEP_set_scheduler, EPERM, is_normal,
	  "only CAP_SYS_NICE outside of any user namespace, or RLIMIT_NICE, lets a process go before others: its nice "
	  "may not be below the caller's own" },
	{ STEP_set_scheduler, EPERM, NULL, "this policy or priority needs CAP_SYS_NICE, or a higher RLIMIT_RTPRIO" },
	{ STEP_set_affinity, EINVAL, NULL, "the cpuset of this process has none of these processors" },
	{ STEP_set_memory_policy, EINVAL, NULL,
	  "the kernel does not know this mode or flag, or the machine, or the cpuset of this process, has none of the "
	  "nodes" },
	{ STEP_set_memory_policy, ENOSYS, NULL, "this kernel is built without CONFIG_NUMA" },
	{ STEP_set_scheduler, EBUSY, NULL, "the processors have no room for these deadline parameters (sched(7))" },
	{ STEP_set_io_priority, EPERM, NULL, "the real-time class needs CAP_SYS_ADMIN" },
	{ STEP_lookup_user, ENOENT, NULL, "the image's /etc/passwd or /etc/group has no {user}: give it as a number" },
	{ STEP_lookup_groups, ENOENT, NULL, "the image's /etc/group does not have it: give it as a number" },
	{ STEP_lookup_user, EFBIG, NULL, "the image's /etc/passwd or /etc/group is unreasonably large" },
	{ STEP_change_dir, ENOENT, NULL, "{path} does not exist in the image" },
	{ STEP_change_dir, ENOTDIR, NULL, "{path} is not a directory in the image" },
	{ STEP_change_dir, EACCES, NULL, "{path} cannot be searched" },
	{ STEP_change_dir, EMFILE, NULL, "RLIMIT_NOFILE is too low for the start itself" },
	{ STEP_set_groups, EPERM, NULL, "map the groups with newgidmap (/etc/subgid), or ask for none" },
	{ STEP_set_groups, EINVAL, NULL, "a group is not mapped in the user namespace" },
	{ STEP_set_gid, EINVAL, enters_process, not_mapped },
	{ STEP_set_uid, EINVAL, enters_process, not_mapped },
	{ STEP_set_gid, EINVAL, NULL, "map it (/linux/gidMappings; --map g:... of a box), or take one that is mapped" },
	{ STEP_set_uid, EINVAL, NULL, "map it (/linux/uidMappings; --map u:... of a box), or take one that is mapped" },
	{ STEP_set_uid, EAGAIN, NULL, "the user has as many processes as RLIMIT_NPROC allows" },
	{ STEP_seccomp, EINVAL, NULL, "this kernel does not know one of the filter's flags or actions" },
	{ STEP_seccomp, EACCES, NULL,
	  "without no_new_privs a filter needs CAP_SYS_ADMIN: set /process/noNewPrivileges" },
	{ STEP_seccomp, EPERM, NULL, "a filter that is already there forbids another" },
	{ STEP_seccomp, ENOSYS, NULL, "this kernel is built without CONFIG_SECCOMP_FILTER" },
	{ STEP_stay, EAGAIN, NULL,
	  "an init and the program are two processes, and the limit of processes (--pids, RLIMIT_NPROC) has no room "
	  "for both" },
	{ STEP_exec, ENOENT, NULL,
	  "the program, its interpreter (the first line of a script) or its loader is not in the image", true },
	{ STEP_exec, EACCES, NULL,
	  "the file is not executable for this user, a directory above cannot be searched, or the mount is noexec",
	  true },
	{ STEP_exec, ENOEXEC, NULL, "not a program of this machine: another architecture, or a script without #! line",
	  true },
	{ STEP_exec, EPERM, NULL,
	  "the seccomp profile denies execve, or the file has privileges that this process may not get", true },
	{ STEP_exec, E2BIG, NULL, "arguments and environment are too long together (execve(2))", true },
	{ STEP_exec, ETXTBSY, NULL, "the file is open for writing", true },
	{ STEP_exec, ELOOP, NULL, "the interpreter is a script itself, too many times over" },
	{ STEP_exec, ENOMEM, NULL, "the memory limit is too low for the program" },
};

const char *plan_hint(struct arena *arena, const struct plan_block *block, uint32_t index, int number, bool detailed)
{
	if (index >= block->step_count)
		return NULL;
	const struct step *step = plan_step(block, index);
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++) {
		const struct hint *hint = &hints[i];
		if (hint->kind != step->kind || hint->number != number || (hint->alone && detailed) ||
		    (hint->test && !hint->test(block, step)))
			continue;
		struct buf text = buf_in(arena);
		words_put_template(&text, (struct words_of){ .block = block, .step = step }, hint->text);
		return text.bytes;
	}
	return NULL;
}
