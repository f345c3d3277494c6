/* deadline.c: the time a container may take: SIGTERM when it is up, SIGKILL when that did not help. */
#include "sys/process.h"
#include "watch/watching.h"

#include <limits.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void deadline_open(struct watching *watching)
{
	if (!watching->watch->timeout_ms)
		return;
	watching->stage = CLOCK_RUNS;
	watching->due = now_ms() + watching->watch->timeout_ms;
}

static bool is_running(const struct watching *watching)
{
	return watching->status == STATUS_NONE && (watching->stage == CLOCK_RUNS || watching->stage == CLOCK_UP);
}

int deadline_wait(const struct watching *watching)
{
	if (!is_running(watching))
		return -1;
	int64_t left = watching->due - now_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

void deadline_check(struct watching *watching)
{
	if (!is_running(watching) || now_ms() < watching->due)
		return;
	if (watching->stage == CLOCK_RUNS) {
		struct signalfd_siginfo up = { .ssi_signo = SIGTERM, .ssi_code = SI_USER };
		watching->stage = CLOCK_UP;
		watching->due = now_ms() + watching->watch->grace_ms;
		answer_signal(watching, &up);
	} else {
		watching->stage = CLOCK_OVER;
		sys_pidfd_signal(watching->watch->pidfd, SIGKILL);
	}
}
