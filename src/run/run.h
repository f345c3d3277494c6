/* run.h: doing a plan: the runtime's half. It walks the same list as init, makes the process, hands over, undoes. */
#ifndef KIST_RUN_RUN_H
#define KIST_RUN_RUN_H

#include "base/arena.h"
#include "base/err.h"
#include "keep/keep.h"
#include "plan/block.h"
#include "plan/board.h"
#include "state/record.h"

#include <stdbool.h>
#include <sys/types.h>

struct run {
	const struct plan_block *block;
	struct record record;
	struct board *board; /* mapped shared, also after the undo; a copy when the start failed */
	pid_t pid;           /* the container's process; 0: none */
	int pidfd;
	int console;         /* the terminal's master end, or -1 */
	pid_t server;        /* of the program that answers for the root; 0: none */
	int server_fd;       /* its pidfd, or -1 */
	int server_status;   /* how it ended, when the watch has seen that, as wait(2) has it; -1: it has not */
	int log;             /* where a box in the background writes to, or -1 */
	struct keep keep;    /* of a box whose changes are kept: locked until run_end; dirfd -1: none */
	bool keep_made;      /* for this run: a start that fails takes it away again */
	int listener;        /* of a traced container's seccomp filter, or -1 */
	uint64_t caps_missing; /* capabilities that could not be granted */
};

/* One that has nothing. */
#define RUN_NONE                                                                                                       \
	((struct run){ .record = RECORD_NONE,                                                                          \
		       .pidfd = -1,                                                                                    \
		       .console = -1,                                                                                  \
		       .log = -1,                                                                                      \
		       .server_fd = -1,                                                                                \
		       .server_status = -1,                                                                            \
		       .listener = -1,                                                                                 \
		       .keep.dirfd = -1 })

struct run_request {
	const char *state_root, *id, *bundle; /* bundle NULL for a box */
	const char *rootfs;                   /* for the record: see there */
	struct record_pairs annotations;
	bool box, background;
	/* What the container is when run_start() has returned; RECORD_FOREGROUND: its runtime watches it. With a plan
	 * that has a start gate RECORD_CREATED, and then the program is not yet executed. */
	enum record_stage stage;
	/* For a plan with a seccomp listener: called when it has calls to answer; 0, or negative when it is of no use
	 * any more. While the plan is walked here, later by whoever has run->listener. */
	int (*serve)(void *server, int listener);
	void *server;
};

/* Walks the plan until the program has been executed (end-of-file on the line). On failure everything is undone,
 * err is filled (step, pointer, errno, hint; status 126/127 when the program could not be executed or found), and
 * nothing is left: no process, mount, cgroup, state, file or fd. 0 or -errno. */
int run_start(struct arena *arena, const struct plan_block *block, const struct run_request *request, struct run *run,
              struct err *err);
/* Of a container that outlives kist: lets go of it. The board stays mapped. */
void run_detach(struct run *run);
/* Lets a created container go on, and waits until its program is executed. `record` is open and locked. 0, or -errno
 * with err, as of run_start(); then the container has stopped, or nothing happened to it. */
int run_go(struct arena *arena, struct record *record, uint64_t *caps_missing, struct err *err);
/* After the process ended and was reaped: undoes what the plan left outside; the board stays mapped. Warnings (one
 * line each) go to report. 0 or -errno. */
struct buf;
int run_end(struct arena *arena, struct run *run, struct buf *report, struct err *err);
/* The same for a box in the background: its record stays, with the status. */
int run_leave(struct arena *arena, struct run *run, int status, struct buf *report, struct err *err);

#endif
