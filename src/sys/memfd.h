/* memfd.h: files in memory that nobody can change once they are sealed. */
#ifndef KIST_SYS_MEMFD_H
#define KIST_SYS_MEMFD_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <fcntl.h>
#include <stdbool.h>

/* A close-on-exec memfd that can be sealed. `executable`: MFD_EXEC is asked for and left out where the kernel does not
 * know it (before 6.3); otherwise MFD_NOEXEC_SEAL in the same way. -EACCES: vm.memfd_noexec forbids executable ones. */
int sys_memfd(const char *name, bool executable);

/* No writing, growing, shrinking, and no other seals from here on. */
static inline int sys_memfd_seal(int fd)
{
	return sys_result(syscall(SYS_fcntl, fd, UAPI_F_ADD_SEALS,
	                          UAPI_F_SEAL_SEAL | UAPI_F_SEAL_SHRINK | UAPI_F_SEAL_GROW | UAPI_F_SEAL_WRITE));
}

/* The seals; -EINVAL for a file that has none. */
static inline int sys_memfd_seals(int fd)
{
	return sys_result(syscall(SYS_fcntl, fd, UAPI_F_GET_SEALS, 0));
}

#endif
