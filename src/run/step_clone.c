/* step_clone.c: the process, its id maps, and the line between the two actors. */
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "state/helper.h"
#include "state/journal.h"
#include "sys/packet.h"
#include "sys/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int make_line(struct walk *walk)
{
	int pair[2];
	int result = sys_socket_pair(pair);
	if (result < 0)
		return result;
	walk->line = pair[0];
	walk->far_line = pair[1];
	return 0;
}

int step_clone(struct walk *walk, const struct step *step)
{
	struct run *run = walk->run;
	int pidfd = -1, result = make_line(walk);
	if (result < 0)
		return result;
	struct uapi_clone_args how = {
		.flags = step->clone.namespaces | UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
	};
	if (step->clone.cgroup) {
		how.flags |= UAPI_CLONE_INTO_CGROUP;
		how.cgroup = (uint64_t)walk->slots[step->clone.cgroup];
	}
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0)
		child_walk(walk);
	fd_close(&walk->far_line); /* so that init's end is the only one, and its death is end-of-file */
	trees_close(walk);
	run->pid = walk->slots[step->clone.pid] = pid;
	run->pidfd = walk->slots[step->clone.pidfd] = pidfd;
	run->record.pid = pid;
	result = process_start_time(pid, &run->record.start_time);
	if (result < 0)
		return result;
	return journal_done(&run->record, JOURNAL_KILL_PROCESS, "-", (uint64_t)pid, run->record.start_time);
}

/* The helper of the map at this step and, when the next step is the other map, that one's too: neither waits for the
 * other. One that could not be started is started again, and blamed, when it is its turn. */
static int start_helpers(struct walk *walk, struct helper *helper, const char **words)
{
	const struct step *step = plan_step(walk->block, walk->index);
	const char *ignored;
	int result = 0;
	*helper = walk->helper;
	walk->helper.pidfd = -1;
	if (helper->pidfd < 0)
		result = helper_start_map(walk->arena, walk_text(walk, step->write_idmap.helper),
		                          walk->slots[step->write_idmap.pid], walk_text(walk, step->write_idmap.text),
		                          helper, words);
	const struct step_write_idmap *next = &step[1].write_idmap;
	if (result == 0 && step[1].kind == STEP_write_idmap && next->helper)
		(void)helper_start_map(walk->arena, walk_text(walk, next->helper), walk->slots[next->pid],
		                       walk_text(walk, next->text), &walk->helper, &ignored);
	return result;
}

/* What the helper was told is kept in the record: files of these ids can only be removed with the same maps. */
static int map_by_helper(struct walk *walk, const struct step_write_idmap *wanted)
{
	struct record *record = &walk->run->record;
	const char *path = walk_text(walk, wanted->helper), *text = walk_text(walk, wanted->text), *words = NULL;
	struct helper helper;
	int result = start_helpers(walk, &helper, &words);
	if (result == 0)
		result = helper_finish(walk->arena, &helper, &words);
	if (result < 0)
		return words ? step_fail(walk, result, "%s", words) : result;
	if (wanted->which == 'u') {
		record->uid_map = text;
		record->uid_helper = path;
	} else {
		record->gid_map = text;
		record->gid_helper = path;
	}
	return 0;
}

/* As in a box whose own procfs the kernel refused. A pid is then another process, or none. */
static bool proc_is_another(void)
{
	char name[16] = "";
	long length = readlink("/proc/self", name, sizeof(name) - 1);
	return length <= 0 || strtol(name, NULL, 10) != getpid();
}

/* The kernel takes a map once, in one write(2) (user_namespaces(7)). */
int step_write_idmap(struct walk *walk, const struct step *step)
{
	const struct step_write_idmap *wanted = &step->write_idmap;
	if (wanted->helper)
		return map_by_helper(walk, wanted);
	char path[64];
	const char *text = walk_text(walk, wanted->text);
	const char *file = wanted->which == 'u' ? "uid_map" : wanted->which == 'g' ? "gid_map" : "setgroups";
	snprintf(path, sizeof(path), "/proc/%d/%s", walk->slots[wanted->pid], file);
	int result = file_write_at(AT_FDCWD, path, text, strlen(text));
	if (result < 0 && proc_is_another())
		return step_fail(walk, result, "this /proc is of another pid namespace, and ids are mapped through it");
	return result;
}
