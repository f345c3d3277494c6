/* names.h: the one place where the words of configurations and the numbers of the kernel meet.
 *
 * Each table is looked up both ways. The numbers are the Linux ABI's (x86-64 and aarch64 agree on all of them) and
 * are kept here so that neither specs nor plans need a kernel header; test/unit/spec_names_test.c compares them with
 * the kernel's own. All functions are pure. */
#ifndef KIST_SPEC_NAMES_H
#define KIST_SPEC_NAMES_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	const char *word;
	uint64_t value;
};
struct name_table {
	const char *what; /* what one entry is, for messages: "capability" */
	const struct name *names;
	size_t count;
};

extern const struct name_table name_capabilities;   /* "CAP_CHOWN": its number */
extern const struct name_table name_rlimits;        /* "RLIMIT_NOFILE": RLIMIT_* */
extern const struct name_table name_namespaces;     /* "network": ABI_NEWNET */
extern const struct name_table name_signals;        /* "SIGTERM": its number; see name_signal() for real-time ones */
extern const struct name_table name_propagations;   /* "private": ABI_PRIVATE; the r words have NAME_RECURSIVE too */
extern const struct name_table name_policies;       /* "SCHED_FIFO": SCHED_* */
extern const struct name_table name_policy_flags;   /* "SCHED_FLAG_RECLAIM": its bit */
extern const struct name_table name_io_classes;     /* "IOPRIO_CLASS_RT": 1 */
extern const struct name_table name_memory_modes;   /* "MPOL_BIND": MPOL_* */
extern const struct name_table name_memory_flags;   /* "MPOL_F_STATIC_NODES": its bit */
extern const struct name_table name_seccomp_actions;       /* "SCMP_ACT_ERRNO": enum spec_seccomp_action */
extern const struct name_table name_seccomp_operators;     /* "SCMP_CMP_EQ": enum spec_seccomp_operator */
extern const struct name_table name_seccomp_architectures; /* "SCMP_ARCH_X86_64": AUDIT_ARCH_*; X32 has x86-64's */
extern const struct name_table name_seccomp_flags;         /* "SECCOMP_FILTER_FLAG_LOG": its bit */
extern const struct name_table name_personalities;         /* "LINUX32": PER_* */
extern const struct name_table name_device_types;          /* "c", "b", "u", "p": the letter */

enum { NAME_RECURSIVE = 1 << 14 }; /* MS_REC, beside a propagation */

enum name_policy {
	NAME_SCHED_OTHER = 0,
	NAME_SCHED_FIFO = 1,
	NAME_SCHED_RR = 2,
	NAME_SCHED_BATCH = 3,
	NAME_SCHED_ISO = 4, /* reserved: no kernel has it */
	NAME_SCHED_IDLE = 5,
	NAME_SCHED_DEADLINE = 6,
};
enum name_policy_flag {
	NAME_SCHED_RESET_ON_FORK = 0x01,
	NAME_SCHED_UTIL_CLAMP_MIN = 0x20,
	NAME_SCHED_UTIL_CLAMP_MAX = 0x40,
};
enum name_memory_mode {
	NAME_MPOL_DEFAULT = 0,
	NAME_MPOL_PREFERRED = 1,
	NAME_MPOL_BIND = 2,
	NAME_MPOL_INTERLEAVE = 3,
	NAME_MPOL_LOCAL = 4,
	NAME_MPOL_PREFERRED_MANY = 5,
	NAME_MPOL_WEIGHTED_INTERLEAVE = 6,
};
enum name_memory_flag {
	NAME_MPOL_NUMA_BALANCING = 1 << 13,
	NAME_MPOL_RELATIVE_NODES = 1 << 14,
	NAME_MPOL_STATIC_NODES = 1 << 15,
};
enum { NAME_SECCOMP_WAIT_KILLABLE_RECV = 1 << 5, NAME_PER_LINUX32 = 8, NAME_IO_IDLE = 3 };

/* The value of an exact word. False when the table has no such word; *value is then untouched. */
bool name_value(const struct name_table *table, const char *word, uint64_t *value);
/* The first word of a value, or NULL. */
const char *name_word(const struct name_table *table, uint64_t value);
/* "SIGTERM", "TERM", "15", "RTMIN+3", "SIGRTMAX-1", in either case: 1..64. False when there is no such signal. */
bool name_signal(const char *word, int *number);

/* The word somebody may have meant by `word`, or NULL when none is near. */
const char *name_nearest(const struct name_table *table, const char *word);
/* "a, b or c": all words, in the arena. */
const char *name_list(struct arena *arena, const struct name_table *table);

#endif
