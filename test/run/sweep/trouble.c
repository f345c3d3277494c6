/* trouble.c: the troubles, one function a kind: how it is made, and what must be true afterwards. */
#include "trouble.h"

#include "plan/board.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	int number;
	const char *name, *words;
} errors[] = {
	{ EPERM, "EPERM", "operation not permitted" },
	{ ENOSPC, "ENOSPC", "no space left on device" },
	{ EINTR, "EINTR", "interrupted system call" },
	{ ENOENT, "ENOENT", "no such file or directory" },
};

/* --- what is expected of the message ---------------------------------------------------------------- */

static void expect_status(struct trial *trial, int wanted)
{
	if (trial->status != wanted)
		complain(trial, "it ends with %d instead of %d", trial->status, wanted);
}

static void expect_text(struct trial *trial, const char *wanted)
{
	if (!strstr(trial->text, wanted))
		complain(trial, "the message lacks \"%s\"", wanted);
}

/* The step by number and kind and, when something in the configuration asked for it, that. */
static void expect_place(struct trial *trial)
{
	const struct planned *step = planned_step(trial);
	char words[PATH];
	snprintf(words, sizeof(words), "step %u of %u ", trial->step, trial->worker->plan->count);
	expect_text(trial, words);
	snprintf(words, sizeof(words), "%s, %s", step->kind, step->init ? "in the container" : "on the host");
	expect_text(trial, words);
	if (step->pointer[0] && !is_box(trial->worker->setting)) {
		snprintf(words, sizeof(words), "  %s", step->pointer);
		expect_text(trial, words);
	}
}

/* --- the troubles ----------------------------------------------------------------------------------- */

static void kist_start_at(struct trial *trial, const char *flag)
{
	char value[WORD];
	snprintf(value, sizeof(value), "%u", trial->step);
	kist_start(trial, flag, value, trial->worker->setting->verb);
}

/* The step fails. Only a program that cannot be executed or found has a status of its own. */
static void trouble_fail(struct trial *trial)
{
	const char *kind = planned_step(trial)->kind;
	const int number = errors[trial->trouble->error].number;
	bool program = strcmp(kind, "exec") == 0 || strcmp(kind, "inspect_program") == 0;
	char value[WORD];
	snprintf(value, sizeof(value), "%u:%s", trial->step, errors[trial->trouble->error].name);
	kist_start(trial, "--fail-at", value, trial->worker->setting->verb);
	if (!kist_wait(trial, 0))
		return;
	expect_status(trial, !program ? STATUS_FAILED : number == ENOENT ? 127 : 126);
	expect_place(trial);
	expect_text(trial, errors[trial->trouble->error].words);
	look_for_leftovers(trial);
}

/* How init ended, and at which step: none before the one that makes it. */
static void expect_death(struct trial *trial)
{
	static const char words[] = "init was killed (SIGKILL) during step ";
	const char *at = strstr(trial->text, words);
	expect_text(trial, words);
	if (at && strtoul(at + strlen(words), NULL, 10) < trial->worker->plan->clone)
		complain(trial, "init is said to have died before it was made");
}

/* Init is killed at one of its own steps, or while the runtime does one. Before there is an init, nothing happens. */
static void trouble_kill_init(struct trial *trial)
{
	bool own = planned_step(trial)->init;
	kist_start_at(trial, own ? "--kill-at" : "--kill-other-at");
	if (!kist_wait(trial, 0))
		return;
	if (trial->step > trial->worker->plan->clone) {
		expect_status(trial, STATUS_FAILED);
		expect_death(trial);
	} else {
		expect_status(trial, STATUS_PROGRAM);
	}
	if (own)
		expect_place(trial);
	look_for_leftovers(trial);
}

static bool is_kind(const struct trial *trial, unsigned step, const char *kind)
{
	return step > 0 && strcmp(trial->worker->plan->steps[step - 1].kind, kind) == 0;
}

/* Between a filter and the exec that follows it, nothing can be done any more about a runtime that dies. */
static bool is_let_go(const struct trial *trial)
{
	return is_kind(trial, trial->step, "exec") && is_kind(trial, trial->step - 1, "seccomp");
}

/* Behind a filter that other steps follow, init does not look at its line any more. The kernel's signal ends it, but
 * the line, on which it stood still, ends a moment before that comes. */
static bool is_filtered(const struct trial *trial)
{
	for (unsigned step = 1; step < trial->step; step++)
		if (is_kind(trial, step, "seccomp"))
			return true;
	return false;
}

static void note_death(struct trial *trial, struct orphans orphans, bool may_run)
{
	struct tally *tally = trial->worker->tally;
	if (orphans.us < 0) {
		complain(trial, "the container is alive %d ms after its runtime's death", ORPHAN_MS);
		children_tell();
	}
	if (orphans.ran && !may_run)
		complain(trial, "the program was run after its runtime's death");
	if (orphans.us > tally->slowest_us)
		tally->slowest_us =
			orphans.us; /* of two workers at once the one may win; it is only told, not judged */
}

/* The runtime is killed at a step of either actor. False when that did not happen. */
static bool kill_runtime(struct trial *trial)
{
	kist_start_at(trial, planned_step(trial)->init ? "--kill-other-at" : "--kill-at");
	if (!kist_wait(trial, 0))
		return false;
	expect_status(trial, STATUS_SIGNAL + SIGKILL);
	note_death(trial, orphans_await(ORPHAN_MS), is_filtered(trial));
	look_for_processes(trial);
	return true;
}

static void trouble_kill_runtime(struct trial *trial)
{
	if (!kill_runtime(trial))
		return;
	kist_gc(trial);
	look_for_leftovers(trial);
}

/* Whoever wants the id next clears up. A box has a new id each time, so for it there is only gc. */
static void trouble_next_run(struct trial *trial)
{
	if (is_box(trial->worker->setting) || !kill_runtime(trial))
		return;
	kist_start(trial, NULL, NULL, trial->worker->setting->verb);
	if (!kist_wait(trial, 0))
		return;
	expect_status(trial, STATUS_PROGRAM);
	look_for_leftovers(trial);
}

/* --- actors that stand still ------------------------------------------------------------------------- */

/* Whether the board shows init waiting at the step, and the runtime waiting for it. */
static bool init_stands(const struct trial *trial)
{
	struct board board = { 0 };
	char path[PATH * 2];
	snprintf(path, sizeof(path), "%s/%s/board", trial->worker->state, trial->id);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool whole = fd >= 0 && pread(fd, &board, sizeof(board), 0) == (ssize_t)sizeof(board);
	close(fd);
	const struct board_actor init = board.actors[1], runtime = board.actors[0];
	return whole && runtime.state == BOARD_WAITING && init.state == BOARD_WAITING && init.step + 1 == trial->step;
}

/* Until the actor of the step stands still at it. */
static bool await_stop(struct trial *trial)
{
	kist_start_at(trial, "--stop-at");
	if (!planned_step(trial)->init)
		return kist_wait(trial, WUNTRACED) && trial->status == STATUS_NONE;
	struct patience patience = patience_with(HANG_MS);
	while (!init_stands(trial)) {
		if (patience_over(&patience) || waitpid(trial->pid, NULL, WNOHANG) != 0) {
			kill(trial->pid, SIGKILL);
			complain(trial, "init does not stop there");
			return false;
		}
	}
	return true;
}

/* The harder death: init is really stopped (SIGSTOP), so it cannot see that its runtime is gone. While the runtime
 * does a step of its own, its child may be too young to be tied to it, and is left as it is. */
static void trouble_stop_both(struct trial *trial)
{
	if (!await_stop(trial))
		return;
	unsigned children = signal_children(trial->pid, planned_step(trial)->init ? SIGSTOP : 0);
	if (children == 0 && trial->step > trial->worker->plan->clone)
		complain(trial, "kist has no child to be seen");
	kill(trial->pid, SIGKILL);
	if (!kist_wait(trial, 0))
		return;
	struct orphans orphans = orphans_await(ORPHAN_MS);
	if (orphans.us < 0 && is_let_go(trial)) {
		signal_children(getpid(), SIGCONT);
		orphans = orphans_await(ORPHAN_MS);
	}
	note_death(trial, orphans, is_let_go(trial));
	kist_gc(trial);
	look_for_leftovers(trial);
}

/* The gentle one: a stopped runtime goes on and succeeds; one that waits for a stopped init is told to give up. */
static void trouble_stop_and_go(struct trial *trial)
{
	bool init = planned_step(trial)->init;
	if (!await_stop(trial))
		return;
	kill(trial->pid, init ? SIGTERM : SIGCONT);
	if (!kist_wait(trial, 0))
		return;
	expect_status(trial, init ? STATUS_SIGNAL + SIGTERM : STATUS_PROGRAM);
	if (init)
		expect_text(trial, "SIGTERM");
	look_for_leftovers(trial);
}

const struct trouble step_troubles[] = {
	{ "fails with EPERM", trouble_fail, 0 },
	{ "fails with ENOSPC", trouble_fail, 1 },
	{ "fails with EINTR", trouble_fail, 2 },
	{ "fails with ENOENT", trouble_fail, 3 },
	{ "init is killed", trouble_kill_init, 0 },
	{ "the runtime is killed", trouble_kill_runtime, 0 },
	{ "the runtime is killed, and the id used again", trouble_next_run, 0 },
	{ "init is stopped and the runtime killed", trouble_stop_both, 0 },
	{ "an actor is stopped and goes on", trouble_stop_and_go, 0 },
};
const unsigned step_trouble_count = sizeof(step_troubles) / sizeof(step_troubles[0]);
const unsigned brief_trouble_count = 6;

/* --- at a random moment ------------------------------------------------------------------------------- */

static void start_and_wait_a_while(struct trial *trial)
{
	kist_start(trial, NULL, NULL, trial->worker->setting->verb);
	usleep((useconds_t)(rand() % 8000));
}

/* The program may run already: then it ends by itself, and soon. */
static void trouble_random_kill(struct trial *trial)
{
	start_and_wait_a_while(trial);
	kill(trial->pid, SIGKILL);
	if (!kist_wait(trial, 0))
		return;
	if (orphans_await(HANG_MS).us < 0) {
		complain(trial, "the container does not end");
		children_tell();
	}
	kist_gc(trial);
	look_for_leftovers(trial);
}

static void trouble_random_kill_init(struct trial *trial)
{
	start_and_wait_a_while(trial);
	signal_children(trial->pid, SIGKILL);
	if (kist_wait(trial, 0))
		look_for_leftovers(trial);
}

/* Before the foreground listens, kist undoes what it began; from then on the container gets the signal, and may
 * ignore it. */
static void trouble_random_term(struct trial *trial)
{
	start_and_wait_a_while(trial);
	kill(trial->pid, SIGTERM);
	if (kist_wait(trial, 0))
		look_for_leftovers(trial);
}

const struct trouble random_troubles[] = {
	{ "SIGKILL for kist", trouble_random_kill, 0 },
	{ "SIGKILL for init", trouble_random_kill_init, 0 },
	{ "SIGTERM for kist", trouble_random_term, 0 },
};
const unsigned random_trouble_count = sizeof(random_troubles) / sizeof(random_troubles[0]);

static void run_unlooked(struct trial *trial)
{
	kist_start(trial, NULL, NULL, trial->worker->setting->verb);
	kist_wait(trial, 0);
}
const struct trouble trouble_unlooked = { "runs undisturbed", run_unlooked, 0 };

static void run_undisturbed(struct trial *trial)
{
	kist_start(trial, NULL, NULL, trial->worker->setting->verb);
	if (!kist_wait(trial, 0))
		return;
	expect_status(trial, STATUS_PROGRAM);
	look_for_leftovers(trial);
}
const struct trouble trouble_none = { "runs undisturbed", run_undisturbed, 0 };
