/* box_user.c: who the program of a box is: the user and the groups, by number, or by name inside. */
#include "spec/box_part.h"

#include <string.h>

bool box_id(const char *text, size_t length, uint32_t *id)
{
	uint64_t number = 0;
	if (length == 0 || length > 10 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*id = (uint32_t)number;
	return number < UINT32_MAX;
}

bool box_is_name(const char *text)
{
	return *text && !strchr("-+ \t0123456789", *text) && !strpbrk(text, ":\n");
}

/* Numbers are taken as they are; names are looked up inside, by init. */
static void read_user(struct box *box, const char *user)
{
	struct spec_user *ids = &box->spec->process.user;
	const char *colon = strchr(user, ':');
	size_t length = colon ? (size_t)(colon - user) : strlen(user);
	const char *name = arena_copy(box->arena, user, length);
	box_origin(box, "/process/user", "user", user);
	if (length == 0 || (colon && colon[1] == '\0')) {
		box_fault(box, "/process/user", "expected UID, NAME, UID:GID or NAME:GROUP");
		return;
	}
	bool uid_number = box_id(user, length, &ids->uid);
	bool gid_number = !colon || box_id(colon + 1, strlen(colon + 1), &ids->gid);
	if (!uid_number && !box_is_name(name))
		box_fault(box, "/process/user", "this is neither a user id (0 to 4294967294, decimal) nor a name");
	if (!gid_number && !box_is_name(colon + 1))
		box_fault(box, "/process/user",
		          "the group is neither a group id (0 to 4294967294, decimal) nor a name");
	/* The group of a bare number is what the container's passwd says, so that is looked up as well. */
	if (!uid_number || !gid_number || !colon)
		box->spec->box.user = user;
}

/* Takes the word up to the next comma off the list; NULL at its end. */
static const char *take_word(struct arena *arena, const char **list)
{
	if (!*list)
		return NULL;
	size_t length = strcspn(*list, ",");
	const char *word = arena_copy(arena, *list, length);
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return word;
}

static void read_groups(struct box *box, const char *groups)
{
	static const char pointer[] = "/process/user/additionalGids";
	struct spec_user *user = &box->spec->process.user;
	struct spec_box *wanted = &box->spec->box;
	size_t most = strlen(groups) / 2 + 1;
	const char *word;
	box_origin(box, pointer, "groups", groups);
	wanted->groups = strcmp(groups, "keep") == 0 ? GROUPS_KEPT : GROUPS_GIVEN;
	if (wanted->groups == GROUPS_KEPT || strcmp(groups, "none") == 0)
		return;
	user->additional_gids = ARENA_ARRAY(box->arena, most, uint32_t);
	wanted->group_names.items = ARENA_ARRAY(box->arena, most, const char *);
	while ((word = take_word(box->arena, &groups))) {
		uint32_t gid;
		if (box_id(word, strlen(word), &gid))
			user->additional_gids[user->additional_gid_count++] = gid;
		else if (!box_is_name(word) || strcmp(word, "none") == 0 || strcmp(word, "keep") == 0)
			box_fault(box, pointer,
			          arena_printf(box->arena,
			                       "\"%s\" is no group: expected ids or names with commas between, or "
			                       "none or keep alone",
			                       word));
		else
			wanted->group_names.items[wanted->group_names.count++] = word;
	}
}

void box_user(struct box *box)
{
	const struct box_flags *flags = box->flags;
	if (flags->user)
		read_user(box, flags->user);
	if (flags->groups)
		read_groups(box, flags->groups);
}
