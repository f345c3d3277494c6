/* check.c: kist check: decodes and validates a config.json, touches nothing. */
#include "verb/bundle.h"
#include "verb/report.h"

struct check_options {
	const char *bundle;
};

static const struct flag check_flags[] = {
	{ "bundle", 'b', FLAG_VALUE, offsetof(struct check_options, bundle), "DIR",
	  "the bundle's directory (default: this one)" },
};

static int check_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct check_options *options = given;
	struct spec_faults faults;
	if (argc > 0) {
		struct err err;
		err_set(&err, command->arena, 0, "check takes no operand, but got \"%s\"", argv[0]);
		err.hint = "kist check [-b BUNDLE]";
		return report_error(command, &err, NULL);
	}
	struct spec *spec = bundle_read(command, options->bundle, &faults);
	if (!spec)
		return 125;
	int status = report_faults(command, &faults, spec);
	if (status)
		return status;
	struct buf text = buf_in(command->arena);
	buf_printf(&text, "%s: no faults\n", spec->source);
	return report_output(command, &text);
}

const struct verb verb_check = {
	.name = "check",
	.operands = "",
	.summary = "decode and validate a config.json; report every fault at once",
	VERB_FLAGS(check_flags),
	.options_size = sizeof(struct check_options),
	.run = check_verb,
};
