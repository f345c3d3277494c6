/* step_cgroup.c: making cgroups, their limits and the descriptors for placement. */
#include "base/fd.h"
#include "base/file.h"
#include "run/walk.h"
#include "state/cgroup.h"
#include "state/journal.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <string.h>

enum { CGROUP_MODE = 0755, CGROUP_TEXT = 64 << 10, MAKE_TRIES = 256 };

struct chain {
	struct walk *walk;
	const struct step_make_cgroup *wanted;
	const char *path; /* of the directory at hand, absolute */
	bool leaf;
	bool fresh; /* the directory above was made by this chain, so nobody can have frozen or used anything below */
};

static int open_directory(int dirfd, const char *name)
{
	return sys_openat2(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
	                   UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
}

/* The file's text without its line end; NULL when it is not there or cannot be read. */
static char *read_file(struct arena *arena, int dirfd, const char *file)
{
	char *text;
	size_t length;
	if (file_read_at(arena, dirfd, file, CGROUP_TEXT, &text, &length) < 0)
		return NULL;
	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

/* --- v2: the controllers that the directories above must hand down --------------------------------- */

/* "+cpu +memory" for what is wanted and not yet handed down. NULL: nothing. */
static const char *missing_controllers(const struct chain *chain, const char *present)
{
	struct buf wanted = buf_in(chain->walk->arena);
	const char *name = plan_bytes(chain->walk->block, chain->wanted->enable);
	for (uint32_t i = 0; i < chain->wanted->enable.count; i++, name += strlen(name) + 1)
		if (!has_word(present, name))
			buf_printf(&wanted, "%s+%s", wanted.length ? " " : "", name);
	return wanted.bytes;
}

/* Names the controller that the directory does not have itself; NULL when it has them all. */
static const char *lacking_controller(const struct chain *chain, const char *available)
{
	const char *name = plan_bytes(chain->walk->block, chain->wanted->enable);
	for (uint32_t i = 0; i < chain->wanted->enable.count; i++, name += strlen(name) + 1)
		if (!has_word(available, name))
			return name;
	return NULL;
}

static int enable_controllers(const struct chain *chain, int dirfd)
{
	struct arena *arena = chain->walk->arena;
	if (chain->wanted->enable.count == 0)
		return 0;
	const char *present = read_file(arena, dirfd, "cgroup.subtree_control");
	const char *missing = missing_controllers(chain, present ? present : "");
	if (!missing)
		return 0;
	const char *available = read_file(arena, dirfd, "cgroup.controllers");
	const char *lacking = lacking_controller(chain, available ? available : "");
	if (lacking)
		return step_fail(chain->walk, -ENOENT, "the cgroup %s has no controller \"%s\" (it has: %s)",
		                 chain->path, lacking, available && *available ? available : "none");
	int result = file_write_at(dirfd, "cgroup.subtree_control", missing, strlen(missing));
	if (result == -EBUSY)
		return step_fail(chain->walk, result,
		                 "the cgroup %s holds processes, so it cannot hand down controllers (%s)", chain->path,
		                 missing);
	if (result < 0)
		return step_fail(chain->walk, result, "the cgroup %s does not hand down %s", chain->path, missing);
	return 0;
}

/* --- v1: a cpuset without cpus and memory nodes takes no process ------------------------------------ */

static int inherit_file(const struct chain *chain, int parent, int dirfd, const char *file, bool made)
{
	const char *own = made ? "" : read_file(chain->walk->arena, dirfd, file);
	if (!own || *own)
		return 0;
	const char *above = read_file(chain->walk->arena, parent, file);
	if (!above || !*above)
		return step_fail(chain->walk, -ENOSPC, "%s of the cgroup above %s is empty", file, chain->path);
	int result = file_write_at(dirfd, file, above, strlen(above));
	return result < 0 ? step_fail(chain->walk, result, "cannot copy %s down to %s", file, chain->path) : 0;
}

static int inherit_cpuset(const struct chain *chain, int parent, int dirfd, bool made)
{
	if (!chain->wanted->inherit_cpuset)
		return 0;
	int result = inherit_file(chain, parent, dirfd, "cpuset.cpus", made);
	return result < 0 ? result : inherit_file(chain, parent, dirfd, "cpuset.mems", made);
}

/* --- one directory ---------------------------------------------------------------------------------- */

static int refuse(const struct chain *chain, const char *why, const char *hint)
{
	chain->walk->hint = hint;
	return step_fail(chain->walk, -EBUSY, "it %s", why);
}

/* What would make the process stall or mix it with others' is refused before anything is put into the cgroup: on v1 a
 * task in a frozen cgroup even ignores SIGKILL. */
static int check_usable(const struct chain *chain, int dirfd, bool made)
{
	if (made && chain->fresh)
		return 0;
	struct arena *arena = chain->walk->arena;
	const char *file = walk_text(chain->walk, chain->wanted->state);
	const char *state = *file ? read_file(arena, dirfd, file) : NULL;
	/* "FROZEN" or "FREEZING" on v1, a line of several on v2 (cgroups(7)). */
	if (state && (strncmp(state, "FR", 2) == 0 || strstr(state, "frozen 1")))
		return refuse(chain, "is frozen", "thaw it first, or choose another cgroupsPath");
	const char *inside = made ? NULL : read_file(arena, dirfd, "cgroup.procs");
	if (inside && *inside)
		return refuse(chain,
		              arena_printf(arena, "already holds processes (%.*s)", (int)strcspn(inside, "\n"), inside),
		              "end them first, or choose another cgroupsPath");
	return 0;
}

static int note(const struct chain *chain, enum journal_verb verb, int dirfd)
{
	struct stat status;
	int result = sys_stat_fd(dirfd, &status);
	return result < 0 ? result
	                  : journal_done(&chain->walk->run->record, verb, chain->path, status.st_ino, status.st_dev);
}

/* A descriptor of the new directory; -EEXIST when somebody else was faster. */
static int make_directory(const struct chain *chain, int parent, const char *name)
{
	const struct record *record = &chain->walk->run->record;
	const enum journal_verb verb = chain->leaf ? JOURNAL_REMOVE_CGROUP : JOURNAL_REMOVE_PARENT;
	int result = journal_intend(record, verb, chain->path);
	if (result < 0)
		return result;
	result = sys_mkdir_at(parent, name, CGROUP_MODE);
	if (result < 0) {
		journal_cancel(record, verb, chain->path);
		return result;
	}
	FD_AUTO int dirfd = open_directory(parent, name);
	result = dirfd < 0 ? dirfd : note(chain, verb, dirfd);
	if (result == 0 && !chain->leaf)
		cgroup_mark(dirfd);
	return result < 0 ? result : fd_take(&dirfd);
}

/* The directory `name` below parent, made when it is missing. A descriptor or -errno; -ENOENT or -ENODEV: it or its
 * parent was removed meanwhile, by a container that ended. */
static int enter_directory(const struct chain *chain, int parent, const char *name, bool *made)
{
	/* The container's own is hardly ever there, and looking for what is not there is dear in a cgroup. */
	FD_AUTO int dirfd = chain->leaf ? -ENOENT : open_directory(parent, name);
	*made = false;
	if (dirfd == -ENOENT) {
		dirfd = make_directory(chain, parent, name);
		*made = dirfd >= 0;
		if (dirfd == -EEXIST)
			dirfd = open_directory(parent, name);
	}
	if (dirfd < 0)
		return dirfd;
	/* Whether it has the mark is seen when it is to be removed: the one who makes it may be about to set it. */
	int result = *made || chain->leaf ? 0 : note(chain, JOURNAL_REMOVE_MARKED, dirfd);
	return result < 0 ? result : fd_take(&dirfd);
}

/* --- all of them ------------------------------------------------------------------------------------- */

/* The last one is the leaf. */
struct level {
	int dirfd;
	bool made;
	const char *path; /* absolute */
};

struct levels {
	struct level *items;
	size_t count;
};

static void levels_close(struct levels *levels)
{
	for (size_t i = 0; i < levels->count; i++)
		fd_close(&levels->items[i].dirfd);
}

/* From below the hierarchy's root down to the leaf. At once, before anything is written into one of them: a container
 * that ends removes what is empty above it, and only what is below a directory keeps it there. */
static int enter_levels(struct chain *chain, const char *hierarchy, int root, struct levels *levels)
{
	const char *whole = walk_text(chain->walk, chain->wanted->path), *at = whole + strlen(hierarchy);
	int parent = root;
	levels->items = ARENA_ARRAY(chain->walk->arena, strlen(at), struct level);
	while (*(at += strspn(at, "/"))) {
		size_t length = strcspn(at, "/");
		const char *name = arena_copy(chain->walk->arena, at, length);
		struct level *level = &levels->items[levels->count];
		at += length;
		chain->leaf = !at[strspn(at, "/")];
		chain->path = level->path = arena_copy(chain->walk->arena, whole, (size_t)(at - whole));
		level->dirfd = enter_directory(chain, parent, name, &level->made);
		if (level->dirfd < 0)
			return level->dirfd;
		parent = level->dirfd;
		levels->count++;
	}
	return 0;
}

/* What must be in them before the next one below can have it. */
static int settle_levels(struct chain *chain, const char *hierarchy, int root, const struct levels *levels)
{
	int parent = root;
	chain->path = hierarchy;
	chain->fresh = false;
	int result = enable_controllers(chain, root);
	for (size_t i = 0; i < levels->count && result == 0; i++) {
		const struct level *level = &levels->items[i];
		chain->path = level->path;
		result = inherit_cpuset(chain, parent, level->dirfd, level->made);
		if (result == 0 && i + 1 < levels->count)
			result = enable_controllers(chain, level->dirfd);
		else if (result == 0)
			result = check_usable(chain, level->dirfd, level->made);
		chain->fresh = level->made;
		parent = level->dirfd;
	}
	return result;
}

static void hold(struct walk *walk, const char *path, int dirfd)
{
	struct held_cgroup *held = ARENA_NEW(walk->arena, struct held_cgroup);
	*held = (struct held_cgroup){ walk->cgroups, path, dirfd };
	walk->cgroups = held;
}

/* -ENOENT or -ENODEV: something above may have vanished on the way. */
static int make_chain(struct chain *chain, const char *hierarchy)
{
	__attribute__((cleanup(levels_close))) struct levels levels = { NULL, 0 };
	FD_AUTO int root = sys_open_at(AT_FDCWD, hierarchy, O_RDONLY | O_DIRECTORY, 0);
	if (root < 0)
		return step_fail(chain->walk, root, "the hierarchy %s cannot be opened", hierarchy);
	int result = enter_levels(chain, hierarchy, root, &levels);
	if (result == 0)
		result = settle_levels(chain, hierarchy, root, &levels);
	if (result == 0)
		hold(chain->walk, walk_text(chain->walk, chain->wanted->path),
		     fd_take(&levels.items[levels.count - 1].dirfd));
	return result;
}

/* --- the steps -------------------------------------------------------------------------------------- */

static bool is_below(const char *path, const char *hierarchy)
{
	size_t length = strlen(hierarchy);
	return strncmp(path, hierarchy, length) == 0 && path[length] == '/' && !strstr(path, "/../") &&
	       !strstr(path, "/./");
}

/* So that `state` and `list` need not look for it. A hybrid layout freezes with v1, which comes first. */
static void note_freezer(struct walk *walk, const struct step_make_cgroup *wanted)
{
	const char *file = walk_text(walk, wanted->state);
	struct record *record = &walk->run->record;
	if (*file && !record->freezer)
		record->freezer = arena_printf(walk->arena, "%s/%s", walk_text(walk, wanted->path), file);
}

int step_make_cgroup(struct walk *walk, const struct step *step)
{
	struct chain chain = { .walk = walk, .wanted = &step->make_cgroup };
	const char *hierarchy = walk_text(walk, step->make_cgroup.hierarchy);
	if (!is_below(walk_text(walk, step->make_cgroup.path), hierarchy))
		return step_fail(walk, -EXDEV, "it is not below %s", hierarchy);
	int result = -ENOENT;
	/* The files of a removed cgroup answer ENOENT or ENODEV, and while it is being removed they are gone before its
	 * name is: then it begins again from the root of the hierarchy. What is really missing is missing each time. */
	for (int tries = 0; tries < MAKE_TRIES && (result == -ENOENT || result == -ENODEV); tries++) {
		walk->detail = walk->hint = NULL;
		result = make_chain(&chain, hierarchy);
	}
	if (result == 0)
		note_freezer(walk, &step->make_cgroup);
	return result;
}

/* Laws say that a plan uses only cgroups that it made. */
static int held_directory(struct walk *walk, const char *path)
{
	for (const struct held_cgroup *held = walk->cgroups; held; held = held->next)
		if (strcmp(held->path, path) == 0)
			return held->dirfd;
	return step_fail(walk, -ENOENT, "this start did not make it");
}

/* "one, other" */
static const char *join_words(struct arena *arena, const char *words, uint32_t count)
{
	const char *joined = "";
	for (uint32_t i = 0; i < count; i++, words += strlen(words) + 1)
		joined = arena_printf(arena, "%s%s%s", joined, i ? ", " : "", words);
	return joined;
}

static int open_file(struct walk *walk, const char *path, const char *file)
{
	int dirfd = held_directory(walk, path);
	if (dirfd < 0)
		return dirfd;
	if (strchr(file, '/'))
		return step_fail(walk, -EINVAL, "\"%s\" is no name of a file", file);
	return *file ? sys_open_at(dirfd, file, O_WRONLY | O_NOFOLLOW, 0) : open_directory(dirfd, ".");
}

static int write_file(struct walk *walk, const char *path, const char *file, const char *value)
{
	FD_AUTO int fd = *file ? open_file(walk, path, file) : -EINVAL;
	if (fd < 0)
		return fd;
	long written = sys_write(fd, value, strlen(value));
	return written < 0 ? (int)written : 0;
}

int step_write_cgroup(struct walk *walk, const struct step *step)
{
	return write_file(walk, walk_text(walk, step->write_cgroup.path), walk_text(walk, step->write_cgroup.file),
	                  walk_text(walk, step->write_cgroup.value));
}

int step_weigh_io(struct walk *walk, const struct step *step)
{
	const struct plan_span files = step->weigh_io.files;
	const char *file = plan_bytes(walk->block, files), *value = plan_bytes(walk->block, step->weigh_io.values);
	bool any = false;
	for (uint32_t i = 0; i < files.count; i++, file += strlen(file) + 1, value += strlen(value) + 1) {
		int result = write_file(walk, walk_text(walk, step->weigh_io.path), file, value);
		if (result < 0 && result != -ENOENT)
			return step_fail(walk, result, "%s does not take \"%s\"", file, value);
		any |= result == 0;
	}
	return any ? 0
	           : step_fail(walk, -ENOENT, "this kernel has none of the files that take a weight (%s)",
	                       join_words(walk->arena, plan_bytes(walk->block, files), files.count));
}

int step_open_cgroup(struct walk *walk, const struct step *step)
{
	int fd = open_file(walk, walk_text(walk, step->open_cgroup.path), walk_text(walk, step->open_cgroup.file));
	if (fd < 0)
		return fd;
	walk->slots[step->open_cgroup.cgroup] = fd;
	return 0;
}
