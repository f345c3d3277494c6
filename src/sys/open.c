/* open.c: openat2(2) with its bounded retry, and reads and writes that a signal does not cut short. */
#include "sys/open.h"

enum { OPEN_TRIES = 128 };

int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	const struct uapi_open_how how = {
		.flags = flags | O_CLOEXEC, /* not O_LARGEFILE: the kernel adds it, and refuses it beside O_PATH */
		.mode = mode,
		.resolve = resolve,
	};
	int fd = -EAGAIN;

	for (int tries = 0; tries < OPEN_TRIES && fd == -EAGAIN; tries++)
		fd = sys_result(syscall(UAPI_NR_OPENAT2, dirfd, path, &how, sizeof(how)));
	return fd;
}

long sys_read(int fd, void *bytes, size_t size)
{
	long count;

	do {
		count = syscall(SYS_read, fd, bytes, size);
	} while (count < 0 && errno == EINTR);
	return count < 0 ? -errno : count;
}

long sys_write(int fd, const void *bytes, size_t size)
{
	long count;

	do {
		count = syscall(SYS_write, fd, bytes, size);
	} while (count < 0 && errno == EINTR);
	return count < 0 ? -errno : count;
}

int sys_open_stdio(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_NOCTTY) != fd)
			return -errno;
	return 0;
}
