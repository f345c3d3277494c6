/* seccomp_trace.c: tells what a seccomp profile would refuse: each refusal once, then its count at 10, 100, 1000, ...
 *
 * What is told is refused: with the errno of the profile, and where that would trap or kill, with EPERM. So the
 * program sees what it would see, but for its death, and nothing that the profile forbids is done. */
#include "verb/seccomp_trace.h"

#include "plan/seccomp.h"
#include "verb/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REFUSALS = 256 };

/* One line: the same program, call and reason. */
struct refusal {
	char name[NOTIFY_NAME];
	uint32_t audit, number;
	struct seccomp_verdict verdict;
	uint64_t count, told;
};

struct seccomp_trace {
	const struct command *command;
	const struct spec *spec;
	struct notify notify;
	struct seccomp_judge *judge;
	struct refusal refusals[MOST_REFUSALS];
	size_t refusal_count;
	uint64_t untold; /* refusals that found no place in the list */
};

static const char *call_words(struct arena *arena, const struct seccomp_verdict *verdict, uint32_t number)
{
	return verdict->name ? verdict->name : arena_printf(arena, "call %" PRIu32, number);
}

/* "EPERM", "a kill": what the profile would have done. */
static const char *action_words(struct arena *arena, uint32_t action)
{
	int number = (int)(action & SECCOMP_VALUE_MASK);
	const char *name = err_name(number);
	switch (action & SECCOMP_ACTION_MASK) {
	case SECCOMP_ACTION_ERRNO:
		return name ? name : arena_printf(arena, "errno %d", number);
	case SECCOMP_ACTION_TRAP:
		return "SIGSYS";
	default:
		return "killed";
	}
}

/* "rule 17 (config.json:41:3  /linux/seccomp/syscalls/16)" */
static const char *rule_words(const struct seccomp_trace *trace, size_t index)
{
	struct arena *arena = trace->command->arena;
	const char *pointer = arena_printf(arena, "/linux/seccomp/syscalls/%zu", index);
	unsigned line = trace->spec->linux_.seccomp.rules[index].line;
	if (line)
		return arena_printf(arena, "rule %zu (%s, line %u)", index + 1, spec_place(arena, trace->spec, pointer),
		                    line);
	const char *place = trace->spec->document ? spec_place(arena, trace->spec, pointer) : pointer;
	return arena_printf(arena, "rule %zu (%s)", index + 1, place);
}

static const char *cause_words(const struct seccomp_trace *trace, const struct seccomp_verdict *verdict)
{
	switch (verdict->cause) {
	case SECCOMP_BY_RULE:
		return rule_words(trace, verdict->rule);
	case SECCOMP_BY_AGE:
		return "its number, above all that the profile names";
	case SECCOMP_BY_ARCHITECTURE:
		return "its architecture, which the profile does not list";
	case SECCOMP_BY_DEFAULT:
		break;
	}
	return "the default action (/linux/seccomp/defaultAction)";
}

static void tell(const struct seccomp_trace *trace, const struct refusal *refusal, const struct notify_call *call)
{
	struct buf line = buf_in(trace->command->arena);
	buf_printf(&line, "seccomp: %d %s %s(", (int)call->pid, call->name,
	           call_words(line.arena, &refusal->verdict, call->number));
	for (size_t i = 0; i < sizeof(call->args) / sizeof(call->args[0]); i++)
		buf_printf(&line, "%s%#" PRIx64, i ? ", " : "", call->args[i]);
	buf_printf(&line, ") \u2192 would be %s by %s", action_words(line.arena, refusal->verdict.action),
	           cause_words(trace, &refusal->verdict));
	report_notice(trace->command, line.bytes);
}

static void tell_count(const struct seccomp_trace *trace, const struct refusal *refusal)
{
	struct arena *arena = trace->command->arena;
	report_notice(trace->command, arena_printf(arena, "seccomp: %s %s \u2192 %s, %" PRIu64 " times in all",
	                                           refusal->name, call_words(arena, &refusal->verdict, refusal->number),
	                                           action_words(arena, refusal->verdict.action), refusal->count));
}

static bool is_round(uint64_t count)
{
	while (count >= 10 && count % 10 == 0)
		count /= 10;
	return count == 1;
}

static struct refusal *refusal_of(struct seccomp_trace *trace, const struct notify_call *call,
                                  const struct seccomp_verdict *verdict)
{
	for (size_t i = 0; i < trace->refusal_count; i++) {
		struct refusal *refusal = &trace->refusals[i];
		if (refusal->number == call->number && refusal->audit == call->audit &&
		    refusal->verdict.action == verdict->action && refusal->verdict.rule == verdict->rule &&
		    strcmp(refusal->name, call->name) == 0)
			return refusal;
	}
	if (trace->refusal_count == MOST_REFUSALS)
		return NULL;
	struct refusal *refusal = &trace->refusals[trace->refusal_count++];
	*refusal = (struct refusal){ .audit = call->audit, .number = call->number, .verdict = *verdict };
	memcpy(refusal->name, call->name, sizeof(refusal->name));
	return refusal;
}

static void note(struct seccomp_trace *trace, const struct notify_call *call, const struct seccomp_verdict *verdict)
{
	struct refusal *refusal = refusal_of(trace, call, verdict);
	if (!refusal) {
		trace->untold++;
		return;
	}
	refusal->count++;
	if (!is_round(refusal->count))
		return;
	refusal->told = refusal->count;
	if (refusal->count == 1)
		tell(trace, refusal, call);
	else
		tell_count(trace, refusal);
}

static int answer(void *given, const struct notify_call *call)
{
	struct seccomp_trace *trace = given;
	struct seccomp_call asked = { .audit = call->audit, .number = call->number };
	memcpy(asked.args, call->args, sizeof(asked.args));
	struct seccomp_verdict verdict = seccomp_judge(trace->judge, &asked);
	if (!seccomp_refuses(verdict.action))
		return NOTIFY_MAKE;
	note(trace, call, &verdict);
	bool is_errno = (verdict.action & SECCOMP_ACTION_MASK) == SECCOMP_ACTION_ERRNO;
	return is_errno ? (int)(verdict.action & SECCOMP_VALUE_MASK) : EPERM;
}

struct seccomp_trace *seccomp_trace_open(const struct command *command, const struct spec *spec, const char *machine)
{
	struct seccomp_trace *trace = ARENA_NEW(command->arena, struct seccomp_trace);
	*trace = (struct seccomp_trace){ .command = command, .spec = spec, .notify = { answer, trace } };
	trace->judge = seccomp_judge_open(command->arena, &spec->linux_.seccomp, seccomp_native(machine));
	return trace;
}

const struct notify *seccomp_trace_notify(const struct seccomp_trace *trace)
{
	return &trace->notify;
}

void seccomp_trace_end(const struct seccomp_trace *trace)
{
	for (size_t i = 0; i < trace->refusal_count; i++)
		if (trace->refusals[i].count != trace->refusals[i].told)
			tell_count(trace, &trace->refusals[i]);
	if (trace->untold)
		report_notice(trace->command,
		              arena_printf(trace->command->arena,
		                           "seccomp: %" PRIu64 " refusals of other kinds, after the first %d",
		                           trace->untold, MOST_REFUSALS));
}
