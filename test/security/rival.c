/* rival.c: the other side of the security tests: what an attacker, or an innocent terminal, does meanwhile.
 *
 *   rival exchange A B     swaps two names for ever (RENAME_EXCHANGE), as the races of CVE-2021-30465 need
 *   rival pty COMMAND...   runs COMMAND on a new terminal, its controlling one, with echo off; passes on what comes
 *                          out, and at the end says "stuffed N": the bytes waiting there to be read as if typed
 *   rival seals PID        the seals of /proc/PID/exe as a number (fcntl F_GET_SEALS), or "none"
 *   rival remove PATH...   removes these directories for ever, whenever they are there and empty; says how many it was
 *                          when it gets a SIGTERM
 *   rival inherit N CMD... runs CMD with N more descriptors of the working directory open, not close-on-exec
 * Built by the tests themselves, never installed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE 2
#endif
#ifndef F_GET_SEALS
#define F_GET_SEALS 1034
#endif

enum { LONGEST_TEST = 300 }; /* seconds */

/* A test that fails ends where it stands: what it started for ever must end with it, or it would disturb all others. */
static void end_with_test(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == 1)
		_exit(1);
	alarm(LONGEST_TEST);
}

static int exchange(char **names)
{
	end_with_test();
	for (;;)
		if (syscall(SYS_renameat2, AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) < 0)
			return perror("rival: renameat2"), 1;
}

static int pty_open(int *peer)
{
	int number, unlocked = 0;
	char path[32];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCGPTN, &number) < 0)
		return -1;
	snprintf(path, sizeof(path), "/dev/pts/%d", number);
	*peer = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios modes;
	if (*peer < 0 || tcgetattr(*peer, &modes) < 0)
		return -1;
	cfmakeraw(&modes);
	return tcsetattr(*peer, TCSANOW, &modes) < 0 ? -1 : master;
}

static void pass_on(int master)
{
	char bytes[4096];
	ssize_t got = read(master, bytes, sizeof(bytes));
	if (got > 0 && write(STDOUT_FILENO, bytes, (size_t)got) < 0)
		perror("rival: write");
}

static int pty(char **command)
{
	int peer = -1, status = 0, stuffed = 0;
	int master = pty_open(&peer);
	if (master < 0)
		return perror("rival: pty"), 1;
	pid_t child = fork();
	if (child == 0) {
		setsid();
		ioctl(peer, TIOCSCTTY, 0);
		for (int fd = 0; fd < 3; fd++)
			dup2(peer, fd);
		execvp(command[0], command);
		_exit(127);
	}
	struct pollfd wait = { .fd = master, .events = POLLIN };
	while (waitpid(child, &status, WNOHANG) == 0)
		if (poll(&wait, 1, 20) > 0)
			pass_on(master);
	while (poll(&wait, 1, 0) > 0 && wait.revents & POLLIN)
		pass_on(master);
	ioctl(peer, FIONREAD, &stuffed);
	printf("\nstuffed %d\nstatus %d\n", stuffed, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

static int seals(const char *pid)
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return perror("rival: open"), 1;
	int set = fcntl(fd, F_GET_SEALS);
	return set < 0 ? puts("none") : printf("%d\n", set), 0;
}

static volatile sig_atomic_t told_to_end;

static void note_end(int number)
{
	(void)number;
	told_to_end = 1;
}

/* With a moment of sleep: on two processors it must not take the time of those it races with. */
static int remove_for_ever(char **paths)
{
	unsigned long removed = 0;
	end_with_test();
	signal(SIGTERM, note_end);
	while (!told_to_end) {
		for (char **path = paths; *path; path++)
			removed += rmdir(*path) == 0;
		usleep(20);
	}
	printf("removed %lu\n", removed);
	return 0;
}

static int inherit(int count, char **command)
{
	while (count-- > 0)
		if (open(".", O_RDONLY | O_DIRECTORY) < 0)
			return perror("rival: open"), 1;
	execvp(command[0], command);
	return perror("rival: exec"), 127;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 4 && strcmp(argv[1], "exchange") == 0)
		return exchange(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "pty") == 0)
		return pty(argv + 2);
	if (argc >= 3 && strcmp(argv[1], "remove") == 0)
		return remove_for_ever(argv + 2);
	if (argc == 3 && strcmp(argv[1], "seals") == 0)
		return seals(argv[2]);
	if (argc >= 4 && strcmp(argv[1], "inherit") == 0)
		return inherit(atoi(argv[2]), argv + 3);
	fprintf(stderr, "rival: wrong arguments\n");
	return 2;
}
