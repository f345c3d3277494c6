/* cookie.h: the right to use an X display, from a file of authorities to one that holds wherever it is read. */
#ifndef KIST_STATE_COOKIE_H
#define KIST_STATE_COOKIE_H

#include "base/arena.h"

/* Writes to `fd` the entries of the file `source` (XAUTHORITY) that are for the display `number`, for any host: in the
 * file they are for the machine's name, and a box has another. A source that does not exist has none. 0 or -errno:
 * -EBADMSG when it is no such file, -EFBIG beyond 1 MiB. */
int cookie_copy(struct arena *arena, int fd, const char *source, const char *number);

#endif
