/* law_order.c: laws of order: every step of one kind stands before every step of another. */
#include "plan/law.h"

const struct law_order law_orders[] = {
	/* Undo walks backwards: the process must be gone before what it lives in can be removed. */
	{ STEP_make_record, STEP_clone, "the process is killed before its record goes" },
	{ STEP_make_scratch, STEP_clone, "the process is killed before its directories go" },
	{ STEP_hold_changes, STEP_clone, "two boxes that write to one layer destroy it (overlayfs.rst)" },
	{ STEP_make_scratch, STEP_copy_file, "a copy lies in a directory that goes with the record" },
	{ STEP_copy_file, STEP_clone, "the container finds it there" },
	{ STEP_make_scratch, STEP_copy_cookie, "a copy lies in a directory that goes with the record" },
	{ STEP_copy_cookie, STEP_clone, "the container finds it there" },
	{ STEP_make_cgroup, STEP_clone, "a cgroup with a process in it cannot be removed: rmdir says EBUSY" },
	{ STEP_make_record, STEP_hold_changes, "the directory says which record its last box had" },
	{ STEP_make_record, STEP_make_cgroup, "the journal is in the record, and is written before the deed" },
	/* Limits hold before there is anybody to escape them. */
	{ STEP_make_cgroup, STEP_write_cgroup, "a limit is written to a cgroup that exists" },
	{ STEP_write_cgroup, STEP_save_process, "the process waits until all its limits hold" },
	{ STEP_write_cgroup, STEP_exec_init, "nothing of the container is ever outside its limits" },
	{ STEP_load_devices, STEP_clone, "no process ever has more devices than its policy" },
	{ STEP_open_cgroup, STEP_clone,
	  "the permission to enter is the opener's, and that is the runtime (cgroups(7))" },
	{ STEP_open_console, STEP_clone, "the child inherits it" },
	{ STEP_make_record, STEP_open_log, "the journal is in the record, and is written before the deed" },
	{ STEP_open_log, STEP_clone, "the child inherits it" },
	{ STEP_load_init, STEP_clone, "the child inherits the program that it becomes" },
	{ STEP_open_namespace, STEP_open_process, "then its pid was the process's all the while" },
	{ STEP_open_process, STEP_clone, "after a join the path would be another's, so the child inherits it" },
	{ STEP_open_tree, STEP_clone, "what the container's root may not open, the child inherits" },
	/* The process, until it is init. */
	{ STEP_enter_cgroup, STEP_exec_init, "the cgroup's file is not carried into init" },
	{ STEP_join_namespace, STEP_exec_init, "init starts where it stays" },
	{ STEP_unshare, STEP_exec_init, "init starts where it stays" },
	{ STEP_fork, STEP_exec_init, "init starts as the process it stays" },
	{ STEP_become_root, STEP_exec_init,
	  "exec keeps the capabilities only of uid 0 or ambient ones (capabilities(7))" },
	{ STEP_open_time_offsets, STEP_join_namespace, "a joined mount namespace has another /proc" },
	{ STEP_write_time_offsets, STEP_fork,
	  "offsets are fixed once a process is in the namespace (time_namespaces(7))" },
	{ STEP_write_idmap, STEP_become_root, "ids that are not mapped cannot be taken (user_namespaces(7))" },
	/* The world. */
	{ STEP_set_propagation, STEP_open_root, "a mount made before would reach the host" },
	{ STEP_set_propagation, STEP_mount_scratch, "a mount made before would reach the host" },
	{ STEP_mount_scratch, STEP_make_layer, "what a box writes is not written to the machine" },
	{ STEP_make_layer, STEP_open_root, "an overlay has the directories it writes to" },
	{ STEP_open_channel, STEP_open_root, "the kernel gives the mount to who opened it" },
	{ STEP_open_root, STEP_serve_root, "what is not mounted cannot be served (EPERM)" },
	{ STEP_serve_root, STEP_await_root, "nobody else answers" },
	{ STEP_await_root, STEP_mount_fs, "a look into it would wait for ever where nobody serves it" },
	{ STEP_await_root, STEP_bind, "a look into it would wait for ever where nobody serves it" },
	{ STEP_await_root, STEP_pivot, "a look into it would wait for ever where nobody serves it" },
	{ STEP_set_propagation, STEP_mount_fs, "a mount made before would reach the host" },
	{ STEP_set_propagation, STEP_bind, "a mount made before would reach the host" },
	{ STEP_mount_fs, STEP_mask, "a later mount would uncover the path" },
	{ STEP_bind, STEP_mask, "a later mount would uncover the path" },
	{ STEP_mount_fs, STEP_readonly, "a later mount would be writable" },
	{ STEP_bind, STEP_readonly, "a later mount would be writable" },
	{ STEP_make_device, STEP_mask, "a mask must not hide what was asked for, nor be hidden" },
	{ STEP_open_root, STEP_pivot, "the root is opened while the host's paths are there" },
	{ STEP_open_proc, STEP_write_sysctl, "CVE-2025-52881: never through the container's /proc" },
	{ STEP_enter_network, STEP_raise_loopback, "an interface belongs to a network namespace" },
	{ STEP_enter_network, STEP_write_sysctl, "net.* is that of the writer's network namespace" },
	{ STEP_enter_network, STEP_set_uid, "setns needs CAP_SYS_ADMIN (setns(2))" },
	/* Hooks. */
	{ STEP_make_record, STEP_keep_hooks, "they are kept in it" },
	{ STEP_keep_hooks, STEP_run_hook, "what these do, the poststop hooks undo: those are promised first" },
	{ STEP_keep_hooks, STEP_run_hook_inside, "what these do, the poststop hooks undo: those are promised first" },
	{ STEP_save_process, STEP_run_hook, "who clears up after a kist that was killed here needs the record" },
	{ STEP_keep_hooks, STEP_exec, "what has run has its poststop hooks, also when its kist was killed" },
	{ STEP_mount_fs, STEP_run_hook, "they find the mounts done (runtime-spec, \"createRuntime\")" },
	{ STEP_bind, STEP_run_hook, "they find the mounts done (runtime-spec, \"createRuntime\")" },
	{ STEP_enter_network, STEP_run_hook, "they find the network by the pid" },
	{ STEP_run_hook, STEP_run_hook_inside, "runtime-spec: createContainer hooks come after createRuntime hooks" },
	{ STEP_run_hook, STEP_pivot, "runtime-spec: before pivot_root" },
	{ STEP_run_hook_inside, STEP_pivot, "runtime-spec: before pivot_root; their paths are the host's" },
	{ STEP_pivot, STEP_run_hook_at_start, "runtime-spec: its path is the container's" },
	{ STEP_set_caps, STEP_run_hook_at_start, "the image's program gets no more than the container's" },
	{ STEP_no_new_privs, STEP_run_hook_at_start, "the image's program gets no more than the container's" },
	{ STEP_run_hook_at_start, STEP_exec, "runtime-spec: before the user-specified process" },
	/* The terminal. */
	{ STEP_open_terminal, STEP_bind_console, "CVE-2025-52565: the peer is bound by descriptor" },
	{ STEP_new_session, STEP_take_terminal, "TIOCSCTTY wants a session leader (tty_ioctl(2))" },
	/* The start gate. */
	{ STEP_make_record, STEP_make_gate, "the gate lies in the record, and goes with it" },
	{ STEP_make_gate, STEP_clone, "the child inherits it" },
	{ STEP_pivot, STEP_wait_gate, "create applies all but /process (runtime-spec, \"Create\")" },
	{ STEP_save_process, STEP_wait_gate, "what waits is listed and can be killed" },
	{ STEP_find_program, STEP_listen_gate, "who creates hears of a program that is not there" },
	{ STEP_new_session, STEP_listen_gate, "the caller's terminal must not reach what waits (CVE-2017-5226)" },
	{ STEP_wait_gate, STEP_inspect_program, "what is read is what start finds" },
	{ STEP_wait_gate, STEP_set_rlimit, "the identity is that of start" },
	{ STEP_wait_gate, STEP_seccomp, "the filter may forbid to wait" },
	{ STEP_wait_gate, STEP_set_groups, "the identity is that of start" },
	{ STEP_wait_gate, STEP_set_gid, "the identity is that of start" },
	{ STEP_new_session, STEP_take_log, "what it shares with the caller goes at once" },
	/* The identity. */
	{ STEP_set_memory_policy, STEP_seccomp, "the filter may forbid it, as those of engines do" },
	{ STEP_set_affinity, STEP_set_uid, "with the privileges there are, as the other limits" },
	{ STEP_lookup_user, STEP_lookup_groups, "what is named replaces what was found with the user" },
	{ STEP_lookup_groups, STEP_set_groups, "the ids come from the lookup" },
	{ STEP_lookup_groups, STEP_inspect_program, "whether the groups may read it is looked at there" },
	{ STEP_lookup_user, STEP_set_groups, "the ids come from the lookup" },
	{ STEP_lookup_user, STEP_take_pipes, "the user is the one looked up" },
	{ STEP_take_pipes, STEP_set_uid, "to give a file away needs CAP_CHOWN (chown(2))" },
	{ STEP_take_pipes, STEP_seccomp, "the filter may forbid it" },
	{ STEP_change_dir, STEP_set_uid, "with what privileges there are; verified below the root (CVE-2024-21626)" },
	{ STEP_set_rlimit, STEP_set_uid, "raising a hard limit needs CAP_SYS_RESOURCE (setrlimit(2))" },
	{ STEP_raise_rlimit, STEP_set_rlimit, "init may set what the limit allows (setrlimit(2))" },
	{ STEP_set_scheduler, STEP_set_uid, "real time needs CAP_SYS_NICE (sched(7))" },
	{ STEP_set_io_priority, STEP_set_uid, "the real-time class needs CAP_SYS_ADMIN (ioprio_set(2))" },
	{ STEP_set_oom_score, STEP_set_uid, "lowering it needs CAP_SYS_RESOURCE (proc(5))" },
	{ STEP_drop_bounding, STEP_set_uid, "PR_CAPBSET_DROP needs CAP_SETPCAP (prctl(2))" },
	{ STEP_set_groups, STEP_set_gid, "setgroups needs CAP_SETGID, and none of the old groups may stay" },
	{ STEP_set_gid, STEP_set_uid, "after the uid the gid can no longer be changed (setresgid(2))" },
	{ STEP_set_uid, STEP_set_caps, "a change of uid clears capabilities (capabilities(7))" },
	{ STEP_set_uid, STEP_die_with_runtime, "a change of credentials clears PDEATHSIG (prctl(2))" },
	{ STEP_set_caps, STEP_die_with_runtime, "a change of credentials clears PDEATHSIG (prctl(2))" },
	{ STEP_no_new_privs, STEP_seccomp, "without privilege seccomp(2) wants it" },
	{ STEP_inspect_program, STEP_seccomp, "the filter may forbid open and read" },
	/* The end. */
	{ STEP_write_pid_file, STEP_exec, "who sees the program run finds its pid" },
	{ STEP_open_program, STEP_clone, "opened before the container can act" },
	{ STEP_save_process, STEP_exec, "what runs is listed and can be killed" },
	{ STEP_take_console, STEP_exec, "the program's first output is not lost" },
};

const size_t law_order_count = sizeof(law_orders) / sizeof(*law_orders);

static const char *in_order(const struct law_view *view)
{
	for (size_t i = 0; i < law_order_count; i++) {
		const struct law_order *order = &law_orders[i];
		if (!view->count[order->first] || !view->count[order->then] ||
		    view->last[order->first] < view->first[order->then])
			continue;
		return law_broken(view, view->last[order->first], "it stands after %s; %s",
		                  step_table[order->then].name, order->reason);
	}
	return NULL;
}

static const struct law laws[] = {
	{ "steps stand in the one order that is safe", "each pair has its reason", in_order },
};
const struct law_list laws_order = { laws, sizeof(laws) / sizeof(*laws) };
