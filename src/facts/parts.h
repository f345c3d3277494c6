/* parts.h: what the files of this room ask of each other. What is parsed comes as an argument, so that tests can give
 * it texts and trees of their own. */
#ifndef KIST_FACTS_PARTS_H
#define KIST_FACTS_PARTS_H

#include "facts/facts.h"
#include "facts/slice.h"
#include "json/json.h"
#include "sys/status.h"

/* --- small.c -------------------------------------------------------------------------------------- */

/* What a /proc or /sys file says, when that is at most `size` - 1 bytes; without its last line break, NUL-terminated.
 * False when it cannot be read or is longer. One read(2): the kernel gives such a file whole. */
bool facts_read_small(const char *path, char *text, size_t size);

/* --- caller.c ------------------------------------------------------------------------------------- */

/* `state_root` NULL: the default. */
void facts_read_caller(struct arena *arena, const char *state_root, enum facts_wanted wanted,
                       struct facts_caller *caller);

/* Which id outside the first id of a text of /proc/self/uid_map is, when that is 0. */
bool facts_outer_root(struct slice uid_map, uint32_t *outer);
/* The file system of a path, or of the nearest directory above it that is there, by name. NULL: it has none here. */
const char *facts_file_system(struct arena *arena, const char *path);

/* The name of a user in the text of /etc/passwd, or NULL. */
const char *facts_find_user(struct arena *arena, struct slice passwd, uint32_t uid);

/* Whose ranges are looked for: /etc/subgid names users too, by name or by uid. */
struct facts_owner {
	const char *name; /* NULL: unknown */
	uint32_t uid;
	uint32_t own_id; /* the caller's uid or gid, which no range may hold: it is mapped by itself */
};
/* The owner's ranges in a text of /etc/subuid: valid ones, none overlapping an earlier one. Returns their number. */
size_t facts_find_ranges(struct arena *arena, struct slice subids, const struct facts_owner *owner,
                         struct facts_range **ranges);

/* The first id from 100000 on that is behind every range of both texts, with the 65535 after it; 0 when so many are not
 * left. */
uint32_t facts_free_subids(struct slice subuid, struct slice subgid);

/* --- kernel.c, cache.c ---------------------------------------------------------------------------- */

/* Fills everything but the version, by trying. */
void facts_probe_kernel(struct facts_kernel *kernel);
/* "6.18.44-amd64" to 6 and 18. */
void facts_parse_release(const char *release, struct facts_kernel *kernel);
bool facts_overlay_known(struct arena *arena);

/* What a probe's answer depends on, as one word; NULL when that cannot be told. */
const char *facts_cache_key(struct arena *arena, const struct facts_caller *caller);
/* True when the state root holds the reader's own valid answers to this key. */
bool facts_cache_read(struct arena *arena, const char *state_root, const char *key, struct facts_kernel *kernel);
/* Keeps them, when the state root exists and is the caller's own. */
void facts_cache_write(struct arena *arena, const char *state_root, const char *key, const struct facts_kernel *kernel);

/* --- cgroup.c ------------------------------------------------------------------------------------- */

struct facts_cgroup_source {
	struct slice self; /* /proc/self/cgroup */
	const char *mount; /* "/sys/fs/cgroup" */
	bool overrides;    /* the caller's CAP_DAC_OVERRIDE counts: only a read-only mount keeps it from writing */
	/* statfs(2) of a path: 0 or -errno. */
	int (*look)(const char *path, struct sys_filesystem *filesystem);
};
void facts_read_cgroup(struct arena *arena, const struct facts_cgroup_source *source, struct facts_cgroup *cgroup);

/* --- mounts.c, entries.c -------------------------------------------------------------------------- */

/* The mounts of a text of /proc/self/mountinfo, in its order. Returns their number. */
size_t facts_parse_mounts(struct arena *arena, struct slice mountinfo, struct facts_mount **mounts);
/* True when a mount that is not hidden covers a part of /proc. */
bool facts_proc_covered(const struct facts_mount *mounts, size_t count);
/* The same of /sys: the kernel allows no fresh sysfs beside it in a user namespace (mount_too_revealing() there). */
bool facts_sys_covered(const struct facts_mount *mounts, size_t count);
/* Fills facts->entries for the tree below `root` ("" for the machine's own) from facts->mounts. 0, or -errno. */
int facts_read_entries(struct arena *arena, const char *root, struct facts *facts);

/* --- binfmt.c ------------------------------------------------------------------------------------- */

/* The text of one registration. False when it is off, or not for ELF programs. */
bool facts_parse_binfmt(struct arena *arena, const char *text, struct facts_binfmt *binfmt);
/* `folder`: /proc/sys/fs/binfmt_misc. */
void facts_read_binfmt(struct arena *arena, const char *folder, struct facts *facts);

/* --- table.c -------------------------------------------------------------------------------------- */

void facts_put_kernel(struct buf *out, const struct facts_kernel *kernel);
bool facts_take_kernel(struct arena *arena, const struct json_value *value, struct facts_kernel *kernel);

#endif
