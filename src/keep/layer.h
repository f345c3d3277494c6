/* layer.h: one file of an upper layer: what overlayfs has made of it, and what it holds. */
#ifndef KIST_KEEP_LAYER_H
#define KIST_KEEP_LAYER_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Below dirfd, never through a link, never into another mount. A descriptor or -errno. */
int layer_open(int dirfd, const char *path, int flags);

/* A file that says: what is below me has no such name. A character device 0:0, or an empty file with the attribute that
 * overlayfs has for this since Linux 6.7 (overlayfs.rst, "Whiteouts and opaque directories"). */
bool layer_is_whiteout(int dirfd, const char *name, const struct stat *status);

/* Of an open directory: nothing of what is below it is seen. */
bool layer_is_opaque(int fd);
/* Of an open file or directory: its data or its lower directory is somewhere else, which kist does not follow. */
bool layer_is_redirected(int fd);

/* Of an open file: it gives capabilities to who executes it. */
bool layer_has_capabilities(int fd);

/* The attributes of an open file that are not overlayfs's own: names one after the other, each NUL-terminated, sorted.
 * 0 or -errno; a file system without attributes has none. */
struct layer_names {
	const char **items;
	size_t count;
};
int layer_attributes(struct arena *arena, int fd, struct layer_names *names);
/* The value of one; -errno. */
int layer_attribute(struct arena *arena, int fd, const char *name, char **value, size_t *length);

/* 1: both hold the same, 0: they differ, or -errno. */
int layer_same_attributes(struct arena *arena, int one, int other);
int layer_same_content(int one, int other);

/* The target of a link, in the arena. 0 or -errno. */
int layer_link(struct arena *arena, int dirfd, const char *name, char **target);

#endif
