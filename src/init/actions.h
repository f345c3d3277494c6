/* actions.h: one function for each kind of step that init does itself. Each returns 0 or -errno, and may have told the
 * board more (walk_fail). What a kind means stands at its place in plan/steps.def. */
#ifndef KIST_INIT_ACTIONS_H
#define KIST_INIT_ACTIONS_H

#include "init/walk.h"

/* proc.c */
int act_hide_process(struct walker *walker, const struct step *step);
int act_open_proc(struct walker *walker, const struct step *step);
int act_write_sysctl(struct walker *walker, const struct step *step);
int act_set_name(struct walker *walker, const struct step *step);
int act_enter_network(struct walker *walker, const struct step *step);
int act_raise_loopback(struct walker *walker, const struct step *step);

/* identity.c: the failure of a step whose system call a filter answered with success and did not let happen. */
int identity_faked(struct walker *walker, const char *call);

/* pivot.c */
int act_set_propagation(struct walker *walker, const struct step *step);
int act_open_channel(struct walker *walker, const struct step *step);
int act_await_root(struct walker *walker, const struct step *step);
int act_open_root(struct walker *walker, const struct step *step);
int act_pivot(struct walker *walker, const struct step *step);

/* mount.c, bind.c */
int act_mount_fs(struct walker *walker, const struct step *step);
int act_bind(struct walker *walker, const struct step *step);
int act_remount(struct walker *walker, const struct step *step);

/* device.c */
int act_make_path(struct walker *walker, const struct step *step);
int act_make_link(struct walker *walker, const struct step *step);
int act_make_device(struct walker *walker, const struct step *step);

/* terminal.c */
int act_open_terminal(struct walker *walker, const struct step *step);
int act_bind_console(struct walker *walker, const struct step *step);
int act_new_session(struct walker *walker, const struct step *step);
int act_take_terminal(struct walker *walker, const struct step *step);
int act_take_log(struct walker *walker, const struct step *step);
int act_mount_scratch(struct walker *walker, const struct step *step);
int act_make_layer(struct walker *walker, const struct step *step);
int act_take_pipes(struct walker *walker, const struct step *step);

/* protect.c */
int act_mask(struct walker *walker, const struct step *step);
int act_readonly(struct walker *walker, const struct step *step);

/* gate.c, and what is looked for before it in inspect.c */
int act_find_program(struct walker *walker, const struct step *step);
int act_listen_gate(struct walker *walker, const struct step *step);
int act_wait_gate(struct walker *walker, const struct step *step);

/* limits.c */
int act_set_rlimit(struct walker *walker, const struct step *step);
int act_new_keyring(struct walker *walker, const struct step *step);
int act_set_personality(struct walker *walker, const struct step *step);
int act_set_scheduler(struct walker *walker, const struct step *step);
int act_set_affinity(struct walker *walker, const struct step *step);
int act_set_memory_policy(struct walker *walker, const struct step *step);
int act_set_io_priority(struct walker *walker, const struct step *step);
int act_set_umask(struct walker *walker, const struct step *step);

/* user.c, identity.c, caps.c */
int act_lookup_user(struct walker *walker, const struct step *step);
int act_lookup_groups(struct walker *walker, const struct step *step);
int act_change_dir(struct walker *walker, const struct step *step);
int act_set_groups(struct walker *walker, const struct step *step);
int act_set_gid(struct walker *walker, const struct step *step);
int act_set_uid(struct walker *walker, const struct step *step);
int act_drop_bounding(struct walker *walker, const struct step *step);
int act_set_caps(struct walker *walker, const struct step *step);
int act_no_new_privs(struct walker *walker, const struct step *step);
int act_die_with_runtime(struct walker *walker, const struct step *step);

/* hook.c */
int act_run_hook_inside(struct walker *walker, const struct step *step);
int act_run_hook_at_start(struct walker *walker, const struct step *step);

/* inspect.c, exec.c */
int act_inspect_program(struct walker *walker, const struct step *step);
int act_seccomp(struct walker *walker, const struct step *step);
int act_stay(struct walker *walker, const struct step *step); /* stay.c */
int act_exec(struct walker *walker, const struct step *step);

#endif
