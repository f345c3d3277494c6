/* nearest.c: which of the known words somebody may have meant. */
#include "spec/nearest.h"

#include "spec/names.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { NEAREST_LENGTH = 48 }; /* longer words get no suggestion */

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to insert, drop, replace or swap with their neighbour to get from one word to the other (the "optimal string
 * alignment" distance), with three rows of its matrix. */
static size_t word_distance(const char *from, const char *to)
{
	size_t rows[3][NEAREST_LENGTH + 1];
	size_t width = strlen(to);
	for (size_t j = 0; j <= width; j++)
		rows[0][j] = j;
	size_t i = 1;
	for (; from[i - 1]; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= width; j++) {
			bool same = lower(from[i - 1]) == lower(to[j - 1]);
			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(from[i - 1]) == lower(to[j - 2]) &&
			    lower(from[i - 2]) == lower(to[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[(i - 1) % 3][width];
}

static bool word_within(const char *part, const char *whole)
{
	size_t length = strlen(part);
	for (; length >= 3 && *whole; whole++) {
		if (strncasecmp(part, whole, length) == 0)
			return true;
	}
	return false;
}

void nearest_offer(struct nearest *nearest, const char *known)
{
	const char *word = nearest->word;
	if (nearest->common && strncasecmp(word, known, nearest->common) == 0) {
		word += nearest->common;
		known += nearest->common;
	}
	size_t length = strlen(word), known_length = strlen(known);
	if (length > NEAREST_LENGTH || known_length > NEAREST_LENGTH || length == 0)
		return;
	size_t distance = word_distance(word, known);
	bool within = word_within(word, known) || word_within(known, word);
	if (within)
		distance = least(distance, 2);
	size_t bound = (length > known_length ? length : known_length) * 2 / 5;
	if ((distance <= bound || within) && (!nearest->best || distance < nearest->distance)) {
		nearest->best = known - (word - nearest->word);
		nearest->distance = distance;
	}
}

/* How much every word of the table begins with, up to the last underscore of it. */
static size_t table_prefix(const struct name_table *table)
{
	const char *first = table->names[0].word;
	size_t common = strlen(first);
	for (size_t i = 1; i < table->count; i++) {
		size_t same = 0;
		while (same < common && table->names[i].word[same] == first[same])
			same++;
		common = same;
	}
	while (common && first[common - 1] != '_')
		common--;
	return common;
}

const char *name_nearest(const struct name_table *table, const char *word)
{
	struct nearest nearest = { .word = word, .common = table_prefix(table) };
	for (size_t i = 0; i < table->count; i++)
		nearest_offer(&nearest, table->names[i].word);
	return nearest.best;
}
