/* board.c: the shared page of progress. */
#include "run/board.h"

#include "base/fd.h"
#include "base/file.h"
#include "state/record.h"
#include "sys/open.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { BOARD_CHUNK = 4096, BOARD_MOST = 4 << 20 };

static_assert(offsetof(struct board, passed) == RECORD_BOARD_PASSED, "state/status.c looks for it there");

int64_t board_now(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Fills the file, so that each of its blocks is there. A write to a mapped page that the disk has no room for would be
 * SIGBUS in the middle of a step; MAP_POPULATE says nothing about it (mmap(2)), and not every file system knows
 * fallocate(2). 0 or -errno. */
static int board_fill(int file, uint32_t size)
{
	const char zeros[BOARD_CHUNK] = { 0 };
	for (uint32_t filled = 0; filled < size;) {
		uint32_t rest = size - filled;
		long written = sys_write(file, zeros, rest < BOARD_CHUNK ? rest : BOARD_CHUNK);
		if (written <= 0)
			return written < 0 ? (int)written : -ENOSPC;
		filled += (uint32_t)written;
	}
	return 0;
}

int board_make(int dirfd, uint32_t step_count, struct board **board, int *fd)
{
	const uint32_t size = board_size(step_count);
	FD_AUTO int file = sys_open_at(dirfd, "board", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (file < 0)
		return file;
	int result = board_fill(file, size);
	if (result < 0)
		return result;
	struct board *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
	if (page == MAP_FAILED)
		return -errno;
	page->magic = BOARD_MAGIC;
	page->size = size;
	page->step_count = step_count;
	*board = page;
	*fd = fd_take(&file);
	return 0;
}

static void set_state(struct board *board, enum step_actor actor, uint32_t step, enum board_state state)
{
	board->actors[actor].step = step;
	board->actors[actor].state = state;
}

void board_wait(struct board *board, enum step_actor actor, uint32_t step)
{
	if (board)
		set_state(board, actor, step, BOARD_WAITING);
}

void board_begin(struct board *board, enum step_actor actor, uint32_t step)
{
	if (!board)
		return;
	set_state(board, actor, step, BOARD_WALKING);
	board->steps[step].begun = board_now();
}

void board_end(struct board *board, enum step_actor actor, uint32_t step)
{
	(void)actor;
	if (board)
		board->steps[step].ended = board_now();
}

/* Both actors may put a detail at the same moment; the counter keeps them apart. */
static uint32_t put_detail(struct board *board, const char *detail)
{
	uint32_t length = (uint32_t)strnlen(detail, BOARD_DETAILS - 1) + 1;
	uint32_t at = __atomic_fetch_add(&board->detail_used, length, __ATOMIC_RELAXED);
	if (at >= BOARD_DETAILS)
		return 0;
	uint32_t room = BOARD_DETAILS - at;
	uint32_t copied = length < room ? length : room;
	memcpy(board->details + at, detail, copied - 1);
	board->details[at + copied - 1] = '\0';
	return at + 1;
}

void board_fail(struct board *board, enum step_actor actor, uint32_t step, int number, const char *detail)
{
	if (!board)
		return;
	board->steps[step].ended = board_now();
	board->steps[step].number = number;
	if (detail)
		board->steps[step].detail = put_detail(board, detail);
	set_state(board, actor, step, BOARD_FAILED);
}

struct board *board_copy(struct arena *arena, const struct board *board, uint32_t step_count)
{
	struct board *copy = arena_alloc(arena, board_size(step_count));
	memcpy(copy, board, board_size(step_count));
	return copy;
}

int board_read(struct arena *arena, int dirfd, struct board **copy)
{
	char *bytes;
	size_t length;
	FD_AUTO int file = sys_open_at(dirfd, "board", O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	int result = file < 0 ? file : file_read_fd(arena, file, BOARD_MOST, &bytes, &length);
	if (result < 0)
		return result;
	if (length < board_size(1))
		return -EBADMSG;
	struct board *board = arena_alloc(arena, length);
	memcpy(board, bytes, length); /* aligned */
	board->step_count = (uint32_t)((length - sizeof(*board)) / sizeof(board->steps[0]));
	*copy = board;
	return 0;
}

const char *board_text(struct arena *arena, const struct board *copy, uint32_t step)
{
	uint32_t at = copy->steps[step].detail;
	if (at == 0 || at > BOARD_DETAILS)
		return NULL;
	const char *start = copy->details + at - 1;
	return arena_copy(arena, start, strnlen(start, BOARD_DETAILS - (at - 1)));
}

const char *board_words(struct arena *arena, const struct board *copy, uint32_t step)
{
	const char *text = board_text(arena, copy, step);
	if (!text)
		return NULL;
	char *words = arena_string(arena, text);
	for (char *byte = words; *byte; byte++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7f)
			*byte = ' ';
	return *words ? words : NULL;
}
