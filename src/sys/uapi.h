/* uapi.h: numbers and structs of the kernel that Debian 12's libc headers, or musl's, do not know.
 *
 * The names are the kernel's with UAPI_ in front, so that no header of libc or of the kernel can collide with them:
 * that is why not one #if is needed here. System calls from 424 on have the same number on every architecture.
 * Source: include/uapi/linux/{mount,openat2,sched,stat,memfd,nsfs,seccomp,bpf,prctl}.h of Linux 6.18. */
#ifndef KIST_SYS_UAPI_H
#define KIST_SYS_UAPI_H

#include <stdint.h>

enum uapi_number {
	UAPI_NR_PIDFD_SEND_SIGNAL = 424,
	UAPI_NR_OPEN_TREE = 428,
	UAPI_NR_MOVE_MOUNT = 429,
	UAPI_NR_FSOPEN = 430,
	UAPI_NR_FSCONFIG = 431,
	UAPI_NR_FSMOUNT = 432,
	UAPI_NR_FSPICK = 433,
	UAPI_NR_PIDFD_OPEN = 434,
	UAPI_NR_CLONE3 = 435,
	UAPI_NR_CLOSE_RANGE = 436,
	UAPI_NR_OPENAT2 = 437,
	UAPI_NR_PIDFD_GETFD = 438,
	UAPI_NR_FACCESSAT2 = 439,
	UAPI_NR_MOUNT_SETATTR = 442,
	UAPI_NR_STATMOUNT = 457,
};

enum { UAPI_MADV_DONTNEED = 4 };

/* --- openat2(2), open_tree(2), move_mount(2) ----------------------------------------------------- */

struct uapi_open_how {
	uint64_t flags, mode, resolve;
};

enum uapi_resolve {
	UAPI_RESOLVE_NO_XDEV = 0x01,
	UAPI_RESOLVE_NO_MAGICLINKS = 0x02,
	UAPI_RESOLVE_NO_SYMLINKS = 0x04,
	UAPI_RESOLVE_BENEATH = 0x08,
	UAPI_RESOLVE_IN_ROOT = 0x10,
};

enum uapi_open_tree_flag {
	UAPI_OPEN_TREE_CLONE = 1,
	UAPI_OPEN_TREE_NAMESPACE = 2,
	UAPI_OPEN_TREE_CLOEXEC = 02000000, /* O_CLOEXEC, the same on x86-64 and aarch64 */
};

enum uapi_move_mount {
	UAPI_MOVE_MOUNT_F_EMPTY_PATH = 0x04,
	UAPI_MOVE_MOUNT_T_EMPTY_PATH = 0x40,
};

enum { UAPI_AT_RECURSIVE = 0x8000 };

enum uapi_rename {
	UAPI_RENAME_NOREPLACE = 1,
	UAPI_RENAME_EXCHANGE = 2,
	UAPI_RENAME_WHITEOUT = 4,
};

/* --- fsopen(2), fsconfig(2), fsmount(2), mount_setattr(2) ---------------------------------------- */

enum uapi_fs {
	UAPI_FSOPEN_CLOEXEC = 1,
	UAPI_FSMOUNT_CLOEXEC = 1,
	UAPI_FSPICK_CLOEXEC = 1,
	UAPI_FSPICK_EMPTY_PATH = 8,
};

enum uapi_fsconfig {
	UAPI_FSCONFIG_SET_FLAG = 0,
	UAPI_FSCONFIG_SET_STRING = 1,
	UAPI_FSCONFIG_CMD_CREATE = 6,
	UAPI_FSCONFIG_CMD_RECONFIGURE = 7,
};

struct uapi_mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};

/* mount(2), pivot_root(2), umount2(2): what is still done the old way. */
enum uapi_mount {
	UAPI_MS_MOVE = 8192,
	UAPI_MNT_DETACH = 2,
};

/* --- statx(2), statfs(2) -------------------------------------------------------------------------- */

enum uapi_statx_mask {
	UAPI_STATX_BASIC_STATS = 0x07ff,
	UAPI_STATX_BTIME = 0x0800,
	UAPI_STATX_ATTR_MOUNT_ROOT = 0x2000,
};

struct uapi_statx_time {
	int64_t seconds;
	uint32_t nanoseconds;
	int32_t reserved;
};

struct uapi_statx {
	uint32_t stx_mask, stx_blksize;
	uint64_t stx_attributes;
	uint32_t stx_nlink, stx_uid, stx_gid;
	uint16_t stx_mode, reserved;
	uint64_t stx_ino, stx_size, stx_blocks, stx_attributes_mask;
	struct uapi_statx_time stx_atime, stx_btime, stx_ctime, stx_mtime;
	uint32_t stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
	uint64_t stx_mnt_id;
	uint64_t spare[13];
};

/* An entry of a directory (getdents64(2)). */
struct uapi_dirent {
	uint64_t inode;
	int64_t offset;
	uint16_t length; /* of this entry, the next one lies behind it */
	uint8_t type;    /* DT_* */
	char name[];
};

/* f_type of statfs(2): include/uapi/linux/magic.h */
enum uapi_magic {
	UAPI_CGROUP_MAGIC = 0x27e0eb,
	UAPI_CGROUP2_MAGIC = 0x63677270,
	UAPI_DEVPTS_MAGIC = 0x1cd1,
	UAPI_PROC_MAGIC = 0x9fa0,
	UAPI_NSFS_MAGIC = 0x6e736673,
	UAPI_PIPEFS_MAGIC = 0x50495045,
};

/* include/uapi/linux/nsfs.h: the inode of the first user namespace, the same on every kernel since 3.8. */
enum uapi_namespace_inode {
	UAPI_USER_NS_INIT_INO = 0xEFFFFFFD,
};

/* f_flags of statfs(2): include/linux/statfs.h. They are the mount's own attributes. */
enum uapi_statfs_flag {
	UAPI_ST_RDONLY = 0x0001,
	UAPI_ST_NOSUID = 0x0002,
	UAPI_ST_NODEV = 0x0004,
	UAPI_ST_NOEXEC = 0x0008,
};

/* --- clone3(2), namespaces, memfd_create(2) ------------------------------------------------------- */

struct uapi_clone_args {
	uint64_t flags;
	uint64_t pidfd, child_tid, parent_tid; /* addresses */
	uint64_t exit_signal;
	uint64_t stack, stack_size, tls; /* addresses */
	uint64_t set_tid, set_tid_size;
	uint64_t cgroup; /* a descriptor, with UAPI_CLONE_INTO_CGROUP */
};

#define UAPI_CLONE_INTO_CGROUP 0x200000000ULL
enum uapi_clone {
	UAPI_CLONE_PIDFD = 0x00001000,
	UAPI_CLONE_PARENT = 0x00008000,
};

enum uapi_namespace_ioctl {
	UAPI_NS_GET_USERNS = 0xb701,
	UAPI_NS_GET_PARENT = 0xb702,
	UAPI_NS_GET_NSTYPE = 0xb703,
	UAPI_NS_GET_OWNER_UID = 0xb704,
};

enum uapi_memfd {
	UAPI_MFD_CLOEXEC = 0x01,
	UAPI_MFD_ALLOW_SEALING = 0x02,
	UAPI_MFD_NOEXEC_SEAL = 0x08, /* 6.3 */
	UAPI_MFD_EXEC = 0x10,        /* 6.3 */
};

enum uapi_seal {
	UAPI_F_ADD_SEALS = 1033,
	UAPI_F_GET_SEALS = 1034,
	UAPI_F_SEAL_SEAL = 0x01,
	UAPI_F_SEAL_SHRINK = 0x02,
	UAPI_F_SEAL_GROW = 0x04,
	UAPI_F_SEAL_WRITE = 0x08,
};

enum { UAPI_CLOSE_RANGE_CLOEXEC = 4, UAPI_P_PIDFD = 3 };

/* --- capabilities, prctl(2), keyctl(2) ------------------------------------------------------------ */

enum { UAPI_CAPABILITY_VERSION_3 = 0x20080522 };

struct uapi_cap_header {
	uint32_t version;
	int32_t pid;
};
struct uapi_cap_half {
	uint32_t effective, permitted, inheritable;
};

enum uapi_prctl {
	UAPI_PR_SET_PDEATHSIG = 1,
	UAPI_PR_GET_DUMPABLE = 3,
	UAPI_PR_SET_DUMPABLE = 4,
	UAPI_PR_SET_KEEPCAPS = 8,
	UAPI_PR_CAPBSET_READ = 23,
	UAPI_PR_CAPBSET_DROP = 24,
	UAPI_PR_SET_CHILD_SUBREAPER = 36,
	UAPI_PR_SET_NO_NEW_PRIVS = 38,
	UAPI_PR_CAP_AMBIENT = 47,
	UAPI_PR_CAP_AMBIENT_RAISE = 2,
	UAPI_PR_CAP_AMBIENT_CLEAR_ALL = 4,
};

enum { UAPI_KEYCTL_JOIN_SESSION_KEYRING = 1 };

/* --- seccomp(2), bpf(2) --------------------------------------------------------------------------- */

enum uapi_seccomp {
	UAPI_SECCOMP_SET_MODE_FILTER = 1,
	UAPI_SECCOMP_GET_ACTION_AVAIL = 2,
};

struct uapi_sock_filter {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
struct uapi_sock_fprog {
	uint16_t length; /* instructions */
	const struct uapi_sock_filter *filter;
};

/* seccomp_unotify(2) */
struct uapi_seccomp_notif {
	uint64_t id;
	uint32_t pid, flags;
	int32_t number;
	uint32_t arch;
	uint64_t instruction;
	uint64_t args[6];
};
struct uapi_seccomp_reply {
	uint64_t id;
	int64_t value;
	int32_t error; /* negative */
	uint32_t flags;
};
enum { UAPI_SECCOMP_REPLY_CONTINUE = 1 };
/* _IOWR('!', 0, struct seccomp_notif), _IOWR('!', 1, struct seccomp_notif_resp), _IOW('!', 2, u64): too large for an
 * enum. */
#define UAPI_SECCOMP_RECEIVE 0xc0502100UL
#define UAPI_SECCOMP_SEND 0xc0182101UL
#define UAPI_SECCOMP_ID_VALID 0x40082102UL

struct uapi_bpf_insn {
	uint8_t code;
	uint8_t registers; /* destination in the low half, source in the high one */
	int16_t offset;
	int32_t immediate;
};

enum uapi_bpf {
	UAPI_BPF_PROG_LOAD = 5,
	UAPI_BPF_PROG_ATTACH = 8,
	UAPI_BPF_PROG_TYPE_CGROUP_DEVICE = 15,
	UAPI_BPF_CGROUP_DEVICE = 6, /* attach type */
	UAPI_BPF_F_ALLOW_MULTI = 2,
};

struct uapi_bpf_load {
	uint32_t prog_type, insn_count;
	uint64_t insns, license; /* addresses */
	uint32_t log_level, log_size;
	uint64_t log_buf; /* address */
	uint32_t kern_version, prog_flags;
};
struct uapi_bpf_attach {
	uint32_t target_fd, attach_bpf_fd, attach_type, attach_flags, replace_bpf_fd;
};

/* --- terminals, scheduling, signals --------------------------------------------------------------- */

enum uapi_terminal_ioctl {
	UAPI_TIOCSCTTY = 0x540e,
	UAPI_TIOCGPGRP = 0x540f,
	UAPI_TIOCSPGRP = 0x5410,
	UAPI_TIOCGWINSZ = 0x5413,
	UAPI_TIOCSWINSZ = 0x5414,
	UAPI_TIOCGPTPEER = 0x5441,
};
/* _IOW('T', 0x31, int): too large for an enum. */
#define UAPI_TIOCSPTLCK 0x40045431UL

struct uapi_window_size {
	uint16_t rows, columns, width, height;
};

/* sched_setattr(2), first version: 48 bytes. */
struct uapi_sched_attr {
	uint32_t size, sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t sched_runtime, sched_deadline, sched_period;
};

enum uapi_ioprio { UAPI_IOPRIO_WHO_PGRP = 2, UAPI_IOPRIO_CLASS_SHIFT = 13 };

struct uapi_rlimit {
	uint64_t soft, hard;
};

/* rt_sigaction(2) as the kernel takes it; all zero means: the default. */
struct uapi_sigaction {
	uint64_t handler, flags, restorer, mask;
};

#endif
