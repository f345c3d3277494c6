/* rounds.c: runs several commands in turn, many times, and says how long each took.
 *
 *   rounds [-n ROUNDS] [-p PAUSE_MS] [-m] NAME COMMAND [ARG...] [::: NAME COMMAND [ARG...]]...
 *
 * One round is one run of each, so that a change of the machine's mood meets all of them alike. An `@` in an argument
 * becomes a number of its own for each run. Times are wall clock from before the spawn to after the wait; CPU is what
 * wait4(2) accounts to the command and what it waited for. The last column is the median against the first command's.
 *   -p  sleep before each run: what a user sees, since the kernel's lazy work is not amortised over the next run
 *   -m  instead of times: the largest VmHWM (proc(5)) seen of each command's own process, and what wait4 says of it and
 *       all it waited for, the program in the container included, in KiB */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CONTENDERS = 8, ARGUMENTS = 64, WARM_ROUNDS = 3 };

struct contender {
	const char *name;
	char **command;
	int length;
	double *wall, *cpu; /* milliseconds, one a round */
	bool left_out;
	long peak, total; /* KiB: of the process itself; of the largest process it waited for, or itself */
};

struct session {
	struct contender contenders[CONTENDERS];
	int count, rounds;
	long pause; /* milliseconds */
	bool memory;
	unsigned serial;
};

extern char **environ;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "rounds: %s: %s\n", what, strerror(errno));
	exit(125);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void pause_for(long milliseconds)
{
	struct timespec time = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

/* The argument with each `@` replaced. The caller frees it. */
static char *argument_expand(const char *argument, unsigned serial)
{
	char *text = malloc(strlen(argument) * 11 + 1);
	if (!text)
		fail("malloc");
	char *end = text;
	for (; *argument; argument++)
		if (*argument == '@')
			end += snprintf(end, 11, "%u", serial);
		else
			*end++ = *argument;
	*end = '\0';
	return text;
}

static pid_t command_spawn(const struct contender *contender, unsigned serial)
{
	char *arguments[ARGUMENTS] = { NULL };
	for (int i = 0; i < contender->length; i++)
		arguments[i] = argument_expand(contender->command[i], serial);
	posix_spawn_file_actions_t files;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	pid_t pid;
	int error = posix_spawnp(&pid, arguments[0], &files, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&files);
	for (int i = 0; i < contender->length; i++)
		free(arguments[i]);
	if (error) {
		errno = error;
		fail(contender->command[0]);
	}
	return pid;
}

/* A run that fails is never measured. One that fails before the first round is left out with a word, unless it is the
 * first, which all others are compared with. */
static bool status_good(const struct session *session, struct contender *contender, int status, bool warming)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "rounds: %s ended with status %#x\n", contender->name, (unsigned)status);
	if (!warming || contender == session->contenders)
		exit(1);
	contender->left_out = true;
	return false;
}

static void time_run(struct session *session, struct contender *contender, int round)
{
	if (contender->left_out)
		return;
	if (session->pause)
		pause_for(session->pause);
	struct rusage usage;
	int status;
	double begun = now();
	pid_t pid = command_spawn(contender, ++session->serial);
	if (wait4(pid, &status, 0, &usage) < 0)
		fail("wait4");
	double ended = now();
	if (!status_good(session, contender, status, round < 0) || round < 0)
		return;
	contender->wall[round] = ended - begun;
	contender->cpu[round] = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	                        (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

/* KiB, or 0 when the process is gone or has no memory any more. */
static long peak_read(pid_t pid)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *file = fopen(path, "re");
	long peak = 0;
	while (file && !peak && fgets(line, sizeof(line), file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak = strtol(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return peak;
}

static void memory_run(struct session *session, struct contender *contender)
{
	if (contender->left_out)
		return;
	pid_t pid = command_spawn(contender, ++session->serial);
	struct rusage usage;
	int status;
	for (;;) {
		pid_t ended = wait4(pid, &status, WNOHANG, &usage);
		if (ended < 0)
			fail("wait4");
		if (ended)
			break;
		long peak = peak_read(pid);
		if (peak > contender->peak)
			contender->peak = peak;
		pause_for(1);
	}
	if (!status_good(session, contender, status, true))
		return;
	if (usage.ru_maxrss > contender->total)
		contender->total = usage.ru_maxrss;
}

static int number_compare(const void *left, const void *right)
{
	double difference = *(const double *)left - *(const double *)right;
	return (difference > 0) - (difference < 0);
}

/* `share` of 1 from the bottom: 0.5 is the median. Sorts. */
static double quantile(double *numbers, int count, double share)
{
	qsort(numbers, (size_t)count, sizeof(*numbers), number_compare);
	return numbers[(int)((count - 1) * share + 0.5)];
}

static void session_time(struct session *session)
{
	for (int round = -WARM_ROUNDS; round < session->rounds; round++)
		for (int i = 0; i < session->count; i++)
			time_run(session, &session->contenders[i], round);
	printf("  %-10s %8s %8s %8s %8s %8s\n", "", "median", "p10", "p90", "cpu", "ratio");
	double first = 0;
	for (int i = 0; i < session->count; i++) {
		struct contender *contender = &session->contenders[i];
		if (contender->left_out) {
			printf("  %-10s fails here\n", contender->name);
			continue;
		}
		double median = quantile(contender->wall, session->rounds, 0.5);
		first = i ? first : median;
		printf("  %-10s %8.2f %8.2f %8.2f %8.2f %8.2f\n", contender->name, median,
		       quantile(contender->wall, session->rounds, 0.1), quantile(contender->wall, session->rounds, 0.9),
		       quantile(contender->cpu, session->rounds, 0.5), first / median);
	}
}

static void session_memory(struct session *session)
{
	for (int i = 0; i < session->count; i++) {
		for (int round = 0; round < session->rounds; round++)
			memory_run(session, &session->contenders[i]);
		printf("  %-10s %8ld KiB, largest child %ld KiB\n", session->contenders[i].name,
		       session->contenders[i].peak, session->contenders[i].total);
	}
}

/* NAME COMMAND [ARG...], up to the next `:::`. Returns where the next one begins. */
static char **contender_add(struct session *session, char **words)
{
	struct contender *contender = &session->contenders[session->count++];
	*contender = (struct contender){ .name = words[0], .command = words + 1 };
	while (contender->command[contender->length] && strcmp(contender->command[contender->length], ":::") != 0)
		contender->length++;
	contender->wall = calloc((size_t)session->rounds, sizeof(double));
	contender->cpu = calloc((size_t)session->rounds, sizeof(double));
	if (!contender->wall || !contender->cpu)
		fail("calloc");
	char **next = contender->command + contender->length;
	return *next ? next + 1 : next;
}

int main(int argc, char **argv)
{
	struct session session = { .rounds = 100 };
	for (int option; (option = getopt(argc, argv, "+n:p:m")) != -1;) {
		if (option == 'n')
			session.rounds = (int)strtol(optarg, NULL, 10);
		else if (option == 'p')
			session.pause = strtol(optarg, NULL, 10);
		else if (option == 'm')
			session.memory = true;
		else
			return 2;
	}
	for (char **word = argv + optind; word[0] && word[1] && session.count < CONTENDERS;)
		word = contender_add(&session, word);
	if (!session.count || session.rounds < 1) {
		fprintf(stderr, "usage: rounds [-n ROUNDS] [-p PAUSE_MS] [-m] NAME COMMAND... [::: NAME COMMAND...]\n");
		return 2;
	}
	(session.memory ? session_memory : session_time)(&session);
	return 0;
}
