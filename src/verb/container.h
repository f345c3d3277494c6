/* container.h: what the verbs about a container that exists have in common. */
#ifndef KIST_VERB_CONTAINER_H
#define KIST_VERB_CONTAINER_H

#include "state/container.h"
#include "verb/verb.h"

/* Where records are: --root, or the default. */
const char *container_root(struct command *command);
/* True when there is one operand, an id; else the misuse has been reported. */
bool container_operand(struct command *command, const struct verb *verb, int argc);
/* Reads the container; false after a report. */
bool container_find(struct command *command, const char *id, struct container *container);
/* The same with its lock, for verbs that change it, until container_release(). */
bool container_hold(struct command *command, const char *id, struct container *container);
void container_release(struct container *container);
/* The name of the caller, whose all records are; its number when it has none. */
const char *container_owner(struct arena *arena);

#endif
