/* status.c: what a record and its process say together: whether a container waits to be started, and what is debris. */
#include "base/fd.h"
#include "state/record.h"
#include "sys/open.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

bool record_alive(const struct record *record)
{
	return process_is(record->pid, record->start_time) || process_is(record->runtime_pid, record->runtime_start);
}

bool record_is_debris(const struct record *record)
{
	if (record->stage == RECORD_FOREGROUND)
		return !record_alive(record);
	return record->stage == RECORD_CREATING && !process_is(record->runtime_pid, record->runtime_start);
}

/* `start` may have been killed between its word at the gate and its line in the record. */
static bool has_passed(const struct record *record)
{
	char path[PATH_MAX];
	uint32_t passed = 0;
	int length = snprintf(path, sizeof(path), "%s/%s/board", record->root, record->id);
	FD_AUTO int fd = length > 0 && (size_t)length < sizeof(path)
	                         ? sys_open_at(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
	                         : -1;
	return fd >= 0 && pread(fd, &passed, sizeof(passed), RECORD_BOARD_PASSED) == sizeof(passed) && passed;
}

bool record_waits(const struct record *record)
{
	return record->stage == RECORD_CREATED && process_is(record->pid, record->start_time) && !has_passed(record);
}
