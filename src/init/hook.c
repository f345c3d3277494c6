/* hook.c: hooks in the container: each is a child of init with the state on its stdin, a time limit, and its last words
 * kept for the error.
 *
 * Time is counted by ppoll(2), which takes off what it waited: behind a filter no clock may be asked. */
#include "base/fd.h"
#include "init/actions.h"
#include "init/board.h"
#include "init/text.h"
#include "sys/memfd.h"
#include "sys/open.h"
#include "sys/process.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>

enum {
	OUTPUT_KEPT = 4096,
	OUTPUT_CHUNK = 512,
	DRAIN_READS = 256,
	HOOK_FAILED = 127,
	HOOK_UMASK = 022,
	FOREVER = INT_MAX
};

/* What the three kinds of steps have in common. */
struct hook {
	const char *path, *state, *rest;
	struct plan_span args, env;
	uint32_t timeout; /* seconds; 0: none */
	int directory;    /* where it starts; -1: where init is */
};

/* The last bytes that it wrote. */
struct output {
	size_t length;
	char bytes[OUTPUT_KEPT];
};

/* --- the child ------------------------------------------------------------------------------------------ */

/* The strings of a span behind one another, as execve(2) wants them. */
static const char **put_strings(const struct walker *walker, const char **array, struct plan_span span)
{
	const char *string = plan_bytes(walker->block, span);

	for (uint32_t i = 0; i < span.count; i++, string += strlen(string) + 1)
		*array++ = string;
	*array++ = NULL;
	return array;
}

static int execute(const struct walker *walker, const struct hook *hook)
{
	const size_t count = (size_t)hook->args.count + hook->env.count + 3;
	const char **args =
		mmap(NULL, count * sizeof(*args), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (args == MAP_FAILED)
		return -errno;
	args[0] = hook->path;
	const char **env = hook->args.count ? put_strings(walker, args, hook->args) : args + 2;
	put_strings(walker, env, hook->env);
	return sys_execve(hook->path, args, env);
}

/* A group and a session of its own, nothing of init's but the three descriptors, and signals as a program expects them.
 * The board is shared: there the child says why it could not be executed. */
static _Noreturn void become_hook(struct walker *walker, const struct hook *hook, int input, int output)
{
	int result = sys_setsid();

	if (result >= 0 && hook->directory >= 0) {
		sys_set_umask(HOOK_UMASK); /* init's own is 0; later it is the program's */
		result = sys_result(fchdir(hook->directory));
	}
	if (result >= 0)
		result = sys_result(dup2(input, STDIN_FILENO));
	if (result >= 0)
		result = sys_result(dup2(output, STDOUT_FILENO));
	if (result >= 0)
		result = sys_result(dup2(output, STDERR_FILENO));
	if (result >= 0)
		result = sys_close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	if (result >= 0)
		result = sys_reset_signals();
	if (result >= 0)
		result = execute(walker, hook);
	walker->board->steps[walker->index].number = -result;
	sys_exit(HOOK_FAILED);
}

/* --- what it is told ------------------------------------------------------------------------------------ */

static int put_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		long written = sys_write(fd, bytes, length);
		if (written <= 0)
			return written < 0 ? (int)written : -ENOSPC;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* In a file, which nobody has to write on while the hook reads. The pid is the one that it sees: that of init, here. */
static int state_file(const struct hook *hook)
{
	FD_AUTO int fd = sys_memfd("state", false);
	struct text pid = { 0 };

	text_put_number(&pid, (uint64_t)getpid());
	int result = fd < 0 ? fd : put_all(fd, hook->state, strlen(hook->state));
	if (result == 0)
		result = put_all(fd, pid.bytes, pid.length);
	if (result == 0)
		result = put_all(fd, hook->rest, strlen(hook->rest));
	if (result == 0)
		result = sys_result(lseek(fd, 0, SEEK_SET));
	return result < 0 ? result : fd_take(&fd);
}

/* --- what it says --------------------------------------------------------------------------------------- */

static void keep_bytes(struct output *output, const char *bytes, size_t length)
{
	size_t room = sizeof(output->bytes) - output->length;

	if (length > room) {
		size_t lost = length - room;
		memmove(output->bytes, output->bytes + lost, output->length - lost);
		output->length -= lost;
	}
	memcpy(output->bytes + output->length, bytes, length);
	output->length += length;
}

/* False at the end. */
static bool take_output(int fd, struct output *output)
{
	char bytes[OUTPUT_CHUNK];
	long length = sys_read(fd, bytes, sizeof(bytes));

	if (length == -EINTR || length == -EAGAIN)
		return true;
	if (length <= 0)
		return false;
	for (long at = 0; at < length; at++)
		bytes[at] = bytes[at] ? bytes[at] : '?'; /* the board has strings */
	keep_bytes(output, bytes, (size_t)length);
	return true;
}

/* What is in the pipe when the hook has ended. Its end is not waited for: what the hook has started may hold it. */
static void drain_output(int fd, struct output *output)
{
	for (int reads = 0; reads < DRAIN_READS && sys_poll(fd, POLLIN, 0) > 0; reads++) {
		if (!take_output(fd, output))
			return;
	}
}

/* --- the wait ------------------------------------------------------------------------------------------- */

/* Until it has ended: 0, -ETIMEDOUT, or -errno. An end of the runtime ends the hook, and then init; behind the start
 * gate the one who started it may go. */
static int attend(const struct walker *walker, pid_t pid, int pidfd, int said, struct output *output,
                  struct timespec *left)
{
	struct pollfd fds[] = {
		{ .fd = pidfd, .events = POLLIN },
		{ .fd = walker->detached ? -1 : walker->line },
		{ .fd = said, .events = POLLIN },
	};

	for (;;) {
		int ready = sys_poll_left(fds, sizeof(fds) / sizeof(fds[0]), left);
		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && ready != -EINTR)
			return ready;
		if (ready < 0)
			continue;
		if (fds[1].revents) {
			kill(-pid, SIGKILL);
			sys_exit(1);
		}
		if (fds[2].revents && !take_output(said, output))
			fds[2].fd = -1;
		if (fds[0].revents)
			return 0;
	}
}

static uint64_t milliseconds(const struct hook *hook, const struct timespec *left)
{
	const int64_t limit = hook->timeout ? hook->timeout : FOREVER;

	return (uint64_t)((limit - left->tv_sec) * 1000 - left->tv_nsec / 1000000);
}

/* "it exited with status 3 after 4 ms", and behind a line end what it said. */
static int tell_end(struct walker *walker, const siginfo_t *end, uint64_t time, const struct output *output)
{
	struct text text = { 0 };

	text_put(&text, end->si_code == CLD_EXITED ? "it exited with status " : "it was ended by signal ");
	text_put_number(&text, (uint64_t)end->si_status);
	text_put(&text, " after ");
	text_put_number(&text, time);
	text_put(&text, " ms\n");
	board_detail_and(walker->board, walker->index, text.bytes, output->bytes, output->length);
	return -ECHILD;
}

static int tell_late(struct walker *walker, const struct hook *hook, const struct output *output)
{
	struct text text = { 0 };

	text_put(&text, "it did not end within its timeout of ");
	text_put_number(&text, hook->timeout);
	text_put(&text, " s and was killed\n");
	board_detail_and(walker->board, walker->index, text.bytes, output->bytes, output->length);
	return -ETIMEDOUT;
}

static int judge(struct walker *walker, const siginfo_t *end, uint64_t time, const struct output *output)
{
	const int number = walker->board->steps[walker->index].number;

	if (end->si_code == CLD_EXITED && end->si_status == 0)
		return 0;
	if (number > 0 && end->si_code == CLD_EXITED && end->si_status == HOOK_FAILED)
		return -number;
	return tell_end(walker, end, time, output);
}

/* Its session, and itself, which may not have made one yet. */
static void kill_hook(pid_t pid, int pidfd)
{
	kill(-pid, SIGKILL);
	sys_pidfd_signal(pidfd, SIGKILL);
}

/* The hook, and what it left, which init inherits in a pid namespace of its own: the program knows nothing of them. */
static void reap_orphans(void)
{
	int status;

	while (sys_wait_any(&status, WNOHANG) > 0)
		continue;
}

/* A hook that fails ends the start: all that it left running ends with init, in a pid namespace of its own, or with the
 * container's cgroup. Its session is ended here, since a container may have neither. */
static int wait_hook(struct walker *walker, const struct hook *hook, pid_t pid, int pidfd, int said)
{
	struct timespec left = { .tv_sec = hook->timeout ? hook->timeout : FOREVER };
	struct output output;
	siginfo_t end;

	output.length = 0;
	int waited = attend(walker, pid, pidfd, said, &output, &left);
	if (waited < 0)
		kill_hook(pid, pidfd);
	int result = sys_wait_pidfd(pidfd, &end, WEXITED | WNOWAIT); /* its session keeps its number */
	drain_output(said, &output);
	if (waited == -ETIMEDOUT)
		return tell_late(walker, hook, &output);
	if (waited < 0 || result < 0)
		return waited < 0 ? waited : result;
	result = judge(walker, &end, milliseconds(hook, &left), &output);
	if (result < 0)
		kill(-pid, SIGKILL);
	reap_orphans();
	return result;
}

static int run_hook(struct walker *walker, const struct hook *hook)
{
	FD_AUTO int input = state_file(hook);
	int ends[2], pidfd = -1;

	if (input < 0)
		return walk_fail(walker, input, "the state cannot be written for it");
	int result = sys_result(pipe2(ends, O_CLOEXEC));
	if (result < 0)
		return result;
	FD_AUTO int said = ends[0];
	FD_AUTO int output = ends[1];
	pid_t pid = sys_fork_pidfd(&pidfd);
	if (pid == 0)
		become_hook(walker, hook, input, output);
	if (pid < 0)
		return pid;
	FD_AUTO int child = pidfd;
	close(fd_take(&output));
	return wait_hook(walker, hook, pid, child, said);
}

int act_run_hook_inside(struct walker *walker, const struct step *step)
{
	const struct step_run_hook_inside *wanted = &step->run_hook_inside;
	const struct hook hook = {
		.path = walk_text(walker, wanted->path),
		.state = walk_text(walker, wanted->state),
		.rest = walk_text(walker, wanted->rest),
		.args = wanted->args,
		.env = wanted->env,
		.timeout = wanted->timeout,
		.directory = walk_slot(walker, wanted->root),
	};

	return hook.directory < 0 ? hook.directory : run_hook(walker, &hook);
}

int act_run_hook_at_start(struct walker *walker, const struct step *step)
{
	const struct step_run_hook_at_start *wanted = &step->run_hook_at_start;
	const struct hook hook = {
		.path = walk_text(walker, wanted->path),
		.state = walk_text(walker, wanted->state),
		.rest = walk_text(walker, wanted->rest),
		.args = wanted->args,
		.env = wanted->env,
		.timeout = wanted->timeout,
		.directory = -1,
	};

	return run_hook(walker, &hook);
}
