/* inside.h: the cgroups that a container is in, and the processes in them. */
#ifndef KIST_STATE_INSIDE_H
#define KIST_STATE_INSIDE_H

#include "state/record.h"

/* Where it was put: one directory in each hierarchy, as its journal has them; none: it got no cgroup. */
struct inside_place {
	const char *path;
	uint64_t inode, device; /* 0: it was there before the container, so who it is was not noted */
};
struct inside {
	struct inside_place *places;
	size_t count;
};
/* 0 or -errno: the journal cannot be read. */
int inside_read(struct arena *arena, const struct record *record, struct inside *inside);
/* A readable descriptor of the very directory, or -errno: -ENOENT also when there is another one by now. */
int inside_open(const struct inside_place *place);
/* The first of them that can be opened, or -ENOENT: all processes of the container are in each. */
int inside_open_any(const struct inside *inside);

/* Every process in the cgroup and in those below it, as this pid namespace numbers them. */
struct inside_pids {
	pid_t *items;
	size_t count, capacity;
};
void inside_list(struct arena *arena, int dirfd, struct inside_pids *pids);

/* Signals every process in the cgroup and below it: by pidfd, and only those that were still inside when their pidfd
 * was open. SIGKILL goes on until no new ones appear. How many were there. */
size_t inside_signal(struct arena *arena, int dirfd, int number);

#endif
