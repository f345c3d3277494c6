/* err.c: failures as values, and the words of errno. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

/* The numbers kist meets; their words are glibc's, in lower case, because engines match them. */
static const struct {
	int number;
	const char *name;
	const char *words;
} err_table[] = {
#define ROW(number, words)                                                                                             \
	{                                                                                                              \
		number, #number, words                                                                                 \
	}
	ROW(EPERM, "operation not permitted"),
	ROW(ENOENT, "no such file or directory"),
	ROW(ESRCH, "no such process"),
	ROW(EINTR, "interrupted system call"),
	ROW(EIO, "input/output error"),
	ROW(ENXIO, "no such device or address"),
	ROW(E2BIG, "argument list too long"),
	ROW(ENOEXEC, "exec format error"),
	ROW(EBADF, "bad file descriptor"),
	ROW(ECHILD, "no child processes"),
	ROW(EAGAIN, "resource temporarily unavailable"),
	ROW(ENOMEM, "cannot allocate memory"),
	ROW(EACCES, "permission denied"),
	ROW(EFAULT, "bad address"),
	ROW(ENOTBLK, "block device required"),
	ROW(EBUSY, "device or resource busy"),
	ROW(EEXIST, "file exists"),
	ROW(EXDEV, "invalid cross-device link"),
	ROW(ENODEV, "no such device"),
	ROW(ENOTDIR, "not a directory"),
	ROW(EISDIR, "is a directory"),
	ROW(EINVAL, "invalid argument"),
	ROW(ENFILE, "too many open files in system"),
	ROW(EMFILE, "too many open files"),
	ROW(ENOTTY, "inappropriate ioctl for device"),
	ROW(ETXTBSY, "text file busy"),
	ROW(EFBIG, "file too large"),
	ROW(ENOSPC, "no space left on device"),
	ROW(ESPIPE, "illegal seek"),
	ROW(EROFS, "read-only file system"),
	ROW(EMLINK, "too many links"),
	ROW(EPIPE, "broken pipe"),
	ROW(EDOM, "numerical argument out of domain"),
	ROW(ERANGE, "numerical result out of range"),
	ROW(EDEADLK, "resource deadlock avoided"),
	ROW(ENAMETOOLONG, "file name too long"),
	ROW(ENOLCK, "no locks available"),
	ROW(ENOSYS, "function not implemented"),
	ROW(ENOTEMPTY, "directory not empty"),
	ROW(ELOOP, "too many levels of symbolic links"),
	ROW(ENODATA, "no data available"),
	ROW(ETIME, "timer expired"),
	ROW(EPROTO, "protocol error"),
	ROW(EBADMSG, "bad message"),
	ROW(EOVERFLOW, "value too large for defined data type"),
	ROW(ELIBBAD, "accessing a corrupted shared library"),
	ROW(EUSERS, "too many users"),
	ROW(ENOTSOCK, "socket operation on non-socket"),
	ROW(EMSGSIZE, "message too long"),
	ROW(EPROTONOSUPPORT, "protocol not supported"),
	ROW(EOPNOTSUPP, "operation not supported"),
	ROW(EAFNOSUPPORT, "address family not supported by protocol"),
	ROW(EADDRINUSE, "address already in use"),
	ROW(ENETDOWN, "network is down"),
	ROW(ECONNRESET, "connection reset by peer"),
	ROW(ENOBUFS, "no buffer space available"),
	ROW(ENOTCONN, "transport endpoint is not connected"),
	ROW(ETIMEDOUT, "connection timed out"),
	ROW(ECONNREFUSED, "connection refused"),
	ROW(EALREADY, "operation already in progress"),
	ROW(ESTALE, "stale file handle"),
	ROW(EDQUOT, "disk quota exceeded"),
	ROW(ECANCELED, "operation canceled"),
	ROW(ENOKEY, "required key not available"),
#undef ROW
};

enum { ERR_ROWS = sizeof(err_table) / sizeof(err_table[0]) };

const char *err_words(int number)
{
	for (int i = 0; i < ERR_ROWS; i++)
		if (err_table[i].number == number)
			return err_table[i].words;
	return "error";
}

const char *err_name(int number)
{
	for (int i = 0; i < ERR_ROWS; i++)
		if (err_table[i].number == number)
			return err_table[i].name;
	return NULL;
}

int err_number(const char *name)
{
	for (int i = 0; i < ERR_ROWS; i++)
		if (strcmp(err_table[i].name, name) == 0)
			return err_table[i].number;
	return 0;
}

int err_set(struct err *err, struct arena *arena, int number, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	const char *text = arena_vprintf(arena, format, list);
	va_end(list);
	if (number < 0)
		number = -number;
	*err = (struct err){
		.what = number ? arena_printf(arena, "%s: %s", text, err_words(number)) : text,
		.number = number,
		.status = 125,
	};
	return number ? -number : -EINVAL;
}
