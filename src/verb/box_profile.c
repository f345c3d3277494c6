/* box_profile.c: the seccomp profile that a box is given as a file. */
#include "verb/box_profile.h"

#include "verb/input.h"
#include "verb/report.h"

#include <string.h>

int box_profile_read(struct command *command, struct box_flags *flags)
{
	struct err err = { 0 };
	const char *name = flags->seccomp;
	char *text;
	size_t length;
	if (!name || strcmp(name, "default") == 0 || strcmp(name, "none") == 0)
		return 0;
	if (input_read(command->arena, name, "the seccomp profile", SPEC_LIMIT, &text, &length, &err) < 0) {
		if (!err.hint)
			err.hint = "--seccomp takes \"default\", \"none\" or the file of a profile";
		return report_error(command, &err, NULL);
	}
	struct spec_faults faults = { .arena = command->arena };
	/* For the places of its faults; the spec of the box itself has none in a file. */
	const struct spec place = { .source = name };
	flags->profile = profile_decode(command->arena, text, length, &faults);
	return report_faults(command, &faults, &place);
}
