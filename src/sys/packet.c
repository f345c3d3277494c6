/* packet.c: sendmsg(2) and recvmsg(2) with SCM_RIGHTS, bounded and strict. */
#include "sys/packet.h"

#include "sys/result.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

union control {
	char bytes[CMSG_SPACE(SYS_PACKET_FDS * sizeof(int))];
	struct cmsghdr aligned;
};

int sys_socket_pair(int pair[2])
{
	return sys_result(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
}

int sys_send(int fd, const void *bytes, size_t length, const int *fds, size_t count)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = length };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	long sent;

	if (count > SYS_PACKET_FDS)
		return -EINVAL;
	if (count > 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(header), fds, count * sizeof(int));
	}
	do {
		sent = syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return (size_t)sent == length ? 0 : -EMSGSIZE;
}

/* How many descriptors arrived, copied to `fds` (room for SYS_PACKET_FDS). */
static size_t take_fds(struct msghdr *message, int *fds)
{
	struct cmsghdr *header = message->msg_controllen ? CMSG_FIRSTHDR(message) : NULL;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return 0;
	size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	return count;
}

int sys_receive(int fd, void *bytes, size_t length, int *fds, size_t count)
{
	union control control = { 0 };
	struct iovec part = { .iov_base = bytes, .iov_len = length };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
	};
	int arrived[SYS_PACKET_FDS];
	long received;

	do {
		received = syscall(SYS_recvmsg, fd, &message, MSG_CMSG_CLOEXEC);
	} while (received < 0 && errno == EINTR);
	if (received < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	size_t arrived_count = take_fds(&message, arrived);
	bool whole =
		(size_t)received == length && arrived_count == count && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
	if (!whole) {
		for (size_t at = 0; at < arrived_count; at++)
			close(arrived[at]);
		return received == 0 ? -EPIPE : -EPROTO;
	}
	if (count > 0)
		memcpy(fds, arrived, count * sizeof(int));
	return 0;
}
