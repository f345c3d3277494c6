/* bpf.c: bpf(2), as far as a device program needs it. */
#include "sys/bpf.h"

#include "sys/result.h"

int sys_bpf_load_device(const struct uapi_bpf_insn *program, size_t count, char *log, size_t log_size)
{
	struct uapi_bpf_load load = {
		.prog_type = UAPI_BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_count = (uint32_t)count,
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "Apache-2.0",
		.log_level = log ? 1 : 0,
		.log_size = log ? (uint32_t)log_size : 0,
		.log_buf = (uintptr_t)log,
	};

	if (log && log_size > 0)
		log[0] = '\0';
	return sys_result(syscall(SYS_bpf, UAPI_BPF_PROG_LOAD, &load, sizeof(load)));
}

int sys_bpf_attach_device(int cgroup, int program)
{
	struct uapi_bpf_attach attach = {
		.target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = UAPI_BPF_CGROUP_DEVICE,
		.attach_flags = UAPI_BPF_F_ALLOW_MULTI,
	};

	return sys_result(syscall(SYS_bpf, UAPI_BPF_PROG_ATTACH, &attach, sizeof(attach)));
}
