/* step_keep.c: the directory of kept changes: taken before there is a process, given back when the box is gone. */
#include "run/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

/* "N:PATH" */
static struct keep_part parse_part(const char *words)
{
	char *end;
	unsigned long number = strtoul(words, &end, 10);
	return (struct keep_part){ .path = *end == ':' ? end + 1 : "", .number = (unsigned)number };
}

int step_hold_changes(struct walk *walk, const struct step *step)
{
	const struct step_hold_changes *asked = &step->hold_changes;
	const struct record *record = &walk->run->record;
	struct err err = { 0 };
	struct keep_part *parts = ARENA_ARRAY(walk->arena, asked->parts.count + 1, struct keep_part);
	const char *word = plan_bytes(walk->block, asked->parts);
	for (uint32_t i = 0; i < asked->parts.count; i++, word += strlen(word) + 1)
		parts[i] = parse_part(word);
	const struct keep_wanted wanted = {
		.path = walk_text(walk, asked->path),
		.go_on = asked->go_on,
		.root = walk_text(walk, asked->base),
		.record = arena_printf(walk->arena, "%s/%s", record->root, record->id),
		.uid_map = asked->uid_map ? walk_text(walk, asked->uid_map) : NULL,
		.gid_map = asked->gid_map ? walk_text(walk, asked->gid_map) : NULL,
		.parts = parts,
		.count = asked->parts.count,
	};
	int result = keep_hold(walk->arena, &wanted, &walk->run->keep, &walk->run->keep_made, &err);
	return result < 0 ? step_adopt(walk, result, &err) : 0;
}

int step_store_idmap(struct walk *walk, const struct step *step)
{
	const char *path = walk_text(walk, step->store_idmap.path), *text = walk_text(walk, step->store_idmap.text);
	if (setxattr(path, "user.kist.idmap", text, strlen(text), XATTR_CREATE) == 0)
		return 0;
	/* What cannot hold the note does without; another box may have put it there in the meantime. */
	bool without = errno == EOPNOTSUPP || errno == EPERM || errno == EACCES || errno == EROFS || errno == EEXIST;
	return without ? 0 : -errno;
}
