/* try_namespace.c: makes each namespace, and writes the id maps of a user namespace. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "doctor/trial.h"
#include "state/helper.h"
#include "sys/namespace.h"
#include "sys/open.h"
#include "sys/process.h"

#include <string.h>

int trial_write_proc(struct trial *trial, int pid, const char *name, const char *text)
{
	const char *who = pid ? arena_printf(trial->arena, "%d", pid) : "self";
	const char *path = arena_printf(trial->arena, "/proc/%s/%s", who, name);
	int result = file_write_at(AT_FDCWD, path, text, strlen(text));
	if (result < 0)
		trial_say(trial, "writing %s", path);
	return result;
}

static int write_own_maps(struct trial *trial)
{
	const struct facts_caller *caller = &trial->facts->caller;
	int result = trial_write_proc(trial, 0, "setgroups", "deny");
	if (result == 0)
		result = trial_write_proc(trial, 0, "uid_map", arena_printf(trial->arena, "0 %u 1\n", caller->uid));
	if (result == 0)
		result = trial_write_proc(trial, 0, "gid_map", arena_printf(trial->arena, "0 %u 1\n", caller->gid));
	return result;
}

int trial_enter(struct trial *trial, uint32_t namespaces)
{
	if (trial->privileged)
		return sys_unshare(namespaces);
	/* In two calls, so that a failure of the second is one of the namespaces and not of the user namespace. */
	int result = sys_unshare(ABI_NEWUSER);
	if (result == 0)
		result = write_own_maps(trial);
	return result < 0 || !namespaces ? result : sys_unshare(namespaces);
}

/* Not clone3(2) alone: what hides that from containers (docker's profile does) is to be found out, not to be a victim
 * of. */
pid_t trial_fork(int *pidfd)
{
	int descriptor = -1;
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid == -ENOSYS || pid == -EPERM) {
		pid = fork();
		pid = pid < 0 ? -errno : pid;
		descriptor = pid > 0 ? sys_pidfd_open(pid) : -1;
	}
	if (pid == 0)
		sys_die_with_parent(SIGKILL);
	else
		*pidfd = descriptor;
	return pid;
}

int trial_in_child(struct trial *trial, trial_deed *deed)
{
	FD_AUTO int pidfd = -1;
	pid_t pid = trial_fork(&pidfd);
	if (pid < 0)
		return pid;
	if (pid == 0)
		sys_exit(-deed(trial) & 0xff);
	siginfo_t end;
	int result = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (result < 0)
		return result;
	if (end.si_code == CLD_EXITED)
		return -end.si_status;
	trial_say(trial, "the process was ended by signal %d", end.si_status);
	return -EINTR;
}

int trial_hold_user_namespace(struct trial *trial)
{
	int ends[2], pidfd = -1; /* it ends with this process, which is soon */
	char done;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = trial_fork(&pidfd);
	if (pid == 0) {
		int result = sys_unshare(ABI_NEWUSER);
		if (result < 0)
			sys_exit(-result & 0xff);
		sys_write(ends[1], "", 1);
		for (;;)
			pause();
	}
	close(ends[1]);
	bool made = pid > 0 && sys_read(ends[0], &done, 1) == 1;
	close(ends[0]);
	if (pid > 0 && !made) {
		trial_say(trial, "a user namespace below this one");
		return -EPERM;
	}
	return pid;
}

int try_user_namespace(struct trial *trial)
{
	(void)trial;
	return sys_unshare(ABI_NEWUSER);
}

int try_own_map(struct trial *trial)
{
	int result = sys_unshare(ABI_NEWUSER);
	return result < 0 ? result : write_own_maps(trial);
}

/* As a box does it: the own id is 0, and from 1 on come the subordinate ones. */
static const char *sub_map(struct arena *arena, uint32_t own, const struct facts_range *ranges, size_t count)
{
	const char *map = arena_printf(arena, "0 %u 1\n", own);
	uint32_t next = 1;
	for (size_t i = 0; i < count; i++) {
		map = arena_printf(arena, "%s%u %u %u\n", map, next, ranges[i].first, ranges[i].count);
		next += ranges[i].count;
	}
	return map;
}

static int write_sub_maps(struct trial *trial, int pid)
{
	const struct facts_caller *caller = &trial->facts->caller;
	const char *uids = sub_map(trial->arena, caller->uid, caller->subuids, caller->subuid_count);
	const char *gids = sub_map(trial->arena, caller->gid, caller->subgids, caller->subgid_count);
	const char *words = "";
	int result = helper_write_map(trial->arena, caller->newuidmap, pid, uids, &words);
	if (result == 0)
		result = helper_write_map(trial->arena, caller->newgidmap, pid, gids, &words);
	if (result < 0)
		trial_say(trial, "%s", words);
	else
		trial_say(trial, "%u users, %u groups beside the own", caller->subuids[0].count,
		          caller->subgids[0].count);
	return result;
}

int try_sub_map(struct trial *trial)
{
	const struct facts_caller *caller = &trial->facts->caller;
	int pid = trial_hold_user_namespace(trial);
	if (pid < 0)
		return pid;
	if (trial->privileged) {
		int result = trial_write_proc(trial, pid, "uid_map", "0 0 65536\n");
		return result < 0 ? result : trial_write_proc(trial, pid, "gid_map", "0 0 65536\n");
	}
	if (!caller->newuidmap || !caller->newgidmap)
		return -ENOENT;
	if (!caller->subuid_count || !caller->subgid_count)
		return -ESRCH;
	return write_sub_maps(trial, pid);
}

static int nothing(struct trial *trial)
{
	(void)trial;
	return 0;
}

/* A pid namespace takes effect with the first child, a time namespace too. */
int try_namespace(struct trial *trial)
{
	int result = trial_enter(trial, trial->namespaces);
	return result < 0 ? result : trial_in_child(trial, nothing);
}

int try_time_offsets(struct trial *trial)
{
	int result = trial_enter(trial, ABI_NEWTIME);
	if (result == 0)
		result = trial_write_proc(trial, 0, "timens_offsets", "monotonic 86400 0\n");
	return result < 0 ? result : trial_in_child(trial, nothing);
}
