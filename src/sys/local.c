/* local.c: binding and connecting by path, accepting, SO_PEERCRED. */
#include "sys/local.h"

#include <errno.h>
#include <string.h>
#include <sys/un.h>

static int address_of(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

int sys_bind_path(int fd, const char *path)
{
	struct sockaddr_un address;
	int result = address_of(path, &address);

	return result < 0 ? result : sys_result(bind(fd, (const void *)&address, sizeof(address)));
}

int sys_connect_path(int fd, const char *path)
{
	struct sockaddr_un address;
	int result = address_of(path, &address);

	if (result < 0)
		return result;
	do {
		result = sys_result(connect(fd, (const void *)&address, sizeof(address)));
	} while (result == -EINTR);
	return result;
}

int sys_accept(int fd)
{
	int result;

	do {
		result = sys_result(syscall(SYS_accept4, fd, NULL, NULL, SOCK_CLOEXEC));
	} while (result == -EINTR);
	return result;
}

/* struct ucred of unix(7). */
int sys_peer_pid(int fd, pid_t *pid)
{
	struct {
		pid_t pid;
		uid_t uid;
		gid_t gid;
	} peer = { 0 };
	socklen_t length = sizeof(peer);
	int result = sys_result(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length));

	if (result == 0)
		*pid = peer.pid;
	return result;
}
