/* stay.c: an init that stays: the program is its child; it reaps, passes signals on, and ends as the program does. */
#include "init/actions.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/terminal.h"

#include <limits.h>
#include <sys/mman.h>

enum { STATUS_SIGNAL = 128, STATUS_LOST = 125 };

/* Where there is a terminal, the child is a job in its foreground, as a shell would have made it: so ^C reaches the
 * program and not init, and ^Z may stop it (init is there to continue it, so its group is no orphan; setpgid(2)).
 * Signals are blocked: from the background the change would stop the child (SIGTTOU). */
static int take_foreground(void)
{
	if (sys_terminal_front(STDIN_FILENO) < 0)
		return 0;
	int result = sys_set_group(0, 0);
	return result < 0 ? result : sys_terminal_set_front(STDIN_FILENO, getpid());
}

/* The runtime takes the listener of a traced filter out of this process, which must keep it open until then. An exec of
 * nothing waits for that, since the filter asks its listener about every exec, and then fails. */
static void await_listener(const struct walker *walker)
{
	if (walker->board->listener)
		sys_execve(NULL, NULL, NULL);
}

/* Nothing of the plan, the board or the caller's files stays within reach of the container. */
static void let_go(const struct walker *walker)
{
	const uint32_t steps = walker->block->step_count;

	await_listener(walker);
	munmap((void *)walker->block, walker->block->size);
	munmap(walker->board, board_size(steps));
	sys_close_range(0, UINT_MAX, 0);
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void reap(pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = sys_wait_any(&status, WNOHANG)) > 0) {
		if (pid == program)
			sys_exit(status_of(status));
	}
}

/* A filter may forbid to wait for signals; then at least the end is waited for, and not asked for in a circle. */
static _Noreturn void wait_only(pid_t program)
{
	int status;
	pid_t pid;

	while ((pid = sys_wait_any(&status, 0)) > 0 || pid == -EINTR) {
		if (pid == program)
			sys_exit(status_of(status));
	}
	sys_exit(STATUS_LOST);
}

static _Noreturn void be_init(pid_t program)
{
	for (;;) {
		int number = sys_next_signal();
		if (number == SIGCHLD)
			reap(program);
		else if (number > 0)
			kill(program, number);
		else if (number != -EINTR && number != -EAGAIN)
			wait_only(program);
	}
}

int act_stay(struct walker *walker, const struct step *step)
{
	(void)step;
	int result = exec_prepare(walker);
	if (result == 0)
		result = sys_block_signals(true);
	if (result < 0)
		return result;
	pid_t program = sys_fork();
	if (program > 0) {
		let_go(walker);
		be_init(program);
	}
	result = program;
	if (result == 0)
		result = take_foreground();
	if (result == 0)
		result = sys_block_signals(false);
	return result < 0 && result != -EAGAIN && walker->filtered
	               ? walk_fail(walker, result, "the seccomp profile denies what an init needs")
	               : result;
}
