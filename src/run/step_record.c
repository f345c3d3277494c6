/* step_record.c: the record, the board, scratch directories, and what the record says about the process. */
#include "base/fd.h"
#include "base/file.h"
#include "run/board.h"
#include "run/walk.h"
#include "state/journal.h"
#include "state/log.h"
#include "state/pidfile.h"
#include "sys/open.h"
#include "sys/pipe.h"
#include "sys/sched.h"
#include "sys/status.h"
#include "sys/terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int step_make_record(struct walk *walk, const struct step *step)
{
	struct record *record = &walk->run->record;
	struct err err = { 0 };
	const char *path = arena_printf(walk->arena, "%s/%s", record->root, record->id);
	if (strcmp(walk_text(walk, step->make_record.path), path) != 0)
		return step_fail(walk, -EINVAL, "the plan was made for another record than %s", path);
	int result = record_make(walk->arena, record, &err);
	if (result < 0)
		return step_adopt(walk, result, &err);
	result = board_make(record->dirfd, walk->block->step_count, &walk->run->board, &walk->boardfd);
	if (result < 0)
		return step_fail(walk, result, "cannot make the board in %s", path);
	walk->run->board->steps[walk->index].begun = walk->first_begun;
	return 0;
}

/* The directory above is opened from the record, so nothing outside of it can be made. */
int step_make_scratch(struct walk *walk, const struct step *step)
{
	const struct record *record = &walk->run->record;
	const char *path = walk_text(walk, step->make_scratch.path);
	size_t prefix = strlen(record->root) + 1 + strlen(record->id) + 1;
	const char *record_path = arena_printf(walk->arena, "%s/%s/", record->root, record->id);
	if (strncmp(path, record_path, prefix) != 0 || !path[prefix])
		return step_fail(walk, -EXDEV, "it is not below the record");
	char *parent = arena_string(walk->arena, path + prefix);
	char *slash = strrchr(parent, '/');
	const char *name = slash ? slash + 1 : parent;
	if (slash)
		*slash = '\0';
	FD_AUTO int dirfd = sys_openat2(record->dirfd, slash ? parent : ".", O_PATH | O_DIRECTORY, 0,
	                                UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	if (dirfd < 0)
		return dirfd;
	int result = journal_intend(record, JOURNAL_REMOVE_TREE, path);
	if (result == 0)
		result = sys_mkdir_at(dirfd, name, step->make_scratch.mode);
	struct stat status;
	if (result == 0) /* the caller's umask must not decide about the container's root directory */
		result = sys_result(fchmodat(dirfd, name, step->make_scratch.mode, 0));
	if (result == 0)
		result = sys_stat_at(dirfd, name, AT_SYMLINK_NOFOLLOW, &status);
	return result < 0 ? result : journal_done(record, JOURNAL_REMOVE_TREE, path, status.st_ino, status.st_dev);
}

int step_save_process(struct walk *walk, const struct step *step)
{
	struct record *record = &walk->run->record;
	struct err err = { 0 };
	if (walk->slots[step->save_process.pid] != record->pid)
		return step_fail(walk, -ESRCH, "process %d is not the container's",
		                 walk->slots[step->save_process.pid]);
	int result = record_save(walk->arena, record, &err);
	return result < 0 ? step_adopt(walk, result, &err) : 0;
}

int step_write_pid_file(struct walk *walk, const struct step *step)
{
	const char *path = walk_text(walk, step->write_pid_file.path);
	int result = pidfile_write(&walk->run->record, path, walk->slots[step->write_pid_file.pid]);
	return result == -EISDIR ? step_fail(walk, result, "it is no name of a file") : result;
}

int step_set_oom_score(struct walk *walk, const struct step *step)
{
	char path[64], value[24];
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", walk->slots[step->set_oom_score.pid]);
	int length = snprintf(value, sizeof(value), "%" PRId64, (int64_t)step->set_oom_score.value);
	return file_write_at(AT_FDCWD, path, value, (size_t)length);
}

int step_give_pipes(struct walk *walk, const struct step *step)
{
	(void)walk;
	int result = 0;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && result == 0; fd++)
		result = sys_pipe_give(fd, step->give_pipes.uid);
	return result;
}

int step_raise_rlimit(struct walk *walk, const struct step *step)
{
	const struct step_raise_rlimit *wanted = &step->raise_rlimit;
	const pid_t pid = walk->slots[wanted->pid];
	struct uapi_rlimit limit = { 0 };
	int result = sys_rlimit(pid, wanted->resource, NULL, &limit);
	if (result == 0 && limit.hard < wanted->hard) {
		limit.hard = wanted->hard;
		result = sys_rlimit(pid, wanted->resource, &limit, NULL);
	}
	return result;
}

/* A serial line without a carrier would hold the open. What is no terminal is not opened for real: a FIFO would wait,
 * and a device may act. */
int step_open_console(struct walk *walk, const struct step *step)
{
	const char *path = walk_text(walk, step->open_console.path);
	struct stat status;
	uint16_t rows, columns;
	int result = sys_stat_at(AT_FDCWD, path, 0, &status);
	if (result == 0 && !S_ISCHR(status.st_mode))
		return step_fail(walk, -ENOTTY, "it is no device");
	FD_AUTO int fd = result < 0 ? result : sys_open_at(AT_FDCWD, path, O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	result = sys_terminal_get_size(fd, &rows, &columns);
	if (result == 0)
		result = sys_result(fcntl(fd, F_SETFL, O_RDWR));
	if (result < 0)
		return result;
	walk->slots[step->open_console.peer] = fd_take(&fd);
	return 0;
}

int step_open_log(struct walk *walk, const struct step *step)
{
	int *input = &walk->slots[step->open_log.input], *output = &walk->slots[step->open_log.output];
	*input = sys_open_at(AT_FDCWD, "/dev/null", O_RDONLY, 0);
	*output = *input < 0 ? *input : log_open(&walk->run->record, walk_text(walk, step->open_log.path));
	if (*output < 0)
		return *output;
	/* What kist itself says goes there too, once the caller was told that the program runs. */
	walk->run->log = fcntl(*output, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return walk->run->log < 0 ? sys_result(walk->run->log) : 0;
}

/* The first of the caller's descriptors that is a terminal with a size. */
static bool caller_size(uint16_t *rows, uint16_t *columns)
{
	for (int fd = 0; fd <= 2; fd++)
		if (sys_terminal_get_size(fd, rows, columns) == 0 && *rows && *columns)
			return true;
	return false;
}

/* The program must find the size it will have, and it runs before the foreground pump does. */
int step_take_console(struct walk *walk, const struct step *step)
{
	int master = walk->slots[step->take_console.master];
	uint16_t rows = 0, columns = 0;
	int result = sys_terminal_get_size(master, &rows, &columns);
	if (result == 0 && !rows && !columns && caller_size(&rows, &columns))
		result = sys_terminal_set_size(master, rows, columns);
	if (result == 0)
		walk->run->console = master;
	return result;
}
