/* signal.c: signals to a container: to its process, or to all that are in its cgroup. */
#include "base/fd.h"
#include "base/file.h"
#include "state/container.h"
#include "state/freezer.h"
#include "state/inside.h"
#include "sys/open.h"
#include "sys/process.h"
#include "sys/status.h"

#include <errno.h>
#include <signal.h>

int container_not_running(struct arena *arena, const struct container *container, const char *what, struct err *err)
{
	const char *id = container->record.id;
	bool creating = container->status == CONTAINER_CREATING;
	if (creating)
		err_set(err, arena, 0, "%s \"%s\": it is still being created and has no process yet", what, id);
	else
		err_set(err, arena, 0, "%s \"%s\": container not running", what, id);
	err->hint = creating ? "try again in a moment"
	                     : arena_printf(arena, "it has stopped: `kist delete %s` removes what is left of it", id);
	return -ESRCH;
}

static int refused(struct arena *arena, const struct container *container, int number, int result, struct err *err)
{
	return err_set(err, arena, -result, "cannot send signal %d to \"%s\"", number, container->record.id);
}

/* Ending the first process of a pid namespace ends all; without one of its own the others would stay. */
static bool shares_pids(const struct record *record, struct arena *arena)
{
	struct stat own, its;
	return sys_stat_at(AT_FDCWD, "/proc/self/ns/pid", 0, &own) == 0 &&
	       sys_stat_at(AT_FDCWD, arena_printf(arena, "/proc/%d/ns/pid", (int)record->pid), 0, &its) == 0 &&
	       own.st_ino == its.st_ino;
}

/* v2 ends them in one stroke, whatever they fork meanwhile (cgroup-v2.rst, cgroup.kill). */
static void kill_at_once(const struct inside *inside)
{
	for (size_t i = 0; i < inside->count; i++) {
		FD_AUTO int dirfd = inside_open(&inside->places[i]);
		if (dirfd >= 0)
			(void)file_write_at(dirfd, "cgroup.kill", "1", 1);
	}
}

/* -ENOENT: there is no cgroup to look into. */
static int signal_cgroup(struct arena *arena, const struct record *record, int number)
{
	struct inside inside;
	int result = inside_read(arena, record, &inside);
	FD_AUTO int dirfd = result < 0 ? result : inside_open_any(&inside);
	if (dirfd < 0)
		return dirfd;
	if (number == SIGKILL)
		kill_at_once(&inside);
	inside_signal(arena, dirfd, number);
	if (number == SIGKILL)
		freezer_let_die(arena, record);
	return 0;
}

int container_signal(struct arena *arena, const struct container *container, int number, struct err *err)
{
	const struct record *record = &container->record;
	const char *what = arena_printf(arena, "cannot send signal %d to", number);
	if (!container_lives(container))
		return container_not_running(arena, container, what, err);
	/* The pidfd first, then the look at the start time: what passes is the process of the record, and stays it. */
	FD_AUTO int pidfd = sys_pidfd_open(record->pid);
	bool same = pidfd >= 0 && process_is(record->pid, record->start_time);
	if (same && number == SIGKILL && shares_pids(record, arena))
		(void)signal_cgroup(arena, record, number);
	int result = same ? sys_pidfd_signal(pidfd, number) : -ESRCH;
	if (result == -ESRCH) {
		struct container ended = { .record = *record, .status = CONTAINER_STOPPED };
		/* Its end may be the deed of the lines above. */
		return same && number == SIGKILL ? 0 : container_not_running(arena, &ended, what, err);
	}
	if (result < 0)
		return refused(arena, container, number, result, err);
	if (number == SIGKILL && container->status == CONTAINER_PAUSED)
		freezer_let_die(arena, record);
	return 0;
}

int container_signal_all(struct arena *arena, const struct container *container, int number, struct err *err)
{
	const struct record *record = &container->record;
	int result = signal_cgroup(arena, record, number);
	if (result == 0 || (result == -ENOENT && container->status == CONTAINER_STOPPED))
		return 0;
	if (result != -ENOENT)
		return refused(arena, container, number, result, err);
	/* In a pid namespace of its own all end with the first. */
	if (number == SIGKILL && container_lives(container) && !shares_pids(record, arena))
		return container_signal(arena, container, number, err);
	result = err_set(err, arena, EOPNOTSUPP, "cannot signal all processes of \"%s\", which has no cgroup",
	                 record->id);
	err->hint = arena_printf(arena, "`kist kill %s` without --all signals its first process", record->id);
	return result;
}
