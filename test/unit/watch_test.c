/* watch_test.c: the foreground: byte-exact through a slow reader, no spinning, the caller's terminal put back, signals,
 * sizes, and the end of stdin. Each test runs watch_wait in a process of its own, as kist would. */
#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* A pty: its master end, its other end. */
struct pty {
	int master, peer;
};

static struct pty make_pty(void)
{
	struct pty pty = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
	assert_true(pty.master >= 0);
	assert_int_equal(grantpt(pty.master), 0);
	assert_int_equal(unlockpt(pty.master), 0);
	pty.peer = open(ptsname(pty.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(pty.peer >= 0);
	return pty;
}

/* The container: a shell script, with the pty as its terminal or with what kist has. */
static pid_t start_script(const char *script, const struct pty *pty)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_DFL); /* init resets them all */
	if (pty) {
		setsid();
		ioctl(pty->peer, TIOCSCTTY, 0);
		for (int fd = 0; fd <= 2; fd++)
			dup2(pty->peer, fd);
	}
	execl("/bin/sh", "sh", "-c", script, (char *)NULL);
	_exit(127);
}

static void clear_onlcr(int fd)
{
	struct termios modes;
	tcgetattr(fd, &modes);
	modes.c_oflag &= ~(tcflag_t)ONLCR;
	tcsetattr(fd, TCSANOW, &modes);
}

/* What kist does around watch_wait. Never returns. */
static _Noreturn void foreground(const char *script, bool terminal, struct watch watch)
{
	struct arena arena;
	struct err err = { 0 };
	struct pty pty = { -1, -1 };
	if (arena_open(&arena) < 0 || watch_prepare(&err, &arena) < 0)
		_exit(125);
	if (terminal) {
		pty = make_pty();
		clear_onlcr(pty.peer);
	}
	watch.pid = start_script(script, terminal ? &pty : NULL);
	watch.console = pty.master;
	watch.pidfd = (int)syscall(SYS_pidfd_open, watch.pid, 0);
	if (terminal)
		close(pty.peer);
	int status = watch_wait(&arena, &watch, &err);
	_exit(status < 0 ? 125 : status);
}

static pid_t start_watch(const char *script, bool terminal, int in, int out, struct watch watch)
{
	pid_t pid = fork();
	if (pid != 0)
		return pid;
	dup2(in, 0);
	dup2(out, 1);
	if (watch.parent >= 0 && watch.parent != 3) {
		dup2(watch.parent, 3);
		watch.parent = 3;
	}
	syscall(SYS_close_range, watch.parent >= 0 ? 4 : 3, ~0U, 0); /* the test's ends of the pipes too */
	if (in < 0)
		close(0);
	foreground(script, terminal, watch);
}

/* Starts a foreground with these as stdin and stdout (-1: closed). */
static pid_t start_foreground(const char *script, bool terminal, int in, int out)
{
	return start_watch(script, terminal, in, out, (struct watch){ .parent = -1 });
}

static int end_of(pid_t pid, struct rusage *usage)
{
	int status;
	assert_int_equal(wait4(pid, &status, 0, usage), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static void sleep_ms(int milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000L };
	nanosleep(&time, NULL);
}

/* Everything until end-of-file, at most `size` bytes. */
static size_t read_all(int fd, char *bytes, size_t size)
{
	size_t used = 0;
	for (ssize_t got; used < size && (got = read(fd, bytes + used, size - used)) > 0;)
		used += (size_t)got;
	return used;
}

/* The output of a script in a terminal, with this text on stdin. */
static int run(const char *script, const char *input, char *output, size_t size)
{
	int in[2], out[2];
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start_foreground(script, true, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
	close(in[1]);
	output[read_all(out[0], output, size - 1)] = '\0';
	close(out[0]);
	return end_of(pid, NULL);
}

/* --- how it ended ------------------------------------------------------------------------------------- */

static void statuses(void **state)
{
	(void)state;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(end_of(start_foreground("exit 7", false, null, null), NULL), 7);
	assert_int_equal(end_of(start_foreground("kill -TERM $$", false, null, null), NULL), 143);
	assert_int_equal(end_of(start_foreground("kill -KILL $$", true, null, null), NULL), 137);
	assert_int_equal(end_of(start_foreground("exit 3", true, -1, null), NULL), 3); /* stdin closed */
	close(null);
}

static void signal_reaches_it(void **state)
{
	(void)state;
	static const char script[] = "trap 'echo usr1; exit 5' USR1; echo ready; while :; do sleep 0.05; done";
	for (int terminal = 0; terminal < 2; terminal++) {
		int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
		char line[64] = { 0 };
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
		pid_t pid = start_foreground(script, terminal, null, out[1]);
		close(out[1]);
		assert_true(read(out[0], line, sizeof(line) - 1) > 0);
		assert_string_equal(line, "ready\n");
		kill(pid, SIGUSR1);
		memset(line, 0, sizeof(line));
		read_all(out[0], line, sizeof(line) - 1);
		assert_string_equal(line, "usr1\n");
		assert_int_equal(end_of(pid, NULL), 5);
		close(out[0]);
		close(null);
	}
}

/* As under nohup(1): the hang-up that kist ignores is not for the container either; everything else is. Of two signals
 * the shell answers the lower one first, so nothing is waited for. */
static void ignored_hangup_stays_out(void **state)
{
	(void)state;
	static const char script[] = "trap 'echo hup' HUP; trap 'echo usr1; exit 5' USR1; echo ready; "
				     "while :; do sleep 0.05; done";
	for (int ignored = 0; ignored < 2; ignored++) {
		int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
		char lines[64] = { 0 };
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
		signal(SIGHUP, ignored ? SIG_IGN : SIG_DFL);
		pid_t pid = start_foreground(script, false, null, out[1]);
		signal(SIGHUP, SIG_DFL);
		close(out[1]);
		assert_true(read(out[0], lines, sizeof(lines) - 1) > 0);
		kill(pid, SIGHUP);
		kill(pid, SIGUSR1);
		memset(lines, 0, sizeof(lines));
		read_all(out[0], lines, sizeof(lines) - 1);
		assert_string_equal(lines, ignored ? "usr1\n" : "hup\nusr1\n");
		assert_int_equal(end_of(pid, NULL), 5);
		close(out[0]);
		close(null);
	}
}

/* SIGTERM, SIGHUP and so on do not end kist: they are the container's to answer. */
static void signal_does_not_end_kist(void **state)
{
	(void)state;
	int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char line[16];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start_foreground("trap '' TERM INT PIPE; echo ready; sleep 0.3; exit 9", true, null, out[1]);
	close(out[1]);
	assert_true(read(out[0], line, sizeof(line)) > 0);
	kill(pid, SIGTERM);
	kill(pid, SIGINT);
	kill(pid, SIGPIPE);
	assert_int_equal(end_of(pid, NULL), 9);
	close(out[0]);
	close(null);
}

static double end_after(const char *script, struct watch watch, int status)
{
	struct timespec begun, ended;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	assert_int_equal(end_of(start_watch(script, false, null, null, watch), NULL), status);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	close(null);
	return (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
}

/* SIGTERM when the time is up, SIGKILL when that did not help, and 124 whichever it was. */
static void time_is_up(void **state)
{
	(void)state;
	struct watch watch = { .parent = -1, .timeout_ms = 200, .grace_ms = 5000 };
	double took = end_after("exec sleep 1000", watch, 124);
	assert_true(took > 0.19 && took < 3);
	took = end_after("trap 'exit 5' TERM; while :; do sleep 0.01; done", watch, 124);
	assert_true(took > 0.19 && took < 3);
	watch.grace_ms = 300;
	took = end_after("trap '' TERM; while :; do sleep 0.01; done", watch, 124);
	assert_true(took > 0.49 && took < 3);
	assert_true(end_after("exit 7", watch, 7) < 0.19);
}

static void parent_ends(void **state)
{
	(void)state;
	pid_t parent = fork();
	if (parent == 0) {
		sleep_ms(200);
		_exit(0);
	}
	struct watch watch = { .parent = (int)syscall(SYS_pidfd_open, parent, 0) };
	double took = end_after("trap '' TERM HUP; while :; do sleep 0.01; done", watch, 137);
	assert_true(took > 0.1 && took < 3);
	close(watch.parent);
	waitpid(parent, NULL, 0);
}

/* --- bytes ---------------------------------------------------------------------------------------------- */

enum { LINES = 1000000 };

/* A million lines, a reader that takes a pipe full and then sleeps: nothing is lost, and kist sleeps too. */
static void slow_reader(void **state)
{
	(void)state;
	int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct rusage usage;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start_foreground("seq 1000000; exit 4", true, null, out[1]);
	close(out[1]);
	FILE *stream = fdopen(out[0], "r");
	char line[32], expected[32];
	int number = 0;
	while (fgets(line, sizeof(line), stream)) {
		snprintf(expected, sizeof(expected), "%d\n", ++number);
		if (strcmp(line, expected) != 0)
			fail_msg("line %d is \"%s\"", number, line);
		if (number % 10000 == 0)
			sleep_ms(10);
	}
	assert_int_equal(number, LINES);
	fclose(stream);
	close(null);
	assert_int_equal(end_of(pid, &usage), 4);
}

/* Nobody reads for a second, and the container wants to write: no round of the loop may be taken meanwhile. */
static void blocked_reader_costs_nothing(void **state)
{
	(void)state;
	int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct rusage usage;
	static char bytes[1 << 20];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start_foreground("seq 100000", true, null, out[1]);
	close(out[1]);
	sleep_ms(1000);
	size_t length = read_all(out[0], bytes, sizeof(bytes));
	assert_int_equal(length, 588895);
	close(out[0]);
	close(null);
	assert_int_equal(end_of(pid, &usage), 0);
	assert_true(cpu_seconds(&usage) < 0.3); /* a spinning loop takes the whole second */
}

/* The container closed its terminal and lives on: its end is waited for without a loop round a hung-up descriptor. */
static void closed_terminal_costs_nothing(void **state)
{
	(void)state;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct rusage usage;
	pid_t pid = start_foreground("exec </dev/null >/dev/null 2>&1; sleep 1; exit 6", true, null, null);
	assert_int_equal(end_of(pid, &usage), 6);
	assert_true(cpu_seconds(&usage) < 0.3);
	close(null);
}

static void nobody_reads_any_more(void **state)
{
	(void)state;
	int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char bytes[16];
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid_t pid = start_foreground("while :; do echo y; done", true, null, out[1]);
	close(out[1]);
	assert_true(read(out[0], bytes, sizeof(bytes)) > 0);
	close(out[0]);
	assert_int_equal(end_of(pid, NULL), 128 + SIGHUP); /* as in a window that was closed */
	close(null);
}

static void last_words(void **state)
{
	(void)state;
	char output[64];
	for (int round = 0; round < 50; round++) {
		assert_int_equal(run("printf first; printf last; exit 2", "", output, sizeof(output)), 2);
		assert_string_equal(output, "firstlast");
	}
}

/* --- stdin ---------------------------------------------------------------------------------------------- */

static void end_of_stdin(void **state)
{
	(void)state;
	char output[128];
	assert_int_equal(run("stty -echo; cat; echo end", "one\ntwo\n", output, sizeof(output)), 0);
	assert_non_null(strstr(output, "one\ntwo\nend\n"));
	assert_int_equal(run("stty -echo; cat; echo; echo end", "no line end", output, sizeof(output)), 0);
	assert_non_null(strstr(output, "no line end\nend\n"));
	assert_int_equal(run("cat; echo end", "", output, sizeof(output)), 0);
	assert_string_equal(output, "end\n");
}

/* --- the caller's terminal ------------------------------------------------------------------------------ */

static void check_same(int fd, const struct termios *before)
{
	struct termios now;
	assert_int_equal(tcgetattr(fd, &now), 0);
	assert_int_equal(now.c_lflag, before->c_lflag);
	assert_int_equal(now.c_iflag, before->c_iflag);
	assert_int_equal(now.c_oflag, before->c_oflag);
	assert_int_equal(now.c_cflag, before->c_cflag);
	assert_memory_equal(now.c_cc, before->c_cc, sizeof(now.c_cc));
}

static void wait_for(int fd, const char *text)
{
	char seen[4096] = { 0 };
	size_t used = 0;
	while (!strstr(seen, text)) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (poll(&ready, 1, 5000) <= 0)
			fail_msg("\"%s\" did not come; there is \"%s\"", text, seen);
		ssize_t got = read(fd, seen + used, sizeof(seen) - 1 - used);
		assert_true(got > 0);
		used += (size_t)got;
	}
}

/* Raw while it runs (^C and ^Z are bytes for the container), as before afterwards, whichever way it ends. */
static void raw_and_back(void **state)
{
	(void)state;
	static const char *const ends[] = { "exit 0", "kill -KILL $$", "kill -TERM $$" };
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct pty caller = make_pty();
		struct termios before, during;
		char script[256];
		assert_int_equal(tcgetattr(caller.peer, &before), 0);
		snprintf(script, sizeof(script),
		         "stty raw -echo; echo ready; dd bs=1 count=3 2>/dev/null | od -An -c; %s", ends[i]);
		pid_t pid = start_foreground(script, true, caller.peer, caller.peer);
		wait_for(caller.master, "ready");
		assert_int_equal(tcgetattr(caller.peer, &during), 0);
		assert_int_equal(during.c_lflag & (ICANON | ISIG | ECHO), 0);
		assert_int_equal(during.c_oflag, before.c_oflag);
		assert_int_equal(write(caller.master, "\003\032x", 3), 3);
		wait_for(caller.master, "003 032   x");
		end_of(pid, NULL);
		check_same(caller.peer, &before);
		close(caller.master);
		close(caller.peer);
	}
}

static void window_size(void **state)
{
	(void)state;
	struct pty caller = make_pty();
	struct winsize size = { .ws_row = 33, .ws_col = 77 };
	assert_int_equal(ioctl(caller.master, TIOCSWINSZ, &size), 0);
	pid_t pid = start_foreground("sleep 0.2; stty size; trap 'stty size; exit 0' WINCH; echo ready; "
	                             "while :; do sleep 0.05; done",
	                             true, caller.peer, caller.peer);
	wait_for(caller.master, "33 77\r\nready");
	size.ws_row = 44;
	assert_int_equal(ioctl(caller.master, TIOCSWINSZ, &size), 0);
	kill(pid,
	     SIGWINCH); /* the kernel sends it to the terminal's foreground group, which the test's process is not in */
	wait_for(caller.master, "44 77");
	assert_int_equal(end_of(pid, NULL), 0);
	close(caller.master);
	close(caller.peer);
}

/* Stopped from outside, kist gives the terminal back, and takes it again when it goes on. */
static void stop_and_go_on(void **state)
{
	(void)state;
	struct pty caller = make_pty();
	struct termios before, during;
	int status;
	assert_int_equal(tcgetattr(caller.peer, &before), 0);
	pid_t pid = start_foreground("echo ready; read line; exit 8", true, caller.peer, caller.peer);
	wait_for(caller.master, "ready");
	kill(pid, SIGTSTP);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	check_same(caller.peer, &before);
	kill(pid, SIGCONT);
	for (int tries = 0; tries < 100; tries++) {
		sleep_ms(20);
		tcgetattr(caller.peer, &during);
		if (!(during.c_lflag & ICANON))
			break;
	}
	assert_int_equal(during.c_lflag & (ICANON | ISIG | ECHO), 0);
	assert_int_equal(write(caller.master, "go\r", 3), 3);
	assert_int_equal(end_of(pid, NULL), 8);
	check_same(caller.peer, &before);
	close(caller.master);
	close(caller.peer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses),
		cmocka_unit_test(signal_reaches_it),
		cmocka_unit_test(ignored_hangup_stays_out),
		cmocka_unit_test(signal_does_not_end_kist),
		cmocka_unit_test(time_is_up),
		cmocka_unit_test(parent_ends),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(blocked_reader_costs_nothing),
		cmocka_unit_test(closed_terminal_costs_nothing),
		cmocka_unit_test(nobody_reads_any_more),
		cmocka_unit_test(last_words),
		cmocka_unit_test(end_of_stdin),
		cmocka_unit_test(raw_and_back),
		cmocka_unit_test(window_size),
		cmocka_unit_test(stop_and_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
