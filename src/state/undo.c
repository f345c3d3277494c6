/* undo.c: walks a journal backwards: every deed is looked at again, then undone, and only the very thing it made. */
#include "base/fd.h"
#include "base/file.h"
#include "state/cgroup.h"
#include "state/idmap.h"
#include "state/journal.h"
#include "state/kept_hooks.h"
#include "state/pidfile.h"
#include "state/process.h"
#include "state/tree.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { JOURNAL_BYTES = 1 << 20 };

struct undo {
	struct arena *arena;
	struct record *record;
	struct err *err;
};

static int undo_cgroup(struct undo *undo, const struct journal_deed *deed)
{
	const struct cgroup_target target = {
		.path = deed->path,
		.inode = deed->first,
		.device = deed->second,
		.parent = deed->verb != JOURNAL_REMOVE_CGROUP,
		.marked = deed->verb == JOURNAL_REMOVE_MARKED,
	};
	return cgroup_remove(undo->arena, &target, undo->err);
}

/* The pidfd first, then the look at the start time: what passes is the process of the record, and stays it. */
static int undo_process(struct undo *undo, const struct journal_deed *deed)
{
	pid_t pid = deed->first <= INT_MAX ? (pid_t)deed->first : 0;
	if (pid <= 1 || pid == getpid())
		return 0;
	FD_AUTO int pidfd = sys_pidfd_open(pid);
	if (pidfd < 0 || !process_is(pid, deed->second))
		return 0;
	int result = process_end(pidfd);
	if (result < 0)
		return err_set(undo->err, undo->arena, -result, "cannot end %s", process_describe(undo->arena, pid));
	return 0;
}

/* The name of the scratch directory in the record; NULL when the path leads anywhere else. Scratch directories may lie
 * in one another; the one on top takes the rest with it. */
static const char *scratch_name(const struct record *record, const char *path)
{
	size_t root = strlen(record->root), id = strlen(record->id);
	if (strncmp(path, record->root, root) != 0 || path[root] != '/' ||
	    strncmp(path + root + 1, record->id, id) != 0 || path[root + 1 + id] != '/')
		return NULL;
	const char *name = path + root + id + 2;
	return *name ? name : NULL;
}

/* The directory that holds it, inside the record and without links on the way. */
static int open_scratch_parent(struct undo *undo, const char *name, const char **last)
{
	const uint64_t resolve = UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV;
	char *parent = arena_string(undo->arena, name);
	char *slash = strrchr(parent, '/');
	*last = slash ? name + (slash - parent) + 1 : name;
	if (slash)
		*slash = '\0';
	if (!**last || strcmp(*last, ".") == 0 || strcmp(*last, "..") == 0)
		return -EINVAL;
	return sys_openat2(undo->record->dirfd, slash ? parent : ".", O_PATH | O_DIRECTORY, 0, resolve);
}

static int undo_tree(struct undo *undo, const struct journal_deed *deed)
{
	const char *last, *name = scratch_name(undo->record, deed->path);
	FD_AUTO int parent = name ? open_scratch_parent(undo, name, &last) : -EXDEV;
	int result = parent;
	if (parent >= 0)
		result = tree_remove(parent, last);
	if ((result == -EACCES || result == -EPERM) && parent >= 0 && geteuid() != 0)
		result = idmap_tree_remove(undo->arena, undo->record, parent, last);
	if (result < 0 && result != -ENOENT)
		return err_set(undo->err, undo->arena, -result, "cannot remove %s", deed->path);
	return 0;
}

static int undo_record(struct undo *undo, const struct journal_deed *deed)
{
	struct stat status;
	int result = sys_stat_fd(undo->record->dirfd, &status);
	if (result == 0 && (status.st_ino != deed->first || status.st_dev != deed->second))
		return err_set(undo->err, undo->arena, ESTALE, "the journal in %s/%s is of another record",
		               undo->record->root, undo->record->id);
	return 0;
}

static int undo_file(struct undo *undo, const struct journal_deed *deed)
{
	int result = pidfile_undo(deed);
	return result < 0 ? err_set(undo->err, undo->arena, -result, "cannot remove %s", deed->path) : 0;
}

static int (*const undo_verbs[JOURNAL_VERBS])(struct undo *undo, const struct journal_deed *deed) = {
	[JOURNAL_REMOVE_CGROUP] = undo_cgroup, [JOURNAL_REMOVE_TREE] = undo_tree,
	[JOURNAL_REMOVE_RECORD] = undo_record, [JOURNAL_KILL_PROCESS] = undo_process,
	[JOURNAL_REMOVE_PARENT] = undo_cgroup, [JOURNAL_REMOVE_FILE] = undo_file,
	[JOURNAL_REMOVE_MARKED] = undo_cgroup,
};

/* An absent journal is an empty one: the runtime was killed before its first line, or while removing the record. */
static int read_journal(struct undo *undo, struct journal *journal)
{
	char *text;
	size_t length;
	*journal = (struct journal){ 0 };
	FD_AUTO int fd = sys_openat2(undo->record->dirfd, "journal", O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS);
	if (fd == -ENOENT)
		return 0;
	int result = fd < 0 ? fd : file_read_fd(undo->arena, fd, JOURNAL_BYTES, &text, &length);
	if (result < 0)
		return err_set(undo->err, undo->arena, -result, "cannot read the journal of %s", undo->record->id);
	result = journal_parse(undo->arena, text, length, journal, undo->err);
	if (result < 0)
		undo->err->what = arena_printf(undo->arena, "%s/%s/journal: %s", undo->record->root, undo->record->id,
		                               undo->err->what);
	return result;
}

static int undo_deeds(struct arena *arena, struct record *record, struct buf *report, struct err *err)
{
	struct err fault = { 0 };
	struct undo undo = { .arena = arena, .record = record, .err = &fault };
	struct journal journal;
	int first = read_journal(&undo, &journal);
	if (first < 0) {
		*err = fault;
		if (report)
			buf_printf(report, "%s\n", fault.what);
	}
	for (size_t i = journal.count; first != -EBADMSG && i-- > 0;) {
		const struct journal_deed *deed = &journal.deeds[i];
		int result = deed->cancelled ? 0 : undo_verbs[deed->verb](&undo, deed);
		if (result == 0)
			continue;
		if (report)
			buf_printf(report, "%s\n", fault.what);
		if (first == 0) {
			first = result;
			*err = fault;
		}
	}
	if (first != -EBADMSG)
		kept_hooks_poststop(arena, record, report);
	return first;
}

int journal_undo(struct arena *arena, struct record *record, struct buf *report, struct err *err)
{
	int first = undo_deeds(arena, record, report, err);
	/* The record goes last, and only when nothing is left that somebody would have to look up in it. */
	if (first == 0)
		first = record_remove(arena, record, err);
	else
		record_close(record);
	return first;
}

int journal_undo_leave(struct arena *arena, struct record *record, struct buf *report, struct err *err)
{
	int first = undo_deeds(arena, record, report, err);
	if (first == 0) {
		sys_unlink_at(record->dirfd, "board", 0);
		sys_unlink_at(record->dirfd, "journal", 0);
	}
	record_close(record);
	return first;
}
