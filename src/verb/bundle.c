/* bundle.c: a bundle's config.json, read and decoded. */
#include "verb/bundle.h"

#include "base/fd.h"
#include "base/file.h"
#include "verb/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bundle as an absolute path without links, so that what is recorded still holds when the caller moves on. */
static const char *bundle_absolute(struct arena *arena, int fd, int *result)
{
	char link[64], path[PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		*result = -errno;
	return length < 0 ? NULL : arena_copy(arena, path, (size_t)length);
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
	const char *shown = bundle ? bundle : ".";
	struct err err = { 0 };
	int result = 0;
	char *text;
	size_t length;
	FD_AUTO int fd = open(shown, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_set(&err, command->arena, errno, "cannot open the bundle %s", shown);
		err.hint = "a bundle is a directory with a config.json and a root file system; "
			   "`kist spec` writes a first config.json";
		report_error(command, &err, NULL);
		return NULL;
	}
	const char *absolute = bundle_absolute(command->arena, fd, &result);
	if (result == 0)
		result = config_read(command->arena, fd, &text, &length);
	if (result < 0) {
		err_set(&err, command->arena, result, "cannot read %s/config.json", absolute ? absolute : shown);
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
