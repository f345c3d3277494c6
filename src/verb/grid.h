/* grid.h: a table on the terminal: columns as wide as their widest cell. */
#ifndef KIST_VERB_GRID_H
#define KIST_VERB_GRID_H

#include "base/buf.h"

#include <stdint.h>

enum { GRID_COLUMNS = 10 };

struct grid {
	struct arena *arena;
	size_t columns;
	uint32_t right;     /* bits: columns of numbers, aligned at their ends */
	const char **cells; /* rows of `columns` cells; the first row is the head */
	size_t count, capacity;
};

struct grid grid_in(struct arena *arena, size_t columns, uint32_t right);
/* Appends a cell; NULL is "-". */
void grid_put(struct grid *grid, const char *cell);
/* Lines are cut to `width` bytes; 0: not at all. */
void grid_print(struct buf *out, const struct grid *grid, size_t width);
/* The width of standard output when it is a terminal, else 0. */
size_t grid_width(void);

#endif
