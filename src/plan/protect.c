/* protect.c: the container's world is closed: kernel parameters, what it may not see or change, the read-only root. */
#include "plan/box_root.h"
#include "plan/build.h"
#include "plan/question.h"
#include "spec/fault.h"
#include "spec/sysctl.h"

#include <string.h>

/* --- kernel parameters -------------------------------------------------------------------------------- */

/* The path as sysctl(8) writes it: dots between names, and a slash for a dot within one ("conf.eth0/100"). */
static const char *sysctl_name(struct arena *arena, const char *path)
{
	char *name = arena_string(arena, path);
	for (char *byte = name; *byte; byte++)
		*byte = *byte == '/' ? '.' : *byte == '.' ? '/' : *byte;
	return name;
}

static void write_sysctl(struct plan_builder *builder, const struct spec_pair *pair)
{
	const char *why = NULL;
	const char *pointer = pointer_to_key(builder->arena, "/linux/sysctl", pair->key);
	const char *path = sysctl_path(builder->arena, pair->key, &why);
	if (!path) {
		plan_refuse(builder, pointer, "names no kernel parameter: it has %s", why);
		return;
	}
	/* One line a parameter: what follows a line's end would be written to another (CVE-2022-0811). */
	if (strpbrk(pair->value, "\n\r")) {
		plan_refuse(builder, pointer, "the value has more than one line");
		return;
	}
	struct step *step = plan_add(builder, STEP_write_sysctl, "%s", pointer);
	step->write_sysctl.proc = builder->proc;
	step->write_sysctl.name = plan_put_text(builder, sysctl_name(builder->arena, path));
	step->write_sysctl.value = plan_put_text(builder, pair->value);
}

/* Before the masks: in a user namespace a procfs is only for who sees a whole one (mount_too_revealing). */
static void write_sysctls(struct plan_builder *builder)
{
	const struct spec_pairs *sysctl = &builder->spec->linux_.sysctl;
	if (!sysctl->count)
		return;
	builder->proc = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_proc, "/linux/sysctl");
	step->open_proc.proc = builder->proc;
	for (size_t i = 0; i < sysctl->count; i++)
		write_sysctl(builder, &sysctl->items[i]);
}

/* --- paths --------------------------------------------------------------------------------------------- */

static void mask_paths(struct plan_builder *builder)
{
	const struct spec_strings *paths = &builder->spec->linux_.masked_paths;
	for (size_t i = 0; i < paths->count; i++) {
		struct step *step = plan_add(builder, STEP_mask, "/linux/maskedPaths/%zu", i);
		step->mask.root = builder->root;
		step->mask.path = plan_put_text(builder, path_inside(builder->arena, paths->items[i]));
		step->mask.demanded = i < builder->spec->box.masked_asked;
	}
}

static struct step_readonly *make_readonly(struct plan_builder *builder, const char *path, const char *pointer)
{
	struct step *step = plan_add(builder, STEP_readonly, "%s", pointer);
	step->readonly.root = builder->root;
	step->readonly.path = plan_put_text(builder, path);
	return &step->readonly;
}

/* The view of a box is of several mounts where the user sees one tree: what is read-only in it is so as a whole. What
 * the flags place in it keeps what it was given. */
static void make_view_readonly(struct plan_builder *builder, const char *path, const char *pointer)
{
	const struct box_view *view = box_view(builder);
	for (size_t i = 1; i < view->count; i++) {
		const struct box_part *part = &view->parts[i];
		if (part->how == PART_OVERLAY && strcmp(part->path, path) != 0 && path_is_within(part->path, path) &&
		    !mount_seen_at(builder, part->path))
			make_readonly(builder, part->path, pointer);
	}
}

static void protect_paths(struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	const struct spec_strings *paths = &spec->linux_.readonly_paths;
	for (size_t i = 0; i < paths->count; i++) {
		const char *path = path_inside(builder->arena, paths->items[i]);
		const char *pointer = arena_printf(builder->arena, "/linux/readonlyPaths/%zu", i);
		bool asked = i < spec->box.readonly_asked;
		make_readonly(builder, path, pointer)->demanded = asked;
		if (asked && spec->box.root_mode == ROOT_HOST_OVERLAY)
			make_view_readonly(builder, path, pointer);
	}
}

/* Read-only file systems that had to stay writable until mount points and nodes were in them. */
static void finish_readonly_mounts(struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	for (size_t i = 0; i < spec->mount_count; i++) {
		const char *path = path_inside(builder->arena, spec->mounts[i].destination);
		if (!mount_turns_readonly_later(builder, &spec->mounts[i]) ||
		    mount_seen_at(builder, path) != &spec->mounts[i])
			continue;
		struct step *step = plan_add(builder, STEP_remount, "/mounts/%zu", i);
		step->remount.root = builder->root;
		step->remount.path = plan_put_text(builder, path);
		step->remount.attr_set = ABI_ATTR_RDONLY;
	}
}

/* Engines rely on it: a working directory that the image lacks is made. In the root of a process nothing is. */
static void make_working_directory(struct plan_builder *builder)
{
	const char *cwd = builder->spec->process.cwd;
	if (builder->spec->box.root_mode == ROOT_PROCESS || !cwd || strcmp(path_inside(builder->arena, cwd), "/") == 0)
		return;
	struct step *step = plan_add(builder, STEP_make_path, "/process/cwd");
	step->make_path.root = builder->root;
	step->make_path.path = plan_put_text(builder, path_inside(builder->arena, cwd));
	step->make_path.mode = 0755;
	step->make_path.optional = true;
}

void plan_protect(struct plan_builder *builder)
{
	write_sysctls(builder);
	make_working_directory(builder);
	finish_readonly_mounts(builder);
	mask_paths(builder);
	protect_paths(builder);
	/* Last: nothing can be made in the root after it. */
	if (builder->spec->root.readonly && builder->spec->box.root_mode == ROOT_HOST_OVERLAY)
		make_view_readonly(builder, "/", "/root/readonly");
	if (builder->spec->root.readonly)
		make_readonly(builder, "/", "/root/readonly");
}
