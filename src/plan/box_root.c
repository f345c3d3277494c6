/* box_root.c: a box's copy-on-write view of this machine's root, or of a directory, put together from facts.
 *
 * With privilege: one overlay of "/", then each mount below it again, in their order. Without: the kernel refuses
 * lowerdir=/, since the mounts on it are locked and an overlay would uncover what they hide. So there the root is an
 * empty tmpfs, each directory without mounts below gets an overlay, and one with mounts below is built by name. */
#include "plan/box_root.h"
#include "plan/question.h"

#include <string.h>

struct viewer {
	struct plan_builder *builder;
	struct box_view *view;
	size_t capacity;
	unsigned overlays;
};

enum { SAFE_ATTR = ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_NOEXEC };
/* What of a mount goes over to the overlay on it. */
enum { KEPT_ATTR = SAFE_ATTR | ABI_ATTR_RDONLY | ABI_ATTR_NOSYMFOLLOW };

/* File systems that overlayfs takes as a lower layer (not those that fold case or revalidate names). The others are
 * shown as they are, read-only. */
static const char *const overlay_lowers[] = {
	"9p",  "bcachefs", "btrfs",   "erofs", "ext2",     "ext3",     "ext4",  "f2fs",     "iso9660", "jfs",
	"nfs", "nfs4",     "overlay", "ramfs", "reiserfs", "squashfs", "tmpfs", "virtiofs", "xfs",     "zfs",
};

static bool can_be_lower(const char *type)
{
	for (size_t i = 0; i < sizeof(overlay_lowers) / sizeof(*overlay_lowers); i++)
		if (strcmp(overlay_lowers[i], type) == 0)
			return true;
	return false;
}

/* --- what the facts say of a path ----------------------------------------------------------------- */

/* The mount that is seen at this path, NULL when none is. */
static const struct facts_mount *mount_at(const struct facts *facts, const char *path)
{
	for (size_t i = facts->mount_count; i-- > 0;)
		if (!facts->mounts[i].hidden && strcmp(facts->mounts[i].path, path) == 0)
			return &facts->mounts[i];
	return NULL;
}

static bool mounts_below(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->mount_count; i++) {
		const struct facts_mount *mount = &facts->mounts[i];
		if (!mount->hidden && path_is_within(mount->path, path) && strcmp(mount->path, path) != 0)
			return true;
	}
	return false;
}

static const struct facts_entry *entry_at(const struct facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->entry_count; i++)
		if (strcmp(facts->entries[i].path, path) == 0)
			return &facts->entries[i];
	return NULL;
}

/* --- parts ---------------------------------------------------------------------------------------- */

static struct box_part *part_add(struct viewer *viewer, enum box_part_how how, const char *path)
{
	struct box_view *view = viewer->view;
	if (view->count == viewer->capacity) {
		viewer->capacity = viewer->capacity ? viewer->capacity * 2 : 64;
		struct box_part *parts = ARENA_ARRAY(viewer->builder->arena, viewer->capacity, struct box_part);
		if (view->count)
			memcpy(parts, view->parts, view->count * sizeof(*parts));
		view->parts = parts;
	}
	const struct facts_entry *entry = entry_at(viewer->builder->facts, path);
	struct box_part *part = &view->parts[view->count++];
	*part = (struct box_part){
		.how = how, .path = path, .lower = path, .mode = entry ? entry->mode & 07777 : 0755
	};
	if (how == PART_OVERLAY)
		part->number = viewer->overlays++;
	return part;
}

/* An ordinary user keeps the host's nodes, which say themselves what it may do with them; to root they would be the
 * machine's disks, so its /dev is empty but for the default devices. Terminals and what programs write there are the
 * box's own in each. */
static void add_dev(struct viewer *viewer)
{
	const struct facts *facts = viewer->builder->facts;
	if (mount_seen_at(viewer->builder, "/dev"))
		return;
	if (namespace_is_new(viewer->builder, ABI_NEWUSER))
		part_add(viewer, PART_BIND_TREE, "/dev");
	else
		part_add(viewer, PART_TMPFS, "/dev")->attr = ABI_ATTR_NOSUID | ABI_ATTR_NOEXEC;
	if (mount_at(facts, "/dev/pts"))
		part_add(viewer, PART_DEVPTS, "/dev/pts")->attr = ABI_ATTR_NOSUID | ABI_ATTR_NOEXEC;
	if (mount_at(facts, "/dev/shm") && !mount_seen_at(viewer->builder, "/dev/shm")) {
		struct box_part *part = part_add(viewer, PART_TMPFS, "/dev/shm");
		part->mode = 01777;
		part->attr = SAFE_ATTR;
	}
	if (mount_at(facts, "/dev/mqueue") && namespace_is_new(viewer->builder, ABI_NEWIPC))
		part_add(viewer, PART_MQUEUE, "/dev/mqueue")->attr = SAFE_ATTR;
}

/* The kernel's file systems are not copied on write. Under a partly masked /proc the kernel allows no fresh one in a
 * user namespace (mount_too_revealing), and without a new PID namespace a fresh one would show the same. */
static void add_proc(struct viewer *viewer)
{
	const struct plan_builder *builder = viewer->builder;
	if (mount_seen_at(builder, "/proc"))
		return;
	bool refused = inside_user_namespace(builder) && builder->facts->proc_masked;
	bool own = namespace_is_new(builder, ABI_NEWPID) || namespace_is_joined(builder, ABI_NEWPID);
	bool fresh = own && !refused;
	part_add(viewer, fresh ? PART_PROC : PART_BIND_TREE, "/proc")->attr = SAFE_ATTR;
}

/* True when this is /proc, /sys or /dev, or something below them, which comes with them. */
static bool system_part(struct viewer *viewer, const char *path)
{
	if (strcmp(path, "/proc") == 0)
		add_proc(viewer);
	else if (strcmp(path, "/dev") == 0)
		add_dev(viewer);
	else if (strcmp(path, "/sys") == 0 && !mount_seen_at(viewer->builder, "/sys"))
		/* Read-only with all below: the cgroups there are the host's (CVE-2023-25809). */
		part_add(viewer, PART_BIND_TREE, "/sys")->attr = SAFE_ATTR | ABI_ATTR_RDONLY;
	return path_is_within(path, "/proc") || path_is_within(path, "/dev") || path_is_within(path, "/sys");
}

/* A mount in the box: overlaid where that can be, else shown read-only. An automount point is left out: what it has
 * mounted is a mount of its own. */
static void mount_part(struct viewer *viewer, const struct facts_mount *mount)
{
	const struct facts_entry *entry = entry_at(viewer->builder->facts, mount->path);
	bool directory = !entry || entry->type == ENTRY_DIR;
	if (strcmp(mount->type, "autofs") == 0)
		return;
	if (directory && can_be_lower(mount->type))
		part_add(viewer, PART_OVERLAY, mount->path)->attr = mount->attr & KEPT_ATTR;
	else
		part_add(viewer, PART_BIND, mount->path)->attr = (mount->attr & KEPT_ATTR) | ABI_ATTR_RDONLY;
}

/* --- with privilege ------------------------------------------------------------------------------- */

static void host_view(struct viewer *viewer)
{
	const struct facts *facts = viewer->builder->facts;
	part_add(viewer, PART_OVERLAY, "/");
	/* Also where the host has it on the root file system itself. */
	if (!mount_at(facts, "/dev"))
		add_dev(viewer);
	for (size_t i = 0; i < facts->mount_count; i++) {
		const struct facts_mount *mount = &facts->mounts[i];
		if (!mount->hidden && strcmp(mount->path, "/") != 0 && !system_part(viewer, mount->path))
			mount_part(viewer, mount);
	}
}

/* --- without --------------------------------------------------------------------------------------- */

/* An entry of a directory that came into the box as a whole comes with it. */
static bool came_with_parent(const struct viewer *viewer, const char *path)
{
	for (size_t i = 1; i < viewer->view->count; i++) {
		const struct box_part *part = &viewer->view->parts[i];
		if (part->how != PART_DIRECTORY && path_is_within(path, part->path))
			return true;
	}
	return false;
}

static void directory_part(struct viewer *viewer, const struct facts_entry *entry)
{
	const struct facts *facts = viewer->builder->facts;
	const struct facts_mount *mount = mount_at(facts, entry->path);
	/* What the caller cannot search would be as closed to it in an overlay: only the name is there. */
	if (mounts_below(facts, entry->path) || !entry->readable)
		part_add(viewer, PART_DIRECTORY, entry->path);
	else if (mount)
		mount_part(viewer, mount);
	else
		part_add(viewer, PART_OVERLAY, entry->path);
}

static void entry_part(struct viewer *viewer, const struct facts_entry *entry)
{
	if (came_with_parent(viewer, entry->path) || system_part(viewer, entry->path))
		return;
	switch (entry->type) {
	case ENTRY_DIR:
		directory_part(viewer, entry);
		break;
	case ENTRY_LINK:
		part_add(viewer, PART_LINK, entry->path)->target = entry->target;
		break;
	case ENTRY_FILE:
	case ENTRY_OTHER:
		part_add(viewer, PART_BIND, entry->path)->attr = ABI_ATTR_RDONLY;
		break;
	}
}

static void rebuilt_view(struct viewer *viewer)
{
	const struct facts *facts = viewer->builder->facts;
	struct box_part *root = part_add(viewer, PART_TMPFS, "/");
	root->mode = 0755;
	for (size_t i = 0; i < facts->entry_count; i++)
		entry_part(viewer, &facts->entries[i]);
}

/* --- by fuse-overlayfs ----------------------------------------------------------------------------- */

/* It shows what is mounted below by itself; only the kernel's own file systems go onto it. */
static void served_view(struct viewer *viewer)
{
	const struct facts *facts = viewer->builder->facts;
	part_add(viewer, PART_SERVED, "/");
	if (!mount_at(facts, "/dev"))
		add_dev(viewer);
	for (size_t i = 0; i < facts->mount_count; i++)
		if (!facts->mounts[i].hidden)
			(void)system_part(viewer, facts->mounts[i].path);
}

/* --- the view ------------------------------------------------------------------------------------- */

const struct box_view *box_view(struct plan_builder *builder)
{
	struct viewer viewer = { .builder = builder, .view = ARENA_NEW(builder->arena, struct box_view) };
	if (builder->view)
		return builder->view;
	const enum box_part_how whole = builder->spec->box.fuse ? PART_SERVED : PART_OVERLAY;
	if (builder->spec->box.root_mode == ROOT_DIR_OVERLAY)
		part_add(&viewer, whole, "/")->lower = path_in_bundle(builder, builder->spec->root.path);
	else if (builder->spec->box.fuse)
		served_view(&viewer);
	else if (inside_user_namespace(builder))
		rebuilt_view(&viewer);
	else
		host_view(&viewer);
	if (builder->spec->box.keep)
		box_keep_numbers(builder, viewer.view);
	builder->view = viewer.view;
	return viewer.view;
}

bool box_has(struct plan_builder *builder, const char *path)
{
	const struct box_view *view = box_view(builder);
	for (size_t i = 0; i < view->count; i++)
		if (strcmp(view->parts[i].path, path) == 0)
			return true;
	return false;
}

/* A directory with mounts below it cannot be a lower layer in a user namespace. */
static void check_lower(struct plan_builder *builder, const char *lower)
{
	const struct facts *facts = builder->facts;
	if (builder->spec->box.fuse || !inside_user_namespace(builder) || !mounts_below(facts, lower))
		return;
	plan_refuse(builder, "/root/path",
	            "without privilege there can be no overlay of %s, since other file systems are "
	            "mounted below it: run it as root or with --fuse, or choose a directory without mounts below",
	            lower);
}

void box_view_check(struct plan_builder *builder)
{
	const struct facts *facts = builder->facts;
	bool host = builder->spec->box.root_mode == ROOT_HOST_OVERLAY;
	if (!facts->kernel.overlay && !builder->spec->box.fuse)
		plan_refuse(builder, "/root/path",
		            "a box needs overlayfs, which is not in /proc/filesystems: load it (modprobe "
		            "overlay)");
	if (host && !facts->have_mounts)
		plan_refuse(builder, "/root/path",
		            "these facts hold no mount table: they were not written by `kist facts`");
	if (!host && facts->have_mounts)
		check_lower(builder, path_inside(builder->arena, path_in_bundle(builder, builder->spec->root.path)));
	if (host && inside_user_namespace(builder) && namespace_is_new(builder, ABI_NEWNET) &&
	    !mount_seen_at(builder, "/sys"))
		plan_warn(
			builder, "/root/path",
			"this /sys is partly masked, so the kernel allows no fresh one here: the box sees the host's, "
			"with its network interfaces in /sys/class/net");
	if (inside_user_namespace(builder) && facts->proc_masked)
		plan_warn(builder, "/root/path",
		          "this /proc is partly masked, so the kernel allows no fresh one here: the box sees "
		          "the host's");
}

/* --- names and options ---------------------------------------------------------------------------- */

static const char *below_record(const struct plan_builder *builder, const char *name)
{
	return arena_printf(builder->arena, "%s/%s/%s", builder->request->state_root, builder->request->id, name);
}

const char *box_attach_point(const struct plan_builder *builder)
{
	return below_record(builder, "root");
}

/* What overlayfs writes to no directory of: another overlay, and file systems whose names can change behind it or that
 * keep no attributes. What is not known is tried. */
static const char *const no_uppers[] = { "9p",      "ceph", "cifs",    "erofs", "exfat",    "fuse",
	                                 "iso9660", "nfs",  "overlay", "smb3",  "squashfs", "vfat" };

bool box_writes_to_memory(const struct plan_builder *builder)
{
	const char *type = builder->facts->caller.state_file_system;
	if (builder->spec->box.keep || builder->spec->box.fuse || !type)
		return false;
	for (size_t i = 0; i < sizeof(no_uppers) / sizeof(*no_uppers); i++)
		if (strcmp(no_uppers[i], type) == 0)
			return true;
	return false;
}

const char *box_memory_point(const struct plan_builder *builder)
{
	return below_record(builder, "memory");
}

/* Kept where the user wants it, or thrown away with the record. */
static const char *layer(const struct plan_builder *builder, const char *word, const struct box_part *part)
{
	const char *name = arena_printf(builder->arena, "%s.%u", word, part->number);
	const char *keep = builder->spec->box.keep;
	if (box_writes_to_memory(builder))
		return arena_printf(builder->arena, "%s/%s", box_memory_point(builder), name);
	return keep ? arena_printf(builder->arena, "%s/%s", keep, name) : below_record(builder, name);
}

const char *box_upper(const struct plan_builder *builder, const struct box_part *part)
{
	return layer(builder, "upper", part);
}

const char *box_work(const struct plan_builder *builder, const struct box_part *part)
{
	return layer(builder, "work", part);
}

const char *box_layer_option(const struct plan_builder *builder, const char *key, const char *path)
{
	struct buf option = buf_in(builder->arena);
	buf_printf(&option, "%s=", key);
	for (; *path; path++) {
		if (strchr("\\:,", *path))
			buf_putc(&option, '\\');
		buf_putc(&option, *path);
	}
	return option.bytes;
}

struct plan_span box_overlay_options(struct plan_builder *builder, const struct box_part *part)
{
	const char *options[7];
	size_t count = 0;
	options[count++] = box_layer_option(builder, "lowerdir", part->lower);
	options[count++] = box_layer_option(builder, "upperdir", box_upper(builder, part));
	options[count++] = box_layer_option(builder, "workdir", box_work(builder, part));
	if (builder->spec->box.keep) {
		/* Each file in the layer is then whole and in its own place: what is read there is what changed. */
		options[count++] = "redirect_dir=nofollow";
		options[count++] = "metacopy=off";
	} else {
		/* What is thrown away needs no sync when it is unmounted. */
		options[count++] = "volatile";
	}
	/* trusted.* attributes belong to root of the machine. */
	if (inside_user_namespace(builder))
		options[count++] = "userxattr";
	return plan_put_list(builder, options, count);
}
