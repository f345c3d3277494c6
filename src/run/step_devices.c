/* step_devices.c: v2's device policy, a BPF program on the container's cgroup; it goes when the cgroup goes. */
#include "base/fd.h"
#include "run/walk.h"
#include "sys/bpf.h"
#include "sys/sched.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum { VERIFIER_LOG = 64 << 10, VERIFIER_SHOWN = 300 };

/* Before 5.11 programs are charged to RLIMIT_MEMLOCK. Kist wants more here than the caller asked for, so a machine that
 * does not give it is no failure. */
static void raise_memlock(void)
{
	const struct uapi_rlimit all = { .soft = UINT64_MAX, .hard = UINT64_MAX };
	sys_rlimit(0, RLIMIT_MEMLOCK, &all, NULL);
}

/* The end of the verifier's log says what was wrong; in a sentence it is one line. */
static const char *shorten(char *log)
{
	size_t length = strlen(log);
	char *end = length > VERIFIER_SHOWN ? log + length - VERIFIER_SHOWN : log;
	for (char *at = end; *at; at++)
		if (*at == '\n')
			*at = at[1] ? ';' : '\0';
	return end;
}

static int load_program(struct walk *walk, const struct uapi_bpf_insn *program, size_t count)
{
	int fd = sys_bpf_load_device(program, count, NULL, 0);
	if (fd == -EPERM) {
		raise_memlock();
		fd = sys_bpf_load_device(program, count, NULL, 0);
	}
	if (fd >= 0 || fd == -EPERM)
		return fd;
	char *log = arena_alloc(walk->arena, VERIFIER_LOG);
	int again = sys_bpf_load_device(program, count, log, VERIFIER_LOG);
	if (again >= 0)
		return again;
	return *log ? step_fail(walk, fd, "the kernel's verifier says: %s", shorten(log)) : fd;
}

int step_load_devices(struct walk *walk, const struct step *step)
{
	const struct plan_span bytes = step->load_devices.program;
	FD_AUTO int program =
		load_program(walk, plan_bytes(walk->block, bytes), bytes.count / sizeof(struct uapi_bpf_insn));
	if (program < 0)
		return program;
	return sys_bpf_attach_device(walk->slots[step->load_devices.cgroup], program);
}
