/* manifest.h: what a directory of kept changes says about itself: DIR/changes.json.
 *
 * DIR (0700, the owner's alone: there may be set-uid files of a box in it) holds `changes.json` and, for each part of
 * the view, `upper.N` (what was written: an upper layer of overlayfs) and `work.N` (overlayfs's own). The file is
 *   { "kist": "changes", "version": 1, "root": PATH, "record": PATH, "uidMap": TEXT, "gidMap": TEXT,
 *     "parts": [ { "path": PATH, "number": N } ] }
 * with "root" what the box was a view of ("/" is this machine), "record" that of the last box, the maps as
 * /proc/PID/uid_map takes them (missing: no user namespace), and "path" where the part was seen in the box.
 * It is replaced atomically, and everything read back is validated. */
#ifndef KIST_KEEP_MANIFEST_H
#define KIST_KEEP_MANIFEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct keep_part {
	const char *path; /* in the box: absolute and clean */
	unsigned number;  /* of upper.N and work.N */
};

struct keep_manifest {
	const char *root;              /* absolute and clean */
	const char *record;            /* STATE_ROOT/ID of the last box; NULL: none */
	const char *uid_map, *gid_map; /* NULL: none; both or neither */
	struct keep_part *parts;
	size_t count;
};

void keep_manifest_write(struct buf *out, const struct keep_manifest *manifest);
/* `shown` is the directory's name in messages. 0, or -EBADMSG with err. */
int keep_manifest_parse(struct arena *arena, const char *text, size_t length, const char *shown,
                        struct keep_manifest *manifest, struct err *err);
/* From the directory; follows no link. -ENOENT without words when there is none, else as above or another -errno. */
int keep_manifest_read(struct arena *arena, int dirfd, const char *shown, struct keep_manifest *manifest,
                       struct err *err);

/* The part that was seen at this path, or NULL. */
const struct keep_part *keep_part_at(const struct keep_manifest *manifest, const char *path);
/* Where on this machine the part's lower layer is. */
const char *keep_part_lower(struct arena *arena, const struct keep_manifest *manifest, const struct keep_part *part);

#endif
