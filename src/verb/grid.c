/* grid.c: lays out a table. */
#include "verb/grid.h"

#include "sys/terminal.h"

#include <string.h>
#include <unistd.h>

enum { FIRST_CELLS = 256, GAP = 2 };

struct grid grid_in(struct arena *arena, size_t columns, uint32_t right)
{
	return (struct grid){ .arena = arena, .columns = columns, .right = right };
}

void grid_put(struct grid *grid, const char *cell)
{
	if (grid->count == grid->capacity) {
		size_t capacity = grid->capacity ? grid->capacity * 2 : FIRST_CELLS;
		const char **cells = ARENA_ARRAY(grid->arena, capacity, const char *);
		if (grid->count)
			memcpy(cells, grid->cells, grid->count * sizeof(*cells));
		grid->cells = cells;
		grid->capacity = capacity;
	}
	grid->cells[grid->count++] = cell && *cell ? cell : "-";
}

static void put_cell(struct buf *out, const char *cell, size_t width, bool right, bool last)
{
	size_t length = strlen(cell), pad = width > length ? width - length : 0;
	if (right)
		buf_printf(out, "%*s", (int)pad, "");
	buf_puts(out, cell);
	if (!last)
		buf_printf(out, "%*s", (int)(right ? GAP : pad + GAP), "");
}

/* Not in the middle of a character. */
static void cut_line(struct buf *out, size_t start, size_t width)
{
	if (!width || out->length - start <= width)
		return;
	size_t end = start + width;
	while (end > start && ((unsigned char)out->bytes[end] & 0xc0) == 0x80)
		end--;
	out->length = end;
	out->bytes[end] = '\0';
}

void grid_print(struct buf *out, const struct grid *grid, size_t width)
{
	size_t widths[GRID_COLUMNS] = { 0 };
	for (size_t i = 0; i < grid->count; i++) {
		size_t length = strlen(grid->cells[i]), column = i % grid->columns;
		widths[column] = length > widths[column] ? length : widths[column];
	}
	size_t start = out->length;
	for (size_t i = 0; i < grid->count; i++) {
		size_t column = i % grid->columns;
		bool last = column + 1 == grid->columns;
		put_cell(out, grid->cells[i], widths[column], grid->right >> column & 1, last);
		if (!last)
			continue;
		cut_line(out, start, width);
		buf_putc(out, '\n');
		start = out->length;
	}
}

size_t grid_width(void)
{
	uint16_t rows, columns;
	return isatty(STDOUT_FILENO) && sys_terminal_get_size(STDOUT_FILENO, &rows, &columns) == 0 ? columns : 0;
}
