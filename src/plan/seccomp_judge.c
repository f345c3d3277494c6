/* seccomp_judge.c: what a profile decides about one call, and by which of its words: from the maps that the program is
 * compiled from, so that the two cannot disagree. */
#include "plan/seccomp_part.h"

struct seccomp_judge {
	struct seccomp_work work;
	enum seccomp_arch native;
};

struct seccomp_judge *seccomp_judge_open(struct arena *arena, const struct spec_seccomp *profile,
                                         enum seccomp_arch native)
{
	struct seccomp_judge *judge = ARENA_NEW(arena, struct seccomp_judge);
	struct seccomp_program ignored = { 0 };

	*judge = (struct seccomp_judge){ .work = { .arena = arena, .profile = profile }, .native = native };
	seccomp_read(&judge->work, native, &ignored);
	return judge;
}

static bool arg_holds(const struct spec_seccomp_arg *arg, const uint64_t *args, bool wide)
{
	uint64_t half = wide ? UINT64_MAX : UINT32_MAX;
	uint64_t have = args[arg->index] & half, value = arg->value & half;

	switch (arg->op) {
	case SECCOMP_NE:
		return have != value;
	case SECCOMP_LT:
		return have < value;
	case SECCOMP_LE:
		return have <= value;
	case SECCOMP_EQ:
		return have == value;
	case SECCOMP_GE:
		return have >= value;
	case SECCOMP_GT:
		return have > value;
	case SECCOMP_MASKED_EQ:
		return (have & value) == (arg->value_two & value);
	}
	return false;
}

static bool clause_holds(const struct seccomp_clause *clause, const uint64_t *args, bool wide)
{
	for (size_t i = 0; i < clause->arg_count; i++)
		if (!arg_holds(&clause->args[i], args, wide))
			return false;
	return true;
}

/* The map of a call's architecture, or NULL where the profile has none. */
static const struct seccomp_map *map_of(const struct seccomp_judge *judge, const struct seccomp_call *call)
{
	/* Number -1 is how a tracer skips a call, and none of x32. */
	bool x32 = judge->native == SECCOMP_X86_64 && call->audit == seccomp_audit(SECCOMP_X86_64) &&
	           call->number >= SECCOMP_X32_BIT && call->number != UINT32_MAX;

	if (x32)
		return judge->work.maps[SECCOMP_X32];
	for (size_t arch = 0; arch < SECCOMP_ARCH_COUNT; arch++)
		if (arch != SECCOMP_X32 && judge->work.maps[arch] && seccomp_audit(arch) == call->audit)
			return judge->work.maps[arch];
	return NULL;
}

static const char *name_of(const struct seccomp_judge *judge, const struct seccomp_call *call)
{
	const struct seccomp_map *map = map_of(judge, call);

	if (map)
		return syscall_name(map->arch, (int)call->number);
	for (size_t arch = 0; arch < SECCOMP_ARCH_COUNT; arch++)
		if (seccomp_audit(arch) == call->audit && syscall_name(arch, (int)call->number))
			return syscall_name(arch, (int)call->number);
	return NULL;
}

static struct seccomp_verdict verdict_of(const struct seccomp_work *work, enum seccomp_cause cause, uint32_t leaf,
                                         size_t rule)
{
	return (struct seccomp_verdict){ .action = work->leaves.items[leaf].action, .cause = cause, .rule = rule };
}

static struct seccomp_verdict decide(const struct seccomp_work *work, const struct seccomp_map *map,
                                     const struct seccomp_call *call)
{
	const struct seccomp_slot *slot = seccomp_map_slot(map, call->number);
	bool wide = map->arch == SECCOMP_X86_64 || map->arch == SECCOMP_AARCH64;

	if (seccomp_map_is_newer(map, call->number))
		return verdict_of(work, work->newer == work->otherwise ? SECCOMP_BY_DEFAULT : SECCOMP_BY_AGE,
		                  work->newer, 0);
	if (slot && slot->settled)
		return verdict_of(work, SECCOMP_BY_RULE, slot->leaf, slot->rule);
	for (const struct seccomp_clause *clause = slot ? slot->clauses : NULL; clause; clause = clause->next)
		if (clause_holds(clause, call->args, wide))
			return verdict_of(work, SECCOMP_BY_RULE, clause->leaf, clause->rule);
	return verdict_of(work, SECCOMP_BY_DEFAULT, work->otherwise, 0);
}

struct seccomp_verdict seccomp_judge(const struct seccomp_judge *judge, const struct seccomp_call *call)
{
	const struct seccomp_map *map = map_of(judge, call);
	struct seccomp_verdict verdict;

	if (map)
		verdict = decide(&judge->work, map, call);
	else
		verdict = verdict_of(&judge->work, SECCOMP_BY_ARCHITECTURE, judge->work.kill, 0);
	verdict.name = name_of(judge, call);
	return verdict;
}
