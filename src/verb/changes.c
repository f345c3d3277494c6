/* changes.c: kept changes, opened for a verb and told line by line. */
#include "verb/changes.h"

#include "json/json.h"
#include "keep/enter.h"
#include "verb/report.h"
#include "verb/start.h"

#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>

/* --- opening ------------------------------------------------------------------------------------- */

int changes_helpers(struct command *command, struct keep_helpers *helpers)
{
	struct facts facts;
	int status = start_facts(command, FACTS_HOT, &facts);
	if (status == 0)
		*helpers = (struct keep_helpers){ facts.caller.newuidmap, facts.caller.newgidmap };
	return status;
}

static int operand(struct command *command, const char *verb, int argc, char **argv, struct err *err)
{
	if (argc == 1 && *argv[0])
		return 0;
	err_set(err, command->arena, 0, argc == 0 ? "%s needs the directory of kept changes" : "%s takes one directory",
	        verb);
	err->hint = arena_printf(command->arena, "kist %s DIR, where `kist box --keep DIR` kept the changes", verb);
	return -1;
}

bool changes_open(struct command *command, const struct changes_wanted *wanted, int argc, char **argv,
                  struct keep *keep, int *status)
{
	struct keep_helpers helpers = { 0 };
	struct err err = { 0 };
	int result = operand(command, wanted->verb, argc, argv, &err);
	if (result == 0)
		result = keep_open(command->arena, argv[0], keep, &err);
	if (result == 0 && wanted->lock)
		result = keep_lock(command->arena, keep, &err);
	if (result == 0 && wanted->enter && keep->manifest.uid_map) {
		*status = changes_helpers(command, &helpers);
		if (*status)
			return false;
		result = keep_enter(command->arena, keep, &helpers, status, &err);
	}
	if (result < 0)
		*status = report_error(command, &err, NULL);
	return result == 0;
}

/* --- as lines ------------------------------------------------------------------------------------ */

static const char *type_word(mode_t mode)
{
	static const struct {
		mode_t type;
		const char *word;
	} words[] = {
		{ S_IFREG, "file" },        { S_IFDIR, "directory" },    { S_IFLNK, "link" },
		{ S_IFCHR, "char device" }, { S_IFBLK, "block device" }, { S_IFIFO, "fifo" },
		{ S_IFSOCK, "socket" },
	};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if ((mode & S_IFMT) == words[i].type)
			return words[i].word;
	return "unknown";
}

static void put_difference(struct buf *out, const char *text)
{
	buf_printf(out, "%s%s", out->bytes[out->length - 1] == '(' ? "" : ", ", text);
}

static void put_differences(struct buf *out, const struct keep_change *change)
{
	const struct stat *upper = &change->upper, *lower = &change->lower;
	struct arena *arena = out->arena;
	if (change->kind == KEEP_RETYPED) {
		buf_printf(out, "  (%s to %s)", type_word(lower->st_mode), type_word(upper->st_mode));
		return;
	}
	if (!(change->marks & (KEEP_MODE | KEEP_OWNER | KEEP_XATTRS)) && change->kind != KEEP_PROPERTIES)
		return;
	buf_puts(out, "  (");
	if (change->marks & KEEP_MODE)
		put_difference(out, arena_printf(arena, "mode %04o to %04o", (unsigned)lower->st_mode & 07777,
		                                 (unsigned)upper->st_mode & 07777));
	if (change->marks & KEEP_OWNER)
		put_difference(out,
		               arena_printf(arena, "owner %u:%u to %u:%u", (unsigned)lower->st_uid,
		                            (unsigned)lower->st_gid, (unsigned)upper->st_uid, (unsigned)upper->st_gid));
	if (change->marks & KEEP_XATTRS)
		put_difference(out, "attributes");
	if (change->marks & KEEP_TIME && change->kind == KEEP_PROPERTIES)
		put_difference(out, "time");
	buf_putc(out, ')');
}

static void put_powers(struct buf *out, const struct keep_change *change)
{
	const struct stat *upper = &change->upper;
	if (change->marks & KEEP_SETUID)
		buf_printf(out, "  [set-uid %u]", (unsigned)upper->st_uid);
	if (change->marks & KEEP_SETGID)
		buf_printf(out, "  [set-gid %u]", (unsigned)upper->st_gid);
	if (change->marks & KEEP_CAPABILITIES)
		buf_puts(out, "  [capabilities]");
	if (change->marks & KEEP_DEVICE)
		buf_printf(out, "  [%s %u:%u]", type_word(upper->st_mode), major(upper->st_rdev),
		           minor(upper->st_rdev));
	if (change->marks & KEEP_CONFLICT)
		buf_puts(out, "  [changed here since]");
}

void changes_line(struct buf *out, const struct keep_change *change)
{
	mode_t mode = change->kind == KEEP_DELETED ? change->lower.st_mode : change->upper.st_mode;
	const char *path = keep_change_path(out->arena, change);
	buf_printf(out, "%c  ", change->kind);
	bool directory = S_ISDIR(mode) && strcmp(path, "/") != 0;
	buf_puts(out, keep_quote(out->arena, directory ? arena_printf(out->arena, "%s/", path) : path));
	put_differences(out, change);
	put_powers(out, change);
	buf_putc(out, '\n');
}

/* --- as JSON ------------------------------------------------------------------------------------- */

static void json_status(struct buf *out, const char *key, const struct stat *status)
{
	buf_printf(out, ", \"%s\": { \"type\": \"%s\", \"mode\": \"%04o\", \"uid\": %u, \"gid\": %u", key,
	           type_word(status->st_mode), (unsigned)status->st_mode & 07777, (unsigned)status->st_uid,
	           (unsigned)status->st_gid);
	if (S_ISREG(status->st_mode))
		buf_printf(out, ", \"size\": %" PRId64, (int64_t)status->st_size);
	if (S_ISCHR(status->st_mode) || S_ISBLK(status->st_mode))
		buf_printf(out, ", \"major\": %u, \"minor\": %u", major(status->st_rdev), minor(status->st_rdev));
	buf_puts(out, " }");
}

static void json_marks(struct buf *out, unsigned marks)
{
	static const char *const words[] = { "mode",   "owner",        "time",   "attributes", "setuid",
		                             "setgid", "capabilities", "device", "conflict" };
	const char *comma = "";
	buf_puts(out, ", \"marks\": [");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (marks >> i & 1) {
			buf_printf(out, "%s\"%s\"", comma, words[i]);
			comma = ", ";
		}
	buf_putc(out, ']');
}

void changes_json(struct buf *out, const struct keep *keep, const struct keep_changes *changes)
{
	buf_puts(out, "{\n  \"root\": ");
	json_put_string(out, keep->manifest.root);
	buf_puts(out, ",\n  \"changes\": [");
	for (size_t i = 0; i < changes->count; i++) {
		const struct keep_change *change = &changes->items[i];
		buf_printf(out, "%s\n    { \"change\": \"%c\", \"path\": ", i ? "," : "", change->kind);
		json_put_string(out, keep_change_path(out->arena, change));
		if (change->kind != KEEP_ADDED)
			json_status(out, "old", &change->lower);
		if (change->kind != KEEP_DELETED)
			json_status(out, "new", &change->upper);
		json_marks(out, change->marks);
		buf_puts(out, " }");
	}
	buf_printf(out, "%s]\n}\n", changes->count ? "\n  " : "");
}
