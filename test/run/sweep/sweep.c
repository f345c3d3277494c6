/* sweep.c: puts every kind of trouble into every step of one plan, and looks each time for what is left behind.
 *
 *   sweep [OPTION...] NAME KIST WORK -- VERB ARG...
 *
 * NAME stands in messages, KIST is a test build, WORK an empty directory for state roots, and VERB ARG... what kist is
 * to do; "@ID@" in it becomes the id. The program must end with 42. Must run as root.
 *   --user NAME     kist runs as this user
 *   --pty           with a terminal of its own as stdin, stdout and stderr
 *   --tree DIR      where no file may appear or vanish (the bundle's root file system)
 *   --cgroup PATH   where the bundle wants its cgroup to be (default: /kist/@ID@); there is one, so one run at a time
 *   --brief         only failures and deaths: nothing stands still, and no id is used again
 *   --random N      instead: N runs with SIGKILL for kist, N with SIGKILL for its child, N with SIGTERM for kist,
 *                   each at a random moment
 * Ends with 0 when nothing was wrong; the last line counts.
 *
 * What is looked for. Processes: a worker is their subreaper, so whatever lost its parent is its child; and a pipe that
 * kist inherits must have no holder any more. Mounts: the text of mountinfo, in a mount namespace of the driver's own
 * whose mounts are all shared, so that what leaks arrives. Cgroups, the state root and the tree: by looking. */
#include "trouble.h"

#include <errno.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS = 2 };

/* --- the plan ------------------------------------------------------------------------------------------ */

/* Takes the value of "KEY": "..." in the line; "" when there is none. */
static void take_word(const char *line, const char *key, char word[WORD])
{
	char pattern[WORD];
	snprintf(pattern, sizeof(pattern), "\"%s\": \"", key);
	const char *at = strstr(line, pattern);
	size_t length = at ? strcspn(at += strlen(pattern), "\"") : 0;
	snprintf(word, WORD, "%.*s", (int)length, at ? at : "");
}

/* What kist plan --json says, a step a line. */
static void parse_plan(char *text, struct plan *plan)
{
	char actor[WORD], *others;
	for (char *line = strtok_r(text, "\n", &others); line; line = strtok_r(NULL, "\n", &others)) {
		if (!strstr(line, "{\"n\": ") || plan->count == STEPS_MOST)
			continue;
		struct planned *step = &plan->steps[plan->count++];
		take_word(line, "kind", step->kind);
		take_word(line, "asked_by", step->pointer);
		take_word(line, "actor", actor);
		step->init = strcmp(actor, "container") == 0;
		if (strcmp(step->kind, "clone") == 0)
			plan->clone = plan->count;
	}
}

static void read_plan(const struct worker *worker, struct plan *plan)
{
	struct trial trial = { .worker = worker, .trouble = &trouble_none, .id = "sweep-plan" };
	char *words[ARGS_MOST + 3] = { "plan", "--json" };
	for (size_t i = 0; i < ARGS_MOST && worker->setting->verb[i]; i++)
		words[2 + i] = worker->setting->verb[i];
	kist_start(&trial, NULL, NULL, words);
	if (kist_wait(&trial, 0) && trial.status == 0)
		parse_plan(trial.text, plan);
	close(trial.holders);
	if (plan->clone == 0) {
		printf("%s: kist plan ends with %d\n%s\n", worker->setting->name, trial.status, trial.text);
		exit(1);
	}
}

/* --- the work ------------------------------------------------------------------------------------------ */

/* Without trouble it must work. The first of two runs makes the mount points that each run leaves in a fresh root file
 * system, so it is not looked at. */
static void warm_up(struct worker *worker)
{
	pid_t pid = fork();
	int status;
	if (pid == 0) {
		worker_open(worker);
		trial_run(worker, 0, &trouble_unlooked);
		worker_open(worker);
		exit(trial_run(worker, 0, &trouble_none) ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
		printf("%s: not even the undisturbed run works\n", worker->setting->name);
		exit(1);
	}
}

/* A worker's share of the trials. */
static _Noreturn void work(struct worker *worker)
{
	const struct setting *setting = worker->setting;
	const bool random = setting->rounds > 0;
	const struct trouble *troubles = random ? random_troubles : step_troubles;
	const unsigned count = random           ? random_trouble_count
	                       : setting->brief ? brief_trouble_count
	                                        : step_trouble_count;
	const unsigned trials = count * (random ? setting->rounds : worker->plan->count);
	worker_open(worker);
	srand(worker->number + 1);
	for (unsigned trial = worker->number; trial < trials; trial += setting->jobs)
		trial_run(worker, random ? 0 : 1 + trial / count, &troubles[trial % count]);
	exit(0);
}

/* 0 when there was no fault. */
static int sweep(const struct setting *setting)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct plan plan = { 0 };
	struct worker worker = { .setting = setting, .plan = &plan, .tally = tally };
	const long start = now_us();
	if (tally == MAP_FAILED)
		die("no memory");
	worker_open(&worker);
	read_plan(&worker, &plan);
	warm_up(&worker);
	for (worker.number = 0; worker.number < setting->jobs; worker.number++)
		if (fork() == 0)
			work(&worker);
	for (int status; wait(&status) > 0;)
		tally->faults += status != 0;
	printf("%s: %u steps, %u runs, %u faults, %.1f s; the slowest orphan lived %.1f ms\n", setting->name,
	       plan.count, tally->runs, tally->faults, (double)(now_us() - start) / 1e6,
	       (double)tally->slowest_us / 1e3);
	return tally->faults ? 1 : 0;
}

/* --- the command line ---------------------------------------------------------------------------------- */

static void find_hierarchies(struct setting *setting)
{
	char text[TEXT], path[PATH], type[WORD], *others;
	mounts_read(text);
	for (char *line = strtok_r(text, "\n", &others); line; line = strtok_r(NULL, "\n", &others)) {
		const char *dash = strstr(line, " - ");
		if (!dash || sscanf(line, "%*s %*s %*s %*s %511s", path) != 1 || sscanf(dash + 3, "%127s", type) != 1)
			continue;
		if (strncmp(type, "cgroup", 6) == 0 && setting->hierarchy_count < HIERARCHIES_MOST)
			setting->hierarchies[setting->hierarchy_count++] = strdup(path);
	}
}

static void find_user(struct setting *setting)
{
	const struct passwd *user = setting->user ? getpwnam(setting->user) : NULL;
	if (setting->user && !user)
		die(setting->user);
	setting->uid = user ? user->pw_uid : 0;
	setting->gid = user ? user->pw_gid : 0;
}

/* One option at argv[0]. The number of words it took; 0: it is none. */
static int take_option(struct setting *setting, char **argv)
{
	const struct {
		const char *name, **value;
	} rows[] = {
		{ "--user", &setting->user },
		{ "--tree", &setting->tree },
		{ "--cgroup", &setting->cgroup },
		{ "--random", &setting->random },
	};
	for (size_t i = 0; argv[1] && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(argv[0], rows[i].name) != 0)
			continue;
		*rows[i].value = argv[1];
		return 2;
	}
	setting->pty |= strcmp(argv[0], "--pty") == 0;
	setting->brief |= strcmp(argv[0], "--brief") == 0;
	return strcmp(argv[0], "--pty") == 0 || strcmp(argv[0], "--brief") == 0;
}

static void take_words(struct setting *setting, char **argv)
{
	setting->name = argv[0];
	setting->kist = argv[1];
	setting->work = argv[2];
	setting->verb = argv + 4;
	setting->jobs = setting->cgroup ? 1 : JOBS;
	setting->rounds = setting->random ? (unsigned)strtoul(setting->random, NULL, 10) : 0;
	find_user(setting);
}

int main(int argc, char **argv)
{
	struct setting setting = { 0 };
	int at = 1;
	for (int used; at < argc && (used = take_option(&setting, argv + at)) > 0;)
		at += used;
	if (argc - at < 5 || strcmp(argv[at + 3], "--") != 0) {
		fprintf(stderr, "usage: sweep [OPTION...] NAME KIST WORK -- VERB ARG...\n");
		return 2;
	}
	take_words(&setting, argv + at);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		die("cannot make a mount namespace");
	find_hierarchies(&setting);
	if (chmod(setting.work, 0711) < 0)
		die(setting.work);
	return sweep(&setting);
}
