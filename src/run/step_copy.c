/* step_copy.c: what of the host's files is copied below the record for the container to have. */
#include "base/fd.h"
#include "run/walk.h"
#include "state/cookie.h"
#include "state/copy.h"
#include "sys/open.h"

#include <errno.h>
#include <string.h>

/* Opened from the record, so that nothing outside of it can be made; the scratch directory it lies in is removed. */
static int make_copy(struct walk *walk, const char *path)
{
	enum { COPY_MODE = 0644 };
	const struct record *record = &walk->run->record;
	const char *prefix = arena_printf(walk->arena, "%s/%s/", record->root, record->id);
	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return step_fail(walk, -EXDEV, "%s is not below the record", path);
	FD_AUTO int fd = sys_openat2(record->dirfd, path + strlen(prefix), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
	                             COPY_MODE, UAPI_RESOLVE_BENEATH | UAPI_RESOLVE_NO_SYMLINKS | UAPI_RESOLVE_NO_XDEV);
	/* Whatever the caller's umask: others in the container read it too. */
	int result = fd < 0 ? fd : sys_result(fchmod(fd, COPY_MODE));
	return result < 0 ? result : fd_take(&fd);
}

int step_copy_file(struct walk *walk, const struct step *step)
{
	FD_AUTO int fd = make_copy(walk, walk_text(walk, step->copy_file.path));
	if (fd < 0)
		return fd;
	return copy_renew(fd, walk_text(walk, step->copy_file.source), walk_text(walk, step->copy_file.head));
}

int step_copy_cookie(struct walk *walk, const struct step *step)
{
	FD_AUTO int fd = make_copy(walk, walk_text(walk, step->copy_cookie.path));
	if (fd < 0)
		return fd;
	return cookie_copy(walk->arena, fd, walk_text(walk, step->copy_cookie.source),
	                   walk_text(walk, step->copy_cookie.display));
}
