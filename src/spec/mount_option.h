/* mount_option.h: the one table of mount options, and how a list of them is folded. */
#ifndef KIST_SPEC_MOUNT_OPTION_H
#define KIST_SPEC_MOUNT_OPTION_H

#include "spec/spec.h"

/* Folds the words in order, the last word wins, into *options (overwritten). Words that no table has are the file
 * system's: they become `data`, one entry each, split at commas as mount(2) would ("mode=755,size=1m" is two), but not
 * within double quotes or after a backslash. Source: runtime-spec 1.3, config.md "Linux mount options". */
void mount_options_fold(struct arena *arena, const struct spec_strings *words, struct spec_mount_options *options);

/* The known words, in the table's order (for `features` and tests); NULL behind the last. */
const char *mount_option_word(size_t index);

#endif
