/* exec.h: the program: prepared before the filter, so that behind it only execveat and exit are needed. */
#ifndef KIST_INIT_EXEC_H
#define KIST_INIT_EXEC_H

#include "init/path.h"
#include "init/text.h"

#include <stdbool.h>

/* Why an exec would fail, by the errno it would fail with; "" when nothing was found. */
struct reasons {
	struct text missing; /* ENOENT */
	struct text denied;  /* EACCES */
	struct text format;  /* ENOEXEC */
};

struct program {
	const char *file;         /* what is executed: a path, or a name to be searched for */
	int fd;                   /* of a program of the host, which is executed instead; 0: none */
	bool refused;             /* that one cannot run here: reasons.format tells why */
	const char **args, **env; /* NULL-terminated; NULL until prepared */
	struct reasons reasons;
};

/* The directories that are searched: PATH of the environment, or this when it has none. */
extern const char path_default[];
const char *path_list(const char *const *env);

/* Walks a PATH: writes "directory/name" of the next entry of *list and moves it on. False at the end; entries that are
 * too long are skipped, an empty one is the working directory. */
bool path_candidate(const char **list, const char *name, char candidate[PATH_SIZE]);

struct walker;
/* What a filter could forbid is done before it, once: descriptors closed, signals as a program expects them. */
int exec_prepare(struct walker *walker);

#endif
