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

#endif
