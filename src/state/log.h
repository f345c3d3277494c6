/* log.h: the file that a box in the background writes to. */
#ifndef KIST_STATE_LOG_H
#define KIST_STATE_LOG_H

#include "state/record.h"

/* A descriptor, for appending, of the file at `path` (absolute), which is the caller's: links to an existing one are
 * followed. One that does not exist is made (0600), never through a link, and stands in the journal until
 * pidfile_leave(). -EEXIST for a link that leads nowhere, -ENXIO for a FIFO that nobody reads, or another -errno. */
int log_open(const struct record *record, const char *path);

#endif
