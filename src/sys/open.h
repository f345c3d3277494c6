/* open.h: opening, creating and reading files below a descriptor. Every descriptor made here is close-on-exec. */
#ifndef KIST_SYS_OPEN_H
#define KIST_SYS_OPEN_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

/* openat2(2) with O_CLOEXEC added; `resolve` is UAPI_RESOLVE_*. A lookup that raced with a rename or a mount says
 * EAGAIN: it is tried again, at most 128 times (an attacker could keep it busy for ever). */
int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);

/* openat(2) with O_CLOEXEC added: only for paths that nobody else controls. */
static inline int sys_open_at(int dirfd, const char *path, int flags, unsigned mode)
{
	return sys_result(syscall(SYS_openat, dirfd, path, flags | O_CLOEXEC | O_LARGEFILE, mode));
}

/* read(2) and write(2), again when a signal came in between. The count, which may be short, or -errno. */
long sys_read(int fd, void *bytes, size_t size);
long sys_write(int fd, const void *bytes, size_t size);

static inline int sys_mkdir_at(int dirfd, const char *name, unsigned mode)
{
	return sys_result(syscall(SYS_mkdirat, dirfd, name, mode));
}

static inline int sys_symlink_at(const char *target, int dirfd, const char *name)
{
	return sys_result(syscall(SYS_symlinkat, target, dirfd, name));
}

static inline int sys_unlink_at(int dirfd, const char *name, int flags)
{
	return sys_result(syscall(SYS_unlinkat, dirfd, name, flags));
}

/* renameat2(2); flags UAPI_RENAME_*. Follows no link in a last component. */
static inline int sys_rename_at(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	return sys_result(syscall(SYS_renameat2, from_dirfd, from, to_dirfd, to, flags));
}

/* The length, not NUL-terminated, at most `size`. */
static inline int sys_readlink_at(int dirfd, const char *name, char *bytes, size_t size)
{
	return sys_result(syscall(SYS_readlinkat, dirfd, name, bytes, size));
}

/* getdents64(2): the next entries of a directory, as struct uapi_dirent, one behind the other. How many bytes; 0 at the
 * end; or -errno. */
static inline int sys_read_entries(int fd, void *entries, size_t size)
{
	return sys_result(syscall(SYS_getdents64, fd, entries, size));
}

/* `mode` holds the type (S_IFCHR, S_IFBLK, S_IFIFO) too. */
static inline int sys_mknod_at(int dirfd, const char *name, unsigned mode, uint64_t device)
{
	return sys_result(syscall(SYS_mknodat, dirfd, name, mode, device));
}

/* Not following a link in the last component; name "" with AT_EMPTY_PATH is the descriptor itself. */
static inline int sys_chown_at(int dirfd, const char *name, uint32_t uid, uint32_t gid, int flags)
{
	return sys_result(syscall(SYS_fchownat, dirfd, name, uid, gid, flags));
}

/* Extended attributes of an open file: the size of the list of names, of a value; or -errno. */
static inline long sys_xattr_list(int fd, char *names, size_t size)
{
	return sys_result(syscall(SYS_flistxattr, fd, names, size));
}

static inline long sys_xattr_get(int fd, const char *name, void *value, size_t size)
{
	return sys_result(syscall(SYS_fgetxattr, fd, name, value, size));
}

static inline int sys_xattr_set(int fd, const char *name, const void *value, size_t size)
{
	return sys_result(syscall(SYS_fsetxattr, fd, name, value, size, 0));
}

/* fchmodat(2) follows a link in the last component: only where nobody else can put one. */
static inline int sys_chmod_at(int dirfd, const char *name, unsigned mode)
{
	return sys_result(syscall(SYS_fchmodat, dirfd, name, mode));
}

/* faccessat2(2) with the effective ids. */
static inline int sys_access_at(int dirfd, const char *path, int mode, int flags)
{
	return sys_result(syscall(UAPI_NR_FACCESSAT2, dirfd, path, mode, flags | AT_EACCESS));
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return sys_result(syscall(UAPI_NR_CLOSE_RANGE, first, last, flags));
}

static inline int sys_close_on_exec(int fd, bool close_it)
{
	return sys_result(syscall(SYS_fcntl, fd, F_SETFD, close_it ? FD_CLOEXEC : 0));
}

/* Those of stdin, stdout and stderr that are closed become /dev/null: the next descriptor opened would take the number.
 * 0 or -errno. */
int sys_open_stdio(void);

#endif
