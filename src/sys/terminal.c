/* terminal.c: the one terminal mode that the container's half changes. */
#include "sys/terminal.h"

#include <termios.h>

int sys_terminal_set_onlcr(int fd, bool on)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) < 0)
		return -errno;
	modes.c_oflag = on ? modes.c_oflag | ONLCR : modes.c_oflag & ~(tcflag_t)ONLCR;
	return sys_result(tcsetattr(fd, TCSANOW, &modes));
}
