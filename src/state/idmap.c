/* idmap.c: the owner of a user namespace is root over the files of the ids mapped there, and only from inside. */
#include "state/idmap.h"

#include "base/abi.h"
#include "base/fd.h"
#include "state/helper.h"
#include "state/tree.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/packet.h"
#include "sys/process.h"

#include <errno.h>

/* In the child. The parent closes the line without a word when it could not write the maps. */
static _Noreturn void remove_inside(int line, int dirfd, const char *name)
{
	char go;
	int result = -EPERM;
	if (sys_receive(line, &go, sizeof(go), NULL, 0) == 0 && sys_set_gid(0) == 0 && sys_set_uid(0) == 0)
		result = tree_remove(dirfd, name);
	sys_exit(-result & 0xff);
}

static int write_maps(struct arena *arena, const struct record *record, pid_t pid)
{
	const char *ignored;
	struct helper groups;
	int result = helper_start_map(arena, record->gid_helper, pid, record->gid_map, &groups, &ignored);
	if (result < 0)
		return result;
	result = helper_write_map(arena, record->uid_helper, pid, record->uid_map, &ignored);
	if (result == 0)
		result = helper_finish(arena, &groups, &ignored);
	helper_drop(&groups);
	return result;
}

int idmap_tree_remove(struct arena *arena, const struct record *record, int dirfd, const char *name)
{
	if (!record->uid_map || !record->uid_helper || !record->gid_map || !record->gid_helper)
		return -EPERM;
	int pair[2];
	int result = sys_socket_pair(pair);
	if (result < 0)
		return result;
	FD_AUTO int ours = pair[0];
	FD_AUTO int theirs = pair[1];
	int descriptor = -1;
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD | ABI_NEWUSER,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		close(ours); /* so that the parent's silence is end-of-file */
		remove_inside(theirs, dirfd, name);
	}
	FD_AUTO int pidfd = descriptor;
	fd_close(&theirs);
	result = write_maps(arena, record, pid);
	if (result == 0)
		result = sys_send(ours, "", 1, NULL, 0);
	fd_close(&ours);
	siginfo_t end;
	int waited = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (result < 0 || waited < 0)
		return result < 0 ? result : waited;
	return end.si_code == CLD_EXITED ? -end.si_status : -EINTR;
}
