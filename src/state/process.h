/* process.h: processes by identity: their state, their end, and who they are when they will not end. */
#ifndef KIST_STATE_PROCESS_H
#define KIST_STATE_PROCESS_H

#include "base/arena.h"

#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_END_MS = 5000 }; /* how long a killed process may take to end */

/* What kist wants of /proc/PID/stat. */
struct process_stat {
	char state;          /* 'R', 'S', 'D', 'Z', ... */
	pid_t parent;
	uint64_t start_time; /* clock ticks since boot */
};
/* 0, -ESRCH when there is no such process, -EBADMSG when the kernel's line cannot be read. */
int process_read_stat(pid_t pid, struct process_stat *stat);
/* The same from the text of the line: the command name in it is chosen by the process and may hold anything. */
int process_parse_stat(const char *line, struct process_stat *stat);

/* Kills and waits until it is gone, at most PROCESS_END_MS; reaps it when it is a child of kist. 0, -ETIMEDOUT when it
 * does not end, or -errno. */
int process_end(int pidfd);

/* A pidfd of the very process that had this start time; -ESRCH once it has ended, or another -errno. */
int process_identify(pid_t pid, uint64_t start_time);

/* "process 123 (cat) in state D, waiting in nfs_wait_bit": for the message about one that will not end. */
const char *process_describe(struct arena *arena, pid_t pid);

/* Sleeps longer the more often it is asked (1 ms to 50 ms) and counts the time in *waited milliseconds.
 * 0, or -ETIMEDOUT after PROCESS_END_MS. */
int process_pause(int *waited);

#endif
