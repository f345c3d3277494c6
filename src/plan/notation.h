/* notation.h: numbers as people write them: "nosuid,nodev", "0755", "RLIMIT_NOFILE", "rprivate". */
#ifndef KIST_PLAN_NOTATION_H
#define KIST_PLAN_NOTATION_H

#include "base/buf.h"
#include "plan/step_table.h"

#include <stdbool.h>

struct notation {
	enum step_kind kind; /* STEP_KIND_COUNT: any */
	const char *field;
	void (*put)(struct buf *out, const struct step *step, uint64_t value);
	bool zero; /* said also when it is 0 */
};

/* The notation of a step's field, by its name; NULL: a plain number. A constant. */
const struct notation *notation_of(const struct step *step, const char *field);
/* The flag of a step that says its propagation holds for all mounts below too; NULL: it has none. */
const struct step_field *notation_recursion(const struct step *step);

#endif
