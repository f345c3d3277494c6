/* cgroup.c: where a container's cgroups are, made before the process, which is born in them or enters them first.
 *
 * linux.cgroupsPath "/a/b" is taken from each hierarchy's root, as the specification says. A relative "a/b" is taken
 * from /kist, and without a path it is /kist/ID. It is never the caller's own cgroup, which would be limited, and in
 * the end removed, together with the container's. Who may not make directories in the root gets one below its own
 * cgroup where that is delegated, and otherwise none, which is an error only when a limit was asked for. */
#include "plan/cgroup.h"
#include "plan/question.h"

#include <string.h>

static bool has_word(const char **words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* --- where ---------------------------------------------------------------------------------------- */

/* The container's path below each hierarchy's root. */
static const char *wanted_path(const struct plan_builder *builder)
{
	const char *asked = builder->spec->linux_.cgroups_path;
	if (!asked || !*asked)
		return arena_printf(builder->arena, "/kist/%s", builder->request->id);
	if (*asked != '/')
		return path_inside(builder->arena, arena_printf(builder->arena, "/kist/%s", asked));
	return path_inside(builder->arena, asked);
}

/* systemd hands each user's manager a subtree, whatever cgroup the caller itself is in. */
static bool is_delegated_by_systemd(const struct plan_builder *builder, const char *path)
{
	return strstr(path, arena_printf(builder->arena, "/user@%u.service/", builder->facts->caller.uid)) != NULL;
}

/* The container's path below this hierarchy's root; NULL: it gets no cgroup here. */
static const char *path_in_hierarchy(const struct plan_builder *builder, const struct facts_hierarchy *hierarchy,
                                     bool *delegated)
{
	const char *wanted = wanted_path(builder);
	bool asked = builder->spec->linux_.cgroups_path && *builder->spec->linux_.cgroups_path;
	*delegated = !hierarchy->root_writable;
	if (hierarchy->root_writable)
		return wanted;
	if (asked && ((hierarchy->own_writable && path_is_within(wanted, hierarchy->own)) ||
	              is_delegated_by_systemd(builder, wanted)))
		return wanted;
	if (asked || !hierarchy->own_writable)
		return NULL;
	return path_inside(builder->arena,
	                   arena_printf(builder->arena, "%s/kist-%s", hierarchy->own, builder->request->id));
}

/* What could not be undone, or would be the caller's own undoing. False when the path is refused. */
static bool check_path(struct plan_builder *builder, const struct facts_hierarchy *hierarchy, const char *path)
{
	bool is_root = strcmp(path, "/") == 0;
	bool is_own = !is_root && path_is_within(hierarchy->own, path);
	bool is_shared = strcmp(path, "/kist") == 0;
	if (is_root)
		plan_refuse(builder, "/linux/cgroupsPath",
		            "the root of a hierarchy belongs to the whole machine: name a cgroup below it");
	if (is_own)
		plan_refuse(builder, "/linux/cgroupsPath",
		            "%s is the cgroup that kist itself runs in (%s): name another, so that limits and "
		            "removal are the container's alone",
		            path, hierarchy->mount);
	if (is_shared && !is_own)
		plan_refuse(builder, "/linux/cgroupsPath",
		            "/kist holds the cgroups of all containers that name none: name one below it");
	return !is_root && !is_own && !is_shared;
}

static struct cgroup_places *find_places(struct plan_builder *builder)
{
	const struct facts_cgroup *cgroup = &builder->facts->cgroup;
	struct cgroup_places *places = ARENA_NEW(builder->arena, struct cgroup_places);
	places->items = ARENA_ARRAY(builder->arena, cgroup->count, struct cgroup_place);
	for (size_t i = 0; i < cgroup->count; i++) {
		const struct facts_hierarchy *hierarchy = &cgroup->hierarchies[i];
		bool delegated;
		const char *path = path_in_hierarchy(builder, hierarchy, &delegated);
		if (!path)
			continue;
		places->refused = !check_path(builder, hierarchy, path);
		if (places->refused)
			break; /* the others would only say the same */
		places->items[places->count++] = (struct cgroup_place){
			.hierarchy = hierarchy,
			.path = arena_printf(builder->arena, "%s%s", hierarchy->mount, path),
			.delegated = delegated,
		};
	}
	return places;
}

/* --- controllers ----------------------------------------------------------------------------------- */

static bool place_has(const struct cgroup_place *place, const char *controller)
{
	const struct facts_hierarchy *hierarchy = place->hierarchy;
	if (!has_word(hierarchy->controllers, hierarchy->controller_count, controller))
		return false;
	return !hierarchy->unified || !place->delegated ||
	       has_word(hierarchy->delegated, hierarchy->delegated_count, controller);
}

const struct cgroup_place *cgroup_place_of(const struct plan_builder *builder, const char *controller)
{
	for (size_t i = 0; i < builder->cgroups->count; i++)
		if (place_has(&builder->cgroups->items[i], controller))
			return &builder->cgroups->items[i];
	return NULL;
}

const struct cgroup_place *cgroup_place_unified(const struct plan_builder *builder)
{
	for (size_t i = 0; i < builder->cgroups->count; i++)
		if (builder->cgroups->items[i].hierarchy->unified)
			return &builder->cgroups->items[i];
	return NULL;
}

bool cgroup_is_unified(const struct plan_builder *builder, const char *controller)
{
	const struct cgroup_place *place = cgroup_place_of(builder, controller);
	return place ? place->hierarchy->unified : builder->facts->cgroup.layout == CGROUP_V2;
}

static const struct facts_hierarchy *hierarchy_of(const struct facts_cgroup *cgroup, const char *controller)
{
	for (size_t i = 0; i < cgroup->count; i++)
		if (has_word(cgroup->hierarchies[i].controllers, cgroup->hierarchies[i].controller_count, controller))
			return &cgroup->hierarchies[i];
	return NULL;
}

void cgroup_refuse_controller(struct plan_builder *builder, const char *controller, const char *pointer)
{
	const struct facts_cgroup *cgroup = &builder->facts->cgroup;
	const struct facts_hierarchy *hierarchy = hierarchy_of(cgroup, controller);
	if (builder->cgroups->refused)
		return;
	if (!cgroup->count)
		plan_refuse(builder, pointer, "no cgroup hierarchy is mounted here, so nothing can be limited");
	else if (!hierarchy)
		plan_refuse(builder, pointer,
		            "no cgroup hierarchy of this host has the controller \"%s\" (not in the kernel, or "
		            "not enabled)",
		            controller);
	else if (!hierarchy->unified)
		plan_refuse(builder, pointer,
		            "the controller \"%s\" cannot be used by this user: it is on cgroup v1 (%s), which "
		            "is not delegated",
		            controller, hierarchy->mount);
	else
		plan_refuse(builder, pointer,
		            "the controller \"%s\" is not delegated to this user: delegation ends at %s%s. Put "
		            "\"[Service]\\nDelegate=cpu cpuset io memory pids\" into "
		            "/etc/systemd/system/user@.service.d/delegate.conf, log in anew, and start kist "
		            "with `systemd-run --user --scope -p Delegate=yes`",
		            controller, hierarchy->mount, hierarchy->own);
}

/* v2: what a limit needs, and what is always counted so that memory, time and processes of a container can be told.
 * Enabled on the way down from the root. */
static struct plan_span controllers_to_enable(struct plan_builder *builder, const struct cgroup_place *place)
{
	static const struct {
		const char *name;
		bool always;
	} known[] = {
		{ "cpu", true },      { "cpuset", false }, { "io", false },   { "memory", true },
		{ "hugetlb", false }, { "pids", true },    { "rdma", false }, { "misc", false },
	};
	enum { KNOWN = sizeof(known) / sizeof(*known) };
	const char *enable[KNOWN];
	size_t count = 0;
	for (size_t i = 0; i < KNOWN && place->hierarchy->unified; i++)
		if (place_has(place, known[i].name) &&
		    (cgroup_limit_is_asked(builder, known[i].name) || (known[i].always && !place->delegated)))
			enable[count++] = known[i].name;
	return plan_put_list(builder, enable, count);
}

/* --- the steps -------------------------------------------------------------------------------------- */

static const char *path_pointer(const struct plan_builder *builder)
{
	return builder->spec->linux_.cgroups_path ? "/linux/cgroupsPath" : "/linux/resources";
}

static void make_cgroup(struct plan_builder *builder, const struct cgroup_place *place)
{
	const struct facts_hierarchy *hierarchy = place->hierarchy;
	struct plan_span enable = controllers_to_enable(builder, place);
	struct step *step = plan_add(builder, STEP_make_cgroup, "%s", path_pointer(builder));
	step->make_cgroup.path = plan_put_text(builder, place->path);
	step->make_cgroup.hierarchy = plan_put_text(builder, hierarchy->mount);
	step->make_cgroup.state = plan_put_text(builder, hierarchy->unified            ? "cgroup.events"
	                                                 : place_has(place, "freezer") ? "freezer.state"
	                                                                               : NULL);
	/* A v1 cpuset starts without processors, and nothing can enter it (cpuset(7)). */
	step->make_cgroup.inherit_cpuset = !hierarchy->unified && place_has(place, "cpuset");
	step->make_cgroup.enable = enable;
}

static void open_cgroup(struct plan_builder *builder, struct cgroup_place *place)
{
	place->slot = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_cgroup, "%s", path_pointer(builder));
	step->open_cgroup.path = plan_put_text(builder, place->path);
	step->open_cgroup.file = plan_put_text(builder, place->hierarchy->unified ? "" : "tasks");
	step->open_cgroup.cgroup = place->slot;
}

void plan_cgroup(struct plan_builder *builder)
{
	/* Who looks into a process stays in its own cgroup: what it does there is not the container's to pay for. */
	if (builder->spec->box.root_mode == ROOT_PROCESS) {
		builder->cgroups = ARENA_NEW(builder->arena, struct cgroup_places);
		return;
	}
	builder->cgroups = find_places(builder);
	struct cgroup_places *places = builder->cgroups;
	for (size_t i = 0; i < places->count; i++)
		make_cgroup(builder, &places->items[i]);
	plan_cgroup_limits(builder);
	for (size_t i = 0; i < places->count; i++)
		open_cgroup(builder, &places->items[i]);
	plan_cgroup_devices(builder);
}

/* --- the child's way in ------------------------------------------------------------------------------ */

plan_slot cgroup_to_clone_into(const struct plan_builder *builder)
{
	const struct cgroup_place *place = cgroup_place_unified(builder);
	return place ? place->slot : 0;
}

void plan_cgroup_entry(struct plan_builder *builder)
{
	for (size_t i = 0; i < builder->cgroups->count; i++) {
		const struct cgroup_place *place = &builder->cgroups->items[i];
		if (place->hierarchy->unified)
			continue;
		struct step *step = plan_add(builder, STEP_enter_cgroup, "%s", path_pointer(builder));
		step->enter_cgroup.cgroup = place->slot;
	}
}
