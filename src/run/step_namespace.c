/* step_namespace.c: opens a namespace to be joined, after a look at what it really is; makes one to be entered. */
#include "base/abi.h"
#include "base/fd.h"
#include "run/walk.h"
#include "sys/namespace.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint32_t type;
	const char *name; /* as config.json has it */
	const char *file; /* as /proc/PID/ns has it */
} namespaces[] = {
	{ ABI_NEWPID, "pid", "pid" },          { ABI_NEWNET, "network", "net" }, { ABI_NEWNS, "mount", "mnt" },
	{ ABI_NEWIPC, "ipc", "ipc" },          { ABI_NEWUTS, "uts", "uts" },     { ABI_NEWUSER, "user", "user" },
	{ ABI_NEWCGROUP, "cgroup", "cgroup" }, { ABI_NEWTIME, "time", "time" },
};

static const char *namespace_name(uint32_t type)
{
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		if (namespaces[i].type == type)
			return namespaces[i].name;
	return "unknown";
}

/* The pointer of the path that was asked for: the step's own may be the namespace's. */
static const char *path_pointer(struct walk *walk, const struct step *step)
{
	const char *pointer = walk_text(walk, step->pointer);
	size_t length = strlen(pointer);
	bool whole = !length || (length >= 5 && strcmp(pointer + length - 5, "/path") == 0);
	return whole ? pointer : arena_printf(walk->arena, "%s/path", pointer);
}

/* Looked at before it is really opened: to open a fifo or a device has effects. */
static int open_checked(struct walk *walk, const char *path)
{
	struct sys_filesystem filesystem;
	char again[32];
	FD_AUTO int place = sys_open_at(AT_FDCWD, path, O_PATH, 0);
	if (place < 0)
		return place;
	int result = sys_filesystem_of(place, &filesystem);
	if (result < 0)
		return result;
	if (filesystem.magic != UAPI_NSFS_MAGIC)
		return step_fail(walk, -EINVAL, "%s is no namespace", path);
	snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
	return sys_open_at(AT_FDCWD, again, O_RDONLY, 0);
}

/* Joining by path does not make a namespace the container's: the path may lead to the one that kist is in. */
static int check_foreign(struct walk *walk, int fd, uint32_t type)
{
	struct stat theirs, own;
	int result = sys_stat_fd(fd, &theirs);
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]) && result == 0; i++) {
		if (namespaces[i].type != type)
			continue;
		const char *path = arena_printf(walk->arena, "/proc/self/ns/%s", namespaces[i].file);
		result = sys_stat_at(AT_FDCWD, path, 0, &own);
	}
	if (result < 0 || theirs.st_ino != own.st_ino || theirs.st_dev != own.st_dev)
		return result;
	walk->hint = "leave the path out for a new one, or leave out the names and kernel parameters";
	return step_fail(walk, -EPERM,
	                 "it is the one that kist is in, and what the configuration sets in it (names, "
	                 "kernel parameters) would be set on the host");
}

int step_open_namespace(struct walk *walk, const struct step *step)
{
	const uint32_t wanted = step->open_namespace.type;
	FD_AUTO int fd = open_checked(walk, walk_text(walk, step->open_namespace.path));
	if (fd < 0)
		return fd;
	int type = sys_namespace_type(fd);
	if (type < 0)
		return type;
	if ((uint32_t)type != wanted)
		return step_fail(walk, -EINVAL, "%s is a %s namespace, but type is %s", path_pointer(walk, step),
		                 namespace_name((uint32_t)type), namespace_name(wanted));
	int result = step->open_namespace.foreign ? check_foreign(walk, fd, wanted) : 0;
	if (result < 0)
		return result;
	walk->slots[step->open_namespace.namespace] = fd_take(&fd);
	return 0;
}

/* There is no call that makes a namespace and stays outside, so the runtime goes in and comes back. */
int step_make_network(struct walk *walk, const struct step *step)
{
	static const char own[] = "/proc/thread-self/ns/net";
	FD_AUTO int before = sys_open_at(AT_FDCWD, own, O_RDONLY, 0);
	int result = before < 0 ? before : sys_unshare(ABI_NEWNET);
	if (result < 0)
		return result;
	FD_AUTO int fresh = sys_open_at(AT_FDCWD, own, O_RDONLY, 0);
	result = sys_setns(before, ABI_NEWNET);
	if (result < 0 || fresh < 0)
		return result < 0 ? step_fail(walk, result, "kist cannot come back from it") : fresh;
	walk->slots[step->make_network.network] = fd_take(&fresh);
	return 0;
}
