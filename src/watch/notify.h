/* notify.h: answers the system calls that a seccomp filter hands to its listener (seccomp_unotify(2)). */
#ifndef KIST_WATCH_NOTIFY_H
#define KIST_WATCH_NOTIFY_H

#include <stdint.h>
#include <sys/types.h>

enum { NOTIFY_NAME = 16 }; /* TASK_COMM_LEN */

/* A call that its process waits in. */
struct notify_call {
	pid_t pid; /* the thread's, as kist sees it; 0: not in kist's PID namespace */
	char name[NOTIFY_NAME]; /* comm of that thread, without control characters */
	uint32_t audit; /* AUDIT_ARCH_* */
	uint32_t number;
	uint64_t args[6];
};

/* Who decides: with an errno, 0 (the call is taken for done), or NOTIFY_MAKE: the kernel makes it. */
enum { NOTIFY_MAKE = -1 };
struct notify {
	int (*answer)(void *judge, const struct notify_call *call);
	void *judge;
};

/* Answers one call. 0, also when its process is gone; -errno when the listener is of no use any more. */
int notify_serve(const struct notify *notify, int listener);

#endif
