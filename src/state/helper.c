/* helper.c: a helper gets a clean process: absolute path, no environment, no descriptors, default signals, a time limit
 * (security.md rule 16). */
#include "state/helper.h"

#include "base/err.h"
#include "base/fd.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum { HELPER_MS = 10000, HELPER_WORDS = 1024, HELPER_NOT_RUN = 127, MAP_ARGUMENTS = 3 * 340 + 3 };

/* In the child: only system calls. The errno of a failed exec travels as text, like everything the helper says. */
static _Noreturn void become_helper(const char *const *args, int words)
{
	const char *const no_env[] = { NULL };
	dup2(words, 2); /* first: what goes wrong from here on is said there */
	int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
	int result = null;
	if (null >= 0 && dup2(null, 0) == 0 && dup2(null, 1) == 1) {
		sys_close_range(3, ~0U, 0);
		sys_reset_signals();
		result = sys_execve(args[0], args, no_env);
	}
	const char *why = err_words(-result);
	sys_write(2, why, strlen(why));
	sys_exit(HELPER_NOT_RUN);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads until end-of-file, keeps the first bytes. 0 or -ETIMEDOUT. */
static int collect_words(int fd, char *bytes, size_t size)
{
	const int64_t until = now_ms() + HELPER_MS;
	size_t used = 0;
	for (;;) {
		int64_t left = until - now_ms();
		int ready = left > 0 ? sys_poll(fd, POLLIN, (int)left) : 0;
		if (ready == 0)
			return -ETIMEDOUT;
		char rest[256];
		bool full = used + 1 >= size;
		long got = sys_read(fd, full ? rest : bytes + used, full ? sizeof(rest) : size - 1 - used);
		if (got <= 0)
			return 0;
		used += full ? 0 : (size_t)got;
	}
}

/* One line without control characters: it becomes part of a sentence. */
static void tidy(char *text)
{
	size_t length = strlen(text);
	while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
		text[--length] = '\0';
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
}

static int judge(struct arena *arena, const char *name, const siginfo_t *end, char *said, const char **words)
{
	if (end->si_code == CLD_EXITED && end->si_status == 0)
		return 0;
	tidy(said);
	if (end->si_code == CLD_EXITED && end->si_status == HELPER_NOT_RUN)
		*words = arena_printf(arena, "%s could not be executed: %s", name, said);
	else if (end->si_code == CLD_EXITED)
		*words = arena_printf(arena, "%s exited with status %d%s%s", name, end->si_status, *said ? ": " : "",
		                      said);
	else
		*words = arena_printf(arena, "%s was ended by signal %d", name, end->si_status);
	return -EPERM;
}

static int helper_start(const char *const *args, struct helper *helper)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	FD_AUTO int reading = ends[0];
	FD_AUTO int writing = ends[1];
	int descriptor = -1;
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0)
		become_helper(args, writing);
	*helper = (struct helper){ .name = args[0], .pidfd = descriptor, .words = fd_take(&reading) };
	return 0;
}

int helper_finish(struct arena *arena, struct helper *helper, const char **words)
{
	FD_AUTO int pidfd = fd_take(&helper->pidfd);
	FD_AUTO int reading = fd_take(&helper->words);
	char *said = arena_alloc(arena, HELPER_WORDS);
	siginfo_t end;
	bool late = collect_words(reading, said, HELPER_WORDS) < 0;
	if (late)
		sys_pidfd_signal(pidfd, SIGKILL);
	int result = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (late)
		*words = arena_printf(arena, "%s did not end within %d seconds", helper->name, HELPER_MS / 1000);
	if (late || result < 0)
		return late ? -ETIMEDOUT : result;
	return judge(arena, helper->name, &end, said, words);
}

void helper_drop(struct helper *helper)
{
	siginfo_t ignored;
	if (helper->pidfd < 0)
		return;
	sys_pidfd_signal(helper->pidfd, SIGKILL);
	sys_wait_pidfd(helper->pidfd, &ignored, WEXITED);
	fd_close(&helper->pidfd);
	fd_close(&helper->words);
}

int helper_run(struct arena *arena, const char *const *args, const char **words)
{
	struct helper helper;
	int result = helper_start(args, &helper);
	return result < 0 ? result : helper_finish(arena, &helper, words);
}

int helper_start_map(struct arena *arena, const char *path, pid_t pid, const char *map, struct helper *helper,
                     const char **words)
{
	const char **args = ARENA_ARRAY(arena, MAP_ARGUMENTS, const char *);
	size_t count = 0;
	args[count++] = path;
	args[count++] = arena_printf(arena, "%d", (int)pid);
	char *rest = NULL;
	for (char *number = strtok_r(arena_string(arena, map), " \n", &rest); number;
	     number = strtok_r(NULL, " \n", &rest)) {
		if (count + 1 == MAP_ARGUMENTS) { /* the kernel takes 340 lines (user_namespaces(7)) */
			*words = "the map has more lines than the kernel takes";
			return -EINVAL;
		}
		args[count++] = number;
	}
	return helper_start(args, helper);
}

int helper_write_map(struct arena *arena, const char *path, pid_t pid, const char *map, const char **words)
{
	struct helper helper;
	int result = helper_start_map(arena, path, pid, map, &helper, words);
	return result < 0 ? result : helper_finish(arena, &helper, words);
}
