/* net.h: the one thing kist does to a network: its loopback comes up. */
#ifndef KIST_SYS_NET_H
#define KIST_SYS_NET_H

/* Sets IFF_UP on "lo" of the current network namespace; the kernel adds 127.0.0.1 and ::1 itself. 0 or -errno. */
int sys_loopback_up(void);

#endif
