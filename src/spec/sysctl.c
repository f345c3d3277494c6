/* sysctl.c: kernel parameters: their two spellings, and the namespace each belongs to. */
#include "spec/sysctl.h"

#include "base/abi.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* ipc_namespaces(7), uts_namespaces(7), user_namespaces(7), network_namespaces(7). A path that ends in '/' stands for
 * all below it. */
static const struct {
	const char *path;
	uint32_t type;
} owners[] = {
	{ "net/", ABI_NEWNET },
	{ "fs/mqueue/", ABI_NEWIPC },
	{ "kernel/msgmax", ABI_NEWIPC },
	{ "kernel/msgmnb", ABI_NEWIPC },
	{ "kernel/msgmni", ABI_NEWIPC },
	{ "kernel/msg_next_id", ABI_NEWIPC },
	{ "kernel/auto_msgmni", ABI_NEWIPC },
	{ "kernel/sem", ABI_NEWIPC },
	{ "kernel/sem_next_id", ABI_NEWIPC },
	{ "kernel/shmall", ABI_NEWIPC },
	{ "kernel/shmmax", ABI_NEWIPC },
	{ "kernel/shmmni", ABI_NEWIPC },
	{ "kernel/shm_next_id", ABI_NEWIPC },
	{ "kernel/shm_rmid_forced", ABI_NEWIPC },
	{ "kernel/hostname", ABI_NEWUTS },
	{ "kernel/domainname", ABI_NEWUTS },
	{ "user/", ABI_NEWUSER },
};

uint32_t sysctl_namespace(const char *path)
{
	for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++) {
		size_t length = strlen(owners[i].path);
		bool below = owners[i].path[length - 1] == '/';
		if (below ? strncmp(path, owners[i].path, length) == 0 : strcmp(path, owners[i].path) == 0)
			return owners[i].type;
	}
	return 0;
}

/* What could step out of /proc/sys, or be read differently by whoever reads it next. */
static const char *path_fault(const char *path)
{
	for (const char *byte = path; *byte; byte++) {
		if ((unsigned char)*byte <= ' ' || *byte == 0x7f)
			return "white space or a control character";
		if (*byte == '=' || *byte == '+')
			return *byte == '=' ? "a \"=\"" : "a \"+\"";
	}
	const char *component = path;
	for (;;) {
		size_t length = strcspn(component, "/");
		if (length == 0)
			return "an empty component";
		if (component[0] == '.' && (length == 1 || (length == 2 && component[1] == '.')))
			return "a component that is \".\" or \"..\"";
		if (!component[length])
			return NULL;
		component += length + 1;
	}
}

const char *sysctl_path(struct arena *arena, const char *key, const char **why)
{
	char *path = arena_string(arena, key);
	bool dots = key[strcspn(key, "./")] == '.';
	for (char *byte = path; dots && *byte; byte++) {
		if (*byte == '.')
			*byte = '/';
		else if (*byte == '/')
			*byte = '.';
	}
	const char *fault = path_fault(path);
	if (fault)
		*why = fault;
	return fault ? NULL : path;
}
