/* box_process.c: who runs what in a box: the user, the environment, the capabilities. */
#include "spec/box_part.h"
#include "spec/names.h"

#include <string.h>

/* "1000", "1000:100": strict decimal, so that 0x1, -1, 4294967296 or " 1" never become somebody (CVE-2016-3697). */
static bool box_id(const char *text, size_t length, uint32_t *id)
{
	uint64_t number = 0;
	if (length == 0 || length > 10 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	*id = (uint32_t)number;
	return number < UINT32_MAX;
}

/* Numbers are taken as they are; names are looked up inside, by init. True when the user id is known already. */
static bool box_user(struct box *box)
{
	const char *user = box->flags->user;
	if (!user)
		return true;
	struct spec_user *ids = &box->spec->process.user;
	const char *colon = strchr(user, ':');
	size_t length = colon ? (size_t)(colon - user) : strlen(user);
	box_origin(box, "/process/user", "user", user);
	if (length == 0 || (colon && colon[1] == '\0')) {
		box_fault(box, "/process/user", "expected UID, NAME, UID:GID or NAME:GROUP");
		return false;
	}
	bool uid_number = box_id(user, length, &ids->uid);
	bool gid_number = !colon || box_id(colon + 1, strlen(colon + 1), &ids->gid);
	if (!uid_number && (*user == '-' || *user == ' ' || (*user >= '0' && *user <= '9'))) {
		box_fault(box, "/process/user", "this is neither a user id (0 to 4294967294, decimal) nor a name");
		return false;
	}
	/* The group of a bare number is what the container's passwd says, so that is looked up as well. */
	if (!uid_number || !gid_number || !colon)
		box->spec->box.user = user;
	return uid_number;
}

/* What podman and docker leave root inside: enough to install packages, nothing that reaches the host. */
static uint64_t box_capability_set(void)
{
	static const char *const names[] = {
		"CAP_CHOWN",   "CAP_DAC_OVERRIDE",     "CAP_FOWNER",     "CAP_FSETID",
		"CAP_KILL",    "CAP_NET_BIND_SERVICE", "CAP_SETFCAP",    "CAP_SETGID",
		"CAP_SETPCAP", "CAP_SETUID",           "CAP_SYS_CHROOT",
	};
	uint64_t set = 0, number;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name_value(&name_capabilities, names[i], &number))
			set |= UINT64_C(1) << number;
	return set;
}

void box_process(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_process *process = &box->spec->process;
	process->set = true;
	process->terminal = flags->terminal;
	process->cwd = box->spec->box.root_mode == ROOT_HOST_OVERLAY ? flags->cwd : "/";
	process->args = (struct spec_strings){ flags->args, flags->arg_count };
	process->env.items = ARENA_ARRAY(box->arena, 2, const char *);
	process->env.items[process->env.count++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	if (flags->term)
		process->env.items[process->env.count++] = arena_printf(box->arena, "TERM=%s", flags->term);
	process->no_new_privileges = true;
	bool uid_given = box_user(box);
	struct spec_capabilities *capabilities = &process->capabilities;
	capabilities->set = true;
	capabilities->bounding = box_capability_set();
	/* As under docker and podman: another user than root starts without any, and inheritable stays empty
	 * (CVE-2022-24769). */
	bool root = !flags->user || strcmp(flags->user, "root") == 0 || (uid_given && process->user.uid == 0);
	if (root)
		capabilities->effective = capabilities->permitted = capabilities->bounding;
}
