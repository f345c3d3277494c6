/* record_json.c: writes record.json, and believes nothing in it when it is read back. */
#include "state/record_json.h"

#include "json/json.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

enum { RECORD_VERSION = 1, STATUS_MOST = 255, PID_MOST = 1 << 22, RECORD_STRING_MOST = 32768 };

enum member_type {
	MEMBER_PID,
	MEMBER_TIME,
	MEMBER_SECONDS,
	MEMBER_FLAG,
	MEMBER_OPTION,
	MEMBER_STATUS,
	MEMBER_PATH,
	MEMBER_TEXT,
	MEMBER_PAIRS,
	MEMBER_STAGE
};

/* RECORD_FOREGROUND has no word: it is not written. */
static const char *const stage_words[RECORD_STAGES] = {
	[RECORD_CREATING] = "creating",
	[RECORD_CREATED] = "created",
	[RECORD_STARTED] = "started",
};

/* Everything but version and id: one row, read and written alike. Options, the status, paths, texts and pairs may be
 * missing: then false, STATUS_UNKNOWN and NULL. */
static const struct member {
	const char *key;
	enum member_type type;
	size_t offset;
} members[] = {
	{ "pid", MEMBER_PID, offsetof(struct record, pid) },
	{ "startTime", MEMBER_TIME, offsetof(struct record, start_time) },
	{ "runtimePid", MEMBER_PID, offsetof(struct record, runtime_pid) },
	{ "runtimeStartTime", MEMBER_TIME, offsetof(struct record, runtime_start) },
	{ "created", MEMBER_SECONDS, offsetof(struct record, created) },
	{ "box", MEMBER_FLAG, offsetof(struct record, box) },
	{ "stage", MEMBER_STAGE, offsetof(struct record, stage) },
	{ "background", MEMBER_OPTION, offsetof(struct record, background) },
	{ "status", MEMBER_STATUS, offsetof(struct record, status) },
	{ "bundle", MEMBER_PATH, offsetof(struct record, bundle) },
	{ "rootfs", MEMBER_PATH, offsetof(struct record, rootfs) },
	{ "annotations", MEMBER_PAIRS, offsetof(struct record, annotations) },
	{ "freezer", MEMBER_PATH, offsetof(struct record, freezer) },
	{ "uidMap", MEMBER_TEXT, offsetof(struct record, uid_map) },
	{ "uidHelper", MEMBER_PATH, offsetof(struct record, uid_helper) },
	{ "gidMap", MEMBER_TEXT, offsetof(struct record, gid_map) },
	{ "gidHelper", MEMBER_PATH, offsetof(struct record, gid_helper) },
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

static void put_pairs(struct buf *out, const char *key, const struct record_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		if (i == 0)
			buf_printf(out, ",\n\t\"%s\": {", key);
		buf_puts(out, i ? ",\n\t\t" : "\n\t\t");
		json_put_string(out, pairs->items[i].key);
		buf_puts(out, ": ");
		json_put_string(out, pairs->items[i].value);
	}
	if (pairs->count)
		buf_puts(out, "\n\t}");
}

static void put_member(struct buf *out, const struct member *member, const void *place)
{
	switch (member->type) {
	case MEMBER_PID:
		buf_printf(out, ",\n\t\"%s\": %d", member->key, (int)*(const pid_t *)place);
		return;
	case MEMBER_TIME:
		buf_printf(out, ",\n\t\"%s\": %" PRIu64, member->key, *(const uint64_t *)place);
		return;
	case MEMBER_SECONDS:
		buf_printf(out, ",\n\t\"%s\": %" PRId64, member->key, *(const int64_t *)place);
		return;
	case MEMBER_FLAG:
		buf_printf(out, ",\n\t\"%s\": %s", member->key, *(const bool *)place ? "true" : "false");
		return;
	case MEMBER_OPTION:
		if (*(const bool *)place)
			buf_printf(out, ",\n\t\"%s\": true", member->key);
		return;
	case MEMBER_STATUS:
		if (*(const int *)place != STATUS_UNKNOWN)
			buf_printf(out, ",\n\t\"%s\": %d", member->key, *(const int *)place);
		return;
	case MEMBER_STAGE:
		if (*(const enum record_stage *)place != RECORD_FOREGROUND)
			buf_printf(out, ",\n\t\"%s\": \"%s\"", member->key,
			           stage_words[*(const enum record_stage *)place]);
		return;
	case MEMBER_PATH:
	case MEMBER_TEXT:
		if (!*(const char *const *)place)
			return;
		buf_printf(out, ",\n\t\"%s\": ", member->key);
		json_put_string(out, *(const char *const *)place);
		return;
	case MEMBER_PAIRS:
		put_pairs(out, member->key, place);
		return;
	}
}

void record_write_json(struct buf *out, const struct record *record)
{
	buf_printf(out, "{\n\t\"version\": %d,\n\t\"id\": ", RECORD_VERSION);
	json_put_string(out, record->id);
	for (int i = 0; i < MEMBERS; i++)
		put_member(out, &members[i], (const char *)record + members[i].offset);
	buf_puts(out, "\n}\n");
}

static bool is_number(const struct json_value *value, uint64_t most)
{
	return value && value->type == JSON_INTEGER && !value->negative && value->magnitude <= most;
}

/* A string without NUL bytes: its C form is the whole of it. */
static bool is_text(const struct json_value *value)
{
	return value->type == JSON_STRING && value->length <= RECORD_STRING_MOST &&
	       strlen(value->string) == value->length;
}

static bool take_text(const struct json_value *value, bool path, void *place)
{
	if (value && (!is_text(value) || (path && value->string[0] != '/')))
		return false;
	*(const char **)place = value ? value->string : NULL;
	return true;
}

/* The strings of engines are longer than any path. */
static bool take_pairs(struct arena *arena, const struct json_value *value, struct record_pairs *pairs)
{
	if (value && value->type != JSON_OBJECT)
		return false;
	struct record_pair *items = ARENA_ARRAY(arena, value ? value->count : 0, struct record_pair);
	for (size_t i = 0; value && i < value->count; i++) {
		const struct json_member *member = &value->members[i];
		if (member->value.type != JSON_STRING || strlen(member->value.string) != member->value.length ||
		    strlen(member->key) != member->key_length)
			return false;
		items[i] = (struct record_pair){ member->key, member->value.string };
	}
	*pairs = (struct record_pairs){ items, value ? value->count : 0 };
	return true;
}

static bool take_stage(const struct json_value *value, enum record_stage *stage)
{
	if (!value) {
		*stage = RECORD_FOREGROUND;
		return true;
	}
	for (int known = RECORD_CREATING; known < RECORD_STAGES; known++) {
		if (!is_text(value) || strcmp(value->string, stage_words[known]) != 0)
			continue;
		*stage = (enum record_stage)known;
		return true;
	}
	return false;
}

static bool take_member(struct arena *arena, const struct member *member, const struct json_value *value, void *place)
{
	switch (member->type) {
	case MEMBER_PID:
		if (!is_number(value, PID_MOST))
			return false;
		*(pid_t *)place = (pid_t)value->magnitude;
		return true;
	case MEMBER_TIME:
		if (!is_number(value, UINT64_MAX))
			return false;
		*(uint64_t *)place = value->magnitude;
		return true;
	case MEMBER_SECONDS:
		if (!is_number(value, INT64_MAX))
			return false;
		*(int64_t *)place = (int64_t)value->magnitude;
		return true;
	case MEMBER_FLAG:
	case MEMBER_OPTION:
		if (value ? value->type != JSON_BOOL : member->type == MEMBER_FLAG)
			return false;
		*(bool *)place = value && value->boolean;
		return true;
	case MEMBER_STATUS:
		if (value && !is_number(value, STATUS_MOST))
			return false;
		*(int *)place = value ? (int)value->magnitude : STATUS_UNKNOWN;
		return true;
	case MEMBER_STAGE:
		return take_stage(value, place);
	case MEMBER_PATH:
	case MEMBER_TEXT:
		return take_text(value, member->type == MEMBER_PATH, place);
	case MEMBER_PAIRS:
		return take_pairs(arena, value, place);
	}
	return false;
}

int record_read_json(struct arena *arena, const char *text, size_t length, struct record *record, struct err *err)
{
	struct json_error fault;
	const struct json_value *root = json_parse(arena, text, length, &fault, NULL);
	if (!root)
		return err_set(err, arena, EBADMSG, "record.json of %s is damaged: line %u: %s", record->id, fault.line,
		               fault.text);
	if (root->type != JSON_OBJECT || !is_number(json_member(root, "version"), RECORD_VERSION))
		return err_set(err, arena, EBADMSG, "record.json of %s is not of this version of kist", record->id);
	const struct json_value *id = json_member(root, "id");
	if (!id || !is_text(id) || strcmp(id->string, record->id) != 0)
		return err_set(err, arena, EBADMSG, "record.json of %s is damaged: it is another container's",
		               record->id);
	struct record read = *record;
	for (int i = 0; i < MEMBERS; i++)
		if (!take_member(arena, &members[i], json_member(root, members[i].key),
		                 (char *)&read + members[i].offset))
			return err_set(err, arena, EBADMSG, "record.json of %s is damaged: \"%s\" is missing or wrong",
			               record->id, members[i].key);
	*record = read;
	return 0;
}
