/* bundle.c: a bundle's config.json, read and decoded. */
#include "verb/bundle.h"

#include "base/fd.h"
#include "base/file.h"
#include "sys/open.h"
#include "verb/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Absolute, and without "." and ".." and empty parts. */
static bool is_plain(const char *path)
{
	bool plain = *path == '/';
	while (plain && *path) {
		size_t length = strcspn(++path, "/");
		plain = length > 0 && !(path[0] == '.' && (length == 1 || (length == 2 && path[1] == '.')));
		path += length;
	}
	return plain;
}

/* The directory, and its absolute path without links, so that what is recorded still holds when the caller moves on. An
 * engine gives just that: then it need not be asked of /proc. A descriptor or -errno. */
static int bundle_open(struct arena *arena, const char *bundle, const char **absolute)
{
	char link[64], path[PATH_MAX];
	int plain = is_plain(bundle) ? sys_openat2(AT_FDCWD, bundle, O_PATH | O_DIRECTORY, 0, UAPI_RESOLVE_NO_SYMLINKS)
	                             : -ELOOP;
	if (plain >= 0) {
		*absolute = bundle;
		return plain;
	}
	FD_AUTO int fd = sys_open_at(AT_FDCWD, bundle, O_PATH | O_DIRECTORY, 0);
	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int length = sys_readlink_at(AT_FDCWD, link, path, sizeof(path));
	if (length < 0)
		return length;
	*absolute = arena_copy(arena, path, (size_t)length);
	return fd_take(&fd);
}

/* Only a regular file, and nothing is waited for: a FIFO without a writer would hold the open, /proc/kmsg the read. */
static int config_read(struct arena *arena, int bundle, char **text, size_t *length)
{
	struct stat status;
	FD_AUTO int fd = openat(bundle, "config.json", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	return file_read_fd(arena, fd, SPEC_LIMIT, text, length);
}

struct spec *bundle_read(struct command *command, const char *bundle, struct spec_faults *faults)
{
	const char *shown = bundle ? bundle : ".", *absolute;
	struct err err = { 0 };
	char *text;
	size_t length;
	FD_AUTO int fd = bundle_open(command->arena, shown, &absolute);
	if (fd < 0) {
		err_set(&err, command->arena, fd, "cannot open the bundle %s", shown);
		err.hint = "a bundle is a directory with a config.json and a root file system; "
			   "`kist spec` writes a first config.json";
		report_error(command, &err, NULL);
		return NULL;
	}
	int result = config_read(command->arena, fd, &text, &length);
	if (result < 0) {
		err_set(&err, command->arena, result, "cannot read %s/config.json", absolute);
		if (result == -ENOENT)
			err.hint = "`kist spec` writes a first config.json; -b DIR names another bundle";
		if (result == -EINVAL)
			err.hint = "it is no regular file";
		if (result == -EFBIG)
			err.hint = "a configuration may be 4 MiB at most";
		report_error(command, &err, NULL);
		return NULL;
	}
	*faults = (struct spec_faults){ .arena = command->arena };
	return spec_decode(command->arena, text, length, "config.json", absolute, faults);
}
