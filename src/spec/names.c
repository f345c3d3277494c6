/* names.c: the name tables: capabilities, limits, namespaces, signals, policies, seccomp words. */
#include "spec/names.h"

#include "base/abi.h"
#include "base/buf.h"
#include "spec/spec.h"

#include <string.h>
#include <strings.h>

#define TABLE(name, noun, list)                                                                                        \
	const struct name_table name = { .what = noun, .names = list, .count = sizeof(list) / sizeof((list)[0]) }

/* linux/capability.h */
static const struct name capabilities[] = {
	{ "CAP_CHOWN", 0 },
	{ "CAP_DAC_OVERRIDE", 1 },
	{ "CAP_DAC_READ_SEARCH", 2 },
	{ "CAP_FOWNER", 3 },
	{ "CAP_FSETID", 4 },
	{ "CAP_KILL", 5 },
	{ "CAP_SETGID", ABI_CAP_SETGID },
	{ "CAP_SETUID", ABI_CAP_SETUID },
	{ "CAP_SETPCAP", ABI_CAP_SETPCAP },
	{ "CAP_LINUX_IMMUTABLE", 9 },
	{ "CAP_NET_BIND_SERVICE", 10 },
	{ "CAP_NET_BROADCAST", 11 },
	{ "CAP_NET_ADMIN", ABI_CAP_NET_ADMIN },
	{ "CAP_NET_RAW", 13 },
	{ "CAP_IPC_LOCK", 14 },
	{ "CAP_IPC_OWNER", 15 },
	{ "CAP_SYS_MODULE", 16 },
	{ "CAP_SYS_RAWIO", 17 },
	{ "CAP_SYS_CHROOT", 18 },
	{ "CAP_SYS_PTRACE", 19 },
	{ "CAP_SYS_PACCT", 20 },
	{ "CAP_SYS_ADMIN", ABI_CAP_SYS_ADMIN },
	{ "CAP_SYS_BOOT", 22 },
	{ "CAP_SYS_NICE", 23 },
	{ "CAP_SYS_RESOURCE", 24 },
	{ "CAP_SYS_TIME", 25 },
	{ "CAP_SYS_TTY_CONFIG", 26 },
	{ "CAP_MKNOD", ABI_CAP_MKNOD },
	{ "CAP_LEASE", 28 },
	{ "CAP_AUDIT_WRITE", 29 },
	{ "CAP_AUDIT_CONTROL", 30 },
	{ "CAP_SETFCAP", 31 },
	{ "CAP_MAC_OVERRIDE", 32 },
	{ "CAP_MAC_ADMIN", 33 },
	{ "CAP_SYSLOG", 34 },
	{ "CAP_WAKE_ALARM", 35 },
	{ "CAP_BLOCK_SUSPEND", 36 },
	{ "CAP_AUDIT_READ", 37 },
	{ "CAP_PERFMON", 38 },
	{ "CAP_BPF", 39 },
	{ "CAP_CHECKPOINT_RESTORE", 40 },
};
_Static_assert(sizeof(capabilities) / sizeof(capabilities[0]) == ABI_CAP_COUNT, "one name a capability");
TABLE(name_capabilities, "capability", capabilities);

/* asm-generic/resource.h */
static const struct name rlimits[] = {
	{ "RLIMIT_CPU", 0 },       { "RLIMIT_FSIZE", 1 }, { "RLIMIT_DATA", 2 },    { "RLIMIT_STACK", 3 },
	{ "RLIMIT_CORE", 4 },      { "RLIMIT_RSS", 5 },   { "RLIMIT_NPROC", 6 },   { "RLIMIT_NOFILE", 7 },
	{ "RLIMIT_MEMLOCK", 8 },   { "RLIMIT_AS", 9 },    { "RLIMIT_LOCKS", 10 },  { "RLIMIT_SIGPENDING", 11 },
	{ "RLIMIT_MSGQUEUE", 12 }, { "RLIMIT_NICE", 13 }, { "RLIMIT_RTPRIO", 14 }, { "RLIMIT_RTTIME", 15 },
};
_Static_assert(sizeof(rlimits) / sizeof(rlimits[0]) == ABI_RLIMIT_COUNT, "one name a limit");
TABLE(name_rlimits, "resource limit", rlimits);

static const struct name namespaces[] = {
	{ "mount", ABI_NEWNS }, { "pid", ABI_NEWPID },   { "network", ABI_NEWNET },   { "uts", ABI_NEWUTS },
	{ "ipc", ABI_NEWIPC },  { "user", ABI_NEWUSER }, { "cgroup", ABI_NEWCGROUP }, { "time", ABI_NEWTIME },
};
TABLE(name_namespaces, "namespace type", namespaces);

/* asm-generic/signal.h; SIGIOT, SIGPOLL and SIGCLD are second names, so they come last. */
static const struct name signals[] = {
	{ "SIGHUP", 1 },     { "SIGINT", 2 },   { "SIGQUIT", 3 },   { "SIGILL", 4 },   { "SIGTRAP", 5 },
	{ "SIGABRT", 6 },    { "SIGBUS", 7 },   { "SIGFPE", 8 },    { "SIGKILL", 9 },  { "SIGUSR1", 10 },
	{ "SIGSEGV", 11 },   { "SIGUSR2", 12 }, { "SIGPIPE", 13 },  { "SIGALRM", 14 }, { "SIGTERM", 15 },
	{ "SIGSTKFLT", 16 }, { "SIGCHLD", 17 }, { "SIGCONT", 18 },  { "SIGSTOP", 19 }, { "SIGTSTP", 20 },
	{ "SIGTTIN", 21 },   { "SIGTTOU", 22 }, { "SIGURG", 23 },   { "SIGXCPU", 24 }, { "SIGXFSZ", 25 },
	{ "SIGVTALRM", 26 }, { "SIGPROF", 27 }, { "SIGWINCH", 28 }, { "SIGIO", 29 },   { "SIGPWR", 30 },
	{ "SIGSYS", 31 },    { "SIGIOT", 6 },   { "SIGPOLL", 29 },  { "SIGCLD", 17 },
};
TABLE(name_signals, "signal", signals);

/* The specification lists the four plain words; engines write the recursive ones, and mean the same tree. */
static const struct name propagations[] = {
	{ "private", ABI_PRIVATE },
	{ "shared", ABI_SHARED },
	{ "slave", ABI_SLAVE },
	{ "unbindable", ABI_UNBINDABLE },
	{ "rprivate", ABI_PRIVATE | NAME_RECURSIVE },
	{ "rshared", ABI_SHARED | NAME_RECURSIVE },
	{ "rslave", ABI_SLAVE | NAME_RECURSIVE },
	{ "runbindable", ABI_UNBINDABLE | NAME_RECURSIVE },
};
TABLE(name_propagations, "propagation", propagations);

/* linux/sched.h */
static const struct name policies[] = {
	{ "SCHED_OTHER", NAME_SCHED_OTHER },       { "SCHED_FIFO", NAME_SCHED_FIFO }, { "SCHED_RR", NAME_SCHED_RR },
	{ "SCHED_BATCH", NAME_SCHED_BATCH },       { "SCHED_ISO", NAME_SCHED_ISO },   { "SCHED_IDLE", NAME_SCHED_IDLE },
	{ "SCHED_DEADLINE", NAME_SCHED_DEADLINE },
};
TABLE(name_policies, "scheduling policy", policies);

static const struct name policy_flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", NAME_SCHED_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", 0x02 },
	{ "SCHED_FLAG_DL_OVERRUN", 0x04 },
	{ "SCHED_FLAG_KEEP_POLICY", 0x08 },
	{ "SCHED_FLAG_KEEP_PARAMS", 0x10 },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", NAME_SCHED_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", NAME_SCHED_UTIL_CLAMP_MAX },
};
TABLE(name_policy_flags, "scheduling flag", policy_flags);

/* linux/ioprio.h */
static const struct name io_classes[] = {
	{ "IOPRIO_CLASS_RT", 1 },
	{ "IOPRIO_CLASS_BE", 2 },
	{ "IOPRIO_CLASS_IDLE", NAME_IO_IDLE },
};
TABLE(name_io_classes, "I/O priority class", io_classes);

/* linux/mempolicy.h */
static const struct name memory_modes[] = {
	{ "MPOL_DEFAULT", NAME_MPOL_DEFAULT },       { "MPOL_BIND", NAME_MPOL_BIND },
	{ "MPOL_INTERLEAVE", NAME_MPOL_INTERLEAVE }, { "MPOL_WEIGHTED_INTERLEAVE", NAME_MPOL_WEIGHTED_INTERLEAVE },
	{ "MPOL_PREFERRED", NAME_MPOL_PREFERRED },   { "MPOL_PREFERRED_MANY", NAME_MPOL_PREFERRED_MANY },
	{ "MPOL_LOCAL", NAME_MPOL_LOCAL },
};
TABLE(name_memory_modes, "memory policy", memory_modes);

static const struct name memory_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", NAME_MPOL_NUMA_BALANCING },
	{ "MPOL_F_RELATIVE_NODES", NAME_MPOL_RELATIVE_NODES },
	{ "MPOL_F_STATIC_NODES", NAME_MPOL_STATIC_NODES },
};
TABLE(name_memory_flags, "memory policy flag", memory_flags);

static const struct name seccomp_actions[] = {
	{ "SCMP_ACT_KILL", SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_KILL_THREAD },
	{ "SCMP_ACT_TRAP", SECCOMP_TRAP },
	{ "SCMP_ACT_ERRNO", SECCOMP_ERRNO },
	{ "SCMP_ACT_TRACE", SECCOMP_TRACE },
	{ "SCMP_ACT_ALLOW", SECCOMP_ALLOW },
	{ "SCMP_ACT_LOG", SECCOMP_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_NOTIFY },
};
TABLE(name_seccomp_actions, "seccomp action", seccomp_actions);

static const struct name seccomp_operators[] = {
	{ "SCMP_CMP_NE", SECCOMP_NE },
	{ "SCMP_CMP_LT", SECCOMP_LT },
	{ "SCMP_CMP_LE", SECCOMP_LE },
	{ "SCMP_CMP_EQ", SECCOMP_EQ },
	{ "SCMP_CMP_GE", SECCOMP_GE },
	{ "SCMP_CMP_GT", SECCOMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SECCOMP_MASKED_EQ },
};
TABLE(name_seccomp_operators, "seccomp operator", seccomp_operators);

/* linux/audit.h: the ELF machine, with a bit for 64 bits, one for little-endian and one for MIPS n32. */
static const struct name seccomp_architectures[] = {
	{ "SCMP_ARCH_X86", 0x40000003 },         { "SCMP_ARCH_X86_64", 0xc000003e },
	{ "SCMP_ARCH_X32", 0xc000003e },         { "SCMP_ARCH_ARM", 0x40000028 },
	{ "SCMP_ARCH_AARCH64", 0xc00000b7 },     { "SCMP_ARCH_LOONGARCH64", 0xc0000102 },
	{ "SCMP_ARCH_M68K", 0x00000004 },        { "SCMP_ARCH_MIPS", 0x00000008 },
	{ "SCMP_ARCH_MIPS64", 0x80000008 },      { "SCMP_ARCH_MIPS64N32", 0xa0000008 },
	{ "SCMP_ARCH_MIPSEL", 0x40000008 },      { "SCMP_ARCH_MIPSEL64", 0xc0000008 },
	{ "SCMP_ARCH_MIPSEL64N32", 0xe0000008 }, { "SCMP_ARCH_PPC", 0x00000014 },
	{ "SCMP_ARCH_PPC64", 0x80000015 },       { "SCMP_ARCH_PPC64LE", 0xc0000015 },
	{ "SCMP_ARCH_S390", 0x00000016 },        { "SCMP_ARCH_S390X", 0x80000016 },
	{ "SCMP_ARCH_SH", 0x4000002a },          { "SCMP_ARCH_SHEB", 0x0000002a },
	{ "SCMP_ARCH_PARISC", 0x0000000f },      { "SCMP_ARCH_PARISC64", 0x8000000f },
	{ "SCMP_ARCH_RISCV64", 0xc00000f3 },
};
TABLE(name_seccomp_architectures, "seccomp architecture", seccomp_architectures);

/* linux/seccomp.h */
static const struct name seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 1 << 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", 1 << 1 },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1 << 2 },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", NAME_SECCOMP_WAIT_KILLABLE_RECV },
};
TABLE(name_seccomp_flags, "seccomp flag", seccomp_flags);

/* linux/personality.h */
static const struct name personalities[] = {
	{ "LINUX", 0 },
	{ "LINUX32", NAME_PER_LINUX32 },
};
TABLE(name_personalities, "personality domain", personalities);

static const struct name device_types[] = {
	{ "c", 'c' },
	{ "b", 'b' },
	{ "u", 'u' },
	{ "p", 'p' },
};
TABLE(name_device_types, "device type", device_types);

bool name_value(const struct name_table *table, const char *word, uint64_t *value)
{
	for (size_t i = 0; i < table->count; i++) {
		if (strcmp(table->names[i].word, word) == 0) {
			*value = table->names[i].value;
			return true;
		}
	}
	return false;
}

const char *name_word(const struct name_table *table, uint64_t value)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->names[i].value == value)
			return table->names[i].word;
	}
	return NULL;
}

/* One or two digits; -1 when it is anything else. */
static int small_number(const char *digits)
{
	size_t length = strlen(digits);
	if (length < 1 || length > 2 || strspn(digits, "0123456789") != length)
		return -1;
	return length == 1 ? digits[0] - '0' : (digits[0] - '0') * 10 + digits[1] - '0';
}

/* "RTMIN", "RTMIN+3", "RTMAX-1". The C libraries keep 32 and 33 (glibc) or up to 34 (musl) for their threads; what
 * a shell and kill(1) call SIGRTMIN is 34 everywhere. */
static int realtime_signal(const char *word)
{
	enum { RTMIN = 34, RTMAX = ABI_SIGNAL_MAX };
	bool from_min = strncasecmp(word, "RTMIN", 5) == 0;
	if (!from_min && strncasecmp(word, "RTMAX", 5) != 0)
		return -1;
	int base = from_min ? RTMIN : RTMAX;
	if (word[5] == '\0')
		return base;
	int offset = small_number(word + 6);
	if (offset < 0 || word[5] != (from_min ? '+' : '-'))
		return -1;
	int number = from_min ? base + offset : base - offset;
	return number >= RTMIN && number <= RTMAX ? number : -1;
}

bool name_signal(const char *word, int *number)
{
	int found = small_number(word);
	const char *bare = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;
	for (size_t i = 0; found < 0 && i < name_signals.count; i++) {
		if (strcasecmp(name_signals.names[i].word + 3, bare) == 0)
			found = (int)name_signals.names[i].value;
	}
	if (found < 0)
		found = realtime_signal(bare);
	if (found < 1 || found > ABI_SIGNAL_MAX)
		return false;
	*number = found;
	return true;
}

const char *name_list(struct arena *arena, const struct name_table *table)
{
	struct buf list = buf_in(arena);
	for (size_t i = 0; i < table->count; i++) {
		const char *between = i == 0 ? "" : i + 1 == table->count ? " or " : ", ";
		buf_puts(&list, between);
		buf_puts(&list, table->names[i].word);
	}
	return list.bytes ? list.bytes : "";
}
