/* try_fuse.c: whether a view by fuse-overlayfs works, found out by replacing a file in one, as a box with --fuse
 * would. */
#include "base/abi.h"
#include "base/fd.h"
#include "doctor/trial.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* On this machine's /tmp, in the trial's own mount namespace: the program looks its layers up by path. */
static int make_layers(struct trial *trial)
{
	static const char *const folders[] = { "lower", "lower/folder", "upper", "work" };
	FD_AUTO int place = sys_open_at(AT_FDCWD, "/tmp", O_PATH | O_DIRECTORY, 0);
	FD_AUTO int mount = place < 0 ? place : trial_mount(trial, "tmpfs", NULL);
	int result = mount < 0 ? mount : sys_attach_mount(mount, place);
	for (size_t i = 0; result == 0 && i < sizeof(folders) / sizeof(*folders); i++)
		result = sys_mkdir_at(mount, folders[i], 0755);
	FD_AUTO int file =
		result < 0 ? result : sys_open_at(mount, "lower/folder/file", O_CREAT | O_EXCL | O_WRONLY, 0644);
	return file < 0 ? file : 0;
}

static int mount_channel(struct trial *trial, int channel)
{
	const char *const options[] = {
		"fd", arena_printf(trial->arena, "%d", channel), "rootmode", "40755", "user_id", "0", "group_id", "0",
		NULL,
	};
	return trial_mount(trial, "fuse", options);
}

/* In the child, which dies with the trial. */
static _Noreturn void serve(struct trial *trial, int channel)
{
	const char *const args[] = { trial->facts->fuse_overlayfs,
		                     "-f",
		                     "-o",
		                     "lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work",
		                     arena_printf(trial->arena, "/dev/fd/%d", channel),
		                     NULL };
	const char *const no_env[] = { NULL };
	int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	sys_close_on_exec(channel, false);
	sys_exit(-sys_execve(args[0], args, no_env) & 0xff);
}

/* Opened for writing it is copied up, and then it is in the upper layer. */
static int replace_file(int view)
{
	FD_AUTO int file = sys_open_at(view, "folder/file", O_WRONLY | O_APPEND, 0);
	if (file < 0)
		return file;
	if (sys_write(file, "x", 1) != 1)
		return -EIO;
	return access("/tmp/upper/folder/file", F_OK) < 0 ? -errno : 0;
}

static int serve_and_replace(struct trial *trial)
{
	FD_AUTO int channel = sys_open_at(AT_FDCWD, "/dev/fuse", O_RDWR, 0);
	FD_AUTO int view = channel < 0 ? channel : mount_channel(trial, channel);
	FD_AUTO int pidfd = -1;
	pid_t pid = view < 0 ? view : trial_fork(&pidfd);
	if (pid < 0)
		return pid;
	if (pid == 0)
		serve(trial, channel);
	/* With the server's end the last one is gone, and whoever waits for an answer is told. */
	fd_close(&channel);
	int result = replace_file(view);
	sys_pidfd_signal(pidfd, SIGKILL);
	return result;
}

int try_fuse(struct trial *trial)
{
	if (!trial->facts->fuse_open) {
		FD_AUTO int fd = sys_open_at(AT_FDCWD, "/dev/fuse", O_RDWR, 0);
		trial_say(trial, "/dev/fuse");
		return fd < 0 ? fd : -EACCES;
	}
	if (!trial->facts->fuse_overlayfs) {
		trial_say(trial, "fuse-overlayfs");
		return -ESRCH;
	}
	int result = trial_enter(trial, ABI_NEWNS);
	if (result == 0)
		result = trial_separate();
	if (result == 0)
		result = make_layers(trial);
	return result < 0 ? result : serve_and_replace(trial);
}
