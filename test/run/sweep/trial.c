/* trial.c: starts kist, waits for it, and looks for leftovers. */
#include "trial.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- telling ---------------------------------------------------------------------------------------- */

_Noreturn void die(const char *what)
{
	fprintf(stderr, "sweep: %s: %s\n", what, strerror(errno));
	exit(2);
}

void complain(struct trial *trial, const char *format, ...)
{
	const struct worker *worker = trial->worker;
	char line[TEXT];
	va_list list;
	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	trial->complained = true;
	__atomic_fetch_add(&worker->tally->faults, 1, __ATOMIC_RELAXED);
	printf("%s, step %u (%s), %s: %s\n", worker->setting->name, trial->step,
	       trial->step ? worker->plan->steps[trial->step - 1].kind : "-", trial->trouble->name, line);
	if (trial->text[0])
		printf("\t%s\n", trial->text);
	fflush(stdout);
}

long now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

enum { REST_US = 200 };
void rest(void)
{
	usleep(REST_US);
}

/* On an idle machine a look takes a little more than its rest, so there the time decides. */
enum { LOOKS_A_MS = 2 };
static_assert(LOOKS_A_MS * REST_US < 1000, "the time decides on an idle machine");

struct patience patience_with(int milliseconds)
{
	return (struct patience){ .start = now_us(), .milliseconds = milliseconds };
}

bool patience_over(struct patience *patience)
{
	rest();
	return ++patience->looks > (unsigned)patience->milliseconds * LOOKS_A_MS &&
	       now_us() - patience->start > patience->milliseconds * 1000L;
}

/* --- running kist ----------------------------------------------------------------------------------- */

const struct planned *planned_step(const struct trial *trial)
{
	return &trial->worker->plan->steps[trial->step - 1];
}

bool is_box(const struct setting *setting)
{
	return strcmp(setting->verb[0], "box") == 0 || strcmp(setting->verb[0], "enter") == 0;
}

/* In the child: becomes the user, takes the output and the pipe, and executes kist. */
static _Noreturn void become_kist(const struct trial *trial, char **args, int holder)
{
	const struct setting *setting = trial->worker->setting;
	setsid();
	int in = trial->pty ? open(ptsname(trial->output), O_RDWR) : open("/dev/null", O_RDONLY);
	int out = trial->pty ? in : trial->output;
	if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || dup2(holder, 9) < 0)
		_exit(99);
	syscall(SYS_close_range, 3, 8, 0);
	syscall(SYS_close_range, 10, ~0U, 0);
	if (setting->user &&
	    (initgroups(setting->user, setting->gid) < 0 || setgid(setting->gid) < 0 || setuid(setting->uid) < 0))
		_exit(99);
	char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	if (chdir("/") == 0)
		execve(args[0], args, environment);
	_exit(99);
}

static int make_output(bool pty)
{
	if (!pty)
		return memfd_create("output", MFD_CLOEXEC);
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ? -1 : master;
}

void kist_start(struct trial *trial, const char *flag, const char *value, char **words)
{
	const struct setting *setting = trial->worker->setting;
	char *args[ARGS_MOST + 8] = { (char *)setting->kist, "--root", (char *)trial->worker->state };
	int pair[2];
	size_t count = 3;
	if (flag) {
		args[count++] = (char *)flag;
		args[count++] = (char *)value;
	}
	for (size_t i = 0; words[i] && i < ARGS_MOST; i++)
		args[count++] = strcmp(words[i], "@ID@") == 0 ? trial->id : words[i];
	trial->pty = setting->pty && strcmp(words[0], "gc") != 0;
	trial->output = make_output(trial->pty);
	if (trial->output < 0 || pipe2(pair, O_CLOEXEC) < 0)
		die("cannot make the output");
	trial->status = STATUS_NONE;
	trial->text[0] = '\0';
	trial->used = 0;
	trial->pid = fork();
	if (trial->pid < 0)
		die("cannot fork");
	if (trial->pid == 0)
		become_kist(trial, args, pair[1]);
	close(pair[1]);
	trial->holders = pair[0];
	if (is_box(setting) && words == setting->verb)
		snprintf(trial->id, sizeof(trial->id), "%s-%d", setting->verb[0], (int)trial->pid);
	__atomic_fetch_add(&trial->worker->tally->runs, 1, __ATOMIC_RELAXED);
}

/* A terminal holds 4 KiB, so it is read on the way; the text of a file is read at the end. */
static void read_output(struct trial *trial)
{
	ssize_t got;
	while ((got = read(trial->output, trial->text + trial->used, sizeof(trial->text) - 1 - trial->used)) > 0)
		trial->used += (size_t)got;
	trial->text[trial->used] = '\0';
}

static void close_output(struct trial *trial)
{
	if (!trial->pty)
		lseek(trial->output, 0, SEEK_SET);
	read_output(trial);
	close(trial->output);
}

bool kist_wait(struct trial *trial, int options)
{
	struct patience patience = patience_with(HANG_MS);
	int status;
	while (waitpid(trial->pid, &status, WNOHANG | options) != trial->pid) {
		if (patience_over(&patience)) {
			children_tell();
			kill(trial->pid, SIGKILL);
			waitpid(trial->pid, &status, 0);
			close_output(trial);
			complain(trial, "it hangs");
			return false;
		}
		if (trial->pty)
			read_output(trial);
	}
	if (WIFSTOPPED(status))
		return true;
	trial->status = WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	close_output(trial);
	return true;
}

/* --- what is left ----------------------------------------------------------------------------------- */

/* Takes the dead; true when no child is alive. */
static bool all_reaped(bool *ran)
{
	pid_t pid;
	int status;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		*ran |= WIFEXITED(status) && WEXITSTATUS(status) == STATUS_PROGRAM;
	return pid < 0;
}

struct orphans orphans_await(int milliseconds)
{
	struct orphans orphans = { 0 };
	struct patience patience = patience_with(milliseconds);
	const long start = patience.start;
	bool dying = false;
	while (!all_reaped(&orphans.ran)) {
		if (!patience_over(&patience))
			continue;
		if (dying || !children_dying()) {
			orphans.us = -1;
			return orphans;
		}
		dying = true;
		patience = patience_with(HANG_MS);
	}
	orphans.us = now_us() - start;
	return orphans;
}

void look_for_processes(struct trial *trial)
{
	if (trial->holders < 0)
		return;
	bool ran;
	if (!all_reaped(&ran)) {
		complain(trial, "%u processes are left", signal_children(getpid(), SIGKILL));
		orphans_await(HANG_MS);
	}
	struct pollfd holders = { .fd = trial->holders, .events = POLLIN };
	if (poll(&holders, 1, 0) <= 0)
		complain(trial, "somebody still holds a descriptor of kist's");
	close(trial->holders);
	trial->holders = -1;
}

/* "@ID@" in `pattern` becomes the id. */
static void put_id(char *out, size_t size, const char *pattern, const char *id)
{
	const char *mark = strstr(pattern, "@ID@");
	if (mark)
		snprintf(out, size, "%.*s%s%s", (int)(mark - pattern), pattern, id, mark + strlen("@ID@"));
	else
		snprintf(out, size, "%s", pattern);
}

static void look_for_cgroup(struct trial *trial, const char *below)
{
	const struct setting *setting = trial->worker->setting;
	char path[PATH * 2];
	for (unsigned i = 0; i < setting->hierarchy_count; i++) {
		snprintf(path, sizeof(path), "%s%s", setting->hierarchies[i], below);
		if (access(path, F_OK) == 0)
			complain(trial, "the cgroup %s is left", path);
	}
}

/* A cgroup of the bundle's own naming stands in a directory of its own, which must be gone as well; in /kist there
 * may be other containers. */
static void look_for_cgroups(struct trial *trial)
{
	const struct setting *setting = trial->worker->setting;
	char below[PATH];
	put_id(below, sizeof(below), setting->cgroup ? setting->cgroup : "/kist/@ID@", trial->id);
	look_for_cgroup(trial, below);
	if (setting->cgroup) {
		*strrchr(below, '/') = '\0';
		look_for_cgroup(trial, below);
	}
}

void mounts_read(char text[TEXT])
{
	int fd = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;
	while (used < TEXT - 1 && (got = read(fd, text + used, TEXT - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(fd);
}

static void look_for_mounts(struct trial *trial)
{
	char now[TEXT];
	mounts_read(now);
	if (strcmp(now, trial->worker->mounts) != 0)
		complain(trial, "the mounts changed:\n%s", now);
}

static void look_for_state(struct trial *trial)
{
	DIR *list = opendir(trial->worker->state);
	if (!list)
		die(trial->worker->state);
	for (struct dirent *entry; (entry = readdir(list));)
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "features") != 0)
			complain(trial, "the state %s/%s is left", trial->worker->state, entry->d_name);
	closedir(list);
}

/* A sum of hashes (FNV-1a) of path, type, mode and size, so that the order does not matter. Directories' sizes are the
 * file system's own business. */
static unsigned long sum_tree(int parent, const char *name, unsigned long above)
{
	struct stat status;
	unsigned long hash = above ^ 0xcbf29ce484222325UL, sum;
	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 1;
	for (const char *byte = name; *byte; byte++)
		hash = (hash ^ (unsigned char)*byte) * 0x100000001b3UL;
	sum = hash * (1 + status.st_mode) + (S_ISREG(status.st_mode) ? (unsigned long)status.st_size : 0);
	if (!S_ISDIR(status.st_mode))
		return sum;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	for (struct dirent *entry; list && (entry = readdir(list));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			sum += sum_tree(fd, entry->d_name, hash);
	if (list)
		closedir(list);
	return sum;
}

static unsigned long read_tree(const struct setting *setting)
{
	return setting->tree ? sum_tree(AT_FDCWD, setting->tree, 0) : 0;
}

void look_for_leftovers(struct trial *trial)
{
	look_for_processes(trial);
	look_for_state(trial);
	look_for_cgroups(trial);
	look_for_mounts(trial);
	if (read_tree(trial->worker->setting) != trial->worker->tree)
		complain(trial, "%s is not as it was", trial->worker->setting->tree);
}

/* --- clearing up after a killed runtime -------------------------------------------------------------- */

void kist_gc(struct trial *trial)
{
	char *words[] = { "gc", NULL };
	look_for_processes(trial);
	kist_start(trial, NULL, NULL, words);
	if (kist_wait(trial, 0) && trial->status != 0)
		complain(trial, "gc ends with %d", trial->status);
}

/* After a fault in kist the next trial must find a clean house. */
static void clean_up(struct trial *trial)
{
	orphans_await(ORPHAN_MS);
	kist_gc(trial);
	look_for_processes(trial);
}

bool trial_run(const struct worker *worker, unsigned step, const struct trouble *trouble)
{
	struct trial *trial = calloc(1, sizeof(*trial));
	if (!trial)
		die("no memory");
	trial->worker = worker;
	trial->holders = -1;
	trial->step = step;
	trial->trouble = trouble;
	snprintf(trial->id, sizeof(trial->id), "sweep-%d-%u", (int)getppid(), worker->number);
	trouble->act(trial);
	bool good = !trial->complained;
	if (!good)
		clean_up(trial);
	free(trial);
	return good;
}

void worker_open(struct worker *worker)
{
	const struct setting *setting = worker->setting;
	snprintf(worker->state, sizeof(worker->state), "%s/state-%u", setting->work, worker->number);
	if ((mkdir(worker->state, 0700) < 0 && errno != EEXIST) || chown(worker->state, setting->uid, setting->gid) < 0)
		die(worker->state);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die("cannot become a subreaper");
	mounts_read(worker->mounts);
	worker->tree = read_tree(setting);
}
