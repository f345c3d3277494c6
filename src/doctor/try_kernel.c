/* try_kernel.c: what else of the kernel a start uses, or could use: filters, descriptors, keys, handlers. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "doctor/trial.h"
#include "sys/bpf.h"
#include "sys/ids.h"
#include "sys/key.h"
#include "sys/memfd.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/seccomp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ALLOW = 0x7fff0000, /* SECCOMP_RET_ALLOW */
	BPF_RETURN = 0x06,  /* BPF_RET | BPF_K */
	NEW_LISTENER = 1 << 3,
	NR_LANDLOCK_CREATE_RULESET = 444,
	LANDLOCK_VERSION = 1,
	TEXT_LIMIT = 64 << 10,
	COPY_PIECE = 64 << 10,
};

/* --- seccomp, bpf ---------------------------------------------------------------------------------------- */

static int install_filter(const struct trial *trial, unsigned flags)
{
	static const struct uapi_sock_filter all = { .code = BPF_RETURN, .k = ALLOW };
	int result = trial->facts->caller.capabilities >> ABI_CAP_SYS_ADMIN & 1 ? 0 : sys_no_new_privs();
	return result < 0 ? result : sys_seccomp_filter(flags, &all, 1);
}

int try_seccomp(struct trial *trial)
{
	return install_filter(trial, 0);
}

int try_notify(struct trial *trial)
{
	FD_AUTO int listener = install_filter(trial, NEW_LISTENER);
	return listener < 0 ? listener : 0;
}

/* `r0 = 1; exit`. */
int try_devices(struct trial *trial)
{
	static const struct uapi_bpf_insn program[] = { { .code = 0xb7, .immediate = 1 }, { .code = 0x95 } };
	char *log = arena_alloc(trial->arena, TEXT_LIMIT);
	FD_AUTO int fd = sys_bpf_load_device(program, 2, log, TEXT_LIMIT);
	return fd < 0 ? fd : 0;
}

/* --- descriptors ----------------------------------------------------------------------------------------- */

int try_pidfd(struct trial *trial)
{
	int descriptor = -1;
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	pid_t pid = sys_clone3(&how);
	if (pid == 0)
		sys_exit(0);
	FD_AUTO int pidfd = descriptor;
	if (pid < 0) {
		trial_say(trial, "clone3");
		return pid;
	}
	siginfo_t end;
	FD_AUTO int again = sys_pidfd_open(pid);
	return again < 0 ? again : sys_wait_pidfd(pidfd, &end, WEXITED);
}

static int copy_into(struct arena *arena, int from, int to)
{
	char *piece = arena_alloc(arena, COPY_PIECE);
	for (;;) {
		long got = sys_read(from, piece, COPY_PIECE);
		int result = got > 0 ? file_write_fd(to, piece, (size_t)got) : 0;
		if (got <= 0 || result < 0)
			return got < 0 ? (int)got : result;
	}
}

/* The program is kist itself, which is there on every architecture. */
static int execute_copy(struct trial *trial)
{
	static const char *const args[] = { "kist", "--version", NULL };
	static const char *const env[] = { NULL };
	FD_AUTO int self = sys_open_at(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0);
	FD_AUTO int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
	FD_AUTO int memory = self < 0 ? self : sys_memfd("kist-doctor", true);
	int result = memory < 0 ? memory : copy_into(trial->arena, self, memory);
	if (result == 0)
		result = sys_memfd_seal(memory);
	if (result == 0 && (dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0))
		result = -errno;
	return result < 0 ? result : sys_execveat(memory, "", args, env, AT_EMPTY_PATH);
}

int try_memfd(struct trial *trial)
{
	return trial_in_child(trial, execute_copy);
}

/* --- keys ------------------------------------------------------------------------------------------------ */

/* /proc/key-users: "uid: usage keys/instantiated quota/most bytes/most" (keyrings(7)). */
static void say_keys(struct trial *trial)
{
	char *text;
	size_t length;
	if (file_read_at(trial->arena, AT_FDCWD, "/proc/key-users", TEXT_LIMIT, &text, &length) < 0)
		return;
	for (char *rest, *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned uid, used, most;
		if (sscanf(line, "%u: %*u %*u/%*u %u/%u", &uid, &used, &most) == 3 && uid == trial->facts->caller.uid)
			trial_say(trial, "%u of %u keys used", used, most);
	}
}

int try_keyring(struct trial *trial)
{
	/* By name, as for a container: a nameless one is given also beyond the quota. */
	int result = sys_join_session_keyring("_ses.kist-doctor");
	say_keys(trial);
	return result < 0 ? result : 0;
}

/* --- handlers of foreign programs, landlock ---------------------------------------------------------- */

int try_binfmt(struct trial *trial)
{
	static const char folder[] = "/proc/sys/fs/binfmt_misc";
	char *status;
	size_t length, count = 0;
	int result =
		file_read_at(trial->arena, AT_FDCWD, "/proc/sys/fs/binfmt_misc/status", TEXT_LIMIT, &status, &length);
	DIR *directory = result < 0 ? NULL : opendir(folder);
	if (!directory)
		return result < 0 ? result : -errno;
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
		count += entry->d_name[0] != '.' && strcmp(entry->d_name, "register") != 0 &&
		         strcmp(entry->d_name, "status") != 0;
	closedir(directory);
	trial_say(trial, "%zu handlers", count);
	if (strncmp(status, "enabled", 7) != 0)
		return -ENODEV;
	return count ? 0 : -ESRCH;
}

int try_landlock(struct trial *trial)
{
	int version = sys_result(syscall(NR_LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION));
	if (version < 0)
		return version;
	trial_say(trial, "version %d", version);
	return 0;
}
