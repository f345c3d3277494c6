/* limits.c: what bounds and schedules the process, set while it still has the privileges for that. */
#include "init/actions.h"
#include "init/text.h"
#include "sys/key.h"
#include "sys/process.h"
#include "sys/sched.h"

#include <string.h>

int act_set_rlimit(struct walker *walker, const struct step *step)
{
	const struct step_set_rlimit *wanted = &step->set_rlimit;
	const struct uapi_rlimit limit = { .soft = wanted->soft, .hard = wanted->hard };
	struct uapi_rlimit before = { 0 };
	struct text text = { 0 };
	int result = sys_rlimit(0, wanted->resource, NULL, &before);

	if (result == 0)
		result = sys_rlimit(0, wanted->resource, &limit, NULL);
	if (result != -EPERM)
		return result;
	text_put_number(&text, before.hard);
	return walk_fail(walker, result, "the hard limit is ", before.hard == UINT64_MAX ? "unlimited" : text.bytes,
	                 wanted->hard > before.hard ? ", and may be raised only with CAP_SYS_RESOURCE, and not above "
	                                              "fs.nr_open"
	                                            : "");
}

int act_new_keyring(struct walker *walker, const struct step *step)
{
	const plan_text name = step->new_keyring.name;
	int result = sys_join_session_keyring(name ? walk_text(walker, name) : NULL);

	if (result == -EDQUOT)
		return walk_fail(walker, result,
		                 "the user's keys are used up (kernel.keys.maxkeys; see /proc/key-users)");
	/* A kernel without keyrings has none to be kept apart from. */
	return result == -ENOSYS || result > 0 ? 0 : result;
}

int act_set_personality(struct walker *walker, const struct step *step)
{
	(void)walker;
	int result = sys_personality(step->set_personality.persona);
	return result < 0 ? result : 0;
}

int act_set_scheduler(struct walker *walker, const struct step *step)
{
	struct uapi_sched_attr attr = { 0 };

	if (step->set_scheduler.attr.count != sizeof(attr))
		return -EINVAL;
	memcpy(&attr, plan_bytes(walker->block, step->set_scheduler.attr), sizeof(attr));
	return sys_sched_setattr(&attr);
}

int act_set_affinity(struct walker *walker, const struct step *step)
{
	const struct plan_span mask = step->set_affinity.mask;

	return sys_set_affinity(plan_bytes(walker->block, mask), mask.count);
}

int act_set_memory_policy(struct walker *walker, const struct step *step)
{
	const struct plan_span nodes = step->set_memory_policy.nodes;

	return sys_set_memory_policy((int)step->set_memory_policy.policy, plan_bytes(walker->block, nodes),
	                             nodes.count);
}

int act_set_io_priority(struct walker *walker, const struct step *step)
{
	(void)walker;
	return sys_set_io_priority(step->set_io_priority.class, step->set_io_priority.priority);
}

int act_set_umask(struct walker *walker, const struct step *step)
{
	(void)walker;
	sys_set_umask(step->set_umask.mask);
	return 0;
}
