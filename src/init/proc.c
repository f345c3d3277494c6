/* proc.c: what init asks of the kernel about itself and its namespaces: dumpable, sysctls, names, the loopback. */
#include "base/abi.h"
#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "init/path.h"
#include "sys/mounts.h"
#include "sys/namespace.h"
#include "sys/net.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <string.h>
#include <sys/utsname.h>

enum { PROC_ROOT_INODE = 1 };

int act_hide_process(struct walker *walker, const struct step *step)
{
	(void)walker;
	(void)step;
	int result = sys_set_dumpable(false);
	if (result < 0)
		return result;
	return sys_get_dumpable() == 0 ? 0 : -EPERM;
}

/* A user namespace whose /proc is partly covered gets no fresh one (mount_namespaces(7)). The container's own serves,
 * if it is a real and whole procfs: nothing below it is opened across a mount. */
static int open_visible_proc(void)
{
	FD_AUTO int fd = sys_open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	struct sys_filesystem filesystem;
	struct stat status;

	if (fd < 0)
		return fd;
	if (sys_filesystem_of(fd, &filesystem) < 0 || sys_stat_fd(fd, &status) < 0)
		return -EPERM;
	bool real = filesystem.magic == UAPI_PROC_MAGIC && status.st_ino == PROC_ROOT_INODE;
	return real ? fd_take(&fd) : -EPERM;
}

int act_open_proc(struct walker *walker, const struct step *step)
{
	FD_AUTO int context = sys_fsopen("proc");
	int fd = context < 0 ? context : sys_fsconfig_create(context);

	if (fd == 0)
		fd = sys_fsmount(context, 0);
	if (fd == -EPERM)
		fd = open_visible_proc();
	if (fd < 0)
		return fd;
	walk_give(walker, step->open_proc.proc, fd);
	return 0;
}

/* "net.ipv4.ip_forward" is sys/net/ipv4/ip_forward. The first separator decides, as in sysctl(8): where it is a slash
 * a dot is a dot ("net/ipv4/conf/eth0.100/forwarding"); where it is a dot a slash means one (F29). */
static int sysctl_path(const char *name, char path[PATH_SIZE])
{
	static const char start[] = "sys/";
	const char *separator = strpbrk(name, "./");
	const bool dotted = separator && *separator == '.';
	size_t length = strlen(name);

	if (length + sizeof(start) > PATH_SIZE)
		return -ENAMETOOLONG;
	memcpy(path, start, sizeof(start) - 1);
	for (size_t at = 0; at <= length; at++) {
		char byte = name[at];
		if (dotted && (byte == '.' || byte == '/'))
			byte = byte == '.' ? '/' : '.';
		path[sizeof(start) - 1 + at] = byte;
	}
	return 0;
}

int act_write_sysctl(struct walker *walker, const struct step *step)
{
	const struct step_write_sysctl *wanted = &step->write_sysctl;
	const char *value = walk_text(walker, wanted->value);
	char path[PATH_SIZE];
	int result = sysctl_path(walk_text(walker, wanted->name), path);

	if (result < 0)
		return result;
	FD_AUTO int fd = sys_openat2(walk_slot(walker, wanted->proc), path, O_WRONLY, 0,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_XDEV | UAPI_RESOLVE_NO_MAGICLINKS |
	                                     UAPI_RESOLVE_NO_SYMLINKS);
	if (fd == -ENOENT)
		return walk_fail(walker, fd, "this kernel has no /proc/", path);
	if (fd < 0)
		return fd;
	/* One write: these files take no second one. Of nothing, it would set nothing; a line that is empty does. */
	long written = *value ? sys_write(fd, value, strlen(value)) : sys_write(fd, "\n", 1);
	if (written < 0)
		return (int)written;
	/* A procfs left open is the shape of CVE-2024-21626: it goes with the last sysctl. */
	if (walker->index + 1 < walker->block->step_count && step[1].kind != STEP_write_sysctl)
		fd_close(&walker->slots[wanted->proc]);
	return 0;
}

/* A new namespace has the names of the one it was made in. Those that are right already are left alone: in a box a
 * filter may forbid to set any. */
int act_set_name(struct walker *walker, const struct step *step)
{
	const char *name = walk_text(walker, step->set_name.name);
	struct utsname now;

	if (uname(&now) == 0 && strcmp(step->set_name.which == 'd' ? now.domainname : now.nodename, name) == 0)
		return 0;
	return step->set_name.which == 'd' ? sys_set_domainname(name) : sys_set_hostname(name);
}

int act_enter_network(struct walker *walker, const struct step *step)
{
	FD_AUTO int network = walk_take(walker, step->enter_network.network);

	return network < 0 ? network : sys_setns(network, ABI_NEWNET);
}

int act_raise_loopback(struct walker *walker, const struct step *step)
{
	(void)walker;
	(void)step;
	return sys_loopback_up();
}
