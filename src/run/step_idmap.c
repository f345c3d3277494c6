/* step_idmap.c: a user namespace that nobody stays in: the id maps of a mount are given as one (mount_setattr(2)), and
 * the server of a box's root goes into it later. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "sys/open.h"
#include "sys/process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In it the child only waits to be killed, which the end of the runtime does too. */
static _Noreturn void hold_namespace(void)
{
	sys_die_with_parent(SIGKILL);
	for (;;)
		pause();
}

static int write_map(pid_t pid, const char *file, const char *text)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return file_write_at(AT_FDCWD, path, text, strlen(text));
}

/* Neither of the two helpers waits for the other; see step_clone.c. */
static int write_by_helpers(struct walk *walk, const struct step_make_idmap *wanted, pid_t pid, const char **words)
{
	struct helper groups = { .pidfd = -1, .words = -1 };
	const char *users = walk_text(walk, wanted->uids), *helper = walk_text(walk, wanted->uid_helper);
	int result = 0;
	if (wanted->gid_helper)
		result = helper_start_map(walk->arena, walk_text(walk, wanted->gid_helper), pid,
		                          walk_text(walk, wanted->gids), &groups, words);
	if (result == 0 && wanted->uid_helper)
		result = helper_write_map(walk->arena, helper, pid, users, words);
	if (result == 0 && wanted->gid_helper)
		result = helper_finish(walk->arena, &groups, words);
	helper_drop(&groups);
	return result;
}

static int write_maps(struct walk *walk, const struct step_make_idmap *wanted, pid_t pid)
{
	const char *words = NULL;
	int result = write_by_helpers(walk, wanted, pid, &words);
	if (result < 0)
		return words ? step_fail(walk, result, "%s", words) : result;
	if (!wanted->uid_helper)
		result = write_map(pid, "uid_map", walk_text(walk, wanted->uids));
	if (result == 0 && wanted->deny_groups)
		result = write_map(pid, "setgroups", "deny");
	if (result == 0 && !wanted->gid_helper)
		result = write_map(pid, "gid_map", walk_text(walk, wanted->gids));
	return result;
}

/* Both maps are written before anybody looks: a namespace without is no map of a mount. */
static int open_mapped(struct walk *walk, const struct step_make_idmap *wanted, pid_t pid)
{
	char path[64];
	int result = write_maps(walk, wanted, pid);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return result < 0 ? result : sys_open_at(AT_FDCWD, path, O_RDONLY, 0);
}

int step_make_idmap(struct walk *walk, const struct step *step)
{
	FD_AUTO int pidfd = -1;
	struct uapi_clone_args how = {
		.flags = ABI_NEWUSER | UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	siginfo_t info;
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0)
		hold_namespace();
	int fd = open_mapped(walk, &step->make_idmap, pid);
	sys_pidfd_signal(pidfd, SIGKILL);
	sys_wait_pidfd(pidfd, &info, WEXITED);
	if (fd < 0)
		return fd;
	walk->slots[step->make_idmap.idmap] = fd;
	return 0;
}
