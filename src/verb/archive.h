/* archive.h: kept changes as a tar archive, made by kist's helper. */
#ifndef KIST_VERB_ARCHIVE_H
#define KIST_VERB_ARCHIVE_H

#include "keep/change.h"
#include "verb/verb.h"

/* The archive to standard output. The exit status; whatever went wrong has been reported. */
int archive_write(struct command *command, const struct keep *keep, const struct keep_changes *changes);

#endif
