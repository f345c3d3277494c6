/* local.h: local sockets by path, and who is at the other end. */
#ifndef KIST_SYS_LOCAL_H
#define KIST_SYS_LOCAL_H

#include "sys/result.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>

/* A close-on-exec AF_UNIX socket of `type` (SOCK_SEQPACKET, SOCK_STREAM). */
static inline int sys_socket_local(int type)
{
	return sys_result(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
}

/* A path has at most 107 bytes (unix(7)): -ENAMETOOLONG. "/proc/self/fd/N/name" names what lies deeper. */
int sys_bind_path(int fd, const char *path);
int sys_connect_path(int fd, const char *path);

static inline int sys_listen(int fd, int backlog)
{
	return sys_result(listen(fd, backlog));
}

/* A close-on-exec connection, again after a signal; or -errno. */
int sys_accept(int fd);

/* Of a connection to a path: the process that called listen(2), as this pid namespace sees it; 0 when it does not. */
int sys_peer_pid(int fd, pid_t *pid);

#endif
