/* cgroup.c: which cgroup hierarchies are mounted, where the caller is in them, and what it may do there. */
#include "facts/parts.h"
#include "sys/open.h"

enum { HIERARCHIES_MAX = 64 };

/* What was found out about a hierarchy on the way to it. */
struct place {
	struct slice own; /* the caller's path in it, as /proc/self/cgroup has it */
	struct sys_filesystem filesystem;
	bool overrides;
};

static size_t count_words(const char *text, const char *separators)
{
	size_t count = 0;
	for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
		text += strcspn(text, separators);
		count++;
	}
	return count;
}

static size_t split_words(struct arena *arena, const char *text, const char *separators, const char ***words)
{
	size_t count = count_words(text, separators);
	*words = ARENA_ARRAY(arena, count, const char *);
	for (size_t i = 0; i < count; i++) {
		text += strspn(text, separators);
		size_t length = strcspn(text, separators);
		(*words)[i] = arena_copy(arena, text, length);
		text += length;
	}
	return count;
}

/* A file of one line, "" when it cannot be read. */
static const char *read_line(struct arena *arena, const char *folder, const char *name)
{
	char line[1024];
	if (!facts_read_small(arena_printf(arena, "%s/%s", folder, name), line, sizeof(line)))
		return "";
	return arena_string(arena, line);
}

static bool may(const char *path, int mode)
{
	return sys_access_at(AT_FDCWD, path, mode, 0) == 0;
}

/* Directories can be made there, and processes moved into it. */
static bool is_writable(struct arena *arena, const char *folder)
{
	return may(folder, W_OK | X_OK) && may(arena_printf(arena, "%s/cgroup.procs", folder), W_OK);
}

/* The caller's path may lie outside of what is mounted here: in a container without a cgroup namespace it is the
 * host's, and seen from inside of one it climbs ("/../.."). Such a caller has the hierarchy's root for its own. */
static void find_own(struct arena *arena, const struct place *place, struct facts_hierarchy *hierarchy)
{
	struct slice path = place->own;
	const char *own = arena_copy(arena, path.bytes, path.length);
	const char *folder = arena_printf(arena, "%s%s", hierarchy->mount, own);
	bool is_root = own[0] != '/' || own[1] == '\0' || strncmp(own, "/..", 3) == 0 || !may(folder, F_OK);
	hierarchy->own = is_root ? "/" : own;
	if (place->overrides) {
		hierarchy->root_writable = hierarchy->own_writable = !(place->filesystem.flags & UAPI_ST_RDONLY);
		return;
	}
	hierarchy->root_writable = is_writable(arena, hierarchy->mount);
	hierarchy->own_writable = is_root ? hierarchy->root_writable : is_writable(arena, folder);
}

static void read_unified(struct arena *arena, const struct place *place, struct facts_hierarchy *hierarchy)
{
	static const char file[] = "cgroup.controllers";
	hierarchy->unified = true;
	hierarchy->controller_count =
		split_words(arena, read_line(arena, hierarchy->mount, file), " ", &hierarchy->controllers);
	hierarchy->delegated = hierarchy->controllers;
	hierarchy->delegated_count = hierarchy->controller_count;
	find_own(arena, place, hierarchy);
	if (strcmp(hierarchy->own, "/") == 0)
		return;
	const char *folder = arena_printf(arena, "%s%s", hierarchy->mount, hierarchy->own);
	hierarchy->delegated_count = split_words(arena, read_line(arena, folder, file), " ", &hierarchy->delegated);
}

/* A v1 hierarchy lies under all of its controllers' names together, or under one of them; one without controllers
 * ("name=systemd") under its name. NULL when none of these is a cgroup mount. */
static const char *find_folder(struct arena *arena, const struct facts_cgroup_source *source, const char *controllers,
                               struct sys_filesystem *filesystem)
{
	static const char prefix[] = "name=";
	const char **names;
	size_t count = split_words(arena, controllers, ",", &names);
	const char *name = strncmp(controllers, prefix, 5) == 0 ? controllers + 5 : controllers;
	for (size_t i = 0; i <= count; i++) {
		if (source->look(arena_printf(arena, "%s/%s", source->mount, name), filesystem) == 0 &&
		    (filesystem->magic == UAPI_CGROUP_MAGIC || filesystem->magic == UAPI_CGROUP2_MAGIC))
			return name;
		name = i < count ? names[i] : NULL;
	}
	return NULL;
}

/* One line of /proc/self/cgroup, cgroups(7): "4:cpu,cpuacct:/path"; the unified hierarchy's is "0::/path". */
static bool read_hierarchy(struct arena *arena, const struct facts_cgroup_source *source, struct slice line,
                           struct facts_hierarchy *hierarchy)
{
	struct slice number, controllers;
	if (!slice_take(&line, ':', &number) || !slice_take(&line, ':', &controllers))
		return false;
	struct place place = { .own = line, .overrides = source->overrides };
	bool unified = controllers.length == 0;
	const char *list = unified ? "unified" : arena_copy(arena, controllers.bytes, controllers.length);
	const char *folder = find_folder(arena, source, list, &place.filesystem);
	if (!folder || strchr(folder, '/') || (place.filesystem.magic == UAPI_CGROUP2_MAGIC) != unified)
		return false;
	hierarchy->name = folder;
	hierarchy->mount = arena_printf(arena, "%s/%s", source->mount, folder);
	if (unified) {
		read_unified(arena, &place, hierarchy);
		return true;
	}
	hierarchy->controller_count = split_words(arena, list, ",", &hierarchy->controllers);
	find_own(arena, &place, hierarchy);
	return true;
}

static void read_pure(struct arena *arena, const struct facts_cgroup_source *source,
                      const struct sys_filesystem *filesystem, struct facts_cgroup *cgroup)
{
	struct slice rest = source->self, line;
	struct place place = { { "/", 1 }, *filesystem, source->overrides };
	while (slice_take(&rest, '\n', &line))
		if (line.length > 3 && memcmp(line.bytes, "0::", 3) == 0)
			place.own = (struct slice){ line.bytes + 3, line.length - 3 };
	cgroup->layout = CGROUP_V2;
	cgroup->count = 1;
	cgroup->hierarchies = ARENA_NEW(arena, struct facts_hierarchy);
	cgroup->hierarchies[0].mount = arena_string(arena, source->mount);
	cgroup->hierarchies[0].name = "";
	read_unified(arena, &place, &cgroup->hierarchies[0]);
}

/* v1 cpuset: a new cgroup has no cpus and no memory nodes, and refuses processes until it has (cpuset(7)). */
static void read_cpuset(struct arena *arena, struct facts_cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->count; i++) {
		const struct facts_hierarchy *hierarchy = &cgroup->hierarchies[i];
		for (size_t k = 0; k < hierarchy->controller_count && !hierarchy->unified; k++) {
			if (strcmp(hierarchy->controllers[k], "cpuset") != 0)
				continue;
			cgroup->cpus = read_line(arena, hierarchy->mount, "cpuset.cpus");
			cgroup->mems = read_line(arena, hierarchy->mount, "cpuset.mems");
		}
	}
}

void facts_read_cgroup(struct arena *arena, const struct facts_cgroup_source *source, struct facts_cgroup *cgroup)
{
	struct slice rest = source->self, line;
	struct facts_hierarchy unified = { 0 };
	struct sys_filesystem filesystem = { 0 };
	*cgroup = (struct facts_cgroup){ .layout = CGROUP_NONE };
	if (source->look(source->mount, &filesystem) == 0 && filesystem.magic == UAPI_CGROUP2_MAGIC) {
		read_pure(arena, source, &filesystem, cgroup);
		return;
	}
	cgroup->hierarchies = ARENA_ARRAY(arena, HIERARCHIES_MAX, struct facts_hierarchy);
	while (cgroup->count < HIERARCHIES_MAX - 1 && slice_take(&rest, '\n', &line)) {
		struct facts_hierarchy hierarchy = { 0 };
		if (!read_hierarchy(arena, source, line, &hierarchy))
			continue;
		if (hierarchy.unified)
			unified = hierarchy;
		else
			cgroup->hierarchies[cgroup->count++] = hierarchy;
	}
	if (cgroup->count > 0)
		cgroup->layout = CGROUP_V1;
	if (unified.mount) {
		cgroup->layout = CGROUP_HYBRID;
		cgroup->hierarchies[cgroup->count++] = unified;
	}
	read_cpuset(arena, cgroup);
}
