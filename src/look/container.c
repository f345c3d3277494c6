/* container.c: the processes of a container, also of one without a cgroup. */
#include "base/fd.h"
#include "look/parts.h"
#include "state/container.h"
#include "state/inside.h"

#include <errno.h>
#include <string.h>

static void put(struct inside_pids *pids, pid_t pid)
{
	pids->items[pids->count++] = pid;
}

static bool has(const struct inside_pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->items[i] == pid)
			return true;
	return false;
}

static uint64_t pid_namespace(const struct look_process *process)
{
	return process->inodes[look_type_named("pid") - look_types];
}

/* Without a cgroup: who is in its pid namespace, and where that is the caller's too, who descends from its process. A
 * process comes behind its parent in /proc unless the numbers have gone round, so it is looked through until nobody is
 * added. */
static int read_relatives(struct arena *arena, const struct record *record, struct inside_pids *pids)
{
	struct look look = { 0 };
	const struct look_process *first = NULL, *own = NULL;
	int result = look_read_processes(arena, &look);
	for (size_t i = 0; i < look.process_count; i++) {
		if (look.processes[i].pid == record->pid)
			first = &look.processes[i];
		if (look.processes[i].pid == getpid())
			own = &look.processes[i];
	}
	if (result < 0 || !first || !own || first->start_time != record->start_time)
		return result;
	bool apart = first->readable && pid_namespace(first) != pid_namespace(own);
	pids->items = ARENA_ARRAY(arena, look.process_count, pid_t);
	put(pids, record->pid);
	for (size_t before = 0; before != pids->count;) {
		before = pids->count;
		for (size_t i = 0; i < look.process_count; i++) {
			const struct look_process *process = &look.processes[i];
			bool inside =
				apart ? pid_namespace(process) == pid_namespace(first) : has(pids, process->parent);
			if (inside && !has(pids, process->pid))
				put(pids, process->pid);
		}
	}
	return 0;
}

int look_inside(struct arena *arena, const struct container *container, struct inside_pids *pids, struct err *err)
{
	const struct record *record = &container->record;
	struct inside inside;
	int result = inside_read(arena, record, &inside);
	FD_AUTO int dirfd = result < 0 ? result : inside_open_any(&inside);
	*pids = (struct inside_pids){ 0 };
	if (dirfd >= 0)
		inside_list(arena, dirfd, pids);
	else if (dirfd != -ENOENT)
		return err_set(err, arena, -dirfd, "cannot look into the cgroup of \"%s\"", record->id);
	else if (container_lives(container))
		result = read_relatives(arena, record, pids);
	if (result < 0)
		return err_set(err, arena, -result, "cannot see the processes of \"%s\"", record->id);
	if (pids->count == 0)
		return container_not_running(arena, container, "cannot show the processes of", err);
	return 0;
}
