/* path.c: opening and making paths inside the container. */
#include "init/path.h"

#include "base/fd.h"
#include "sys/open.h"
#include "sys/status.h"

#include <string.h>

enum { LINKS_MAX = 40, DIRECTORY_MODE = 0755, FILE_MODE = 0644 };

int path_open(int root, const char *path, uint64_t flags)
{
	return sys_openat2(root, *path ? path : "/", flags, 0, UAPI_RESOLVE_IN_ROOT | UAPI_RESOLVE_NO_MAGICLINKS);
}

bool path_is_root(const char *path)
{
	for (; *path; path++) {
		if (*path != '/' && !(*path == '.' && (path[1] == '/' || !path[1])))
			return false;
	}
	return true;
}

int path_make_node(int parent, const char *name, unsigned mode, uint64_t device)
{
	return S_ISDIR(mode) ? sys_mkdir_at(parent, name, mode & 07777) : sys_mknod_at(parent, name, mode, device);
}

/* What was just made, or what another made in the meantime; -ELOOP for a link (with O_NOFOLLOW the link itself would be
 * opened). */
static int open_made(int parent, const char *name)
{
	return sys_openat2(parent, name, O_PATH, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_MAGICLINKS);
}

static size_t skip_slashes(const char *path, size_t at)
{
	while (path[at] == '/')
		at++;
	return at;
}

static size_t component_end(const char *path, size_t at)
{
	while (path[at] && path[at] != '/')
		at++;
	return at;
}

/* Opens the first `length` bytes of the path. */
static int open_prefix(int root, char *path, size_t length)
{
	char kept = path[length];

	path[length] = '\0';
	int fd = path_open(root, path, O_PATH);
	path[length] = kept;
	return fd;
}

/* The component of this length at `name` does not resolve: it is made below its parent. -EEXIST: a dangling link. */
static int make_component(int parent, char *name, size_t length, unsigned mode)
{
	char kept = name[length];

	name[length] = '\0';
	int result = path_make_node(parent, name, mode, 0);
	int fd = result < 0 && result != -EEXIST ? result : open_made(parent, name);
	name[length] = kept;
	return fd == -ELOOP ? -EEXIST : fd;
}

/* Replaces the dangling link in [start, end) by its target; an absolute one starts again at the root. */
static int splice_link(int root, char *path, size_t start, size_t end)
{
	FD_AUTO int parent = open_prefix(root, path, start);
	char spliced[PATH_SIZE], name[NAME_SIZE];
	size_t used = 0, rest = strlen(path + end) + 1;

	if (parent < 0)
		return parent;
	if (end - start >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, path + start, end - start);
	name[end - start] = '\0';
	int length = sys_readlink_at(parent, name, spliced, sizeof(spliced));
	if (length <= 0)
		return length < 0 ? length : -ENOENT;
	if (spliced[0] != '/') {
		if (start + (size_t)length >= sizeof(spliced))
			return -ENAMETOOLONG;
		memmove(spliced + start, spliced, (size_t)length);
		memcpy(spliced, path, start);
		used = start;
	}
	used += (size_t)length;
	if (used + rest > sizeof(spliced))
		return -ENAMETOOLONG;
	memcpy(spliced + used, path + end, rest);
	memcpy(path, spliced, used + rest);
	return 0;
}

/* Goes down the path, making what is missing. `mode` holds the type of the last component. -EEXIST, with the link's
 * place in start and end, when a dangling link is in the way. */
static int make_walk(int root, char *path, unsigned mode, size_t *start, size_t *end)
{
	FD_AUTO int above = path_open(root, "/", O_PATH);

	*start = skip_slashes(path, 0);
	while (above >= 0 && path[*start]) {
		*end = component_end(path, *start);
		size_t next = skip_slashes(path, *end);
		int fd = open_prefix(root, path, *end);
		if (fd == -ENOENT)
			fd = make_component(above, path + *start, *end - *start,
			                    path[next] ? S_IFDIR | DIRECTORY_MODE : mode);
		if (fd < 0)
			return fd;
		close(above);
		above = fd;
		*start = next;
	}
	return fd_take(&above);
}

/* The last component below a parent that is there, as nearly always. -ENOENT, -EEXIST: it takes a walk. */
static int make_last(int root, char *path, unsigned mode)
{
	char name[NAME_SIZE];
	int start = path_split(path, name);

	if (start < 0)
		return -ENOENT;
	FD_AUTO int above = open_prefix(root, path, (size_t)start);
	return above < 0 ? above : make_component(above, name, strlen(name), mode);
}

/* Something of the path is not there. */
static int make_missing(int root, const char *path, unsigned mode)
{
	char whole[PATH_SIZE];
	size_t start = 0, end = 0;

	if (strlen(path) >= sizeof(whole))
		return -ENAMETOOLONG;
	memcpy(whole, path, strlen(path) + 1);
	int fd = make_last(root, whole, mode);
	for (int links = 0; links < LINKS_MAX && (fd == -ENOENT || fd == -EEXIST); links++) {
		fd = make_walk(root, whole, mode, &start, &end);
		if (fd != -EEXIST)
			return fd;
		int result = splice_link(root, whole, start, end);
		if (result < 0)
			return result;
	}
	return fd == -EEXIST ? -ELOOP : fd;
}

int path_make_missing(int root, const char *path, unsigned mode)
{
	FD_AUTO int fd = make_missing(root, path, S_IFDIR | mode);
	struct stat status;

	if (fd < 0)
		return fd;
	int result = sys_stat_fd(fd, &status);
	if (result < 0)
		return result;
	return S_ISDIR(status.st_mode) ? fd_take(&fd) : -ENOTDIR;
}

int path_make_directory(int root, const char *path, unsigned mode)
{
	int fd = path_open(root, path, O_PATH | O_DIRECTORY);

	return fd == -ENOENT ? path_make_missing(root, path, mode) : fd;
}

int path_make_file(int root, const char *path)
{
	int fd = path_open(root, path, O_PATH);

	return fd == -ENOENT ? make_missing(root, path, S_IFREG | FILE_MODE) : fd;
}

int path_split(const char *path, char name[NAME_SIZE])
{
	size_t end = strlen(path);

	while (end > 0 && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	size_t length = end - start;
	if (length >= NAME_SIZE || start >= PATH_SIZE)
		return -ENAMETOOLONG;
	memcpy(name, path + start, length);
	name[length] = '\0';
	if (length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	return (int)start;
}

int path_open_parent(int root, const char *path, char name[NAME_SIZE])
{
	char parent[PATH_SIZE];
	int length = path_split(path, name);

	if (length < 0)
		return length;
	memcpy(parent, path, (size_t)length);
	parent[length] = '\0';
	return path_make_directory(root, parent, DIRECTORY_MODE);
}

int path_open_regular(int root, const char *path)
{
	FD_AUTO int place = path_open(root, path, O_PATH);
	struct stat expected, found;

	if (place < 0)
		return place;
	int result = sys_stat_fd(place, &expected);
	if (result < 0)
		return result;
	if (!S_ISREG(expected.st_mode))
		return -EINVAL;
	FD_AUTO int fd = path_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fd;
	result = sys_stat_fd(fd, &found);
	if (result < 0)
		return result;
	/* It may have been exchanged between the two looks. */
	return found.st_dev == expected.st_dev && found.st_ino == expected.st_ino ? fd_take(&fd) : -EAGAIN;
}
