/* follow.h: copies of the host's files that are renewed when the host changes or replaces them. */
#ifndef KIST_WATCH_FOLLOW_H
#define KIST_WATCH_FOLLOW_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

struct follow_file {
	const char *source; /* on the host; a link is followed, also to another target later */
	const char *path;   /* the copy: an existing file */
	const char *head;   /* what stands before the source's text in it; "" */
};

struct follow {
	struct arena *arena;
	int fd; /* to be polled for POLLIN; -1: nothing is followed, or not yet */
	const struct follow_file *files;
	size_t count;
	struct follow_state *states; /* what each source was when it was copied */
	int64_t due;                 /* when the watching begins, in milliseconds of the monotonic clock; 0: never */
	const char *trouble;         /* why nothing is followed, for the user; NULL: none */
};

/* Notes what the files are. To be called before the copies are made, so that no change is missed, and nothing that a
 * container has written into them is lost. `files` must stay. */
void follow_open(struct follow *follow, struct arena *arena, const struct follow_file *files, size_t count);
/* For how many milliseconds follow_start() can wait; -1: for ever. A container that ends before its first second is
 * over needs no watching, and giving it up takes 15 ms: the kernel waits for a grace period (inotify(7) does not say
 * so). */
int follow_wait(const struct follow *follow);
/* Watches the directories that the files are in, and renews what has changed by now. 0, or -errno with `trouble`: then
 * nothing is followed. */
int follow_start(struct follow *follow);
/* After POLLIN: renews the copies of the files that changed. A source that cannot be read leaves its copy as it is. */
void follow_renew(struct follow *follow);
void follow_close(struct follow *follow);

#endif
