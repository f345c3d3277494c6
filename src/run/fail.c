/* fail.c: composes the one message about a failed start: the sentence, the step, the place, a hint. */
#include "run/fail.h"

#include "plan/plan.h"
#include "plan/step_table.h"
#include "run/board.h"
#include "run/oom.h"
#include "state/hook.h"
#include "state/process.h"
#include "sys/process.h"

#include <errno.h>
#include <string.h>

enum { STATUS_FAILED = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127, STATUS_SIGNAL = 128 };
/* What the runtime does to an init that was killed fails a moment before that one is seen to be dead. */
enum { DYING_MS = 5 };

/* Docker and Kubernetes tell from this status what kind of failure it was. */
static int exit_status(enum step_kind kind, int number)
{
	if (kind != STEP_exec && kind != STEP_inspect_program && kind != STEP_find_program)
		return STATUS_FAILED;
	return number == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/* "cannot mount proc on /proc: <detail>: operation not permitted". The errno's words are always in it, once: engines
 * look for them. */
static const char *sentence(struct arena *arena, const char *words, const char *detail, const char *reason)
{
	bool said = detail && reason && strstr(detail, reason);
	const char *tail = reason && !said ? reason : NULL;
	return arena_printf(arena, "cannot %s%s%s%s%s", words, detail ? ": " : "", detail ? detail : "",
	                    tail ? ": " : "", tail ? tail : "");
}

static void fill_place(struct walk *walk, uint32_t index, struct err *err)
{
	const struct step *step = plan_step(walk->block, index);
	err->step = arena_printf(walk->arena, "%s, %s", step_table[step->kind].name,
	                         step->actor == ACTOR_INIT ? "in the container" : "on the host");
	err->pointer = plan_string(walk->block, step->pointer);
	err->step_index = (int)index + 1;
	err->step_count = (int)walk->block->step_count;
}

static bool is_hook(enum step_kind kind)
{
	return kind == STEP_run_hook || kind == STEP_run_hook_inside || kind == STEP_run_hook_at_start;
}

/* A hook that ran and failed has no errno: these two only tell the walkers so. */
static bool says_nothing(enum step_kind kind, int number)
{
	return is_hook(kind) && (number == ECHILD || number == ETIMEDOUT);
}

/* What init has put there for a hook: how it ended, a line end, and what it said. */
static const char *hook_detail(struct arena *arena, const struct board *board, uint32_t index)
{
	const char *text = board_text(arena, board, index);
	if (!text)
		return NULL;
	size_t first = strcspn(text, "\n");
	const char *said = text + first + (text[first] != '\0');
	return hook_words(arena, arena_copy(arena, text, first), said, strlen(said));
}

static int fill_step(struct walk *walk, uint32_t index, int number, const char *detail, struct err *err)
{
	const struct step *step = plan_step(walk->block, index);
	const char *words = plan_step_words(walk->arena, walk->block, index);
	const char *reason = number && !says_nothing(step->kind, number) ? err_words(number) : NULL;
	*err = (struct err){
		.what = sentence(walk->arena, words, detail, reason),
		.number = reason ? number : 0,
		.status = exit_status(step->kind, number),
		.hint = walk->hint ? walk->hint : plan_hint(walk->arena, walk->block, index, number, detail != NULL),
	};
	fill_place(walk, index, err);
	return number ? -number : -EINVAL;
}

/* --- how init ended ---------------------------------------------------------------------------------- */

static const char *signal_words(struct arena *arena, int number)
{
	static const char *const names[] = {
		[SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
		[SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
		[SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
		[SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM", [SIGSYS] = "SIGSYS",
		[SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ",
	};
	size_t count = sizeof(names) / sizeof(names[0]);
	return number > 0 && (size_t)number < count && names[number] ? names[number]
	                                                             : arena_printf(arena, "signal %d", number);
}

/* Not reaped: the undo does that. Init has closed its end of the line, so unless it became the program it is dead or
 * about to be; that is waited for. False when it lives all the same. */
static bool look_at_end(struct walk *walk, int milliseconds, siginfo_t *end)
{
	return sys_poll(walk->run->pidfd, POLLIN, milliseconds) > 0 &&
	       sys_wait_pidfd(walk->run->pidfd, end, WEXITED | WNOWAIT | WNOHANG) == 0 && end->si_pid != 0;
}

static int fill_ended(struct walk *walk, uint32_t index, const siginfo_t *end, struct err *err)
{
	const char *words = plan_step_words(walk->arena, walk->block, index);
	const char *memory =
		end->si_code != CLD_EXITED && end->si_status == SIGKILL ? oom_words(walk->arena, walk->block) : "";
	const char *how = end->si_code == CLD_EXITED ? arena_printf(walk->arena, "ended with status %d", end->si_status)
	                                             : arena_printf(walk->arena, "was killed (%s%s)",
	                                                            signal_words(walk->arena, end->si_status), memory);
	*err = (struct err){
		.what = arena_printf(walk->arena, "init %s during step %u, %s", how, (unsigned)index + 1, words),
		.hint = *memory ? "raise the memory limit: making the container takes some 200 KiB by itself" : NULL,
		.status = STATUS_FAILED,
	};
	fill_place(walk, index, err);
	return -EPIPE;
}

/* The page is init's to write, so it is a claim: an index beyond the plan means the last step. */
static uint32_t bounded(const struct walk *walk, uint32_t index)
{
	return index < walk->block->step_count ? index : walk->block->step_count - 1;
}

/* Where init is: before its first step, where it was made. */
static uint32_t init_index(const struct walk *walk, const struct board *board)
{
	const struct board_actor init = board->actors[ACTOR_INIT];
	uint32_t index = 0;
	if (init.state != BOARD_NOT_STARTED)
		return bounded(walk, init.step);
	while (index + 1 < walk->block->step_count && plan_step(walk->block, index)->kind != STEP_clone)
		index++;
	return index;
}

static bool filter_kills_exec(const struct walk *walk, uint32_t exec)
{
	for (uint32_t i = 0; i < exec; i++) {
		const struct step *step = plan_step(walk->block, i);
		if (step->kind == STEP_seccomp)
			return step->seccomp.kills_exec;
	}
	return false;
}

/* A filter that kills leaves no errno: what init said last is that it executes. Only then is its end waited for,
 * since a program that started may take its time. */
static int judge_exec(struct walk *walk, uint32_t index, struct err *err)
{
	siginfo_t end = { 0 };
	if (!filter_kills_exec(walk, index) || !look_at_end(walk, PROCESS_END_MS, &end) || end.si_status != SIGSYS)
		return 0;
	*err = (struct err){
		.what = arena_printf(walk->arena, "cannot %s: the seccomp filter killed it at execve (SIGSYS)",
		                     plan_step_words(walk->arena, walk->block, index)),
		.hint = "let the profile in /linux/seccomp allow execve, or answer it with an errno",
		.status = STATUS_NOT_EXECUTABLE,
	};
	fill_place(walk, index, err);
	return -EPERM;
}

int fail_judge_init(struct walk *walk, struct err *err)
{
	const struct board *board = board_copy(walk->arena, walk->run->board, walk->block->step_count);
	const struct board_actor init = board->actors[ACTOR_INIT];
	uint32_t index = init_index(walk, board);
	int number = board->steps[index].number;
	siginfo_t end = { 0 };
	const char *words = board_words(walk->arena, board, index);
	if (plan_step(walk->block, index)->kind == STEP_await_root && !words)
		words = server_words(walk);
	if (is_hook(plan_step(walk->block, index)->kind))
		words = hook_detail(walk->arena, board, index);
	if (init.state == BOARD_FAILED && number > 0)
		return fill_step(walk, index, number, words, err);
	bool executed = plan_step(walk->block, index)->kind == STEP_exec && init.state == BOARD_DONE;
	if (executed)
		return judge_exec(walk, index, err);
	if (look_at_end(walk, PROCESS_END_MS, &end))
		return fill_ended(walk, index, &end, err);
	return fill_step(walk, index, EPROTO, "init gave up without a word", err);
}

static int fill_given_up(struct walk *walk, struct err *err)
{
	*err = (struct err){
		.what = arena_printf(walk->arena, "the start was given up because of %s",
		                     signal_words(walk->arena, walk->signal)),
		.number = ECANCELED,
		.status = STATUS_SIGNAL + walk->signal,
	};
	fill_place(walk, walk->own_failed ? walk->index : init_index(walk, walk->run->board), err);
	return -ECANCELED;
}

int fail_own(struct walk *walk, int result, struct err *err)
{
	siginfo_t end = { 0 };
	if (walk->signal)
		return fill_given_up(walk, err);
	/* Then the step failed because of that, and what ended init is the news. */
	bool ended = walk->own_failed && walk->run->pidfd >= 0 && look_at_end(walk, DYING_MS, &end);
	int judged = ended ? fail_judge_init(walk, err) : 0;
	if (judged < 0)
		return judged;
	const char *detail = walk->own_failed ? walk->detail : "the hand-over between kist and its init failed";
	fill_step(walk, bounded(walk, walk->index), -result, detail, err);
	if (walk->own_failed && walk->sentence)
		err->what = walk->sentence;
	return result;
}

/* --- behind the start gate, where the plan is gone ----------------------------------------------------- */

static enum step_kind kind_named(const char *name)
{
	unsigned kind = 0;
	while (kind < STEP_KIND_COUNT && strcmp(step_table[kind].name, name) != 0)
		kind++;
	return (enum step_kind)kind;
}

static void fill_late_place(struct arena *arena, const struct late_failure *failure, struct err *err)
{
	err->step = arena_printf(arena, "%s, in the container", failure->step->name);
	err->pointer = *failure->step->pointer ? failure->step->pointer : NULL;
	err->step_index = (int)failure->index + 1;
	err->step_count = (int)failure->board->step_count;
}

int fail_late(struct arena *arena, const struct late_failure *failure, struct err *err)
{
	const char *words = failure->step->words;
	const enum step_kind kind = kind_named(failure->step->name);
	*err = (struct err){ .number = failure->number, .status = STATUS_FAILED };
	if (failure->number) {
		const char *detail = is_hook(kind) ? hook_detail(arena, failure->board, failure->index)
		                                   : board_words(arena, failure->board, failure->index);
		const char *reason = says_nothing(kind, failure->number) ? NULL : err_words(failure->number);
		err->what = sentence(arena, words, detail, reason);
		err->number = reason ? failure->number : 0;
		err->status = exit_status(kind, failure->number);
	} else if (failure->step->kills) {
		err->what = arena_printf(arena, "cannot %s: the seccomp filter killed it at execve (SIGSYS)", words);
		err->hint = "let the profile in /linux/seccomp allow execve, or answer it with an errno";
		err->status = STATUS_NOT_EXECUTABLE;
	} else {
		err->what = arena_printf(arena, "init ended during step %u, %s", (unsigned)failure->index + 1, words);
		err->hint = "it was killed: by somebody, or for its memory limit";
	}
	fill_late_place(arena, failure, err);
	return failure->number ? -failure->number : -EPIPE;
}
