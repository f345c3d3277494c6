/* journal.h: what stands outside because of a container, recorded before each deed, undone backwards.
 *
 * The file `journal` in the record's directory: one line a deed, `VERB inode device path\n`, appended before the deed
 * (inode 0) and again after it (with inode and device; `0 1`: nothing was made). Verbs are a closed set. When undone,
 * each path is validated again: below its prefix (a cgroup mount; the record's directory), opened without following
 * links, same inode. */
#ifndef KIST_STATE_JOURNAL_H
#define KIST_STATE_JOURNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "state/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each verb has one word in the file; see journal.c. */
enum journal_verb {
	JOURNAL_REMOVE_CGROUP, /* rmdir, with the cgroups below; kills what is left inside first */
	JOURNAL_REMOVE_TREE,   /* a scratch directory of the record */
	JOURNAL_REMOVE_RECORD, /* the record itself, last */
	JOURNAL_KILL_PROCESS,  /* pid and start time in place of inode and device; the path is "-" */
	JOURNAL_REMOVE_PARENT, /* a cgroup above: rmdir, unless others use it by then; the last one removes it */
	JOURNAL_REMOVE_MARKED, /* the same for one that was there already: only when another kist made it */
	JOURNAL_REMOVE_FILE,   /* a pid file, by its inode, wherever it is; see pidfile.h */
	JOURNAL_VERBS,
};

/* Before the deed. 0 or -errno. */
int journal_intend(const struct record *record, enum journal_verb verb, const char *path);
/* After it: identity of what was made (inode and device; for KILL_PROCESS pid and start time). */
int journal_done(const struct record *record, enum journal_verb verb, const char *path, uint64_t first,
                 uint64_t second);
/* The deed did not happen, or what is there was made by somebody else: the intention is void; or what was made is
 * left to somebody else. 0 or -errno. */
int journal_cancel(const struct record *record, enum journal_verb verb, const char *path);

/* One deed as it stands in the file, intention and result put together. */
struct journal_deed {
	enum journal_verb verb;
	uint64_t first, second; /* 0: the runtime ended between the deed and its second line */
	const char *path;
	bool cancelled;
};
struct journal {
	struct journal_deed *deeds; /* in the order of the intentions */
	size_t count;
};
/* Reads the text of a journal. A last line without its line end was never finished and is ignored. Anything else that
 * kist does not write: -EBADMSG, with the line in err. */
int journal_parse(struct arena *arena, const char *text, size_t length, struct journal *journal, struct err *err);

/* Walks the journal backwards and undoes everything; every wait is bounded (5 s), a process that will not die is named
 * with its state and wchan. Lines of what was done or failed go to report (may be NULL). 0 or the first -errno. */
int journal_undo(struct arena *arena, struct record *record, struct buf *report, struct err *err);
/* The same, but the record stays, with the status that it holds, and the log; it is closed. */
int journal_undo_leave(struct arena *arena, struct record *record, struct buf *report, struct err *err);

#endif
