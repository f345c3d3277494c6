/* hook.c: a hook has a keeper: a child of kist that starts it, inherits whatever the hook leaves behind, and kills all
 * of it when kist says so or is gone. A group or a session would not do: a process may leave both (setsid(2)).
 *
 * The keeper is made without libc's knowledge and only makes system calls. kist tells it to give up by closing the
 * leash, the other end of a pipe; it tells how the hook ended on a page both map. */
#include "state/hook.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/file.h"
#include "json/json.h"
#include "state/children.h"
#include "state/interrupt.h"
#include "sys/memfd.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { OUTPUT_KEPT = 4096, OUTPUT_CHUNK = 4096, DRAIN_READS = 32, KEEPER_LEASH = 3, HOOK_NOT_RUN = 127 };

/* What the keeper and the hook's own process tell. */
struct report {
	int32_t number; /* errno of what failed before the hook ran; 0: nothing */
	int32_t ended;  /* how it ended is known */
	int32_t signal, status;
};

struct keeper {
	const struct hook *hook;
	struct report *report; /* shared */
	int pidfd, input, leash, output, interrupts;
	char *said; /* the last bytes of the output */
	size_t length;
};

const char *hook_words(struct arena *arena, const char *how, const char *output, size_t length)
{
	struct buf words = buf_in(arena);
	while (length && (output[length - 1] == '\n' || output[length - 1] == ' '))
		length--;
	buf_puts(&words, how);
	if (length) {
		buf_puts(&words, ": ");
		json_put_bytes(&words, output, length);
	}
	return words.bytes;
}

/* --- the keeper, and the hook's own process --------------------------------------------------------------- */

static _Noreturn void become_hook(const struct keeper *keeper)
{
	const struct hook *hook = keeper->hook;
	int result = sys_setsid();
	if (result >= 0)
		result = sys_result(chdir(hook->directory)) < 0 ? sys_result(chdir("/")) : 0;
	if (result >= 0)
		result = sys_close_range(STDERR_FILENO + 1, ~0U, 0);
	if (result >= 0)
		result = sys_reset_signals();
	if (result >= 0)
		result = sys_execve(hook->path, hook->args, hook->env);
	keeper->report->number = -result;
	sys_exit(HOOK_NOT_RUN);
}

/* The hook's descriptors take the places of kist's, and the leash comes behind them; all else of kist's is closed: the
 * end of a line or a lock must not be held here. First out of the way: kist may have been started without the three. */
static int settle(const struct keeper *keeper, int output)
{
	const struct {
		int from, to;
	} moves[] = {
		{ keeper->input, STDIN_FILENO },
		{ output, STDOUT_FILENO },
		{ output, STDERR_FILENO },
		{ keeper->leash, KEEPER_LEASH },
	};
	enum { MOVES = sizeof(moves) / sizeof(moves[0]) };
	int away[MOVES], result = 0;
	for (int i = 0; i < MOVES && result >= 0; i++)
		result = away[i] = sys_result(fcntl(moves[i].from, F_DUPFD, KEEPER_LEASH + 1));
	for (int i = 0; i < MOVES && result >= 0; i++)
		result = sys_result(dup2(away[i], moves[i].to));
	return result < 0 ? result : sys_close_range(KEEPER_LEASH + 1, ~0U, 0);
}

/* Until the hook has ended: 0, or the leash: -ECANCELED. */
static int watch_hook(int pidfd)
{
	struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = KEEPER_LEASH } };
	for (;;) {
		int ready = poll(fds, sizeof(fds) / sizeof(fds[0]), -1);
		if (ready > 0 && fds[0].revents)
			return 0;
		if (ready > 0 && fds[1].revents)
			return -ECANCELED;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
}

/* First what can be named without /proc: the hook, which may not have a session yet, and who is still in that. */
static void end_tree(pid_t pid, int pidfd)
{
	sys_pidfd_signal(pidfd, SIGKILL);
	kill(-pid, SIGKILL);
	children_end();
}

static _Noreturn void keep(const struct keeper *keeper, int output)
{
	struct report *report = keeper->report;
	siginfo_t end = { 0 };
	int pidfd = -1, result = settle(keeper, output);
	if (result >= 0)
		result = sys_adopt_orphans();
	if (result >= 0)
		result = sys_setsid(); /* ^C is for kist to hear, which then gives up by the leash */
	pid_t pid = result < 0 ? result : sys_fork_pidfd(&pidfd);
	if (pid == 0)
		become_hook(keeper);
	if (pid < 0) {
		report->number = -pid;
		sys_exit(1);
	}
	result = watch_hook(pidfd);
	if (result == 0) /* not yet reaped: its number is not another's while the tree is killed */
		result = sys_wait_pidfd(pidfd, &end, WEXITED | WNOWAIT);
	report->signal = end.si_code == CLD_EXITED ? 0 : end.si_status;
	report->status = end.si_code == CLD_EXITED ? end.si_status : 0;
	report->ended = result == 0;
	if (result < 0 || end.si_code != CLD_EXITED || end.si_status != 0)
		end_tree(pid, pidfd);
	else
		sys_wait_pidfd(pidfd, &end, WEXITED);
	sys_exit(0);
}

/* --- kist's side -------------------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* In a file: nobody has to write on while the hook reads, and none that reads nothing is in the way. */
static int state_file(const char *state)
{
	FD_AUTO int fd = sys_memfd("state", false);
	int result = fd < 0 ? fd : file_write_fd(fd, state, strlen(state));
	if (result == 0)
		result = sys_result(lseek(fd, 0, SEEK_SET));
	return result < 0 ? result : fd_take(&fd);
}

static void keep_bytes(struct keeper *keeper, const char *bytes, size_t length)
{
	size_t room = OUTPUT_KEPT - keeper->length;
	if (length > room) {
		size_t lost = length - room;
		memmove(keeper->said, keeper->said + lost, keeper->length - lost);
		keeper->length -= lost;
	}
	memcpy(keeper->said + keeper->length, bytes, length);
	keeper->length += length;
}

/* False at the end. */
static bool take_output(struct keeper *keeper)
{
	char bytes[OUTPUT_CHUNK];
	long length = sys_read(keeper->output, bytes, sizeof(bytes));
	if (length > 0)
		keep_bytes(keeper, bytes, (size_t)length);
	return length > 0 || length == -EINTR;
}

/* Until the keeper has ended, or there is a reason to give up: 0, -ETIMEDOUT, -ECANCELED, or -errno. */
static int attend(struct keeper *keeper, int64_t until, int *signal)
{
	struct pollfd fds[] = {
		{ .fd = keeper->pidfd, .events = POLLIN },
		{ .fd = keeper->output, .events = POLLIN },
		{ .fd = keeper->interrupts, .events = POLLIN },
	};
	for (;;) {
		int64_t left = until ? until - now_ms() : -1;
		if (until && left <= 0)
			return -ETIMEDOUT;
		int ready = poll(fds, sizeof(fds) / sizeof(fds[0]), left > INT32_MAX ? INT32_MAX : (int)left);
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready <= 0)
			continue;
		if (fds[1].revents && !take_output(keeper))
			fds[1].fd = -1;
		if (fds[0].revents)
			return 0;
		if (fds[2].revents) {
			*signal = interrupt_take(keeper->interrupts);
			if (*signal)
				return -ECANCELED;
		}
	}
}

static const char *end_words(struct arena *arena, const struct keeper *keeper, int64_t time)
{
	const struct report *report = keeper->report;
	const char *how = report->signal ? arena_printf(arena, "it was ended by signal %d", report->signal)
	                                 : arena_printf(arena, "it exited with status %d", report->status);
	how = arena_printf(arena, "%s after %" PRId64 " ms", how, time);
	return hook_words(arena, how, keeper->said, keeper->length);
}

static int judge(struct arena *arena, const struct keeper *keeper, int64_t time, struct hook_end *end)
{
	const struct report *report = keeper->report;
	if (report->number)
		return -report->number;
	if (report->ended && !report->signal && !report->status)
		return 0;
	end->words = report->ended ? end_words(arena, keeper, time) : "what looked after it was killed";
	return -ECHILD;
}

static int finish(struct arena *arena, struct keeper *keeper, struct hook_end *end)
{
	const int64_t begun = now_ms();
	const int64_t until = keeper->hook->timeout ? begun + (int64_t)keeper->hook->timeout * 1000 : 0;
	siginfo_t ignored;
	int attended = attend(keeper, until, &end->signal);
	fd_close(&keeper->leash);
	int result = sys_wait_pidfd(keeper->pidfd, &ignored, WEXITED);
	for (int reads = 0; reads < DRAIN_READS && sys_poll(keeper->output, POLLIN, 0) > 0; reads++)
		if (!take_output(keeper))
			break;
	if (attended == -ETIMEDOUT)
		end->words = hook_words(
			arena,
			arena_printf(arena, "it did not end within its timeout of %" PRIu32 " s and was killed",
		                     keeper->hook->timeout),
			keeper->said, keeper->length);
	if (attended < 0 || result < 0)
		return attended < 0 ? attended : result;
	return judge(arena, keeper, now_ms() - begun, end);
}

/* The pipes, and the process. `leash` is the keeper's end until it was made. */
static int start(struct keeper *keeper)
{
	int said[2], leash[2];
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&keeper->pidfd,
		.exit_signal = SIGCHLD,
	};
	if (pipe2(said, O_CLOEXEC) < 0)
		return -errno;
	keeper->output = said[0];
	FD_AUTO int output = said[1];
	if (pipe2(leash, O_CLOEXEC) < 0)
		return -errno;
	FD_AUTO int far_end = leash[0];
	FD_AUTO int near_end = leash[1];
	keeper->leash = far_end;
	pid_t pid = sys_clone3(&how);
	if (pid == 0) {
		close(near_end);
		keep(keeper, output);
	}
	keeper->leash = pid < 0 ? -1 : fd_take(&near_end);
	return pid < 0 ? pid : 0;
}

static void close_keeper(struct keeper *keeper)
{
	fd_close(&keeper->pidfd);
	fd_close(&keeper->input);
	fd_close(&keeper->leash);
	fd_close(&keeper->output);
	fd_close(&keeper->interrupts);
	munmap(keeper->report, sizeof(*keeper->report));
}

int hook_run(struct arena *arena, const struct hook *hook, const char *state, struct hook_end *end)
{
	struct keeper keeper = { .hook = hook, .pidfd = -1, .leash = -1, .output = -1, .interrupts = -1 };
	*end = (struct hook_end){ 0 };
	keeper.report = mmap(NULL, sizeof(*keeper.report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (keeper.report == MAP_FAILED)
		return -errno;
	keeper.said = arena_alloc(arena, OUTPUT_KEPT);
	keeper.input = state_file(state);
	int result = keeper.input < 0 ? keeper.input : start(&keeper);
	if (result == 0) {
		keeper.interrupts = interrupt_open();
		result = finish(arena, &keeper, end);
	}
	close_keeper(&keeper);
	return result;
}
