/* list.c: what runs, as the records say: read without a lock, for those who only look. */
#include "base/buf.h"
#include "base/fd.h"
#include "base/file.h"
#include "state/record.h"
#include "state/record_json.h"
#include "state/root.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

/* record.json is replaced as a whole, so it is read whole or not at all. */
static bool read_one(struct arena *arena, const char *root, const char *id, struct record *record)
{
	char *text;
	size_t length;
	struct err ignored;
	*record = RECORD_NONE;
	record->root = root;
	record->id = id;
	FD_AUTO int rootfd = root_open(arena, root, false, &ignored);
	FD_AUTO int fd = rootfd < 0
	                         ? rootfd
	                         : sys_openat2(rootfd, arena_printf(arena, "%s/record.json", id),
	                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
	                                       UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	return fd >= 0 && file_read_fd(arena, fd, RECORD_BYTES, &text, &length) == 0 &&
	       record_read_json(arena, text, length, record, &ignored) == 0 &&
	       process_is(record->pid, record->start_time);
}

int record_list(struct arena *arena, const char *root, struct record **records, struct err *err)
{
	struct buf ids;
	int rootfd = root_open(arena, root, false, err);
	int result = rootfd < 0 ? rootfd : root_list(arena, rootfd, &ids);
	if (rootfd == -ENOENT)
		return 0;
	if (result < 0)
		return rootfd < 0 ? result : err_set(err, arena, -result, "cannot list the state root %s", root);
	size_t most = 0;
	for (size_t at = 0; at < ids.length; at += strlen(ids.bytes + at) + 1)
		most++;
	*records = ARENA_ARRAY(arena, most, struct record);
	int count = 0;
	for (size_t at = 0; at < ids.length; at += strlen(ids.bytes + at) + 1)
		count += read_one(arena, root, ids.bytes + at, &(*records)[count]);
	return count;
}
