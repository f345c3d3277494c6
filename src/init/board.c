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
	board_detail_and(board, step, detail, NULL, 0);
}

void board_detail_and(struct board *board, uint32_t step, const char *detail, const char *bytes, size_t length)
{
	const uint32_t used = board->detail_used;
	const size_t first = strlen(detail), room = used > BOARD_DETAILS ? 0 : BOARD_DETAILS - used;

	if (first + 1 > room)
		return;
	const size_t kept = length < room - first - 1 ? length : room - first - 1;
	char *place = board->details + used;
	memcpy(place, detail, first);
	if (kept > 0)
		memcpy(place + first, bytes + (length - kept), kept);
	place[first + kept] = '\0';
	board->detail_used = used + (uint32_t)(first + kept + 1);
	board->steps[step].detail = used + 1;
}
