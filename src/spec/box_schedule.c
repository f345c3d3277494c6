/* box_schedule.c: what bounds the process itself and when it runs: resource limits, OOM score, nice, processors. */
#include "spec/box_part.h"
#include "spec/names.h"

#include "base/cpus.h"

#include <string.h>
#include <strings.h>

/* A whole number with an optional minus, as long as no one means more. False when it is anything else. */
static bool read_integer(const char *text, int64_t *number)
{
	bool negative = *text == '-';
	uint32_t magnitude;
	text += negative;
	if (!box_id(text, strlen(text), &magnitude))
		return false;
	*number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return true;
}

/* --- resource limits ------------------------------------------------------------------------------------ */

static bool read_limit(const char *text, uint64_t *limit)
{
	if (strcmp(text, "unlimited") == 0) {
		*limit = UINT64_MAX;
		return true;
	}
	return box_size(text, limit);
}

/* "nofile", "NOFILE", "RLIMIT_NOFILE". The word of the table, NULL when it is none. */
static const char *rlimit_word(const char *name, int *resource)
{
	static const char prefix[] = "RLIMIT_";
	enum { PREFIX = sizeof(prefix) - 1 };
	if (strncasecmp(name, prefix, PREFIX) == 0)
		name += PREFIX;
	for (size_t i = 0; i < name_rlimits.count; i++) {
		const struct name *known = &name_rlimits.names[i];
		if (strcasecmp(known->word + PREFIX, name) != 0)
			continue;
		*resource = (int)known->value;
		return known->word;
	}
	return NULL;
}

static void unknown_rlimit(struct box *box, const char *pointer, const char *name)
{
	const char *nearest = name_nearest(&name_rlimits, arena_printf(box->arena, "RLIMIT_%s", name));
	const char *words = nearest ? arena_printf(box->arena, "did you mean %s?", nearest + strlen("RLIMIT_"))
	                            : "see setrlimit(2)";
	box_fault(box, pointer, arena_printf(box->arena, "there is no limit \"%s\": %s", name, words));
}

static void read_rlimit(struct box *box, const char *words)
{
	struct spec_process *process = &box->spec->process;
	const char *pointer = arena_printf(box->arena, "/process/rlimits/%zu", process->rlimit_count);
	struct spec_rlimit *limit = &process->rlimits[process->rlimit_count];
	size_t length = strcspn(words, "=");
	const char *name = arena_copy(box->arena, words, length);
	const char *soft = words[length] ? words + length + 1 : "";
	const char *colon = strchr(soft, ':');
	limit->type = rlimit_word(name, &limit->resource);
	if (!limit->type)
		pointer = arena_printf(box->arena, "/process/rlimits/%s", name); /* no entry of the list */
	box_origin(box, pointer, "rlimit", words);
	if (!limit->type) {
		unknown_rlimit(box, pointer, name);
		return;
	}
	process->rlimit_count++;
	if (!read_limit(colon ? arena_copy(box->arena, soft, (size_t)(colon - soft)) : soft, &limit->soft) ||
	    !read_limit(colon ? colon + 1 : soft, &limit->hard))
		box_fault(box, pointer, "expected NAME=SOFT:HARD or NAME=BOTH, each a number or unlimited");
}

static void box_rlimits(struct box *box)
{
	const struct given_words *given = &box->flags->rlimits;
	struct spec_process *process = &box->spec->process;
	process->rlimits = ARENA_ARRAY(box->arena, given->count, struct spec_rlimit);
	for (size_t i = 0; i < given->count; i++)
		read_rlimit(box, given->items[i].value);
}

/* --- scheduling ------------------------------------------------------------------------------------------- */

static void box_nice(struct box *box, const char *words)
{
	static const char pointer[] = "/process/scheduler";
	struct spec_scheduler *scheduler = &box->spec->process.scheduler;
	int64_t nice;
	box_origin(box, pointer, "nice", words);
	if (!read_integer(words, &nice) || nice < -20 || nice > 19) {
		box_fault(box, pointer, "expected a whole number from -20 (first) to 19 (last)");
		return;
	}
	*scheduler = (struct spec_scheduler){ .set = true, .policy = NAME_SCHED_OTHER, .nice = (int32_t)nice };
}

static void box_oom_score(struct box *box, const char *words)
{
	static const char pointer[] = "/process/oomScoreAdj";
	int64_t score;
	box_origin(box, pointer, "oom-score", words);
	if (!read_integer(words, &score))
		box_fault(box, pointer, "expected a whole number from -1000 (never killed) to 1000 (first)");
	else
		box->spec->process.oom_score_adj = (struct opt_int){ true, score };
}

/* The kernel would leave out those that the cpuset does not have, without a word. */
static void box_affinity_within(struct box *box, const char *pointer, const struct cpus *cpus)
{
	struct cpus limit;
	const char *cpuset = box->flags->cpuset;
	if (!cpuset || !cpus_parse_list(cpuset, &limit))
		return;
	int missing = cpus_first_missing(cpus, &limit);
	if (missing >= 0)
		box_fault(box, pointer,
		          arena_printf(box->arena,
		                       "processor %d is not in --cpuset %s, which nothing in the box can leave: leave "
		                       "it out here, or add it there",
		                       missing, cpuset));
}

static void box_affinity(struct box *box, const char *words)
{
	static const char pointer[] = "/process/execCPUAffinity";
	struct cpus *cpus = ARENA_NEW(box->arena, struct cpus);
	box_origin(box, pointer, "affinity", words);
	if (cpus_parse_list(words, cpus) || cpus_parse_mask(words, cpus))
		box->spec->box.affinity = cpus;
	else
		box_fault(box, pointer, "expected processors such as 0-1,3, or a mask such as 0xb");
	if (box->spec->box.affinity)
		box_affinity_within(box, pointer, cpus);
}

void box_schedule(struct box *box)
{
	const struct box_flags *flags = box->flags;
	box_rlimits(box);
	if (flags->nice)
		box_nice(box, flags->nice);
	if (flags->oom_score)
		box_oom_score(box, flags->oom_score);
	if (flags->affinity)
		box_affinity(box, flags->affinity);
}
