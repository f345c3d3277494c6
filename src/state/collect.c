/* collect.c: `kist gc`: clears up after runtimes that were killed. */
#include "base/buf.h"
#include "state/journal.h"
#include "state/record.h"
#include "state/root.h"

#include <errno.h>
#include <string.h>

/* 1 when it was removed, 0 when it lives or somebody is at work on it, -errno with a line in report. */
static int collect_one(struct arena *arena, const char *root, const char *id, struct buf *report)
{
	struct record record;
	struct err err = { 0 };
	int result = record_open(arena, root, id, &record, &err);
	if (result == -ENOENT || result == -EBUSY)
		return 0;
	if (result < 0) {
		buf_printf(report, "%s\n", err.what);
		return result;
	}
	if (!record_is_debris(&record)) {
		record_close(&record);
		return 0;
	}
	int status = record.status;
	result = journal_undo(arena, &record, report, &err);
	if (result < 0)
		return result;
	if (status == STATUS_UNKNOWN)
		buf_printf(report, "removed what %s left\n", id);
	else
		buf_printf(report, "removed %s, which had ended with status %d\n", id, status);
	return 1;
}

int record_collect(struct arena *arena, const char *root, struct buf *report, struct err *err)
{
	int rootfd = root_open(arena, root, false, err);
	if (rootfd < 0)
		return rootfd == -ENOENT ? 0 : rootfd;
	struct buf ids;
	/* Ids first, deeds after: records are removed while the directory would still be read. */
	int result = root_list(arena, rootfd, &ids);
	if (result < 0)
		return err_set(err, arena, -result, "cannot list the state root %s", root);
	int removed = 0, failed = 0;
	for (size_t at = 0; at < ids.length; at += strlen(ids.bytes + at) + 1) {
		int one = collect_one(arena, root, ids.bytes + at, report);
		removed += one > 0;
		failed += one < 0;
	}
	if (failed)
		return err_set(err, arena, 0, "%d of the records in %s could not be removed", failed, root);
	return removed;
}
