/* pipe.h: who may open a pipe anew. */
#ifndef KIST_SYS_PIPE_H
#define KIST_SYS_PIPE_H

#include "sys/result.h"

#include <stdint.h>

/* Gives the pipe to the user. Whatever is no anonymous pipe (a FIFO with a name, a terminal, a device, a file) is
 * somebody's or everybody's and stays as it is. So does a pipe of an id that this user namespace does not map, or
 * whose owner the process may not change. 0 or -errno. */
int sys_pipe_give(int fd, uint32_t uid);

#endif
