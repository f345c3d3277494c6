/* layer.c: one file of an upper layer, looked at. */
#include "keep/layer.h"

#include "base/fd.h"
#include "sys/open.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

enum { ATTRIBUTE_TRIES = 8, COMPARE_BYTES = 64 << 10 };

int layer_open(int dirfd, const char *path, int flags)
{
	const int careful =
		flags & O_PATH ? O_NOFOLLOW : O_NOFOLLOW | O_NONBLOCK | O_NOCTTY; /* openat2 wants no others */
	return sys_openat2(dirfd, *path ? path : ".", (uint64_t)(flags | careful), 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

/* --- overlayfs's own attributes ------------------------------------------------------------------ */

static const char *const prefixes[] = { "trusted.overlay.", "user.overlay.", "user.fuseoverlayfs." };

static bool is_overlays(const char *name)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* The first byte of an attribute of overlayfs under either of its names; 0: there is none. */
static char own_attribute(int fd, const char *word)
{
	char name[64], value[64];
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		size_t length = strlen(prefixes[i]);
		memcpy(name, prefixes[i], length);
		memcpy(name + length, word, strlen(word) + 1);
		ssize_t got = fgetxattr(fd, name, value, sizeof(value));
		if (got >= 0 || errno == ERANGE)
			return got > 0 ? value[0] : 'y';
	}
	return 0;
}

bool layer_is_opaque(int fd)
{
	return own_attribute(fd, "opaque") == 'y';
}

bool layer_is_redirected(int fd)
{
	return own_attribute(fd, "redirect") || own_attribute(fd, "metacopy");
}

bool layer_has_capabilities(int fd)
{
	return fgetxattr(fd, "security.capability", NULL, 0) > 0;
}

bool layer_is_whiteout(int dirfd, const char *name, const struct stat *status)
{
	if (S_ISCHR(status->st_mode))
		return status->st_rdev == makedev(0, 0);
	if (!S_ISREG(status->st_mode) || status->st_size)
		return false;
	FD_AUTO int fd = layer_open(dirfd, name, O_RDONLY);
	return fd >= 0 && own_attribute(fd, "whiteout");
}

/* --- the others ---------------------------------------------------------------------------------- */

static int compare_words(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The list may grow between asking for its size and reading it. */
static int list_attributes(struct arena *arena, int fd, char **bytes, size_t *length)
{
	for (int tries = 0; tries < ATTRIBUTE_TRIES; tries++) {
		ssize_t size = flistxattr(fd, NULL, 0);
		*bytes = size > 0 ? arena_alloc(arena, (size_t)size + 1) : NULL;
		if (size > 0)
			size = flistxattr(fd, *bytes, (size_t)size);
		if (size < 0 && errno == ERANGE)
			continue;
		*length = size > 0 ? (size_t)size : 0;
		return size < 0 && errno != EOPNOTSUPP ? -errno : 0;
	}
	return -EAGAIN;
}

int layer_attributes(struct arena *arena, int fd, struct layer_names *names)
{
	char *bytes;
	size_t length, most = 0;
	int result = list_attributes(arena, fd, &bytes, &length);
	*names = (struct layer_names){ 0 };
	if (result < 0 || length == 0)
		return result;
	for (size_t at = 0; at < length; at++)
		most += bytes[at] == '\0';
	names->items = ARENA_ARRAY(arena, most + 1, const char *);
	for (size_t at = 0; at < length; at += strlen(bytes + at) + 1)
		if (!is_overlays(bytes + at))
			names->items[names->count++] = bytes + at;
	qsort(names->items, names->count, sizeof(*names->items), compare_words);
	return 0;
}

int layer_attribute(struct arena *arena, int fd, const char *name, char **value, size_t *length)
{
	for (int tries = 0; tries < ATTRIBUTE_TRIES; tries++) {
		ssize_t size = fgetxattr(fd, name, NULL, 0);
		*value = arena_alloc(arena, size > 0 ? (size_t)size + 1 : 1);
		if (size > 0)
			size = fgetxattr(fd, name, *value, (size_t)size);
		if (size < 0 && errno == ERANGE)
			continue;
		*length = size > 0 ? (size_t)size : 0;
		return size < 0 ? -errno : 0;
	}
	return -EAGAIN;
}

int layer_same_attributes(struct arena *arena, int one, int other)
{
	struct layer_names ours, theirs;
	int result = layer_attributes(arena, one, &ours);
	if (result == 0)
		result = layer_attributes(arena, other, &theirs);
	if (result < 0)
		return result;
	bool same = ours.count == theirs.count;
	for (size_t i = 0; same && i < ours.count; i++) {
		char *left, *right;
		size_t left_length, right_length;
		same = strcmp(ours.items[i], theirs.items[i]) == 0;
		if (!same)
			break;
		result = layer_attribute(arena, one, ours.items[i], &left, &left_length);
		if (result == 0)
			result = layer_attribute(arena, other, ours.items[i], &right, &right_length);
		if (result < 0)
			return result;
		same = left_length == right_length && memcmp(left, right, left_length) == 0;
	}
	return same;
}

/* --- content ------------------------------------------------------------------------------------- */

/* As much as fits, unless the file ends before. */
static long read_whole(int fd, char *bytes, size_t size)
{
	size_t used = 0;
	while (used < size) {
		long got = sys_read(fd, bytes + used, size - used);
		if (got < 0)
			return got;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (long)used;
}

int layer_same_content(int one, int other)
{
	char left[COMPARE_BYTES], right[COMPARE_BYTES];
	for (;;) {
		long ours = read_whole(one, left, sizeof(left));
		long theirs = ours < 0 ? ours : read_whole(other, right, sizeof(right));
		if (theirs < 0)
			return (int)theirs;
		if (ours != theirs || memcmp(left, right, (size_t)ours) != 0)
			return 0;
		if (ours == 0)
			return 1;
	}
}

int layer_link(struct arena *arena, int dirfd, const char *name, char **target)
{
	char bytes[PATH_MAX];
	int length = sys_readlink_at(dirfd, name, bytes, sizeof(bytes));
	if (length < 0)
		return length;
	*target = arena_copy(arena, bytes, (size_t)length);
	return 0;
}
