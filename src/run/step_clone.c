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

/* What the helper was told is kept in the record: files of these ids can only be removed with the same maps. */
static int map_by_helper(struct walk *walk, const struct step_write_idmap *wanted, pid_t pid)
{
	struct record *record = &walk->run->record;
	const char *helper = walk_text(walk, wanted->helper), *text = walk_text(walk, wanted->text), *words = NULL;
	int result = helper_write_map(walk->arena, helper, pid, text, &words);
	if (result < 0)
		return words ? step_fail(walk, result, "%s", words) : result;
	if (wanted->which == 'u') {
		record->uid_map = text;
		record->uid_helper = helper;
	} else {
		record->gid_map = text;
		record->gid_helper = helper;
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
	const pid_t pid = walk->slots[wanted->pid];
	if (wanted->helper)
		return map_by_helper(walk, wanted, pid);
	char path[64];
	const char *text = walk_text(walk, wanted->text);
	const char *file = wanted->which == 'u' ? "uid_map" : wanted->which == 'g' ? "gid_map" : "setgroups";
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	int result = file_write_at(AT_FDCWD, path, text, strlen(text));
	if (result < 0 && proc_is_another())
		return step_fail(walk, result, "this /proc is of another pid namespace, and ids are mapped through it");
	return result;
}
