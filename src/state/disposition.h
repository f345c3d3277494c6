/* disposition.h: what a process does with a signal, as its /proc/PID/status tells. */
#ifndef KIST_STATE_DISPOSITION_H
#define KIST_STATE_DISPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Bit n - 1 of a set is signal n. */
struct disposition {
	uint64_t blocked, ignored, caught;
	bool first; /* PID 1 of a namespace below the reader's: the kernel lets no default action happen to it */
};

/* 0, -ESRCH when there is no such process or it has ended, -EBADMSG when the kernel's lines cannot be read. */
int disposition_read(pid_t pid, struct disposition *disposition);
int disposition_parse(const char *text, struct disposition *disposition);

/* Neither caught, ignored nor blocked: what is left is the default action. */
bool disposition_is_default(const struct disposition *disposition, int number);
/* The default action of this signal is the end of the process (signal(7)). */
bool signal_ends(int number);

#endif
