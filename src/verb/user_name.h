/* user_name.h: the names of this machine's users, as /etc/passwd has them. */
#ifndef KIST_VERB_USER_NAME_H
#define KIST_VERB_USER_NAME_H

#include "base/arena.h"

/* The text of /etc/passwd; NULL when it cannot be read. */
const char *user_names(struct arena *arena);
/* The name of a user in that text, or its number. */
const char *user_name(struct arena *arena, const char *names, uint32_t uid);

#endif
