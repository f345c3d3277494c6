/* box_ids.c: which ids there are in a box: the maps of its user namespace.
 *
 * An ordinary caller is root inside and, where it has subordinate ids, the ids from 1 on are those: packages can be
 * installed and files given away. With --map-uid it is another one inside, and 0 is a subordinate id. Who may do
 * everything needs no user namespace, and gets one when a map is asked for. */
#include "base/buf.h"
#include "spec/box_part.h"
#include "spec/fault.h"

#include <string.h>

/* Users and groups in one story. */
struct side_words {
	const char *pointer, *flag, *word;
	const char *file, *option; /* of the subordinate ids; of usermod(8) */
	char letter;               /* of --map u:... */
};
static const struct side_words users = { "/linux/uidMappings", "map-uid", "user", "/etc/subuid", "--add-subuids", 'u' };
static const struct side_words groups = {
	"/linux/gidMappings", "map-gid", "group", "/etc/subgid", "--add-subgids", 'g'
};

struct side {
	const struct side_words *words;
	const char *wanted; /* of --map-uid or --map-gid; NULL: not given */
	const struct box_owned *owned;
	struct spec_idmaps *maps;
};

static void put_map(struct spec_idmaps *maps, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (count)
		maps->items[maps->count++] = (struct spec_idmap){ inside, outside, count };
}

static bool maps_hold(const struct spec_idmaps *maps, uint32_t inside)
{
	for (size_t i = 0; i < maps->count; i++)
		if (inside >= maps->items[i].inside && inside - maps->items[i].inside < maps->items[i].count)
			return true;
	return false;
}

/* --- --map-uid, --map-gid, and neither ---------------------------------------------------------------------- */

/* Both kinds or none: a gid map without setgroups(2) would be of little use. */
static bool has_many(const struct box_flags *flags)
{
	return flags->maps_helped && flags->own_users.range_count && flags->own_groups.range_count;
}

/* The caller is `own` inside; the subordinate ids are the others from 0 on. */
static void map_around(struct box *box, const struct side *side, uint32_t own)
{
	const struct box_owned *owned = side->owned;
	size_t ranges = has_many(box->flags) ? owned->range_count : 0;
	uint32_t next = 0;
	/* The range in which it lies falls in two. */
	side->maps->items = ARENA_ARRAY(box->arena, ranges + 2, struct spec_idmap);
	put_map(side->maps, own, owned->id, 1);
	for (size_t i = 0; i < ranges; i++) {
		struct box_range range = owned->ranges[i];
		uint32_t before = next <= own && range.count > own - next ? own - next : range.count;
		put_map(side->maps, next, range.first, before);
		next += before;
		next += next == own;
		put_map(side->maps, next, range.first + before, range.count - before);
		next += range.count - before;
	}
}

static void map_default(struct box *box, const struct side *side)
{
	uint32_t own = 0;
	if (side->wanted && !box_id(side->wanted, strlen(side->wanted), &own))
		box_fault(box, side->words->pointer, "expected an id from 0 to 4294967294, decimal");
	else
		map_around(box, side, own);
}

/* --- --map ---------------------------------------------------------------------------------------------------- */

/* ID:HOST:COUNT */
static bool read_map(struct arena *arena, const char *words, struct spec_idmap *map)
{
	uint32_t numbers[3];
	for (size_t i = 0; i < 3; i++) {
		size_t length = strcspn(words, ":");
		if (!box_id(arena_copy(arena, words, length), length, &numbers[i]) || (words[length] == ':') != (i < 2))
			return false;
		words += length + 1;
	}
	*map = (struct spec_idmap){ numbers[0], numbers[1], numbers[2] };
	return numbers[2] > 0;
}

static const char *map_words(const struct side *side, const char *words)
{
	if (words[0] == side->words->letter && words[1] == ':')
		return words + 2;
	return *words == 'u' || *words == 'g' ? NULL : words;
}

static void put_given(struct box *box, const struct side *side, size_t index)
{
	const char *given = box->flags->maps.items[index].value;
	const char *words = map_words(side, given);
	const char *pointer = arena_printf(box->arena, "%s/%zu", side->words->pointer, side->maps->count);
	struct spec_idmap map;
	if (!words)
		return;
	if (read_map(box->arena, words, &map)) {
		box_origin(box, pointer, "map", given);
		side->maps->items[side->maps->count++] = map;
		return;
	}
	/* Users come first; what is wrong with both is said once. */
	if (side->words == &groups && words == given)
		return;
	pointer = arena_printf(box->arena, "%s/given/%zu", side->words->pointer, index);
	box_origin(box, pointer, "map", given);
	box_fault(box, pointer,
	          "expected ID:HOST:COUNT, such as 0:100000:65536, or u:... or g:... for users or groups alone");
}

/* True when a --map speaks of this side; then those are the whole map. */
static bool map_given(struct box *box, const struct side *side)
{
	const struct given_words *given = &box->flags->maps;
	bool any = false;
	side->maps->items = ARENA_ARRAY(box->arena, given->count, struct spec_idmap);
	for (size_t i = 0; i < given->count; i++) {
		put_given(box, side, i);
		any |= map_words(side, given->items[i].value) != NULL;
	}
	return any;
}

/* --- whether they do ---------------------------------------------------------------------------------------- */

/* The layers of a box are the caller's files: init, root of the user namespace, can write them when their owner is
 * mapped, and only then. */
static void check_own(struct box *box, const struct side *side)
{
	uint32_t own = side->owned->id;
	for (size_t i = 0; i < side->maps->count; i++) {
		const struct spec_idmap *map = &side->maps->items[i];
		if (own >= map->outside && own - map->outside < map->count)
			return;
	}
	box_fault(box, arena_printf(box->arena, "%s/0", side->words->pointer),
	          arena_printf(box->arena,
	                       "the caller's own %s id, %u, is not mapped, and the layers of the box belong to it: add "
	                       "--map %c:ID:%u:1",
	                       side->words->word, own, side->words->letter, own));
}

/* Which kinds there are none of, in the words of kist doctor. */
static const char *lacking_words(struct box *box)
{
	const struct box_flags *flags = box->flags;
	const bool no_users = !flags->own_users.range_count, no_groups = !flags->own_groups.range_count;
	const char *name =
		flags->caller_name ? flags->caller_name : arena_printf(box->arena, "%u", flags->own_users.id);
	const char *range = flags->subids_free ? arena_printf(box->arena, "%u-%u", flags->subids_free,
	                                                      flags->subids_free + UINT32_C(65535))
	                                       : "FIRST-LAST";
	struct buf options = buf_in(box->arena);
	if (no_users)
		buf_printf(&options, " %s %s", users.option, range);
	if (no_groups)
		buf_printf(&options, " %s %s", groups.option, range);
	return arena_printf(box->arena, "%s has no subordinate %sids in %s%s%s (`usermod%s %s`, as root, adds some)",
	                    name,
	                    no_users && no_groups ? ""
	                    : no_users            ? "user "
	                                          : "group ",
	                    no_users ? users.file : groups.file, no_users && no_groups ? " and " : "",
	                    no_users && no_groups ? groups.file : "", options.bytes, name);
}

/* Why only the caller's own id is mapped, and what would change that. */
static const char *few_words(struct box *box)
{
	const struct box_flags *flags = box->flags;
	if (!flags->maps_helped && flags->gains_nothing)
		return "no_new_privs is set for this process, so newuidmap and newgidmap, which map subordinate ids, "
		       "get no "
		       "rights: start kist outside of what set it";
	if (!flags->maps_helped)
		return "the programs newuidmap and newgidmap, which map subordinate ids, are not installed (package "
		       "uidmap)";
	return lacking_words(box);
}

/* Told before the start, where the program could do with more: who may neither give files away nor become another
 * cannot tell the difference. Root of a user namespace has the ids that --map gives it. */
void box_ids_few(struct box *box)
{
	const uint64_t could = UINT64_C(1) << ABI_CAP_CHOWN | UINT64_C(1) << ABI_CAP_SETUID;
	const char *path;
	if (!spec_has_namespace(box->spec, ABI_NEWUSER, &path) || path || box_ids_asked(box) || has_many(box->flags))
		return;
	if (box->flags->own_users.id == 0 || !(box->spec->process.capabilities.effective & could))
		return;
	fault_add(box->faults, FAULT_WARNING,
	          (struct spec_fault){
			  .pointer = "",
			  .text = arena_printf(
				  box->arena,
				  "only your own id, %u, is mapped in this box: the files of all others look like "
				  "nobody's, and chown, su and apt fail: %s",
				  box->flags->own_users.id, few_words(box)),
		  });
}

/* A box runs as 0 unless it is told otherwise. */
static void check_zero(struct box *box, const struct side *side)
{
	bool few = !box->flags->maps.count && !has_many(box->flags);
	if (box->flags->user || maps_hold(side->maps, 0))
		return;
	box_fault(
		box, arena_printf(box->arena, "%s/0", side->words->pointer),
		arena_printf(box->arena,
	                     "%s 0, which the box would run as, is not mapped: %s%srun it as one that is, with --user",
	                     side->words->word, few ? few_words(box) : "", few ? ", or " : ""));
}

static void read_side(struct box *box, const struct side *side)
{
	if (side->wanted)
		box_origin(box, side->words->pointer, side->words->flag, side->wanted);
	if (!map_given(box, side))
		map_default(box, side);
	else if (side->wanted)
		box_fault(box, side->words->pointer,
		          arena_printf(box->arena, "--map says already which %s ids there are: leave one out",
		                       side->words->word));
}

bool box_ids_asked(const struct box *box)
{
	return box->flags->map_uid || box->flags->map_gid || box->flags->maps.count;
}

void box_ids(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_linux *linux_ = &box->spec->linux_;
	const struct side sides[] = {
		{ &users, flags->map_uid, &flags->own_users, &linux_->uid_mappings },
		{ &groups, flags->map_gid, &flags->own_groups, &linux_->gid_mappings },
	};
	size_t faults = box->faults->count;
	for (size_t i = 0; i < 2; i++)
		read_side(box, &sides[i]);
	for (size_t i = 0; i < 2 && box->faults->count == faults; i++) {
		check_own(box, &sides[i]);
		if (box->faults->count == faults)
			check_zero(box, &sides[i]);
	}
}
