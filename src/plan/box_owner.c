/* box_owner.c: whether the files of a root belong to ids that the box has. */
#include "plan/box_root.h"
#include "plan/question.h"

#include <string.h>

static void put_map(struct buf *out, const char *word, const struct spec_idmaps *maps)
{
	buf_printf(out, "%s%s", out->length ? ", " : "", word);
	for (size_t i = 0; i < maps->count; i++)
		buf_printf(out, " %u:%u:%u", maps->items[i].inside, maps->items[i].outside, maps->items[i].count);
}

/* "uids 0:1000:1 1:100000:65536, gids 0:1000:1": inside, outside, how many. NULL: no ids are mapped. */
static const char *maps_in_words(const struct plan_builder *builder)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	struct buf words = buf_in(builder->arena);
	if (!namespace_is_new(builder, ABI_NEWUSER) || !linux_->uid_mappings.count)
		return NULL;
	put_map(&words, "uids", &linux_->uid_mappings);
	put_map(&words, "gids", &linux_->gid_mappings);
	return words.bytes;
}

static bool is_mapped(const struct spec_idmaps *maps, uint32_t outside)
{
	for (size_t i = 0; i < maps->count; i++)
		if (outside >= maps->items[i].outside && outside - maps->items[i].outside < maps->items[i].count)
			return true;
	return false;
}

/* One look at the top: the files below mostly belong to who unpacked them. */
static void warn_of_owner(struct plan_builder *builder, const struct facts_source *root, const char *maps)
{
	if (!maps || builder->spec->box.fuse || root->kind != SOURCE_DIR ||
	    is_mapped(&builder->spec->linux_.uid_mappings, root->uid))
		return;
	plan_warn(builder, "/root/path",
	          "it belongs to user %u, whom this box does not have (%s): such files belong to nobody in it and can "
	          "only be read; run kist as root, or make them yours (chown -R), or unpack them as this user",
	          root->uid, maps);
}

static void warn_of_maps(struct plan_builder *builder, const struct facts_source *root, const char *maps)
{
	if (!root->idmap || (maps && strcmp(maps, root->idmap) == 0))
		return;
	plan_warn(builder, "/root/path",
	          "boxes have written to it with %s, and this one has %s: what those made will belong to others here "
	          "(the attribute user.kist.idmap has the maps)",
	          root->idmap, maps ? maps : "the ids of the machine");
}

void box_owner(struct plan_builder *builder)
{
	const char *path = path_in_bundle(builder, builder->spec->root.path), *maps = maps_in_words(builder);
	const struct facts_source *root = facts_source(builder->facts, path);
	if (!root)
		return;
	warn_of_owner(builder, root, maps);
	warn_of_maps(builder, root, maps);
	if (!maps || root->idmap || builder->spec->box.root_mode != ROOT_BUNDLE || builder->spec->root.readonly)
		return;
	struct step *step = plan_add(builder, STEP_store_idmap, "/root/path");
	step->store_idmap.path = plan_put_text(builder, path);
	step->store_idmap.text = plan_put_text(builder, maps);
}
