/* cgroup.c: removes cgroups by descriptor: never by following a link, never outside a cgroup mount, never another's. */
#include "state/cgroup.h"

#include "base/fd.h"
#include "state/process.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

static const char mark_name[] = "user.kist";

enum { CGROUP_DEPTH = 64, PROCS_CHUNK = 4096 };

struct removal {
	struct arena *arena;
	const struct cgroup_target *target;
	struct err *err;
	pid_t left; /* a process seen inside in the last round */
};

void cgroup_mark(int dirfd)
{
	fsetxattr(dirfd, mark_name, "", 0, 0);
}

bool cgroup_is_marked(int dirfd)
{
	char nothing;
	return fgetxattr(dirfd, mark_name, &nothing, sizeof(nothing)) >= 0;
}

bool cgroup_is(int fd)
{
	struct sys_filesystem filesystem;
	return sys_filesystem_of(fd, &filesystem) == 0 &&
	       (filesystem.magic == UAPI_CGROUP_MAGIC || filesystem.magic == UAPI_CGROUP2_MAGIC);
}

/* A pid read from cgroup.procs may be another process by the time it is signalled. So: a pidfd first, then a second
 * look whether this pid is still inside; if it is, the pidfd is that process. */
static bool lists_pid(int dirfd, pid_t wanted);

static void kill_listed(int dirfd, pid_t pid)
{
	if (pid <= 0 || pid == getpid()) /* 0: a process of another pid namespace */
		return;
	FD_AUTO int pidfd = sys_pidfd_open(pid);
	if (pidfd >= 0 && lists_pid(dirfd, pid))
		sys_pidfd_signal(pidfd, SIGKILL);
}

bool cgroup_each_pid(int dirfd, cgroup_visit *visit, void *with)
{
	char chunk[PROCS_CHUNK];
	long length;
	pid_t pid = 0;
	FD_AUTO int fd = sys_open_at(dirfd, "cgroup.procs", O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return false;
	while ((length = sys_read(fd, chunk, sizeof(chunk))) > 0) {
		for (long i = 0; i < length; i++) {
			if (chunk[i] >= '0' && chunk[i] <= '9') {
				pid = pid * 10 + (chunk[i] - '0');
				continue;
			}
			if (visit(dirfd, pid, with))
				return true;
			pid = 0;
		}
	}
	return false;
}

static bool visit_equal(int dirfd, pid_t pid, void *with)
{
	(void)dirfd;
	return pid == *(pid_t *)with;
}

static bool lists_pid(int dirfd, pid_t wanted)
{
	return cgroup_each_pid(dirfd, visit_equal, &wanted);
}

static bool visit_kill(int dirfd, pid_t pid, void *with)
{
	*(pid_t *)with = pid;
	kill_listed(dirfd, pid);
	return false;
}

/* v1: a frozen task ignores SIGKILL until it is thawed. v2's cgroup.kill reaches frozen ones. Absent: not needed. */
static void write_if_there(int dirfd, const char *file, const char *value)
{
	FD_AUTO int fd = sys_open_at(dirfd, file, O_WRONLY | O_NOFOLLOW, 0);
	if (fd >= 0)
		sys_write(fd, value, strlen(value));
}

static void kill_inside(struct removal *removal, int dirfd)
{
	write_if_there(dirfd, "cgroup.kill", "1");
	cgroup_each_pid(dirfd, visit_kill, &removal->left);
	write_if_there(dirfd, "freezer.state", "THAWED");
}

int cgroup_open_child(int dirfd, const char *name)
{
	return sys_openat2(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

/* One round: kills in this cgroup and below, and removes what is empty below, the deepest first. */
static void clear_below(struct removal *removal, int dirfd, int depth)
{
	kill_inside(removal, dirfd);
	int copy = depth < CGROUP_DEPTH ? cgroup_open_child(dirfd, ".") : -ELOOP;
	if (copy < 0)
		return;
	DIR *list = fdopendir(copy);
	if (!list) {
		close(copy);
		return;
	}
	for (struct dirent *entry; (entry = readdir(list));) {
		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (sys_unlink_at(dirfd, entry->d_name, AT_REMOVEDIR) == 0)
			continue;
		FD_AUTO int child = cgroup_open_child(dirfd, entry->d_name);
		if (child < 0)
			continue;
		clear_below(removal, child, depth + 1);
		sys_unlink_at(dirfd, entry->d_name, AT_REMOVEDIR);
	}
	closedir(list);
}

/* rmdir of a cgroup says EBUSY while a killed process is still on its way out. */
static int clear_and_remove(struct removal *removal, int parent, const char *name)
{
	FD_AUTO int dirfd = cgroup_open_child(parent, name);
	if (dirfd < 0)
		return dirfd;
	for (int waited = 0;;) {
		removal->left = 0;
		clear_below(removal, dirfd, 0);
		int result = sys_unlink_at(parent, name, AT_REMOVEDIR);
		if (result != -EBUSY && result != -ENOTEMPTY)
			return result;
		if (process_pause(&waited) < 0)
			return result;
	}
}

static int report(const struct removal *removal, int result)
{
	const char *path = removal->target->path;
	if (removal->left > 0)
		return err_set(removal->err, removal->arena, -result, "cannot remove the cgroup %s: %s does not end",
		               path, process_describe(removal->arena, removal->left));
	return err_set(removal->err, removal->arena, -result, "cannot remove the cgroup %s", path);
}

/* The directory above, by a path without links; the last component of the target in *name. -errno; -EINVAL for a path
 * that kist would not have made. */
static int open_parent(struct arena *arena, const char *path, const char **name)
{
	char *parent = arena_string(arena, path);
	char *slash = strrchr(parent, '/');
	if (path[0] != '/' || !slash || slash == parent || !slash[1] || strcmp(slash + 1, ".") == 0 ||
	    strcmp(slash + 1, "..") == 0)
		return -EINVAL;
	*slash = '\0';
	*name = path + (slash - parent) + 1;
	return sys_openat2(AT_FDCWD, parent, O_PATH | O_DIRECTORY, 0,
	                   UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_MAGICLINKS);
}

static bool is_in_use(int result)
{
	return result == -EBUSY || result == -ENOTEMPTY;
}

/* Among containers that end at the same time the last one must remove what is above them. Its maker may have been
 * killed before it could set the mark, and the others look for that once they are out of it: so who finds them inside
 * sets it, and only then looks again whether they have left meanwhile. */
static int remove_parent(const struct cgroup_target *target, int parent, const char *name)
{
	FD_AUTO int dirfd = cgroup_open_child(parent, name);
	if (dirfd < 0)
		return dirfd;
	if (target->marked && !cgroup_is_marked(dirfd))
		return 0;
	int result = sys_unlink_at(parent, name, AT_REMOVEDIR);
	if (is_in_use(result) && !target->marked) {
		cgroup_mark(dirfd);
		result = sys_unlink_at(parent, name, AT_REMOVEDIR);
	}
	return is_in_use(result) ? 0 : result;
}

static int remove_own(struct removal *removal, int parent, const char *name)
{
	int result = sys_unlink_at(parent, name, AT_REMOVEDIR);
	if (!is_in_use(result))
		return result;
	return removal->target->inode ? clear_and_remove(removal, parent, name) : 0;
}

int cgroup_remove(struct arena *arena, const struct cgroup_target *target, struct err *err)
{
	struct removal removal = { .arena = arena, .target = target, .err = err };
	struct stat status;
	const char *name;
	FD_AUTO int parent = open_parent(arena, target->path, &name);
	if (parent == -ENOENT)
		return 0;
	if (parent < 0)
		return report(&removal, parent);
	if (!cgroup_is(parent))
		return report(&removal, -EXDEV);
	int result = sys_stat_at(parent, name, AT_SYMLINK_NOFOLLOW, &status);
	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return report(&removal, result);
	/* The one that was made is gone, and this one is somebody else's. */
	if (target->inode && (status.st_ino != target->inode || status.st_dev != target->device))
		return 0;
	result = target->parent ? remove_parent(target, parent, name) : remove_own(&removal, parent, name);
	return result < 0 && result != -ENOENT ? report(&removal, result) : 0;
}
