/* try_cgroup.c: makes a cgroup where kist would, in each hierarchy, and tells which controllers that gives. */
#include "doctor/trial.h"
#include "sys/open.h"

#include <string.h>

/* The first three are what a box's limits need. */
static const char *const wanted[] = { "memory", "cpu", "pids", "cpuset", "io", "blkio", "devices", "freezer" };
enum { WANTED = sizeof(wanted) / sizeof(wanted[0]), NEEDED = 3 };

/* Where kist puts containers in this hierarchy, NULL: nowhere (plan/cgroup.c). `parent` is made too and removed again
 * unless it is there. */
static const char *place_of(struct arena *arena, const struct facts_hierarchy *hierarchy, int pid, const char **parent)
{
	*parent = NULL;
	if (hierarchy->root_writable) {
		*parent = arena_printf(arena, "%s/kist", hierarchy->mount);
		return arena_printf(arena, "%s/doctor-%d", *parent, pid);
	}
	if (!hierarchy->own_writable)
		return NULL;
	return arena_printf(arena, "%s%s/kist-doctor-%d", hierarchy->mount, hierarchy->own, pid);
}

static void remove_place(const char *place, const char *parent)
{
	sys_unlink_at(AT_FDCWD, place, AT_REMOVEDIR);
	if (parent) /* others may use it by now: then it stays */
		sys_unlink_at(AT_FDCWD, parent, AT_REMOVEDIR);
}

static int try_place(const char *place, const char *parent)
{
	int result = parent ? sys_mkdir_at(AT_FDCWD, parent, 0755) : 0;
	if (result == -EEXIST)
		result = 0;
	if (result == 0)
		result = sys_mkdir_at(AT_FDCWD, place, 0755);
	remove_place(place, parent);
	return result;
}

void try_cgroup_clean(struct arena *arena, const struct facts *facts, int pid)
{
	for (size_t i = 0; i < facts->cgroup.count; i++) {
		const char *parent, *place = place_of(arena, &facts->cgroup.hierarchies[i], pid, &parent);
		if (place)
			remove_place(place, parent);
	}
}

static bool has_word(const char **words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* Of a v2 hierarchy counts what was given down to where the cgroup would be. */
static bool gives(const struct facts_hierarchy *hierarchy, const char *controller)
{
	bool all = !hierarchy->unified || hierarchy->root_writable;
	return has_word(all ? hierarchy->controllers : hierarchy->delegated,
	                all ? hierarchy->controller_count : hierarchy->delegated_count, controller);
}

static const char *add_word(struct arena *arena, const char *list, const char *word)
{
	return *list ? arena_printf(arena, "%s, %s", list, word) : word;
}

int try_cgroup(struct trial *trial)
{
	const struct facts_cgroup *cgroup = &trial->facts->cgroup;
	bool had[WANTED] = { false };
	const char *missing = "", *given = "";
	int failed = cgroup->count ? -EACCES : -ENOENT;
	for (size_t i = 0; i < cgroup->count; i++) {
		const struct facts_hierarchy *hierarchy = &cgroup->hierarchies[i];
		const char *parent, *place = place_of(trial->arena, hierarchy, (int)getpid(), &parent);
		int result = place ? try_place(place, parent) : -EACCES;
		if (result < 0 && result != -EACCES)
			failed = result;
		for (size_t k = 0; k < WANTED; k++)
			had[k] |= result == 0 && gives(hierarchy, wanted[k]);
	}
	for (size_t k = 0; k < WANTED; k++) {
		if (had[k])
			given = add_word(trial->arena, given, wanted[k]);
		else if (k < NEEDED)
			missing = add_word(trial->arena, missing, wanted[k]);
	}
	if (*missing)
		trial_say(trial, "without %s", missing);
	else
		trial_say(trial, "%s", given);
	return *missing ? failed : 0;
}
