/* record.h: what is running: one directory per container under the state root, 0700, owned by the caller.
 *
 * state_root/ID/ holds: `record.json` (replaced atomically), `journal` (what stands outside, written before each
 * deed), `board` (see plan/board.h), a created container's `gate` and `late` (gate.h), and a box's scratch directories.
 * The directory itself is locked (flock: one verb at a time).
 * Everything read back is validated: a hostile record must not harm the reader (security.md rule 17). */
#ifndef KIST_STATE_RECORD_H
#define KIST_STATE_RECORD_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Ids: [A-Za-z0-9_+.-], no leading dot, at most 255 bytes. */
bool record_id_valid(const char *id);
/* 0, or -EINVAL with err, which tells what an id is made of. */
int record_check_id(struct arena *arena, const char *id, struct err *err);

struct record_pair {
	const char *key, *value;
};
struct record_pairs {
	const struct record_pair *items;
	size_t count;
};

/* What record.json may hold: the annotations of a config.json, which may have 4 MiB, and escapes. */
enum { RECORD_BYTES = 8 << 20 };

/* Whose a container is. What has a stage was made by create or `run -d`, and outlives its runtime: it stays until it is
 * deleted, stopped or not. */
enum record_stage {
	RECORD_FOREGROUND, /* its runtime's, which also removes what is left of it */
	RECORD_CREATING,   /* being made: debris once its runtime is dead */
	RECORD_CREATED,    /* complete; waits at its start gate, or is on its way through */
	RECORD_STARTED,
	RECORD_STAGES,
};

/* Where board (plan/board.h) says that the container has come through its start gate. */
enum { RECORD_BOARD_PASSED = 16 };

struct record {
	const char *root; /* state root, absolute */
	const char *id;
	int dirfd;        /* of state_root/ID, and holds its flock; -1 when not open */
	const char *bundle; /* absolute, or NULL for a box */
	const char *rootfs; /* absolute; "/" for a view of this machine's; NULL: not known */
	struct record_pairs annotations;
	const char *freezer; /* the file that tells whether its cgroup is frozen; NULL: not known */
	pid_t pid;          /* 0: none yet */
	uint64_t start_time; /* of pid, field 22 of /proc/PID/stat: with it a recycled pid is told apart */
	pid_t runtime_pid;   /* the foreground kist */
	uint64_t runtime_start;
	int64_t created;     /* CLOCK_REALTIME, seconds */
	bool box;            /* dies with its runtime */
	enum record_stage stage;
	bool background;     /* its record stays when it has ended, for those who wait for it */
	int status;          /* how it ended, 0 to 255; STATUS_UNKNOWN: not yet, or its runtime was killed */
	int rootfd;          /* state_root itself; -1 when not open */
	int journalfd;       /* the journal, for appending; only record_make opens it */
	/* The id maps that a set-uid helper wrote, as it got them: files of these ids lie in the scratch directories,
	 * and an ordinary user can remove them only from a user namespace with the same maps. NULL: none. */
	const char *uid_map, *uid_helper, *gid_map, *gid_helper;
};

enum { STATUS_UNKNOWN = -1 };

/* A record with no descriptors yet. */
#define RECORD_NONE ((struct record){ .dirfd = -1, .rootfd = -1, .journalfd = -1, .status = STATUS_UNKNOWN })

/* Makes the state root when missing (0700; an existing one must be ours and not writable by others) and the record's
 * directory; -EEXIST with a hint when the id is taken by a living container, or by a background box that has
 * ended, whose status would be lost; and clears it away first when it is what a killed one left behind (journal walked
 * backwards). Takes the lock. */
int record_make(struct arena *arena, struct record *record, struct err *err);
/* Opens and validates an existing one and takes its lock (waits at most 2 s). -ENOENT when there is none. */
int record_open(struct arena *arena, const char *root, const char *id, struct record *record, struct err *err);
/* The failure of every verb that asks for a container that is not there; engines look for "does not exist". -ENOENT. */
int record_missing(struct arena *arena, const char *root, const char *id, struct err *err);
/* The same for `delete --force`: a record.json that cannot be read is none. */
int record_open_damaged(struct arena *arena, const char *root, const char *id, struct record *record, struct err *err);
/* Writes record.json (after pid and start time are known). */
int record_save(struct arena *arena, const struct record *record, struct err *err);
/* Writes how it ended into the record.json that is there: who waits has it open, and reads it even when it was removed
 * meanwhile. */
int record_save_status(struct arena *arena, struct record *record, int status, struct err *err);
/* A descriptor of record.json, to be read, perhaps later. -ENOENT when its runtime did not get that far. */
int record_open_json(const struct record *record);
int record_read(struct arena *arena, int fd, struct record *record, struct err *err);
/* Removes the directory with all kist put into it, and closes the fds. */
int record_remove(struct arena *arena, struct record *record, struct err *err);
void record_close(struct record *record);

/* The lock is given back while the container runs, so that other verbs can act on it, and taken again (at most 2 s)
 * before anything is undone. 0; -ENOENT when it was deleted meanwhile, and its name may be another container's; or
 * -errno. */
void record_unlock(struct record *record);
int record_lock(struct arena *arena, struct record *record, struct err *err);
/* True while the container's process lives, or the runtime that is still to clear up after it. */
bool record_alive(const struct record *record);
/* True when what the record says may be removed without being asked for: its runtime is dead, and it was never complete
 * or has ended. */
bool record_is_debris(const struct record *record);

/* True of a created container whose process has not come through the start gate yet. */
bool record_waits(const struct record *record);

/* What runs under the root, as their records say: those whose process lives. Takes no lock and keeps no descriptor: a
 * record that another command is at work on is listed too, one that cannot be read is not. Their number, 0 when there
 * is no root, or -errno with err. */
int record_list(struct arena *arena, const char *root, struct record **records, struct err *err);

/* Start time of a process in clock ticks since boot, from /proc/PID/stat; 0 or -errno. */
int process_start_time(pid_t pid, uint64_t *ticks);
/* True while `pid` is the very process that had this start time; a zombie is one no more. */
bool process_is(pid_t pid, uint64_t start_time);

/* `kist gc`: removes what dead runtimes left under the root, and background boxes that have ended: for each record that
 * is debris the journal is walked backwards. Each deed and each failure is one line in report. Returns how many were
 * removed; when one could not be, -errno. */
struct buf;
int record_collect(struct arena *arena, const char *root, struct buf *report, struct err *err);

#endif
