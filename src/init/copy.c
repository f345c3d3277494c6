/* copy.c: copying a directory tree by descriptors, an entry at a time, so that a swapped link leads nowhere. */
#include "init/copy.h"

#include "base/fd.h"
#include "init/path.h"
#include "sys/open.h"
#include "sys/status.h"

#include <string.h>
#include <sys/sendfile.h>

enum { ENTRIES_SIZE = 4096, CHUNK = 1 << 20, XATTR_SIZE = 64 << 10 /* XATTR_LIST_MAX, XATTR_SIZE_MAX */ };

/* getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int copy_directory(struct walker *walker, int from, int to, int depth);

static int open_below(int directory, const char *name, uint64_t flags)
{
	return sys_openat2(directory, name, flags | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_MAGICLINKS |
	                           UAPI_RESOLVE_NO_XDEV);
}

/* One that the new file system does not take (trusted.* in a user namespace, user.* on a tmpfs before Linux 6.6) is
 * left out: a copy without it is what there can be. */
static bool is_refused(long result)
{
	return result == -EOPNOTSUPP || result == -EPERM || result == -ENODATA || result == -EINVAL;
}

/* Last, since a write and a change of the owner take capabilities away. Out of line: its arrays are not to lie on the
 * stack of every directory on the way. */
__attribute__((noinline)) static int copy_xattrs(int from, int to)
{
	char names[XATTR_SIZE], value[XATTR_SIZE];
	long length = sys_xattr_list(from, names, sizeof(names));

	for (const char *name = names; name < names + length; name += strlen(name) + 1) {
		long size = sys_xattr_get(from, name, value, sizeof(value));
		long result = size < 0 ? size : sys_xattr_set(to, name, value, (size_t)size);
		if (result < 0 && !is_refused(result))
			return (int)result;
	}
	return length < 0 && !is_refused(length) ? (int)length : 0;
}

static int copy_bytes(int from, int to, const char *name)
{
	FD_AUTO int source = open_below(from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	FD_AUTO int target = source < 0 ? source : open_below(to, name, O_WRONLY);
	long count = target;

	if (target < 0)
		return target;
	do {
		count = sendfile(target, source, NULL, CHUNK);
	} while (count > 0 || (count < 0 && errno == EINTR));
	return count < 0 ? -errno : copy_xattrs(source, target);
}

static int copy_link(int from, int to, const char *name)
{
	char target[PATH_SIZE];
	int length = sys_readlink_at(from, name, target, sizeof(target) - 1);

	if (length < 0)
		return length;
	target[length] = '\0';
	return sys_symlink_at(target, to, name);
}

static int copy_below(struct walker *walker, int from, int to, const char *name, int depth)
{
	FD_AUTO int source = open_below(from, name, O_RDONLY | O_DIRECTORY);
	FD_AUTO int target = source < 0 ? source : open_below(to, name, O_RDONLY | O_DIRECTORY);

	if (source == -EXDEV) /* something else is mounted there; the new file system covers it as it is */
		return 0;
	int result = target < 0 ? target : copy_xattrs(source, target);
	return result < 0 ? result : copy_directory(walker, source, target, depth + 1);
}

static int copy_entry(struct walker *walker, int from, int to, const char *name, int depth)
{
	struct stat status;
	int result = sys_stat_at(from, name, AT_SYMLINK_NOFOLLOW, &status);

	if (result < 0)
		return result;
	if (S_ISSOCK(status.st_mode)) /* nobody listens on a copy */
		return 0;
	if (S_ISLNK(status.st_mode))
		result = copy_link(from, to, name);
	else
		result = path_make_node(to, name, status.st_mode, status.st_rdev);
	/* What cannot be given to its owner here stays the container root's. chown takes set-id bits away. */
	if (result == 0 && sys_chown_at(to, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) == 0 &&
	    status.st_mode & (S_ISUID | S_ISGID) && !S_ISLNK(status.st_mode))
		result = sys_chmod_at(to, name, status.st_mode & 07777);
	if (result == 0 && S_ISREG(status.st_mode))
		result = copy_bytes(from, to, name);
	if (result == 0 && S_ISDIR(status.st_mode))
		result = copy_below(walker, from, to, name, depth);
	return result;
}

static int copy_directory(struct walker *walker, int from, int to, int depth)
{
	_Alignas(struct entry) char entries[ENTRIES_SIZE];
	long length;

	if (depth > COPY_DEPTH)
		return -ELOOP;
	while ((length = syscall(SYS_getdents64, from, entries, sizeof(entries))) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const struct entry *)(entries + at);
			at += entry->length;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			int result = copy_entry(walker, from, to, entry->name, depth);
			if (result < 0)
				return walk_fail(walker, result, "copying up ", entry->name, " failed");
		}
	}
	return length < 0 ? -errno : 0;
}

int copy_tree(struct walker *walker, int from, int to)
{
	FD_AUTO int source = open_below(from, ".", O_RDONLY | O_DIRECTORY);

	return source < 0 ? source : copy_directory(walker, source, to, 0);
}
