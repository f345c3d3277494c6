/* log.c: opens the log, or makes it, journalled by its inode. */
#include "state/log.h"

#include "base/fd.h"
#include "state/journal.h"
#include "sys/open.h"
#include "sys/result.h"
#include "sys/status.h"

#include <errno.h>
#include <fcntl.h>

enum { LOG_MODE = 0600 };

static int make(const struct record *record, const char *path)
{
	struct stat status;
	int result = journal_intend(record, JOURNAL_REMOVE_FILE, path);
	if (result < 0)
		return result;
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, LOG_MODE);
	if (fd < 0) { /* nothing was made */
		journal_cancel(record, JOURNAL_REMOVE_FILE, path);
		return fd;
	}
	result = sys_stat_fd(fd, &status);
	if (result == 0)
		result = journal_done(record, JOURNAL_REMOVE_FILE, path, status.st_ino, status.st_dev);
	return result < 0 ? result : fd_take(&fd);
}

int log_open(const struct record *record, const char *path)
{
	/* A FIFO would hold the open until somebody reads. */
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK, 0);
	if (fd == -ENOENT)
		return make(record, path);
	int result = fd < 0 ? fd : sys_result(fcntl(fd, F_SETFL, O_APPEND));
	return result < 0 ? result : fd_take(&fd);
}
