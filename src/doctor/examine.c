/* examine.c: tries everything as one person: a process that takes the person's ids, and in it one for each check. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "doctor/trial.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/process.h"

#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

extern char **environ;

enum { NOTE_TEXT = 1024, PERSON_MS = 120000, GROUPS_LIMIT = 1 << 20, GROUPS_MAX = 1024 };

/* What a process of another user wrote: checked and copied before it is believed. */
struct note {
	int verdict, number;
	bool spared; /* this person needs it for nothing */
	char detail[TRIAL_DETAIL], why[NOTE_TEXT], remedy[NOTE_TEXT], drop_in[NOTE_TEXT];
};

void trial_say(struct trial *trial, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vsnprintf(trial->detail, TRIAL_DETAIL, format, list);
	va_end(list);
}

/* --- one check ------------------------------------------------------------------------------------------ */

static void put_text(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

static int await_check(int pidfd)
{
	siginfo_t end;
	int ready = sys_poll(pidfd, POLLIN, TRIAL_MS);
	if (ready == 0)
		sys_pidfd_signal(pidfd, SIGKILL);
	int result = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (ready == 0 || result < 0)
		return ready == 0 ? -ETIMEDOUT : result;
	return end.si_code == CLD_EXITED ? -end.si_status : -EINTR;
}

static int run_check(struct trial *trial, const struct trial_row *row)
{
	FD_AUTO int pidfd = -1;
	pid_t pid = trial_fork(&pidfd);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		int result = row->check(trial);
		sys_exit(result < 0 ? -result & 0xff : 0);
	}
	int result = await_check(pidfd);
	if (result == -ETIMEDOUT || result == -EINTR)
		try_cgroup_clean(trial->arena, trial->facts, pid);
	return result;
}

/* What needs a namespace that cannot be had would only fail for the same reason again. */
static const char *lacking(const struct trial *trial, const struct note *notes, size_t index)
{
	const struct trial_row *row = &trial_table[index];
	for (size_t i = 0; i < index && row->inside && !trial->privileged; i++) {
		enum doctor_subject subject = trial_table[i].subject;
		bool first = subject == SUBJECT_USER || (subject == SUBJECT_OWN_MAP && row->subject != SUBJECT_SUB_MAP);
		bool mounts = trial_table[i].namespaces == ABI_NEWNS && strcmp(row->words.group, "mounts") == 0;
		bool clock = trial_table[i].namespaces == ABI_NEWTIME && row->subject == SUBJECT_TIME_OFFSETS;
		if ((first || mounts || clock) && notes[i].verdict == DOCTOR_FAILS)
			return trial_table[i].words.name;
	}
	return NULL;
}

static void trial_row_do(struct trial *trial, struct note *notes, size_t index)
{
	const struct trial_row *row = &trial_table[index];
	struct note *note = &notes[index];
	const char *needs = lacking(trial, notes, index);
	trial->namespaces = row->namespaces;
	trial->type = row->type;
	trial->detail = note->detail;
	/* With privilege kist makes no user namespace unless it is asked for one. */
	note->spared = trial->privileged && (row->subject == SUBJECT_USER || row->subject == SUBJECT_OWN_MAP);
	if (needs) {
		trial_say(trial, "not tried: needs %s", needs);
		return;
	}
	int result = run_check(trial, row);
	note->verdict = result < 0 ? DOCTOR_FAILS : DOCTOR_WORKS;
	note->number = result < 0 ? -result : 0;
	if (result == 0)
		return;
	note->detail[TRIAL_DETAIL - 1] = '\0';
	const struct doctor_advice advice = doctor_diagnose(trial->arena, trial->facts,
	                                                    &(struct doctor_case){
								    .subject = row->subject,
								    .namespaces = row->namespaces,
								    .number = -result,
								    .detail = note->detail,
							    });
	if (result == -ESRCH) /* looked for and not there: no call failed */
		note->number = 0;
	put_text(note->why, sizeof(note->why), advice.why);
	put_text(note->remedy, sizeof(note->remedy), advice.remedy);
	put_text(note->drop_in, sizeof(note->drop_in), advice.drop_in);
}

/* --- as somebody ---------------------------------------------------------------------------------------- */

/* The groups of a user, from /etc/group, without NSS. */
static size_t groups_of(struct arena *arena, const struct doctor_person *person, uint32_t *groups)
{
	char *text;
	size_t length, count = 0;
	groups[count++] = person->gid;
	if (file_read_at(arena, AT_FDCWD, "/etc/group", GROUPS_LIMIT, &text, &length) < 0)
		return count;
	for (char *rest, *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *id = strchr(line, ':');
		id = id ? strchr(id + 1, ':') : NULL;
		char *members = id ? strchr(id + 1, ':') : NULL;
		unsigned long gid = id ? strtoul(id + 1, NULL, 10) : 0;
		char *more;
		for (char *name = members ? strtok_r(members + 1, ",", &more) : NULL; name && count < GROUPS_MAX;
		     name = strtok_r(NULL, ",", &more))
			if (strcmp(name, person->name) == 0)
				groups[count++] = (uint32_t)gid;
	}
	return count;
}

/* The process becomes the user's own, who may look into it: what only root was told must not be found there. */
static void forget_environment(const char *runtime)
{
	for (char **variable = environ; variable && *variable; variable++)
		explicit_bzero(*variable, strlen(*variable));
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	if (access(runtime, W_OK) == 0)
		setenv("XDG_RUNTIME_DIR", runtime, 1);
}

static int become(struct arena *arena, const struct doctor_person *person)
{
	uint32_t *groups = ARENA_ARRAY(arena, GROUPS_MAX, uint32_t);
	if (!person->dropped)
		return 0;
	int result = sys_set_groups(groups_of(arena, person, groups), groups);
	if (result == 0)
		result = sys_set_gid(person->gid);
	if (result == 0)
		result = sys_set_uid(person->uid);
	if (result < 0)
		return result;
	forget_environment(arena_printf(arena, "/run/user/%u", person->uid));
	/* The change of ids made the files of /proc/self root's, and an id map could not be written. */
	result = sys_set_dumpable(true);
	return result < 0 ? result : sys_die_with_parent(SIGKILL);
}

static _Noreturn void examine_as(struct arena *arena, const struct doctor_person *person, struct note *notes)
{
	struct facts facts = { 0 };
	struct err ignored;
	sys_prctl(UAPI_PR_SET_CHILD_SUBREAPER, 1, 0);
	sys_close_range(STDERR_FILENO + 1, ~0U, 0);
	int result = become(arena, person);
	/* The fresh facts of this person. A state root that is not there keeps no cache. */
	if (result == 0)
		result = facts_read(arena, person->state_root, FACTS_MOUNTS, &facts, &ignored);
	if (result < 0)
		sys_exit(-result & 0xff);
	struct trial trial = {
		.arena = arena,
		.facts = &facts,
		.privileged =
			facts.caller.initial_user_namespace && (facts.caller.capabilities >> ABI_CAP_SYS_ADMIN & 1),
	};
	for (size_t i = 0; i < trial_count; i++)
		trial_row_do(&trial, notes, i);
	/* What the checks left behind was killed with them and has come here. */
	while (wait(NULL) > 0)
		;
	sys_exit(0);
}

/* --- what came of it ------------------------------------------------------------------------------------ */

static const char *take_text(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_copy(arena, text, strnlen(text, size));
	for (char *at = copy; *at; at++)
		if (((unsigned char)*at < ' ' && *at != '\n') || *at == 0x7f)
			*at = '?';
	return *copy ? copy : NULL;
}

static void take_notes(struct arena *arena, struct doctor_person *person, const struct note *notes)
{
	person->answers = ARENA_ARRAY(arena, trial_count, struct doctor_answer);
	person->works = true;
	for (size_t i = 0; i < trial_count; i++) {
		const struct note *note = &notes[i];
		struct doctor_answer *answer = &person->answers[i];
		answer->verdict = note->verdict == DOCTOR_WORKS   ? DOCTOR_WORKS
		                  : note->verdict == DOCTOR_FAILS ? DOCTOR_FAILS
		                                                  : DOCTOR_UNTRIED;
		answer->number = note->number;
		answer->detail = take_text(arena, note->detail, sizeof(note->detail));
		answer->advice.why = take_text(arena, note->why, sizeof(note->why));
		answer->advice.remedy = take_text(arena, note->remedy, sizeof(note->remedy));
		answer->advice.drop_in = take_text(arena, note->drop_in, sizeof(note->drop_in));
		person->works &= trial_table[i].words.use || note->spared || answer->verdict == DOCTOR_WORKS;
	}
}

static int await_person(struct arena *arena, const struct doctor_person *person, int pidfd, struct err *err)
{
	siginfo_t end;
	int ready = sys_poll(pidfd, POLLIN, PERSON_MS);
	if (ready <= 0)
		sys_pidfd_signal(pidfd, SIGKILL);
	int result = sys_wait_pidfd(pidfd, &end, WEXITED);
	if (result < 0 || ready <= 0)
		return err_set(err, arena, ready <= 0 ? ETIMEDOUT : -result, "cannot try anything as %s", person->name);
	if (end.si_code != CLD_EXITED)
		return err_set(err, arena, 0, "the trials as %s were ended by signal %d", person->name, end.si_status);
	if (end.si_status)
		return err_set(err, arena, end.si_status, "cannot become %s to try what works for that user",
		               person->name);
	return 0;
}

int doctor_examine(struct arena *arena, struct doctor_person *person, struct err *err)
{
	size_t size = trial_count * sizeof(struct note);
	struct note *notes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (notes == MAP_FAILED)
		return err_set(err, arena, errno, "cannot reserve memory");
	FD_AUTO int pidfd = -1;
	pid_t pid = trial_fork(&pidfd);
	if (pid == 0)
		examine_as(arena, person, notes);
	int result = pid < 0 ? err_set(err, arena, -pid, "cannot create a process")
	                     : await_person(arena, person, pidfd, err);
	if (result == 0)
		take_notes(arena, person, notes);
	munmap(notes, size);
	return result;
}
