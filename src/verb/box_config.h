/* box_config.h: kist box --config and --print-config: a box as a config.json. */
#ifndef KIST_VERB_BOX_CONFIG_H
#define KIST_VERB_BOX_CONFIG_H

#include "verb/verb.h"

/* False after a report that names each flag that describes the box and was given beside --config. */
bool box_config_alone(struct command *command, const struct flag *flags, size_t count, const void *options,
  bool operands);
/* The config that --config names: a file, "-", "fd:N", or the JSON itself. NULL after a report. */
struct spec *box_config_read(struct command *command, const char *name, struct spec_faults *faults);
/* Prints the spec as a config.json, or its faults. The exit status. */
int box_config_print(struct command *command, const struct spec *spec, const struct spec_faults *faults);

#endif
