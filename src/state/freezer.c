/* freezer.c: the freezer of cgroup v1 (freezer-subsystem.rst) and cgroup.freeze of v2 (cgroup-v2.rst). */
#include "state/freezer.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/inside.h"
#include "state/process.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

enum { STATE_BYTES = 4096 };

/* The two kinds, in the order in which they are looked for: a hybrid layout has both, and freezes with the first. */
static const struct kind {
	const char *file, *freeze, *thaw; /* what is written */
	const char *state, *frozen;       /* what is read: the words it then has */
	bool deaf;                        /* a frozen process does not even die of SIGKILL */
} kinds[] = {
	{ "freezer.state", "FROZEN", "THAWED", "freezer.state", "FROZEN", true },
	{ "cgroup.freeze", "1", "0", "cgroup.events", "frozen 1", false },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct freezer {
	const struct kind *kind;
	const char *path;
	int dirfd;
};

static bool find_in(const struct inside_place *place, const struct kind *kind, struct freezer *freezer)
{
	FD_AUTO int dirfd = inside_open(place);
	if (dirfd < 0 || faccessat(dirfd, kind->file, F_OK, 0) < 0)
		return false;
	*freezer = (struct freezer){ kind, place->path, fd_take(&dirfd) };
	return true;
}

/* Hierarchies of v1 are called after their controllers nearly everywhere, which saves looking into ten of them. */
static bool is_likely(const struct inside_place *place)
{
	return strstr(place->path, "freezer") != NULL;
}

static bool find_freezer(struct arena *arena, const struct record *record, struct freezer *freezer)
{
	struct inside inside;
	if (inside_read(arena, record, &inside) < 0)
		return false;
	for (size_t i = 0; i < inside.count; i++)
		if (is_likely(&inside.places[i]) && find_in(&inside.places[i], &kinds[0], freezer))
			return true;
	for (size_t kind = 0; kind < KINDS; kind++)
		for (size_t i = 0; i < inside.count; i++)
			if (find_in(&inside.places[i], &kinds[kind], freezer))
				return true;
	return false;
}

static const char *read_state(struct arena *arena, const struct freezer *freezer)
{
	char *text;
	size_t length;
	return file_read_at(arena, freezer->dirfd, freezer->kind->state, STATE_BYTES, &text, &length) < 0 ? "" : text;
}

/* The words of both kinds. */
static bool says_frozen(const char *state)
{
	return strncmp(state, "FROZEN", 6) == 0 || strncmp(state, "FREEZING", 8) == 0 || strstr(state, "frozen 1");
}

/* Of a list of hundreds this is most of the work, so it is one file and one read. False: it is not there. */
static bool read_noted(const struct record *record, bool *frozen)
{
	char state[128];
	FD_AUTO int fd = record->freezer ? sys_open_at(AT_FDCWD, record->freezer,
	                                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0)
	                                 : -1;
	long length = fd < 0 ? fd : sys_read(fd, state, sizeof(state) - 1);
	if (length < 0)
		return false;
	state[length] = '\0';
	*frozen = says_frozen(state);
	return true;
}

bool freezer_holds(struct arena *arena, const struct record *record)
{
	struct freezer freezer;
	bool frozen;
	if (read_noted(record, &frozen))
		return frozen;
	if (!find_freezer(arena, record, &freezer))
		return false;
	frozen = says_frozen(read_state(arena, &freezer));
	fd_close(&freezer.dirfd);
	return frozen;
}

static int put(const struct freezer *freezer, bool frozen)
{
	const char *value = frozen ? freezer->kind->freeze : freezer->kind->thaw;
	return file_write_at(freezer->dirfd, freezer->kind->file, value, strlen(value));
}

/* v1 may have to be told again: who forks while the others stop is not frozen at once. */
static int put_and_wait(struct arena *arena, const struct freezer *freezer, bool frozen)
{
	for (int waited = 0;;) {
		int result = put(freezer, frozen);
		if (result < 0)
			return result;
		if ((strstr(read_state(arena, freezer), freezer->kind->frozen) != NULL) == frozen)
			return 0;
		result = process_pause(&waited);
		if (result < 0)
			return result;
	}
}

/* One that sleeps where it cannot be stopped; NULL: none is seen. */
static const char *culprit(struct arena *arena, int dirfd)
{
	struct inside_pids pids = { 0 };
	struct process_stat stat;
	inside_list(arena, dirfd, &pids);
	for (size_t i = 0; i < pids.count; i++)
		if (process_read_stat(pids.items[i], &stat) == 0 && stat.state == 'D')
			return process_describe(arena, pids.items[i]);
	return NULL;
}

static int report_frozen(struct arena *arena, const struct freezer *freezer, int result, struct err *err)
{
	const char *who = result == -ETIMEDOUT ? culprit(arena, freezer->dirfd) : NULL;
	(void)put(freezer, false);
	if (result != -ETIMEDOUT)
		return err_set(err, arena, -result, "cannot freeze the cgroup %s", freezer->path);
	result = err_set(err, arena, ETIMEDOUT, "the cgroup %s does not freeze within %d seconds%s%s", freezer->path,
	                 PROCESS_END_MS / 1000, who ? ": " : "", who ? who : "");
	err->hint = "it is thawed again; try once more when what that process waits for has come";
	return result;
}

static int report_thawed(struct arena *arena, const struct freezer *freezer, int result, struct err *err)
{
	if (result != -ETIMEDOUT)
		return err_set(err, arena, -result, "cannot thaw the cgroup %s", freezer->path);
	result = err_set(err, arena, ETIMEDOUT, "the cgroup %s stays frozen", freezer->path);
	err->hint = "a cgroup above it is frozen: thaw that one";
	return result;
}

int freezer_set(struct arena *arena, const struct record *record, bool frozen, struct err *err)
{
	struct freezer freezer;
	if (!find_freezer(arena, record, &freezer)) {
		int result = err_set(err, arena, EOPNOTSUPP, "the container %s has no cgroup that can be frozen",
		                     record->id);
		err->hint = "on cgroup v1 that takes root; on v2 it takes a delegated cgroup: `kist doctor` says how";
		return result;
	}
	int result = put_and_wait(arena, &freezer, frozen);
	if (result < 0)
		result = frozen ? report_frozen(arena, &freezer, result, err)
		                : report_thawed(arena, &freezer, result, err);
	fd_close(&freezer.dirfd);
	return result;
}

void freezer_let_die(struct arena *arena, const struct record *record)
{
	struct freezer freezer;
	if (!find_freezer(arena, record, &freezer))
		return;
	if (freezer.kind->deaf)
		(void)put(&freezer, false);
	fd_close(&freezer.dirfd);
}
