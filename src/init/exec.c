/* exec.c: the end: what was init becomes the program. */
#include "init/exec.h"

#include "init/actions.h"
#include "init/board.h"
#include "plan/wire.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/seccomp.h"

#include <limits.h>
#include <string.h>

const char path_default[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const char *path_list(const char *const *env)
{
	const char *list = NULL;

	for (; *env; env++) {
		if (strncmp(*env, "PATH=", 5) == 0)
			list = *env + 5; /* of duplicates the last wins */
	}
	return list ? list : path_default;
}

bool path_candidate(const char **list, const char *name, char candidate[PATH_SIZE])
{
	while (*name && *list) { /* an empty name is found nowhere (execvp(3)) */
		const char *entry = *list;
		const size_t length = strcspn(entry, ":"), name_size = strlen(name) + 1;
		*list = entry[length] ? entry + length + 1 : NULL;
		if (length + 1 + name_size > PATH_SIZE)
			continue;
		memcpy(candidate, entry, length);
		size_t used = length;
		if (length == 0)
			candidate[used++] = '.';
		candidate[used++] = '/';
		if (used + name_size > PATH_SIZE)
			continue;
		memcpy(candidate + used, name, name_size);
		return true;
	}
	return false;
}

/* Everything above stderr goes, for good, but the line and a program of the host: a leaked descriptor is an escape
 * (CVE-2024-21626), and a profile may forbid close_range. Both are close-on-exec; the line's end tells the runtime that
 * the program runs. */
static int close_files(struct walker *walker)
{
	const unsigned line = (unsigned)walker->line;
	const unsigned file = walker->program.fd ? (unsigned)walker->program.fd : line;
	const unsigned low = file < line ? file : line, high = file < line ? line : file;
	int result = 0;

	if (low > STDERR_FILENO + 1)
		result = sys_close_range(STDERR_FILENO + 1, low - 1, 0);
	if (result == 0 && high > low + 1)
		result = sys_close_range(low + 1, high - 1, 0);
	if (result == 0)
		result = sys_close_range(high + 1, UINT_MAX, 0);
	for (unsigned slot = 1; slot <= PLAN_SLOTS; slot++)
		walker->slots[slot] = -1;
	return result;
}

int exec_prepare(struct walker *walker)
{
	if (walker->files_closed)
		return 0;
	walk_check_runtime(walker);
	walker->files_closed = true;
	int result = close_files(walker);
	return result < 0 ? result : sys_reset_signals();
}

/* Half made, the container dies with its runtime; the program does so only where the plan has die_with_runtime. The
 * tie is cut as late as a filter lets us: only the exec follows a late one, while behind an early one there are steps
 * that need prctl(2) anyway. */
static void cut_tie(const struct walker *walker)
{
	if (!walker->tied)
		sys_die_with_parent(0);
}

static bool is_kind(const struct walker *walker, uint32_t index, enum step_kind kind)
{
	return plan_step(walker->block, index)->kind == kind;
}

/* The program's own steps: the exec, and before it perhaps the fork of an init that stays. */
static bool is_program(const struct walker *walker, uint32_t index)
{
	return is_kind(walker, index, STEP_exec) || is_kind(walker, index, STEP_stay);
}

int act_seccomp(struct walker *walker, const struct step *step)
{
	const struct plan_span program = step->seccomp.program;
	const size_t length = program.count / sizeof(struct uapi_sock_filter);
	int result = exec_prepare(walker);

	if (is_program(walker, walker->index + 1))
		cut_tie(walker);
	if (result < 0)
		return result;
	if (length == 0 || length > UINT16_MAX)
		return -EINVAL;
	walker->clock = board_clock();
	result = sys_seccomp_filter(step->seccomp.flags, plan_bytes(walker->block, program), (uint16_t)length);
	if (result < 0)
		return result;
	walker->filtered = true;
	/* The runtime takes it from here; the exec waits for that, because the filter asks its listener about it. */
	if (step->seccomp.flags & WIRE_FILTER_LISTENER)
		__atomic_store_n(&walker->board->listener, result, __ATOMIC_RELEASE);
	return 0;
}

/* These say "not here": the search goes on, as execvp(3) does it. */
static bool goes_on(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EACCES || error == -ESTALE || error == -ENODEV;
}

static int search(const struct program *program)
{
	const char *list = path_list(program->env);
	char candidate[PATH_SIZE];
	int error = -ENOENT;

	while (path_candidate(&list, program->file, candidate)) {
		int found = sys_execve(candidate, program->args, program->env);
		if (!goes_on(found))
			return found;
		if (found == -EACCES)
			error = -EACCES;
	}
	return error;
}

static const char *reason(const struct walker *walker, int error)
{
	const struct reasons *reasons = &walker->program.reasons;

	switch (-error) {
	case ENOENT:
	case ENOTDIR:
		return reasons->missing.bytes;
	case EACCES:
		return reasons->denied.bytes;
	case ENOEXEC:
		return reasons->format.bytes;
	case EPERM:
	case ENOSYS:
		return walker->filtered ? "the seccomp profile denies execve" : "";
	case E2BIG:
		return "the arguments and the environment are too long for the kernel";
	case ETXTBSY:
		return "the program's file is open for writing";
	default:
		return "";
	}
}

int act_exec(struct walker *walker, const struct step *step)
{
	const struct program *program = &walker->program;

	(void)step;
	if (!program->args)
		return -EINVAL;
	int result = exec_prepare(walker);
	if (result < 0)
		return result;
	const uint32_t before = walker->index - (is_kind(walker, walker->index - 1, STEP_stay) ? 2 : 1);
	if (!is_kind(walker, before, STEP_seccomp))
		cut_tie(walker);
	/* A successful exec leaves nobody to say so afterwards. */
	walker->board->steps[walker->index].ended = walker->filtered ? walker->clock : board_clock();
	board_state(walker->board, BOARD_DONE, walker->index);
	if (program->refused)
		return walk_fail(walker, -ENOEXEC, program->reasons.format.bytes);
	if (program->fd) {
		result = sys_execveat(program->fd, "", program->args, program->env, AT_EMPTY_PATH);
		return walk_fail(walker, result, reason(walker, result));
	}
	result = strchr(program->file, '/') ? sys_execve(program->file, program->args, program->env) : search(program);
	return walk_fail(walker, result, reason(walker, result));
}
