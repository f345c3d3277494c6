/* err.h: one failure, filled once where most is known, printed once by verb/. */
#ifndef KIST_BASE_ERR_H
#define KIST_BASE_ERR_H

#include "base/arena.h"

/* All strings live in the command's arena (or are constants); NULL means "not known".
 * `what` is a complete sentence without "kist:" and without a full stop, its errno words in lower
 * case: docker derives exit codes from the last line it sees ("permission denied", ...). */
struct err {
	const char *what;    /* "cannot mount proc on /proc: operation not permitted" */
	const char *step;    /* the step's kind and actor: "mount_fs, in the container" */
	const char *pointer; /* where it was asked for: JSON pointer "/mounts/0"; verb/ adds file, line, column */
	const char *hint;    /* what to do about it */
	int number;          /* positive errno, 0 when there is none */
	int status;          /* exit status: 125 kist failed, 126 cannot execute, 127 not found */
	int step_index;      /* 1-based, 0 when no step was running */
	int step_count;
};

/* Fills `err` with status 125 and returns -number (or -EINVAL when number is 0), so that a caller
 * can write `return err_set(...)`. The errno's words are appended: "<text>: <words>". */
__attribute__((format(printf, 4, 5))) int err_set(struct err *err, struct arena *arena, int number, const char *format,
                                                  ...);
/* The words of a positive errno in lower case, as engines expect them: "no such file or directory".
 * Constant strings; unknown numbers give "error". Own table: musl's and glibc's words differ. */
const char *err_words(int number);
/* "ENOENT"; NULL when unknown. */
const char *err_name(int number);
/* The number of "ENOENT", or 0. */
int err_number(const char *name);

#endif
