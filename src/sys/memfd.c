/* memfd.c: memfd_create(2), with the executable bit said aloud where the kernel can hear it. */
#include "sys/memfd.h"

int sys_memfd(const char *name, bool executable)
{
	const unsigned common = UAPI_MFD_CLOEXEC | UAPI_MFD_ALLOW_SEALING;
	const unsigned kind = executable ? UAPI_MFD_EXEC : UAPI_MFD_NOEXEC_SEAL;
	int fd = sys_result(syscall(SYS_memfd_create, name, common | kind));

	if (fd == -EINVAL)
		fd = sys_result(syscall(SYS_memfd_create, name, common));
	return fd;
}
