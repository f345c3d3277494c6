/* identity.c: the working directory, and the change of ids: groups before gid before uid. */
#include "base/fd.h"
#include "init/actions.h"
#include "init/path.h"
#include "init/text.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/pipe.h"
#include "sys/process.h"

#include <string.h>

int act_change_dir(struct walker *walker, const struct step *step)
{
	const char *path = walk_text(walker, step->change_dir.path);
	FD_AUTO int fd = path_open(walk_slot(walker, step->change_dir.root), path, O_PATH | O_DIRECTORY);
	char where[PATH_SIZE];

	if (fd < 0)
		return fd;
	int result = sys_result(fchdir(fd));
	if (result < 0)
		return result;
	/* A directory outside of the root has no path in it: getcwd(2) then says "(unreachable)" (CVE-2024-21626),
	 * which libc's getcwd would turn into ENOENT. */
	result = sys_result(syscall(SYS_getcwd, where, sizeof(where)));
	if (result < 0)
		return result;
	return where[0] == '/' ? 0 : walk_fail(walker, -EXDEV, path, " is outside of the container");
}

/* Without no_new_privs the filter is installed before the ids, and may answer a call with success without letting it
 * happen (errnoRet 0, as profiles do that play root): the program would be somebody else than it was asked to be. */
int identity_faked(struct walker *walker, const char *call)
{
	return walk_fail(walker, -EPERM, "the seccomp profile says that ", call,
	                 " succeeded, and does not let it happen (with noNewPrivileges it is installed later)");
}

static int check_ids(struct walker *walker, int (*get)(uint32_t ids[3]), uint32_t id, const char *call)
{
	uint32_t now[3] = { ~id, ~id, ~id };

	if (!walker->filtered || id == UINT32_MAX)
		return 0;
	int result = get(now);
	if (result < 0)
		return result;
	return now[0] == id && now[1] == id && now[2] == id ? 0 : identity_faked(walker, call);
}

static bool is_among(uint32_t wanted, const uint32_t *groups, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		if (groups[at] == wanted)
			return true;
	}
	return false;
}

/* Out of line: its array is not to lie on the stack of a container that waits. */
__attribute__((noinline)) static int check_groups(struct walker *walker, const uint32_t *groups, size_t count)
{
	uint32_t now[USER_GROUPS];
	int had = sys_get_groups(USER_GROUPS, now);

	if (had < 0 && had != -EINVAL) /* EINVAL: there are more */
		return had;
	bool same = had == (int)count;
	for (size_t at = 0; at < count && same; at++)
		same = is_among(now[at], groups, count);
	return same ? 0 : identity_faked(walker, "setgroups");
}

/* A user namespace that denies setgroups has no way to drop a group either; asking for none is then no failure
 * (user_namespaces(7)). */
static int put_groups(struct walker *walker, const uint32_t *groups, size_t count)
{
	int result = sys_set_groups(count, groups);

	if (result == 0 && walker->filtered)
		return check_groups(walker, groups, count);
	if (result != -EPERM)
		return result;
	return count == 0 ? 0 : walk_fail(walker, result, "the user namespace denies setgroups");
}

int act_set_groups(struct walker *walker, const struct step *step)
{
	const struct plan_span given = step->set_groups.groups;
	struct identity *identity = &walker->identity;
	const size_t count = given.count / sizeof(uint32_t);

	/* Those of the configuration and those found under the user's name, all in one call. */
	if (count > USER_GROUPS - identity->group_count)
		return -E2BIG;
	if (count > 0)
		memcpy(identity->groups + identity->group_count, plan_bytes(walker->block, given), given.count);
	identity->group_count += count;
	return put_groups(walker, identity->groups, identity->group_count);
}

int act_take_pipes(struct walker *walker, const struct step *step)
{
	const uint32_t uid = step->take_pipes.identity ? walker->identity.uid : step->take_pipes.uid;
	int result = 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && result == 0; fd++)
		result = sys_pipe_give(fd, uid);
	return result;
}

static int explain_unmapped(struct walker *walker, int result, const char *kind, uint32_t id)
{
	struct text number = { 0 };

	if (result != -EINVAL)
		return result;
	text_put_number(&number, id);
	return walk_fail(walker, result, kind, " ", number.bytes, " is not mapped in the user namespace");
}

/* The runtime's end is the half-made container's end; a change of ids has cleared that (prctl(2)). */
static int tie_again(const struct walker *walker, int result)
{
	int tied = walker->detached ? 0 : sys_die_with_parent(SIGKILL);

	return result < 0 ? result : tied;
}

int act_set_gid(struct walker *walker, const struct step *step)
{
	const uint32_t gid = step->set_gid.identity ? walker->identity.gid : step->set_gid.gid;

	walker->identity.gid = gid;
	int result = explain_unmapped(walker, sys_set_gid(gid), "gid", gid);
	return tie_again(walker, result < 0 ? result : check_ids(walker, sys_get_gids, gid, "setresgid"));
}

int act_set_uid(struct walker *walker, const struct step *step)
{
	const uint32_t uid = step->set_uid.identity ? walker->identity.uid : step->set_uid.uid;
	struct sys_caps caps;

	walker->identity.uid = uid;
	int result = sys_keep_caps();
	if (result == 0)
		result = explain_unmapped(walker, sys_set_uid(uid), "uid", uid);
	if (result == 0)
		result = check_ids(walker, sys_get_uids, uid, "setresuid");
	if (result == 0)
		result = sys_get_caps(&caps);
	if (result < 0)
		return result;
	/* Kept were the permitted ones; the steps up to set_caps need them in effect. */
	caps.effective = caps.permitted;
	return tie_again(walker, sys_set_caps(&caps));
}

int act_no_new_privs(struct walker *walker, const struct step *step)
{
	(void)walker;
	(void)step;
	return sys_no_new_privs();
}

int act_die_with_runtime(struct walker *walker, const struct step *step)
{
	(void)step;
	int result = sys_die_with_parent(SIGKILL);
	walker->tied = result == 0;
	/* It may have died just before: then there is no signal to come. */
	walk_check_runtime(walker);
	return result;
}
