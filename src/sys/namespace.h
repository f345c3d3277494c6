/* namespace.h: entering and telling apart namespaces, and the two names of a uts namespace. */
#ifndef KIST_SYS_NAMESPACE_H
#define KIST_SYS_NAMESPACE_H

#include "sys/result.h"
#include "sys/uapi.h"

#include <string.h>
#include <sys/ioctl.h>

/* `fd` is a namespace file with its one ABI_NEW* type, or a pidfd with several. */
static inline int sys_setns(int fd, uint32_t types)
{
	return sys_result(syscall(SYS_setns, fd, types));
}

static inline int sys_unshare(uint32_t types)
{
	return sys_result(syscall(SYS_unshare, types));
}

/* The ABI_NEW* type of a namespace file; -ENOTTY when it is no namespace. */
static inline int sys_namespace_type(int fd)
{
	return sys_result(ioctl(fd, UAPI_NS_GET_NSTYPE));
}

/* The user namespace that owns it, of a user namespace the one above: a descriptor. -EPERM: it is outside of what the
 * caller may see. */
static inline int sys_namespace_user(int fd)
{
	return sys_result(ioctl(fd, UAPI_NS_GET_USERNS));
}

/* The pid or user namespace above, a descriptor; -EPERM as before. */
static inline int sys_namespace_parent(int fd)
{
	return sys_result(ioctl(fd, UAPI_NS_GET_PARENT));
}

/* Who made a user namespace. */
static inline int sys_namespace_owner(int fd, uint32_t *uid)
{
	return sys_result(ioctl(fd, UAPI_NS_GET_OWNER_UID, uid));
}

static inline int sys_set_hostname(const char *name)
{
	return sys_result(syscall(SYS_sethostname, name, strlen(name)));
}

static inline int sys_set_domainname(const char *name)
{
	return sys_result(syscall(SYS_setdomainname, name, strlen(name)));
}

#endif
