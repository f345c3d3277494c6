/* follow.h: copies of the host's files that are renewed when the host changes or replaces them. */
#ifndef KIST_WATCH_FOLLOW_H
#define KIST_WATCH_FOLLOW_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>

struct follow_file {
	const char *source; /* on the host; a link is followed, also to another target later */
	const char *path;   /* the copy: an existing file */
	const char *head;   /* what stands before the source's text in it; "" */
};

struct follow {
	int fd; /* to be polled for POLLIN; -1: nothing is followed */
	const struct follow_file *files;
	size_t count;
	struct follow_state *states; /* what each source was when it was copied */
};

/* Watches the directories that the files are in. To be called before the copies are made, so that no change is missed,
 * and nothing that a container has written into them is lost. `files` must stay. 0, or -errno with err: then nothing is
 * followed (fd is -1). */
int follow_open(struct follow *follow, struct arena *arena, const struct follow_file *files, size_t count,
                struct err *err);
/* After POLLIN: renews the copies of the files that changed. A source that cannot be read leaves its copy as it is. */
void follow_renew(struct follow *follow);
void follow_close(struct follow *follow);

#endif
