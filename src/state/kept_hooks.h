/* kept_hooks.h: the hooks of a container's end, as `hooks.json` in its record: poststart and poststop.
 *
 * The file is made while the container is (plan/hooks.c writes its text), and is the promise that the poststop hooks
 * run: by whoever removes the container, after all else of it is gone. They run once: the file goes before them, so
 * that a kist that is killed among them leaves none to a later one that were run already. */
#ifndef KIST_STATE_KEPT_HOOKS_H
#define KIST_STATE_KEPT_HOOKS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "state/record.h"

/* Writes the file. 0 or -errno. */
int kept_hooks_write(const struct record *record, const char *text, size_t length);

/* Runs the poststart hooks one after another, `pid` being the program's as kist sees it. 0, also when there are none;
 * or, at the first that fails, -errno with err (its pointer is the hook's, "/hooks/poststart/0"). -ECANCELED with
 * *signal when a signal asked kist to give up. */
int kept_hooks_poststart(struct arena *arena, const struct record *record, pid_t pid, struct err *err, int *signal);

/* Runs the poststop hooks, if they are still owed. One that fails is a line in report (may be NULL), and the next one's
 * turn (runtime-spec, "Lifecycle"). */
void kept_hooks_poststop(struct arena *arena, const struct record *record, struct buf *report);

#endif
