/* seccomp_default.c: the system call filter of a box that is told nothing else.
 *
 * It refuses what podman's default refuses, for the same reasons: calls that reach the kernel as a whole (modules,
 * kexec, swap), old ones that nobody needs, and those of capabilities that the box lacks. Beyond that it refuses two
 * ioctls by which a program types into its terminal, which may be the caller's: TIOCSTI and TIOCLINUX (CVE-2017-5226,
 * CVE-2023-28100). The kernel reads 32 bits of an ioctl's number, so that is what is compared (CVE-2019-10063).
 * What the filter does not know fails with ENOSYS, so that a libc falls back to what it does know. */
#include "spec/seccomp_default.h"

#include <string.h>

enum { EPERM_NUMBER = 1, EINVAL_NUMBER = 22, ENOSYS_NUMBER = 38 }; /* the same on all our architectures */
enum { TTY_INPUT = 0x5412 /* TIOCSTI */, TTY_LINUX = 0x541c /* TIOCLINUX */, FAMILY_NETLINK = 16, NETLINK_AUDIT = 9 };
/* personality(2): Linux, Linux with 32-bit names, either with UNAME26, and the question. */
enum { PERSONA_LINUX32 = 0x8, PERSONA_UNAME26 = 0x20000 };

/* clang-format off */
static const char *const allowed[] = {
	"_llseek", "_newselect", "accept", "accept4", "access", "adjtimex", "alarm", "arch_prctl",
	"arm_fadvise64_64", "arm_sync_file_range", "bind", "breakpoint", "brk", "cacheflush", "capget", "capset",
	"chdir", "chmod", "chown", "chown32", "clock_adjtime", "clock_adjtime64", "clock_getres",
	"clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
	"clone", "clone3", "close", "close_range", "connect", "copy_file_range", "creat", "dup", "dup2", "dup3",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait",
	"epoll_wait_old", "eventfd", "eventfd2", "execve", "execveat", "exit", "exit_group", "faccessat",
	"faccessat2", "fadvise64", "fadvise64_64", "fallocate", "fanotify_mark", "fchdir", "fchmod", "fchmodat",
	"fchown", "fchown32", "fchownat", "fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock",
	"fork", "fremovexattr", "fsconfig", "fsetxattr", "fsmount", "fsopen", "fspick", "fstat", "fstat64",
	"fstatat64", "fstatfs", "fstatfs64", "fsync", "ftruncate", "ftruncate64", "futex", "futex_time64",
	"futimesat", "get_mempolicy", "get_robust_list", "get_thread_area", "getcpu", "getcwd", "getdents",
	"getdents64", "getegid", "getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getgroups",
	"getgroups32", "getitimer", "getpeername", "getpgid", "getpgrp", "getpid", "getppid", "getpriority",
	"getrandom", "getresgid", "getresgid32", "getresuid", "getresuid32", "getrlimit", "getrusage", "getsid",
	"getsockname", "getsockopt", "gettid", "gettimeofday", "getuid", "getuid32", "getxattr",
	"inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "io_cancel", "io_destroy",
	"io_getevents", "io_setup", "io_submit", "ioprio_get", "ioprio_set", "ipc", "keyctl", "kill",
	"landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "lchown", "lchown32", "lgetxattr",
	"link", "linkat", "listen", "listxattr", "llistxattr", "lremovexattr", "lseek", "lsetxattr", "lstat",
	"lstat64", "madvise", "mbind", "membarrier", "memfd_create", "memfd_secret", "mincore", "mkdir", "mkdirat",
	"mknod", "mknodat", "mlock", "mlock2", "mlockall", "mmap", "mmap2", "modify_ldt", "mount", "mount_setattr",
	"move_mount", "mprotect", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive",
	"mq_timedreceive_time64", "mq_timedsend", "mq_timedsend_time64", "mq_unlink", "mremap", "msgctl", "msgget",
	"msgrcv", "msgsnd", "msync", "munlock", "munlockall", "munmap", "name_to_handle_at", "nanosleep",
	"newfstatat", "open", "open_tree", "openat", "openat2", "pause", "pidfd_getfd", "pidfd_open",
	"pidfd_send_signal", "pipe", "pipe2", "pivot_root", "pkey_alloc", "pkey_free", "pkey_mprotect", "poll",
	"ppoll", "ppoll_time64", "prctl", "pread64", "preadv", "preadv2", "prlimit64", "process_mrelease",
	"process_vm_readv", "process_vm_writev", "pselect6", "pselect6_time64", "ptrace", "pwrite64", "pwritev",
	"pwritev2", "read", "readahead", "readdir", "readlink", "readlinkat", "readv", "reboot", "recv", "recvfrom",
	"recvmmsg", "recvmmsg_time64", "recvmsg", "remap_file_pages", "removexattr", "rename", "renameat",
	"renameat2", "restart_syscall", "rmdir", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
	"rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64",
	"rt_tgsigqueueinfo", "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity",
	"sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
	"sched_rr_get_interval_time64", "sched_setaffinity", "sched_setattr", "sched_setparam",
	"sched_setscheduler", "sched_yield", "seccomp", "select", "semctl", "semget", "semop", "semtimedop",
	"semtimedop_time64", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto", "set_mempolicy",
	"set_robust_list", "set_thread_area", "set_tid_address", "set_tls", "setfsgid", "setfsgid32", "setfsuid",
	"setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32", "setitimer", "setns", "setpgid",
	"setpriority", "setregid", "setregid32", "setresgid", "setresgid32", "setresuid", "setresuid32", "setreuid",
	"setreuid32", "setrlimit", "setsid", "setsockopt", "setuid", "setuid32", "setxattr", "shmat", "shmctl",
	"shmdt", "shmget", "shutdown", "sigaction", "sigaltstack", "signal", "signalfd", "signalfd4", "sigpending",
	"sigprocmask", "sigreturn", "sigsuspend", "socketcall", "socketpair", "splice", "stat", "stat64", "statfs",
	"statfs64", "statx", "symlink", "symlinkat", "sync", "sync_file_range", "sync_file_range2", "syncfs",
	"syscall", "sysinfo", "syslog", "tee", "tgkill", "time", "timer_create", "timer_delete", "timer_getoverrun",
	"timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64", "timerfd", "timerfd_create",
	"timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64", "times", "tkill",
	"truncate", "truncate64", "ugetrlimit", "umask", "umount", "umount2", "uname", "unlink", "unlinkat",
	"unshare", "utime", "utimensat", "utimensat_time64", "utimes", "vfork", "wait4", "waitid", "waitpid",
	"write", "writev",
};
static const char *const refused[] = {
	"bdflush", "io_pgetevents", "kexec_file_load", "kexec_load", "migrate_pages", "move_pages", "nfsservctl",
	"nice", "oldfstat", "oldlstat", "oldolduname", "oldstat", "olduname", "pciconfig_iobase", "pciconfig_read",
	"pciconfig_write", "sgetmask", "ssetmask", "swapcontext", "swapoff", "swapon", "sysfs", "uselib",
	"userfaultfd", "ustat", "vm86", "vm86old", "vmsplice",
};
/* clang-format on */

/* Allowed with the capability, which the kernel wants anyway; refused with EPERM without it, as the kernel would. */
static const struct guarded {
	unsigned capability; /* linux/capability.h */
	const char *names[8];
} guarded[] = {
	{ 2 /* DAC_READ_SEARCH */, { "open_by_handle_at" } },
	{ 16 /* SYS_MODULE */, { "delete_module", "finit_module", "init_module", "query_module" } },
	{ 17 /* SYS_RAWIO */, { "ioperm", "iopl" } },
	{ 18 /* SYS_CHROOT */, { "chroot" } },
	{ 19 /* SYS_PTRACE */, { "kcmp", "process_madvise" } },
	{ 20 /* SYS_PACCT */, { "acct" } },
	{ ABI_CAP_SYS_ADMIN,
	  { "bpf", "fanotify_init", "lookup_dcookie", "perf_event_open", "quotactl", "setdomainname", "sethostname" } },
	{ 25 /* SYS_TIME */, { "clock_settime", "clock_settime64", "settimeofday", "stime" } },
	{ 26 /* SYS_TTY_CONFIG */, { "vhangup" } },
};
enum { GUARDED = sizeof(guarded) / sizeof(guarded[0]), CAP_AUDIT_WRITE = 29 };

static const char *const call_ioctl[] = { "ioctl" };
static const char *const call_personality[] = { "personality" };
static const char *const call_socket[] = { "socket" };

#define ARG(number, compare, ...)                                                                                      \
	{                                                                                                              \
		.index = number, .op = compare, .value = __VA_ARGS__                                                   \
	}
/* Of an ioctl's number the lower half counts. */
static const struct spec_seccomp_arg tty_input[] = { ARG(1, SECCOMP_MASKED_EQ, UINT32_MAX, .value_two = TTY_INPUT) };
static const struct spec_seccomp_arg tty_linux[] = { ARG(1, SECCOMP_MASKED_EQ, UINT32_MAX, .value_two = TTY_LINUX) };
/* Holds always: a rule without conditions would replace the two before it. */
static const struct spec_seccomp_arg any_ioctl[] = { ARG(1, SECCOMP_GE, 0) };
static const struct spec_seccomp_arg personas[][1] = {
	{ ARG(0, SECCOMP_EQ, 0) },
	{ ARG(0, SECCOMP_EQ, PERSONA_LINUX32) },
	{ ARG(0, SECCOMP_EQ, PERSONA_UNAME26) },
	{ ARG(0, SECCOMP_EQ, PERSONA_UNAME26 | PERSONA_LINUX32) },
	{ ARG(0, SECCOMP_EQ, UINT32_MAX) },
};
enum { PERSONAS = sizeof(personas) / sizeof(personas[0]) };
/* The audit socket: without its capability it would only fail later, where login programs take it for a fault. */
static const struct spec_seccomp_arg audit[] = { ARG(0, SECCOMP_EQ, FAMILY_NETLINK),
	                                         ARG(2, SECCOMP_EQ, NETLINK_AUDIT) };
static const struct spec_seccomp_arg not_netlink[] = { ARG(0, SECCOMP_NE, FAMILY_NETLINK) };
static const struct spec_seccomp_arg not_audit[] = { ARG(2, SECCOMP_NE, NETLINK_AUDIT) };

/* The tables are const; the struct that a config.json fills too is not, and nobody writes to it. */
#define NAMES(list)                                                                                                    \
	{                                                                                                              \
		(const char **)(list), sizeof(list) / sizeof((list)[0])                                                \
	}
#define ARGS(list) (struct spec_seccomp_arg *)(list), sizeof(list) / sizeof((list)[0])

enum { MOST_RULES = 16 + GUARDED + PERSONAS };

static void add(struct spec_seccomp *profile, struct spec_strings names, int number,
                const struct spec_seccomp_arg *args, size_t arg_count)
{
	profile->rules[profile->rule_count++] = (struct spec_seccomp_rule){
		.names = names,
		.action = number ? SECCOMP_ERRNO : SECCOMP_ALLOW,
		.errno_ret = { number != 0, (uint64_t)number },
		.args = (struct spec_seccomp_arg *)args,
		.arg_count = arg_count,
	};
}

static void add_sockets(struct spec_seccomp *profile, uint64_t capabilities)
{
	struct spec_strings names = NAMES(call_socket);
	if (capabilities >> CAP_AUDIT_WRITE & 1) {
		add(profile, names, 0, NULL, 0);
		return;
	}
	add(profile, names, EINVAL_NUMBER, ARGS(audit));
	add(profile, names, 0, ARGS(not_netlink));
	add(profile, names, 0, ARGS(not_audit));
}

static void add_architectures(struct spec_seccomp *profile, const char *machine)
{
	static const char *const pc[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" };
	static const char *const arm[] = { "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM" };
	bool is_arm = machine && strcmp(machine, "aarch64") == 0;
	profile->architectures = (const char **)(is_arm ? arm : pc);
	profile->architecture_count = is_arm ? sizeof(arm) / sizeof(arm[0]) : sizeof(pc) / sizeof(pc[0]);
}

void seccomp_default(struct arena *arena, uint64_t capabilities, const char *machine, struct spec_seccomp *profile)
{
	*profile = (struct spec_seccomp){
		.set = true,
		.default_action = SECCOMP_ERRNO,
		.default_errno = { true, ENOSYS_NUMBER },
		.rules = ARENA_ARRAY(arena, MOST_RULES, struct spec_seccomp_rule),
	};
	add_architectures(profile, machine);
	add(profile, (struct spec_strings)NAMES(refused), EPERM_NUMBER, NULL, 0);
	add(profile, (struct spec_strings)NAMES(allowed), 0, NULL, 0);
	add(profile, (struct spec_strings)NAMES(call_ioctl), EPERM_NUMBER, ARGS(tty_input));
	add(profile, (struct spec_strings)NAMES(call_ioctl), EPERM_NUMBER, ARGS(tty_linux));
	add(profile, (struct spec_strings)NAMES(call_ioctl), 0, ARGS(any_ioctl));
	for (size_t i = 0; i < PERSONAS; i++)
		add(profile, (struct spec_strings)NAMES(call_personality), 0, personas[i], 1);
	for (size_t i = 0; i < GUARDED; i++) {
		struct spec_strings names = { (const char **)guarded[i].names, 0 };
		while (names.count < sizeof(guarded[i].names) / sizeof(guarded[i].names[0]) && names.items[names.count])
			names.count++;
		add(profile, names, capabilities >> guarded[i].capability & 1 ? 0 : EPERM_NUMBER, NULL, 0);
	}
	add_sockets(profile, capabilities);
}
