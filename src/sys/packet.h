/* packet.h: packets with descriptors between two processes of kist. */
#ifndef KIST_SYS_PACKET_H
#define KIST_SYS_PACKET_H

#include <stddef.h>

enum { SYS_PACKET_FDS = 32 };

/* A close-on-exec SOCK_SEQPACKET pair. 0 or -errno. */
int sys_socket_pair(int pair[2]);

/* One packet with `count` (at most SYS_PACKET_FDS) descriptors. No SIGPIPE: -EPIPE when the other end is gone.
 * 0, or -errno; -EMSGSIZE when it went out short. */
int sys_send(int fd, const void *bytes, size_t length, const int *fds, size_t count);

/* Waits for one packet of exactly `length` bytes with exactly `count` descriptors, which become close-on-exec.
 * 0; -EPIPE at end-of-file; -EPROTO when the packet is anything else (its descriptors are closed). */
int sys_receive(int fd, void *bytes, size_t length, int *fds, size_t count);

#endif
