/* root.c: the container's root: where mounts may propagate to, the root itself, and the view of a box. */
#include "plan/box_root.h"
#include "plan/build.h"
#include "plan/host_files.h"
#include "plan/question.h"

static void set_outer_propagation(struct plan_builder *builder)
{
	bool asked = builder->spec->linux_.rootfs_propagation != 0;
	struct step *step = plan_add(builder, STEP_set_propagation, asked ? "/linux/rootfsPropagation" : NULL);
	step->set_propagation.propagation = propagation_of_host_mounts(builder);
	step->set_propagation.recursive = true;
}

/* --- the root -------------------------------------------------------------------------------------- */

static void open_bundle_root(struct plan_builder *builder, bool own_mounts)
{
	struct step *step = plan_add(builder, STEP_open_root, "/root/path");
	step->open_root.how = own_mounts ? 'b' : 'd';
	step->open_root.path = plan_put_text(builder, path_in_bundle(builder, builder->spec->root.path));
	step->open_root.tree = builder->root_tree;
	uint32_t asked = builder->spec->linux_.rootfs_propagation;
	step->open_root.propagation = own_mounts ? (asked ? asked : ABI_PRIVATE) : 0;
	step->open_root.root = builder->root;
}

static void open_box_root(struct plan_builder *builder, const struct box_part *part)
{
	struct plan_span options;
	if (part->how == PART_SERVED) {
		box_open_served(builder, part);
		return;
	}
	if (part->how == PART_OVERLAY)
		options = box_overlay_options(builder, part);
	else
		options = plan_put_list(builder, (const char *[]){ "mode=755" }, 1);
	struct step *step = plan_add(builder, STEP_open_root, "/root/path");
	step->open_root.how = 'f';
	step->open_root.path = plan_put_text(builder, box_attach_point(builder));
	step->open_root.type = plan_put_text(builder, part->how == PART_OVERLAY ? "overlay" : "tmpfs");
	step->open_root.options = options;
	step->open_root.propagation = ABI_PRIVATE;
	step->open_root.root = builder->root;
}

/* --- what is in a box ------------------------------------------------------------------------------ */

static void mount_part(struct plan_builder *builder, const struct box_part *part, const char *type,
                       struct plan_span options)
{
	struct step *step = plan_add(builder, STEP_mount_fs, "/root/path");
	step->mount_fs.root = builder->root;
	step->mount_fs.path = plan_put_text(builder, part->path);
	step->mount_fs.type = plan_put_text(builder, type);
	step->mount_fs.source = plan_put_text(builder, type);
	step->mount_fs.options = options;
	step->mount_fs.attr_set = (uint32_t)part->attr;
}

static void bind_part(struct plan_builder *builder, const struct box_part *part)
{
	bool tree = part->how == PART_BIND_TREE;
	struct step *step = plan_add(builder, STEP_bind, "/root/path");
	step->bind.root = builder->root;
	step->bind.path = plan_put_text(builder, part->path);
	step->bind.source = plan_put_text(builder, part->lower);
	step->bind.recursive = tree;
	step->bind.if_there = true;
	step->bind.attr_set = tree ? 0 : (uint32_t)part->attr;
	step->bind.attr_set_rec = tree ? (uint32_t)part->attr : 0;
	step->bind.propagation = propagation_of_host_mounts(builder) == ABI_PRIVATE ? 0 : ABI_PRIVATE;
	step->bind.propagation_rec = true;
}

static void add_part(struct plan_builder *builder, const struct box_part *part)
{
	static const char *const devpts[] = { "newinstance", "ptmxmode=0666", "mode=0620" };
	const struct plan_span none = { 0, 0 };
	const char *mode = arena_printf(builder->arena, "mode=%o", part->mode);
	struct step *step;
	switch (part->how) {
	case PART_SERVED: /* the root alone is one */
		break;
	case PART_OVERLAY:
		mount_part(builder, part, "overlay", box_overlay_options(builder, part));
		break;
	case PART_TMPFS:
		mount_part(builder, part, "tmpfs", plan_put_list(builder, &mode, 1));
		break;
	case PART_PROC:
		mount_part(builder, part, "proc", none);
		break;
	case PART_DEVPTS:
		mount_part(builder, part, "devpts", plan_put_list(builder, devpts, sizeof(devpts) / sizeof(*devpts)));
		break;
	case PART_MQUEUE:
		mount_part(builder, part, "mqueue", none);
		break;
	case PART_BIND:
	case PART_BIND_TREE:
		bind_part(builder, part);
		break;
	case PART_DIRECTORY:
		step = plan_add(builder, STEP_make_path, "/root/path");
		step->make_path.root = builder->root;
		step->make_path.path = plan_put_text(builder, part->path);
		step->make_path.mode = part->mode;
		break;
	case PART_LINK:
		step = plan_add(builder, STEP_make_link, "/root/path");
		step->make_link.root = builder->root;
		step->make_link.path = plan_put_text(builder, part->path);
		step->make_link.target = plan_put_text(builder, part->target);
		break;
	}
}

static void make_layer(struct plan_builder *builder, const char *path, uint32_t mode)
{
	struct step *step = plan_add(builder, STEP_make_layer, NULL);
	step->make_layer.path = plan_put_text(builder, path);
	step->make_layer.mode = mode;
}

/* What record.c makes on the host where it can. */
static void layers_in_memory(struct plan_builder *builder, const struct box_view *view)
{
	struct step *step = plan_add(builder, STEP_mount_scratch, NULL);
	step->mount_scratch.path = plan_put_text(builder, box_memory_point(builder));
	for (size_t i = 0; i < view->count; i++) {
		const struct box_part *part = &view->parts[i];
		if (part->how != PART_OVERLAY)
			continue;
		make_layer(builder, box_upper(builder, part), part->mode);
		make_layer(builder, box_work(builder, part), 0700);
	}
}

static void box_root(struct plan_builder *builder)
{
	box_view_check(builder);
	if (builder->spec->box.keep)
		box_keep_check(builder);
	const struct box_view *view = box_view(builder);
	if (box_writes_to_memory(builder))
		layers_in_memory(builder, view);
	open_box_root(builder, &view->parts[0]);
	for (size_t i = 1; i < view->count; i++)
		add_part(builder, &view->parts[i]);
}

void plan_root(struct plan_builder *builder)
{
	bool own_mounts = namespace_is_new(builder, ABI_NEWNS);
	builder->root = plan_new_slot(builder, SLOT_FD);
	if (own_mounts)
		set_outer_propagation(builder);
	if (builder->spec->box.root_mode == ROOT_BUNDLE || builder->spec->box.root_mode == ROOT_PROCESS)
		open_bundle_root(builder, own_mounts);
	else
		box_root(builder);
	plan_host_binds(builder);
}
