/* walk.h: the runtime's walker: what it knows while it does its steps, and how a step tells what went wrong. */
#ifndef KIST_RUN_WALK_H
#define KIST_RUN_WALK_H

#include "run/run.h"

#include "plan/steps.h"
#include "state/helper.h"

/* A cgroup's directory, open since it was made: what is written and opened in it later needs no path. */
struct held_cgroup {
	struct held_cgroup *next;
	const char *path;
	int dirfd;
};

struct walk {
	struct arena *arena;
	const struct plan_block *block;
	const struct run_request *request;
	struct run *run;
	uint32_t index;            /* of the step being done */
	int64_t first_begun;       /* when step 0 began: there is no board yet to write it on */
	int slots[PLAN_SLOTS + 1]; /* descriptors or pids; -1: not given */
	int line;                  /* the runtime's end; -1 before clone */
	int far_line;              /* init's end, until it was cloned */
	int blockfd, boardfd;      /* what init maps */
	struct held_cgroup *cgroups; /* the container's own */
	int server_words;          /* what the server of the root says; -1: there is none */
	struct helper helper;      /* of the next step, at work already */
	uint32_t forks_seen;       /* steps before this one were looked through for forks of init */
	bool listener_gone;        /* the seccomp listener was taken and is of no use any more */
	bool own_failed;           /* the step at `index` failed; otherwise init, or the line to it */
	int signal;                /* the start was given up because of this signal; 0: none */
	const char *detail;        /* of the current step: what errno does not say; in the arena */
	const char *sentence;      /* of the current step: the whole message, where another room made it */
	const char *hint;
};

/* A walk that has nothing yet. */
void walk_open(struct walk *walk, struct arena *arena, const struct plan_block *block,
               const struct run_request *request, struct run *run);
/* Closes every descriptor that the walk still owns. */
void walk_close(struct walk *walk);

/* Does all steps of the runtime and waits for end-of-file: then the program was executed, or init ended. In a plan
 * with a start gate it ends there: init has been told to wait, and does.
 * 0; -EPIPE when init ended early (the board tells where); -ECANCELED when a signal asked kist to give up;
 * or the -errno of an own step (own_failed), walk->index telling which. */
int walk_all(struct walk *walk);

/* Notes what errno does not say about the current step. Returns `result`, so that a step can write
 * `return step_fail(walk, -EINVAL, "...", ...)`. */
__attribute__((format(printf, 3, 4))) int step_fail(struct walk *walk, int result, const char *format, ...);
/* The same for a failure that another room has put into a sentence already. */
int step_adopt(struct walk *walk, int result, const struct err *err);

static inline const char *walk_text(const struct walk *walk, plan_text text)
{
	return text ? plan_string(walk->block, text) : "";
}

/* The message at this step, or NULL: how 'm', 'c' or 'e'. */
const struct plan_crossing *crossing_find(const struct plan_block *block, uint32_t step, char how);

/* The steps of the runtime, one function a kind; step.c has the table. 0 or -errno. */
typedef int step_deed(struct walk *walk, const struct step *step);
step_deed step_write_pid_file, step_open_program;
step_deed step_make_record, step_make_scratch, step_save_process, step_set_oom_score, step_raise_rlimit;
step_deed step_make_idmap, step_copy_file, step_copy_cookie, step_open_console, step_take_console, step_give_pipes;
step_deed step_open_log;
step_deed step_make_cgroup, step_write_cgroup, step_weigh_io, step_open_cgroup, step_load_devices;
step_deed step_hold_changes, step_store_idmap, step_serve_root, step_open_process;
step_deed step_keep_hooks, step_run_hook;
step_deed step_make_gate, step_open_gate;
step_deed step_open_namespace, step_make_network, step_open_tree, step_load_init, step_clone, step_write_idmap;
int step_do(struct walk *walk, const struct step *step);

/* The program that a plan starts as the server of its root; "" where it starts none. */
const char *server_program(const struct plan_block *block);
/* What the server of a root said on its stderr, as one line in the arena; NULL: nothing. */
const char *server_words(const struct walk *walk);

/* Once the child has them: a descriptor left here would keep the container from unmounting (EBUSY). */
void trees_close(struct walk *walk);

/* In init: walks from the step after clone to exec_init; see child.c. */
_Noreturn void child_walk(struct walk *walk);

/* Writes the block into a sealed memfd. A descriptor or -errno. */
int block_seal(const struct plan_block *block);

#endif
