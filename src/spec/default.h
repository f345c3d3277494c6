/* default.h: the config.json that `kist spec` writes. */
#ifndef KIST_SPEC_DEFAULT_H
#define KIST_SPEC_DEFAULT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* The text, with a final newline, in the arena: a shell with a terminal in ./rootfs. `rootless`: for an ordinary user,
 * with a user namespace in which `uid` and `gid` (the caller's own) are root. */
const char *spec_default_config(struct arena *arena, bool rootless, uint32_t uid, uint32_t gid);

#endif
