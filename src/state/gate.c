/* gate.c: makes the gate, connects to it, and makes sure who stands behind it. */
#include "state/gate.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/file.h"
#include "sys/open.h"
#include "sys/local.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char gate_name[] = "gate", fresh_name[] = "gate.new", late_name[] = "late";

enum { GATE_PATH = 64, LATE_BYTES = 1 << 20, LATE_MODE = 0600 };

/* Through the descriptor: the path of a state root may be longer than a socket's can be. */
static void put_path(char path[GATE_PATH], const struct record *record, const char *name)
{
	snprintf(path, GATE_PATH, "/proc/self/fd/%d/%s", record->dirfd, name);
}

int gate_make(const struct record *record)
{
	char path[GATE_PATH];
	put_path(path, record, fresh_name);
	FD_AUTO int fd = sys_socket_local(SOCK_SEQPACKET);
	int result = fd < 0 ? fd : sys_bind_path(fd, path);
	return result < 0 ? result : fd_take(&fd);
}

int gate_publish(const struct record *record)
{
	return sys_rename_at(record->dirfd, fresh_name, record->dirfd, gate_name, 0);
}

void gate_remove(const struct record *record)
{
	sys_unlink_at(record->dirfd, gate_name, 0);
	sys_unlink_at(record->dirfd, fresh_name, 0);
	sys_unlink_at(record->dirfd, late_name, 0);
}

int gate_connect(struct arena *arena, const struct record *record, struct err *err)
{
	char path[GATE_PATH];
	pid_t pid = 0;
	put_path(path, record, gate_name);
	FD_AUTO int fd = sys_socket_local(SOCK_SEQPACKET);
	int result = fd < 0 ? fd : sys_connect_path(fd, path);
	if (result == 0)
		result = sys_peer_pid(fd, &pid);
	if (result < 0)
		return err_set(err, arena, -result, "cannot come to the start gate of %s", record->id);
	if (pid != record->pid || !process_is(pid, record->start_time))
		return err_set(err, arena, ESTALE, "at the start gate of %s waits process %d, not its own %d",
		               record->id, (int)pid, (int)record->pid);
	return fd_take(&fd);
}

/* --- the words ------------------------------------------------------------------------------------- */

/* One string behind the other, each with its NUL: the number of the first step, then four of each. */
int late_save(struct arena *arena, const struct record *record, uint32_t first, const struct late_step *steps,
              uint32_t count)
{
	struct buf text = buf_in(arena);
	buf_printf(&text, "%u", (unsigned)first);
	buf_put(&text, "", 1);
	for (uint32_t i = 0; i < count; i++) {
		const char *const strings[] = { steps[i].name, steps[i].pointer, steps[i].words,
			                        steps[i].kills ? "kills" : "" };
		for (size_t k = 0; k < sizeof(strings) / sizeof(strings[0]); k++)
			buf_put(&text, strings[k], strlen(strings[k]) + 1);
	}
	FD_AUTO int fd = sys_open_at(record->dirfd, late_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, LATE_MODE);
	return fd < 0 ? fd : file_write_fd(fd, text.bytes, text.length);
}

/* The next string, NULL when there is none that ends. */
static const char *take_string(const char **at, const char *end)
{
	const char *string = *at;
	const char *nul = string < end ? memchr(string, '\0', (size_t)(end - string)) : NULL;
	if (!nul)
		return NULL;
	*at = nul + 1;
	return string;
}

/* False at the end. */
static bool take_step(const char **at, const char *end, struct late_step *step)
{
	step->name = take_string(at, end);
	step->pointer = take_string(at, end);
	step->words = take_string(at, end);
	const char *kills = take_string(at, end);
	step->kills = kills && *kills;
	return kills;
}

int late_read(struct arena *arena, const struct record *record, uint32_t index, struct late_step *step)
{
	char *text;
	size_t length;
	int result = file_read_at(arena, record->dirfd, late_name, LATE_BYTES, &text, &length);
	if (result < 0)
		return result;
	const char *at = text, *end = text + length, *first = take_string(&at, end);
	struct late_step read;
	for (uint32_t i = first ? (uint32_t)strtoul(first, NULL, 10) : 0; first && take_step(&at, end, &read); i++)
		if (i == index) {
			*step = read;
			return 0;
		}
	return -ENOENT;
}
