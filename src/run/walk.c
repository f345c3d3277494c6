/* walk.c: the runtime walks the list: its own steps in order, a message where the list changes hands, the end. */
#include "run/walk.h"

#include "base/fd.h"
#include "run/board.h"
#include "run/fault.h"
#include "run/line.h"
#include "run/listener.h"
#include "state/interrupt.h"
#include "state/journal.h"
#include "state/process.h"
#include "sys/packet.h"
#include "sys/process.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void walk_open(struct walk *walk, struct arena *arena, const struct plan_block *block,
               const struct run_request *request, struct run *run)
{
	*walk = (struct walk){
		.arena = arena,
		.block = block,
		.request = request,
		.run = run,
		.line = -1,
		.far_line = -1,
		.blockfd = -1,
		.boardfd = -1,
		.helper.pidfd = -1,
		.server_words = -1,
	};
	for (int slot = 0; slot <= PLAN_SLOTS; slot++)
		walk->slots[slot] = -1;
}

void walk_close(struct walk *walk)
{
	helper_drop(&walk->helper);
	for (uint32_t slot = 1; slot <= walk->block->slot_count; slot++) {
		int *fd = &walk->slots[slot];
		/* The process and the terminal were moved to the run. */
		if (walk->block->slot_types[slot] == SLOT_FD && *fd != walk->run->pidfd && *fd != walk->run->console)
			fd_close(fd);
	}
	for (struct held_cgroup *held = walk->cgroups; held; held = held->next)
		fd_close(&held->dirfd);
	fd_close(&walk->line);
	fd_close(&walk->far_line);
	fd_close(&walk->blockfd);
	fd_close(&walk->boardfd);
	fd_close(&walk->server_words);
}

int step_fail(struct walk *walk, int result, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	walk->detail = arena_vprintf(walk->arena, format, list);
	va_end(list);
	return result;
}

int step_adopt(struct walk *walk, int result, const struct err *err)
{
	walk->sentence = err->what;
	walk->hint = err->hint;
	return result;
}

const struct plan_crossing *crossing_find(const struct plan_block *block, uint32_t step, char how)
{
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		const struct plan_crossing *crossing = plan_crossing_at(block, i);
		if (crossing->step == step && crossing->how == how)
			return crossing;
	}
	return NULL;
}

/* --- waiting for init ---------------------------------------------------------------------------- */

static int take_interrupt(struct walk *walk, int fd)
{
	walk->signal = interrupt_take(fd);
	return walk->signal ? -ECANCELED : 0;
}

/* Until the line has a packet or its end. The pidfd is watched too: a copy of init's end in some other process would
 * keep the line open although init is dead. 0, -EPIPE or -ECANCELED. */
static int wait_line(struct walk *walk)
{
	FD_AUTO int interrupts = -1;
	for (;;) {
		int result = listener_take(walk);
		if (result < 0)
			return result;
		struct pollfd fds[] = {
			{ .fd = walk->line, .events = POLLIN },
			{ .fd = walk->run->pidfd, .events = POLLIN },
			{ .fd = interrupts, .events = POLLIN },
			{ .fd = walk->run->listener, .events = POLLIN },
		};
		int ready = poll(fds, sizeof(fds) / sizeof(fds[0]), listener_pause(walk, fault_pause()));
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready == 0 && interrupts < 0)
			interrupts = interrupt_open(); /* only now: a start of 2 ms needs no signalfd */
		if (ready <= 0)
			fault_waiting(walk);
		if (ready <= 0)
			continue;
		if (fds[0].revents)
			return 0;
		if (fds[1].revents) /* what init said before it ended is there by now */
			return sys_poll(walk->line, POLLIN, 0) > 0 ? 0 : -EPIPE;
		if (fds[2].revents && take_interrupt(walk, interrupts) < 0)
			return -ECANCELED;
		listener_serve(walk, &fds[3]);
	}
}

/* The process that forked has told, and has nothing left to do; the forked one is the container from here on. */
static int take_over(struct walk *walk, const struct step *step, pid_t pid, int pidfd)
{
	struct run *run = walk->run;
	uint64_t start = 0;
	int springboard = run->pidfd;
	run->pid = pid;
	run->pidfd = pidfd;
	for (uint32_t slot = 1; slot <= walk->block->slot_count; slot++)
		if (walk->block->slot_types[slot] == SLOT_FD && walk->slots[slot] == springboard)
			walk->slots[slot] = -1;
	walk->slots[step->fork.pid] = pid;
	walk->slots[step->fork.pidfd] = pidfd;
	process_end(springboard);
	close(springboard);
	int result = process_start_time(pid, &start);
	if (result < 0)
		return result;
	run->record.pid = pid;
	run->record.start_time = start;
	return journal_done(&run->record, JOURNAL_KILL_PROCESS, "-", (uint64_t)pid, start);
}

/* The packets of init's forks before `step`, each of them once. */
static int receive_forks(struct walk *walk, uint32_t step)
{
	for (; walk->forks_seen < step; walk->forks_seen++) {
		const struct step *at = plan_step(walk->block, walk->forks_seen);
		if (at->kind != STEP_fork)
			continue;
		pid_t pid;
		int pidfd, result = wait_line(walk);
		if (result == 0)
			result = line_receive_fork(walk->line, walk->forks_seen + 1, &pid, &pidfd);
		if (result == 0)
			result = take_over(walk, at, pid, pidfd);
		if (result < 0)
			return result;
	}
	return 0;
}

static bool is_fork(const struct walk *walk, uint32_t step)
{
	return step > 0 && plan_step(walk->block, step - 1)->kind == STEP_fork;
}

static int receive(struct walk *walk, const struct plan_crossing *crossing)
{
	board_wait(walk->run->board, ACTOR_RUNTIME, crossing->step);
	int result = receive_forks(walk, crossing->step);
	if (result < 0 || is_fork(walk, crossing->step))
		return result;
	result = wait_line(walk);
	return result < 0 ? result : line_receive(walk->line, walk->block, crossing, walk->slots);
}

/* End-of-file is all that init says when the program is executed. */
static int await_end(struct walk *walk)
{
	board_wait(walk->run->board, ACTOR_RUNTIME, walk->block->step_count - 1);
	int result = receive_forks(walk, walk->block->step_count);
	if (result == 0)
		result = wait_line(walk);
	char nothing;
	if (result == 0)
		result = sys_receive(walk->line, &nothing, sizeof(nothing), NULL, 0);
	return result == -EPIPE ? 0 : result < 0 ? result : -EPROTO;
}

/* --- the list ------------------------------------------------------------------------------------ */

static int do_own(struct walk *walk, const struct step *step)
{
	walk->detail = walk->sentence = walk->hint = NULL;
	if (walk->index == 0)
		walk->first_begun = board_now();
	board_begin(walk->run->board, ACTOR_RUNTIME, walk->index);
	int result = fault_own(walk);
	if (result == 0)
		result = step_do(walk, step);
	walk->own_failed = result < 0;
	if (result < 0)
		board_fail(walk->run->board, ACTOR_RUNTIME, walk->index, -result, walk->detail);
	else
		board_end(walk->run->board, ACTOR_RUNTIME, walk->index);
	return result;
}

int walk_all(struct walk *walk)
{
	for (walk->index = 0; walk->index < walk->block->step_count; walk->index++) {
		const struct step *step = plan_step(walk->block, walk->index);
		const struct plan_crossing *message = crossing_find(walk->block, walk->index, 'm');
		int result = 0;
		if (message && step->actor == ACTOR_RUNTIME)
			result = receive(walk, message);
		else if (message)
			result = line_send(walk->line, walk->block, message, walk->slots);
		/* ECONNRESET: init ended with our last message unread. */
		if (result < 0)
			return result == -ECONNRESET ? -EPIPE : result;
		if (step->kind == STEP_wait_gate)
			return 0;
		if (step->actor == ACTOR_RUNTIME)
			result = do_own(walk, step);
		if (result < 0)
			return result;
	}
	return await_end(walk);
}
