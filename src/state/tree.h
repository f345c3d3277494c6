/* tree.h: removing a directory with everything below it. */
#ifndef KIST_STATE_TREE_H
#define KIST_STATE_TREE_H

/* Removes `name` below dirfd: a file, a link itself, or a directory of any depth. Follows no link, enters no other
 * mount, and makes directories searchable that their owner cannot search (overlayfs leaves `work/work` with mode 000).
 * 0 (also when there is nothing), or the first -errno. */
int tree_remove(int dirfd, const char *name);

#endif
