/* box_filter.c: which system calls a box may make. */
#include "spec/box_part.h"
#include "spec/seccomp_default.h"

#include <string.h>

static bool is_word(const char *given, const char *word)
{
	return given && strcmp(given, word) == 0;
}

void box_filter(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_seccomp *seccomp = &box->spec->linux_.seccomp;
	uint64_t capabilities = box->spec->process.capabilities.bounding;
	if (flags->seccomp)
		box_origin(box, "/linux/seccomp", "seccomp", flags->seccomp);
	else if (flags->seccomp_trace)
		box_origin(box, "/linux/seccomp", "seccomp-trace", NULL);
	if (is_word(flags->seccomp, "none")) {
		if (flags->seccomp_trace)
			box_fault(box, "/linux/seccomp",
			          "without a filter there is nothing for --seccomp-trace to tell: leave one of the "
			          "two out");
	} else if (flags->profile) {
		struct profile_reader reader = {
			.capabilities = capabilities,
			.machine = flags->machine,
			.kernel = { flags->kernel[0], flags->kernel[1] },
		};
		profile_resolve(box->arena, flags->profile, &reader, seccomp);
	} else {
		seccomp_default(box->arena, capabilities, flags->machine, seccomp);
	}
}
