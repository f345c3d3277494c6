/* seccomp_trace.h: --seccomp-trace: says which system call would be refused, by which rule, and answers it. */
#ifndef KIST_VERB_SECCOMP_TRACE_H
#define KIST_VERB_SECCOMP_TRACE_H

#include "verb/verb.h"
#include "watch/notify.h"

struct seccomp_trace;

/* For the profile of `spec` on this machine; all in the arena, which grows no more than the list of refusals does. */
struct seccomp_trace *seccomp_trace_open(const struct command *command, const struct spec *spec, const char *machine);
/* What answers the listener. */
const struct notify *seccomp_trace_notify(const struct seccomp_trace *trace);
/* How often each was refused since it was last told. */
void seccomp_trace_end(const struct seccomp_trace *trace);

#endif
