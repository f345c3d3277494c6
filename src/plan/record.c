/* record.c: the first thing done and the last undone: the record, and below it the directories a box writes to. */
#include "plan/box_root.h"
#include "plan/build.h"
#include "plan/host_files.h"

static void scratch_directory(struct plan_builder *builder, const char *path, uint32_t mode)
{
	struct step *step = plan_add(builder, STEP_make_scratch, NULL);
	step->make_scratch.path = plan_put_text(builder, path);
	step->make_scratch.mode = mode;
}

/* The directory where the box's root is attached, and for each overlay the two that receive what is written. */
static void box_directories(struct plan_builder *builder)
{
	const struct box_view *view = box_view(builder);
	scratch_directory(builder, box_attach_point(builder), 0700);
	if (box_writes_to_memory(builder)) {
		scratch_directory(builder, box_memory_point(builder), 0700);
		return;
	}
	for (size_t i = 0; i < view->count; i++) {
		const struct box_part *part = &view->parts[i];
		if ((part->how != PART_OVERLAY && part->how != PART_SERVED) || builder->spec->box.keep)
			continue;
		/* The top directory of an overlay has the mode of its upper directory, not of the lower one. */
		scratch_directory(builder, box_upper(builder, part), part->mode);
		scratch_directory(builder, box_work(builder, part), 0700);
	}
}

void plan_record(struct plan_builder *builder)
{
	struct step *step = plan_add(builder, STEP_make_record, NULL);
	step->make_record.path = plan_put_format(builder, "%s/%s", builder->request->state_root, builder->request->id);
	step->make_record.id = plan_put_text(builder, builder->request->id);
	if (builder->spec->box.set && builder->spec->box.root_mode != ROOT_HOST_OVERLAY)
		box_owner(builder);
	if (builder->spec->box.keep)
		box_keep_hold(builder);
	if (builder->spec->box.root_mode == ROOT_HOST_OVERLAY || builder->spec->box.root_mode == ROOT_DIR_OVERLAY)
		box_directories(builder);
	plan_host_copies(builder);
}
