/* seccomp.c: the story of a seccomp program: its architectures, its rules, its parts in order. */
#include "plan/seccomp_part.h"

#include <string.h>

enum { EPERM_NUMBER = 1, ENOSYS_NUMBER = 38 }; /* the same on all our architectures */

/* An architecture as the profile, the filter (linux/audit.h) and the kernel that runs it know it. */
static const struct {
	const char *word;
	uint32_t audit;
	enum seccomp_arch host; /* a kernel of this kind runs its programs, too */
} architectures[SECCOMP_ARCH_COUNT] = {
	[SECCOMP_X86_64] = { "SCMP_ARCH_X86_64", 0xc000003e, SECCOMP_X86_64 },
	[SECCOMP_X32] = { "SCMP_ARCH_X32", 0xc000003e, SECCOMP_X86_64 }, /* told apart by a bit of the number */
	[SECCOMP_X86] = { "SCMP_ARCH_X86", 0x40000003, SECCOMP_X86_64 },
	[SECCOMP_AARCH64] = { "SCMP_ARCH_AARCH64", 0xc00000b7, SECCOMP_AARCH64 },
	[SECCOMP_ARM] = { "SCMP_ARCH_ARM", 0x40000028, SECCOMP_AARCH64 },
};
static uint32_t action_return(enum spec_seccomp_action action, const struct opt_uint *errno_ret)
{
	uint32_t number = errno_ret->set ? errno_ret->value & 0xffff : EPERM_NUMBER;

	switch (action) {
	case SECCOMP_KILL_THREAD:
		return SECCOMP_RETURN_KILL_THREAD;
	case SECCOMP_KILL_PROCESS:
		return SECCOMP_RETURN_KILL_PROCESS;
	case SECCOMP_TRAP:
		return SECCOMP_RETURN_TRAP;
	case SECCOMP_ERRNO:
		return SECCOMP_RETURN_ERRNO | number;
	case SECCOMP_TRACE:
		return SECCOMP_RETURN_TRACE | number;
	case SECCOMP_ALLOW:
		return SECCOMP_RETURN_ALLOW;
	case SECCOMP_LOG:
		return SECCOMP_RETURN_LOG;
	case SECCOMP_NOTIFY:
		return SECCOMP_RETURN_NOTIFY;
	}
	return SECCOMP_RETURN_KILL_PROCESS;
}

/* The kernel compares actions so when filters are stacked (kernel/seccomp.c: seccomp_run_filters). */
static int32_t strictness(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RETURN_ACTION);
}

bool seccomp_refuses(uint32_t action)
{
	return strictness(action) <= SECCOMP_RETURN_ERRNO;
}

uint32_t seccomp_audit(enum seccomp_arch arch)
{
	return architectures[arch].audit;
}

enum seccomp_arch seccomp_native(const char *machine)
{
	if (strcmp(machine, "x86_64") == 0)
		return SECCOMP_X86_64;
	return strcmp(machine, "aarch64") == 0 ? SECCOMP_AARCH64 : SECCOMP_ARCH_COUNT;
}

static uint32_t work_leaf(struct seccomp_work *work, uint32_t action)
{
	bool told = work->traced && seccomp_refuses(action);

	return seccomp_leaf_action(&work->leaves, told ? (uint32_t)SECCOMP_RETURN_NOTIFY : action);
}

/* --- reading the profile ----------------------------------------------------------------------- */

static bool is_listed(const struct spec_seccomp *profile, const char *word)
{
	for (size_t i = 0; i < profile->architecture_count; i++)
		if (!strcmp(profile->architectures[i], word))
			return true;
	return false;
}

static void open_maps(struct seccomp_work *work, enum seccomp_arch native)
{
	for (enum seccomp_arch arch = 0; arch < SECCOMP_ARCH_COUNT; arch++) {
		bool foreign = architectures[arch].host != native;

		if (arch != native && (foreign || !is_listed(work->profile, architectures[arch].word)))
			continue;
		work->maps[arch] = ARENA_NEW(work->arena, struct seccomp_map);
		work->maps[arch]->arch = arch;
		work->maps[arch]->highest = -1;
	}
}

static void add_unknown(struct seccomp_work *work, struct spec_strings *unknown, const char *name)
{
	if (!unknown->items) {
		size_t most = 0;

		for (size_t i = 0; i < work->profile->rule_count; i++)
			most += work->profile->rules[i].names.count;
		unknown->items = ARENA_ARRAY(work->arena, most, const char *);
	}
	unknown->items[unknown->count++] = name;
}

static void add_rule(struct seccomp_work *work, const struct spec_seccomp_rule *rule, struct seccomp_program *out)
{
	uint32_t action = action_return(rule->action, &rule->errno_ret);
	struct seccomp_order order = {
		.args = rule->args,
		.arg_count = rule->arg_count,
		.leaf = work_leaf(work, action),
		.rule = (uint32_t)(rule - work->profile->rules),
		.skipped = action == work->default_action,
		.stricter = strictness(action) < strictness(work->default_action),
	};

	for (size_t i = 0; i < rule->names.count; i++) {
		const struct syscall_entry *entry = syscall_find(rule->names.items[i]);

		if (!entry)
			add_unknown(work, &out->unknown, rule->names.items[i]);
		for (size_t arch = 0; entry && arch < SECCOMP_ARCH_COUNT; arch++)
			if (work->maps[arch])
				seccomp_map_add(work->arena, work->maps[arch], entry, &order);
	}
	out->notifies = out->notifies || action == SECCOMP_RETURN_NOTIFY;
}

/* For those that the filter has to tell about: behind all rules, which they replace. */
static void notify_execs(struct seccomp_work *work)
{
	static const char *const names[] = { "execve", "execveat" };
	uint32_t leaf = seccomp_leaf_action(&work->leaves, SECCOMP_RETURN_NOTIFY);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t arch = 0; arch < SECCOMP_ARCH_COUNT; arch++)
			if (work->maps[arch])
				seccomp_map_settle(work->maps[arch], syscall_find(names[i]), leaf);
}

void seccomp_read(struct seccomp_work *work, enum seccomp_arch native, struct seccomp_program *out)
{
	const struct spec_seccomp *profile = work->profile;

	work->leaves.arena = work->arena;
	work->default_action = action_return(profile->default_action, &profile->default_errno);
	work->otherwise = work_leaf(work, work->default_action);
	work->newer = work->otherwise;
	if (seccomp_refuses(work->default_action))
		work->newer = work_leaf(work, SECCOMP_RETURN_ERRNO | ENOSYS_NUMBER);
	work->kill = work_leaf(work, SECCOMP_RETURN_KILL_PROCESS);
	out->notifies = work->traced || work->default_action == SECCOMP_RETURN_NOTIFY;
	open_maps(work, native);
	for (size_t i = 0; i < profile->rule_count; i++)
		add_rule(work, &profile->rules[i], out);
	if (work->traced)
		notify_execs(work);
}

/* --- writing the program ----------------------------------------------------------------------- */

static void draw_ranges(struct seccomp_work *work, enum seccomp_arch arch)
{
	struct seccomp_ranges *ranges = &work->ranges[arch];
	const struct seccomp_map *map = work->maps[arch];

	/* Each slot may start a range, of x32 too; then "newer" ones, arm's private ones and the edges of x32. */
	ranges->items =
		ARENA_ARRAY(work->arena, 2 * SECCOMP_SLOT_ORDINARY + SECCOMP_SLOT_PRIVATE + 8, struct seccomp_range);
	seccomp_map_ranges(map, &work->leaves, work->otherwise, work->newer, ranges);
	if (arch != SECCOMP_X86_64)
		return;
	if (work->maps[SECCOMP_X32]) {
		seccomp_map_ranges(work->maps[SECCOMP_X32], &work->leaves, work->otherwise, work->newer, ranges);
	} else {
		uint32_t last = ranges->items[ranges->count - 1].leaf;

		seccomp_range_put(ranges, SECCOMP_X32_BIT, work->kill);
		seccomp_range_put(ranges, UINT32_MAX, last);
	}
}

/* One tree for each value that `arch` of struct seccomp_data can have; any other value is killed. */
static void write_program(struct seccomp_work *work, struct seccomp_code *code)
{
	size_t trees[SECCOMP_ARCH_COUNT];
	size_t next;

	for (size_t arch = SECCOMP_ARCH_COUNT; arch-- > 0;) {
		if (!work->ranges[arch].items)
			continue;
		trees[arch] = seccomp_code_tree(code, work->ranges[arch].items, work->ranges[arch].count);
		if (work->ranges[arch].count > 1)
			trees[arch] = seccomp_code_load(code, SECCOMP_AT_NUMBER);
	}
	next = seccomp_code_leaf(code, work->kill);
	for (size_t arch = SECCOMP_ARCH_COUNT; arch-- > 0;)
		if (work->ranges[arch].items)
			next = seccomp_code_equal(code, architectures[arch].audit, trees[arch], next);
	seccomp_code_load(code, SECCOMP_AT_ARCH);
}

static int compile(struct seccomp_work *work, enum seccomp_arch native, struct seccomp_program *out, struct err *err)
{
	struct seccomp_program program = { .flags = work->profile->flags };
	struct seccomp_code code;

	seccomp_read(work, native, &program);
	for (enum seccomp_arch arch = 0; arch < SECCOMP_ARCH_COUNT; arch++)
		if (work->maps[arch] && arch != SECCOMP_X32)
			draw_ranges(work, arch);

	code = seccomp_code_new(&work->leaves);
	write_program(work, &code);
	if (code.full) {
		int failed = err_set(err, work->arena, 0,
		                     "the seccomp profile needs more than %d instructions, the kernel's limit",
		                     SECCOMP_INSTRUCTION_LIMIT);

		err->pointer = "/linux/seccomp";
		err->hint = "fewer conditions on arguments make the program shorter";
		return failed;
	}
	program.items = code.items + code.first;
	program.count = SECCOMP_INSTRUCTION_LIMIT - code.first;
	*out = program;
	return 0;
}

int seccomp_compile(struct arena *arena, const struct spec_seccomp *profile, enum seccomp_arch native,
                    struct seccomp_program *out, struct err *err)
{
	struct seccomp_work work = { .arena = arena, .profile = profile };

	return compile(&work, native, out, err);
}

int seccomp_compile_traced(struct arena *arena, const struct spec_seccomp *profile, enum seccomp_arch native,
                           struct seccomp_program *out, struct err *err)
{
	struct seccomp_work work = { .arena = arena, .profile = profile, .traced = true };

	return compile(&work, native, out, err);
}
