/* fault_off.c: nothing goes wrong on purpose. */
#include "run/fault.h"

enum { PAUSE_MS = 100 };

bool fault_available(void)
{
	return false;
}

int fault_own(struct walk *walk)
{
	(void)walk;
	return 0;
}

int fault_in_child(struct walk *walk)
{
	(void)walk;
	return 0;
}

void fault_waiting(struct walk *walk)
{
	(void)walk;
}

int fault_pause(void)
{
	return PAUSE_MS;
}
