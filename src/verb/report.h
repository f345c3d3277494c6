/* report.h: the only place that prints failures: to standard error, and to --log when given. */
#ifndef KIST_VERB_REPORT_H
#define KIST_VERB_REPORT_H

#include "base/err.h"
#include "spec/spec.h"
#include "verb/verb.h"

/* Prints a failure and returns its exit status (125 unless err says otherwise). `spec` finds the place of
 * err->pointer; NULL where there is none. */
int report_error(const struct command *command, const struct err *err, const struct spec *spec);
/* Prints every fault, one line each (and the warnings; the notes with --debug). Returns 125 when there is a fault, 0
 * otherwise. `source` is the file's name; NULL for flags. */
int report_faults(const struct command *command, const struct spec_faults *faults, const struct spec *spec);
void report_warning(const struct command *command, const char *text);
/* The same for what is no trouble but was asked for; the terminal may be in raw mode meanwhile. */
void report_notice(const struct command *command, const char *text);
/* Text for the user, on standard output; a failing write (a full disk, a closed pipe) is a failure: 0 or 125. */
int report_output(const struct command *command, const struct buf *text);
/* Opens --log (and checks --log-format); err when it cannot. */
int report_open(struct command *command, struct err *err);

#endif
