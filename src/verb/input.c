/* input.c: reads what a flag names. */
#include "verb/input.h"

#include "base/fd.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number behind "fd:", or -1. */
static int input_number(const char *digits)
{
	char *end;
	if (*digits < '0' || *digits > '9')
		return -1;
	errno = 0;
	unsigned long number = strtoul(digits, &end, 10);
	return *end || errno || number > INT_MAX ? -1 : (int)number;
}

static int input_open(const char *name)
{
	if (strcmp(name, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (strncmp(name, "fd:", 3) != 0)
		return open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	int number = input_number(name + 3);
	/* Standard input and its like stay open for the program. */
	if (number >= 0 && number <= STDERR_FILENO)
		return fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	errno = EBADF;
	return number >= 0 && fcntl(number, F_GETFD) >= 0 ? number : -1;
}

int input_read(struct arena *arena, const char *name, const char *what, size_t limit, char **text, size_t *length,
               struct err *err)
{
	FD_AUTO int fd = input_open(name);
	int result = fd < 0 ? -errno : file_read_fd(arena, fd, limit, text, length);
	if (result == 0)
		return 0;
	err_set(err, arena, -result, "cannot read %s %s", what, name);
	if (result == -EFBIG)
		err->hint = arena_printf(arena, "it may have %zu bytes at most", limit);
	if (result == -EBADF)
		err->hint = "fd:N names a descriptor that is open for reading in the caller, such as 3 with 3<FILE";
	return result;
}
