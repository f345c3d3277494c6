/* doctor.h: what works here and what does not, found out by doing it, and for what does not the cause and the remedy.
 *
 * Everything is tried in processes that end again, in namespaces that end with them. */
#ifndef KIST_DOCTOR_DOCTOR_H
#define KIST_DOCTOR_DOCTOR_H

#include "base/arena.h"
#include "base/err.h"
#include "facts/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can be the matter with a machine; each row of the table of checks, and each failed step of a start, is about
 * one of them. */
enum doctor_subject {
	SUBJECT_USER, /* making a user namespace */
	SUBJECT_OWN_MAP,
	SUBJECT_SUB_MAP, /* subordinate ids, through newuidmap and newgidmap */
	SUBJECT_NAMESPACE,
	SUBJECT_TIME_OFFSETS,
	SUBJECT_PROC,
	SUBJECT_SYSFS,
	SUBJECT_MOUNT, /* any other file system */
	SUBJECT_OVERLAY,
	SUBJECT_IDMAPPED,
	SUBJECT_STATE,
	SUBJECT_CGROUP,
	SUBJECT_SECCOMP,
	SUBJECT_NOTIFY,
	SUBJECT_DEVICES,
	SUBJECT_PIDFD,
	SUBJECT_MEMFD,
	SUBJECT_KEYRING,
	SUBJECT_BINFMT,
	SUBJECT_FUSE,
	SUBJECT_LANDLOCK,
	SUBJECT_COUNT,
};

/* --- why something failed --------------------------------------------------------------------------- */

struct doctor_case {
	enum doctor_subject subject;
	uint32_t namespaces; /* ABI_NEW* that were asked for, where that is the matter */
	int number;          /* positive errno */
	const char *detail;  /* what is known beyond errno, or NULL */
};
/* All NULL when no cause is known for certain. */
struct doctor_advice {
	const char *why;     /* "user.max_user_namespaces is 0: user namespaces are switched off" */
	const char *remedy;  /* the one thing to do, a command where there is one */
	const char *drop_in; /* the text of the file that the remedy names; NULL: it names none */
};
/* Looks at this host as the calling process sees it; reads files of /proc and /sys, and /etc/subuid. */
struct doctor_advice doctor_diagnose(struct arena *arena, const struct facts *facts, const struct doctor_case *failed);

/* --- everything, by doing ----------------------------------------------------------------------------- */

enum doctor_verdict { DOCTOR_UNTRIED, DOCTOR_WORKS, DOCTOR_FAILS };

struct doctor_answer {
	enum doctor_verdict verdict;
	int number;         /* positive errno of a failure, 0: none */
	const char *detail; /* what was found; of an untried one why it was not tried; NULL: nothing to say */
	struct doctor_advice advice;
};

/* Somebody to try things as. `dropped`: another than the caller, whose ids are taken for the time of the trial. */
struct doctor_person {
	const char *name; /* as /etc/passwd has it, or the number */
	uint32_t uid, gid;
	bool dropped;
	const char *state_root; /* NULL: this person's default */
	bool asked; /* false: this column stays empty */
	bool works; /* everything that is needed does */
	struct doctor_answer *answers; /* one a check, in the order of the table */
};

struct doctor_check_row {
	const char *group;  /* "namespaces" */
	const char *name;   /* "user namespace" */
	const char *proves; /* what was done to find out */
	const char *use;    /* NULL: kist cannot do without; else what cannot be used without it */
};
size_t doctor_check_count(void);
struct doctor_check_row doctor_check_row(size_t index);

/* Fills name, uid and gid of a user of /etc/passwd, by name or number (a number need not be there: its group is then
 * the same number). False when there is no such user. */
bool doctor_find_person(struct arena *arena, const char *word, struct doctor_person *person);
/* Tries everything as this person and fills answers and works. What does not end within ten seconds is killed and has
 * failed (ETIMEDOUT). -errno with err when there cannot be a trial at all. */
int doctor_examine(struct arena *arena, struct doctor_person *person, struct err *err);

#endif
