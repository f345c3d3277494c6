/* pipe.c: the owner of an anonymous pipe. */
#include "sys/pipe.h"

#include "sys/open.h"
#include "sys/status.h"

#include <fcntl.h>

int sys_pipe_give(int fd, uint32_t uid)
{
	struct sys_filesystem filesystem;
	struct stat status;

	if (sys_stat_fd(fd, &status) < 0 || !S_ISFIFO(status.st_mode) || status.st_uid == uid)
		return 0;
	/* A named one is of the file system that its name is in. */
	if (sys_filesystem_of(fd, &filesystem) < 0 || filesystem.magic != UAPI_PIPEFS_MAGIC)
		return 0;
	int result = sys_chown_at(fd, "", uid, UINT32_MAX, AT_EMPTY_PATH);
	return result == -EPERM || result == -EINVAL ? 0 : result;
}
