/* small.c: files of a few bytes, without taking memory for them. */
#include "base/fd.h"
#include "facts/parts.h"
#include "sys/open.h"

bool facts_read_small(const char *path, char *text, size_t size)
{
	FD_AUTO int fd = sys_open_at(AT_FDCWD, path, O_RDONLY, 0);
	long length = fd < 0 ? -1 : sys_read(fd, text, size);
	if (length < 0 || (size_t)length == size)
		return false;
	if (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return true;
}
