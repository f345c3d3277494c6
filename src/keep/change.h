/* change.h: what differs between kept changes and what they were made over, found by looking at both. */
#ifndef KIST_KEEP_CHANGE_H
#define KIST_KEEP_CHANGE_H

#include "keep/keep.h"

#include <sys/stat.h>

enum keep_change_kind {
	KEEP_ADDED = 'A',
	KEEP_MODIFIED = 'M',   /* the content, perhaps properties too */
	KEEP_DELETED = 'D',    /* of a directory: with all below it */
	KEEP_RETYPED = 'T',    /* another type of file */
	KEEP_PROPERTIES = 'P', /* mode, owner, times or extended attributes alone */
};

/* What differs, and what an administrator wants to see at once. */
enum keep_mark {
	KEEP_MODE = 1 << 0,
	KEEP_OWNER = 1 << 1,
	KEEP_TIME = 1 << 2,
	KEEP_XATTRS = 1 << 3,
	KEEP_SETUID = 1 << 4, /* is set-uid now */
	KEEP_SETGID = 1 << 5,
	KEEP_CAPABILITIES = 1 << 6, /* gives capabilities to who executes it */
	KEEP_DEVICE = 1 << 7,
	KEEP_CONFLICT = 1 << 8, /* what it was made over has changed since, or may have */
};

struct keep_change {
	enum keep_change_kind kind;
	unsigned marks;          /* KEEP_* */
	const struct keep_part *part;
	const char *path;        /* below the part, no slash in front; "" is the part's own directory */
	struct stat upper;       /* not for KEEP_DELETED */
	struct stat lower;       /* not for KEEP_ADDED */
};

struct keep_changes {
	struct keep_change *items; /* part by part; a directory before what is in it */
	size_t count;
	struct keep_change *same;  /* hard-linked files that are here as they are in the layer: others link to them */
	size_t same_count;
};

/* 0 or -errno with err, which names the file that cannot be read, or is not for kist to read (metacopies). */
int keep_scan(struct arena *arena, const struct keep *keep, struct keep_changes *changes, struct err *err);

/* The change at this path of the part, or NULL. */
const struct keep_change *keep_change_at(const struct keep_changes *changes, const struct keep_part *part,
                                         const char *path);

/* For people: as it is, or in quotes and with escapes when it has blanks or what a terminal would obey. Whoever ran in
 * the box chose it. */
const char *keep_quote(struct arena *arena, const char *path);

/* Where it was in the box: absolute. */
const char *keep_change_path(struct arena *arena, const struct keep_change *change);

#endif
