/* parts.h: what the files of this room ask of each other. */
#ifndef KIST_LOOK_PARTS_H
#define KIST_LOOK_PARTS_H

#include "base/buf.h"
#include "look/look.h"

/* --- process.c --------------------------------------------------------------------------------------- */

/* Every process, in the order of /proc. 0 or -errno. */
int look_read_processes(struct arena *arena, struct look *look);
/* A file of /proc/PID, whole, or NULL. */
const char *look_read_file(struct arena *arena, pid_t pid, const char *name);

/* --- namespace.c, owner.c ------------------------------------------------------------------------------ */

/* Namespaces that are being collected; sorted when all are there. */
struct look_set {
	struct arena *arena;
	struct look_namespace *items;
	size_t count, capacity;
};
/* The one with this inode, made when it is new. The pointer holds until the next is made. */
struct look_namespace *look_put(struct look_set *set, const struct look_type *type, uint64_t inode);
/* Who owns each, and the ones above of which no process is left. */
void look_read_owners(struct look_set *set);
/* Those that are mounted. */
void look_read_mounts(struct look_set *set);

#endif
