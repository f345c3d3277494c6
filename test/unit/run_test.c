/* run_test.c: the runtime's half without a container: the board as untrusted input, the line, and the one sentence. */
#include "run/board.h"
#include "run/fail.h"
#include "run/line.h"
#include "run/walk.h"

#include "plan/wire.h"
#include "sys/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEPS = 3, TEXTS = 256, SLOT_A = 1, SLOT_B = 2, SLOT_C = 3 };

/* A plan by hand: make_record on the host, open_root and exec in the container, one message with two descriptors and a
 * number between them. */
static struct plan {
	struct plan_block block;
	struct step steps[STEPS];
	struct plan_crossing crossing;
	plan_slot slots[3];
	char texts[TEXTS];
} plan;

static struct arena arena;
static struct run run;
static struct walk walk;
static struct run_request request;

static plan_text put_text(const char *text)
{
	static size_t used;
	if (used + strlen(text) + 1 > TEXTS)
		used = 0;
	strcpy(plan.texts + used, text);
	plan_text at = (plan_text)(offsetof(struct plan, texts) + used);
	used += strlen(text) + 1;
	return at;
}

static int setup(void **state)
{
	(void)state;
	if (arena_open(&arena) < 0)
		return -1;
	plan = (struct plan){
		.block = {
			.magic = PLAN_MAGIC,
			.size = sizeof(plan),
			.step_start = offsetof(struct plan, steps),
			.step_count = STEPS,
			.crossing_start = offsetof(struct plan, crossing),
			.crossing_count = 1,
			.slot_count = 3,
			.slot_types = { [SLOT_A] = SLOT_FD, [SLOT_B] = SLOT_NUMBER, [SLOT_C] = SLOT_FD },
		},
		.steps = {
			{ .kind = STEP_make_record, .actor = ACTOR_RUNTIME },
			{ .kind = STEP_open_root, .actor = ACTOR_INIT },
			{ .kind = STEP_exec, .actor = ACTOR_INIT },
		},
		.crossing = { .step = 1, .how = 'm', .slots = { offsetof(struct plan, slots), 3 } },
		.slots = { SLOT_A, SLOT_B, SLOT_C },
	};
	plan.steps[0].make_record.path = put_text("/run/kist/x");
	plan.steps[1].open_root.path = put_text("/rootfs");
	plan.steps[1].pointer = put_text("/root/path");
	plan.steps[2].exec.args = (struct plan_span){ put_text("/bin/true"), 1 };
	plan.steps[2].pointer = put_text("/process/args");
	run = RUN_NONE;
	run.block = &plan.block;
	walk_open(&walk, &arena, &plan.block, &request, &run);
	run.board = arena_alloc(&arena, board_size(STEPS));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

/* --- the board ---------------------------------------------------------------------------------------- */

static void board_file(void **state)
{
	(void)state;
	char folder[] = "/tmp/kist-run-XXXXXX";
	struct board *board = NULL;
	struct stat status;
	int fd = -1;
	assert_non_null(mkdtemp(folder));
	int dirfd = open(folder, O_PATH | O_DIRECTORY);
	assert_int_equal(board_make(dirfd, STEPS, &board, &fd), 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, board_size(STEPS));
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(board->magic, BOARD_MAGIC);
	assert_int_equal(board->step_count, STEPS);
	struct board *second = NULL;
	int none = -1;
	assert_int_equal(board_make(dirfd, STEPS, &second, &none), -EEXIST);
	munmap(board, board_size(STEPS));
	close(fd);
	assert_int_equal(unlinkat(dirfd, "board", 0), 0);
	close(dirfd);
	assert_int_equal(rmdir(folder), 0);
}

static void board_progress(void **state)
{
	(void)state;
	board_begin(run.board, ACTOR_INIT, 1);
	assert_int_equal(run.board->actors[ACTOR_INIT].state, BOARD_WALKING);
	assert_true(run.board->steps[1].begun > 0 && run.board->steps[1].ended == 0);
	board_end(run.board, ACTOR_INIT, 1);
	assert_true(run.board->steps[1].ended >= run.board->steps[1].begun);
	board_fail(run.board, ACTOR_RUNTIME, 2, EPERM, "why");
	assert_int_equal(run.board->actors[ACTOR_RUNTIME].state, BOARD_FAILED);
	assert_int_equal(run.board->actors[ACTOR_RUNTIME].step, 2);
	assert_string_equal(board_words(&arena, run.board, 2), "why");
	assert_null(board_words(&arena, run.board, 1));
	board_begin(NULL, ACTOR_INIT, 1);
	board_fail(NULL, ACTOR_INIT, 1, EPERM, "no board yet");
}

/* Details fill their room and no more, however much there is to say. */
static void board_overflow(void **state)
{
	(void)state;
	char *text = arena_alloc(&arena, 3 * BOARD_DETAILS);
	memset(text, 'x', 3 * BOARD_DETAILS - 1);
	board_fail(run.board, ACTOR_INIT, 1, EPERM, "first");
	board_fail(run.board, ACTOR_INIT, 2, EPERM, text);
	assert_string_equal(board_words(&arena, run.board, 1), "first");
	assert_int_equal(strlen(board_words(&arena, run.board, 2)), BOARD_DETAILS - sizeof("first") - 1);
	board_fail(run.board, ACTOR_INIT, 0, EPERM, "too late");
	assert_null(board_words(&arena, run.board, 0));
}

/* Init wrote the page, and init may have been taken over. */
static void board_hostile(void **state)
{
	(void)state;
	struct board *board = run.board;
	memset(board->details, 'a', BOARD_DETAILS); /* no NUL anywhere */
	board->steps[0].detail = 1;
	assert_int_equal(strlen(board_words(&arena, board, 0)), BOARD_DETAILS);
	board->steps[0].detail = BOARD_DETAILS;
	assert_int_equal(strlen(board_words(&arena, board, 0)), 1);
	board->steps[0].detail = BOARD_DETAILS + 1;
	assert_null(board_words(&arena, board, 0));
	board->steps[0].detail = UINT32_MAX;
	assert_null(board_words(&arena, board, 0));
	strcpy(board->details, "a\033[2Jb\nc\x7f");
	board->steps[0].detail = 1;
	assert_string_equal(board_words(&arena, board, 0), "a [2Jb c ");
}

/* --- the line ------------------------------------------------------------------------------------------ */

static void line_carries_slots(void **state)
{
	(void)state;
	int pair[2], pipes[2];
	int sent[PLAN_SLOTS + 1] = { 0 }, received[PLAN_SLOTS + 1] = { 0 };
	assert_int_equal(sys_socket_pair(pair), 0);
	assert_int_equal(pipe(pipes), 0);
	sent[SLOT_A] = pipes[0];
	sent[SLOT_B] = 4711;
	sent[SLOT_C] = pipes[1];
	assert_int_equal(line_send(pair[0], &plan.block, &plan.crossing, sent), 0);
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, received), 0);
	assert_int_equal(received[SLOT_B], 4711);
	assert_int_equal(fcntl(received[SLOT_A], F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(received[SLOT_C], "x", 1), 1); /* the ends are not mixed up */
	char byte = 0;
	assert_int_equal(read(received[SLOT_A], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	const int fds[] = { pair[0], pair[1], pipes[0], pipes[1], received[SLOT_A], received[SLOT_C] };
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		close(fds[i]);
}

static void line_refuses(void **state)
{
	(void)state;
	int pair[2], slots[PLAN_SLOTS + 1] = { 0 }, pidfd = -1;
	pid_t pid = 0;
	struct wire_packet packet = { .magic = WIRE_MAGIC, .step = 1 };
	int null = open("/dev/null", O_RDONLY);
	assert_int_equal(sys_socket_pair(pair), 0);

	assert_int_equal(sys_send(pair[0], &packet, sizeof(packet), NULL, 0), 0); /* no descriptors */
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, slots), -EPROTO);
	const int three[] = { null, null, null };
	assert_int_equal(sys_send(pair[0], &packet, sizeof(packet), three, 3), 0); /* one too many */
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, slots), -EPROTO);
	assert_int_equal(sys_send(pair[0], &packet, sizeof(packet) - 1, three, 2), 0); /* short */
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, slots), -EPROTO);
	packet.step = 2; /* another step's */
	assert_int_equal(sys_send(pair[0], &packet, sizeof(packet), three, 2), 0);
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, slots), -EPROTO);

	assert_int_equal(line_send_fork(pair[0], 5, 123, null), 0);
	assert_int_equal(line_receive_fork(pair[1], 5, &pid, &pidfd), 0);
	assert_int_equal(pid, 123);
	assert_int_equal(line_send_fork(pair[0], 5, -1, null), 0);
	assert_int_equal(line_receive_fork(pair[1], 5, &pid, &pidfd), -EPROTO);
	close(pair[0]);
	assert_int_equal(line_receive(pair[1], &plan.block, &plan.crossing, slots), -EPIPE);
	close(pair[1]);
	close(null);
}

/* --- the sentence ------------------------------------------------------------------------------------- */

static int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* A process that has ended in this way, and was not reaped. */
static pid_t ended(int number)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (number)
			kill(getpid(), number);
		_exit(3);
	}
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	run.pidfd = open_pidfd(pid);
	return pid;
}

static void reap(pid_t pid)
{
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(run.pidfd);
	run.pidfd = -1;
}

static void sentence_of_init(void **state)
{
	(void)state;
	struct err err = { 0 };
	board_fail(run.board, ACTOR_INIT, 1, ENOENT, "nothing is there");
	assert_int_equal(fail_judge_init(&walk, &err), -ENOENT);
	assert_string_equal(err.what, "cannot open the root /rootfs: nothing is there: no such file or directory");
	assert_string_equal(err.step, "open_root, in the container");
	assert_string_equal(err.pointer, "/root/path");
	assert_int_equal(err.step_index, 2);
	assert_int_equal(err.step_count, STEPS);
	assert_int_equal(err.status, 125);
	/* The errno's words once, not twice. */
	board_fail(run.board, ACTOR_INIT, 1, ENOENT, "no such file or directory in the image");
	fail_judge_init(&walk, &err);
	assert_string_equal(err.what, "cannot open the root /rootfs: no such file or directory in the image");
	board_fail(run.board, ACTOR_INIT, 1, EPERM, NULL);
	fail_judge_init(&walk, &err);
	assert_non_null(strstr(err.what, "/rootfs"));
}

static void exit_statuses(void **state)
{
	(void)state;
	static const struct {
		int number, status;
	} rows[] = { { ENOENT, 127 }, { EACCES, 126 }, { ENOEXEC, 126 }, { E2BIG, 126 } };
	struct err err = { 0 };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		board_fail(run.board, ACTOR_INIT, 2, rows[i].number, NULL);
		assert_int_equal(fail_judge_init(&walk, &err), -rows[i].number);
		assert_int_equal(err.status, rows[i].status);
		assert_string_equal(err.pointer, "/process/args");
	}
}

static void executed(void **state)
{
	(void)state;
	struct err err = { 0 };
	run.board->actors[ACTOR_INIT] = (struct board_actor){ .state = BOARD_DONE, .step = 2 };
	assert_int_equal(fail_judge_init(&walk, &err), 0);
	/* Done with another step than exec is a lie. */
	pid_t pid = ended(SIGKILL);
	run.board->actors[ACTOR_INIT].step = 1;
	assert_int_equal(fail_judge_init(&walk, &err), -EPIPE);
	reap(pid);
}

static void killed(void **state)
{
	(void)state;
	struct err err = { 0 };
	pid_t pid = ended(SIGKILL);
	board_begin(run.board, ACTOR_INIT, 1);
	assert_int_equal(fail_judge_init(&walk, &err), -EPIPE);
	assert_string_equal(err.what, "init was killed (SIGKILL) during step 2, open the root /rootfs");
	reap(pid);
	pid = ended(SIGUSR1);
	fail_judge_init(&walk, &err);
	assert_string_equal(err.what, "init was killed (SIGUSR1) during step 2, open the root /rootfs");
	reap(pid);
	pid = ended(0);
	fail_judge_init(&walk, &err);
	assert_string_equal(err.what, "init ended with status 3 during step 2, open the root /rootfs");
	/* An index from beyond the plan must not be followed. */
	run.board->actors[ACTOR_INIT].step = UINT32_MAX;
	fail_judge_init(&walk, &err);
	assert_int_equal(err.step_index, STEPS);
	reap(pid);
}

static void sentence_of_runtime(void **state)
{
	(void)state;
	struct err err = { 0 }, other = { .what = "a whole sentence: file exists", .hint = "an advice" };
	walk.own_failed = true;
	step_fail(&walk, -EBUSY, "it is in use by %d", 7);
	assert_int_equal(fail_own(&walk, -EBUSY, &err), -EBUSY);
	assert_string_equal(err.what, "cannot make the record /run/kist/x: it is in use by 7: device or resource busy");
	assert_string_equal(err.step, "make_record, on the host");
	assert_int_equal(err.step_index, 1);
	step_adopt(&walk, -EEXIST, &other);
	assert_int_equal(fail_own(&walk, -EEXIST, &err), -EEXIST);
	assert_string_equal(err.what, other.what);
	assert_string_equal(err.hint, other.hint);
	walk.own_failed = false;
	assert_int_equal(fail_own(&walk, -EPROTO, &err), -EPROTO);
	assert_non_null(strstr(err.what, "hand-over"));
	walk.signal = SIGTERM;
	assert_int_equal(fail_own(&walk, -ECANCELED, &err), -ECANCELED);
	assert_int_equal(err.status, 128 + SIGTERM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(board_file),         TEST(board_progress), TEST(board_overflow),      TEST(board_hostile),
		TEST(line_carries_slots), TEST(line_refuses),   TEST(sentence_of_init),    TEST(exit_statuses),
		TEST(executed),           TEST(killed),         TEST(sentence_of_runtime),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
