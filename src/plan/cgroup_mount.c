/* cgroup_mount.c: a mount of type "cgroup": the container's view of its own cgroups.
 *
 * With a cgroup namespace a fresh mount of each hierarchy starts at the container's cgroup. Without one it would show
 * the whole machine, so the container's directories are bound instead. Where there are neither, what is left is the
 * host's tree, and that is never writable (CVE-2023-25809). */
#include "plan/cgroup.h"
#include "plan/question.h"

#include <string.h>

/* What each mount below shares. */
struct view {
	struct plan_builder *builder;
	const struct spec_mount *mount;
	size_t index;
	const char *path; /* where, in the container */
	bool own;         /* a cgroup namespace of its own */
};

static const char *below(const struct view *view, const char *name)
{
	return arena_printf(view->builder->arena, "%s/%s", strcmp(view->path, "/") == 0 ? "" : view->path, name);
}

/* --- one hierarchy ---------------------------------------------------------------------------------- */

static void mount_fresh(const struct view *view, const char *path, const char *type, struct plan_span options)
{
	struct step *step = plan_add(view->builder, STEP_mount_fs, "/mounts/%zu", view->index);
	step->mount_fs.root = view->builder->root;
	step->mount_fs.path = plan_put_text(view->builder, path);
	step->mount_fs.type = plan_put_text(view->builder, type);
	step->mount_fs.source = plan_put_text(view->builder, "cgroup");
	step->mount_fs.options = options;
	step->mount_fs.attr_set = (uint32_t)view->mount->options.attr_set;
	step->mount_fs.propagation = view->mount->options.propagation;
}

static void bind_tree(const struct view *view, const char *path, const char *source, bool readonly)
{
	struct step *step = plan_add(view->builder, STEP_bind, "/mounts/%zu", view->index);
	step->bind.root = view->builder->root;
	step->bind.path = plan_put_text(view->builder, path);
	step->bind.source = plan_put_text(view->builder, source);
	step->bind.recursive = true;
	step->bind.attr_set_rec = (uint32_t)view->mount->options.attr_set | (readonly ? ABI_ATTR_RDONLY : 0);
	step->bind.propagation = ABI_PRIVATE;
	step->bind.propagation_rec = true;
}

/* The names by which the kernel knows a v1 hierarchy: "cpu", "cpuacct"; "none", "name=systemd". */
static struct plan_span hierarchy_options(struct plan_builder *builder, const struct facts_hierarchy *hierarchy)
{
	const char **options = ARENA_ARRAY(builder->arena, hierarchy->controller_count + 1, const char *);
	size_t count = 0;
	bool named = hierarchy->controller_count && strncmp(hierarchy->controllers[0], "name=", 5) == 0;
	if (named)
		options[count++] = "none";
	for (size_t i = 0; i < hierarchy->controller_count; i++)
		options[count++] = hierarchy->controllers[i];
	return plan_put_list(builder, options, count);
}

static const struct cgroup_place *place_in(const struct plan_builder *builder, const struct facts_hierarchy *hierarchy)
{
	for (size_t i = 0; i < builder->cgroups->count; i++)
		if (builder->cgroups->items[i].hierarchy == hierarchy)
			return &builder->cgroups->items[i];
	return NULL;
}

static void show_hierarchy(const struct view *view, const struct facts_hierarchy *hierarchy, const char *path)
{
	const struct cgroup_place *place = place_in(view->builder, hierarchy);
	if (view->own && hierarchy->unified)
		mount_fresh(view, path, "cgroup2", (struct plan_span){ 0, 0 });
	else if (view->own)
		mount_fresh(view, path, "cgroup", hierarchy_options(view->builder, hierarchy));
	else if (place)
		bind_tree(view, path, place->path, false);
	else
		bind_tree(view, path, hierarchy->mount, true);
}

/* --- v1 and hybrid: a directory of hierarchies -------------------------------------------------------- */

/* "cpu" for a hierarchy that is "cpu,cpuacct": programs look for either. */
static void link_controllers(const struct view *view, const struct facts_hierarchy *hierarchy)
{
	for (size_t i = 0; !hierarchy->unified && i < hierarchy->controller_count; i++) {
		const char *controller = hierarchy->controllers[i];
		if (strcmp(controller, hierarchy->name) == 0 || strncmp(controller, "name=", 5) == 0)
			continue;
		struct step *step = plan_add(view->builder, STEP_make_link, "/mounts/%zu", view->index);
		step->make_link.root = view->builder->root;
		step->make_link.path = plan_put_text(view->builder, below(view, controller));
		step->make_link.target = plan_put_text(view->builder, hierarchy->name);
	}
}

static void show_directory(const struct view *view)
{
	struct plan_builder *builder = view->builder;
	const struct facts_cgroup *cgroup = &builder->facts->cgroup;
	struct plan_span options = plan_put_list(builder, (const char *[]){ "mode=755" }, 1);
	mount_fresh(view, view->path, "tmpfs", options);
	/* Writable until all is in it. */
	builder->steps[builder->step_count - 1].mount_fs.attr_set &= ~(uint32_t)ABI_ATTR_RDONLY;
	for (size_t i = 0; i < cgroup->count; i++) {
		show_hierarchy(view, &cgroup->hierarchies[i], below(view, cgroup->hierarchies[i].name));
		link_controllers(view, &cgroup->hierarchies[i]);
	}
	if (!(view->mount->options.attr_set & ABI_ATTR_RDONLY))
		return;
	struct step *step = plan_add(builder, STEP_remount, "/mounts/%zu", view->index);
	step->remount.root = builder->root;
	step->remount.path = plan_put_text(builder, view->path);
	step->remount.attr_set = ABI_ATTR_RDONLY;
}

void plan_cgroup_mount(struct plan_builder *builder, const struct spec_mount *mount, size_t index)
{
	const struct facts_cgroup *cgroup = &builder->facts->cgroup;
	const struct view view = {
		.builder = builder,
		.mount = mount,
		.index = index,
		.path = path_inside(builder->arena, mount->destination),
		.own = namespace_is_new(builder, ABI_NEWCGROUP) || namespace_is_joined(builder, ABI_NEWCGROUP),
	};
	if (cgroup->count == 0)
		plan_refuse(builder, arena_printf(builder->arena, "/mounts/%zu", index),
		            "no cgroup hierarchy is mounted on this host, so there is none to show");
	else if (cgroup->layout == CGROUP_V2)
		show_hierarchy(&view, &cgroup->hierarchies[0], view.path);
	else if (!view.own && builder->cgroups->count == 0)
		bind_tree(&view, view.path, "/sys/fs/cgroup", true);
	else
		show_directory(&view);
}
