/* board.c: states, times and details. Each word is written once it is true, so that a reader of a half-done page sees
 * no more than what happened. */
#include "init/board.h"

#include "sys/status.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

struct board *board_map(int fd, const struct plan_block *block)
{
	const size_t size = board_size(block->step_count);
	struct stat status;

	if (sys_stat_fd(fd, &status) < 0 || status.st_size < 0 || (size_t)status.st_size < size)
		return NULL;
	struct board *board = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (board == MAP_FAILED || board->magic != BOARD_MAGIC || board->step_count != block->step_count)
		return NULL;
	return board;
}

int64_t board_clock(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void board_state(struct board *board, enum board_state state, uint32_t step)
{
	board->actors[ACTOR_INIT].step = step;
	board->actors[ACTOR_INIT].state = state;
}

void board_detail(struct board *board, uint32_t step, const char *detail)
{
	uint32_t used = board->detail_used;
	size_t length = strlen(detail) + 1;

	if (used > BOARD_DETAILS || length > BOARD_DETAILS - used)
		return;
	memcpy(board->details + used, detail, length);
	board->detail_used = used + (uint32_t)length;
	board->steps[step].detail = used + 1;
}
