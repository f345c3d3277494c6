/* law.h: what the files of laws share: a law, and the plan as laws look at it. */
#ifndef KIST_PLAN_LAW_H
#define KIST_PLAN_LAW_H

#include "base/arena.h"
#include "plan/block.h"
#include "plan/step_table.h"

#include <stdbool.h>

enum { LAW_NONE = UINT32_MAX };

/* Where the kinds stand. Filled only for a block that keeps laws_block. */
struct law_view {
	struct arena *arena;
	const struct plan_block *block;
	uint32_t first[STEP_KIND_COUNT], last[STEP_KIND_COUNT]; /* index, or LAW_NONE */
	uint32_t count[STEP_KIND_COUNT];
	uint32_t made, joined; /* ABI_NEW* of the namespaces the process gets */
};

struct law {
	const char *name;   /* what always holds */
	const char *reason; /* why: the manual page, the specification, the CVE */
	/* NULL when the law is kept, else where and how it is broken, from law_broken(). */
	const char *(*check)(const struct law_view *view);
};
struct law_list {
	const struct law *laws;
	size_t count;
};

extern const struct law_list laws_block;    /* the block is sound: after these its references may be followed */
extern const struct law_list laws_slot;     /* what is handed from step to step arrives */
extern const struct law_list laws_order;    /* what comes before what */
extern const struct law_list laws_process;  /* record, cgroups, namespaces, the process */
extern const struct law_list laws_world;    /* mounts, paths, the root */
extern const struct law_list laws_identity; /* ids, capabilities, filter, exec */
extern const struct law_list laws_hooks;    /* order, paths and what they are told */

/* All of them, in the order they are checked. */
enum { LAW_LISTS = 7 };
extern const struct law_list *const law_lists[LAW_LISTS];

/* The rows of laws_order: every step of the one kind stands before every step of the other. */
struct law_order {
	enum step_kind first, then;
	const char *reason;
};
extern const struct law_order law_orders[];
extern const size_t law_order_count;

/* A block that keeps laws_block, as the other laws look at it; in the arena. */
struct law_view *law_look(struct arena *arena, const struct plan_block *block);

/* "step 12 (mount_fs): <text>". */
__attribute__((format(printf, 3, 4))) const char *law_broken(const struct law_view *view, uint32_t index,
                                                             const char *format, ...);
/* The string of a reference, "" when absent. */
const char *law_text(const struct law_view *view, plan_text text);
/* The step that gives a slot, NULL when none does. */
const struct step *law_giver(const struct law_view *view, plan_slot slot);

#endif
