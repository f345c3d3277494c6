/* copy.h: a file of the host whose text a container has in a file of its own, so that it can be renewed where it is. */
#ifndef KIST_STATE_COPY_H
#define KIST_STATE_COPY_H

/* Writes `head` and then what `source` holds to `fd`, over what is there, and cuts it to that length. A source that
 * does not exist counts as empty; links are followed. 0 or -errno: -EINVAL when it is no regular file, -EFBIG beyond 1
 * MiB. */
int copy_renew(int fd, const char *source, const char *head);

#endif
