/* probe.c: a static program that prints what a process sees from inside, one "key value" a line.
 *
 *   probe                 everything
 *   probe KEY...          only these keys (a key is the word before the first dot or space)
 *   probe --exit N        ends with N          probe --signal N   ends by signal N
 *   probe --touch PATH    writes a file        probe --read PATH  prints one
 *   probe --args ...      prints each argument as <...>
 *   probe --wait          prints "ready", then waits for SIGTERM
 *   probe --eat BYTES     touches memory in steps of 10 MB and says how much it got
 *   probe --escape        the classic chroot escape; prints what / it ends in (its inode)
 *   probe --tiocsti       tries TIOCSTI, TIOCSTI|1<<32 and TIOCLINUX; prints each errno
 *   probe --call N A...   makes system call N with these arguments; prints its errno, or "done"
 *   probe --forks N       makes N children; prints how many it got
 *   probe --signals       prints each signal it receives until SIGTERM comes twice
 * It is the payload of the scenario tests and of the comparison with other runtimes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void print_file(const char *key, const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "re");
	if (!file) {
		printf("%s error %s\n", key, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s %s\n", key, line);
	}
	fclose(file);
}

static void print_ids(void)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid, groups[1024];
	getresuid(&ruid, &euid, &suid);
	getresgid(&rgid, &egid, &sgid);
	printf("uid %u %u %u\ngid %u %u %u\ngroups", ruid, euid, suid, rgid, egid, sgid);
	int count = getgroups(1024, groups);
	for (int i = 0; i < count; i++)
		printf(" %u", groups[i]);
	printf("\n");
}

static void print_process(void)
{
	printf("pid %d\nppid %d\nsid %d\npgid %d\n", getpid(), getppid(), getsid(0), getpgrp());
}

static void print_status(void)
{
	static const char *const wanted[] = { "Cap", "NoNewPrivs", "Seccomp:", "SigBlk", "SigIgn", "Umask" };
	char line[512];
	FILE *file = fopen("/proc/self/status", "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				printf("status.%s\n", line);
	}
	if (file)
		fclose(file);
}

static void print_limits(void)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;
		if (getrlimit(i, &limit) == 0)
			printf("rlimit.%d %lld %lld\n", i, (long long)limit.rlim_cur, (long long)limit.rlim_max);
	}
}

static void print_scheduling(void)
{
	/* By syscall(2): musl answers ENOSYS for the scheduler. */
	int priority = 0;
	syscall(SYS_sched_getparam, 0, &priority);
	printf("sched policy=%ld priority=%d nice=%d ioprio=%ld\n", syscall(SYS_sched_getscheduler, 0), priority,
	       getpriority(PRIO_PROCESS, 0), syscall(SYS_ioprio_get, 1, 0));
	printf("personality %#x\n", (unsigned)personality(0xffffffff));
	printf("dumpable %d\nsecurebits %#x\n", prctl(PR_GET_DUMPABLE), (unsigned)prctl(PR_GET_SECUREBITS));
	print_file("oom_score_adj", "/proc/self/oom_score_adj");
}

static void print_names(void)
{
	struct utsname names;
	char cwd[4096];
	uname(&names);
	printf("hostname %s\ndomainname %s\nmachine %s\n", names.nodename, names.domainname, names.machine);
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : strerror(errno));
}

static void print_environment(void)
{
	for (char **entry = environ; *entry; entry++)
		printf("env %s\n", *entry);
}

static int name_order(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

/* Names in order, each shown by `show`. */
static void print_directory(const char *path, void (*show)(const char *path, const char *name))
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, name_order);
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
			show(path, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static void show_fd(const char *path, const char *name)
{
	char link[4200], target[4096];
	snprintf(link, sizeof(link), "%s/%s", path, name);
	ssize_t length = readlink(link, target, sizeof(target) - 1);
	if (length < 0 || fcntl(atoi(name), F_GETFD) < 0)
		return; /* the directory's own descriptor */
	target[length] = '\0';
	if (strstr(target, "/fd") && strncmp(target, "/proc", 5) == 0)
		return;
	printf("fd.%s %s\n", name, target);
}

static void show_namespace(const char *path, const char *name)
{
	char link[4200], target[4096];
	snprintf(link, sizeof(link), "%s/%s", path, name);
	ssize_t length = readlink(link, target, sizeof(target) - 1);
	if (length > 0)
		printf("ns.%s %.*s\n", name, (int)length, target);
}

static void show_node(const char *path, const char *name)
{
	char full[4200], target[4096];
	struct stat st;
	snprintf(full, sizeof(full), "%s/%s", strcmp(path, "/") == 0 ? "" : path, name);
	if (lstat(full, &st) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		ssize_t length = readlink(full, target, sizeof(target) - 1);
		printf("node %s -> %.*s\n", full, (int)(length < 0 ? 0 : length), target);
	} else if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
		printf("node %s %c %u:%u %o %u:%u\n", full, S_ISCHR(st.st_mode) ? 'c' : 'b', major(st.st_rdev),
		       minor(st.st_rdev), st.st_mode & 07777, st.st_uid, st.st_gid);
	} else {
		printf("node %s %s %o\n", full, S_ISDIR(st.st_mode) ? "dir" : "file", st.st_mode & 07777);
	}
}

/* mountinfo without its numbers: mount point, attributes, propagation, type, source, superblock options. */
static void print_mounts(void)
{
	char line[8192];
	FILE *file = fopen("/proc/self/mountinfo", "re");
	while (file && fgets(line, sizeof(line), file)) {
		char root[4096], point[4096], attr[512], rest[4096];
		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%*d %*d %*s %4095s %4095s %511s %4095[^\n]", root, point, attr, rest) == 4)
			printf("mount %s %s %s\n", point, attr, rest);
	}
	if (file)
		fclose(file);
}

static void print_network(void)
{
	struct if_nameindex *names = if_nameindex();
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	for (struct if_nameindex *name = names; name && name->if_index; name++) {
		struct ifreq request = { 0 };
		strncpy(request.ifr_name, name->if_name, IFNAMSIZ - 1);
		ioctl(sock, SIOCGIFFLAGS, &request);
		printf("net %s %s\n", name->if_name, request.ifr_flags & IFF_UP ? "up" : "down");
	}
	if (names)
		if_freenameindex(names);
	close(sock);
}

/* What must be hidden or refused: whether a path can be read or written. */
static void print_access(void)
{
	static const char *const paths[] = {
		"/proc/kcore",       "/proc/keys",          "/proc/timer_list",
		"/proc/sched_debug", "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern",
		"/proc/acpi",        "/proc/scsi",          "/sys/firmware",
		"/proc/bus",         "/proc/irq",           "/x",
		"/dev/null",         "/dev/kmsg",           "/dev/mem",
		"/proc/asound",
	};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char byte;
		int reader = open(paths[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		struct stat st = { 0 };
		if (reader >= 0)
			fstat(reader, &st);
		ssize_t got = reader >= 0 && !S_ISDIR(st.st_mode) ? read(reader, &byte, 1) : -2;
		int writer = open(paths[i], O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		int why = writer < 0 ? errno : 0;
		struct dirent **names = NULL;
		int entries = reader >= 0 && S_ISDIR(st.st_mode) ? scandir(paths[i], &names, NULL, NULL) - 2 : 0;
		printf("access %s read=%s write=%s\n", paths[i],
		       reader < 0                                ? "no"
		       : got == 0 || (got == -2 && entries == 0) ? "empty"
		                                                 : "yes",
		       writer >= 0 ? "yes" : strerror(why));
		if (reader >= 0)
			close(reader);
		if (writer >= 0)
			close(writer);
	}
}

static void print_fds(void)
{
	print_directory("/proc/self/fd", show_fd);
}
static void print_namespaces(void)
{
	print_directory("/proc/self/ns", show_namespace);
}
static void print_devices(void)
{
	print_directory("/dev", show_node);
}
static void print_root(void)
{
	struct stat st;
	if (stat("/", &st) == 0)
		printf("root %llu\n", (unsigned long long)st.st_ino);
	print_directory("/", show_node);
}
static void print_maps(void)
{
	print_file("uid_map", "/proc/self/uid_map");
	print_file("gid_map", "/proc/self/gid_map");
	print_file("setgroups", "/proc/self/setgroups");
}
static void print_cgroup(void)
{
	print_file("cgroup", "/proc/self/cgroup");
}
static void print_time(void)
{
	print_file("timens", "/proc/self/timens_offsets");
}
static void print_exe(void)
{
	char target[4096];
	ssize_t length = readlink("/proc/self/exe", target, sizeof(target) - 1);
	printf("exe %.*s\n", (int)(length < 0 ? 0 : length), target);
	for (int i = 0; i < 3; i++)
		printf("tty.%d %s\n", i, isatty(i) ? ttyname(i) ? ttyname(i) : "unnamed" : "no");
	struct winsize size = { 0 };
	if (ioctl(0, TIOCGWINSZ, &size) == 0)
		printf("winsize %u %u\n", size.ws_row, size.ws_col);
}

static const struct {
	const char *key;
	void (*print)(void);
} sections[] = {
	{ "process", print_process }, { "ids", print_ids },          { "status", print_status },
	{ "rlimit", print_limits },   { "sched", print_scheduling }, { "names", print_names },
	{ "env", print_environment }, { "fd", print_fds },           { "ns", print_namespaces },
	{ "maps", print_maps },       { "cgroup", print_cgroup },    { "timens", print_time },
	{ "mount", print_mounts },    { "dev", print_devices },      { "root", print_root },
	{ "net", print_network },     { "access", print_access },    { "exe", print_exe },
};
enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

/* --- deeds --------------------------------------------------------------------------------------- */

static int deed_eat(const char *bytes)
{
	enum { STEP = 10 << 20 };
	unsigned long long want = strtoull(bytes, NULL, 10);
	for (unsigned long long got = 0; got < want; got += STEP) {
		char *room = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (room == MAP_FAILED)
			return 1;
		memset(room, 1, STEP);
		printf("%llu MB\n", (got + STEP) >> 20);
		fflush(stdout);
	}
	return 0;
}

static int deed_escape(void)
{
	struct stat st;
	mkdir(".out", 0755);
	if (chroot(".out") < 0) {
		printf("chroot %s\n", strerror(errno));
		return 0;
	}
	for (int i = 0; i < 100; i++)
		(void)!chdir("..");
	(void)!chroot(".");
	if (stat("/", &st) == 0)
		printf("root %llu:%llu\n", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return 0;
}

static int deed_tiocsti(void)
{
	static const struct {
		const char *name;
		unsigned long request;
	} rows[] = { { "TIOCSTI", TIOCSTI }, { "TIOCSTI-high", TIOCSTI | (1UL << 32) }, { "TIOCLINUX", TIOCLINUX } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char byte = 'K';
		long result = syscall(SYS_ioctl, 0, rows[i].request, &byte);
		printf("%s %s\n", rows[i].name, result < 0 ? strerror(errno) : "done");
	}
	return 0;
}

static int deed_forks(const char *number)
{
	int want = atoi(number), got = 0;
	for (; got < want; got++) {
		pid_t child = fork();
		if (child < 0)
			break;
		if (child == 0) {
			pause();
			_exit(0);
		}
	}
	printf("forks %d\n", got);
	fflush(stdout);
	kill(-1, SIGKILL);
	return 0;
}

static volatile sig_atomic_t last_signal;
static void on_signal(int number)
{
	last_signal = number;
}

static int deed_signals(void)
{
	sigset_t none, all;
	int terms = 0;
	for (int i = 1; i < 65; i++)
		signal(i, on_signal);
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, NULL);
	printf("ready\n");
	fflush(stdout);
	while (terms < 2) {
		sigsuspend(&none);
		printf("signal %d\n", (int)last_signal);
		fflush(stdout);
		if (last_signal == SIGTERM)
			terms++;
	}
	return 0;
}

static int deed_wait(void)
{
	signal(SIGTERM, on_signal);
	printf("ready\n");
	fflush(stdout);
	while (last_signal != SIGTERM)
		pause();
	return 0;
}

static int deed_touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "touched\n", 8) != 8) {
		printf("touch %s\n", strerror(errno));
		return 1;
	}
	printf("touch ok\n");
	return 0;
}

static int deed_call(int count, char **words)
{
	long numbers[7] = { 0 };
	for (int i = 0; i < count && i < 7; i++)
		numbers[i] = (long)strtoull(words[i], NULL, 0);
	long result = syscall(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]);
	printf("call %ld %s\n", numbers[0], result < 0 ? strerror(errno) : "done");
	return 0;
}

/* Fills the user's keyring until the quota is used up, runs a program, and empties it again. */
static int deed_fill_keys(char **argv)
{
	enum { USER_KEYRING = -4, CLEAR = 7 };
	char name[32];
	int status = 0;
	for (int i = 0; snprintf(name, sizeof(name), "probe-%d", i); i++)
		if (syscall(SYS_add_key, "user", name, "x", 1, USER_KEYRING) < 0)
			break;
	pid_t pid = fork();
	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	syscall(SYS_keyctl, CLEAR, USER_KEYRING);
	return WEXITSTATUS(status);
}

static int deed(int argc, char **argv)
{
	const char *what = argv[1], *value = argc > 2 ? argv[2] : "0";
	if (strcmp(what, "--exit") == 0)
		return atoi(value);
	if (strcmp(what, "--signal") == 0)
		return raise(atoi(value)), pause();
	if (strcmp(what, "--touch") == 0)
		return deed_touch(value);
	if (strcmp(what, "--read") == 0)
		return print_file("read", value), 0;
	if (strcmp(what, "--wait") == 0)
		return deed_wait();
	if (strcmp(what, "--eat") == 0)
		return deed_eat(value);
	if (strcmp(what, "--fill-keys") == 0)
		return deed_fill_keys(argv + 2);
	if (strcmp(what, "--escape") == 0)
		return deed_escape();
	if (strcmp(what, "--tiocsti") == 0)
		return deed_tiocsti();
	if (strcmp(what, "--call") == 0)
		return deed_call(argc - 2, argv + 2);
	if (strcmp(what, "--forks") == 0)
		return deed_forks(value);
	if (strcmp(what, "--signals") == 0)
		return deed_signals();
	if (strcmp(what, "--args") == 0) {
		for (int i = 2; i < argc; i++)
			printf("<%s>", argv[i]);
		return printf("\n"), 0;
	}
	fprintf(stderr, "probe: what is %s?\n", what);
	return 2;
}

static int wanted(const char *key, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], key) == 0)
			return 1;
	return argc < 2;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		return deed(argc, argv);
	for (size_t i = 0; i < SECTIONS; i++)
		if (wanted(sections[i].key, argc, argv))
			sections[i].print();
	return 0;
}
