/* box_keep.c: a box whose changes are kept: which layer takes those of which part, and what can be gone on from. */
#include "plan/box_root.h"
#include "plan/idmap.h"
#include "plan/question.h"

#include <string.h>

static const char pointer[] = "/box/keep";

/* What the box is a view of, as the manifest names it. */
static const char *base_path(const struct plan_builder *builder)
{
	if (builder->spec->box.root_mode == ROOT_HOST_OVERLAY)
		return "/";
	return path_inside(builder->arena, path_in_bundle(builder, builder->spec->root.path));
}

/* --- the layers ------------------------------------------------------------------------------------ */

static const struct plan_kept_part *kept_at(const struct plan_kept *kept, const char *path)
{
	for (size_t i = 0; kept && i < kept->count; i++)
		if (strcmp(kept->parts[i].path, path) == 0)
			return &kept->parts[i];
	return NULL;
}

/* A part has the layer it had before; a new one the next number that was never given. */
void box_keep_numbers(struct plan_builder *builder, struct box_view *view)
{
	const struct plan_kept *kept = builder->request->kept;
	unsigned next = 0;
	for (size_t i = 0; kept && i < kept->count; i++)
		if (kept->parts[i].number >= next)
			next = kept->parts[i].number + 1;
	for (size_t i = 0; i < view->count; i++) {
		if (view->parts[i].how != PART_OVERLAY)
			continue;
		const struct plan_kept_part *known = kept_at(kept, view->parts[i].path);
		view->parts[i].number = known ? known->number : next++;
	}
}

void box_keep_hold(struct plan_builder *builder)
{
	const struct box_view *view = box_view(builder);
	const struct spec_linux *linux_ = &builder->spec->linux_;
	bool maps = namespace_is_new(builder, ABI_NEWUSER) && linux_->uid_mappings.count;
	const char **parts = ARENA_ARRAY(builder->arena, view->count, const char *);
	size_t count = 0;
	for (size_t i = 0; i < view->count; i++)
		if (view->parts[i].how == PART_OVERLAY)
			parts[count++] =
				arena_printf(builder->arena, "%u:%s", view->parts[i].number, view->parts[i].path);
	struct step *step = plan_add(builder, STEP_hold_changes, "%s", pointer);
	step->hold_changes.path = plan_put_text(builder, builder->spec->box.keep);
	step->hold_changes.base = plan_put_text(builder, base_path(builder));
	step->hold_changes.go_on = builder->spec->box.go_on;
	step->hold_changes.parts = plan_put_list(builder, parts, count);
	if (maps) {
		step->hold_changes.uid_map = plan_put_text(builder, idmap_text(builder->arena, &linux_->uid_mappings));
		step->hold_changes.gid_map = plan_put_text(builder, idmap_text(builder->arena, &linux_->gid_mappings));
	}
}

/* --- what can be gone on from ---------------------------------------------------------------------- */

/* "0:1000:1 1:100000:65536", for people. */
static const char *map_words(struct arena *arena, const char *map)
{
	if (!map)
		return "none";
	char *words = arena_string(arena, map);
	size_t length = strlen(words);
	for (size_t i = 0; i < length; i++) {
		if (words[i] == ' ')
			words[i] = ':';
		else if (words[i] == '\n')
			words[i] = i + 1 < length ? ' ' : '\0';
	}
	return words;
}

static void check_map(struct plan_builder *builder, const char *word, const char *then, const struct spec_idmaps *maps)
{
	bool mapped = namespace_is_new(builder, ABI_NEWUSER) && maps->count;
	const char *now = mapped ? idmap_text(builder->arena, maps) : NULL;
	if (now == then || (now && then && strcmp(now, then) == 0))
		return;
	plan_refuse(builder, pointer,
	            "the changes were made with the %s map %s, and this box would have %s: their files would belong to "
	            "others in it; run it as the user, and with the flags, of the first time",
	            word, map_words(builder->arena, then), map_words(builder->arena, now));
}

/* Each part is an overlay now, or its changes are there but cannot be seen. */
static void check_parts(struct plan_builder *builder, const struct plan_kept *kept)
{
	const struct box_view *view = box_view(builder);
	for (size_t i = 0; i < kept->count; i++) {
		bool seen = false;
		for (size_t k = 0; k < view->count && !seen; k++)
			seen = view->parts[k].how == PART_OVERLAY &&
			       strcmp(view->parts[k].path, kept->parts[i].path) == 0;
		if (!seen)
			plan_warn(builder, pointer,
			          "the changes kept below %s stay as they are and are not seen in this box: it has no "
			          "layer of its own there now",
			          kept->parts[i].path);
	}
}

static void check_kept(struct plan_builder *builder, const struct plan_kept *kept)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	const char *base = base_path(builder);
	if (strcmp(kept->root, base) != 0) {
		plan_refuse(builder, pointer, "the changes were made over %s, and this box is a view of %s: %s",
		            kept->root, base,
		            strcmp(kept->root, "/") == 0 ? "leave --root out"
		                                         : arena_printf(builder->arena, "give --root %s", kept->root));
		return;
	}
	check_map(builder, "user id", kept->uid_map, &linux_->uid_mappings);
	check_map(builder, "group id", kept->gid_map, &linux_->gid_mappings);
	check_parts(builder, kept);
}

/* Without privilege the top of the view, and what leads to a mount, is put together by name and is no overlay. */
static void warn_of_gaps(struct plan_builder *builder)
{
	const struct box_view *view = box_view(builder);
	struct buf paths = buf_in(builder->arena);
	for (size_t i = 0; i < view->count; i++)
		if (view->parts[i].how == PART_DIRECTORY || (i == 0 && view->parts[i].how == PART_TMPFS))
			buf_printf(&paths, "%s%s", paths.length ? ", " : "", view->parts[i].path);
	if (paths.length)
		plan_warn(
			builder, pointer,
			"without root, names that are made or removed directly in %s are not kept; what is below their "
			"other directories is",
			paths.bytes);
}

void box_keep_check(struct plan_builder *builder)
{
	const char *keep = path_inside(builder->arena, builder->spec->box.keep), *base = base_path(builder);
	if (strcmp(base, "/") != 0 && path_is_within(keep, base))
		plan_refuse(builder, pointer,
		            "%s lies in %s, so that the box would see its own changes there: keep them "
		            "somewhere else",
		            keep, base);
	if (strcmp(base, "/") != 0 && path_is_within(base, keep))
		plan_refuse(builder, pointer, "%s lies in %s, which is for changes alone: keep them somewhere else",
		            base, keep);
	if (builder->request->kept)
		check_kept(builder, builder->request->kept);
	warn_of_gaps(builder);
}
