/* fault.h: collecting what is wrong with a configuration. */
#ifndef KIST_SPEC_FAULT_H
#define KIST_SPEC_FAULT_H

#include "json/json.h"
#include "spec/spec.h"

/* After so many of one kind a last line says that the list ends here: nobody reads on, and memory is bounded. */
enum { FAULT_LIMIT = 1000 };

enum fault_kind { FAULT_ERROR, FAULT_WARNING, FAULT_NOTE };

/* True when the list of the kind takes no more: whoever would have to compose a text can save the work. */
bool faults_full(const struct spec_faults *faults, enum fault_kind kind);
/* Adds one; its strings must live as long as the list's arena. */
void fault_add(struct spec_faults *faults, enum fault_kind kind, struct spec_fault fault);
/* Adds one that stands where `pointer` leads in `document` (as far as it goes; NULL: nowhere). */
void fault_add_at(struct spec_faults *faults, enum fault_kind kind, const struct json_value *document,
                  struct spec_fault fault);
/* Orders each kind by place in the file; those of one place stay in the order they were found. */
void faults_sort(struct spec_faults *faults);
/* The `check` of what the decoder finds. */
extern const char fault_from_decoder[];
/* True when the decoder found a fault in this very value, in something in it, or around it: what else could be said
 * about it would only repeat the first. */
bool faults_touch(const struct spec_faults *faults, const char *pointer);

/* `parent` with one more key, escaped as RFC 6901 says. */
const char *pointer_to_key(struct arena *arena, const char *parent, const char *key);
/* A string of the configuration for a message: quoted, control characters escaped, cut when it is long. */
const char *fault_quote(struct arena *arena, const char *string);

#endif
