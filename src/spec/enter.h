/* enter.h: going into the namespaces of a process, said as a spec. */
#ifndef KIST_SPEC_ENTER_H
#define KIST_SPEC_ENTER_H

#include "spec/box.h"

/* The process, as it was found, and what its caller asks for. */
struct enter_target {
	uint32_t pid;
	uint64_t start_time;
	uint32_t namespaces;  /* ABI_NEW*: those to join */
	bool shares_user;     /* its user namespace is the caller's */
	const char *asked;    /* the list that chose them, as it was given; NULL: none was */
	bool own_root;        /* its root directory is entered; else the caller's stays */
	const char *cwd;      /* absolute, below that root */
	uint64_t bounding;    /* its bounding set: the program gets no more */
	bool no_new_privs;    /* nor more by a set-uid program, when the process cannot */
	uint32_t uid, gid;    /* the caller's */
	/* Of its user namespace: the text of the files in /proc/PID. They count when that is joined. */
	const char *uid_map, *gid_map;
	bool denies_setgroups;
};

/* "mnt,pid" as ABI_NEW* bits. NULL, or the first word that is none; *nearest is then the one it is like, or NULL. */
const char *enter_parse(struct arena *arena, const char *list, uint32_t *types, const char **nearest);

/* Of the flags those for user, groups, working directory, environment and terminal are used, and the caller's part. */
struct spec *enter_spec(struct arena *arena, const struct box_flags *flags, const struct enter_target *target,
                        struct spec_faults *faults);

#endif
