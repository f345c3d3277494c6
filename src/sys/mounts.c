/* mounts.c: the message log of a file system context: what the kernel has to say beyond an errno. */
#include "sys/mounts.h"

int sys_fs_message(int context, char *line, size_t size)
{
	long length = syscall(SYS_read, context, line, size - 1);

	if (length < 0)
		return -errno;
	/* "e tmpfs: Unknown parameter 'banana'": the first letter is the level (fsopen(2)). */
	long start = length > 2 && line[1] == ' ' ? 2 : 0;
	length -= start;
	for (long at = 0; at < length; at++)
		line[at] = line[at + start];
	while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\0'))
		length--;
	line[length] = '\0';
	return (int)length;
}
