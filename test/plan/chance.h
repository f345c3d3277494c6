/* chance.h: random numbers and choices that follow from one seed. */
#ifndef KIST_TEST_CHANCE_H
#define KIST_TEST_CHANCE_H

#include "base/arena.h"
#include "spec/spec.h"

#include <string.h>

/* A generator of 64 bits (splitmix64), and where what is generated lives. */
struct chance {
	uint64_t state;
	struct arena *arena;
};

static inline uint64_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0 .. limit-1 */
static inline uint32_t chance_below(struct chance *chance, uint32_t limit)
{
	return (uint32_t)(chance_next(chance) % limit);
}

/* True `percent` times of a hundred. */
static inline bool chance_of(struct chance *chance, uint32_t percent)
{
	return chance_below(chance, 100) < percent;
}

#define CHANCE_ONE(chance, list) ((list)[chance_below((chance), sizeof(list) / sizeof(*(list)))])

/* At most `most` words out of a list, as a list of their own. */
static inline struct spec_strings chance_words(struct chance *chance, const char *const *words, uint32_t count,
                                               uint32_t most)
{
	struct spec_strings list = { ARENA_ARRAY(chance->arena, most + 2, const char *),
		                     chance_below(chance, most + 1) };
	for (size_t i = 0; i < list.count; i++)
		list.items[i] = words[chance_below(chance, count)];
	return list;
}

#define CHANCE_WORDS(chance, list, most) chance_words((chance), (list), sizeof(list) / sizeof(*(list)), (most))

#endif
