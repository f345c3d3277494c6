/* ids.c: capability sets as 64-bit masks, and the prctl(2) calls around them. */
#include "sys/ids.h"

#include "sys/process.h"

static uint64_t join_halves(uint32_t low, uint32_t high)
{
	return low | (uint64_t)high << 32;
}

int sys_get_caps(struct sys_caps *caps)
{
	struct uapi_cap_header header = { .version = UAPI_CAPABILITY_VERSION_3 };
	struct uapi_cap_half half[2] = { 0 };
	int result = sys_result(syscall(SYS_capget, &header, half));

	if (result < 0)
		return result;
	caps->effective = join_halves(half[0].effective, half[1].effective);
	caps->permitted = join_halves(half[0].permitted, half[1].permitted);
	caps->inheritable = join_halves(half[0].inheritable, half[1].inheritable);
	return 0;
}

int sys_set_caps(const struct sys_caps *caps)
{
	struct uapi_cap_header header = { .version = UAPI_CAPABILITY_VERSION_3 };
	const struct uapi_cap_half half[2] = {
		{ (uint32_t)caps->effective, (uint32_t)caps->permitted, (uint32_t)caps->inheritable },
		{ (uint32_t)(caps->effective >> 32), (uint32_t)(caps->permitted >> 32),
		  (uint32_t)(caps->inheritable >> 32) },
	};

	return sys_result(syscall(SYS_capset, &header, half));
}

int sys_bounding_has(unsigned capability)
{
	return sys_prctl(UAPI_PR_CAPBSET_READ, capability, 0);
}

int sys_bounding_drop(unsigned capability)
{
	return sys_prctl(UAPI_PR_CAPBSET_DROP, capability, 0);
}

int sys_ambient_raise(unsigned capability)
{
	return sys_prctl(UAPI_PR_CAP_AMBIENT, UAPI_PR_CAP_AMBIENT_RAISE, capability);
}

int sys_ambient_clear(void)
{
	return sys_prctl(UAPI_PR_CAP_AMBIENT, UAPI_PR_CAP_AMBIENT_CLEAR_ALL, 0);
}

int sys_keep_caps(void)
{
	return sys_prctl(UAPI_PR_SET_KEEPCAPS, 1, 0);
}

int sys_ambient_all(void)
{
	struct sys_caps caps;
	int result = sys_get_caps(&caps);
	if (result < 0)
		return result;
	caps.inheritable = caps.effective = caps.permitted;
	result = sys_set_caps(&caps);
	for (unsigned capability = 0; result == 0 && capability < 64; capability++)
		if (caps.permitted >> capability & 1)
			result = sys_ambient_raise(capability);
	return result;
}
