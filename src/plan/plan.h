/* plan.h: what will be done: spec + facts -> an ordered list of steps. Pure: opens nothing, asks nobody. */
#ifndef KIST_PLAN_PLAN_H
#define KIST_PLAN_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "facts/facts.h"
#include "plan/block.h"
#include "spec/spec.h"

/* What a directory of kept changes says of itself (keep/manifest.h has the same for those who read it). */
struct plan_kept_part {
	const char *path;
	unsigned number;
};
struct plan_kept {
	const char *root;
	const char *uid_map, *gid_map; /* NULL: none */
	const struct plan_kept_part *parts;
	size_t count;
};

/* What the command line adds to spec and facts. */
struct plan_request {
	const char *id;         /* grammar checked by the verb */
	const char *state_root; /* absolute; the record is state_root/id */
	bool no_pivot;          /* --no-pivot: MS_MOVE instead of pivot_root */
	bool no_new_keyring;
	const char *pid_file; /* absolute; NULL: none */
	const struct plan_kept *kept; /* what --from goes on from; NULL: nothing */
	bool gate;              /* create: init waits at the start gate */
	bool seccomp_trace;     /* --seccomp-trace: what the profile would refuse is told */
	struct plan_trouble trouble;
};

/* Computes the plan of `run` or `create` (and of a foreground box). Returns the linked block, or NULL with all reasons
 * in faults: what this host or this kist cannot do, each with the pointer of what asked for it. Warnings go to
 * faults->warnings. */
struct plan_block *plan_make(struct arena *arena, const struct spec *spec, const struct facts *facts,
                             const struct plan_request *request, struct spec_faults *faults);

/* One law that a plan breaks; NULL when it keeps them all. The text names the law, its reason and the step. */
const char *plan_law(struct arena *arena, const struct plan_block *block);

/* Two columns, runtime | container, one line a step with its place; `show_env` prints environment values. */
struct plan_style {
	bool show_env;
	bool json;
};
void plan_print(struct buf *out, const struct plan_block *block, struct plan_style style);
/* "mount proc on /proc": the step's words with its fields filled in. */
const char *plan_step_words(struct arena *arena, const struct plan_block *block, uint32_t index);
/* What to do about a step that failed with this errno, or NULL. Pure: one table of (kind, errno, test) rows. */
const char *plan_hint(struct arena *arena, const struct plan_block *block, uint32_t index, int number, bool detailed);

#endif
