/* child.c: what the fresh child does before it is init: cgroups, namespaces, ids, and the exec of the sealed program.
 *
 * It has a copy of the runtime's memory, and of that it only reads the plan and writes the board: no allocation, no
 * stdio, nothing of libc beyond system calls, because libc was not told that there is a second process.
 *
 * A springboard (the plan has a fork step) joins or makes what takes effect only in a child, forks, tells the runtime
 * the pid and pidfd of the forked process, and ends: it is the only one who knows both. The forked process is the
 * runtime's child by CLONE_PARENT and goes on with the list. See line.h for that message. */
#include "run/board.h"
#include "run/fault.h"
#include "run/line.h"
#include "run/walk.h"

#include "base/abi.h"
#include "plan/wire.h"
#include "sys/ids.h"
#include "sys/namespace.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <string.h>

enum { CHILD_FAILED = 1, DECIMAL_SIZE = 12, IDMAP_LINE = 64 };
/* setresuid(2), setresgid(2): leave the id as it is. */
#define SAME_ID UINT32_MAX

/* The end of the runtime ends this process. PDEATHSIG alone does not do: it is lost with a change of credentials, and
 * the runtime may be dead already. Every wait is on the line, which then has its end-of-file. */
static void tie_to_runtime(struct walk *walk)
{
	sys_die_with_parent(SIGKILL);
	if (sys_poll(walk->line, 0, 0) & (POLLHUP | POLLERR))
		sys_exit(CHILD_FAILED);
}

/* --- the steps -------------------------------------------------------------------------------------- */

static int enter_cgroup(struct walk *walk, const struct step *step)
{
	/* "0" is the writer itself; the permission is that of the runtime, which opened the file. */
	long written = sys_write(walk->slots[step->enter_cgroup.cgroup], "0", 1);
	return written < 0 ? (int)written : 0;
}

static int join_namespace(struct walk *walk, const struct step *step)
{
	return sys_setns(walk->slots[step->join_namespace.namespace], step->join_namespace.type);
}

static int unshare_namespaces(struct walk *walk, const struct step *step)
{
	(void)walk;
	return sys_unshare(step->unshare.namespaces);
}

static int open_time_offsets(struct walk *walk, const struct step *step)
{
	int fd = sys_open_at(AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY | O_NOFOLLOW, 0);
	walk->slots[step->open_time_offsets.offsets] = fd;
	return fd < 0 ? fd : 0;
}

static int write_time_offsets(struct walk *walk, const struct step *step)
{
	const char *text = walk_text(walk, step->write_time_offsets.text);
	int *fd = &walk->slots[step->write_time_offsets.offsets];
	long written = sys_write(*fd, text, strlen(text));
	close(*fd);
	*fd = -1;
	return written < 0 ? (int)written : 0;
}

static int fork_process(struct walk *walk, const struct step *step)
{
	int pidfd = -1;
	struct uapi_clone_args how = {
		/* With CLONE_PARENT the exit signal is the springboard's own: SIGCHLD (clone(2)). */
		.flags = step->fork.namespaces | UAPI_CLONE_PARENT | UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&pidfd,
	};
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		tie_to_runtime(walk);
		return 0;
	}
	sys_exit(line_send_fork(walk->line, walk->index + 1, pid, pidfd) < 0 ? CHILD_FAILED : 0);
}

/* The first id inside, as the map's first line has it. 0 or -errno; the id is left as it is where there is none. */
static int read_first_id(const char *file, uint32_t *id)
{
	char text[IDMAP_LINE];
	int fd = sys_open_at(AT_FDCWD, file, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	long length = sys_read(fd, text, sizeof(text));
	close(fd);
	long at = 0;
	while (at < length && text[at] == ' ')
		at++;
	if (at >= length)
		return length < 0 ? (int)length : 0;
	for (*id = 0; at < length && text[at] >= '0' && text[at] <= '9'; at++)
		*id = *id * 10 + (uint32_t)(text[at] - '0');
	return 0;
}

/* Which id was taken; SAME_ID: it stays who it is. */
static int take_id(int (*set)(uint32_t id), uint32_t *id, const char *map)
{
	int result = *id == SAME_ID ? 0 : set(*id);
	if (result != -EINVAL || !map)
		return result;
	*id = SAME_ID;
	result = read_first_id(map, id);
	return result < 0 || *id == SAME_ID ? result : set(*id);
}

static int become_root(struct walk *walk, const struct step *step)
{
	(void)walk;
	const bool search = step->become_root.search;
	uint32_t uid = step->become_root.uid, gid = step->become_root.gid;
	int result = take_id(sys_set_gid, &gid, search ? "/proc/self/gid_map" : NULL);
	if (result == 0)
		result = take_id(sys_set_uid, &uid, search ? "/proc/self/uid_map" : NULL);
	if (result == 0 && uid != 0)
		result = sys_ambient_all();
	sys_die_with_parent(SIGKILL); /* the change of ids has cleared it (prctl(2)) */
	return result;
}

static int hide_process(struct walk *walk, const struct step *step)
{
	(void)walk;
	(void)step;
	return sys_set_dumpable(false);
}

static const char *put_decimal(char text[DECIMAL_SIZE], unsigned number)
{
	char *at = text + DECIMAL_SIZE - 1;
	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return at;
}

/* What the plan's 'e' crossing names stays open over the exec, and init finds its numbers on the board. */
static int keep_slots(struct walk *walk)
{
	const struct plan_crossing *kept = crossing_find(walk->block, walk->index + 1, 'e');
	int *board = walk->run->board->slots;
	for (int slot = 0; slot <= PLAN_SLOTS; slot++)
		board[slot] = -1;
	for (uint32_t place = 0; kept && place < kept->slots.count; place++) {
		plan_slot slot = plan_crossing_slots(walk->block, kept)[place];
		board[slot] = walk->slots[slot];
		int result = walk->block->slot_types[slot] == SLOT_FD ? sys_close_on_exec(walk->slots[slot], false) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}

static int exec_init(struct walk *walk, const struct step *step)
{
	const int fds[] = { walk->line, walk->blockfd, walk->boardfd };
	int result = keep_slots(walk);
	for (size_t i = 0; result == 0 && i < sizeof(fds) / sizeof(fds[0]); i++)
		result = sys_close_on_exec(fds[i], false);
	if (result < 0)
		return result;

	char numbers[INIT_ARGUMENTS][DECIMAL_SIZE];
	const char *const args[INIT_ARGUMENTS + 1] = {
		[INIT_NAME] = "kist-init",
		[INIT_LINE] = put_decimal(numbers[INIT_LINE], (unsigned)walk->line),
		[INIT_BLOCK] = put_decimal(numbers[INIT_BLOCK], (unsigned)walk->blockfd),
		[INIT_BOARD] = put_decimal(numbers[INIT_BOARD], (unsigned)walk->boardfd),
		[INIT_STEP] = put_decimal(numbers[INIT_STEP], walk->index + 1),
	};
	const char *const env[] = { NULL };
	return sys_execveat(walk->slots[step->exec_init.image], "", args, env, AT_EMPTY_PATH);
}

static step_deed *const deeds[STEP_KIND_COUNT] = {
	[STEP_enter_cgroup] = enter_cgroup,
	[STEP_join_namespace] = join_namespace,
	[STEP_unshare] = unshare_namespaces,
	[STEP_write_time_offsets] = write_time_offsets,
	[STEP_fork] = fork_process,
	[STEP_become_root] = become_root,
	[STEP_hide_process] = hide_process,
	[STEP_exec_init] = exec_init,
	[STEP_open_time_offsets] = open_time_offsets,
};

/* --- the list ---------------------------------------------------------------------------------------- */

static _Noreturn void fail(struct walk *walk, int result, const char *detail)
{
	board_fail(walk->run->board, ACTOR_INIT, walk->index, -result, detail);
	sys_exit(CHILD_FAILED);
}

static void do_own(struct walk *walk, const struct step *step)
{
	struct board *board = walk->run->board;
	step_deed *deed = step->kind < STEP_KIND_COUNT ? deeds[step->kind] : NULL;
	board_begin(board, ACTOR_INIT, walk->index);
	int result = fault_in_child(walk);
	if (result == 0)
		result = deed ? deed(walk, step) : -ENOSYS;
	if (result < 0)
		fail(walk, result, deed ? NULL : "it cannot be done before the init program runs");
	board_end(board, ACTOR_INIT, walk->index);
}

static bool forked_before(const struct walk *walk)
{
	return plan_step(walk->block, walk->index - 1)->kind == STEP_fork;
}

static void cross(struct walk *walk, const struct plan_crossing *message, const struct step *step)
{
	int result;
	if (step->actor == ACTOR_RUNTIME) {
		result = forked_before(walk) ? 0 : line_send(walk->line, walk->block, message, walk->slots);
	} else {
		board_wait(walk->run->board, ACTOR_INIT, walk->index);
		result = line_receive(walk->line, walk->block, message, walk->slots);
	}
	if (result == -EPIPE || result == -ECONNRESET)
		sys_exit(CHILD_FAILED); /* the runtime is gone, and nobody waits for a container */
	if (result < 0)
		fail(walk, result, "the hand-over between kist and its init failed");
}

void child_walk(struct walk *walk)
{
	close(walk->line); /* the runtime's end: while a copy is open here, its end would go unnoticed */
	walk->line = walk->far_line;
	tie_to_runtime(walk);
	for (walk->index++; walk->index < walk->block->step_count; walk->index++) {
		const struct step *step = plan_step(walk->block, walk->index);
		const struct plan_crossing *message = crossing_find(walk->block, walk->index, 'm');
		if (message)
			cross(walk, message, step);
		if (step->actor == ACTOR_INIT)
			do_own(walk, step);
	}
	sys_exit(CHILD_FAILED); /* a plan has an exec_init, which does not come back */
}
