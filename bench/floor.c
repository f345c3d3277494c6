/* floor.c: the kernel work that the default spec asks for and nothing else: what a runtime can at best come down to.
 *
 *   floor [-u] [-n] [-d] [-s FILTER] ROOTFS COMMAND [ARG...]
 *
 * Nothing is read, decided, recorded or explained here: every call below is one that `runc spec`'s default config makes
 * necessary. The cgroup layout is taken from what is mounted on /sys/fs/cgroup.
 *   -u  a user namespace with the caller's own id mapped, no cgroup (rootless)
 *   -n  no network namespace
 *   -d  no device policy on the cgroup
 *   -s  install this file of struct sock_filter as the seccomp filter */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* musl's sys/mount.h and linux/mount.h exclude each other. */
enum { FLOOR_PRIVATE = 1 << 18, FLOOR_DETACH = 2, FLOOR_CGROUPS = 16 };

struct floor_cgroups {
	char paths[FLOOR_CGROUPS][128];
	int fds[FLOOR_CGROUPS]; /* v1: tasks; v2: the directory */
	const char *names[FLOOR_CGROUPS];
	int count;
	bool unified;
};

struct floor_options {
	bool user, network, devices;
	struct sock_fprog filter;
	const char *root;
	char **command;
};

static const char *const floor_hierarchies[] = { "cpu",     "cpuacct", "cpuset", "memory", "devices",
	                                         "freezer", "blkio",   "pids",   "systemd" };

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static long need(long result, const char *what)
{
	if (result < 0)
		fail(what);
	return result;
}

static void file_put(const char *path, const char *text)
{
	int fd = (int)need(open(path, O_WRONLY | O_CLOEXEC), path);
	need(write(fd, text, strlen(text)), path);
	close(fd);
}

/* --- cgroups -------------------------------------------------------------------------------------- */

static void cgroup_put(const struct floor_cgroups *cgroups, int index, const char *file, const char *text)
{
	char path[192];
	snprintf(path, sizeof(path), "%s/%s", cgroups->paths[index], file);
	file_put(path, text);
}

/* The device policy of the default spec: nothing but the default devices, mknod of all. */
static const char *const floor_device_rules[] = { "c *:* m",   "b *:* m",     "c 1:3 rwm", "c 1:8 rwm",
	                                          "c 1:7 rwm", "c 5:0 rwm",   "c 1:5 rwm", "c 1:9 rwm",
	                                          "c 5:1 rwm", "c 136:* rwm", "c 5:2 rwm" };

static void cgroup_devices_v1(const struct floor_cgroups *cgroups, int index)
{
	cgroup_put(cgroups, index, "devices.deny", "a");
	for (size_t i = 0; i < sizeof(floor_device_rules) / sizeof(floor_device_rules[0]); i++)
		cgroup_put(cgroups, index, "devices.allow", floor_device_rules[i]);
}

/* The same as a program: allow mknod, and the devices whose major << 20 | minor is in the list. */
static void cgroup_devices_v2(int fd)
{
	static const uint32_t devices[] = { 1 << 20 | 3, 1 << 20 | 8, 1 << 20 | 7, 1 << 20 | 5,
		                            1 << 20 | 9, 5 << 20,     5 << 20 | 1, 5 << 20 | 2 };
	enum { COUNT = sizeof(devices) / sizeof(devices[0]), ALLOW = 8 + COUNT + 2 };
	struct bpf_insn program[ALLOW + 2] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = 0 }, /* access << 16 | type */
		{ .code = BPF_ALU | BPF_RSH | BPF_K, .dst_reg = 2, .imm = 16 },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .imm = BPF_DEVCG_ACC_MKNOD, .off = ALLOW - 3 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 3, .src_reg = 1, .off = 4 }, /* major */
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 3, .imm = 136, .off = ALLOW - 5 },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 4, .src_reg = 1, .off = 8 }, /* minor */
		{ .code = BPF_ALU64 | BPF_LSH | BPF_K, .dst_reg = 3, .imm = 20 },
		{ .code = BPF_ALU64 | BPF_OR | BPF_X, .dst_reg = 3, .src_reg = 4 },
	};
	for (int i = 0; i < COUNT; i++)
		program[8 + i] = (struct bpf_insn){ .code = BPF_JMP | BPF_JEQ | BPF_K,
			                            .dst_reg = 3,
			                            .imm = (int)devices[i],
			                            .off = (short)(ALLOW - 9 - i) };
	program[8 + COUNT] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 };
	program[9 + COUNT] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	program[ALLOW] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 };
	program[ALLOW + 1] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, .insn_cnt = ALLOW + 2 };
	load.insns = (uint64_t)(uintptr_t)program;
	load.license = (uint64_t)(uintptr_t) "Apache-2.0";
	int loaded = (int)need(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load)), "load the device program");
	union bpf_attr attach = { .target_fd = (uint32_t)fd, .attach_bpf_fd = (uint32_t)loaded };
	attach.attach_type = BPF_CGROUP_DEVICE;
	attach.attach_flags = BPF_F_ALLOW_MULTI;
	need(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)), "attach the device program");
	close(loaded);
}

static void cgroup_add(struct floor_cgroups *cgroups, const char *name, const char *file)
{
	int index = cgroups->count++;
	char *path = cgroups->paths[index];
	char parent[96], opened[192];
	snprintf(parent, sizeof(parent), "/sys/fs/cgroup/%s%skist-test", name, *name ? "/" : "");
	mkdir(parent, 0755); /* a left-over of the round before, usually */
	snprintf(path, sizeof(cgroups->paths[0]), "%s/floor-%d", parent, (int)getpid());
	need(mkdir(path, 0755), path);
	if (strcmp(name, "cpuset") == 0) {
		char nodes[64];
		for (const char *const *item = (const char *const[]){ "cpus", "mems", NULL }; *item; item++) {
			for (int level = 0; level < 2; level++) {
				snprintf(opened, sizeof(opened), "%s/cpuset.%s",
				         level ? parent : "/sys/fs/cgroup/cpuset", *item);
				int fd = (int)need(open(opened, O_RDONLY | O_CLOEXEC), opened);
				ssize_t got = need(read(fd, nodes, sizeof(nodes) - 1), opened);
				close(fd);
				nodes[got] = '\0';
				snprintf(opened, sizeof(opened), "%s/cpuset.%s", level ? path : parent, *item);
				file_put(opened, nodes);
			}
		}
	}
	snprintf(opened, sizeof(opened), "%s%s%s", path, *file ? "/" : "", file);
	cgroups->names[index] = name;
	cgroups->fds[index] = (int)need(open(opened, (*file ? O_WRONLY : O_RDONLY | O_DIRECTORY) | O_CLOEXEC), opened);
}

static void cgroups_make(struct floor_cgroups *cgroups, bool devices)
{
	cgroups->unified = access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0;
	if (cgroups->unified) {
		cgroup_add(cgroups, "", "");
		if (devices)
			cgroup_devices_v2(cgroups->fds[0]);
		return;
	}
	for (size_t i = 0; i < sizeof(floor_hierarchies) / sizeof(floor_hierarchies[0]); i++) {
		cgroup_add(cgroups, floor_hierarchies[i], "tasks");
		if (devices && strcmp(floor_hierarchies[i], "devices") == 0)
			cgroup_devices_v1(cgroups, (int)i);
	}
}

/* --- the container's half ---------------------------------------------------------------------------- */

static void mount_fs(int root, const char *type, const char *path, unsigned attributes, const char *const *options)
{
	int fs = (int)need(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), type);
	for (; options && options[0]; options += 2)
		need(syscall(SYS_fsconfig, fs, *options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, options[0],
		             *options[1] ? options[1] : NULL, 0),
		     options[0]);
	need(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	int tree = (int)need(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes), type);
	mkdirat(root, path, 0755);
	need(syscall(SYS_move_mount, tree, "", root, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	close(tree);
	close(fs);
}

/* Clones what is at `from`, gives it attributes, and puts it on `path`. A path that is not there is passed over. */
static void bind_at(int from, const char *source, int root, const char *path, unsigned attributes)
{
	int tree = (int)syscall(SYS_open_tree, from, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return;
	struct mount_attr attr = { .attr_set = attributes };
	if (attributes)
		need(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)), path);
	if (syscall(SYS_move_mount, tree, "", root, path, MOVE_MOUNT_F_EMPTY_PATH) < 0 && errno != ENOENT)
		fail(path);
	close(tree);
}

static void mount_defaults(int root, const struct floor_options *options, const struct floor_cgroups *cgroups)
{
	unsigned strict = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	mount_fs(root, "proc", "proc", 0, NULL);
	mount_fs(root, "tmpfs", "dev", MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
	         (const char *const[]){ "mode", "755", "size", "65536k", NULL });
	mount_fs(root, "devpts", "dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	         (const char *const[]){ "newinstance", "", "ptmxmode", "0666", "mode", "0620", NULL });
	mount_fs(root, "tmpfs", "dev/shm", strict, (const char *const[]){ "mode", "1777", "size", "65536k", NULL });
	mount_fs(root, "mqueue", "dev/mqueue", strict, NULL);
	if (options->user && !options->network) /* sysfs belongs to the network namespace's owner */
		bind_at(AT_FDCWD, "/sys", root, "sys", strict | MOUNT_ATTR_RDONLY);
	else
		mount_fs(root, "sysfs", "sys", strict | MOUNT_ATTR_RDONLY, NULL);
	if (cgroups->unified)
		mount_fs(root, "cgroup2", "sys/fs/cgroup", strict | MOUNT_ATTR_RDONLY, NULL);
	if (cgroups->unified || !cgroups->count)
		return;
	mount_fs(root, "tmpfs", "sys/fs/cgroup", strict, (const char *const[]){ "mode", "755", NULL });
	for (int i = 0; i < cgroups->count; i++) {
		char path[64];
		snprintf(path, sizeof(path), "sys/fs/cgroup/%s", cgroups->names[i]);
		const char *const named[] = { "none", "", "name", "systemd", NULL };
		const char *const plain[] = { cgroups->names[i], "", NULL };
		mount_fs(root, "cgroup", path, strict | MOUNT_ATTR_RDONLY,
		         strcmp(cgroups->names[i], "systemd") == 0 ? named : plain);
	}
}

static void devices_make(int root, bool user)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} devices[] = { { "dev/null", 1, 3 },   { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
		        { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 } };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" },       { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "/proc/kcore", "dev/core" },       { "pts/ptmx", "dev/ptmx" }
	};
	int host = (int)need(open("/", O_PATH | O_CLOEXEC), "/");
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		mode_t type = user ? S_IFREG : S_IFCHR;
		need(mknodat(root, devices[i].path, type | 0666, makedev(devices[i].major, devices[i].minor)),
		     devices[i].path);
		if (user)
			bind_at(host, devices[i].path, root, devices[i].path, 0);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		need(symlinkat(links[i][0], root, links[i][1]), links[i][1]);
	close(host);
}

static void paths_hide(int root)
{
	static const char *const masked[] = { "proc/acpi",        "proc/asound",        "proc/kcore",
		                              "proc/keys",        "proc/latency_stats", "proc/timer_list",
		                              "proc/timer_stats", "proc/sched_debug",   "sys/firmware",
		                              "proc/scsi" };
	static const char *const readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger" };
	int fs = (int)need(syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC), "tmpfs");
	need(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "tmpfs");
	int empty = (int)need(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY), "tmpfs");
	for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
		struct stat st;
		if (fstatat(root, masked[i], &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			bind_at(root, "dev/null", root, masked[i], 0);
			continue;
		}
		int tree = (int)need(
			syscall(SYS_open_tree, empty, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH), "mask");
		need(syscall(SYS_move_mount, tree, "", root, masked[i], MOVE_MOUNT_F_EMPTY_PATH), masked[i]);
		close(tree);
	}
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
		bind_at(root, readonly[i], root, readonly[i], MOUNT_ATTR_RDONLY);
	close(empty);
	close(fs);
}

static int root_open(const char *path)
{
	struct mount_attr private = { .propagation = FLOOR_PRIVATE };
	need(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &private, sizeof(private)), "propagation");
	int tree = (int)need(syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
	                     path);
	need(syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH), path);
	return tree;
}

static void loopback_up(void)
{
	int fd = (int)need(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	need(ioctl(fd, 0x8914 /* SIOCSIFFLAGS */, &request), "loopback");
	close(fd);
}

static void privileges_drop(void)
{
	uint32_t keep = 1U << CAP_AUDIT_WRITE | 1U << CAP_KILL | 1U << CAP_NET_BIND_SERVICE;
	struct rlimit files = { 1024, 1024 };
	need(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
	for (unsigned cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (cap >= 32 || !(keep >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { .effective = keep, .permitted = keep, .inheritable = keep },
		                                  { 0 } };
	need(syscall(SYS_capset, &header, caps), "capset");
	for (unsigned cap = 0; cap < 32; cap++)
		if (keep >> cap & 1)
			need(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), "ambient");
	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

static struct sock_fprog filter_read(const char *path)
{
	static struct sock_filter filter[4096];
	int fd = (int)need(open(path, O_RDONLY | O_CLOEXEC), path);
	ssize_t got = need(read(fd, filter, sizeof(filter)), path);
	close(fd);
	return (struct sock_fprog){ .len = (unsigned short)((size_t)got / sizeof(filter[0])), .filter = filter };
}

static void ids_map(uid_t uid, gid_t gid)
{
	char line[64];
	file_put("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "0 %u 1\n", uid);
	file_put("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "0 %u 1\n", gid);
	file_put("/proc/self/gid_map", line);
}

static _Noreturn void container(const struct floor_options *options, const struct floor_cgroups *cgroups)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < cgroups->count && !cgroups->unified; i++)
		need(write(cgroups->fds[i], "0", 1), "tasks");
	need(syscall(SYS_unshare, CLONE_NEWCGROUP), "cgroup namespace");
	umask(0);
	int root = root_open(options->root);
	mount_defaults(root, options, cgroups);
	devices_make(root, options->user);
	paths_hide(root);
	need(fchdir(root), "fchdir");
	need(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	need(syscall(SYS_umount2, ".", FLOOR_DETACH), "detach");
	need(chdir("/"), "chdir");
	if (options->network)
		loopback_up();
	need(sethostname("floor", 5), "hostname");
	need(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor"), "keyring");
	umask(022);
	privileges_drop();
	if (options->filter.len)
		need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &options->filter), "seccomp");
	execve(options->command[0], options->command, (char *[]){ "PATH=/bin", "TERM=xterm", NULL });
	fail(options->command[0]);
}

static pid_t container_clone(const struct floor_options *options, const struct floor_cgroups *cgroups)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	args.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	args.flags |= (options->network ? CLONE_NEWNET : 0) | (options->user ? CLONE_NEWUSER : 0);
	if (cgroups->unified) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroups->fds[0];
	}
	uid_t uid = geteuid();
	gid_t gid = getegid();
	pid_t pid = (pid_t)need(syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	if (pid)
		return pid;
	if (options->user)
		ids_map(uid, gid);
	container(options, cgroups);
}

int main(int argc, char **argv)
{
	struct floor_options options = { .network = true, .devices = true };
	for (int option; (option = getopt(argc, argv, "+unds:")) != -1;) {
		options.user |= option == 'u';
		options.network &= option != 'n';
		options.devices &= option != 'd';
		if (option == 's')
			options.filter = filter_read(optarg);
	}
	if (argc - optind < 2) {
		fprintf(stderr, "usage: floor [-u] [-n] [-d] [-s FILTER] ROOTFS COMMAND [ARG...]\n");
		return 125;
	}
	options.root = argv[optind];
	options.command = argv + optind + 1;
	struct floor_cgroups cgroups = { 0 };
	if (!options.user)
		cgroups_make(&cgroups, options.devices);
	pid_t pid = container_clone(&options, &cgroups);
	int status;
	need(waitpid(pid, &status, 0), "waitpid");
	for (int i = 0; i < cgroups.count; i++)
		need(rmdir(cgroups.paths[i]), cgroups.paths[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
