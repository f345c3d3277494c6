/* hook.h: running one hook of the configuration on the host, and telling how it failed. */
#ifndef KIST_STATE_HOOK_H
#define KIST_STATE_HOOK_H

#include "base/arena.h"

#include <stdint.h>

struct hook {
	const char *path;               /* absolute, of the host */
	const char *const *args, *const *env; /* NULL-terminated; args[0] is there */
	uint32_t timeout;               /* seconds; 0: none */
	const char *directory;          /* its working directory; where that is gone: "/" */
};

/* Runs it with the text `state` on its stdin, no other variables than `env`, no descriptor above 2, default signals and
 * a session of its own, and waits. What it says is kept for the error.
 * 0 when it exited with 0: what it left running goes on. Otherwise all that it started is killed, and the result is
 * -ECHILD (it failed) or -ETIMEDOUT with words, -ECANCELED when a signal asked kist to give up (`signal`), or the
 * -errno of an exec or a system call, without words. */
struct hook_end {
	const char *words; /* "it exited with status 3 after 4 ms: \"why\""; in the arena; NULL: errno says it */
	int signal;
};
int hook_run(struct arena *arena, const struct hook *hook, const char *state, struct hook_end *end);

/* The words for such an end; `output` is quoted, and may be anything. */
const char *hook_words(struct arena *arena, const char *how, const char *output, size_t length);

#endif
