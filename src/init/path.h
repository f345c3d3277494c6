/* path.h: every path inside the container, from the root's descriptor and never out of it.
 *
 * A path is resolved by the kernel with RESOLVE_IN_ROOT: an absolute link or ".." of a hostile image ends in the root,
 * and what was opened is acted upon by descriptor only. Missing parts are made one component at a time. Init's umask is
 * 0: what is made has the mode that was asked for (C16). */
#ifndef KIST_INIT_PATH_H
#define KIST_INIT_PATH_H

#include <stdbool.h>
#include <stdint.h>

enum { PATH_SIZE = 4096, NAME_SIZE = 256 };

/* openat2(2) in the root. `flags` O_PATH, O_DIRECTORY, O_NOFOLLOW (of the last component), O_RDONLY... */
int path_open(int root, const char *path, uint64_t flags);

/* An O_PATH descriptor of the directory at `path`, made with its parents when missing (`mode` is for the last one,
 * 0755 for the others). A dangling link is followed in the root and its target made, as images
 * rely on (/var/run -> /run). */
int path_make_directory(int root, const char *path, unsigned mode);
/* The same for a path that was just found to be missing. */
int path_make_missing(int root, const char *path, unsigned mode);
/* The same for an empty regular file; what exists at `path` is opened whatever it is. */
int path_make_file(int root, const char *path);

/* Copies the name of the last component, for what must not be resolved itself, and returns how long the text before it
 * is. -EINVAL when there is no name to speak of ("/", ".", ".."), -ENAMETOOLONG. */
int path_split(const char *path, char name[NAME_SIZE]);
/* Opens the directory that holds the last component, made when missing, and copies that component's name. */
int path_open_parent(int root, const char *path, char name[NAME_SIZE]);

/* mkdirat, mknodat or an exclusive creat below `parent`. */
int path_make_node(int parent, const char *name, unsigned mode, uint64_t device);

/* "/", "", "/./": the root itself. */
bool path_is_root(const char *path);

/* Opens a regular file of the container for reading; -EINVAL when it is anything else (a FIFO would block, a device may
 * act). `in`: the root descriptor. */
int path_open_regular(int root, const char *path);

#endif
