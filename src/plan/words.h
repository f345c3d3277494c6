/* words.h: steps in words: a field as a reader wants to see it, the deed of a step, its further details. */
#ifndef KIST_PLAN_WORDS_H
#define KIST_PLAN_WORDS_H

#include "base/buf.h"
#include "plan/block.h"
#include "plan/step_table.h"

#include <stdbool.h>

/* What words may say: whose fields, and whether the values of secrets are shown. */
struct words_of {
	const struct plan_block *block;
	const struct step *step;
	bool show_env;
};

/* The field's value; names for numbers where there are names. Control characters are escaped: the strings come from
 * configurations and end on terminals. */
void words_put_field(struct buf *out, struct words_of of, const struct step_field *field);
/* True when a number of this field has a name or a notation of its own ("nosuid,nodev", "0755"). */
bool words_has_notation(const struct step *step, const struct step_field *field);
/* Any words with {field} in them. */
void words_put_template(struct buf *out, struct words_of of, const char *words);
/* "mount proc on /proc". */
void words_put_deed(struct buf *out, struct words_of of);
/* "options=mode=755 attr_set=nosuid": what the deed does not say; nothing when there is nothing more to say. */
void words_put_details(struct buf *out, struct words_of of);
/* Control characters as \xNN, the rest as it is. */
void words_put_safe(struct buf *out, const char *string);
/* "PATH=…": the name of an environment variable, its value kept back. */
void words_put_secret(struct buf *out, const char *variable);
/* What the step that gives a slot calls it: "root"; "slot" when none gives it. */
const char *words_slot_name(const struct plan_block *block, plan_slot slot);

#endif
