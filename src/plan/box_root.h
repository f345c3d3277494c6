/* box_root.h: what a box sees of what it may write to without changing it: overlays, and what goes on them. */
#ifndef KIST_PLAN_BOX_ROOT_H
#define KIST_PLAN_BOX_ROOT_H

#include "plan/build.h"

#include <stdbool.h>

enum box_part_how {
	PART_OVERLAY,   /* a copy-on-write view of `lower` */
	PART_SERVED,    /* the same by fuse-overlayfs, with what is mounted below */
	PART_TMPFS,     /* an empty file system */
	PART_PROC,      /* a fresh procfs */
	PART_MQUEUE,    /* the message queues of the box's own IPC namespace */
	PART_DEVPTS,    /* terminals of its own: none of the caller's is in reach (CVE-2017-5226) */
	PART_BIND,      /* `lower` itself, and nothing below it */
	PART_BIND_TREE, /* `lower` itself, and all below it */
	PART_DIRECTORY, /* an empty directory: more parts go into it */
	PART_LINK,      /* a symbolic link to `target` */
};

struct box_part {
	enum box_part_how how;
	const char *path;  /* in the box; "/" comes first and is the root */
	const char *lower; /* on the host */
	const char *target;
	uint64_t attr;   /* ABI_ATTR_* */
	uint32_t mode;   /* of the directory */
	unsigned number; /* of the overlay, for the names of its directories; of kept ones the same in each run */
};

struct box_view {
	struct box_part *parts; /* in the order they are put together */
	size_t count;
};

/* Computed from facts alone, once. Why there can be no such view is refused once, by plan_root(). */
const struct box_view *box_view(struct plan_builder *builder);
/* Refuses, with the remedy, what this host or this caller cannot overlay. */
void box_view_check(struct plan_builder *builder);

/* Numbers the overlays of a view whose changes are kept (box_keep.c), refuses what cannot be gone on from, and adds the
 * step that takes the directory. */
void box_keep_numbers(struct plan_builder *builder, struct box_view *view);
void box_keep_check(struct plan_builder *builder);
void box_keep_hold(struct plan_builder *builder);

/* Warns of a root whose files belong to others than the box has, and notes the maps on one it may write to
 * (box_owner.c). */
void box_owner(struct plan_builder *builder);

/* Refuses what a view by fuse-overlayfs cannot be made of or with here, and adds the steps that open it
 * (box_served.c). */
void box_served_check(struct plan_builder *builder);
void box_open_served(struct plan_builder *builder, const struct box_part *part);

/* Whether a part is at this path: something that the box has for itself. */
bool box_has(struct plan_builder *builder, const char *path);

/* What is written goes to a tmpfs of the box's own, since the state root's file system can be no upper layer. */
bool box_writes_to_memory(const struct plan_builder *builder);

/* Host paths below the record. */
const char *box_attach_point(const struct plan_builder *builder);
const char *box_memory_point(const struct plan_builder *builder);
const char *box_upper(const struct plan_builder *builder, const struct box_part *part);
const char *box_work(const struct plan_builder *builder, const struct box_part *part);
/* "key=path" with what overlayfs, or fuse-overlayfs, takes for the end of a layer or of an option escaped. */
const char *box_layer_option(const struct plan_builder *builder, const char *key, const char *path);
/* The options of an overlay part: lowerdir=, upperdir=, workdir= and what else it needs here. */
struct plan_span box_overlay_options(struct plan_builder *builder, const struct box_part *part);

#endif
