/* file.c: whole small files, read and written. */
#include "base/file.h"
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_FIRST = 8192 };

int file_read_fd(struct arena *arena, int fd, size_t limit, char **bytes, size_t *length)
{
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	/* One byte more than the size tells a file that grew from one that did not. */
	size_t capacity = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size + 1 : FILE_FIRST;
	if (capacity > limit + 1)
		capacity = limit + 1;
	char *room = arena_alloc(arena, capacity + 1);
	size_t used = 0;
	for (;;) {
		ssize_t got = read(fd, room + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > limit)
			return -EFBIG;
		if (used == capacity) {
			capacity = capacity * 2 > limit + 1 ? limit + 1 : capacity * 2;
			char *larger = arena_alloc(arena, capacity + 1);
			memcpy(larger, room, used);
			room = larger;
		}
	}
	room[used] = '\0';
	*bytes = room;
	*length = used;
	return 0;
}

int file_read_at(struct arena *arena, int dirfd, const char *path, size_t limit, char **bytes, size_t *length)
{
	FD_AUTO int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return file_read_fd(arena, fd, limit, bytes, length);
}

int file_write_at(int dirfd, const char *path, const char *bytes, size_t length)
{
	FD_AUTO int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	ssize_t written = write(fd, bytes, length);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

int file_write_fd(int fd, const void *bytes, size_t length)
{
	const char *rest = bytes;
	while (length) {
		ssize_t written = write(fd, rest, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		rest += written;
		length -= (size_t)written;
	}
	return 0;
}

int file_replace_at(int dirfd, const char *path, unsigned mode, const void *bytes, size_t length)
{
	char fresh[512];
	int put = snprintf(fresh, sizeof(fresh), "%s.%d.new", path, (int)getpid());
	if (put < 0 || (size_t)put >= sizeof(fresh))
		return -ENAMETOOLONG;
	FD_AUTO int fd = openat(dirfd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -errno;
	int result = file_write_fd(fd, bytes, length);
	if (result == 0 && renameat(dirfd, fresh, dirfd, path) < 0)
		result = -errno;
	if (result < 0)
		unlinkat(dirfd, fresh, 0);
	return result;
}
