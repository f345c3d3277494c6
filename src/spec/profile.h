/* profile.h: a seccomp profile in a file of its own, as docker and podman keep theirs.
 *
 * It is the seccomp object of a config.json, or the form from which an engine makes one: architectures as a map from
 * the machine's own to the others it runs (`archMap`), and rules that hold only on some machines, for some
 * capabilities or from some kernel on (`includes`, `excludes` with `arches`, `caps`, `minKernel`). */
#ifndef KIST_SPEC_PROFILE_H
#define KIST_SPEC_PROFILE_H

#include "spec/spec.h"

struct profile;

/* Decodes `text`; all its faults are in `faults`, and the profile may be used only when there are none. In the arena,
 * as is what it is resolved to. */
struct profile *profile_decode(struct arena *arena, const char *text, size_t length, struct spec_faults *faults);

/* For whom a profile is resolved. */
struct profile_reader {
	uint64_t capabilities;        /* the bounding set, one bit each */
	const char *machine;          /* "x86_64", as uname(2) says it */
	unsigned kernel[2];           /* major, minor */
};
/* The rules that hold, in the order of the file. */
void profile_resolve(struct arena *arena, const struct profile *profile, const struct profile_reader *reader,
                     struct spec_seccomp *seccomp);

#endif
