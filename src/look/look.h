/* look.h: the namespaces of this machine and who is in them, as far as the caller may see. */
#ifndef KIST_LOOK_LOOK_H
#define KIST_LOOK_LOOK_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOOK_TYPES = 8 };

struct look_type {
	uint32_t type;     /* ABI_NEW* */
	const char *name;  /* "mnt": of /proc/PID/ns, and what lsns says */
	const char *words; /* "mount": of config.json */
};
extern const struct look_type look_types[LOOK_TYPES];
/* The row that has this name or word; NULL: none. */
const struct look_type *look_type_named(const char *name);

struct look_process {
	pid_t pid, parent;
	uint64_t start_time;
	uint32_t uid;            /* effective, as the caller's user namespace sees it */
	char state;              /* 'R', 'S', ... */
	unsigned threads;
	const char *name;        /* the kernel's, 15 bytes at most */
	const char *command;     /* its arguments, joined by blanks; the name in brackets where it has none */
	const char *cgroups;     /* "/a/b", or "cpu:/a memory:/b" on v1; read by look_details */
	bool readable;           /* its namespaces are known */
	uint64_t inodes[LOOK_TYPES]; /* in the order of look_types; 0: not known */
};

struct look_namespace {
	const struct look_type *type;
	uint64_t inode;
	size_t process_count;
	const struct look_process *first; /* with the lowest pid; NULL: no process is in it */
	uint64_t oldest;         /* start time of the process that is in it longest; 0: none */
	bool own;                /* the caller's */
	bool owner_known;
	uint32_t owner;          /* who made its user namespace, or it when it is one */
	uint64_t user;           /* the user namespace that owns it, or is above it; 0: not known, or none */
	uint64_t parent;         /* pid and user: the one above; 0: not known, or none */
	const char *container;   /* the kist container or box whose it is; NULL: none */
	const char *path;        /* where it is mounted (ip netns, unshare --net=FILE); NULL: nowhere */
	const char *uid_map, *gid_map; /* user: the text of the maps; NULL: not known */
};

struct look {
	struct look_process *processes;
	size_t process_count;
	struct look_namespace *namespaces; /* by inode, which is the order in which they were made, mostly */
	size_t namespace_count;
	size_t unreadable; /* processes whose namespaces the caller may not see */
};

/* Reads /proc, the mounts of namespaces, and the records under `root`. Processes that end meanwhile are left out.
 * -errno with err only when there is no /proc to read. */
int look_around(struct arena *arena, const char *root, struct look *look, struct err *err);
/* The cgroups and the threads of one process: read only when asked for. */
void look_details(struct arena *arena, struct look_process *process);
struct look_namespace *look_find(const struct look *look, uint64_t inode);

/* --- one process ------------------------------------------------------------------------------------ */

struct look_target {
	pid_t pid;
	uint64_t start_time;
	const char *id; /* of the container it is; NULL: it was given as a number */
	int processfd;  /* its directory in /proc, which never becomes another process's; -1: not open */
};
/* A number is a pid, anything else the id of a container or box. -ESRCH, -ENOENT, ... with err. */
int look_target(struct arena *arena, const char *root, const char *word, struct look_target *target, struct err *err);

/* What somebody who enters the process finds there. */
struct look_entry {
	uint32_t others;       /* ABI_NEW*: those of its namespaces that are not the caller's */
	bool other_root;       /* its root directory is not the caller's */
	const char *cwd;       /* where it is, seen from its root; "/" when that has no name there */
	const char *uid_map, *gid_map; /* of its user namespace: the text */
	bool denies_setgroups; /* in its user namespace */
	uint64_t bounding;     /* its bounding set, one bit per capability */
	bool no_new_privs;
};
/* `word` is what it was called by. -EACCES, -ESRCH, ... with err. */
int look_at_entry(struct arena *arena, const struct look_target *target, const char *word, struct look_entry *entry,
                struct err *err);

/* --- one container ---------------------------------------------------------------------------------- */

struct container;
struct inside_pids;
struct buf;
/* The processes of a container: those of its cgroup, also what a stopped one left there; without a cgroup those of its
 * pid namespace, or that descend from its first. -ESRCH when there is none, or another -errno, with err. */
int look_inside(struct arena *arena, const struct container *container, struct inside_pids *pids, struct err *err);
/* Runs args[0], which is ps(1), and appends the headings that it prints and its lines about these processes.
 * 0, -ENODATA when it prints no pids, or -errno, with err. */
int look_ps(struct arena *arena, const char *const *args, const struct inside_pids *pids, struct buf *out,
            struct err *err);

#endif
