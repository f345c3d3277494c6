/* manifest.c: writes changes.json, and believes nothing in it when it is read back. */
#include "keep/manifest.h"

#include "base/fd.h"
#include "base/file.h"
#include "json/json.h"
#include "sys/open.h"
#include "sys/status.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

enum { MANIFEST_VERSION = 1, MANIFEST_BYTES = 2 << 20, PARTS_MOST = 10000, MAP_BYTES = 16 << 10, MAP_LINES = 340 };

/* --- writing ------------------------------------------------------------------------------------- */

static void put_text(struct buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	buf_printf(out, ",\n\t\"%s\": ", key);
	json_put_string(out, value);
}

void keep_manifest_write(struct buf *out, const struct keep_manifest *manifest)
{
	buf_printf(out, "{\n\t\"kist\": \"changes\",\n\t\"version\": %d", MANIFEST_VERSION);
	put_text(out, "root", manifest->root);
	put_text(out, "record", manifest->record);
	put_text(out, "uidMap", manifest->uid_map);
	put_text(out, "gidMap", manifest->gid_map);
	buf_puts(out, ",\n\t\"parts\": [");
	for (size_t i = 0; i < manifest->count; i++) {
		buf_printf(out, "%s\n\t\t{ \"path\": ", i ? "," : "");
		json_put_string(out, manifest->parts[i].path);
		buf_printf(out, ", \"number\": %u }", manifest->parts[i].number);
	}
	buf_puts(out, "\n\t]\n}\n");
}

/* --- reading ------------------------------------------------------------------------------------- */

/* Absolute, and each component a real name: joined with another path it still leads below it. */
static bool is_clean(const char *path)
{
	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	if (path[1] == '\0')
		return true;
	for (const char *at = path; *at;) {
		size_t length = strcspn(++at, "/");
		if (length == 0 || length > NAME_MAX || (length == 1 && at[0] == '.') ||
		    (length == 2 && at[0] == '.' && at[1] == '.'))
			return false;
		at += length;
	}
	return true;
}

static bool take_text(const struct json_value *value, const char **text)
{
	if (!value || value->type != JSON_STRING || strlen(value->string) != value->length)
		return false;
	*text = value->string;
	return true;
}

static bool take_path(const struct json_value *value, const char **path)
{
	return take_text(value, path) && is_clean(*path);
}

static const char *take_number(const char *at, uint32_t *number)
{
	uint64_t value = 0;
	const char *start = at;
	for (; *at >= '0' && *at <= '9' && value <= UINT32_MAX; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	*number = (uint32_t)value;
	return at > start && value <= UINT32_MAX ? at : NULL;
}

/* Lines of three numbers, as kist writes them: a helper will get them as its arguments. */
static bool is_map(const char *map)
{
	int lines = 0;
	if (strlen(map) > MAP_BYTES)
		return false;
	while (*map) {
		uint32_t number = 0;
		for (int i = 0; i < 3; i++) {
			map = take_number(map, &number);
			if (!map || *map++ != (i < 2 ? ' ' : '\n'))
				return false;
		}
		if (number == 0 || ++lines > MAP_LINES)
			return false;
	}
	return lines > 0;
}

static bool take_maps(const struct json_value *root, struct keep_manifest *manifest)
{
	const struct json_value *users = json_member(root, "uidMap"), *groups = json_member(root, "gidMap");
	if (!users && !groups)
		return true;
	return take_text(users, &manifest->uid_map) && take_text(groups, &manifest->gid_map) &&
	       is_map(manifest->uid_map) && is_map(manifest->gid_map);
}

static bool take_record(const struct json_value *root, struct keep_manifest *manifest)
{
	const struct json_value *record = json_member(root, "record");
	return !record || take_text(record, &manifest->record);
}

static bool is_fresh(const struct keep_manifest *manifest, const struct keep_part *part)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (manifest->parts[i].number == part->number || strcmp(manifest->parts[i].path, part->path) == 0)
			return false;
	return true;
}

static bool take_parts(struct arena *arena, const struct json_value *list, struct keep_manifest *manifest)
{
	if (!list || list->type != JSON_ARRAY || list->count > PARTS_MOST)
		return false;
	manifest->parts = ARENA_ARRAY(arena, list->count + 1, struct keep_part);
	for (size_t i = 0; i < list->count; i++) {
		const struct json_value *item = &list->items[i];
		struct keep_part part;
		if (item->type != JSON_OBJECT || !take_path(json_member(item, "path"), &part.path))
			return false;
		const struct json_value *number = json_member(item, "number");
		if (!number || number->type != JSON_INTEGER || number->negative || number->magnitude >= PARTS_MOST)
			return false;
		part.number = (unsigned)number->magnitude;
		/* A directory is seen as one part; only this machine has more. */
		if (strcmp(manifest->root, "/") != 0 && strcmp(part.path, "/") != 0)
			return false;
		if (!is_fresh(manifest, &part))
			return false;
		manifest->parts[manifest->count++] = part;
	}
	return true;
}

int keep_manifest_parse(struct arena *arena, const char *text, size_t length, const char *shown,
                        struct keep_manifest *manifest, struct err *err)
{
	struct json_error fault;
	struct keep_manifest read = { 0 };
	const char *kind;
	const struct json_value *root = json_parse(arena, text, length, &fault, NULL);
	if (!root)
		return err_set(err, arena, EBADMSG, "%s/changes.json, line %u: %s", shown, fault.line, fault.text);
	if (root->type != JSON_OBJECT || !take_text(json_member(root, "kist"), &kind) || strcmp(kind, "changes") != 0)
		return err_set(err, arena, EBADMSG, "%s/changes.json does not describe changes that kist kept", shown);
	const struct json_value *version = json_member(root, "version");
	if (!version || version->type != JSON_INTEGER || version->magnitude != MANIFEST_VERSION || version->negative)
		return err_set(err, arena, EBADMSG, "%s/changes.json is not of this version of kist", shown);
	const char *wrong = !take_path(json_member(root, "root"), &read.root)       ? "root"
	                    : !take_record(root, &read)                             ? "record"
	                    : !take_maps(root, &read)                               ? "uidMap and gidMap"
	                    : !take_parts(arena, json_member(root, "parts"), &read) ? "parts"
	                                                                            : NULL;
	if (wrong)
		return err_set(err, arena, EBADMSG, "%s/changes.json: \"%s\" is missing or wrong", shown, wrong);
	*manifest = read;
	return 0;
}

int keep_manifest_read(struct arena *arena, int dirfd, const char *shown, struct keep_manifest *manifest,
                       struct err *err)
{
	struct stat status;
	char *text;
	size_t length;
	FD_AUTO int fd = sys_openat2(dirfd, "changes.json", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	if (fd == -ENOENT)
		return -ENOENT;
	int result = fd < 0 ? fd : sys_stat_fd(fd, &status);
	if (result == 0 && !S_ISREG(status.st_mode))
		result = -EINVAL;
	if (result == 0)
		result = file_read_fd(arena, fd, MANIFEST_BYTES, &text, &length);
	if (result < 0)
		return err_set(err, arena, -result, "cannot read %s/changes.json", shown);
	return keep_manifest_parse(arena, text, length, shown, manifest, err);
}

const struct keep_part *keep_part_at(const struct keep_manifest *manifest, const char *path)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (strcmp(manifest->parts[i].path, path) == 0)
			return &manifest->parts[i];
	return NULL;
}

const char *keep_part_lower(struct arena *arena, const struct keep_manifest *manifest, const struct keep_part *part)
{
	if (strcmp(manifest->root, "/") == 0)
		return part->path;
	return strcmp(part->path, "/") == 0 ? manifest->root : arena_printf(arena, "%s%s", manifest->root, part->path);
}
