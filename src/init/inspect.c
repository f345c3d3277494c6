/* inspect.c: looks at the program before the filter is installed, and puts down why it would not start. */
#include "base/fd.h"
#include "init/actions.h"
#include "init/head.h"
#include "init/mount.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/status.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

enum { INTERPRETERS_MAX = 4 }; /* as the kernel: a script whose interpreter is a script, and so on */

/* The container's root is the root by now, so a path is looked up as the program's exec will do it. */
static int open_program(const char *path, uint64_t flags)
{
	return sys_openat2(AT_FDCWD, path, flags, 0, UAPI_RESOLVE_NO_MAGICLINKS);
}

/* What is looked at, for whom, and what was found. */
struct inspection {
	const char *name; /* args[0]: the error names it already */
	struct identity who;
	struct reasons *reasons;
};

/* "/usr/bin/env: ", "" for the very name that was asked for. */
static void put_subject(struct text *text, const struct inspection *inspection, const char *path)
{
	if (strcmp(path, inspection->name) == 0)
		return;
	text_put(text, path);
	text_put(text, ": ");
}

/* True when these ids may execute a file, or search a directory. Bits only: an ACL may say otherwise, but then exec
 * does not fail and nobody reads this. */
static bool may_execute(const struct stat *status, const struct identity *who)
{
	if (who->uid == 0)
		return S_ISDIR(status->st_mode) || status->st_mode & 0111;
	if (status->st_uid == who->uid)
		return status->st_mode & 0100;
	if (status->st_gid == who->gid)
		return status->st_mode & 0010;
	for (size_t at = 0; at < who->group_count; at++) {
		if (who->groups[at] == status->st_gid)
			return status->st_mode & 0010;
	}
	return status->st_mode & 0001;
}

/* "uid 1000 (mode 0700, owner 0:0)" */
static void put_rights(struct text *text, const struct stat *status, const struct identity *who)
{
	text_put(text, " uid ");
	text_put_number(text, who->uid);
	text_put(text, " (mode ");
	text_put_octal(text, status->st_mode & 07777);
	text_put(text, ", owner ");
	text_put_number(text, status->st_uid);
	text_put(text, ":");
	text_put_number(text, status->st_gid);
	text_put(text, ")");
}

/* The first directory on the way to the program that these ids may not search. */
static void inspect_directories(const char *path, struct inspection *inspection)
{
	struct text *denied = &inspection->reasons->denied;
	char directory[PATH_SIZE];
	struct stat status;

	for (size_t at = 0; at < sizeof(directory) && path[at]; at++) {
		if (path[at] != '/')
			continue;
		const size_t length = at ? at : 1;
		memcpy(directory, path, length);
		directory[length] = '\0';
		FD_AUTO int fd = open_program(directory, O_PATH | O_DIRECTORY);
		if (fd < 0 || sys_stat_fd(fd, &status) < 0)
			return;
		if (may_execute(&status, &inspection->who))
			continue;
		text_put(denied, "the directory ");
		text_put(denied, directory);
		text_put(denied, " may not be searched by");
		put_rights(denied, &status, &inspection->who);
		return;
	}
}

static void inspect_rights(const char *path, int fd, struct inspection *inspection)
{
	struct text *denied = &inspection->reasons->denied;
	struct sys_filesystem filesystem;
	struct stat status;

	if (sys_stat_fd(fd, &status) < 0 || sys_filesystem_of(fd, &filesystem) < 0)
		return;
	const bool noexec = filesystem.flags & UAPI_ST_NOEXEC;
	if (S_ISREG(status.st_mode) && !noexec && may_execute(&status, &inspection->who))
		return;
	put_subject(denied, inspection, path);
	if (!S_ISREG(status.st_mode)) {
		text_put(denied, "it is ");
		text_put(denied, mode_words(status.st_mode));
	} else if (noexec) {
		text_put(denied, "it lies on a file system that is mounted noexec");
	} else {
		text_put(denied, "it may not be executed by");
		put_rights(denied, &status, &inspection->who);
	}
}

/* "interpreter "/bin/sh\r" does not exist (the script has CRLF line ends)" */
static void put_interpreter(struct text *text, const struct head *head)
{
	const size_t length = strlen(head->interpreter);
	const bool crlf = length > 0 && head->interpreter[length - 1] == '\r';

	text_put(text, "interpreter ");
	text_put_quoted(text, head->interpreter);
	text_put(text, " does not exist");
	if (head->kind == HEAD_ELF)
		text_put(text, " (the program is for another C library or distribution than this root has)");
	else if (crlf)
		text_put(text, " (the script has CRLF line ends)");
}

static void put_format(struct text *text, const struct head *head)
{
	struct utsname host;
	const char *machine = machine_name(head->machine);

	switch (head->kind) {
	case HEAD_EMPTY:
		text_put(text, "it is empty");
		return;
	case HEAD_WASM:
		text_put(text, "it is WebAssembly, and this kist has no handler for it");
		return;
	case HEAD_ELF:
		if (uname(&host) < 0)
			return;
		text_put(text, "it is a program for ");
		text_put(text, machine ? machine : "a machine that is not known here");
		text_put(text, ", this machine is ");
		text_put(text, host.machine);
		return;
	case HEAD_SCRIPT:
	case HEAD_UNKNOWN:
		text_put(text, "it is neither a program nor a script that begins with #!");
		return;
	}
}

/* Follows the chain of interpreters as the kernel would, up to the first that is not there. */
static void inspect_head(const char *path, struct inspection *inspection)
{
	struct reasons *reasons = inspection->reasons;
	unsigned char bytes[HEAD_SIZE];
	char at[HEAD_INTERPRETER_SIZE];
	struct head head;

	for (int depth = 0; depth < INTERPRETERS_MAX; depth++) {
		FD_AUTO int fd = open_program(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		long length = fd < 0 ? fd : sys_read(fd, bytes, sizeof(bytes));
		if (length < 0)
			return;
		head_parse(bytes, (size_t)length, &head);
		reasons->format = (struct text){ 0 }; /* of a chain it is the last one that counts */
		put_subject(&reasons->format, inspection, path);
		put_format(&reasons->format, &head);
		if (!*head.interpreter)
			return;
		FD_AUTO int interpreter = open_program(head.interpreter, O_PATH);
		if (interpreter == -ENOENT || interpreter == -ENOTDIR) {
			put_subject(&reasons->missing, inspection, path);
			put_interpreter(&reasons->missing, &head);
		}
		if (interpreter >= 0 && reasons->denied.length == 0)
			inspect_rights(head.interpreter, interpreter, inspection);
		if (interpreter < 0 || head.kind == HEAD_ELF)
			return;
		memcpy(at, head.interpreter, sizeof(at));
		path = at;
	}
}

/* False when there is nothing at this path. */
static bool inspect_path(const char *path, struct inspection *inspection)
{
	FD_AUTO int fd = open_program(path, O_PATH);
	struct stat status;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return false;
	*inspection->reasons = (struct reasons){ 0 };
	inspect_directories(path, inspection);
	if (fd < 0)
		return true;
	if (inspection->reasons->denied.length == 0)
		inspect_rights(path, fd, inspection);
	if (sys_stat_fd(fd, &status) == 0 && S_ISREG(status.st_mode))
		inspect_head(path, inspection);
	return true;
}

static void inspect_search(const char *list, struct inspection *inspection)
{
	struct text *missing = &inspection->reasons->missing;
	const char *rest = list;
	char candidate[PATH_SIZE];

	while (path_candidate(&rest, inspection->name, candidate)) {
		if (inspect_path(candidate, inspection))
			return;
	}
	/* docker looks for these words. */
	text_put_quoted(missing, inspection->name);
	text_put(missing, ": executable file not found in $PATH (");
	text_put(missing, list);
	text_put(missing, ")");
}

/* What a later step will add to, or put in the place of, what was looked up. */
static void apply_step(const struct walker *walker, const struct step *step, struct identity *who)
{
	const struct plan_span groups = step->set_groups.groups;

	if (step->kind == STEP_set_uid && !step->set_uid.identity)
		who->uid = step->set_uid.uid == UINT32_MAX ? geteuid() : step->set_uid.uid;
	if (step->kind == STEP_set_gid && !step->set_gid.identity)
		who->gid = step->set_gid.gid == UINT32_MAX ? getegid() : step->set_gid.gid;
	if (step->kind != STEP_set_groups || groups.count / sizeof(uint32_t) > USER_GROUPS - who->group_count)
		return;
	if (groups.count > 0)
		memcpy(who->groups + who->group_count, plan_bytes(walker->block, groups), groups.count);
	who->group_count += groups.count / sizeof(uint32_t);
}

/* Who the program will be: a filter without no_new_privs is installed while init is still root. In place, since an
 * identity is a page, and a page of the stack stays for as long as a container waits. */
static void foresee_identity(const struct walker *walker, struct identity *who)
{
	*who = walker->identity;
	for (uint32_t index = walker->index; index < walker->block->step_count; index++)
		apply_step(walker, plan_step(walker->block, index), who);
}

/* Not even root may execute it, whatever an ACL says: the group's bits bound that (acl(5)). */
static int check_certain(struct walker *walker, const char *path)
{
	FD_AUTO int fd = open_program(path, O_PATH);
	struct stat status;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return walk_fail(walker, -ENOENT, "it does not exist in the container");
	if (fd < 0 || sys_stat_fd(fd, &status) < 0)
		return 0;
	if (!S_ISREG(status.st_mode))
		return walk_fail(walker, -EACCES, "it is ", mode_words(status.st_mode));
	return status.st_mode & 0111 ? 0 : walk_fail(walker, -EACCES, "it is not executable for anybody");
}

/* PATH is the last one of the environment, as exec will take it. */
static const char *path_of_list(const struct walker *walker, struct plan_span env)
{
	const char *list = path_default, *string = plan_bytes(walker->block, env);

	for (uint32_t done = 0; done < env.count; done++, string = list_next(string)) {
		if (strncmp(string, "PATH=", 5) == 0)
			list = string + 5;
	}
	return list;
}

int act_find_program(struct walker *walker, const struct step *step)
{
	const char *name = plan_bytes(walker->block, step->find_program.args);
	const char *list = path_of_list(walker, step->find_program.env), *rest = list;
	char candidate[PATH_SIZE];

	if (!name)
		return -EINVAL;
	if (strchr(name, '/')) /* of the working directory nothing is known yet */
		return *name == '/' ? check_certain(walker, name) : 0;
	while (path_candidate(&rest, name, candidate)) {
		FD_AUTO int fd = *candidate == '/' ? open_program(candidate, O_PATH) : -EACCES;
		if (fd != -ENOENT && fd != -ENOTDIR)
			return 0;
	}
	return walk_fail(walker, -ENOENT, "\"", name, "\": executable file not found in $PATH (", list, ")");
}

static bool is_home(const char *entry)
{
	return strncmp(entry, "HOME=", 5) == 0;
}

/* The arrays that execve(2) takes, in memory of their own: their strings stay in the plan. HOME is added, or takes the
 * place of an empty one, from the identity. */
static int make_arrays(struct walker *walker, struct plan_span args, struct plan_span env)
{
	const size_t count = (size_t)args.count + env.count + 3;
	const char *home = walker->identity.home, *string = plan_bytes(walker->block, args);
	const char **array =
		mmap(NULL, count * sizeof(*array), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool has_home = !*home;

	if (array == MAP_FAILED)
		return -errno;
	walker->program.args = array;
	for (uint32_t done = 0; done < args.count; done++, string = list_next(string))
		*array++ = string;
	*array++ = NULL;
	walker->program.env = array;
	string = plan_bytes(walker->block, env);
	for (uint32_t done = 0; done < env.count; done++, string = list_next(string)) {
		const bool empty = is_home(string) && !string[5] && *home;
		*array++ = empty ? home : string;
		has_home = has_home || is_home(string);
	}
	if (!has_home)
		*array = home;
	return 0;
}

/* A program of the host comes alone: neither the loader nor the libraries of the host are in this root, and a script's
 * interpreter would find no path to the script (execveat(2), BUGS). */
static void inspect_host_program(struct program *program)
{
	struct text *format = &program->reasons.format;
	unsigned char bytes[HEAD_SIZE];
	struct head head;
	long length = sys_read(program->fd, bytes, sizeof(bytes));

	head_parse(bytes, length < 0 ? 0 : (size_t)length, &head);
	program->refused = head.kind != HEAD_ELF || *head.interpreter;
	put_format(format, &head);
	if (!*head.interpreter)
		return;
	*format = (struct text){ 0 };
	text_put(format, head.kind == HEAD_ELF ? "it is not static: it needs the interpreter "
	                                       : "it is a script: it needs the interpreter ");
	text_put_quoted(format, head.interpreter);
	text_put(format, ", and of the host only static programs can be run in another root");
}

int act_inspect_program(struct walker *walker, const struct step *step)
{
	const struct step_inspect_program *wanted = &step->inspect_program;
	struct program *program = &walker->program;

	if (wanted->args.count == 0)
		return -EINVAL;
	int result = make_arrays(walker, wanted->args, wanted->env);
	if (result < 0)
		return result;
	struct inspection inspection;
	program->file = program->args[0];
	if (wanted->argv0)
		program->args[0] = walk_text(walker, wanted->argv0);
	inspection.name = program->file;
	inspection.reasons = &program->reasons;
	foresee_identity(walker, &inspection.who);
	walk_give(walker, wanted->program, 0);
	if (wanted->file) {
		program->fd = walk_take(walker, wanted->file);
		inspect_host_program(program);
		return program->fd < 0 ? program->fd : 0;
	}
	if (!strchr(inspection.name, '/'))
		inspect_search(path_list(program->env), &inspection);
	else if (!inspect_path(inspection.name, &inspection))
		text_put(&program->reasons.missing, "it does not exist in the container");
	return 0;
}
