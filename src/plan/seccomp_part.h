/* seccomp_part.h: what the parts of the seccomp compiler hand to each other.
 *
 *   seccomp.c        the story: which architectures, which rules, then the program
 *   seccomp_map.c    rules of one architecture -> sorted ranges of numbers that share an outcome
 *   seccomp_run.c    the compiled program, asked about a single call
 *   seccomp_judge.c  the same maps, asked about a single call
 *   seccomp_tree.c   ranges -> a binary tree of compares; outcomes -> returns and tests of arguments */
#ifndef KIST_PLAN_SECCOMP_PART_H
#define KIST_PLAN_SECCOMP_PART_H

#include "plan/seccomp.h"

/* SECCOMP_RET_* (linux/seccomp.h): as signed numbers, the lower the stricter. */
enum seccomp_return {
	SECCOMP_RETURN_KILL_THREAD = 0x00000000,
	SECCOMP_RETURN_TRAP = 0x00030000,
	SECCOMP_RETURN_ERRNO = 0x00050000,
	SECCOMP_RETURN_NOTIFY = 0x7fc00000,
	SECCOMP_RETURN_TRACE = 0x7ff00000,
	SECCOMP_RETURN_LOG = 0x7ffc0000,
	SECCOMP_RETURN_ALLOW = 0x7fff0000,
};
#define SECCOMP_RETURN_KILL_PROCESS 0x80000000u
#define SECCOMP_RETURN_ACTION 0xffff0000u

/* The instructions that are used (linux/bpf_common.h). */
enum { BPF_LOAD = 0x20, BPF_AND = 0x54, BPF_GOTO = 0x05, BPF_RETURN = 0x06 };
enum { BPF_EQUAL = 0x15, BPF_GREATER = 0x25, BPF_AT_LEAST = 0x35 };

/* What happens to a call: the index of a leaf. A leaf without clauses returns `action`. One with clauses takes the
 * first whose conditions all hold, else `otherwise`. Equal leaves have equal indices. */
struct seccomp_clause {
	const struct spec_seccomp_arg *args;
	size_t arg_count;
	uint32_t leaf;
	uint32_t rule; /* that it is from */
	struct seccomp_clause *next;
};
struct seccomp_leaf {
	uint32_t action;
	const struct seccomp_clause *clauses;
	uint32_t otherwise;
	bool wide; /* arguments have 64 bits here */
};
struct seccomp_leaves {
	struct arena *arena;
	struct seccomp_leaf *items;
	size_t count, capacity;
};
uint32_t seccomp_leaf_action(struct seccomp_leaves *leaves, uint32_t action);

/* Numbers from `first` up to the next range's first, or to the last number there is. */
struct seccomp_range {
	uint32_t first;
	uint32_t leaf;
};
struct seccomp_ranges {
	struct seccomp_range *items;
	size_t count;
};
/* Appends a range; one with the same leaf as its neighbour below becomes part of it. */
void seccomp_range_put(struct seccomp_ranges *ranges, uint32_t first, uint32_t leaf);

/* What the profile says about the numbers of one architecture. A number has a slot: ordinary ones stand at the
 * number itself, those that arm keeps far above (set_tls and its kin) behind them. */
enum { SECCOMP_SLOT_ORDINARY = 640, SECCOMP_SLOT_PRIVATE = 16 };
struct seccomp_slot {
	bool listed;  /* some rule is about this number */
	bool settled; /* an unconditional one */
	uint32_t leaf; /* when settled */
	uint32_t rule;
	struct seccomp_clause *clauses;
};
struct seccomp_map {
	enum seccomp_arch arch;
	struct seccomp_slot slots[SECCOMP_SLOT_ORDINARY + SECCOMP_SLOT_PRIVATE];
	int highest; /* slot of the highest ordinary number that the profile names; -1: none */
};

/* One rule as it applies to one call. `skipped`: it does what the default does, so it only names the call. */
struct seccomp_order {
	const struct spec_seccomp_arg *args;
	size_t arg_count;
	uint32_t leaf;
	uint32_t rule; /* index in the profile */
	bool skipped;
	bool stricter; /* than the default */
};
void seccomp_map_add(struct arena *arena, struct seccomp_map *map, const struct syscall_entry *entry,
                     const struct seccomp_order *order);
/* The call has this outcome, whatever the rules say. */
void seccomp_map_settle(struct seccomp_map *map, const struct syscall_entry *entry, uint32_t leaf);
/* Where the number stands, or NULL: above all that have a place. `highest` may be below it. */
const struct seccomp_slot *seccomp_map_slot(const struct seccomp_map *map, uint32_t number);
/* Whether a number is above all that the profile names, so that it is newer than the profile. */
bool seccomp_map_is_newer(const struct seccomp_map *map, uint32_t number);

/* A compilation under way. */
enum { SECCOMP_X32_BIT = 0x40000000 };
struct seccomp_work {
	struct arena *arena;
	const struct spec_seccomp *profile;
	bool traced;
	uint32_t default_action;
	struct seccomp_leaves leaves;
	uint32_t otherwise, newer, kill;              /* leaves */
	struct seccomp_map *maps[SECCOMP_ARCH_COUNT]; /* NULL: not in the filter */
	struct seccomp_ranges ranges[SECCOMP_ARCH_COUNT];
};
/* The profile as maps; `work` has its first three members. `out` gets what is unknown and whether it notifies. */
void seccomp_read(struct seccomp_work *work, enum seccomp_arch native, struct seccomp_program *out);
/* The audit value of an architecture. */
uint32_t seccomp_audit(enum seccomp_arch arch);

/* Appends the ranges of one architecture. `otherwise` is the default's leaf, `newer` that of numbers above the
 * highest named one. */
void seccomp_map_ranges(const struct seccomp_map *map, struct seccomp_leaves *leaves, uint32_t otherwise,
                        uint32_t newer, struct seccomp_ranges *ranges);

/* A program that is written from its end: jumps go forward only, so every target is already in place when the jump
 * to it is written, and its distance is known. Positions are indices of `items`. */
struct seccomp_code {
	struct seccomp_instruction *items; /* SECCOMP_INSTRUCTION_LIMIT of them */
	size_t first;                      /* the earliest one written */
	bool full;                         /* there were more */
	const struct seccomp_leaves *leaves;
	size_t *placed; /* for each leaf, where it was written last; the limit: nowhere yet */
};
struct seccomp_code seccomp_code_new(const struct seccomp_leaves *leaves);
/* Loads a word of struct seccomp_data. */
enum { SECCOMP_AT_NUMBER = 0, SECCOMP_AT_ARCH = 4, SECCOMP_AT_ARGS = 16 };
size_t seccomp_code_load(struct seccomp_code *code, uint32_t offset);
/* The loaded word is `k`: go to `yes`, else to `no`. */
size_t seccomp_code_equal(struct seccomp_code *code, uint32_t k, size_t yes, size_t no);
/* A place that does what the leaf says, near enough to be jumped to from the next instruction. */
size_t seccomp_code_leaf(struct seccomp_code *code, uint32_t leaf);
/* Sends the loaded system call number to its range's leaf. */
size_t seccomp_code_tree(struct seccomp_code *code, const struct seccomp_range *ranges, size_t count);

#endif
