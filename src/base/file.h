/* file.h: whole small files, read and written. */
#ifndef KIST_BASE_FILE_H
#define KIST_BASE_FILE_H

#include "base/arena.h"

#include <stddef.h>

/* Reads at most `limit` bytes of `path` (relative to dirfd) into the arena, NUL-terminated after
 * `*length` bytes. -EFBIG when there is more, else 0 or -errno. Regular files, pipes and /proc alike. */
int file_read_at(struct arena *arena, int dirfd, const char *path, size_t limit, char **bytes, size_t *length);
/* The same from an open descriptor, which stays open. */
int file_read_fd(struct arena *arena, int fd, size_t limit, char **bytes, size_t *length);
/* One write(2) of the whole text to an existing file (cgroup and proc files take no second try). 0 or -errno. */
int file_write_at(int dirfd, const char *path, const char *bytes, size_t length);
/* Writes all, going on after short writes and EINTR. 0 or -errno. */
int file_write_fd(int fd, const void *bytes, size_t length);
/* Replaces `path` atomically: a new file of `mode` beside it, then rename. 0 or -errno. */
int file_replace_at(int dirfd, const char *path, unsigned mode, const void *bytes, size_t length);

#endif
