/* trace_print.c: what the board says, made readable. */
#include "json/json.h"
#include "plan/plan.h"
#include "plan/step_table.h"
#include "verb/trace.h"

#include <errno.h>

/* The board was written by the container's half too: nothing in it is trusted beyond its numbers. */
static int64_t trace_first(const struct plan_block *block, const struct board *board)
{
	int64_t first = 0;
	for (uint32_t i = 0; i < block->step_count; i++)
		if (board->steps[i].begun && (!first || board->steps[i].begun < first))
			first = board->steps[i].begun;
	return first;
}

static double trace_micros(int64_t from, int64_t to)
{
	return to > from ? (double)(to - from) / 1000.0 : 0.0;
}

void trace_print(struct buf *out, const struct plan_block *block, const struct board *board)
{
	static const char *const actors[] = { "runtime", "init" };
	int64_t first = trace_first(block, board), last = first;
	buf_puts(out, "      at ms      took µs  who       step\n");
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct board_step *times = &board->steps[i];
		const struct step *step = plan_step(block, i);
		if (!times->begun)
			continue;
		buf_printf(out, "%11.3f  ", trace_micros(first, times->begun) / 1000.0);
		if (times->ended)
			buf_printf(out, "%11.1f  ", trace_micros(times->begun, times->ended));
		else
			buf_puts(out, "          –  ");
		buf_printf(out, "%-8s  %2u %s", actors[step->actor == ACTOR_INIT], i + 1,
		           plan_step_words(out->arena, block, i));
		if (times->number)
			buf_printf(out, "   failed: %s", err_words(times->number));
		buf_putc(out, '\n');
		if (times->ended > last)
			last = times->ended;
	}
	buf_printf(out, "%11.3f  ms from the first step to the end of the last\n", trace_micros(first, last) / 1000.0);
}

void trace_events(struct buf *out, const struct plan_block *block, const struct board *board)
{
	int64_t first = trace_first(block, board);
	buf_puts(out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"
	              "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":1,\"args\":{\"name\":\"runtime\"}},\n"
	              "{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":1,\"tid\":2,\"args\":{\"name\":\"init\"}}");
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct board_step *times = &board->steps[i];
		const struct step *step = plan_step(block, i);
		if (!times->begun)
			continue;
		buf_puts(out, ",\n{\"name\":");
		json_put_string(out, step_table[step->kind].name);
		buf_printf(out, ",\"cat\":\"step\",\"ph\":\"X\",\"pid\":1,\"tid\":%d",
		           step->actor == ACTOR_INIT ? 2 : 1);
		buf_printf(out, ",\"ts\":%.3f,\"dur\":%.3f", trace_micros(first, times->begun),
		           times->ended ? trace_micros(times->begun, times->ended) : 0.0);
		buf_printf(out, ",\"args\":{\"n\":%u,\"words\":", i + 1);
		json_put_string(out, plan_step_words(out->arena, block, i));
		if (step->pointer) {
			buf_puts(out, ",\"pointer\":");
			json_put_string(out, plan_string(block, step->pointer));
		}
		if (times->number) {
			buf_puts(out, ",\"error\":");
			json_put_string(out, err_words(times->number));
		}
		buf_puts(out, "}}");
	}
	buf_puts(out, "\n]}\n");
}
