/* notify.c: one call from the listener, who makes it, and the answer. */
#include "watch/notify.h"

#include "base/fd.h"
#include "sys/open.h"
#include "sys/seccomp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The name is the program's to choose, and goes to a terminal. */
static void read_name(pid_t pid, char name[NOTIFY_NAME])
{
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	FD_AUTO int fd = pid > 0 ? sys_open_at(AT_FDCWD, path, O_RDONLY, 0) : -1;
	long length = fd < 0 ? 0 : sys_read(fd, name, NOTIFY_NAME - 1);
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	for (char *byte = name; *byte; byte++)
		if ((unsigned char)*byte < 0x20 || (unsigned char)*byte >= 0x7f)
			*byte = '?';
}

int notify_serve(const struct notify *notify, int listener)
{
	struct uapi_seccomp_notif notif;
	struct notify_call call = { 0 };
	int result = sys_seccomp_receive(listener, &notif);
	if (result < 0)
		return result == -ENOENT || result == -EINTR ? 0 : result;
	call.pid = (pid_t)notif.pid;
	call.audit = notif.arch;
	call.number = (uint32_t)notif.number;
	memcpy(call.args, notif.args, sizeof(call.args));
	read_name(call.pid, call.name);
	/* Otherwise its pid may be another's by now. */
	if (sys_seccomp_valid(listener, notif.id) < 0)
		return 0;
	int number = notify->answer(notify->judge, &call);
	/* To go on is right for what the profile allows by its arguments: those are in registers, which nobody can
	 * change meanwhile. */
	struct uapi_seccomp_reply reply = {
		.id = notif.id,
		.error = number == NOTIFY_MAKE ? 0 : -number,
		.flags = number == NOTIFY_MAKE ? UAPI_SECCOMP_REPLY_CONTINUE : 0,
	};
	result = sys_seccomp_send(listener, &reply);
	return result == -ENOENT || result == -EINTR ? 0 : result;
}
