/* target.c: one process, named by its pid or by the container it is. */
#include "base/fd.h"
#include "look/look.h"
#include "state/process.h"
#include "state/record.h"
#include "sys/open.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool parse_pid(const char *word, pid_t *pid)
{
	char *end;
	errno = 0;
	long number = strtol(word, &end, 10);
	if (*word < '1' || *word > '9' || *end)
		return false;
	*pid = errno || number > INT_MAX ? 0 : (pid_t)number; /* 0: no process has it */
	return true;
}

static int find_container(struct arena *arena, const char *root, const char *id, struct look_target *target,
                          struct err *err)
{
	struct record *records;
	int count = record_id_valid(id) ? record_list(arena, root, &records, err) : 0;
	for (int i = 0; i < count; i++) {
		if (strcmp(records[i].id, id) != 0)
			continue;
		target->id = records[i].id;
		target->pid = records[i].pid;
		target->start_time = records[i].start_time;
		return 0;
	}
	if (count < 0)
		return count;
	int result = err_set(err, arena, ENOENT, "there is no running container \"%s\"", id);
	err->hint = arena_printf(arena, "kist ns shows which containers run under %s", root);
	return result;
}

int look_target(struct arena *arena, const char *root, const char *word, struct look_target *target, struct err *err)
{
	struct look_target found = { .processfd = -1 };
	struct process_stat stat;
	bool number = parse_pid(word, &found.pid);
	int result = number ? 0 : find_container(arena, root, word, &found, err);
	if (result < 0)
		return result;
	FD_AUTO int fd =
		sys_open_at(AT_FDCWD, arena_printf(arena, "/proc/%d", (int)found.pid), O_RDONLY | O_DIRECTORY, 0);
	/* The directory is opened first: then its process is the one whose start time is read, or is gone. */
	result = fd < 0 ? fd : process_read_stat(found.pid, &stat);
	if (result < 0)
		return err_set(err, arena, ESRCH, "there is no process %s", word);
	if (stat.state == 'Z' || stat.state == 'X')
		return err_set(err, arena, ESRCH, "process %s has ended and only waits to be reaped", word);
	if (found.id && stat.start_time != found.start_time)
		return err_set(err, arena, ESRCH, "the process of %s has ended: %d is the pid of another one by now",
		               word, (int)found.pid);
	found.start_time = stat.start_time;
	found.processfd = fd_take(&fd);
	*target = found;
	return 0;
}
