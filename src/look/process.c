/* process.c: processes as /proc shows them. Any of them may end while it is read. */
#include "base/fd.h"
#include "base/file.h"
#include "look/parts.h"
#include "state/process.h"
#include "sys/open.h"
#include "sys/status.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 64 << 10, COMMAND_LIMIT = 4096, STAT_LIMIT = 1024, FIRST_PROCESSES = 256 };

const char *look_read_file(struct arena *arena, pid_t pid, const char *name)
{
	char *text;
	size_t length;
	const char *path = arena_printf(arena, "/proc/%d/%s", (int)pid, name);
	return file_read_at(arena, AT_FDCWD, path, FILE_LIMIT, &text, &length) == 0 ? text : NULL;
}

/* A process chooses what its name and its arguments are, and they end on a terminal. */
static char *tidy(char *text, size_t length)
{
	while (length && (text[length - 1] == '\0' || text[length - 1] == '\n'))
		length--;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			text[i] = ' ';
		else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	text[length] = '\0';
	return text;
}

/* Longer ones are cut: they are for people to recognise. */
static const char *read_command(struct arena *arena, int dirfd, const char *name)
{
	char text[COMMAND_LIMIT];
	FD_AUTO int fd = sys_open_at(dirfd, "cmdline", O_RDONLY, 0);
	long length = fd < 0 ? 0 : sys_read(fd, text, sizeof(text) - 1);
	if (length <= 0)
		return arena_printf(arena, "[%s]", name);
	return arena_string(arena, tidy(text, (size_t)length));
}

/* proc(5): "pid (name) state ppid ..."; the last parenthesis closes the name. Field 20 counts the threads. */
static bool parse_stat(struct arena *arena, char *line, struct look_process *process)
{
	enum { STATE = 3, PARENT = 4, THREADS = 20 };
	struct process_stat stat;
	char *name = strchr(line, '('), *end = strrchr(line, ')');
	if (!name || !end || end < name || process_parse_stat(line, &stat) < 0)
		return false;
	process->state = stat.state;
	process->start_time = stat.start_time;
	process->name = tidy(arena_copy(arena, name + 1, (size_t)(end - name - 1)), (size_t)(end - name - 1));
	char *at = end + 2;
	for (int field = STATE; field <= THREADS && at; field++) {
		if (field == PARENT)
			process->parent = (pid_t)strtol(at, NULL, 10);
		if (field == THREADS)
			process->threads = (unsigned)strtoul(at, NULL, 10);
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	return true;
}

/* The links are followed: what they lead to has the inode. False when the process is gone. */
static bool read_namespaces(int dirfd, struct look_process *process)
{
	struct stat status;
	process->readable = true;
	for (size_t i = 0; i < LOOK_TYPES; i++) {
		char path[16];
		snprintf(path, sizeof(path), "ns/%s", look_types[i].name);
		int result = sys_stat_at(dirfd, path, 0, &status);
		if (result == 0)
			process->inodes[i] = status.st_ino;
		else if (result == -EACCES || result == -EPERM)
			process->readable = false;
		else if (result == -ESRCH)
			return false;
	}
	return true;
}

static bool read_process(struct arena *arena, int procfd, const char *name, struct look_process *process)
{
	char line[STAT_LIMIT];
	struct stat status;
	FD_AUTO int dirfd = sys_open_at(procfd, name, O_RDONLY | O_DIRECTORY, 0);
	FD_AUTO int fd = dirfd < 0 ? dirfd : sys_open_at(dirfd, "stat", O_RDONLY, 0);
	long length = fd < 0 ? fd : sys_read(fd, line, sizeof(line) - 1);
	if (length <= 0 || sys_stat_fd(dirfd, &status) < 0)
		return false;
	line[length] = '\0';
	*process = (struct look_process){ .pid = (pid_t)strtol(name, NULL, 10), .uid = status.st_uid };
	if (!parse_stat(arena, line, process) || !read_namespaces(dirfd, process))
		return false;
	process->command = read_command(arena, dirfd, process->name);
	return true;
}

int look_read_processes(struct arena *arena, struct look *look)
{
	DIR *list = opendir("/proc");
	size_t capacity = FIRST_PROCESSES;
	if (!list)
		return -errno;
	look->processes = ARENA_ARRAY(arena, capacity, struct look_process);
	for (struct dirent *entry; (entry = readdir(list));) {
		struct look_process process;
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    !read_process(arena, dirfd(list), entry->d_name, &process))
			continue;
		if (look->process_count == capacity) {
			struct look_process *more = ARENA_ARRAY(arena, capacity * 2, struct look_process);
			memcpy(more, look->processes, capacity * sizeof(process));
			look->processes = more;
			capacity *= 2;
		}
		look->processes[look->process_count++] = process;
		/* What has ended and waits to be reaped is in no namespace any more. */
		look->unreadable += !process.readable && process.state != 'Z' && process.state != 'X';
	}
	closedir(list);
	return 0;
}

/* cgroups(7): "4:memory:/a", "0::/a". On a v1 machine many hierarchies have the same path: it is said once. */
void look_details(struct arena *arena, struct look_process *process)
{
	const char *text = look_read_file(arena, process->pid, "cgroup");
	struct buf out = buf_in(arena);
	const char *last = NULL;
	char *copy = text ? arena_string(arena, text) : NULL;
	for (char *line = copy ? strsep(&copy, "\n") : NULL; line; line = strsep(&copy, "\n")) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		if (last && strcmp(last, path) == 0)
			continue;
		last = path;
		buf_printf(&out, "%s%s%s%s", out.length ? " " : "", controllers + 1, controllers[1] ? ":" : "", path);
	}
	process->cgroups = out.length ? tidy(out.bytes, out.length) : "?";
}
