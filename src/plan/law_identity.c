/* law_identity.c: laws of ids, capabilities, the filter and the program. */
#include "base/abi.h"
#include "plan/law.h"
#include "plan/wire.h"

static const char *exec_last(const struct law_view *view)
{
	uint32_t at = view->first[STEP_exec];
	if (at != view->block->step_count - 1)
		return law_broken(view, at, "something comes after it");
	return plan_step(view->block, at)->exec.args.count ? NULL : law_broken(view, at, "there is no program");
}

/* The first step of the program itself, to which the filter belongs. */
static uint32_t program_begins(const struct law_view *view)
{
	return view->count[STEP_stay] ? view->first[STEP_stay] : view->first[STEP_exec];
}

static const char *stays_last(const struct law_view *view)
{
	uint32_t at = view->first[STEP_stay];
	if (at == LAW_NONE)
		return NULL;
	if (at + 1 != view->first[STEP_exec])
		return law_broken(view, at, "init would keep what the program loses after it");
	return view->made & ABI_NEWPID ? NULL : law_broken(view, at, "it is not the first process");
}

static const struct step *caps_step(const struct law_view *view)
{
	return plan_step(view->block, view->first[STEP_set_caps]);
}

static const char *ambient(const struct law_view *view)
{
	const struct step *caps = caps_step(view);
	if (caps->set_caps.ambient & ~(caps->set_caps.inheritable & caps->set_caps.permitted))
		return law_broken(view, view->first[STEP_set_caps],
		                  "ambient has what is not inheritable and permitted");
	return NULL;
}

static const char *effective(const struct law_view *view)
{
	const struct step *caps = caps_step(view);
	if (caps->set_caps.effective & ~caps->set_caps.permitted)
		return law_broken(view, view->first[STEP_set_caps], "effective has what is not permitted");
	return NULL;
}

static const char *known(const struct law_view *view)
{
	const struct step *caps = caps_step(view);
	uint64_t all = (1ULL << ABI_CAP_COUNT) - 1;
	uint64_t asked = caps->set_caps.effective | caps->set_caps.permitted | caps->set_caps.inheritable |
	                 caps->set_caps.ambient;
	return asked & ~all ? law_broken(view, view->first[STEP_set_caps], "it names capabilities there are not")
	                    : NULL;
}

/* With no_new_privs the filter is last of all; without, seccomp(2) wants CAP_SYS_ADMIN, which is about to go. */
static const char *filter(const struct law_view *view)
{
	uint32_t at = view->first[STEP_seccomp];
	if (at == LAW_NONE)
		return NULL;
	if (!plan_step(view->block, at)->seccomp.program.count)
		return law_broken(view, at, "the filter is empty");
	if (view->count[STEP_no_new_privs])
		return at + 1 == program_begins(view)
		               ? NULL
		               : law_broken(view, at, "more than exec would have to pass the filter");
	if (at > view->first[STEP_set_groups] || at > view->first[STEP_set_gid] || at > view->first[STEP_set_uid] ||
	    at > view->first[STEP_set_caps])
		return law_broken(view, at, "the privilege to install it is gone");
	return NULL;
}

/* Whoever waits for an answer that nobody gives any more waits for ever. */
static const char *listened(const struct law_view *view)
{
	uint32_t at = view->first[STEP_seccomp];
	bool listens = at != LAW_NONE && plan_step(view->block, at)->seccomp.flags & WIRE_FILTER_LISTENER;
	return listens && !view->count[STEP_die_with_runtime] ? law_broken(view, at, "it would outlive its listener")
	                                                      : NULL;
}

static const bool makes_world[STEP_KIND_COUNT] = {
	[STEP_set_propagation] = true, [STEP_open_root] = true,     [STEP_mount_fs] = true,  [STEP_bind] = true,
	[STEP_remount] = true,         [STEP_make_path] = true,     [STEP_make_link] = true, [STEP_make_device] = true,
	[STEP_open_terminal] = true,   [STEP_bind_console] = true,  [STEP_pivot] = true,     [STEP_open_proc] = true,
	[STEP_write_sysctl] = true,    [STEP_mask] = true,          [STEP_readonly] = true,  [STEP_set_name] = true,
	[STEP_raise_loopback] = true,  [STEP_enter_network] = true,
};

static uint32_t earlier(uint32_t one, uint32_t other)
{
	return one < other ? one : other;
}

/* The image's files are looked at and changed with the container's root's rights, the program runs without; and a
 * created container is complete but for its program. */
static const char *world_done(const struct law_view *view)
{
	uint32_t first = earlier(view->first[STEP_set_groups], view->first[STEP_set_gid]);
	first = earlier(first, view->first[STEP_wait_gate]);
	for (uint32_t i = first; i < view->block->step_count; i++)
		if (makes_world[plan_step(view->block, i)->kind])
			return law_broken(view, i, "the ids are being changed already, or the container waits");
	return NULL;
}

static const char *hidden_again(const struct law_view *view)
{
	uint32_t caps = view->first[STEP_set_caps];
	uint32_t hidden = view->last[STEP_hide_process];
	return hidden != LAW_NONE && hidden > caps ? NULL
	                                           : law_broken(view, caps, "nothing hides the process after it");
}

/* Nothing of the image is looked up, read or executed while the process still stands outside of its root. */
static const char *inside_first(const struct law_view *view)
{
	static const enum step_kind kinds[] = { STEP_set_gid,         STEP_set_uid, STEP_set_caps,
		                                STEP_inspect_program, STEP_seccomp, STEP_find_program };
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (view->first[kinds[i]] < view->first[STEP_pivot])
			return law_broken(view, view->first[kinds[i]], "the root is still the host's");
	return NULL;
}

static const struct law laws[] = {
	{ "exec is last, and has a program", "nobody would be there to do more (execve(2))", exec_last },
	{ "an init that stays has what the program has, and no more", "PID 1 is within reach of all processes inside",
	  stays_last },
	{ "ambient lies within inheritable and permitted", "capabilities(7); CVE-2016-8867", ambient },
	{ "effective lies within permitted", "capset(2) refuses the whole set", effective },
	{ "only known capabilities are set", "capset(2) would set those of a newer kernel that nobody asked for",
	  known },
	{ "the filter stands where it can be installed and hinders nothing", "seccomp(2), runtime-spec F30", filter },
	{ "a filter with a listener dies with it", "seccomp_unotify(2)", listened },
	{ "the world is complete before the ids change", "setuid(2): the privilege to make it is gone after",
	  world_done },
	{ "the process hides again when its credentials have changed", "prctl(2) PR_SET_DUMPABLE; CVE-2016-9962",
	  hidden_again },
	{ "the identity is taken inside the root", "CVE-2019-14271, CVE-2024-21626", inside_first },
};
const struct law_list laws_identity = { laws, sizeof(laws) / sizeof(*laws) };
