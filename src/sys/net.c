/* net.c: SIOCSIFFLAGS on the loopback interface (netdevice(7)). */
#include "sys/net.h"

#include "base/fd.h"
#include "sys/result.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int sys_loopback_up(void)
{
	FD_AUTO int fd = sys_result(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct ifreq request = { .ifr_name = "lo" };

	if (fd < 0)
		return fd;
	/* A new loopback has no flag worth keeping, so nothing is read first. */
	request.ifr_flags = IFF_UP;
	return sys_result(ioctl(fd, SIOCSIFFLAGS, &request));
}
