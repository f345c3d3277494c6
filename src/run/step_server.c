/* step_server.c: the program that answers for a box's root, as a process that ends with the box and with kist. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "state/journal.h"
#include "state/process.h"
#include "sys/ids.h"
#include "sys/memfd.h"
#include "sys/namespace.h"
#include "sys/open.h"
#include "sys/process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SERVER_ARGUMENTS = 8, SERVER_WORDS = 1024, SERVER_NOT_RUN = 127 };

struct server {
	const char *args[SERVER_ARGUMENTS + 3]; /* the program, what the plan says, the channel, NULL */
	char channel[32];
	int fd, idmap, words, gate;
	uint32_t uid, gid;
};

/* Its ids, and the capabilities over files of them, which another user than 0 loses with an exec unless they are
 * ambient. The change clears PDEATHSIG, which is armed again behind it (prctl(2)). */
static int enter_ids(const struct server *server)
{
	int result = sys_setns(server->idmap, ABI_NEWUSER);
	if (result == 0)
		result = sys_set_gid(server->gid);
	if (result == 0)
		result = sys_set_uid(server->uid);
	if (result == 0 && server->uid != 0)
		result = sys_ambient_all();
	return result < 0 ? result : sys_die_with_parent(SIGKILL);
}

/* The channel alone stays open, and stdin and stdout lead nowhere. A session of its own: what is typed at the terminal
 * (^C, ^Z) is for the box. */
static int settle(const struct server *server)
{
	int null = sys_open_at(AT_FDCWD, "/dev/null", O_RDWR, 0);
	int result = null < 0 ? null : enter_ids(server);
	if (result == 0 && (dup2(null, 0) < 0 || dup2(null, 1) < 0))
		result = -errno;
	if (result == 0)
		result = sys_setsid();
	if (result >= 0)
		result = sys_close_range(3, ~0U, UAPI_CLOSE_RANGE_CLOEXEC);
	if (result == 0)
		result = sys_close_on_exec(server->fd, false);
	if (result == 0)
		result = sys_result(chdir("/"));
	return result < 0 ? result : sys_reset_signals();
}

/* In the child. It waits until it stands in the journal; the end of the gate without a word is the end of kist. */
static _Noreturn void become_server(const struct server *server)
{
	const char *const no_env[] = { NULL };
	char go;
	sys_die_with_parent(SIGKILL);
	if (sys_read(server->gate, &go, 1) != 1)
		sys_exit(SERVER_NOT_RUN);
	dup2(server->words, 2);
	int result = settle(server);
	if (result == 0)
		result = sys_execve(server->args[0], server->args, no_env);
	const char *why = err_words(-result);
	sys_write(2, why, strlen(why));
	sys_exit(SERVER_NOT_RUN);
}

/* "/dev/fd/N" as the mount point means that the file system is mounted already (libfuse 3.3). */
static int fill_server(struct walk *walk, const struct step_serve_root *wanted, struct server *server)
{
	const char *word = plan_bytes(walk->block, wanted->args);
	uint32_t count = 0;
	server->args[count++] = walk_text(walk, wanted->program);
	for (uint32_t i = 0; i < wanted->args.count; i++, word += strlen(word) + 1) {
		if (i == SERVER_ARGUMENTS)
			return -E2BIG;
		server->args[count++] = word;
	}
	snprintf(server->channel, sizeof(server->channel), "/dev/fd/%d", server->fd);
	server->args[count++] = server->channel;
	server->args[count] = NULL;
	return 0;
}

/* In the journal before it does anything. */
static int note_server(struct walk *walk, pid_t pid, int gate)
{
	uint64_t start = 0;
	int result = process_start_time(pid, &start);
	if (result == 0)
		result = journal_done(&walk->run->record, JOURNAL_KILL_PROCESS, "-", (uint64_t)pid, start);
	long written = result < 0 ? result : sys_write(gate, "", 1);
	return written < 0 ? (int)written : 0;
}

static int start_server(struct walk *walk, struct server *server)
{
	int ends[2], descriptor = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	FD_AUTO int reading = ends[0];
	FD_AUTO int writing = ends[1];
	struct uapi_clone_args how = {
		.flags = UAPI_CLONE_PIDFD,
		.pidfd = (uintptr_t)&descriptor,
		.exit_signal = SIGCHLD,
	};
	server->gate = reading;
	pid_t pid = sys_clone3(&how);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		close(writing); /* so that kist's silence is end-of-file */
		become_server(server);
	}
	FD_AUTO int pidfd = descriptor;
	int result = note_server(walk, pid, writing);
	if (result < 0)
		sys_pidfd_signal(pidfd, SIGKILL);
	walk->run->server = pid;
	walk->run->server_fd = fd_take(&pidfd);
	return result;
}

int step_serve_root(struct walk *walk, const struct step *step)
{
	const struct step_serve_root *wanted = &step->serve_root;
	walk->server_words = sys_memfd("kist-server", false);
	if (walk->server_words < 0)
		return walk->server_words;
	struct server server = {
		.fd = walk->slots[wanted->channel],
		.idmap = walk->slots[wanted->idmap],
		.words = walk->server_words,
		.uid = wanted->uid,
		.gid = wanted->gid,
	};
	int result = fill_server(walk, wanted, &server);
	if (result == 0)
		result = start_server(walk, &server);
	/* The server's end is the only one: when it goes, the file system does. */
	fd_close(&walk->slots[wanted->channel]);
	fd_close(&walk->slots[wanted->idmap]);
	return result;
}

const char *server_words(const struct walk *walk)
{
	char *text = arena_alloc(walk->arena, SERVER_WORDS);
	long length = walk->server_words < 0 ? -EBADF : pread(walk->server_words, text, SERVER_WORDS - 1, 0);
	for (long i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = ' ';
	while (length > 0 && text[length - 1] == ' ')
		length--;
	text[length > 0 ? length : 0] = '\0';
	return length > 0 ? text : NULL;
}

const char *server_program(const struct plan_block *block)
{
	for (uint32_t i = 0; i < block->step_count; i++)
		if (plan_step(block, i)->kind == STEP_serve_root)
			return plan_string(block, plan_step(block, i)->serve_root.program);
	return "";
}
