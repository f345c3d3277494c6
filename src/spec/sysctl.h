/* sysctl.h: kernel parameters: their two spellings, and the namespace each belongs to. */
#ifndef KIST_SPEC_SYSCTL_H
#define KIST_SPEC_SYSCTL_H

#include "base/arena.h"

#include <stdint.h>

/* The path below /proc/sys of a key, in the arena. As in sysctl(8), whichever of '.' and '/' comes first separates, and
 * the other one stands for a separator's letter in a name: "net.ipv4.ip_forward", "net/ipv4/conf/eth0.100/forwarding"
 * and "net.ipv4.conf.eth0/100.forwarding" all name what they seem to (F29). NULL, with *why set, when the key names
 * nothing under /proc/sys: an empty component, "..", white space, '=', '+'. */
const char *sysctl_path(struct arena *arena, const char *key, const char **why);

/* The namespace (one ABI_NEW* bit) whose own copy the parameter is; 0 when it is the whole machine's. */
uint32_t sysctl_namespace(const char *path);

#endif
