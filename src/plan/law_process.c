/* law_process.c: laws of the record, the cgroups, the namespaces and the process. */
#include "base/abi.h"
#include "plan/law.h"

#include <string.h>

/* --- how often -------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	enum step_kind kind;
	uint32_t least, most;
} counts[] = {
	{ STEP_make_record, 1, 1 },
	{ STEP_load_init, 1, 1 },
	{ STEP_clone, 1, 1 },
	{ STEP_exec_init, 1, 1 },
	{ STEP_save_process, 1, 1 },
	{ STEP_open_root, 1, 1 },
	{ STEP_pivot, 1, 1 },
	{ STEP_set_gid, 1, 1 },
	{ STEP_set_uid, 1, 1 },
	{ STEP_set_caps, 1, 1 },
	{ STEP_exec, 1, 1 },
	{ STEP_inspect_program, 1, 1 },
	{ STEP_set_oom_score, 0, 1 },
	{ STEP_take_console, 0, 1 },
	{ STEP_become_root, 0, 1 },
	{ STEP_set_groups, 0, 1 },
	{ STEP_drop_bounding, 0, 1 },
	{ STEP_no_new_privs, 0, 1 },
	{ STEP_seccomp, 0, 1 },
	{ STEP_die_with_runtime, 0, 1 },
	{ STEP_load_devices, 0, 1 },
	{ STEP_lookup_user, 0, 1 },
	{ STEP_open_terminal, 0, 1 },
	{ STEP_write_time_offsets, 0, 1 },
	{ STEP_new_session, 0, 1 },
	{ STEP_take_terminal, 0, 1 },
	{ STEP_change_dir, 0, 1 },
	{ STEP_lookup_groups, 0, 1 },
	{ STEP_set_affinity, 0, 1 },
	{ STEP_set_memory_policy, 0, 1 },
	{ STEP_open_program, 0, 1 },
	{ STEP_write_pid_file, 0, 1 },
	{ STEP_hold_changes, 0, 1 },
	{ STEP_give_pipes, 0, 1 },
	{ STEP_take_pipes, 0, 1 },
	{ STEP_store_idmap, 0, 1 },
	{ STEP_mount_scratch, 0, 1 },
	{ STEP_open_channel, 0, 1 },
	{ STEP_serve_root, 0, 1 },
	{ STEP_await_root, 0, 1 },
	{ STEP_open_console, 0, 1 },
	{ STEP_stay, 0, 1 },
	{ STEP_keep_hooks, 0, 1 },
	{ STEP_open_process, 0, 1 },
	{ STEP_make_gate, 0, 1 },
	{ STEP_find_program, 0, 1 },
	{ STEP_listen_gate, 0, 1 },
	{ STEP_open_gate, 0, 1 },
	{ STEP_wait_gate, 0, 1 },
	{ STEP_open_log, 0, 1 },
	{ STEP_take_log, 0, 1 },
};
/* clang-format on */

static const char *often(const struct law_view *view)
{
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		enum step_kind kind = counts[i].kind;
		if (view->count[kind] < counts[i].least)
			return law_broken(view, LAW_NONE, "there is no %s", step_table[kind].name);
		if (view->count[kind] > counts[i].most)
			return law_broken(view, view->last[kind], "it is there %u times", view->count[kind]);
	}
	return NULL;
}

static const char *record_first(const struct law_view *view)
{
	return view->first[STEP_make_record] == 0
	               ? NULL
	               : law_broken(view, view->first[STEP_make_record], "something is done before it");
}

/* What removes a copy is what removes its directory. */
static const char *copy_in_scratch(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *copy = plan_step(view->block, i);
		bool cookie = copy->kind == STEP_copy_cookie, found = !cookie && copy->kind != STEP_copy_file;
		plan_text to = cookie ? copy->copy_cookie.path : copy->copy_file.path;
		for (uint32_t k = 0; k < i && !found; k++) {
			const struct step *step = plan_step(view->block, k);
			const char *folder =
				step->kind == STEP_make_scratch ? law_text(view, step->make_scratch.path) : NULL;
			const char *path = law_text(view, to);
			size_t length = folder ? strlen(folder) : 0;
			found = folder && strncmp(path, folder, length) == 0 && path[length] == '/' &&
			        path[length + 1] && !strchr(path + length + 1, '/');
		}
		if (!found)
			return law_broken(view, i, "nothing would remove %s", law_text(view, to));
	}
	return NULL;
}

/* --- cgroups ---------------------------------------------------------------------------------------- */

static bool cgroup_made(const struct law_view *view, const char *path, uint32_t before)
{
	for (uint32_t i = 0; i < before; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_make_cgroup && strcmp(law_text(view, step->make_cgroup.path), path) == 0)
			return true;
	}
	return false;
}

static const char *cgroup_own(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		plan_text path = step->kind == STEP_write_cgroup  ? step->write_cgroup.path
		                 : step->kind == STEP_weigh_io    ? step->weigh_io.path
		                 : step->kind == STEP_open_cgroup ? step->open_cgroup.path
		                                                  : 0;
		if (path && !cgroup_made(view, law_text(view, path), i))
			return law_broken(view, i, "%s was not made by this plan", law_text(view, path));
	}
	return NULL;
}

static bool path_below(const char *path, const char *parent)
{
	size_t length = strlen(parent);
	return strncmp(path, parent, length) == 0 && path[length] == '/' && path[length + 1];
}

static const char *cgroup_below(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_make_cgroup)
			continue;
		const char *path = law_text(view, step->make_cgroup.path);
		if (!path_below(path, law_text(view, step->make_cgroup.hierarchy)) || strstr(path, "/../"))
			return law_broken(view, i, "%s is not below its hierarchy", path);
	}
	return NULL;
}

/* A directory can be cloned into and takes a device program; `tasks` can be entered. */
static const char *cgroup_opened(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		plan_slot slot = step->kind == STEP_clone          ? step->clone.cgroup
		                 : step->kind == STEP_load_devices ? step->load_devices.cgroup
		                 : step->kind == STEP_enter_cgroup ? step->enter_cgroup.cgroup
		                                                   : 0;
		const struct step *giver = law_giver(view, slot);
		if (!slot)
			continue;
		if (!giver || giver->kind != STEP_open_cgroup)
			return law_broken(view, i, "what it takes is no cgroup");
		bool directory = !*law_text(view, giver->open_cgroup.file);
		if (directory != (step->kind != STEP_enter_cgroup))
			return law_broken(view, i, "it cannot use the file \"%s\" of a cgroup",
			                  law_text(view, giver->open_cgroup.file));
	}
	return NULL;
}

/* --- namespaces ------------------------------------------------------------------------------------- */

static const char *namespace_once(const struct law_view *view)
{
	uint32_t seen = 0;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		uint32_t types = step->kind == STEP_clone            ? step->clone.namespaces
		                 : step->kind == STEP_unshare        ? step->unshare.namespaces
		                 : step->kind == STEP_fork           ? step->fork.namespaces
		                 : step->kind == STEP_join_namespace ? step->join_namespace.type
		                 : step->kind == STEP_make_network   ? ABI_NEWNET
		                                                     : 0;
		if (types & seen)
			return law_broken(view, i, "the process already has a namespace of this type");
		seen |= types;
	}
	return NULL;
}

static const char *namespace_joined(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_join_namespace)
			continue;
		const struct step *giver = law_giver(view, step->join_namespace.namespace);
		if (!giver || giver->kind != STEP_open_namespace ||
		    giver->open_namespace.type != step->join_namespace.type)
			return law_broken(view, i, "it joins something else than was opened and verified");
	}
	return NULL;
}

/* Made by the runtime it belongs to the user namespace of the host, and sysfs shows the network of its mounter. */
static const char *network_entered(const struct law_view *view)
{
	uint32_t made = view->first[STEP_make_network], entered = view->first[STEP_enter_network];
	if (made == LAW_NONE && entered == LAW_NONE)
		return NULL;
	if (made == LAW_NONE || entered == LAW_NONE)
		return law_broken(view, made == LAW_NONE ? entered : made, "one makes it and the other enters it");
	if ((view->made | view->joined) & ABI_NEWUSER)
		return law_broken(view, made, "it would not be the container's own");
	for (uint32_t i = 0; i < entered; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_mount_fs && strcmp(law_text(view, step->mount_fs.type), "sysfs") == 0)
			return law_broken(view, i, "it would show the network of the host");
	}
	return NULL;
}

static const char *cgroup_namespace(const struct law_view *view)
{
	uint32_t at = view->first[STEP_clone];
	if (plan_step(view->block, at)->clone.namespaces & ABI_NEWCGROUP)
		return law_broken(view, at, "it makes the cgroup namespace");
	bool made = false;
	for (uint32_t i = at; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (made && step->kind == STEP_enter_cgroup)
			return law_broken(view, i, "the cgroup namespace is already made");
		made |= step->kind == STEP_unshare && (step->unshare.namespaces & ABI_NEWCGROUP);
	}
	return NULL;
}

/* A process never changes its own pid namespace, nor (before Linux 6.1) its time namespace: its children are there. */
static const char *forked_into(const struct law_view *view)
{
	uint32_t waiting = LAW_NONE;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if ((step->kind == STEP_unshare && (step->unshare.namespaces & (ABI_NEWPID | ABI_NEWTIME))) ||
		    (step->kind == STEP_join_namespace && step->join_namespace.type == ABI_NEWPID))
			waiting = i;
		if (step->kind == STEP_fork)
			waiting = LAW_NONE;
	}
	return waiting == LAW_NONE ? NULL : law_broken(view, waiting, "no fork enters the namespace");
}

static const char *time_offsets(const struct law_view *view)
{
	uint32_t at = view->first[STEP_write_time_offsets];
	if (at == LAW_NONE)
		return NULL;
	for (uint32_t i = 0; i < at; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_unshare && (step->unshare.namespaces & ABI_NEWTIME))
			return NULL;
	}
	return law_broken(view, at, "there is no new time namespace to set");
}

/* --- the user namespace ----------------------------------------------------------------------------- */

static uint32_t user_namespace_made(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		uint32_t types = step->kind == STEP_clone     ? step->clone.namespaces
		                 : step->kind == STEP_unshare ? step->unshare.namespaces
		                 : step->kind == STEP_fork    ? step->fork.namespaces
		                                              : 0;
		if (types & ABI_NEWUSER)
			return i;
	}
	return LAW_NONE;
}

/* From the birth of the user namespace to its last map the container's half does nothing. */
static const char *maps_first(const struct law_view *view)
{
	uint32_t last = view->last[STEP_write_idmap];
	if (last == LAW_NONE)
		return NULL;
	uint32_t made = user_namespace_made(view);
	if (made == LAW_NONE || made > view->first[STEP_write_idmap])
		return law_broken(view, view->first[STEP_write_idmap], "there is no new user namespace to map");
	for (uint32_t i = made + 1; i < last; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->actor == ACTOR_INIT && step->kind != STEP_fork)
			return law_broken(view, i, "it is done before the ids are mapped");
	}
	return NULL;
}

static const char *maps_once(const struct law_view *view)
{
	const char *order = "ugs";
	bool written[3] = { false };
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_write_idmap)
			continue;
		const char *which = step->write_idmap.which ? strchr(order, (int)step->write_idmap.which) : NULL;
		if (!which || written[which - order])
			return law_broken(view, i, "this map is written already, or there is no such map");
		written[which - order] = true;
		if (*which == 's' && written[1])
			return law_broken(view, i, "setgroups is denied after the gid map is written");
	}
	return NULL;
}

static const char *root_of_namespace(const struct law_view *view)
{
	uint32_t at = view->first[STEP_become_root];
	bool user = (view->made | view->joined) & ABI_NEWUSER;
	return at == LAW_NONE || user ? NULL : law_broken(view, at, "there is no user namespace to be root of");
}

/* --- init ------------------------------------------------------------------------------------------- */

static const bool before_init[STEP_KIND_COUNT] = {
	[STEP_enter_cgroup] = true, [STEP_join_namespace] = true, [STEP_unshare] = true,
	[STEP_fork] = true,         [STEP_become_root] = true,    [STEP_write_time_offsets] = true,
	[STEP_exec_init] = true,    [STEP_hide_process] = true,   [STEP_open_time_offsets] = true,
};

static const char *only_init_acts(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->first[STEP_exec_init]; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->actor == ACTOR_INIT && !before_init[step->kind])
			return law_broken(view, i, "it is done by the runtime's copy, not by init");
	}
	return NULL;
}

static const char *hidden_first(const struct law_view *view)
{
	uint32_t i = view->first[STEP_exec_init] + 1;
	while (i < view->block->step_count && plan_step(view->block, i)->actor != ACTOR_INIT)
		i++;
	if (i == view->block->step_count || plan_step(view->block, i)->kind != STEP_hide_process)
		return law_broken(view, i, "init's first act is not to hide");
	return NULL;
}

/* Joining lets the processes that are there look at the newcomer. */
static const char *hidden_in_company(const struct law_view *view)
{
	uint32_t join = view->first[STEP_join_namespace];
	if (join == LAW_NONE || view->first[STEP_hide_process] < join)
		return NULL;
	return law_broken(view, join, "the process can be traced while it joins");
}

static const char *saved(const struct law_view *view)
{
	uint32_t at = view->first[STEP_save_process];
	uint32_t final = view->count[STEP_fork] ? view->last[STEP_fork] : view->last[STEP_clone];
	const struct step *giver = plan_step(view->block, final);
	plan_slot pid = giver->kind == STEP_fork ? giver->fork.pid : giver->clone.pid;
	if (at < final || plan_step(view->block, at)->save_process.pid != pid)
		return law_broken(view, at, "it records a process that is not the container's");
	return NULL;
}

/* --- the start gate --------------------------------------------------------------------------------- */

static const char *gate_whole(const struct law_view *view)
{
	static const enum step_kind parts[] = { STEP_make_gate, STEP_listen_gate, STEP_open_gate, STEP_wait_gate };
	for (size_t i = 1; i < sizeof(parts) / sizeof(*parts); i++) {
		uint32_t before = view->first[parts[i - 1]], at = view->first[parts[i]];
		if ((before == LAW_NONE) != (at == LAW_NONE))
			return law_broken(view, before == LAW_NONE ? at : before, "the gate is not whole");
		if (at != LAW_NONE && at < before)
			return law_broken(view, at, "it stands before %s", step_table[parts[i - 1]].name);
	}
	return NULL;
}

static const char *gate_leaves(const struct law_view *view)
{
	uint32_t gate = view->first[STEP_wait_gate];
	for (uint32_t i = gate; gate != LAW_NONE && i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->actor == ACTOR_RUNTIME)
			return law_broken(view, i, "the runtime that would do it has ended");
		if (step->kind == STEP_die_with_runtime)
			return law_broken(view, i, "the runtime has ended already");
	}
	return NULL;
}

static const struct law laws[] = {
	{ "what must be there is there, and what is done once is done once",
	  "a plan without an identity runs as whoever", often },
	{ "the record is made first", "the journal in it is written before each deed", record_first },
	{ "a copy lies in a scratch directory of this plan", "it is removed with that", copy_in_scratch },
	{ "only a cgroup of this plan is written and entered", "another one is somebody else's", cgroup_own },
	{ "a cgroup lies below its hierarchy", "its path comes from the configuration", cgroup_below },
	{ "a cgroup is opened for what it is used for", "clone3(2), bpf(2), cgroups(7)", cgroup_opened },
	{ "a namespace is made or joined once", "runtime-spec F1: duplicates are errors", namespace_once },
	{ "only what was verified is joined", "a path may name another type of namespace", namespace_joined },
	{ "a network namespace made beside init is entered before anything shows it",
	  "sysfs(5) is that of its mounter's network; user_namespaces(7): who makes a namespace owns it",
	  network_entered },
	{ "the cgroup namespace is made in the container's cgroup",
	  "its root is the cgroup of the moment (cgroup_namespaces(7)); clone takes the parent's", cgroup_namespace },
	{ "pid and time namespaces are entered by a fork", "unshare(2), setns(2), time_namespaces(7)", forked_into },
	{ "clock offsets are those of a new time namespace", "time_namespaces(7)", time_offsets },
	{ "id maps precede everything that is done in the user namespace",
	  "before, the process is nobody and what it makes is nobody's (user_namespaces(7))", maps_first },
	{ "each id map is written once, setgroups denied before the gids", "user_namespaces(7), CVE-2014-8989",
	  maps_once },
	{ "the first id is taken in a user namespace only", "elsewhere it is the host's root", root_of_namespace },
	{ "the container's world is made by init alone", "CVE-2019-5736: nothing of the host's kist may be seen inside",
	  only_init_acts },
	{ "init hides first", "CVE-2016-9962: exec makes a process dumpable again", hidden_first },
	{ "a process hides before it joins", "CVE-2016-9962: the others there may trace it", hidden_in_company },
	{ "a start gate is made, listened at, opened and waited at",
	  "who sees it can connect, and finds init's pid in the peer credentials (unix(7))", gate_whole },
	{ "behind the start gate only start acts", "create has ended: the container outlives its runtime",
	  gate_leaves },
	{ "the process that is recorded is the one that stays", "state, kill and delete act on it", saved },
};
const struct law_list laws_process = { laws, sizeof(laws) / sizeof(*laws) };
