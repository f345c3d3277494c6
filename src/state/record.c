/* record.c: the directory of one container: made, opened, locked, saved and removed. */
#include "state/record.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/gate.h"
#include "state/journal.h"
#include "state/record_json.h"
#include "state/root.h"
#include "state/tree.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>

enum { ID_MOST = 255, LOCK_MS = 2000, MAKE_TRIES = 8, RECORD_MODE = 0700, FILE_MODE = 0600 };

bool record_id_valid(const char *id)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-";
	size_t length = strlen(id);
	return length > 0 && length <= ID_MOST && id[0] != '.' && strspn(id, allowed) == length;
}

void record_close(struct record *record)
{
	fd_close(&record->journalfd);
	fd_close(&record->dirfd);
	fd_close(&record->rootfd);
}

static int open_below(int dirfd, const char *name, int flags)
{
	return sys_openat2(dirfd, name, (uint64_t)flags | O_NOFOLLOW, flags & O_CREAT ? FILE_MODE : 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

/* False once the directory was removed, or removed and made again, while we waited for its lock. */
static bool still_there(const struct record *record)
{
	struct stat ours, now;
	return sys_stat_fd(record->dirfd, &ours) == 0 &&
	       sys_stat_at(record->rootfd, record->id, AT_SYMLINK_NOFOLLOW, &now) == 0 && ours.st_ino == now.st_ino &&
	       ours.st_dev == now.st_dev;
}

/* --- opening ------------------------------------------------------------------------------------- */

int record_open_json(const struct record *record)
{
	return open_below(record->dirfd, "record.json", O_RDONLY | O_NONBLOCK);
}

int record_read(struct arena *arena, int fd, struct record *record, struct err *err)
{
	char *text;
	size_t length;
	int result = fd < 0 ? fd : file_read_fd(arena, fd, RECORD_BYTES, &text, &length);
	if (result < 0)
		return err_set(err, arena, -result, "cannot read record.json of %s", record->id);
	if (length == 0) /* nor that one */
		return 0;
	return record_read_json(arena, text, length, record, err);
}

static int read_json(struct arena *arena, struct record *record, struct err *err)
{
	FD_AUTO int fd = record_open_json(record);
	/* Its runtime did not get that far. */
	return fd == -ENOENT ? 0 : record_read(arena, fd, record, err);
}

static int take_lock(struct arena *arena, const struct record *record, struct err *err)
{
	int result = lock_wait(record->dirfd, LOCK_MS);
	if (result == -EWOULDBLOCK)
		return err_set(err, arena, EBUSY, "another kist command is working on %s", record->id);
	if (result < 0)
		return err_set(err, arena, -result, "cannot lock the record of %s", record->id);
	return 0;
}

int record_lock(struct arena *arena, struct record *record, struct err *err)
{
	int result = take_lock(arena, record, err);
	if (result == 0 && !still_there(record))
		return err_set(err, arena, ENOENT, "the record of %s was removed", record->id);
	return result;
}

void record_unlock(struct record *record)
{
	/* Explicitly, not by closing: a process that still has a copy of the descriptor must not prolong it. */
	flock(record->dirfd, LOCK_UN);
}

/* One attempt on an open root. -ESTALE: it was removed meanwhile. -ENOENT without words: there is none. */
static int open_record(struct arena *arena, struct record *record, struct err *err)
{
	fd_close(&record->dirfd);
	int fd = open_below(record->rootfd, record->id, O_RDONLY | O_DIRECTORY);
	if (fd == -ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_set(err, arena, -fd, "cannot open the record of %s", record->id);
	record->dirfd = fd;
	int result = take_lock(arena, record, err);
	if (result < 0)
		return result;
	return still_there(record) ? 0 : -ESTALE;
}

int record_check_id(struct arena *arena, const char *id, struct err *err)
{
	if (record_id_valid(id))
		return 0;
	return err_set(err, arena, EINVAL,
	               "the id \"%s\" is invalid: letters, digits and _ + . - make an id, not beginning "
	               "with a dot, at most %d bytes",
	               id, ID_MOST);
}

int record_missing(struct arena *arena, const char *root, const char *id, struct err *err)
{
	int result = err_set(err, arena, ENOENT, "the container \"%s\" does not exist", id);
	err->hint = arena_printf(arena, "kist --root %s list shows those there are", root);
	return result;
}

/* The directory, locked; record->root and id are set. */
static int open_locked(struct arena *arena, struct record *record, struct err *err)
{
	int result = record_check_id(arena, record->id, err);
	if (result < 0)
		return result;
	record->rootfd = root_open(arena, record->root, false, err);
	if (record->rootfd < 0 && record->rootfd != -ENOENT)
		return record->rootfd;
	result = record->rootfd < 0 ? -ENOENT : -ESTALE;
	for (int tries = 0; result == -ESTALE && tries < MAKE_TRIES; tries++)
		result = open_record(arena, record, err);
	if (result < 0)
		record_close(record);
	if (result == -ENOENT || result == -ESTALE)
		return record_missing(arena, record->root, record->id, err);
	return result;
}

int record_open_damaged(struct arena *arena, const char *root, const char *id, struct record *record, struct err *err)
{
	struct err ignored;
	struct record opened = RECORD_NONE;
	opened.root = arena_string(arena, root);
	opened.id = arena_string(arena, id);
	int result = open_locked(arena, &opened, err);
	if (result < 0)
		return result;
	(void)read_json(arena, &opened, &ignored);
	*record = opened;
	return 0;
}

int record_open(struct arena *arena, const char *root, const char *id, struct record *record, struct err *err)
{
	struct record opened = RECORD_NONE;
	opened.root = arena_string(arena, root);
	opened.id = arena_string(arena, id);
	int result = open_locked(arena, &opened, err);
	if (result == 0)
		result = read_json(arena, &opened, err);
	if (result < 0)
		record_close(&opened);
	else
		*record = opened;
	return result;
}

/* --- making -------------------------------------------------------------------------------------- */

/* Between mkdir and the lock somebody may take the new directory for debris and remove it; then it is made again.
 * 0, -EEXIST: somebody's directory is there, or was a moment ago; or another -errno. */
static int make_directory(struct record *record)
{
	int result = sys_mkdir_at(record->rootfd, record->id, RECORD_MODE);
	if (result < 0)
		return result;
	FD_AUTO int fd = open_below(record->rootfd, record->id, O_RDONLY | O_DIRECTORY);
	result = fd < 0 ? fd : lock_wait(fd, LOCK_MS);
	if (result < 0) {
		sys_unlink_at(record->rootfd, record->id, AT_REMOVEDIR); /* made just now, so it is empty */
		return result == -ENOENT ? -EEXIST : result;
	}
	record->dirfd = fd_take(&fd);
	if (still_there(record))
		return 0;
	fd_close(&record->dirfd);
	return -EEXIST;
}

/* Failures that what kist leaves behind does not lead to. */
static bool is_foreign(int result)
{
	return result == -EBADMSG || result == -ELOOP || result == -ENOTDIR || result == -EISDIR || result == -EFBIG ||
	       result == -EXDEV;
}

static const char *status_word(const struct record *record)
{
	bool lives = process_is(record->pid, record->start_time);
	return record_waits(record) ? "created" : lives || record->stage == RECORD_FOREGROUND ? "running" : "stopped";
}

/* The id is taken: by a living container, or by what a dead one left. 0 when the way is free now. */
static int clear_away(struct arena *arena, const struct record *record, struct err *err)
{
	struct record old = RECORD_NONE;
	int result = record_open(arena, record->root, record->id, &old, err);
	if (result == -ENOENT)
		return 0;
	if (result == 0 && !record_is_debris(&old)) {
		const char *status = status_word(&old);
		record_close(&old);
		result = err_set(err, arena, EEXIST, "the id %s is taken by a %s container (pid %d)", record->id,
		                 status, (int)old.pid);
		err->hint = old.stage == RECORD_FOREGROUND
		                    ? "choose another id, or end that container first"
		                    : arena_printf(arena, "choose another id, or remove it: kist delete %s", old.id);
		return result;
	}
	if (result == 0 && old.status != STATUS_UNKNOWN) {
		record_close(&old);
		result = err_set(err, arena, EEXIST,
		                 "the id %s is taken by a box that has ended in the background, with status %d",
		                 record->id, old.status);
		err->hint = arena_printf(arena, "choose another id, or remove what it left: kist stop %s", record->id);
		return result;
	}
	if (result == 0)
		result = journal_undo(arena, &old, NULL, err);
	if (is_foreign(result))
		err->hint = arena_printf(arena, "%s/%s is in the way: look at what it is, and remove it by hand",
		                         record->root, record->id);
	return result;
}

static int journal_begin(struct arena *arena, struct record *record, struct err *err)
{
	struct stat status;
	const char *path = arena_printf(arena, "%s/%s", record->root, record->id);
	record->journalfd = open_below(record->dirfd, "journal", O_WRONLY | O_APPEND | O_CREAT | O_EXCL);
	int result = record->journalfd < 0 ? record->journalfd : sys_stat_fd(record->dirfd, &status);
	if (result == 0)
		result = journal_done(record, JOURNAL_REMOVE_RECORD, path, status.st_ino, status.st_dev);
	if (result < 0)
		return err_set(err, arena, -result, "cannot write the journal of %s", record->id);
	return 0;
}

int record_make(struct arena *arena, struct record *record, struct err *err)
{
	int result = record_check_id(arena, record->id, err);
	if (result < 0)
		return result;
	record->dirfd = record->journalfd = -1;
	record->rootfd = root_open(arena, record->root, true, err);
	if (record->rootfd < 0)
		return record->rootfd;
	result = make_directory(record);
	for (int tries = 0; result == -EEXIST && tries < MAKE_TRIES; tries++) {
		result = clear_away(arena, record, err);
		if (result < 0) {
			record_close(record);
			return result;
		}
		result = make_directory(record);
	}
	if (result < 0) {
		record_close(record);
		return err_set(err, arena, -result, "cannot make the record of %s in %s", record->id, record->root);
	}
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	record->created = now.tv_sec;
	record->runtime_pid = getpid();
	result = journal_begin(arena, record, err);
	if (result < 0)
		record_remove(arena, record, &(struct err){ 0 });
	return result;
}

/* The first one replaces nothing, so it needs no second name. One write(2): a runtime that is killed leaves all of it
 * or an empty file. */
static int put_json(const struct record *record, const struct buf *text)
{
	FD_AUTO int fd = open_below(record->dirfd, "record.json", O_WRONLY | O_CREAT | O_EXCL);
	if (fd == -EEXIST)
		return file_replace_at(record->dirfd, "record.json", FILE_MODE, text->bytes, text->length);
	return fd < 0 ? fd : file_write_fd(fd, text->bytes, text->length);
}

/* The text of the record, as its runtime has it. */
static int write_json(struct buf *text, const struct record *record)
{
	struct record whole = *record;
	int result = whole.runtime_start ? 0 : process_start_time(whole.runtime_pid, &whole.runtime_start);
	if (result == 0)
		record_write_json(text, &whole);
	return result;
}

int record_save(struct arena *arena, const struct record *record, struct err *err)
{
	struct buf text = buf_in(arena);
	int result = write_json(&text, record);
	if (result == 0)
		result = put_json(record, &text);
	if (result < 0)
		return err_set(err, arena, -result, "cannot save the record of %s", record->id);
	return 0;
}

int record_save_status(struct arena *arena, struct record *record, int status, struct err *err)
{
	struct buf text = buf_in(arena);
	FD_AUTO int fd = open_below(record->dirfd, "record.json", O_WRONLY);
	record->status = status;
	int result = fd < 0 ? fd : write_json(&text, record);
	/* Over what is there: it only grows. */
	if (result == 0)
		result = file_write_fd(fd, text.bytes, text.length);
	if (result < 0)
		return err_set(err, arena, -result, "cannot save the status of %s", record->id);
	return 0;
}

int record_remove(struct arena *arena, struct record *record, struct err *err)
{
	/* The journal goes last: while it stands, a runtime that is killed here is cleared up after. */
	static const char *const order[] = { "record.json", "board", "hooks.json", "journal" };
	if (record->stage != RECORD_FOREGROUND)
		gate_remove(record);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		sys_unlink_at(record->dirfd, order[i], 0);
	int result = sys_unlink_at(record->rootfd, record->id, AT_REMOVEDIR);
	if (result == -ENOTEMPTY) /* files of an interrupted save */
		result = tree_remove(record->rootfd, record->id);
	if (result < 0 && result != -ENOENT)
		return err_set(err, arena, -result, "cannot remove the record %s/%s", record->root, record->id);
	record_close(record);
	return 0;
}
