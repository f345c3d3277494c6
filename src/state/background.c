/* background.c: the end of a box in the background: told by who watched it, awaited, or brought about.
 *
 * A process of the record is its pid and its start time, and is watched and signalled by pidfd: a recycled pid is never
 * taken for it. */
#include "state/background.h"

#include "base/fd.h"
#include "state/journal.h"
#include "state/process.h"
#include "sys/process.h"

#include <errno.h>

enum { CLEAR_MS = 30000, OPEN_TRIES = 15, STATUS_KILLED = 137 };

int background_end(struct arena *arena, struct record *record, int status, struct buf *report, struct err *err)
{
	struct err unsaved;
	/* The status first: from then on a killed runtime takes no news with it. */
	int saved = record_save_status(arena, record, status, &unsaved);
	if (saved < 0 && report)
		buf_printf(report, "%s\n", unsaved.what);
	int result = journal_undo_leave(arena, record, report, err);
	if (saved == 0 || result < 0)
		return result;
	*err = unsaved;
	return saved;
}

/* --- the record of the one that is meant ---------------------------------------------------------------- */

static int check(struct arena *arena, struct record *record, struct err *err)
{
	if (record->background)
		return 0;
	int result = err_set(err, arena, 0, "%s is no box in the background", record->id);
	err->hint = !record_alive(record)
	                    ? "it was killed; kist gc removes what it left"
	                    : arena_printf(arena, "it runs in the foreground of process %d, which has its status",
	                                   (int)record->runtime_pid);
	record_close(record);
	return result;
}

/* While it is started or cleared up after, another command has the lock, and each try waits 2 s for it. */
static int open_record(struct arena *arena, const char *root, const char *id, struct record *record, struct err *err)
{
	int result = record_open(arena, root, id, record, err);
	for (int tries = 1; result == -EBUSY && tries < OPEN_TRIES; tries++)
		result = record_open(arena, root, id, record, err);
	if (result == -ENOENT)
		err->hint = "it has ended and was removed, or its record is another user's or under another --root";
	return result < 0 ? result : check(arena, record, err);
}

/* --- waiting -------------------------------------------------------------------------------------------- */

/* True when it has ended within the time (-1: for ever); one that had ended before has no descriptor. */
static bool ends(int pidfd, int milliseconds)
{
	int result;
	do {
		result = pidfd < 0 ? POLLIN : sys_poll(pidfd, POLLIN, milliseconds);
	} while (result == -EINTR);
	return result > 0;
}

static int await(struct arena *arena, struct record *record, struct err *err)
{
	FD_AUTO int runtime = process_identify(record->runtime_pid, record->runtime_start);
	FD_AUTO int process = process_identify(record->pid, record->start_time);
	int result = runtime < 0 && runtime != -ESRCH ? runtime : process < 0 && process != -ESRCH ? process : 0;
	record_unlock(record);
	if (result < 0 || !ends(runtime, -1) || !ends(process, -1))
		return err_set(err, arena, -result, "cannot watch the processes of %s", record->id);
	return 0;
}

int background_wait(struct arena *arena, const char *root, const char *id, int *status, struct err *err)
{
	struct record record;
	int result;
	do {
		result = open_record(arena, root, id, &record, err);
	} while (result == -EBUSY);
	if (result < 0)
		return result;
	/* Opened now: others may remove the record as soon as it has ended. */
	FD_AUTO int json = record_open_json(&record);
	if (record.status == STATUS_UNKNOWN)
		result = await(arena, &record, err);
	if (result == 0 && record.status == STATUS_UNKNOWN)
		result = record_read(arena, json, &record, err);
	record_close(&record);
	if (result == 0 && record.status == STATUS_UNKNOWN) {
		result = err_set(err, arena, 0, "the kist that watched %s was killed, and with it the box", id);
		err->hint = arena_printf(arena, "kist stop %s removes what it left", id);
		err->status = STATUS_KILLED;
		return -EOWNERDEAD;
	}
	if (result == 0)
		*status = record.status;
	return result;
}

/* --- stopping ------------------------------------------------------------------------------------------- */

/* A stopped one does nothing before it goes on. One that is not stopped would pass SIGCONT on. */
static void wake(int pidfd, pid_t pid)
{
	struct process_stat stat;
	if (process_read_stat(pid, &stat) == 0 && stat.state == 'T')
		sys_pidfd_signal(pidfd, SIGCONT);
}

/* 0 also when it ended just now. */
static int ask(int pidfd, pid_t pid)
{
	int result = sys_pidfd_signal(pidfd, SIGTERM);
	wake(pidfd, pid);
	return result == -ESRCH ? 0 : result;
}

static int no_end(struct arena *arena, const char *id, pid_t pid, struct err *err)
{
	return err_set(err, arena, ETIMEDOUT, "cannot stop %s: %s does not end", id, process_describe(arena, pid));
}

static int end(struct arena *arena, const struct record *record, uint32_t timeout_ms, struct err *err)
{
	FD_AUTO int process = process_identify(record->pid, record->start_time);
	FD_AUTO int runtime = process_identify(record->runtime_pid, record->runtime_start);
	int result = process < 0 && process != -ESRCH ? process : 0;
	if (result == 0 && runtime != -ESRCH)
		result = runtime < 0 ? runtime : ask(runtime, record->runtime_pid);
	if (result < 0)
		return err_set(err, arena, -result, "cannot signal %s", record->id);
	/* With nobody to pass the signal on it is being killed already. */
	if (runtime < 0 || !ends(process, (int)timeout_ms))
		result = process < 0 ? 0 : process_end(process);
	if (result == -ETIMEDOUT)
		return no_end(arena, record->id, record->pid, err);
	if (result < 0)
		return err_set(err, arena, -result, "cannot kill process %d of %s", (int)record->pid, record->id);
	wake(runtime, record->runtime_pid);
	return ends(runtime, CLEAR_MS) ? 0 : no_end(arena, record->id, record->runtime_pid, err);
}

/* Unless another command removed it meanwhile, and perhaps one of this name runs again. */
static int clear(struct arena *arena, const struct record *ended, struct err *err)
{
	struct record record;
	int result = record_open(arena, ended->root, ended->id, &record, err);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	if (record.runtime_pid == ended->runtime_pid && record.runtime_start == ended->runtime_start)
		return journal_undo(arena, &record, NULL, err);
	record_close(&record);
	return 0;
}

int background_clear(struct arena *arena, const char *root, const char *id, pid_t runtime, struct err *err)
{
	struct record record;
	int result = record_open(arena, root, id, &record, err);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	/* Its process may still be dying. Without a record.json the runtime is not known, and was killed. */
	if (record.runtime_pid ? record.runtime_pid == runtime : !record_alive(&record))
		return journal_undo(arena, &record, NULL, err);
	record_close(&record);
	return 0;
}

int background_stop(struct arena *arena, const char *root, const char *id, uint32_t timeout_ms, struct err *err)
{
	struct record record;
	int result = open_record(arena, root, id, &record, err);
	if (result < 0)
		return result;
	if (!record_alive(&record))
		return journal_undo(arena, &record, NULL, err);
	/* The runtime wants the lock when it clears up. */
	record_close(&record);
	result = end(arena, &record, timeout_ms, err);
	return result < 0 ? result : clear(arena, &record, err);
}
