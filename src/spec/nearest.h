/* nearest.h: which of the known words somebody may have meant. */
#ifndef KIST_SPEC_NEAREST_H
#define KIST_SPEC_NEAREST_H

#include <stddef.h>

/* The best candidate so far; starts as { .word = "capabilites" }. */
struct nearest {
	const char *word;  /* what was written */
	size_t common;     /* length of a prefix that every known word has: it says nothing ("SCMP_ACT_") */
	const char *best;  /* the nearest known word, NULL while none is near enough */
	size_t distance;   /* of best */
};

/* Offers one known word. Letters typed in the other case, two letters swapped, one missing or one too many are near;
 * so is a word that is a part of the other ("NOFILE", "net"). */
void nearest_offer(struct nearest *nearest, const char *known);

#endif
