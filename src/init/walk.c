/* walk.c: the walk along the list: own steps are done, where it changes hands the runtime is told and waited for. */
#include "init/walk.h"

#include "init/actions.h"
#include "init/board.h"
#include "init/fault.h"
#include "init/text.h"
#include "plan/wire.h"
#include "sys/packet.h"
#include "sys/process.h"

typedef int act(struct walker *walker, const struct step *step);

/* The kinds before exec_init are done by the child of the runtime, and have no row. */
static act *const actions[STEP_KIND_COUNT] = {
	[STEP_hide_process] = act_hide_process,
	[STEP_set_propagation] = act_set_propagation,
	[STEP_mount_scratch] = act_mount_scratch,
	[STEP_make_layer] = act_make_layer,
	[STEP_open_channel] = act_open_channel,
	[STEP_open_root] = act_open_root,
	[STEP_await_root] = act_await_root,
	[STEP_mount_fs] = act_mount_fs,
	[STEP_bind] = act_bind,
	[STEP_remount] = act_remount,
	[STEP_make_path] = act_make_path,
	[STEP_make_link] = act_make_link,
	[STEP_make_device] = act_make_device,
	[STEP_open_terminal] = act_open_terminal,
	[STEP_bind_console] = act_bind_console,
	[STEP_new_session] = act_new_session,
	[STEP_take_terminal] = act_take_terminal,
	[STEP_take_log] = act_take_log,
	[STEP_pivot] = act_pivot,
	[STEP_open_proc] = act_open_proc,
	[STEP_write_sysctl] = act_write_sysctl,
	[STEP_mask] = act_mask,
	[STEP_readonly] = act_readonly,
	[STEP_set_name] = act_set_name,
	[STEP_enter_network] = act_enter_network,
	[STEP_raise_loopback] = act_raise_loopback,
	[STEP_find_program] = act_find_program,
	[STEP_listen_gate] = act_listen_gate,
	[STEP_wait_gate] = act_wait_gate,
	[STEP_set_rlimit] = act_set_rlimit,
	[STEP_new_keyring] = act_new_keyring,
	[STEP_set_personality] = act_set_personality,
	[STEP_set_scheduler] = act_set_scheduler,
	[STEP_set_affinity] = act_set_affinity,
	[STEP_set_memory_policy] = act_set_memory_policy,
	[STEP_set_io_priority] = act_set_io_priority,
	[STEP_set_umask] = act_set_umask,
	[STEP_lookup_user] = act_lookup_user,
	[STEP_lookup_groups] = act_lookup_groups,
	[STEP_change_dir] = act_change_dir,
	[STEP_drop_bounding] = act_drop_bounding,
	[STEP_take_pipes] = act_take_pipes,
	[STEP_set_groups] = act_set_groups,
	[STEP_set_gid] = act_set_gid,
	[STEP_set_uid] = act_set_uid,
	[STEP_set_caps] = act_set_caps,
	[STEP_no_new_privs] = act_no_new_privs,
	[STEP_die_with_runtime] = act_die_with_runtime,
	[STEP_run_hook_inside] = act_run_hook_inside,
	[STEP_run_hook_at_start] = act_run_hook_at_start,
	[STEP_inspect_program] = act_inspect_program,
	[STEP_seccomp] = act_seccomp,
	[STEP_stay] = act_stay,
	[STEP_exec] = act_exec,
};

int walk_explain(struct walker *walker, int result, const char *const *parts)
{
	struct text text = { 0 };

	for (; *parts; parts++)
		text_put(&text, *parts);
	/* The first word counts: it was said where most was known. */
	if (text.length > 0 && !walker->board->steps[walker->index].detail)
		board_detail(walker->board, walker->index, text.bytes);
	return result;
}

int walk_slot(const struct walker *walker, plan_slot slot)
{
	return slot == 0 || walker->slots[slot] < 0 ? -EBADF : walker->slots[slot];
}

int walk_take(struct walker *walker, plan_slot slot)
{
	int fd = walk_slot(walker, slot);

	walker->slots[slot] = -1;
	return fd;
}

void walk_give(struct walker *walker, plan_slot slot, int value)
{
	walker->slots[slot] = value;
}

void walk_check_runtime(const struct walker *walker)
{
	/* Who started it may be gone: a word given at the gate is not taken back. */
	if (!walker->detached && sys_poll(walker->line, 0, 0) & (POLLHUP | POLLERR))
		sys_exit(1);
}

/* The time, or the last one known: behind a filter the vDSO may fall back to a forbidden call. */
static int64_t clock_now(struct walker *walker)
{
	if (!walker->filtered)
		walker->clock = board_clock();
	return walker->clock;
}

static int do_step(struct walker *walker, const struct step *step)
{
	struct board_step *record = &walker->board->steps[walker->index];
	act *action = actions[step->kind];

	board_state(walker->board, BOARD_WALKING, walker->index);
	record->begun = clock_now(walker);
	int result = fault_before(walker);
	if (result == 0)
		result = action ? action(walker, step) : -ENOSYS;
	/* What a step has to say itself goes before. */
	if (result < 0 && walker->filtered && step->kind != STEP_exec)
		walk_fail(walker, result,
		          "perhaps the seccomp profile, which is installed before this without "
		          "noNewPrivileges, denies it");
	record->number = result < 0 ? -result : 0;
	record->ended = clock_now(walker);
	if (result < 0)
		board_state(walker->board, BOARD_FAILED, walker->index);
	return result;
}

/* The crossing at this step; NULL when the plan has none. */
static const struct plan_crossing *crossing_at(const struct plan_block *block, uint32_t index)
{
	for (uint32_t at = 0; at < block->crossing_count; at++) {
		const struct plan_crossing *crossing = plan_crossing_at(block, at);
		if (crossing->step == index && crossing->how == 'm')
			return crossing;
	}
	return NULL;
}

static bool is_descriptor(const struct walker *walker, plan_slot slot)
{
	return walker->block->slot_types[slot] == SLOT_FD;
}

/* The runtime's turn, from step `index` on. Where the plan has no message, it did not wait for one. */
static int tell_runtime(struct walker *walker, uint32_t index)
{
	const struct plan_crossing *crossing = crossing_at(walker->block, index);
	struct wire_packet packet = { .magic = WIRE_MAGIC, .step = index };
	int fds[WIRE_SLOTS];
	size_t fd_count = 0;

	if (!crossing)
		return 0;
	const plan_slot *slots = plan_crossing_slots(walker->block, crossing);
	for (unsigned at = 0; at < crossing->slots.count; at++) {
		int value = walker->slots[slots[at]];
		if (is_descriptor(walker, slots[at]))
			fds[fd_count++] = value;
		else
			packet.numbers[at] = value;
	}
	return sys_send(walker->line, &packet, sizeof(packet), fds, fd_count);
}

/* Own turn again, at step `index`. A runtime that is gone ends the container here. */
static int await_runtime(struct walker *walker, uint32_t index)
{
	const struct plan_crossing *crossing = crossing_at(walker->block, index);
	struct wire_packet packet;
	int fds[WIRE_SLOTS];
	size_t fd_count = 0, taken = 0;

	if (!crossing)
		return -EPROTO;
	const plan_slot *slots = plan_crossing_slots(walker->block, crossing);
	for (unsigned at = 0; at < crossing->slots.count; at++)
		fd_count += is_descriptor(walker, slots[at]);
	board_state(walker->board, BOARD_WAITING, index);
	int result = sys_receive(walker->line, &packet, sizeof(packet), fds, fd_count);
	if (result == -EPIPE)
		sys_exit(1);
	if (result < 0)
		return result;
	if (packet.magic != WIRE_MAGIC || packet.step != index)
		return -EPROTO;
	for (unsigned at = 0; at < crossing->slots.count; at++)
		walk_give(walker, slots[at], is_descriptor(walker, slots[at]) ? fds[taken++] : packet.numbers[at]);
	return 0;
}

/* Hands over to the runtime at walker->index, or finds it at work there, and comes back at the next own step. */
static int cross(struct walker *walker)
{
	const uint32_t from = walker->index;
	uint32_t next = from;

	while (next < walker->block->step_count && plan_step(walker->block, next)->actor == ACTOR_RUNTIME)
		next++;
	int result = tell_runtime(walker, from);
	if (result == -EPIPE)
		sys_exit(1);
	if (result < 0 || next == walker->block->step_count)
		return result < 0 ? result : -EPROTO;
	walker->index = next;
	return await_runtime(walker, next);
}

int walk(struct walker *walker)
{
	for (; walker->index < walker->block->step_count; walker->index++) {
		int result = 0;
		if (plan_step(walker->block, walker->index)->actor == ACTOR_RUNTIME)
			result = cross(walker);
		if (result < 0) {
			board_state(walker->board, BOARD_FAILED, walker->index);
			walker->board->steps[walker->index].number = -result;
			return walk_fail(walker, result, "the hand-over between kist and its init failed");
		}
		result = do_step(walker, plan_step(walker->block, walker->index));
		if (result < 0)
			return result;
	}
	return -EPROTO; /* a plan ends with exec, which does not come back */
}
