/* mounts.c: the mounts of the configuration, in the order it lists them. */
#include "plan/cgroup.h"
#include "plan/host_files.h"
#include "plan/idmap.h"
#include "plan/question.h"

#include <stdlib.h>
#include <string.h>

enum mount_sort {
	MOUNT_BIND,    /* a clone of what exists */
	MOUNT_REMOUNT, /* other attributes for a mount that is there */
	MOUNT_CGROUP,  /* a view of the cgroups */
	MOUNT_FS,      /* a file system */
};

static bool is_type(const struct spec_mount *mount, const char *type)
{
	return mount->type && strcmp(mount->type, type) == 0;
}

static enum mount_sort mount_sort(const struct spec_mount *mount)
{
	bool has_type = mount->type && *mount->type && !is_type(mount, "none");
	/* Without a type and a source only the propagation changes. */
	if (mount->options.remount || (!has_type && !mount->options.bind))
		return MOUNT_REMOUNT;
	if (mount_is_bind(mount))
		return MOUNT_BIND;
	return is_type(mount, "cgroup") ? MOUNT_CGROUP : MOUNT_FS;
}

/* --- options ---------------------------------------------------------------------------------------- */

/* File systems whose superblock the host may share, or that have nothing to protect in it: for them "ro" is the mount's
 * business alone. */
static bool superblock_is_the_kernels(const struct spec_mount *mount)
{
	static const char *const types[] = { "proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts" };
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (is_type(mount, types[i]))
			return true;
	return false;
}

/* "gid=5", which every devpts asks for, in a user namespace where nobody is group 5: the mount would fail. Terminals
 * then belong to their user's group, and `crun spec --rootless` writes configs that count on that. */
static bool is_unmapped_tty_group(struct plan_builder *builder, const struct spec_mount *mount, const char *word)
{
	if (!is_type(mount, "devpts") || strncmp(word, "gid=", 4) != 0 || !namespace_is_new(builder, ABI_NEWUSER))
		return false;
	uint64_t gid = strtoull(word + 4, NULL, 10);
	return gid > UINT32_MAX || !idmap_holds(&builder->spec->linux_.gid_mappings, (uint32_t)gid);
}

/* The flags of the superblock by the names that fsconfig(2) takes, then the words the table of options does not know:
 * those are for the file system. ("silent" only spares the log, and kist reads the context's own.) */
static struct plan_span superblock_options(struct plan_builder *builder, const struct spec_mount *mount, bool readonly)
{
	const struct spec_mount_options *options = &mount->options;
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ readonly, "ro" },
		{ options->sync, "sync" },
		{ options->dirsync, "dirsync" },
		{ options->mandlock, "mand" },
		{ options->lazytime, "lazytime" },
		/* A flag of mount(2) that only ext4 reads as a word; others count versions where they can. */
		{ options->iversion && is_type(mount, "ext4"), "i_version" },
	};
	enum { FLAGS = sizeof(flags) / sizeof(*flags) };
	const char **words = ARENA_ARRAY(builder->arena, FLAGS + options->data_count, const char *);
	size_t count = 0;
	for (size_t i = 0; i < FLAGS; i++)
		if (flags[i].set)
			words[count++] = flags[i].word;
	for (size_t i = 0; i < options->data_count; i++)
		if (!is_unmapped_tty_group(builder, mount, options->data[i]))
			words[count++] = options->data[i];
	return plan_put_list(builder, words, count);
}

/* --- the sorts --------------------------------------------------------------------------------------- */

static void mount_fs(struct plan_builder *builder, const struct spec_mount *mount, size_t index)
{
	const struct spec_mount_options *options = &mount->options;
	bool later = mount_turns_readonly_later(builder, mount);
	bool readonly = options->sb_readonly && !later && !superblock_is_the_kernels(mount);
	struct plan_span words = superblock_options(builder, mount, readonly);
	uint32_t kept = later ? ~(uint32_t)ABI_ATTR_RDONLY : ~(uint32_t)0;
	struct step *step = plan_add(builder, STEP_mount_fs, "/mounts/%zu", index);
	step->mount_fs.root = builder->root;
	step->mount_fs.path = plan_put_text(builder, path_inside(builder->arena, mount->destination));
	step->mount_fs.type = plan_put_text(builder, mount->type);
	step->mount_fs.source = plan_put_text(builder, mount->source ? mount->source : mount->type);
	step->mount_fs.options = words;
	/* A new file system is one mount: what is asked recursively holds for it. */
	step->mount_fs.attr_set = (uint32_t)(options->attr_set | options->attr_set_rec) & kept;
	step->mount_fs.attr_clear = (uint32_t)(options->attr_clear | options->attr_clear_rec);
	step->mount_fs.propagation = options->propagation;
	step->mount_fs.propagation_rec = options->propagation_rec;
	step->mount_fs.copy_up = options->copy_up;
}

static void warn_of_superblock_flags(struct plan_builder *builder, const struct spec_mount_options *options,
                                     size_t index)
{
	if (options->sync || options->dirsync || options->mandlock || options->lazytime || options->iversion)
		plan_warn(builder, arena_printf(builder->arena, "/mounts/%zu/options", index),
		          "sync, dirsync, mand, lazytime and iversion belong to a file system: on a bind "
		          "mount they change nothing");
}

/* A read-only /sys is read-only with the cgroups below it, which are the host's, and writable to who they are delegated
 * to (CVE-2023-25809). */
static bool covers_host_cgroups(struct plan_builder *builder, const struct spec_mount *mount)
{
	return mount->options.bind_rec && (mount->options.attr_set & ABI_ATTR_RDONLY) &&
	       strcmp(path_inside(builder->arena, path_in_bundle(builder, mount->source)), "/sys") == 0;
}

/* What the facts already know of a source; a bundle's are looked at by nobody before they are opened. */
static void check_source(struct plan_builder *builder, const struct spec_mount *mount, const char *pointer)
{
	const char *path = path_in_bundle(builder, mount->source);
	const struct facts_source *source = facts_source(builder->facts, path);
	if (!builder->spec->box.set || !source || mount->optional)
		return;
	if (source->kind == SOURCE_MISSING)
		plan_refuse(builder, pointer, "there is nothing at %s on this machine: no such file or directory",
		            path);
	if ((source->kind == SOURCE_CHAR || source->kind == SOURCE_BLOCK) && inside_user_namespace(builder) &&
	    ((mount->options.attr_set | mount->options.attr_set_rec) & ABI_ATTR_RDONLY))
		plan_warn(builder, pointer,
		          "%s is a device: a read-only mount keeps nobody from writing to it, and without "
		          "root there is no device policy that would",
		          path);
}

static void bind(struct plan_builder *builder, const struct spec_mount *mount, size_t index)
{
	const struct spec_mount_options *options = &mount->options;
	const char *pointer = arena_printf(builder->arena, "/mounts/%zu", index);
	if (!mount->source || !*mount->source) {
		plan_refuse(builder, pointer, "a bind mount needs a source");
		return;
	}
	if (options->data_count)
		plan_refuse(builder, pointer, "\"%s\" is no option of a bind mount, and would silently do nothing",
		            options->data[0]);
	warn_of_superblock_flags(builder, options, index);
	check_source(builder, mount, pointer);
	/* Where copies of the host's mounts are not private, a clone is their peer or slave unless told otherwise. */
	bool cgroups = covers_host_cgroups(builder, mount);
	bool told = options->propagation || propagation_of_host_mounts(builder) == ABI_PRIVATE;
	struct step *step = plan_add(builder, STEP_bind, "%s", pointer);
	step->bind.root = builder->root;
	step->bind.path = plan_put_text(builder, path_inside(builder->arena, mount->destination));
	step->bind.source = plan_put_text(builder, path_in_bundle(builder, mount->source));
	step->bind.tree = builder->bind_trees ? builder->bind_trees[index] : 0;
	step->bind.recursive = options->bind_rec;
	step->bind.if_there = mount->optional;
	step->bind.attr_set = (uint32_t)options->attr_set;
	step->bind.attr_clear = (uint32_t)options->attr_clear;
	step->bind.attr_set_rec = (uint32_t)options->attr_set_rec | (cgroups ? ABI_ATTR_RDONLY : 0);
	step->bind.attr_clear_rec = (uint32_t)options->attr_clear_rec;
	step->bind.propagation = told ? options->propagation : ABI_PRIVATE;
	step->bind.propagation_rec = told ? options->propagation_rec : true;
}

/* "bind,remount" is about the mount; without "bind" also about its file system (mount(2), MS_REMOUNT). */
static void remount(struct plan_builder *builder, const struct spec_mount *mount, size_t index)
{
	const struct spec_mount_options *options = &mount->options;
	struct plan_span words = superblock_options(builder, mount, options->sb_readonly);
	struct step *step = plan_add(builder, STEP_remount, "/mounts/%zu", index);
	step->remount.root = builder->root;
	step->remount.path = plan_put_text(builder, path_inside(builder->arena, mount->destination));
	step->remount.superblock = options->remount && !options->bind;
	step->remount.options = step->remount.superblock ? words : (struct plan_span){ 0, 0 };
	step->remount.attr_set = (uint32_t)(options->attr_set | options->attr_set_rec);
	step->remount.attr_clear = (uint32_t)(options->attr_clear | options->attr_clear_rec);
	step->remount.propagation = options->propagation;
	step->remount.propagation_rec = options->propagation_rec;
}

/* --- what a box has between its mounts ------------------------------------------------------------------ */

static void make_one(struct plan_builder *builder, const struct spec_made *made, size_t index)
{
	const char *path = path_inside(builder->arena, made->path);
	struct step *step = plan_add(builder, made->target ? STEP_make_link : STEP_make_path, "/box/made/%zu", index);
	if (made->target) {
		step->make_link.root = builder->root;
		step->make_link.path = plan_put_text(builder, path);
		step->make_link.target = plan_put_text(builder, made->target);
	} else {
		step->make_path.root = builder->root;
		step->make_path.path = plan_put_text(builder, path);
		step->make_path.mode = 0755;
	}
}

static void make_before(struct plan_builder *builder, size_t mount)
{
	const struct spec_box *box = &builder->spec->box;
	for (size_t i = 0; i < box->made_count; i++)
		if (box->made[i].mount == mount)
			make_one(builder, &box->made[i], i);
}

static void plan_mount(struct plan_builder *builder, size_t index)
{
	const struct spec_mount *mount = &builder->spec->mounts[index];
	make_before(builder, index);
	switch (mount_sort(mount)) {
	case MOUNT_BIND:
		bind(builder, mount, index);
		break;
	case MOUNT_REMOUNT:
		remount(builder, mount, index);
		break;
	case MOUNT_CGROUP:
		plan_cgroup_mount(builder, mount, index);
		break;
	case MOUNT_FS:
		if (is_type(mount, "sysfs")) /* it shows the network of its mounter */
			plan_network(builder);
		mount_fs(builder, mount, index);
		break;
	}
}

/* --- what can wait for the network ---------------------------------------------------------------------- */

/* A view of the container's own cgroups, at or below `above`: no path of the host is in it. */
static bool is_own_view(const struct plan_builder *builder, const struct spec_mount *mount, const char *above)
{
	const char *path = path_inside(builder->arena, mount->destination);
	size_t length = strlen(above);
	return mount_sort(mount) == MOUNT_CGROUP && namespace_is_new(builder, ABI_NEWCGROUP) &&
	       strncmp(path, above, length) == 0 && (path[length] == '/' || !path[length]);
}

/* The index of the first mount that is made after the switch of root; the number of mounts when none is. Making the
 * network namespace takes longer than all that init does before it mounts sysfs, so that waits till the end when only
 * the cgroups in it are listed behind it: the listed order is kept, and devices and pivot do not need them. Not where
 * the root is shared, whose mounts would then be, too. */
static size_t first_late_mount(const struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	size_t first = 0;
	while (first < spec->mount_count && !is_type(&spec->mounts[first], "sysfs"))
		first++;
	bool hooked = has_create_hooks(builder); /* they find the mounts done, and the old root */
	if (first == spec->mount_count || !network_is_made_beside(builder) || spec->linux_.rootfs_propagation || hooked)
		return spec->mount_count;
	const char *sysfs = path_inside(builder->arena, spec->mounts[first].destination);
	bool alone = mount_sort(&spec->mounts[first]) == MOUNT_FS;
	for (size_t i = first + 1; alone && i < spec->mount_count; i++)
		alone = is_own_view(builder, &spec->mounts[i], sysfs);
	for (size_t i = 0; alone && i < spec->box.made_count; i++)
		alone = spec->box.made[i].mount <= first;
	return alone ? first : spec->mount_count;
}

void plan_mounts(struct plan_builder *builder)
{
	size_t end = first_late_mount(builder);
	for (size_t i = 0; i < end; i++)
		plan_mount(builder, i);
	if (end == builder->spec->mount_count)
		make_before(builder, end);
	plan_host_display(builder); /* below /tmp and /run: what is mounted late does not touch it */
}

void plan_late_mounts(struct plan_builder *builder)
{
	for (size_t i = first_late_mount(builder); i < builder->spec->mount_count; i++)
		plan_mount(builder, i);
}
