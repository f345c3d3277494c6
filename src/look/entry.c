/* entry.c: what somebody who enters a process finds there, and what the process itself may do at most. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "look/look.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_LIMIT = 64 << 10 };

static bool same_file(const struct stat *one, const struct stat *other)
{
	return one->st_ino == other->st_ino && one->st_dev == other->st_dev;
}

static int fail(struct arena *arena, const char *word, int result, struct err *err)
{
	err_set(err, arena, -result, "cannot look into process %s", word);
	if (result == -ESRCH || result == -ENOENT)
		err->hint = "it has ended";
	else
		err->hint = "the kernel shows it to its own user, and only what that user may trace "
			    "(PTRACE_MODE_READ, ptrace(2)); to others it takes CAP_SYS_PTRACE: run kist as root";
	return result;
}

/* By device and inode: an inode number alone is any file's. A kernel may lack a kind, but no mount namespace. */
static int read_others(struct arena *arena, const struct look_target *target, uint32_t *others)
{
	FD_AUTO int own = sys_open_at(AT_FDCWD, "/proc/self", O_PATH | O_DIRECTORY, 0);
	*others = 0;
	for (size_t i = 0; i < LOOK_TYPES; i++) {
		struct stat theirs, ours;
		const char *path = arena_printf(arena, "ns/%s", look_types[i].name);
		int result = sys_stat_at(target->processfd, path, 0, &theirs);
		if (result == -ENOENT && look_types[i].type != ABI_NEWNS)
			continue;
		if (result < 0)
			return result;
		if (own < 0 || sys_stat_at(own, path, 0, &ours) < 0 || !same_file(&ours, &theirs))
			*others |= look_types[i].type;
	}
	return 0;
}

static int read_text(struct arena *arena, const struct look_target *target, const char *name, const char **text)
{
	char *bytes;
	size_t length;
	int result = file_read_at(arena, target->processfd, name, FILE_LIMIT, &bytes, &length);
	if (result == 0)
		*text = bytes;
	return result;
}

/* Without these lines nobody could say how much is too much, so that is a failure and not "none". */
static int read_limits(struct arena *arena, const struct look_target *target, struct look_entry *entry)
{
	const char *text = NULL;
	int result = read_text(arena, target, "status", &text);
	const char *bounding = result == 0 ? strstr(text, "\nCapBnd:") : NULL;
	const char *privileges = result == 0 ? strstr(text, "\nNoNewPrivs:") : NULL;
	if (result < 0 || !bounding || !privileges)
		return result < 0 ? result : -EBADMSG;
	entry->bounding = strtoull(bounding + strlen("\nCapBnd:"), NULL, 16);
	entry->no_new_privs = strtoul(privileges + strlen("\nNoNewPrivs:"), NULL, 10) != 0;
	return 0;
}

static int read_user_namespace(struct arena *arena, const struct look_target *target, struct look_entry *entry)
{
	const char *setgroups = "allow";
	int result = read_text(arena, target, "uid_map", &entry->uid_map);
	if (result == 0)
		result = read_text(arena, target, "gid_map", &entry->gid_map);
	if (result == 0)
		result = read_text(arena, target, "setgroups", &setgroups);
	entry->denies_setgroups = strncmp(setgroups, "deny", 4) == 0;
	return result;
}

/* The kernel writes the path as seen from the top of that mount namespace, or from here; what the process itself calls
 * it begins at its root. Only a name that leads there, from that root, to the same directory is one: it may be deleted,
 * covered by a mount, or outside. */
static const char *name_directory(struct arena *arena, const struct look_target *target, int root)
{
	char path[PATH_MAX], top[PATH_MAX];
	struct stat there, named;
	ssize_t length = readlinkat(target->processfd, "cwd", path, sizeof(path) - 1);
	ssize_t start = readlinkat(target->processfd, "root", top, sizeof(top) - 1);
	if (length <= 0 || start <= 0 || sys_stat_at(target->processfd, "cwd", 0, &there) < 0)
		return "/";
	path[length] = '\0';
	const char *name = start > 1 && length > start && memcmp(path, top, (size_t)start) == 0 ? path + start : path;
	FD_AUTO int fd = *name == '/' ? sys_openat2(root, name, O_PATH | O_DIRECTORY, 0,
	                                            UAPI_RESOLVE_IN_ROOT | UAPI_RESOLVE_NO_MAGICLINKS)
	                              : -1;
	if (fd < 0 || sys_stat_fd(fd, &named) < 0 || !same_file(&there, &named))
		return "/";
	return arena_string(arena, name);
}

int look_at_entry(struct arena *arena, const struct look_target *target, const char *word, struct look_entry *entry,
                  struct err *err)
{
	struct stat theirs, ours;
	*entry = (struct look_entry){ 0 };
	FD_AUTO int root = sys_open_at(target->processfd, "root", O_PATH | O_DIRECTORY, 0);
	int result = root < 0 ? root : read_others(arena, target, &entry->others);
	if (result == 0)
		result = sys_stat_fd(root, &theirs);
	if (result == 0)
		result = sys_stat_at(AT_FDCWD, "/", 0, &ours);
	if (result == 0)
		result = read_limits(arena, target, entry);
	if (result == 0)
		result = read_user_namespace(arena, target, entry);
	if (result < 0)
		return fail(arena, word, result, err);
	entry->other_root = !same_file(&theirs, &ours);
	entry->cwd = name_directory(arena, target, root);
	return 0;
}
