/* key.h: session keyrings. */
#ifndef KIST_SYS_KEY_H
#define KIST_SYS_KEY_H

#include "sys/result.h"
#include "sys/uapi.h"

/* Joins the session keyring of this name, or a new nameless one (NULL). -EDQUOT: the user's key quota is used up. */
static inline int sys_join_session_keyring(const char *name)
{
	return sys_result(syscall(SYS_keyctl, UAPI_KEYCTL_JOIN_SESSION_KEYRING, name));
}

#endif
