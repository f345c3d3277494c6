/* checker.h: what the files of checks share: how a check reports, and the questions many of them ask. */
#ifndef KIST_SPEC_CHECKER_H
#define KIST_SPEC_CHECKER_H

#include "spec/fault.h"
#include "spec/spec.h"

/* What to do about a missing namespace. */
#define CHECK_ADD(type) "add { \"type\": \"" type "\" } to /linux/namespaces"

struct checker {
	struct arena *arena;
	const struct spec *spec;
	struct spec_faults *faults;
	const char *name; /* of the check that runs */
};

typedef void check_function(struct checker *checker);

/* Each reports at a JSON pointer; nothing is said about a value in which the decoder found a fault already. */
__attribute__((format(printf, 3, 4))) void check_fault(struct checker *checker, const char *pointer, const char *format,
                                                       ...);
__attribute__((format(printf, 3, 4))) void check_warn(struct checker *checker, const char *pointer, const char *format,
                                                      ...);
__attribute__((format(printf, 3, 4))) void check_note(struct checker *checker, const char *pointer, const char *format,
                                                      ...);

/* How the config has a namespace. CHECK_UNKNOWN: its list could not be read, so nothing follows from it. */
enum check_namespace { CHECK_ABSENT, CHECK_JOINED, CHECK_NEW, CHECK_UNKNOWN };
enum check_namespace check_namespace(const struct checker *checker, uint32_t type);

/* Faults unless the config makes a mount namespace: "<what> need a mount namespace ...". */
void check_needs_mounts(struct checker *checker, const char *pointer, const char *what);
/* Faults where an id map has a line without ids, two that overlap, or one beyond the last id; `pointer` is its own. */
void check_idmaps(struct checker *checker, const char *pointer, const struct spec_idmaps *maps);
/* Faults unless it is a list of CPUs or nodes as cpuset(7) writes it: "0-3,7". NULL and "" are fine. */
void check_number_list(struct checker *checker, const char *pointer, const char *list);

/* One entry of a list. Its pointer is put together only when there is something to report: a config has hundreds of
 * entries, and nearly all are right. */
struct check_item {
	const char *list; /* pointer of the list */
	size_t index;
};
/* "/mounts/3/type" of "/mounts", 3 and "/type". */
const char *check_pointer(const struct checker *checker, struct check_item item, const char *rest);
/* True when the decoder found a fault in the entry. */
bool check_touched(const struct checker *checker, struct check_item item);
/* Faults unless the path, at `rest` in the entry, begins with '/'. NULL is fine. */
void check_absolute(struct checker *checker, struct check_item item, const char *rest, const char *path);

/* check_document.c, check_mount.c */
check_function check_version, check_root, check_names, check_annotations, check_hooks;
check_function check_mount_namespace, check_mounts, check_mount_idmaps;
/* check_process.c */
check_function check_cwd, check_args, check_env, check_console, check_user, check_capabilities, check_rlimits,
	check_oom_score, check_scheduler, check_io_priority, check_affinity;
/* check_linux.c */
check_function check_namespaces, check_id_mappings, check_time_offsets, check_paths, check_propagation, check_devices,
	check_net_devices, check_cgroups_path, check_sysctl, check_rdt, check_memory_policy, check_personality;
/* check_resources.c */
check_function check_memory, check_cpu, check_pids, check_block_io, check_hugepages, check_network, check_rdma,
	check_unified;
/* check_seccomp.c */
check_function check_seccomp_default, check_seccomp_rules, check_seccomp_listener;

#endif
