/* check_process.c: checks of what runs. */
#include "spec/checker.h"
#include "spec/names.h"

#include "base/buf.h"

#include <inttypes.h>
#include <string.h>

void check_cwd(struct checker *checker)
{
	const char *cwd = checker->spec->process.cwd;
	if (cwd && cwd[0] != '/')
		check_fault(checker, "/process/cwd", "expected an absolute path, got %s",
		            fault_quote(checker->arena, cwd));
}

void check_args(struct checker *checker)
{
	const struct spec_process *process = &checker->spec->process;
	if (process->set && process->args.count == 0)
		check_fault(checker, "/process/args",
		            "missing: expected the program and its arguments, at least one string");
}

void check_env(struct checker *checker)
{
	const struct spec_strings *env = &checker->spec->process.env;
	for (size_t i = 0; i < env->count; i++) {
		const char *entry = env->items[i];
		struct check_item item = { "/process/env", i };
		if (entry[0] == '\0')
			check_fault(checker, check_pointer(checker, item, ""), "an empty entry: expected NAME=VALUE");
		else if (entry[0] == '=' || !strchr(entry, '=')) /* engines hand on what users wrote; programs cope */
			check_note(checker, check_pointer(checker, item, ""), "%s is not of the form NAME=VALUE",
			           fault_quote(checker->arena, entry));
	}
}

static void check_console_side(struct checker *checker, const char *side, struct opt_uint cells)
{
	/* struct winsize has 16 bits for each (ioctl_tty(2)). */
	if (cells.set && cells.value > UINT16_MAX)
		check_fault(checker, arena_printf(checker->arena, "/process/consoleSize/%s", side),
		            "%" PRIu64 " cells: a terminal has at most 65535", cells.value);
}

void check_console(struct checker *checker)
{
	const struct spec_process *process = &checker->spec->process;
	if (!process->terminal)
		return; /* consoleSize is then to be ignored (C2) */
	check_console_side(checker, "height", process->console_height);
	check_console_side(checker, "width", process->console_width);
}

/* setuid(2) and its kin take -1 for "leave it as it is", so it is nobody's id. */
static void check_id(struct checker *checker, const char *pointer, uint32_t id)
{
	if (id == UINT32_MAX)
		check_fault(checker, pointer, "4294967295 is no id: the kernel reads it as -1, \"unchanged\"");
}

void check_user(struct checker *checker)
{
	const struct spec_user *user = &checker->spec->process.user;
	check_id(checker, "/process/user/uid", user->uid);
	check_id(checker, "/process/user/gid", user->gid);
	for (size_t i = 0; i < user->additional_gid_count; i++)
		check_id(checker, check_pointer(checker, (struct check_item){ "/process/user/additionalGids", i }, ""),
		         user->additional_gids[i]);
	if (user->umask.set && user->umask.value > 0777)
		check_fault(checker, "/process/user/umask",
		            "%" PRIu64 " is more than the nine bits of a umask (511, octal 777)", user->umask.value);
}

/* "CAP_CHOWN, CAP_KILL": those of the bits. */
static const char *capability_words(struct arena *arena, uint64_t bits)
{
	struct buf words = buf_in(arena);
	for (unsigned number = 0; number < ABI_CAP_COUNT; number++) {
		if (bits >> number & 1)
			buf_printf(&words, "%s%s", words.length ? ", " : "", name_word(&name_capabilities, number));
	}
	return words.bytes;
}

/* What the kernel will not grant: a warning, never a fault (C8). capabilities(7), prctl(2) PR_CAP_AMBIENT_RAISE. */
void check_capabilities(struct checker *checker)
{
	const struct spec_capabilities *set = &checker->spec->process.capabilities;
	uint64_t ineffective = set->effective & ~set->permitted;
	uint64_t not_ambient = set->ambient & ~(set->permitted & set->inheritable);
	if (ineffective)
		check_warn(checker, "/process/capabilities/effective", "not in permitted, so not granted: %s",
		           capability_words(checker->arena, ineffective));
	if (not_ambient)
		check_warn(checker, "/process/capabilities/ambient",
		           "not in both permitted and inheritable, so not granted: %s",
		           capability_words(checker->arena, not_ambient));
}

void check_rlimits(struct checker *checker)
{
	const struct spec_process *process = &checker->spec->process;
	uint64_t seen = 0;
	for (size_t i = 0; i < process->rlimit_count; i++) {
		const struct spec_rlimit *rlimit = &process->rlimits[i];
		struct check_item item = { "/process/rlimits", i };
		if (check_touched(checker, item))
			continue;
		if (seen >> rlimit->resource & 1)
			check_fault(checker, check_pointer(checker, item, ""), "%s is set twice", rlimit->type);
		seen |= UINT64_C(1) << rlimit->resource;
		if (rlimit->soft > rlimit->hard)
			check_fault(checker, check_pointer(checker, item, ""),
			            "%s: soft %" PRIu64 " is above hard %" PRIu64, rlimit->type, rlimit->soft,
			            rlimit->hard);
	}
}

void check_oom_score(struct checker *checker)
{
	struct opt_int score = checker->spec->process.oom_score_adj;
	if (score.set && (score.value < -1000 || score.value > 1000))
		check_fault(checker, "/process/oomScoreAdj", "expected an integer from -1000 to 1000, got %" PRId64,
		            score.value);
}

/* sched(7): a deadline task runs for `runtime` in each `period` and is done by `deadline`. The kernel says EINVAL to
 * all of these. */
static void check_deadline(struct checker *checker, const struct spec_scheduler *scheduler)
{
	enum { LEAST_RUNTIME = 1024 };
	uint64_t period = scheduler->period ? scheduler->period : scheduler->deadline;
	if (scheduler->deadline == 0)
		check_fault(checker, "/process/scheduler/deadline",
		            "missing: SCHED_DEADLINE needs runtime and deadline");
	if (scheduler->runtime < LEAST_RUNTIME)
		check_fault(checker, "/process/scheduler/runtime",
		            "SCHED_DEADLINE needs at least 1024 nanoseconds, got %" PRIu64, scheduler->runtime);
	if (scheduler->deadline && scheduler->runtime > scheduler->deadline)
		check_fault(checker, "/process/scheduler/runtime", "%" PRIu64 " is longer than the deadline, %" PRIu64,
		            scheduler->runtime, scheduler->deadline);
	if (scheduler->deadline > period)
		check_fault(checker, "/process/scheduler/deadline", "%" PRIu64 " is longer than the period, %" PRIu64,
		            scheduler->deadline, period);
	if (!(scheduler->flags & NAME_SCHED_RESET_ON_FORK))
		check_note(checker, "/process/scheduler/flags",
		           "a SCHED_DEADLINE process cannot fork without SCHED_FLAG_RESET_ON_FORK");
}

void check_scheduler(struct checker *checker)
{
	const struct spec_scheduler *scheduler = &checker->spec->process.scheduler;
	if (!scheduler->set || faults_touch(checker->faults, "/process/scheduler/policy"))
		return;
	bool realtime = scheduler->policy == NAME_SCHED_FIFO || scheduler->policy == NAME_SCHED_RR;
	const char *policy = name_word(&name_policies, (uint64_t)scheduler->policy);
	if (scheduler->nice < -20 || scheduler->nice > 19)
		check_fault(checker, "/process/scheduler/nice", "expected an integer from -20 to 19, got %" PRId32,
		            scheduler->nice);
	if (realtime && (scheduler->priority < 1 || scheduler->priority > 99))
		check_fault(checker, "/process/scheduler/priority", "%s needs a priority from 1 to 99, got %" PRId32,
		            policy, scheduler->priority);
	if (!realtime && scheduler->priority)
		check_fault(checker, "/process/scheduler/priority",
		            "only SCHED_FIFO and SCHED_RR have a priority, %s has none", policy);
	if (scheduler->policy == NAME_SCHED_DEADLINE)
		check_deadline(checker, scheduler);
	else if (scheduler->runtime || scheduler->deadline || scheduler->period)
		check_fault(checker, "/process/scheduler",
		            "runtime, deadline and period are for SCHED_DEADLINE, %s has none", policy);
}

void check_io_priority(struct checker *checker)
{
	const struct spec_io_priority *priority = &checker->spec->process.io_priority;
	if (priority->set && (priority->priority < 0 || priority->priority > 7))
		check_fault(checker, "/process/ioPriority/priority",
		            "expected an integer from 0 (highest) to 7, got %d", priority->priority);
}

void check_affinity(struct checker *checker)
{
	check_number_list(checker, "/process/execCPUAffinity/initial", checker->spec->process.cpu_affinity_initial);
	check_number_list(checker, "/process/execCPUAffinity/final", checker->spec->process.cpu_affinity_final);
}
