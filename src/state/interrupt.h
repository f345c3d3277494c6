/* interrupt.h: the signals that mean "give up", for a wait that has to end with them. */
#ifndef KIST_STATE_INTERRUPT_H
#define KIST_STATE_INTERRUPT_H

/* A signalfd (non-blocking, close-on-exec) for those of them that the caller keeps pending; without such a caller they
 * end kist anyway. A descriptor, or -1. */
int interrupt_open(void);
/* The number of the signal that came; 0: none has. */
int interrupt_take(int fd);

#endif
