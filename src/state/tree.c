/* tree.c: removes a tree of any depth with a handful of descriptors.
 *
 * A container chose what is in it, so it may be a million directories deep: a walk that recurses all the way would
 * run out of stack and of descriptors. Here the first few levels are walked, which is all that most trees have; each
 * directory found below them is given to the top (a rename), and the top is read again until nothing is left. */
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

enum { OWNER_ALL = 0700, WALKED_LEVELS = 4, ENTRIES_SIZE = 1024 };

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

/* What needs no look inside: 0 when it is gone, 1 for a directory that is not empty, or -errno. `directory`: it is
 * known to be one. */
static int remove_plain(int dirfd, const char *name, bool directory)
{
	int result = directory ? -EISDIR : sys_unlink_at(dirfd, name, 0);
	if (result == 0 || result == -ENOENT)
		return 0;
	if (result != -EISDIR && result != -EPERM) /* POSIX wants EPERM for a directory, Linux says EISDIR */
		return result;
	int removed = sys_unlink_at(dirfd, name, AT_REMOVEDIR);
	if (removed == -ENOENT)
		return 0;
	if (removed == -ENOTDIR)
		return directory ? sys_unlink_at(dirfd, name, 0) : result;
	return removed < 0 ? 1 : 0; /* the reason is found again when it is emptied */
}

/* A directory that is too deep to be walked. One that changes its parent changes its own ".." too, so it must be
 * writable itself. */
static int lift(struct flattening *flattening, int dirfd, const char *name)
{
	for (;;) {
		char fresh[32];
		snprintf(fresh, sizeof(fresh), ".kist-%llu", (unsigned long long)flattening->number++);
		int result = sys_result(
			syscall(SYS_renameat2, dirfd, name, flattening->top, fresh, 1 /* RENAME_NOREPLACE */));
		if (result != -EEXIST)
			return result;
	}
}

static int empty(struct flattening *flattening, int dirfd, int level);

/* Files go, directories go when they are empty, or after they were emptied, or to the top. */
static int remove_entry(struct flattening *flattening, int dirfd, const struct uapi_dirent *entry, int level)
{
	const char *name = entry->name;
	int result = remove_plain(dirfd, name, entry->type == DT_DIR);
	if (result <= 0)
		return result;
	FD_AUTO int child = open_usable(dirfd, name);
	if (child < 0)
		return child;
	if (level == WALKED_LEVELS)
		return lift(flattening, dirfd, name);
	result = empty(flattening, child, level + 1);
	return result < 0 ? result : sys_unlink_at(dirfd, name, AT_REMOVEDIR);
}

/* Removes all entries that one reading of the directory shows. 1: there were some; 0: there were none; or -errno. */
static int empty(struct flattening *flattening, int dirfd, int level)
{
	char entries[ENTRIES_SIZE] __attribute__((aligned(8)));
	long length;
	int found = 0;
	while ((length = sys_read_entries(dirfd, entries, sizeof(entries))) > 0) {
		const struct uapi_dirent *entry;
		for (long at = 0; at < length; at += entry->length) {
			entry = (const struct uapi_dirent *)(const void *)(entries + at);
			if (is_dots(entry->name))
				continue;
			int result = remove_entry(flattening, dirfd, entry, level);
			if (result < 0)
				return result;
			found = 1;
		}
	}
	return length < 0 ? (int)length : found;
}

int tree_remove(int dirfd, const char *name)
{
	int result = remove_plain(dirfd, name, false);
	if (result <= 0)
		return result;
	FD_AUTO int top = open_usable(dirfd, name);
	if (top < 0)
		return top;
	struct flattening flattening = { .top = top };
	int found;
	/* What was moved up appears in this reading of the directory or in the next one. */
	do {
		found = empty(&flattening, top, 0);
		if (found < 0)
			return found;
		lseek(top, 0, SEEK_SET);
		result = sys_unlink_at(dirfd, name, AT_REMOVEDIR);
	} while (found && result < 0);
	return result;
}
