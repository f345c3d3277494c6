/* delete.c: removes a container that has ended; by force any. */
#include "state/delete.h"

#include "base/fd.h"
#include "state/freezer.h"
#include "state/journal.h"
#include "state/process.h"
#include "sys/process.h"

#include <errno.h>

/* 0, or refused: it is at something. What was never complete may go. */
static int check_ended(struct arena *arena, const struct record *record, struct err *err)
{
	if (!process_is(record->pid, record->start_time) || record_waits(record) || record_is_debris(record))
		return 0;
	bool paused = freezer_holds(arena, record);
	err_set(err, arena, 0, "cannot delete the container %s: it is %s (pid %d)", record->id,
	        paused ? "paused" : "running", (int)record->pid);
	err->hint = arena_printf(arena, "%s, or kill and delete it: kist delete --force %s",
	                         paused ? "resume and end it first" : "end it first", record->id);
	return -EBUSY;
}

/* Also one that is frozen, which would not die of itself. The journal has it too, unless that is what is damaged. */
static void end_process(struct arena *arena, const struct record *record, struct buf *report)
{
	FD_AUTO int pidfd = record->pid > 1 ? sys_pidfd_open(record->pid) : -ESRCH;
	if (pidfd < 0 || !process_is(record->pid, record->start_time))
		return;
	sys_pidfd_signal(pidfd, SIGKILL);
	freezer_let_die(arena, record);
	if (process_end(pidfd) < 0)
		buf_printf(report, "%s does not end\n", process_describe(arena, record->pid));
}

/* Nobody can tell any more what stands outside; the id is free again. */
static int drop_damaged(struct arena *arena, const char *root, const char *id, struct buf *report, struct err *err)
{
	struct record record;
	int result = record_open_damaged(arena, root, id, &record, err);
	if (result < 0)
		return result;
	buf_printf(report, "what its journal named could not be looked for: see whether a cgroup \"%s\" is left\n", id);
	return record_remove(arena, &record, err);
}

int record_delete(struct arena *arena, const char *root, const char *id, bool force, struct buf *report,
                  struct err *err)
{
	struct record record;
	int result =
		force ? record_open_damaged(arena, root, id, &record, err) : record_open(arena, root, id, &record, err);
	if (result == -EBADMSG)
		err->hint = arena_printf(arena, "kist delete --force %s removes what its journal names", id);
	if (result < 0)
		return result;
	result = force ? 0 : check_ended(arena, &record, err);
	if (result < 0) {
		record_close(&record);
		return result;
	}
	end_process(arena, &record, report);
	result = journal_undo(arena, &record, report, err);
	return result == -EBADMSG && force ? drop_damaged(arena, root, id, report, err) : result;
}
