/* step.c: which function does which kind of step. */
#include "run/walk.h"

#include <errno.h>

static step_deed *const deeds[STEP_KIND_COUNT] = {
	[STEP_make_record] = step_make_record,
	[STEP_make_scratch] = step_make_scratch,
	[STEP_make_cgroup] = step_make_cgroup,
	[STEP_write_cgroup] = step_write_cgroup,
	[STEP_weigh_io] = step_weigh_io,
	[STEP_open_cgroup] = step_open_cgroup,
	[STEP_load_devices] = step_load_devices,
	[STEP_open_namespace] = step_open_namespace,
	[STEP_open_process] = step_open_process,
	[STEP_open_tree] = step_open_tree,
	[STEP_open_console] = step_open_console,
	[STEP_open_log] = step_open_log,
	[STEP_load_init] = step_load_init,
	[STEP_make_gate] = step_make_gate,
	[STEP_open_gate] = step_open_gate,
	[STEP_clone] = step_clone,
	[STEP_write_idmap] = step_write_idmap,
	[STEP_set_oom_score] = step_set_oom_score,
	[STEP_write_pid_file] = step_write_pid_file,
	[STEP_open_program] = step_open_program,
	[STEP_save_process] = step_save_process,
	[STEP_take_console] = step_take_console,
	[STEP_make_network] = step_make_network,
	[STEP_raise_rlimit] = step_raise_rlimit,
	[STEP_hold_changes] = step_hold_changes,
	[STEP_store_idmap] = step_store_idmap,
	[STEP_give_pipes] = step_give_pipes,
	[STEP_copy_file] = step_copy_file,
	[STEP_make_idmap] = step_make_idmap,
	[STEP_copy_cookie] = step_copy_cookie,
	[STEP_serve_root] = step_serve_root,
	[STEP_keep_hooks] = step_keep_hooks,
	[STEP_run_hook] = step_run_hook,
};

int step_do(struct walk *walk, const struct step *step)
{
	step_deed *deed = step->kind < STEP_KIND_COUNT ? deeds[step->kind] : NULL;
	return deed ? deed(walk, step)
	            : step_fail(walk, -ENOSYS, "the runtime does not do steps of kind %u", step->kind);
}
