/* listener.c: takes the seccomp listener out of init. Behind its filter init can do nothing about it but write its
 * number on the board; it then waits in execve, which the filter hands to the listener too. */
#include "run/listener.h"

#include "base/fd.h"
#include "plan/wire.h"
#include "sys/process.h"
#include "sys/seccomp.h"

#include <errno.h>

enum { PAUSE_MS = 1 };

/* The step that makes the listener, or NULL. */
static const struct step *listener_step(const struct walk *walk, uint32_t *index)
{
	for (uint32_t i = walk->block->step_count; i-- > 0;) {
		const struct step *step = plan_step(walk->block, i);
		if (step->kind != STEP_seccomp || !(step->seccomp.flags & WIRE_FILTER_LISTENER))
			continue;
		*index = i;
		return step;
	}
	return NULL;
}

/* It is made behind the last step of the runtime. */
static bool is_awaited(const struct walk *walk, uint32_t *index)
{
	return walk->index == walk->block->step_count && walk->run->listener < 0 && !walk->listener_gone &&
	       listener_step(walk, index);
}

int listener_pause(const struct walk *walk, int pause)
{
	uint32_t index;
	return is_awaited(walk, &index) ? PAUSE_MS : pause;
}

int listener_take(struct walk *walk)
{
	uint32_t index;
	if (!is_awaited(walk, &index))
		return 0;
	int number = __atomic_load_n(&walk->run->board->listener, __ATOMIC_ACQUIRE);
	if (number == 0)
		return 0;
	FD_AUTO int fd = sys_pidfd_getfd(walk->run->pidfd, number);
	int result = fd < 0 ? fd : sys_seccomp_valid(fd, 0);
	if (result == -ENOENT) { /* it is one, and nobody has that number */
		walk->run->listener = fd_take(&fd);
		return 0;
	}
	walk->index = index;
	walk->own_failed = true;
	walk->hint = "to take the listener from the container kist needs CAP_SYS_PTRACE over it: run without "
		     "--seccomp-trace where something denies it that";
	return step_fail(walk, result, "its listener cannot be taken");
}

void listener_serve(struct walk *walk, const struct pollfd *polled)
{
	const struct run_request *request = walk->request;
	if (!polled->revents)
		return;
	/* Hung up: nobody is left behind the filter. */
	if (polled->revents & POLLIN && request->serve && request->serve(request->server, polled->fd) == 0)
		return;
	fd_close(&walk->run->listener);
	walk->listener_gone = true;
}
