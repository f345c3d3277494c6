/* copy.h: what a directory holds, copied into a file system that is about to cover it (tmpcopyup). */
#ifndef KIST_INIT_COPY_H
#define KIST_INIT_COPY_H

#include "init/walk.h"

/* Copies directories, files, links and nodes with their modes and owners from one O_PATH directory into another, on one
 * file system, following nothing, at most COPY_DEPTH directories deep. 0, or -errno with the name on the board. */
enum { COPY_DEPTH = 64 };
int copy_tree(struct walker *walker, int from, int to);

#endif
