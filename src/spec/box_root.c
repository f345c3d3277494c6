/* box_root.c: what a box is a view of, and what becomes of what is written in it. */
#include "spec/box_part.h"

#include <string.h>

static const char *absolute(const struct box *box, const char *path)
{
	return *path == '/' ? path : arena_printf(box->arena, "%s/%s", box->flags->cwd, path);
}

void box_root(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec *spec = box->spec;
	spec->box.root_mode = flags->root ? ROOT_DIR_OVERLAY : ROOT_HOST_OVERLAY;
	spec->root.set = true;
	spec->root.path = "/";
	if (flags->root) {
		box_origin(box, "/root/path", "root", flags->root);
		spec->root.path = absolute(box, flags->root);
		if (*flags->root == '\0')
			box_fault(box, "/root/path", "expected a directory");
	}
}

/* Where this machine's files are shown, the layers would be among them. */
static void box_hide_changes(struct box *box)
{
	struct spec_strings *masked = &box->spec->linux_.masked_paths;
	if (!box->spec->box.keep || box->spec->box.root_mode != ROOT_HOST_OVERLAY)
		return;
	const char **items = ARENA_ARRAY(box->arena, masked->count + 1, const char *);
	memcpy(items, masked->items, masked->count * sizeof(*items));
	items[masked->count] = box->spec->box.keep;
	*masked = (struct spec_strings){ items, masked->count + 1 };
}

/* --keep begins, --from goes on; both go on, in the one directory they name. */
void box_changes(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_box *spec = &box->spec->box;
	const char *path = flags->from ? flags->from : flags->keep;
	if (!path)
		return;
	box_origin(box, "/box/keep", flags->from ? "from" : "keep", path);
	spec->keep = absolute(box, path);
	spec->go_on = flags->from;
	if (*path == '\0' || strchr(path, '\n'))
		box_fault(box, "/box/keep", "expected a directory");
	if (flags->from && flags->keep && strcmp(absolute(box, flags->keep), spec->keep) != 0)
		box_fault(box, "/box/keep",
		          arena_printf(box->arena,
		                       "changes are gone on from where they are, so --keep %s can only be left out: to "
		                       "keep these too, copy them first (cp -a)",
		                       flags->keep));
	box_hide_changes(box);
}
