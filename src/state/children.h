/* children.h: the end of everything that a process has started. */
#ifndef KIST_STATE_CHILDREN_H
#define KIST_STATE_CHILDREN_H

/* Kills and reaps the children of the calling process, and theirs, which it must inherit (sys_adopt_orphans), until
 * none is left; at most 5 s. Only system calls. 0, -ETIMEDOUT, or -errno when they cannot be listed (-ESRCH:
 * /proc is of another pid namespace). */
int children_end(void);

#endif
