/* words.h: words of a command line that count each time they are given, in the given order. */
#ifndef KIST_BASE_WORDS_H
#define KIST_BASE_WORDS_H

#include <stddef.h>

struct given_word {
	const char *flag; /* the flag it was given with: several flags may share one list, where their order matters */
	const char *value;
};
struct given_words {
	struct given_word *items;
	size_t count, capacity;
};

#endif
