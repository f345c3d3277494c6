/* print.c: a plan for people: what the runtime does on the left, what the container does on the right, in one order. */
#include "plan/plan.h"
#include "plan/print_json.h"
#include "plan/step_table.h"
#include "plan/words.h"

#include <inttypes.h>
#include <string.h>

/* Columns, counted from 0. A text that is longer than its lane goes on below, indented. */
enum {
	COLUMN_KIND = 5,
	COLUMN_RUNTIME = 25,
	COLUMN_CONTAINER = 44,
	COLUMN_PLACE = 104,
	HANGING = 2,
};

static const char *const legend = "  #  step                the runtime        the container";

/* The columns a text takes: its characters, not its bytes. */
static size_t width_of(const char *text, size_t length)
{
	size_t width = 0;
	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

static void put_blanks(struct buf *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_putc(out, ' ');
}

/* How much of the text goes on a line of `width`: up to the last blank that fits. A list without one is cut behind a
 * comma; what cannot be cut (a path) is longer than its lane. */
static size_t line_length(const char *text, size_t width)
{
	size_t blank = 0, comma = 0, i = 0;
	for (; text[i] && (width_of(text, i) <= width || (!blank && !comma)); i++) {
		bool in_path = memchr(text + blank, '/', i - blank) != NULL;
		if (text[i] == ' ')
			blank = i;
		else if (text[i] == ',' && !in_path && width_of(text, i + 1) <= width)
			comma = i + 1;
	}
	if (!text[i] && (width_of(text, i) <= width || (!blank && !comma)))
		return i;
	return blank ? blank : comma;
}

/* The text in its lane, from `column` on, and the place that asked for it behind the first line. */
static void put_lane(struct buf *out, const char *text, size_t column, const char *place)
{
	size_t indent = column, width = COLUMN_PLACE - 2 - column;
	bool first = true;
	while (*text || first) {
		size_t length = line_length(text, width);
		if (!first)
			put_blanks(out, indent);
		buf_put(out, text, length);
		size_t end = indent + width_of(text, length);
		if (first && place) {
			put_blanks(out, end + 2 < COLUMN_PLACE ? COLUMN_PLACE - end : 2);
			words_put_safe(out, place);
		}
		buf_putc(out, '\n');
		text += length + strspn(text + length, " ");
		if (first) {
			indent += HANGING;
			width -= HANGING;
		}
		first = false;
	}
}

static void put_step(struct buf *out, struct words_of of, uint32_t number)
{
	struct buf text = buf_in(out->arena), details = buf_in(out->arena);
	words_put_deed(&text, of);
	words_put_details(&details, of);
	if (details.length)
		buf_printf(&text, "  %s", details.bytes);
	size_t column = of.step->actor == ACTOR_INIT ? COLUMN_CONTAINER : COLUMN_RUNTIME;
	const char *kind = step_table[of.step->kind].name;
	buf_printf(out, "%3" PRIu32 "  %s", number, kind);
	put_blanks(out, column - COLUMN_KIND - strlen(kind));
	put_lane(out, text.bytes, column, plan_string(of.block, of.step->pointer));
}

/* "root, pid, 12 of cgroup": each name once, in the order of the slots. */
static void put_slots(struct buf *out, const struct plan_block *block, const struct plan_crossing *crossing)
{
	const char *names[PLAN_SLOTS];
	uint32_t counts[PLAN_SLOTS] = { 0 };
	uint32_t count = 0;
	for (uint32_t i = 0; i < crossing->slots.count; i++) {
		const char *name = words_slot_name(block, plan_crossing_slots(block, crossing)[i]);
		uint32_t k = 0;
		while (k < count && strcmp(names[k], name) != 0)
			k++;
		names[k] = name;
		counts[k]++;
		count += k == count;
	}
	for (uint32_t i = 0; i < count; i++) {
		buf_puts(out, i ? ", " : "");
		if (counts[i] > 1)
			buf_printf(out, "%" PRIu32 " of ", counts[i]);
		buf_puts(out, names[i]);
	}
}

/* A line between the steps: who tells whom to go on, and what goes along. */
static void put_crossing(struct buf *out, const struct plan_block *block, const struct plan_crossing *crossing)
{
	bool to_container = plan_step(block, crossing->step)->actor == ACTOR_INIT;
	bool keeps = crossing->how == 'e';
	put_blanks(out, keeps ? COLUMN_CONTAINER : COLUMN_RUNTIME);
	if (keeps)
		buf_puts(out, "═ over its exec it keeps");
	else if (crossing->how == 'c')
		buf_puts(out, "└── the child ────▶ starts");
	else if (to_container)
		buf_puts(out, "└─────────────────▶ go on");
	else
		buf_puts(out, "◀─────────────────┘ go on");
	if (crossing->slots.count)
		buf_puts(out, keeps ? " " : ", with ");
	else if (keeps)
		buf_puts(out, " nothing");
	put_slots(out, block, crossing);
	buf_putc(out, '\n');
}

void plan_print(struct buf *out, const struct plan_block *block, struct plan_style style)
{
	if (style.json) {
		plan_print_json(out, block, style.show_env);
		return;
	}
	buf_puts(out, legend);
	put_blanks(out, COLUMN_PLACE - strlen(legend));
	buf_puts(out, "asked by\n");
	uint32_t crossing = 0;
	for (uint32_t i = 0; i < block->step_count; i++) {
		for (; crossing < block->crossing_count && plan_crossing_at(block, crossing)->step == i; crossing++)
			put_crossing(out, block, plan_crossing_at(block, crossing));
		put_step(out, (struct words_of){ block, plan_step(block, i), style.show_env }, i + 1);
	}
}
