/* cgroup.h: removing cgroups that kist made, and what is left inside them. */
#ifndef KIST_STATE_CGROUP_H
#define KIST_STATE_CGROUP_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup_target {
	const char *path;       /* absolute, below a cgroup mount */
	uint64_t inode, device; /* of the directory that was made; inode 0: not known */
	bool parent;            /* a cgroup above the container's: others may use it */
	bool marked;            /* only when it has the mark by now: it was there already */
};

/* Removes the directory when it is the very one, with the cgroups below it; kills what is left inside first, and waits
 * at most 5 s. One that is gone is fine; another one of this name is left alone. A parent, or one whose inode is not
 * known, goes only when it is empty. 0 or -errno with err, which names the process that will not end. */
int cgroup_remove(struct arena *arena, const struct cgroup_target *target, struct err *err);

/* Kist's mark on the cgroups above a container's that it made itself: whoever uses one last removes it, whichever
 * container made it. (systemd marks its delegated cgroups in the same way.) Where it cannot be set, only its maker
 * removes the cgroup. */
void cgroup_mark(int dirfd);
bool cgroup_is_marked(int dirfd);

/* --- by descriptor ------------------------------------------------------------------------------------ */

/* Whether this is a directory of a cgroup hierarchy, v1 or v2. */
bool cgroup_is(int fd);
/* A cgroup below, without following anything elsewhere: a readable descriptor or -errno. */
int cgroup_open_child(int dirfd, const char *name);
/* Calls `visit` for each pid of cgroup.procs until it says true, and then says so too. A process of another pid
 * namespace is 0. What cannot be read counts as empty. */
typedef bool cgroup_visit(int dirfd, pid_t pid, void *with);
bool cgroup_each_pid(int dirfd, cgroup_visit *visit, void *with);

#endif
