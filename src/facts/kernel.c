/* kernel.c: what this kernel can do, found out by trying: versions lie where distributions backport. */
#include "base/fd.h"
#include "base/file.h"
#include "facts/parts.h"
#include "sys/bpf.h"
#include "sys/mounts.h"
#include "sys/process.h"
#include "sys/seccomp.h"
#include "sys/status.h"

#include <limits.h>

enum {
	ACTION_LOG = 0x7ffc0000,          /* SECCOMP_RET_LOG */
	ACTION_ALLOW = 0x7fff0000,        /* SECCOMP_RET_ALLOW */
	FLAG_NEW_LISTENER = 1 << 3,       /* SECCOMP_FILTER_FLAG_NEW_LISTENER */
	FLAG_WAIT_KILLABLE_RECV = 1 << 5, /* only together with the one before */
	FILESYSTEMS_LIMIT = 64 << 10,
};

void facts_parse_release(const char *release, struct facts_kernel *kernel)
{
	struct slice rest = { release, strlen(release) }, field;
	uint64_t number;
	kernel->major = kernel->minor = 0;
	if (slice_take(&rest, '.', &field) && slice_number(field, 9999, &number))
		kernel->major = (unsigned)number;
	rest.length = strspn(rest.bytes, "0123456789");
	if (slice_number(rest, 9999, &number))
		kernel->minor = (unsigned)number;
}

/* INT_MAX is never an open descriptor: a kernel that knows the flag says EBADF before there is a child, an older one
 * EINVAL or E2BIG. Were a child made all the same, it ends at once. */
static bool knows_clone_into_cgroup(void)
{
	struct uapi_clone_args args = { .flags = UAPI_CLONE_INTO_CGROUP, .cgroup = INT_MAX, .exit_signal = SIGCHLD };
	int result = sys_clone3(&args);
	if (result == 0)
		sys_exit(0);
	return result == -EBADF;
}

/* With vm.memfd_noexec=2 a kernel that knows the flag says EACCES. */
static bool knows_memfd_exec(void)
{
	FD_AUTO int fd = sys_result(syscall(SYS_memfd_create, "probe", UAPI_MFD_CLOEXEC | UAPI_MFD_EXEC));
	return fd >= 0 || errno == EACCES;
}

/* Unknown flags are refused before the descriptor is looked at. */
static bool knows_open_tree_namespace(void)
{
	FD_AUTO int fd = sys_result(
		syscall(UAPI_NR_OPEN_TREE, -1, "", UAPI_OPEN_TREE_NAMESPACE | UAPI_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
	return fd >= 0 || (errno != EINVAL && errno != ENOSYS);
}

static bool has_namespace(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0;
}

/* `r0 = 1; exit`: the shortest program there is. */
static bool loads_device_program(void)
{
	static const struct uapi_bpf_insn program[] = { { .code = 0xb7, .immediate = 1 }, { .code = 0x95 } };
	FD_AUTO int fd = sys_bpf_load_device(program, 2, NULL, 0);
	return fd >= 0;
}

/* fsopen(2) loads the module where there is one; without the privilege for that it must be there already. */
bool facts_overlay_known(struct arena *arena)
{
	char *text;
	size_t length;
	if (file_read_at(arena, AT_FDCWD, "/proc/filesystems", FILESYSTEMS_LIMIT, &text, &length) == 0 &&
	    strstr(text, "\toverlay\n"))
		return true;
	FD_AUTO int fd = sys_fsopen("overlay");
	return fd >= 0;
}

void facts_probe_kernel(struct facts_kernel *kernel)
{
	kernel->openat2 = sys_knows(UAPI_NR_OPENAT2);
	kernel->mount_api = sys_knows(UAPI_NR_FSOPEN) && sys_knows(UAPI_NR_OPEN_TREE) && sys_knows(UAPI_NR_MOVE_MOUNT);
	kernel->mount_setattr = sys_knows(UAPI_NR_MOUNT_SETATTR);
	kernel->close_range = sys_knows(UAPI_NR_CLOSE_RANGE);
	kernel->pidfd = sys_knows(UAPI_NR_PIDFD_OPEN) && sys_knows(UAPI_NR_PIDFD_GETFD);
	kernel->clone_into_cgroup = knows_clone_into_cgroup();
	kernel->memfd_exec_flag = knows_memfd_exec();
	kernel->statmount = sys_knows(UAPI_NR_STATMOUNT);
	kernel->open_tree_namespace = knows_open_tree_namespace();
	kernel->time_namespace = has_namespace("/proc/self/ns/time");
	kernel->cgroup_namespace = has_namespace("/proc/self/ns/cgroup");
	kernel->user_namespace = has_namespace("/proc/self/ns/user");
	kernel->seccomp = sys_seccomp_action(ACTION_ALLOW) == 0;
	kernel->seccomp_log = sys_seccomp_action(ACTION_LOG) == 0;
	kernel->seccomp_wait_killable = sys_seccomp_flag(FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE_RECV) == 0;
	kernel->cgroup_bpf = loads_device_program();
}
