/* keep.h: a directory of kept changes as a whole: opened, taken for a box, locked, removed.
 *
 * Its lock is a flock of the directory itself: whoever runs a box over it, applies or removes it holds it, and the
 * kernel gives it back when that process is killed. */
#ifndef KIST_KEEP_KEEP_H
#define KIST_KEEP_KEEP_H

#include "keep/manifest.h"

#include <stdint.h>

struct keep {
	const char *path; /* as it was named, for messages */
	int dirfd;        /* holds the lock; -1: not open */
	struct keep_manifest manifest;
	bool entered; /* the ids are those of the box: see enter.h */
	bool found;   /* an empty directory that was there before: it stays when what was put into it goes */
};

/* Opens and validates an existing one, without a lock. It must be the caller's alone. 0 or -errno with err. */
int keep_open(struct arena *arena, const char *path, struct keep *keep, struct err *err);
/* -EBUSY with err while a box or another command uses it: also a box whose kist was killed. */
int keep_lock(struct arena *arena, struct keep *keep, struct err *err);
void keep_close(struct keep *keep);

/* What a box wants of its directory. */
struct keep_wanted {
	const char *path;              /* absolute */
	bool go_on;                    /* it must hold changes; otherwise it must hold nothing, or not be there yet */
	const char *root, *record;     /* as in the manifest */
	const char *uid_map, *gid_map; /* NULL: no user namespace */
	const struct keep_part *parts; /* of this box; those of earlier boxes stay */
	size_t count;
};
/* What a box will find there, looked at early and without a lock: for one that goes on what the manifest says, for
 * another nothing, or a refusal when something is there. 0 or -errno with err. */
int keep_look(struct arena *arena, const char *path, bool go_on, struct keep_manifest *manifest, struct err *err);
/* Makes the directory when it is missing, checks that it is the caller's and that overlayfs can write to its file
 * system, locks it, and puts into it what is missing of manifest, upper and work directories. *made: the directory, or
 * what is in it, was made just now. 0 or -errno with err; then nothing new is left. */
int keep_hold(struct arena *arena, const struct keep_wanted *wanted, struct keep *keep, bool *made, struct err *err);

/* The helpers that give a user namespace its maps; NULL: the caller writes them itself. */
struct keep_helpers {
	const char *uid, *gid;
};
/* Removes a locked one with all that is in it, also files of subordinate ids. It ends closed. 0 or -errno with err. */
int keep_discard(struct arena *arena, struct keep *keep, const struct keep_helpers *helpers, struct err *err);

#endif
