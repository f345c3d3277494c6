/* export.h: kept changes as a stream of records for the archive helper (archive/record.h). */
#ifndef KIST_KEEP_EXPORT_H
#define KIST_KEEP_EXPORT_H

#include "keep/change.h"

/* Writes each change to the descriptor, as an OCI layer has it: added and changed files with the directories that
 * lead to them, and for what was deleted an empty file ".wh.NAME". Sockets cannot be in an archive: *sockets counts
 * them. 0 or -errno with err; -EPIPE without words when nobody reads any more. */
int keep_export(struct arena *arena, const struct keep *keep, const struct keep_changes *changes, int fd,
                size_t *sockets, struct err *err);

#endif
