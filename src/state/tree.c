/* tree.c: removes a tree of any depth with a handful of descriptors and no recursion.
 *
 * A container chose what is in it, so it may be a million directories deep: a recursive walk would run out of stack,
 * one with a descriptor a level out of descriptors. Here each directory found below the top gives its own directories
 * to the top (a rename), after which it is empty of them and can be removed; the top is read again until nothing is
 * left. */
#include "state/tree.h"

#include "base/fd.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { OWNER_ALL = 0700 };

struct flattening {
	int top;
	uint64_t number; /* of the next directory moved up */
};

/* NO_XDEV: a mount is an error (EXDEV), not a way into somebody else's files. */
static int open_plain(int dirfd, const char *name)
{
	return sys_openat2(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

/* A directory that may be listed and changed. Root needs no permissions; an owner gives them to itself. */
static int open_usable(int dirfd, const char *name)
{
	FD_AUTO int fd = open_plain(dirfd, name);
	if (fd == -EACCES && fchmodat(dirfd, name, OWNER_ALL, 0) == 0)
		fd = open_plain(dirfd, name);
	struct stat status;
	if (fd >= 0 && geteuid() != 0 && sys_stat_fd(fd, &status) == 0 && (status.st_mode & OWNER_ALL) != OWNER_ALL)
		fchmod(fd, OWNER_ALL); /* when this fails, removing what is in it will say why */
	return fd_take(&fd);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Calls `act` for each entry. The first -errno; the number of entries otherwise. The descriptor is consumed. */
typedef int entry_act(struct flattening *flattening, int dirfd, const char *name);

static int each_entry(struct flattening *flattening, int fd, entry_act *act)
{
	DIR *list = fdopendir(fd);
	if (!list) {
		close(fd);
		return -ENOMEM;
	}
	int count = 0, result = 0;
	for (struct dirent *entry; result >= 0 && (entry = readdir(list));) {
		if (is_dots(entry->d_name))
			continue;
		result = act(flattening, fd, entry->d_name);
		count = 1; /* whether there was any is all that is asked */
	}
	closedir(list);
	return result < 0 ? result : count;
}

/* What needs no look inside: 0 when it is gone, 1 for a directory that is not empty, or -errno. */
static int remove_plain(int dirfd, const char *name)
{
	int result = sys_unlink_at(dirfd, name, 0);
	if (result == -ENOENT)
		return 0;
	if (result != -EISDIR && result != -EPERM) /* POSIX wants EPERM for a directory, Linux says EISDIR */
		return result;
	int removed = sys_unlink_at(dirfd, name, AT_REMOVEDIR);
	if (removed == -ENOTDIR)
		return result;
	return removed < 0 ? 1 : 0; /* the reason is found again when it is emptied */
}

/* An entry of a directory below the top: files go, directories go when they are empty and move to the top otherwise. */
static int lift_entry(struct flattening *flattening, int dirfd, const char *name)
{
	int result = remove_plain(dirfd, name);
	if (result <= 0)
		return result;
	/* A directory that changes its parent changes its own ".." too, so it must be writable itself. */
	FD_AUTO int child = open_usable(dirfd, name);
	if (child < 0)
		return child;
	for (;;) {
		char fresh[32];
		snprintf(fresh, sizeof(fresh), ".kist-%llu", (unsigned long long)flattening->number++);
		result = sys_result(
			syscall(SYS_renameat2, dirfd, name, flattening->top, fresh, 1 /* RENAME_NOREPLACE */));
		if (result != -EEXIST)
			return result;
	}
}

static int remove_top_entry(struct flattening *flattening, int dirfd, const char *name)
{
	int result = remove_plain(dirfd, name);
	if (result <= 0)
		return result;
	int child = open_usable(dirfd, name);
	if (child < 0)
		return child;
	result = each_entry(flattening, child, lift_entry);
	return result < 0 ? result : sys_unlink_at(dirfd, name, AT_REMOVEDIR);
}

int tree_remove(int dirfd, const char *name)
{
	int result = remove_plain(dirfd, name);
	if (result <= 0)
		return result;
	FD_AUTO int top = open_usable(dirfd, name);
	if (top < 0)
		return top;
	struct flattening flattening = { .top = top };
	/* What is moved up may appear in this reading of the directory or in the next one. */
	do {
		int again = open_plain(top, ".");
		result = again < 0 ? again : each_entry(&flattening, again, remove_top_entry);
	} while (result > 0);
	return result < 0 ? result : sys_unlink_at(dirfd, name, AT_REMOVEDIR);
}
