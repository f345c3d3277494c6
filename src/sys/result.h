/* result.h: the one convention of this room: what the kernel gave, or -errno. Trying is free.
 *
 * src/ is on the include path, so no header of this room may have the name of one of libc's <sys/...>: hence mounts.h,
 * status.h and packet.h. */
#ifndef KIST_SYS_RESULT_H
#define KIST_SYS_RESULT_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* syscall(2) and libc's wrappers say -1 and errno. */
static inline int sys_result(long value)
{
	return value < 0 ? -errno : (int)value;
}

#endif
