/* step_copy.c: a file of the host, copied below the record for the container to have. */
#include "base/fd.h"
#include "run/walk.h"
#include "state/copy.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

/* Opened from the record, so that nothing outside of it can be made; the scratch directory it lies in is removed. */
int step_copy_file(struct walk *walk, const struct step *step)
{
	enum { COPY_MODE = 0644 };
	const struct record *record = &walk->run->record;
	const char *source = walk_text(walk, step->copy_file.source);
	const char *path = walk_text(walk, step->copy_file.path);
	const char *prefix = arena_printf(walk->arena, "%s/%s/", record->root, record->id);
	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return step_fail(walk, -EXDEV, "%s is not below the record", path);
	FD_AUTO int fd = sys_openat2(record->dirfd, path + strlen(prefix), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
	                             COPY_MODE, UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	if (fd < 0)
		return fd;
	/* Whatever the caller's umask: others in the container read it too. */
	int result = sys_result(fchmod(fd, COPY_MODE));
	if (result == 0)
		result = copy_renew(fd, source, walk_text(walk, step->copy_file.head));
	return result;
}
