/* seccomp.h: a seccomp profile becomes the BPF program that seccomp(2) takes.
 *
 * What a profile means (the OCI runtime-spec, and where that is silent libseccomp 2.5 and runc):
 *
 *  - A call from an architecture that the profile does not list kills the process; the machine's own is always listed.
 *    x32 is an architecture of its own: numbers with the x32 bit kill unless it is listed. Number -1, by which a tracer
 *    skips a call, is never taken for one of x32.
 *  - Names that no architecture of Linux has are left out and returned in `unknown`; names that one architecture lacks
 *    do nothing there.
 *  - A rule whose action and errno are the default's says nothing and is left out.
 *  - All conditions of a rule must hold. When two of them look at the same argument, each counts as a rule of its own.
 *  - A call with an unconditional rule gets the first of these, whatever conditional rules say. (libseccomp: a wider
 *    rule replaces the narrower ones.) Otherwise the first conditional rule that matches decides, in the order of the
 *    profile; where actions overlap libseccomp's order is its own, or it refuses the profile.
 *  - On a 32-bit architecture and on x32 the low halves are compared, as libseccomp does.
 *  - An errno is EPERM when none is given, also for the tracer's data.
 *  - A profile is written for a kernel. Where the default is to refuse (kill, trap, errno), a number above the highest
 *    that the profile names on its architecture fails with ENOSYS: that is what a libc expects of a kernel without the
 *    call, and then it uses an older one. EPERM or death would break every program as soon as its libc learns a new
 *    call. (runc has done so since 1.0.0-rc93. A default that allows, logs, traces or notifies stays.)
 *  - On 32-bit x86 a rule for a call that socketcall(2) or ipc(2) also offers holds there too. Its conditions cannot:
 *    the arguments are behind a pointer. So it holds there without conditions when it is stricter than the default,
 *    and not at all otherwise.
 */
#ifndef KIST_PLAN_SECCOMP_H
#define KIST_PLAN_SECCOMP_H

#include "base/arena.h"
#include "base/err.h"
#include "plan/syscalls.h"
#include "spec/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One instruction of classic BPF: the layout of struct sock_filter (linux/filter.h). */
struct seccomp_instruction {
	uint16_t code;
	uint8_t jump_true, jump_false; /* instructions to skip */
	uint32_t k;
};
enum { SECCOMP_INSTRUCTION_LIMIT = 4096 }; /* BPF_MAXINSNS */

struct seccomp_program {
	struct seccomp_instruction *items;
	size_t count;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_*, as the profile gives them */
	bool notifies;  /* some call is handed to a listener: SECCOMP_FILTER_FLAG_NEW_LISTENER is needed */
	struct spec_strings unknown; /* names without a meaning anywhere: worth a warning */
};

/* Compiles `profile` for a kernel of the `native` architecture. The program is in the arena. 0, or err_set()'s value
 * when it would be longer than the kernel takes. `profile->architectures` for which that kernel has no system calls
 * (all but its own and its 32-bit one) cannot occur and add nothing. */
int seccomp_compile(struct arena *arena, const struct spec_seccomp *profile, enum seccomp_arch native,
                    struct seccomp_program *out, struct err *err);

/* The same profile as a filter that tells: what would refuse a call (kill, trap, errno) hands it to a listener instead,
 * who asks seccomp_judge() what it would have been. Every execve and execveat goes to the listener too, also an allowed
 * one: the program cannot start before somebody listens. */
int seccomp_compile_traced(struct arena *arena, const struct spec_seccomp *profile, enum seccomp_arch native,
                           struct seccomp_program *out, struct err *err);

/* A call of this name would kill the process, or be a SIGSYS that does. */
bool seccomp_kills(const struct seccomp_program *program, enum seccomp_arch native, const char *name);

/* --- single calls --------------------------------------------------------------------------------- */

/* A call as struct seccomp_data has it. */
struct seccomp_call {
	uint32_t audit; /* AUDIT_ARCH_* */
	uint32_t number;
	uint64_t args[6];
};
enum seccomp_cause {
	SECCOMP_BY_RULE,
	SECCOMP_BY_DEFAULT,
	SECCOMP_BY_AGE,          /* a number above all that the profile names */
	SECCOMP_BY_ARCHITECTURE, /* one that the profile does not list */
};
struct seccomp_verdict {
	uint32_t action; /* SECCOMP_RET_*, with the errno */
	enum seccomp_cause cause;
	size_t rule; /* index, with SECCOMP_BY_RULE */
	const char *name; /* of the call; NULL: nobody knows the number */
};
/* SECCOMP_RET_*: what an action does, and the errno in it. */
enum { SECCOMP_ACTION_ERRNO = 0x00050000, SECCOMP_ACTION_TRAP = 0x00030000 };
#define SECCOMP_ACTION_MASK 0xffff0000u
#define SECCOMP_VALUE_MASK 0xffffu
/* True when the call is not made: an errno, a trap or death. */
bool seccomp_refuses(uint32_t action);

/* What the compiled program decides, call by call, and why. In the arena; `profile` must outlive it. */
struct seccomp_judge;
struct seccomp_judge *seccomp_judge_open(struct arena *arena, const struct spec_seccomp *profile,
                                         enum seccomp_arch native);
struct seccomp_verdict seccomp_judge(const struct seccomp_judge *judge, const struct seccomp_call *call);
/* The architecture of uname(2)'s machine; SECCOMP_ARCH_COUNT when kist has no numbers of it. */
enum seccomp_arch seccomp_native(const char *machine);

#endif
