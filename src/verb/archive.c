/* archive.c: starts the helper that knows tar, and gives it the changes on a pipe. */
#include "verb/archive.h"

#include "base/fd.h"
#include "keep/export.h"
#include "sys/open.h"
#include "sys/process.h"
#include "verb/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

enum { NOT_EXECUTED = 127 };

/* PREFIX/libexec/kist/archive of the PREFIX/bin/kist that runs. */
static const char *helper_path(struct arena *arena)
{
	char own[PATH_MAX];
	int length = sys_readlink_at(AT_FDCWD, "/proc/self/exe", own, sizeof(own) - 1);
	own[length < 0 ? 0 : length] = '\0';
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(own, '/');
		if (slash)
			*slash = '\0';
	}
	return arena_printf(arena, "%s/libexec/kist/archive", own);
}

/* In the child: only system calls. It keeps standard output and error, and nothing else. */
static _Noreturn void become_helper(const char *path, int from)
{
	const char *const args[] = { path, NULL }, *const no_env[] = { NULL };
	if (dup2(from, STDIN_FILENO) == STDIN_FILENO && sys_close_range(STDERR_FILENO + 1, ~0U, 0) == 0) {
		sys_reset_signals();
		sys_execve(path, args, no_env);
	}
	sys_exit(NOT_EXECUTED);
}

static int fail(struct command *command, int number, const char *what, const char *hint)
{
	struct err err = { 0 };
	err_set(&err, command->arena, number, "%s", what);
	err.hint = hint;
	return report_error(command, &err, NULL);
}

static int start_helper(const char *path, int *writing, int *pidfd)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	FD_AUTO int from = ends[0];
	FD_AUTO int to = ends[1];
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid == 0)
		become_helper(path, from);
	if (pid < 0)
		return pid;
	*writing = fd_take(&to);
	return 0;
}

int archive_write(struct command *command, const struct keep *keep, const struct keep_changes *changes)
{
	const char *path = helper_path(command->arena);
	int writing = -1, pidfd = -1;
	size_t sockets;
	siginfo_t end = { 0 };
	struct err err = { 0 };
	if (faccessat(AT_FDCWD, path, X_OK, 0) < 0)
		return fail(command, errno, arena_printf(command->arena, "cannot make an archive without %s", path),
		            "build kist with libarchive-dev there and install it (make install)");
	signal(SIGPIPE, SIG_IGN); /* a helper that ended early says why */
	int result = start_helper(path, &writing, &pidfd);
	if (result < 0)
		return fail(command, -result, "cannot start the archive helper", NULL);
	result = keep_export(command->arena, keep, changes, writing, &sockets, &err);
	/* What is half there must not look whole: without its end the helper says that the stream is broken. */
	if (result < 0 && result != -EPIPE)
		sys_pidfd_signal(pidfd, SIGKILL);
	fd_close(&writing);
	int waited = sys_wait_pidfd(pidfd, &end, WEXITED);
	fd_close(&pidfd);
	if (result < 0 && err.what)
		return report_error(command, &err, NULL);
	if (waited < 0 || end.si_code != CLD_EXITED || end.si_status != 0)
		return fail(command, 0, "the archive was not written whole", NULL);
	if (sockets)
		report_warning(command,
		               arena_printf(command->arena, "%zu sockets are left out: an archive has none", sockets));
	return 0;
}
