/* start.h: what every verb that starts something does: plan it, then print the plan, or do it, or trace it too. */
#ifndef KIST_VERB_START_H
#define KIST_VERB_START_H

#include "plan/plan.h"
#include "state/record.h"
#include "verb/verb.h"

struct start_request {
	const struct spec *spec;
	struct spec_faults *faults; /* of spec's decoding: reported first */
	const struct facts *facts;
	const char *id;
	enum record_stage stage; /* RECORD_FOREGROUND: watched until it ends; else left when this is reached */
	const struct plan_kept *kept; /* what a box goes on from; NULL: nothing */
	bool no_pivot, no_new_keyring, seccomp_trace;
	const char *pid_file; /* as given: relative to the caller's directory; NULL: none */
};

/* This host's facts, or those of --facts when only a plan is wanted. 0, or the exit status after a report. */
int start_facts(struct command *command, enum facts_wanted wanted, struct facts *facts);
/* False after a report when this is no id that a container can have. */
bool start_id_valid(struct command *command, const char *id);
/* An id that nobody gave: "box-123", by kist's own pid. Two kists may have one pid: a box in another one is process 1
 * there too, and finds the other one's record in what it sees of /run. */
const char *start_own_id(struct command *command, const char *kind, const struct facts *facts);
/* The one operand of `verb`, an id; false after a report. */
bool start_one_id(struct command *command, const struct verb *verb, int argc, char **argv);
/* The same into request->id. */
bool start_id(struct command *command, const struct verb *verb, int argc, char **argv, struct start_request *request);
/* Those of `missing`, by name: they were asked for and could not be granted. */
void start_warn_capabilities(const struct command *command, uint64_t missing);
/* The exit status: of the program when it ran, 125 to 127 when kist failed. */
int start_container(struct command *command, const struct start_request *request);

#endif
