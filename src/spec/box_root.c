/* box_root.c: what a box is a view of, and what becomes of what is written in it. */
#include "spec/box_part.h"

#include <string.h>

static const char *absolute(const struct box *box, const char *path)
{
	return *path == '/' ? path : arena_printf(box->arena, "%s/%s", box->flags->cwd, path);
}

/* One of the three: an overlay, the directory itself, or (--ro /) nothing is written. */
static void box_root_words(struct box *box)
{
	const struct box_flags *flags = box->flags;
	if (flags->rw && flags->overlay)
		box_fault(box, "/root/path", "--overlay and --rw exclude each other: leave one out");
	if (flags->rw && !flags->root)
		box_fault(box, "/root/path",
		          "no box writes to this machine's own files: name a directory with --root, or keep the "
		          "changes (--keep DIR) and put them in place when you have seen them (kist apply DIR)");
	if (flags->overlay && !flags->root)
		box_fault(box, "/root/path",
		          "a box over this machine is an overlay anyway: leave it out, or name a "
		          "directory with --root");
}

void box_root(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec *spec = box->spec;
	spec->box.root_mode = !flags->root ? ROOT_HOST_OVERLAY : flags->rw ? ROOT_BUNDLE : ROOT_DIR_OVERLAY;
	spec->root.set = true;
	spec->root.path = "/";
	if (flags->root) {
		box_origin(box, "/root/path", "root", flags->root);
		spec->root.path = absolute(box, flags->root);
		if (*flags->root == '\0')
			box_fault(box, "/root/path", "expected a directory");
	} else if (flags->rw || flags->overlay) {
		box_origin(box, "/root/path", flags->rw ? "rw" : "overlay", NULL);
	}
	spec->box.fuse = flags->fuse;
	if (flags->fuse)
		box_origin(box, "/box/fuse", "fuse", NULL);
	box_root_words(box);
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

/* When all flags have spoken. */
static void box_contradictions(struct box *box)
{
	const struct box_flags *flags = box->flags;
	if (!box->spec->root.readonly)
		return;
	if (flags->rw)
		box_fault(box, "/root/readonly", "--rw and --ro / exclude each other: leave one out");
	if (flags->keep || flags->from)
		box_fault(
			box, "/root/readonly",
			arena_printf(box->arena,
		                     "in a root that is read-only there are no changes for --%s to keep: leave one of "
		                     "the two out",
		                     flags->from ? "from" : "keep"));
}

/* --keep begins, --from goes on; both go on, in the one directory they name. */
void box_changes(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_box *spec = &box->spec->box;
	const char *path = flags->from ? flags->from : flags->keep;
	box_contradictions(box);
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
	if (flags->rw)
		box_fault(box, "/box/keep",
		          "with --rw what is written goes into the root itself: leave one of the two out");
	box_hide_changes(box);
}
