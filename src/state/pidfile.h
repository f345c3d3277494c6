/* pidfile.h: the pid of a container in a file of the caller's, which stays when the container has started. */
#ifndef KIST_STATE_PIDFILE_H
#define KIST_STATE_PIDFILE_H

#include "state/journal.h"
#include "state/record.h"

/* Replaces the file at `path` (absolute) as a whole: decimal, without a line end. In the journal before it is there,
 * under the inode it will have. What is no regular file is left alone: -EEXIST. 0 or -errno. */
int pidfile_write(const struct record *record, const char *path, pid_t pid);
/* The container has started: from here on the file is the caller's. */
int pidfile_leave(const struct record *record, const char *path);
/* Removes what pidfile_write() made, and nothing else. 0 or -errno. */
int pidfile_undo(const struct journal_deed *deed);

#endif
