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

/* --- the layers are not to be seen in the box whose layers they are ----------------------------------------- */

static void hide(struct box *box, const char *path)
{
	struct spec_strings *masked = &box->spec->linux_.masked_paths;
	const char **items = ARENA_ARRAY(box->arena, masked->count + 1, const char *);
	if (masked->count)
		memcpy(items, masked->items, masked->count * sizeof(*items));
	items[masked->count] = path;
	*masked = (struct spec_strings){ items, masked->count + 1 };
}

/* What follows `folder` in a path that is it or lies below it: "/k" of "/root/k" and "/root". NULL: it does not. */
static const char *path_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	while (length && folder[length - 1] == '/')
		length--;
	bool below = strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
	return below ? path + length : NULL;
}

/* Where this machine's files are shown, the layers would be among them; and where a bind shows them. */
static void box_hide_changes(struct box *box)
{
	const char *keep = box->spec->box.keep, *rest;
	if (box->spec->box.root_mode == ROOT_HOST_OVERLAY)
		hide(box, keep);
	for (size_t i = 0; i < box->spec->mount_count; i++) {
		const struct spec_mount *mount = &box->spec->mounts[i];
		if (!mount->options.bind || !mount->source)
			continue;
		if (path_below(mount->source, keep))
			box_fault(box, arena_printf(box->arena, "/mounts/%zu", i),
			          arena_printf(box->arena,
			                       "what the box writes is kept in %s, and it may not write there itself: "
			                       "leave it out, or keep the changes somewhere else",
			                       keep));
		else if ((rest = path_below(keep, mount->source)))
			hide(box, arena_printf(box->arena, "%s%s", mount->destination, rest));
	}
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
