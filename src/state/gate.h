/* gate.h: the start gate of a created container: a socket in its record, and who may come through it.
 *
 * Access control is the record's directory, which is the caller's alone. Init listens, so the peer credentials of a
 * connection name init, as this pid namespace sees it, whatever namespaces it is in itself. */
#ifndef KIST_STATE_GATE_H
#define KIST_STATE_GATE_H

#include "state/record.h"

/* A bound socket under a name that nobody looks for: until init listens nobody could connect. Descriptor or -errno. */
int gate_make(const struct record *record);
/* Init listens: the gate gets its name. 0 or -errno. */
int gate_publish(const struct record *record);

/* A connection to the record's process, and to no other one: pid and start time are compared. -ECONNREFUSED or -ENOENT
 * when nobody waits there; or another -errno, with err. */
int gate_connect(struct arena *arena, const struct record *record, struct err *err);

/* What `start` will say about a step behind the gate that fails: by then the plan is gone. */
struct late_step {
	const char *name;    /* "exec" */
	const char *pointer; /* "/process/args"; "": kist's own */
	const char *words;   /* "execute sh" */
	bool kills;          /* a filter lets no program begin: nobody but the kernel will say so */
};
/* The steps from `first` on, of `total`. 0 or -errno. */
int late_save(struct arena *arena, const struct record *record, uint32_t first, const struct late_step *steps,
              uint32_t count);
/* The step at `index`. 0, -ENOENT when nothing is known about it, or another -errno. */
int late_read(struct arena *arena, const struct record *record, uint32_t index, struct late_step *step);

/* The container has been started: gate and words are of no use any more. */
void gate_remove(const struct record *record);

#endif
