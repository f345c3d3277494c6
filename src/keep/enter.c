/* enter.c: a child in a user namespace like the box's. */
#include "keep/enter.h"

#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "state/helper.h"
#include "sys/open.h"
#include "sys/packet.h"
#include "sys/process.h"

#include <errno.h>
#include <string.h>

enum { ENDED_BY_SIGNAL = 128 };

static bool is_one_id(const char *map)
{
	const char *end = strchr(map, '\n');
	return end && end[1] == '\0' && end - map > 2 && strncmp(end - 2, " 1", 2) == 0;
}

/* Without subordinate ids the one line is for the caller's own id, which it may map itself (user_namespaces(7)). */
static int write_own(struct arena *arena, pid_t pid, const char *file, const char *text)
{
	return file_write_at(AT_FDCWD, arena_printf(arena, "/proc/%d/%s", (int)pid, file), text, strlen(text));
}

static int write_maps(struct arena *arena, const struct keep_manifest *manifest, const struct keep_helpers *helpers,
                      pid_t pid, const char **words)
{
	*words = "the maps could not be written";
	if (is_one_id(manifest->uid_map) && is_one_id(manifest->gid_map)) {
		int result = write_own(arena, pid, "uid_map", manifest->uid_map);
		if (result == 0)
			result = write_own(arena, pid, "setgroups", "deny");
		return result < 0 ? result : write_own(arena, pid, "gid_map", manifest->gid_map);
	}
	*words = "newuidmap and newgidmap are not installed (the package uidmap has them)";
	if (!helpers->uid || !helpers->gid)
		return -ENOENT;
	int result = helper_write_map(arena, helpers->uid, pid, manifest->uid_map, words);
	return result < 0 ? result : helper_write_map(arena, helpers->gid, pid, manifest->gid_map, words);
}

/* In the child: until the maps are there its capabilities are of no use. It is not worth more than its parent. */
static int await_maps(int line)
{
	char go;
	if (sys_die_with_parent(SIGKILL) < 0 || sys_receive(line, &go, sizeof(go), NULL, 0) < 0)
		sys_exit(125); /* the parent has said why, or is gone */
	return 0;
}

static int await_child(int pidfd, int *status)
{
	siginfo_t end;
	int result = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (result < 0)
		return result;
	*status = end.si_code == CLD_EXITED ? end.si_status : ENDED_BY_SIGNAL + end.si_status;
	return 1;
}

int keep_enter(struct arena *arena, struct keep *keep, const struct keep_helpers *helpers, int *status, struct err *err)
{
	int pair[2], descriptor = -1;
	if (!keep->manifest.uid_map || geteuid() == 0)
		return 0;
	int result = sys_socket_pair(pair);
	if (result < 0)
		return err_set(err, arena, -result, "cannot make a socket");
	FD_AUTO int ours = pair[0];
	FD_AUTO int theirs = pair[1];
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD | ABI_NEWUSER,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return err_set(err, arena, -pid, "cannot make a user namespace to look at %s in", keep->path);
	if (pid == 0) {
		fd_close(&ours); /* so that the parent's silence is end-of-file */
		keep->entered = true;
		return await_maps(theirs);
	}
	FD_AUTO int pidfd = descriptor;
	const char *words;
	fd_close(&theirs);
	result = write_maps(arena, &keep->manifest, helpers, pid, &words);
	if (result == 0)
		result = sys_send(ours, "", 1, NULL, 0);
	fd_close(&ours);
	int ended = await_child(pidfd, status);
	if (result < 0)
		return err_set(err, arena, -result, "cannot map the ids that the changes in %s belong to: %s",
		               keep->path, words);
	return ended < 0 ? err_set(err, arena, -ended, "cannot wait for kist's own child") : 1;
}
