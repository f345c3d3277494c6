/* container.h: containers as they are at this moment: read without a lock, and nothing is done to them. */
#ifndef KIST_STATE_CONTAINER_H
#define KIST_STATE_CONTAINER_H

#include "base/buf.h"
#include "state/record.h"

enum container_status {
	CONTAINER_CREATING, /* its runtime is at work */
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_STOPPED, /* its process has ended, or was never made */
};

struct container {
	struct record record; /* without descriptors */
	enum container_status status;
};

/* "running" and so on, as the OCI runtime specification has them, and runc's "paused". */
const char *container_status_word(enum container_status status);
/* Its process lives: it can be signalled. */
bool container_lives(const struct container *container);

/* Reads one. -ENOENT when it does not exist, -EBADMSG, -ELOOP and the like when its record is damaged, or another
 * -errno, with err. */
int container_read(struct arena *arena, const char *root, const char *id, struct container *container, struct err *err);

/* Sends a signal to its process, which is known by pid and start time, by pidfd. SIGKILL also reaches a paused one,
 * and, where the container shares its pid namespace with the caller, every process of its cgroup. -ESRCH when it does
 * not run, or -errno, with err. */
int container_signal(struct arena *arena, const struct container *container, int number, struct err *err);
/* The same to every process of its cgroup, also to what a stopped one left there: it is no failure when that is
 * nothing. 0 or -errno with err: -EOPNOTSUPP when it has no cgroup. */
int container_signal_all(struct arena *arena, const struct container *container, int number, struct err *err);
/* -ESRCH, with the words that engines look for. `what`: "cannot pause". */
int container_not_running(struct arena *arena, const struct container *container, const char *what, struct err *err);

/* All under a root, by their ids. A damaged record is in `damaged` instead, and the others are read all the same. */
struct container_list {
	struct container *items;
	size_t count;
	struct err *damaged;
	size_t damaged_count;
};
/* The ids alone, in their order, of damaged ones too: no record is read. How many, 0 also where there is no root yet,
 * or -errno with err. */
int container_ids(struct arena *arena, const char *root, const char ***ids, struct err *err);
/* 0, also where there is no root yet, or -errno with err. */
int container_list(struct arena *arena, const char *root, struct container_list *list, struct err *err);

/* The members of the OCI state, then those that runc adds, each behind `gap`, without the braces. `owner`: the name of
 * who made it. */
void container_put_state(struct buf *out, const struct container *container, const char *owner, const char *gap);
/* "2026-01-31T12:00:00Z" */
const char *container_created(struct arena *arena, const struct container *container);

#endif
