/* main.c: kist-init: takes what the runtime left it (a line, the plan, the board), and walks. */
#include "init/board.h"
#include "init/text.h"
#include "init/walk.h"
#include "plan/wire.h"
#include "sys/open.h"
#include "sys/process.h"

#include <limits.h>
#include <string.h>
#include <sys/auxv.h>

/* 64: called wrongly, as EX_USAGE of sysexits(3). Nobody calls this program but kist. */
enum { STATUS_FAILED = 1, STATUS_USAGE = 64 };

static int refuse(void)
{
	static const char words[] = "kist-init: this is a part of kist, and not a command of its own\n";

	sys_write(STDERR_FILENO, words, sizeof(words) - 1);
	return STATUS_USAGE;
}

/* The descriptors as init has them after its exec; the rest of the slots is given on the way. */
static void take_slots(struct walker *walker)
{
	for (unsigned slot = 1; slot <= PLAN_SLOTS; slot++) {
		bool given = slot <= walker->block->slot_count && walker->block->slot_types[slot] == SLOT_FD;
		int fd = given ? walker->board->slots[slot] : -1;
		/* 0, 1 and 2 are the program's; the runtime writes 0 or -1 for a slot that is not given yet. */
		walker->slots[slot] = fd > STDERR_FILENO ? fd : -1;
		if (walker->slots[slot] >= 0)
			sys_close_on_exec(fd, true);
	}
}

/* The child began exec_init and is not there any more to say that it ended. */
static void end_exec_init(struct walker *walker)
{
	if (walker->index == 0 || plan_step(walker->block, walker->index - 1)->kind != STEP_exec_init)
		return;
	walker->board->steps[walker->index - 1].ended = board_clock();
}

int main(int argc, char **argv)
{
	uint64_t numbers[INIT_ARGUMENTS] = { 0 };
	struct walker walker = { .null = -1, .empty = -1, .parent.fd = -1, .mounts_shared = true };

	/* CVE-2016-8659 and its kin: never as a set-uid program, and never as a command. */
	if (argc != INIT_ARGUMENTS || getauxval(AT_SECURE) || strcmp(argv[INIT_NAME], "kist-init") != 0)
		return refuse();
	for (int at = INIT_LINE; at < INIT_ARGUMENTS; at++) {
		if (number_parse(argv[at], INT_MAX, &numbers[at]) < 0)
			return refuse();
	}
	walker.line = (int)numbers[INIT_LINE];
	walker.block = block_map((int)numbers[INIT_BLOCK]);
	if (!walker.block || numbers[INIT_STEP] >= walker.block->step_count || sys_close_on_exec(walker.line, true) < 0)
		return refuse();
	walker.board = board_map((int)numbers[INIT_BOARD], walker.block);
	if (!walker.board)
		return refuse();
	close((int)numbers[INIT_BLOCK]);
	close((int)numbers[INIT_BOARD]);
	walker.index = (uint32_t)numbers[INIT_STEP];
	take_slots(&walker);
	end_exec_init(&walker);
	/* What init makes has the mode that the plan says; the caller's umask is for the program (set_umask). */
	sys_set_umask(0);
	walk(&walker);
	/* Not returned to libc, whose exit calls the kernel for ever where a filter answers it with an errno. */
	sys_exit(STATUS_FAILED);
}
