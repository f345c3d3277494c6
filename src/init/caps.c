/* caps.c: the five capability sets. What cannot be granted is left out and noted for the warning (C8). */
#include "base/abi.h"
#include "init/actions.h"
#include "sys/ids.h"

enum { CAP_BITS = 64 };

static uint64_t bit(unsigned capability)
{
	return UINT64_C(1) << capability;
}

int act_drop_bounding(struct walker *walker, const struct step *step)
{
	for (unsigned capability = 0; capability < CAP_BITS; capability++) {
		if (step->drop_bounding.keep & bit(capability))
			continue;
		int result = sys_bounding_drop(capability);
		if (result == -EINVAL) /* the kernel's last capability was before this one */
			return 0;
		/* Without CAP_SETPCAP there is no dropping, but what is not there need not be dropped. */
		if (result < 0 && sys_bounding_has(capability) != 0)
			return result;
		if (result == 0 && walker->filtered && sys_bounding_has(capability) == 1)
			return identity_faked(walker, "PR_CAPBSET_DROP");
	}
	return 0;
}

static uint64_t bounding_set(void)
{
	uint64_t set = 0;

	for (unsigned capability = 0; capability < CAP_BITS; capability++) {
		if (sys_bounding_has(capability) == 1)
			set |= bit(capability);
	}
	return set;
}

static uint64_t raise_ambient(uint64_t wanted)
{
	uint64_t raised = 0;

	for (unsigned capability = 0; capability < CAP_BITS; capability++) {
		if (wanted & bit(capability) && sys_ambient_raise(capability) == 0)
			raised |= bit(capability);
	}
	return raised;
}

static int check_caps(struct walker *walker, const struct sys_caps *granted)
{
	struct sys_caps now;
	int result = sys_get_caps(&now);

	if (result < 0)
		return result;
	bool same = now.permitted == granted->permitted && now.effective == granted->effective &&
	            now.inheritable == granted->inheritable;
	return same ? 0 : identity_faked(walker, "capset");
}

int act_set_caps(struct walker *walker, const struct step *step)
{
	const struct step_set_caps *wanted = &step->set_caps;
	struct sys_caps now, granted;
	int result = sys_get_caps(&now);

	if (result == 0)
		result = sys_ambient_clear();
	if (result < 0)
		return result;
	granted.permitted = wanted->permitted & now.permitted;
	granted.effective = wanted->effective & granted.permitted;
	/* capset(2): new inheritable ones must be permitted, and in the bounding set. Nothing becomes inheritable that
	 * was not asked for (CVE-2022-29162). */
	const uint64_t bounding = wanted->inheritable ? bounding_set() : 0;
	granted.inheritable = wanted->inheritable & (now.inheritable | (now.permitted & bounding));
	result = sys_set_caps(&granted);
	if (result == 0 && walker->filtered)
		result = check_caps(walker, &granted);
	if (result < 0)
		return result;
	const uint64_t ambient = raise_ambient(wanted->ambient & granted.permitted & granted.inheritable);
	const uint64_t missing = (wanted->permitted & ~granted.permitted) | (wanted->effective & ~granted.effective) |
	                         (wanted->inheritable & ~granted.inheritable) | (wanted->ambient & ~ambient);
	walker->board->caps_missing[0] = (uint32_t)missing;
	walker->board->caps_missing[1] = (uint32_t)(missing >> 32);
	return 0;
}
