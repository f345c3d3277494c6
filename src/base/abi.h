/* abi.h: the numbers of the Linux ABI that specs and plans carry, so that neither needs a kernel header.
 * Source: linux/sched.h, linux/mount.h, linux/capability.h; test/unit/abi.c compares each with the kernel's. */
#ifndef KIST_BASE_ABI_H
#define KIST_BASE_ABI_H

/* Namespaces (clone(2)); time cannot be given to clone3 together with offsets, see design of join and fork. */
enum abi_namespace {
	ABI_NEWTIME = 0x00000080,
	ABI_NEWNS = 0x00020000,
	ABI_NEWCGROUP = 0x02000000,
	ABI_NEWUTS = 0x04000000,
	ABI_NEWIPC = 0x08000000,
	ABI_NEWUSER = 0x10000000,
	ABI_NEWPID = 0x20000000,
	ABI_NEWNET = 0x40000000,
};

/* Mount attributes (mount_setattr(2), fsmount(2)). The atime values are a field, not bits. */
enum abi_mount_attr {
	ABI_ATTR_RDONLY = 0x00000001,
	ABI_ATTR_NOSUID = 0x00000002,
	ABI_ATTR_NODEV = 0x00000004,
	ABI_ATTR_NOEXEC = 0x00000008,
	ABI_ATTR_ATIME = 0x00000070, /* the whole field, to be cleared before one of the next is set */
	ABI_ATTR_RELATIME = 0x00000000,
	ABI_ATTR_NOATIME = 0x00000010,
	ABI_ATTR_STRICTATIME = 0x00000020,
	ABI_ATTR_NODIRATIME = 0x00000080,
	ABI_ATTR_IDMAP = 0x00100000,
	ABI_ATTR_NOSYMFOLLOW = 0x00200000,
};

/* Propagation, as mount_setattr's `propagation` takes it (MS_*). */
enum abi_propagation {
	ABI_UNBINDABLE = 1 << 17,
	ABI_PRIVATE = 1 << 18,
	ABI_SLAVE = 1 << 19,
	ABI_SHARED = 1 << 20,
};

enum { ABI_CAP_COUNT = 41, ABI_RLIMIT_COUNT = 16, ABI_SIGNAL_MAX = 64 };
enum {
	ABI_CAP_CHOWN = 0,
	ABI_CAP_SETGID = 6,
	ABI_CAP_SETUID = 7,
	ABI_CAP_SETPCAP = 8,
	ABI_CAP_NET_ADMIN = 12,
	ABI_CAP_SYS_ADMIN = 21,
	ABI_CAP_SYS_RESOURCE = 24,
	ABI_CAP_MKNOD = 27,
};

#endif
