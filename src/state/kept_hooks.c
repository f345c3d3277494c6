/* kept_hooks.c: reads the hooks of the end back from the record, with distrust, and runs them. */
#include "state/kept_hooks.h"

#include "base/fd.h"
#include "base/file.h"
#include "json/json.h"
#include "state/hook.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

enum { KEPT_BYTES = 8 << 20, KEPT_MODE = 0600 };

static const char file_name[] = "hooks.json";

/* The hooks of one type, with the two halves of the state that they are told. */
struct kept {
	const char *state, *rest;
	struct hook *hooks;
	size_t count;
};

int kept_hooks_write(const struct record *record, const char *text, size_t length)
{
	FD_AUTO int fd = sys_openat2(record->dirfd, file_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, KEPT_MODE,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	return fd < 0 ? fd : file_write_fd(fd, text, length);
}

/* --- reading --------------------------------------------------------------------------------------- */

/* A string without NUL bytes, or NULL. */
static const char *text_of(const struct json_value *value)
{
	bool whole = value && value->type == JSON_STRING && strlen(value->string) == value->length;
	return whole ? value->string : NULL;
}

/* NULL-terminated; NULL when it is no array of strings. */
static const char *const *strings_of(struct arena *arena, const struct json_value *array)
{
	if (!array || array->type != JSON_ARRAY)
		return NULL;
	const char **strings = ARENA_ARRAY(arena, array->count + 1, const char *);
	for (size_t i = 0; i < array->count; i++) {
		strings[i] = text_of(&array->items[i]);
		if (!strings[i])
			return NULL;
	}
	return strings;
}

static bool read_hook(struct arena *arena, const struct json_value *value, const char *directory, struct hook *hook)
{
	if (value->type != JSON_OBJECT)
		return false;
	const struct json_value *timeout = json_member(value, "timeout");
	const char *const *args = strings_of(arena, json_member(value, "args"));
	hook->path = text_of(json_member(value, "path"));
	hook->env = strings_of(arena, json_member(value, "env"));
	hook->directory = directory;
	if (!hook->path || hook->path[0] != '/' || !args || !hook->env || !timeout || timeout->type != JSON_INTEGER ||
	    timeout->negative || timeout->magnitude > UINT32_MAX)
		return false;
	hook->timeout = (uint32_t)timeout->magnitude;
	const char **only_path = ARENA_ARRAY(arena, 2, const char *);
	only_path[0] = hook->path;
	hook->args = *args ? args : only_path;
	return true;
}

static bool read_kept(struct arena *arena, const struct json_value *value, const char *directory, struct kept *kept)
{
	const struct json_value *hooks = value && value->type == JSON_OBJECT ? json_member(value, "hooks") : NULL;
	if (!hooks || hooks->type != JSON_ARRAY)
		return false;
	kept->state = text_of(json_member(value, "state"));
	kept->rest = text_of(json_member(value, "rest"));
	kept->count = hooks->count;
	kept->hooks = ARENA_ARRAY(arena, hooks->count + 1, struct hook);
	bool sound = kept->state && kept->rest;
	for (size_t i = 0; sound && i < hooks->count; i++)
		sound = read_hook(arena, &hooks->items[i], directory, &kept->hooks[i]);
	return sound;
}

/* 0, kept->count 0 when the record has no such file; or -errno with err. */
static int kept_read(struct arena *arena, const struct record *record, const char *type, struct kept *kept,
                     struct err *err)
{
	char *text;
	size_t length;
	struct json_error fault;
	*kept = (struct kept){ 0 };
	FD_AUTO int fd = sys_openat2(record->dirfd, file_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
	                             UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	if (fd == -ENOENT)
		return 0;
	int result = fd < 0 ? fd : file_read_fd(arena, fd, KEPT_BYTES, &text, &length);
	if (result < 0)
		return err_set(err, arena, -result, "cannot read %s of %s", file_name, record->id);
	const struct json_value *root = json_parse(arena, text, length, &fault, NULL);
	const char *directory = record->bundle ? record->bundle : "/";
	if (root && root->type == JSON_OBJECT && read_kept(arena, json_member(root, type), directory, kept))
		return 0;
	return err_set(err, arena, EBADMSG, "%s of %s was not written by kist", file_name, record->id);
}

/* --- running --------------------------------------------------------------------------------------- */

static int run_kept(struct arena *arena, const struct hook *hook, const char *what, const char *state, struct err *err,
                    int *signal)
{
	struct hook_end end;
	int result = hook_run(arena, hook, state, &end);
	*signal = end.signal;
	if (result < 0)
		err_set(err, arena, end.words ? 0 : -result, "cannot run the %s, %s%s%s", what, hook->path,
		        end.words ? ": " : "", end.words ? end.words : "");
	return result;
}

int kept_hooks_poststart(struct arena *arena, const struct record *record, pid_t pid, struct err *err, int *signal)
{
	struct kept kept;
	int result = kept_read(arena, record, "poststart", &kept, err);
	for (size_t i = 0; result == 0 && i < kept.count; i++) {
		const char *state = arena_printf(arena, "%s%d%s", kept.state, (int)pid, kept.rest);
		const char *what = arena_printf(arena, "poststart hook %zu", i);
		result = run_kept(arena, &kept.hooks[i], what, state, err, signal);
		if (result < 0)
			err->pointer = arena_printf(arena, "/hooks/poststart/%zu", i);
	}
	return result;
}

void kept_hooks_poststop(struct arena *arena, const struct record *record, struct buf *report)
{
	struct kept kept;
	struct err err = { 0 };
	int signal, result = kept_read(arena, record, "poststop", &kept, &err);
	sys_unlink_at(record->dirfd, file_name, 0);
	if (result < 0 && report)
		buf_printf(report, "%s\n", err.what);
	for (size_t i = 0; result == 0 && i < kept.count; i++) {
		const char *state = arena_printf(arena, "%s%s", kept.state, kept.rest);
		const char *what = arena_printf(arena, "poststop hook %zu", i);
		if (run_kept(arena, &kept.hooks[i], what, state, &err, &signal) < 0 && report)
			buf_printf(report, "%s\n", err.what);
	}
}
