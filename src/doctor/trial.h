/* trial.h: what one check gets, and the acts that several of them begin with. */
#ifndef KIST_DOCTOR_TRIAL_H
#define KIST_DOCTOR_TRIAL_H

#include "doctor/doctor.h"

#include <sys/types.h>

enum { TRIAL_DETAIL = 512, TRIAL_MS = 10000 };

struct trial {
	struct arena *arena;
	const struct facts *facts; /* of the person */
	uint32_t namespaces;       /* of the table's row */
	const char *type;          /* file system, of the table's row */
	bool privileged;           /* namespaces and mounts need no user namespace */
	char *detail;              /* TRIAL_DETAIL bytes that outlive the process */
};

/* Runs in a process of its own, which ends with it: 0 or -errno. */
typedef int trial_deed(struct trial *trial);

struct trial_row {
	struct doctor_check_row words;
	enum doctor_subject subject;
	uint32_t namespaces;
	const char *type;
	trial_deed *check;
	bool inside; /* an ordinary user needs a user namespace of its own for this */
};
extern const struct trial_row trial_table[];
extern const size_t trial_count;

/* Says what was found, or what the errno does not say. */
__attribute__((format(printf, 2, 3))) void trial_say(struct trial *trial, const char *format, ...);
/* Unshares these namespaces; an ordinary user gets a user namespace with its own id as 0 beside them. */
int trial_enter(struct trial *trial, uint32_t namespaces);
/* A child like fork(2)'s that dies with its parent, and a pidfd of it. 0 in the child, the pid, or -errno. */
pid_t trial_fork(int *pidfd);
/* Runs the deed in a child and waits for it: 0 or -errno of the deed. The child is in the namespaces that take effect
 * for children only. */
int trial_in_child(struct trial *trial, trial_deed *deed);
/* A detached mount of a new file system, or -errno. `options`: pairs of key and value, NULL at the end. */
int trial_mount(struct trial *trial, const char *type, const char *const *options);
/* Makes every mount private, so that what is attached to one is seen nowhere else. */
int trial_separate(void);
/* Writes the text to /proc/PID/NAME. */
int trial_write_proc(struct trial *trial, int pid, const char *name, const char *text);
/* Starts a process in a new user namespace, which waits to be killed. Its pid or -errno. */
int trial_hold_user_namespace(struct trial *trial);

trial_deed try_user_namespace, try_own_map, try_sub_map, try_namespace, try_time_offsets;
trial_deed try_proc, try_file_system, try_overlay, try_idmapped, try_state;
trial_deed try_cgroup;
trial_deed try_seccomp, try_notify, try_devices, try_pidfd, try_memfd, try_keyring, try_binfmt,
	try_fuse, try_landlock;

/* Removes a cgroup that a killed check may have left. */
void try_cgroup_clean(struct arena *arena, const struct facts *facts, int pid);

#endif
