/* tree.c: the root and the sources of bind mounts, opened outside where the container's own root could not open them,
 * and those whose owners are to be shown as others.
 *
 * Root of a new user namespace is an ordinary user of the host: a directory of mode 0700 above the source, as engines
 * keep their images and volumes in, is closed to it. The caller may have privileges that it lacks. */
#include "plan/build.h"
#include "plan/idmap.h"
#include "plan/question.h"

static bool mount_maps_ids(const struct spec_mount *mount)
{
	return mount->options.idmap || mount->uid_mappings.count;
}

static bool opens_outside(const struct plan_builder *builder)
{
	bool user = namespace_is_new(builder, ABI_NEWUSER) || namespace_is_joined(builder, ABI_NEWUSER);
	return user && namespace_is_new(builder, ABI_NEWNS) && caller_can_on_host(builder, ABI_CAP_SYS_ADMIN);
}

static struct step_open_tree *open_tree(struct plan_builder *builder, const char *pointer, const char *path)
{
	plan_slot tree = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_tree, "%s", pointer);
	step->open_tree.path = plan_put_text(builder, path_in_bundle(builder, path));
	step->open_tree.recursive = true;
	step->open_tree.propagation = ABI_PRIVATE;
	step->open_tree.tree = tree;
	return &step->open_tree;
}

/* Those of the mount, or else those of the container. */
static plan_slot make_idmap(struct plan_builder *builder, const struct spec_mount *mount, const char *pointer)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	bool own = mount->uid_mappings.count;
	if (!own && !namespace_is_new(builder, ABI_NEWUSER))
		plan_refuse(builder, pointer,
		            "the ids of a mount can be mapped as those of a new user namespace, or as uidMappings "
		            "and gidMappings of its own say");
	if (!caller_can_on_host(builder, ABI_CAP_SYS_ADMIN))
		plan_refuse(builder, pointer,
		            "the ids of a mount can be mapped only by who owns its file system: run kist as root");
	plan_slot idmap = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_make_idmap, "%s", pointer);
	step->make_idmap.idmap = idmap;
	step->make_idmap.uids =
		plan_put_text(builder, idmap_text(builder->arena, own ? &mount->uid_mappings : &linux_->uid_mappings));
	step->make_idmap.gids =
		plan_put_text(builder, idmap_text(builder->arena, own ? &mount->gid_mappings : &linux_->gid_mappings));
	return idmap;
}

/* A mount that is to receive from the host (also one that passes it on, a shared one) starts as its slave. */
static void open_source(struct plan_builder *builder, const struct spec_mount *mount, size_t index)
{
	uint32_t wanted = mount->options.propagation;
	const char *pointer = arena_printf(builder->arena, "/mounts/%zu", index);
	plan_slot idmap = mount_maps_ids(mount) ? make_idmap(builder, mount, pointer) : 0;
	struct step_open_tree *step = open_tree(builder, pointer, mount->source);
	step->idmap = idmap;
	step->idmap_rec = mount->options.idmap_rec;
	step->recursive = mount->options.bind_rec;
	if (wanted == ABI_SLAVE || wanted == ABI_SHARED)
		step->propagation = ABI_SLAVE;
	builder->bind_trees[index] = step->tree;
}

void plan_trees(struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	bool all = opens_outside(builder) && spec->box.root_mode == ROOT_BUNDLE;
	/* MS_MOVE puts the root on "/", where a tree would lie already. */
	if (all && !builder->request->no_pivot) {
		struct step_open_tree *step = open_tree(builder, "/root/path", spec->root.path);
		if (spec->linux_.rootfs_propagation == ABI_SLAVE)
			step->propagation = ABI_SLAVE;
		builder->root_tree = step->tree;
	}
	builder->bind_trees = ARENA_ARRAY(builder->arena, spec->mount_count + 1, plan_slot);
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct spec_mount *mount = &spec->mounts[i];
		bool bind = mount_is_bind(mount) && !mount->options.remount && mount->source && *mount->source;
		if (bind && (all || mount_maps_ids(mount)))
			open_source(builder, mount, i);
	}
}

void plan_host_program(struct plan_builder *builder)
{
	static const char pointer[] = "/process/args/0";
	const char *path = builder->spec->box.host_program;
	if (!path)
		return;
	builder->file = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_program, "%s", pointer);
	step->open_program.path = plan_put_text(builder, path);
	step->open_program.file = builder->file;
}
