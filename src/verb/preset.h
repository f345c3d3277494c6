/* preset.h: flags from a file, or from one of kist's own lists. */
#ifndef KIST_VERB_PRESET_H
#define KIST_VERB_PRESET_H

#include "verb/verb.h"

/* Which flags a preset may hold, and how it names others. */
struct preset_flags {
	const struct flag *flags;
	size_t count, options_size;
	size_t presets; /* where in the options the presets are listed: a struct given_words */
};

/* The options with those of their presets below them: a value given in `options` wins, and what counts each time comes
 * behind that of the presets. NULL after a report of every fault, each with file and line. */
const void *preset_apply(struct command *command, const struct preset_flags *flags, const void *options);
/* Prints a preset as it is written. The exit status. */
int preset_print(struct command *command, const char *name);

#endif
