/* bpf.h: the device policy of a cgroup v2: one small program, loaded and attached. */
#ifndef KIST_SYS_BPF_H
#define KIST_SYS_BPF_H

#include "sys/uapi.h"

#include <stddef.h>

/* Loads a BPF_PROG_TYPE_CGROUP_DEVICE program. The verifier's words go to `log` (NULL: not wanted), NUL-terminated.
 * A descriptor or -errno. */
int sys_bpf_load_device(const struct uapi_bpf_insn *program, size_t count, char *log, size_t log_size);
/* Attaches it beside what others attached (all must agree to let a device through). 0 or -errno. */
int sys_bpf_attach_device(int cgroup, int program);

#endif
