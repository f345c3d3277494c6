/* box_config.h: kist box --config and --print-config: a box as a config.json; and what goes with what prints. */
#ifndef KIST_VERB_BOX_CONFIG_H
#define KIST_VERB_BOX_CONFIG_H

#include "verb/verb.h"

/* What a flag of a box is about (struct flag, about). From that follows what goes with --config, --print-config and
 * --print-preset. */
enum box_about {
	ABOUT_BOX,     /* what the box is: of a config.json that is in it */
	ABOUT_RUNNING, /* how it runs: in a config.json, and a flag beside that counts more */
	ABOUT_START,   /* one start of it: in no config.json */
	ABOUT_FLAGS,   /* where the flags are, and what is printed of them */
};

/* A command line as it was given. */
struct box_given {
	const struct flag *flags;
	size_t flag_count;
	const void *options;
	char **args;
	size_t arg_count;
};

/* False after a report that names all that does not go with --config, --print-config or --print-preset. */
bool box_config_alone(struct command *command, const struct box_given *given);
bool box_print_alone(struct command *command, const struct box_given *given);
bool box_preset_alone(struct command *command, const struct box_given *given);
/* False after a report when the verb is to print its steps, and this flag (NULL: none) prints something else. */
bool box_prints_once(struct command *command, const char *flag);
/* The config that --config names: a file, "-", "fd:N", or the JSON itself. NULL after a report. */
struct spec *box_config_read(struct command *command, const char *name, struct spec_faults *faults);
/* Prints the spec as a config.json, or its faults. The exit status. */
int box_config_print(struct command *command, const struct spec *spec, struct spec_faults *faults,
                     const struct box_given *given);

#endif
