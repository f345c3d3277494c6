/* terminal.c: a pseudo terminal of the container's own devpts, never looked up by a name it could have replaced. */
#include "sys/terminal.h"

#include "base/fd.h"
#include "init/actions.h"
#include "init/mount.h"
#include "init/path.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <sys/sysmacros.h>

enum { PTMX_MAJOR = 5, PTMX_MINOR = 2 };

/* True for the multiplexer of a devpts: character device 5:2, and on that file system (CVE-2025-52565). */
static bool is_ptmx(int fd, bool on_devpts)
{
	struct sys_filesystem filesystem;
	struct stat status;

	if (sys_stat_fd(fd, &status) < 0 || sys_filesystem_of(fd, &filesystem) < 0)
		return false;
	return S_ISCHR(status.st_mode) && status.st_rdev == makedev(PTMX_MAJOR, PTMX_MINOR) &&
	       (!on_devpts || filesystem.magic == UAPI_DEVPTS_MAGIC);
}

/* The root of a devpts holds nothing but what the kernel put there, so the name below it is safe to open. */
static int open_container_ptmx(struct walker *walker, int root)
{
	FD_AUTO int directory = path_open(root, "/dev/pts", O_PATH | O_DIRECTORY);
	struct sys_filesystem filesystem;

	if (directory < 0)
		return directory;
	int result = sys_filesystem_of(directory, &filesystem);
	if (result < 0)
		return result;
	if (filesystem.magic != UAPI_DEVPTS_MAGIC)
		return walk_fail(walker, -ENODEV, "no devpts is mounted on /dev/pts of the container");
	return sys_openat2(directory, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_XDEV | UAPI_RESOLVE_NO_SYMLINKS);
}

/* The multiplexer in a devpts is mode 000 unless ptmxmode says otherwise, as in this machine's own; the node in /dev is
 * for everybody, and leads to the devpts beside it. */
static int open_ptmx_node(int root)
{
	FD_AUTO int directory = path_open(root, "/dev", O_PATH | O_DIRECTORY);

	return directory < 0 ? directory
	                     : sys_openat2(directory, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW, 0,
	                                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS);
}

static int open_peer(int master, const struct step_open_terminal *wanted)
{
	int result = sys_terminal_unlock(master);

	if (result < 0)
		return result;
	FD_AUTO int peer = sys_terminal_peer(master);
	if (peer < 0)
		return peer;
	result = sys_chown_at(peer, "", wanted->uid, wanted->gid, AT_EMPTY_PATH);
	if (result == 0 && wanted->rows && wanted->columns)
		result = sys_terminal_set_size(peer, (uint16_t)wanted->rows, (uint16_t)wanted->columns);
	if (result == 0)
		result = sys_terminal_set_onlcr(peer, wanted->onlcr);
	return result < 0 ? result : fd_take(&peer);
}

int act_open_terminal(struct walker *walker, const struct step *step)
{
	const struct step_open_terminal *wanted = &step->open_terminal;
	const int root = walk_slot(walker, wanted->root);
	FD_AUTO int master = wanted->host ? sys_open_at(AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY, 0)
	                                  : open_container_ptmx(walker, root);
	const bool closed = master == -EACCES;

	if (closed)
		master = open_ptmx_node(root);
	if (master < 0)
		return closed ? -EACCES : master;
	if (!is_ptmx(master, !wanted->host && !closed))
		return walk_fail(walker, -ENODEV, "what is there is not a terminal multiplexer (5:2)");
	int peer = open_peer(master, wanted);
	if (peer < 0)
		return peer;
	walk_give(walker, wanted->master, fd_take(&master));
	walk_give(walker, wanted->peer, peer);
	return 0;
}

int act_bind_console(struct walker *walker, const struct step *step)
{
	const struct step_bind_console *wanted = &step->bind_console;
	const char *path = walk_text(walker, wanted->path);
	char name[NAME_SIZE];
	FD_AUTO int parent = path_open_parent(walk_slot(walker, wanted->root), path, name);
	struct stat status;

	if (parent < 0)
		return parent;
	int result = path_make_node(parent, name, S_IFREG | 0600, 0);
	if (result < 0 && result != -EEXIST && result != -EROFS)
		return result;
	FD_AUTO int destination =
		sys_openat2(parent, name, O_PATH | O_NOFOLLOW, 0, UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_MAGICLINKS);
	if (destination < 0)
		return destination;
	result = sys_stat_fd(destination, &status);
	if (result < 0)
		return result;
	if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
		return walk_fail(walker, -EEXIST, "what is there already in the root is ", mode_words(status.st_mode));
	FD_AUTO int mount = sys_clone_tree(walk_slot(walker, wanted->peer), "", false, 0);
	return mount < 0 ? mount : sys_attach_mount(mount, destination);
}

int act_new_session(struct walker *walker, const struct step *step)
{
	(void)walker;
	(void)step;
	int result = sys_setsid();
	/* A process that leads its group already has a session of its own. */
	return result == -EPERM && getsid(0) == getpid() ? 0 : result < 0 ? result : 0;
}

int act_take_log(struct walker *walker, const struct step *step)
{
	int input = walk_slot(walker, step->take_log.input);
	int output = walk_slot(walker, step->take_log.output);
	int result = input < 0 ? input : sys_result(dup3(input, STDIN_FILENO, 0));

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO && result >= 0; fd++)
		result = output < 0 ? output : sys_result(dup3(output, fd, 0));
	return result < 0 ? result : 0;
}

int act_take_terminal(struct walker *walker, const struct step *step)
{
	int peer = walk_slot(walker, step->take_terminal.peer);
	int result = peer < 0 ? peer : sys_terminal_take(peer);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && result >= 0; fd++)
		result = sys_result(dup3(peer, fd, 0));
	return result < 0 ? result : 0;
}
