/* law_mutations.h: every way in which law_mutation_test.c breaks the plans of law_bases.h. Laid out as tables. */
#ifndef KIST_TEST_LAW_MUTATIONS_H
#define KIST_TEST_LAW_MUTATIONS_H

#include "law_bases.h"

/* --- changing a plan ------------------------------------------------------------------------------------ */

/* The steps of a plan as a list that can be changed and linked again. */
struct draft {
	struct plan_builder builder;
	struct spec spec;
	struct spec_faults faults;
	struct plan_request request;
};

static struct draft *draft_of(const struct plan_block *block)
{
	struct draft *draft = ARENA_NEW(&arena, struct draft);
	struct plan_builder *builder = &draft->builder;
	draft->spec.process.terminal = block->terminal;
	draft->faults.arena = &arena;
	draft->request.id = "c1";
	*builder = (struct plan_builder){
		.arena = &arena,
		.spec = &draft->spec,
		.faults = &draft->faults,
		.request = &draft->request,
		.steps = ARENA_ARRAY(&arena, block->step_count + 8, struct step),
		.step_count = block->step_count,
		.step_capacity = block->step_count + 8,
		.store = buf_in(&arena),
		.slot_count = block->slot_count,
	};
	memcpy(builder->steps, plan_step(block, 0), block->step_count * sizeof(struct step));
	memcpy(builder->slot_types, block->slot_types, sizeof(builder->slot_types));
	buf_put(&builder->store, (const char *)block + sizeof(*block), block->step_start - sizeof(*block));
	return draft;
}

static uint32_t find(const struct plan_builder *builder, enum step_kind kind)
{
	for (uint32_t i = 0; i < builder->step_count; i++)
		if (builder->steps[i].kind == kind)
			return i;
	fail_msg("no %s in the plan", step_table[kind].name);
	return 0;
}

static struct step *the(struct plan_builder *builder, enum step_kind kind)
{
	return &builder->steps[find(builder, kind)];
}

static uint32_t find_last(const struct plan_builder *builder, enum step_kind kind)
{
	uint32_t last = find(builder, kind);
	for (uint32_t i = last; i < builder->step_count; i++)
		if (builder->steps[i].kind == kind)
			last = i;
	return last;
}

static void move(struct plan_builder *builder, uint32_t from, uint32_t to)
{
	struct step step = builder->steps[from];
	if (from < to)
		memmove(&builder->steps[from], &builder->steps[from + 1], (to - from) * sizeof(step));
	else
		memmove(&builder->steps[to + 1], &builder->steps[to], (from - to) * sizeof(step));
	builder->steps[to] = step;
}

static void drop(struct plan_builder *builder, enum step_kind kind)
{
	move(builder, find(builder, kind), builder->step_count - 1);
	builder->step_count--;
}

static struct step *insert(struct plan_builder *builder, enum step_kind kind, uint32_t at)
{
	plan_add(builder, kind, NULL);
	move(builder, builder->step_count - 1, at);
	return &builder->steps[at];
}

/* --- mutations of the list, by the law they break -------------------------------------------------------- */

typedef struct plan_builder draft_steps;

static void hooks_swapped(draft_steps *b)
{
	the(b, STEP_run_hook)->run_hook.type = plan_put_text(b, "createRuntime");
	b->steps[find_last(b, STEP_run_hook)].run_hook.type = plan_put_text(b, "prestart");
}
static void hook_left_out(draft_steps *b) { the(b, STEP_run_hook_inside)->run_hook_inside.index = 1; }
static void hook_told_of_another(draft_steps *b)
{
	the(b, STEP_run_hook)->run_hook.pid = the(b, STEP_clone)->clone.pidfd;
}
static void hook_searched(draft_steps *b)
{
	the(b, STEP_run_hook_at_start)->run_hook_at_start.path = plan_put_text(b, "d");
}
static void wrong_slot_type(draft_steps *b) { b->slot_types[the(b, STEP_clone)->clone.pid] = SLOT_FD; }
static void no_root_slot(draft_steps *b) { the(b, STEP_mask)->mask.root = 0; }
static void slot_given_twice(draft_steps *b)
{
	the(b, STEP_clone)->clone.pidfd = the(b, STEP_load_init)->load_init.image;
}
static void slot_taken_early(draft_steps *b) { move(b, find(b, STEP_open_proc), find_last(b, STEP_write_sysctl)); }
static void local_over_exec(draft_steps *b)
{
	/* What lookup_user found is in init's memory; an exec_init behind it forgets that. */
	move(b, find(b, STEP_lookup_user), find(b, STEP_exec_init));
}
static void step_without_process(draft_steps *b) { move(b, find(b, STEP_set_umask), 1); }
static void uid_before_gid(draft_steps *b) { move(b, find(b, STEP_set_uid), find(b, STEP_set_gid)); }
static void no_identity(draft_steps *b) { drop(b, STEP_set_uid); }
static void second_exec(draft_steps *b) { *insert(b, STEP_exec, b->step_count) = *the(b, STEP_exec); }
static void record_late(draft_steps *b) { move(b, 0, 1); }
static void copy_elsewhere(draft_steps *b)
{
	the(b, STEP_copy_file)->copy_file.path = plan_put_text(b, "/run/kist/c1/hosts");
}
static void cookie_elsewhere(draft_steps *b)
{
	the(b, STEP_copy_cookie)->copy_cookie.path = plan_put_text(b, "/run/kist/c1/cookie");
}
static void copy_climbs(draft_steps *b)
{
	the(b, STEP_copy_file)->copy_file.path = plan_put_text(b, "/run/kist/c1/files/../../x");
}
static void foreign_cgroup(draft_steps *b)
{
	the(b, STEP_write_cgroup)->write_cgroup.path = plan_put_text(b, "/sys/fs/cgroup/memory/other");
}
static void cgroup_elsewhere(draft_steps *b)
{
	the(b, STEP_make_cgroup)->make_cgroup.path = plan_put_text(b, "/sys/fs/cgroupmemory/c1");
}
static void cgroup_climbs(draft_steps *b)
{
	the(b, STEP_make_cgroup)->make_cgroup.path = plan_put_text(b, "/sys/fs/cgroup/memory/a/../../c1");
}
static void enter_directory(draft_steps *b) { the(b, STEP_open_cgroup)->open_cgroup.file = plan_put_text(b, ""); }
static void clone_into_tasks(draft_steps *b) { the(b, STEP_open_cgroup)->open_cgroup.file = plan_put_text(b, "tasks"); }
static void clone_into_image(draft_steps *b)
{
	the(b, STEP_clone)->clone.cgroup = the(b, STEP_load_init)->load_init.image;
}
static void namespace_twice(draft_steps *b) { the(b, STEP_unshare)->unshare.namespaces |= ABI_NEWPID; }
static struct step *opened(draft_steps *b, uint32_t type)
{
	struct step *step = the(b, STEP_open_namespace);
	while (step->kind == STEP_open_namespace && step->open_namespace.type != type)
		step++;
	assert_int_equal(step->kind, STEP_open_namespace);
	return step;
}
static void names_its_own(draft_steps *b) { opened(b, ABI_NEWUTS)->open_namespace.foreign = false; }
static void sets_its_own(draft_steps *b) { opened(b, ABI_NEWNET)->open_namespace.foreign = false; }
static void joins_another(draft_steps *b) { the(b, STEP_open_namespace)->open_namespace.type = ABI_NEWIPC; }
static void shows_hosts_network(draft_steps *b)
{
	move(b, find(b, STEP_enter_network), find_last(b, STEP_mount_fs));
}
static void network_unentered(draft_steps *b) { drop(b, STEP_enter_network); }
static void network_of_nobody(draft_steps *b) { drop(b, STEP_make_network); }
static void network_of_the_host(draft_steps *b) { the(b, STEP_clone)->clone.namespaces |= ABI_NEWUSER; }
static void network_twice(draft_steps *b) { the(b, STEP_clone)->clone.namespaces |= ABI_NEWNET; }
static void clone_makes_cgroup(draft_steps *b) { the(b, STEP_clone)->clone.namespaces |= ABI_NEWCGROUP; }
static void enters_too_late(draft_steps *b) { move(b, find_last(b, STEP_enter_cgroup), find(b, STEP_unshare)); }
static void never_forks(draft_steps *b) { drop(b, STEP_fork); }
static void offsets_of_the_host(draft_steps *b) { the(b, STEP_unshare)->unshare.namespaces = ABI_NEWUTS; }
static void maps_late(draft_steps *b) { move(b, find(b, STEP_enter_cgroup), find(b, STEP_clone) + 1); }
static void maps_nothing(draft_steps *b) { the(b, STEP_clone)->clone.namespaces &= ~(uint32_t)ABI_NEWUSER; }
static void map_twice(draft_steps *b) { b->steps[find_last(b, STEP_write_idmap)].write_idmap.which = 'u'; }
static void setgroups_late(draft_steps *b)
{
	uint32_t at = find(b, STEP_write_idmap);
	while (b->steps[at].write_idmap.which != 's')
		at++;
	move(b, at, find_last(b, STEP_write_idmap));
}
static void root_of_host(draft_steps *b) { insert(b, STEP_become_root, find(b, STEP_exec_init)); }
static void mounts_before_init(draft_steps *b) { move(b, find(b, STEP_set_propagation), find(b, STEP_exec_init)); }
static void hides_second(draft_steps *b) { move(b, find(b, STEP_exec_init) + 1, find(b, STEP_exec_init) + 2); }
static void joins_in_view(draft_steps *b) { drop(b, STEP_hide_process); }
static void saves_the_springboard(draft_steps *b)
{
	the(b, STEP_save_process)->save_process.pid = the(b, STEP_clone)->clone.pid;
}

static void serves_nothing(draft_steps *b) { the(b, STEP_open_root)->open_root.channel = 0; }
static void served_by_nobody(draft_steps *b) { drop(b, STEP_serve_root); }
static void nobody_looks(draft_steps *b) { drop(b, STEP_await_root); }
static void serves_as_the_host(draft_steps *b)
{
	the(b, STEP_make_idmap)->make_idmap.uids = plan_put_text(b, "0 0 1\n");
}
static void gate_unopened(draft_steps *b) { drop(b, STEP_open_gate); }
static void gate_opens_deaf(draft_steps *b) { move(b, find(b, STEP_listen_gate), find(b, STEP_open_gate)); }
static void acts_behind_gate(draft_steps *b) { move(b, find(b, STEP_save_process), find(b, STEP_exec)); }
static void dies_behind_gate(draft_steps *b) { insert(b, STEP_die_with_runtime, find(b, STEP_exec)); }
static void mounts_behind_gate(draft_steps *b) { move(b, find(b, STEP_mount_fs), find(b, STEP_wait_gate)); }

static void mounts_on_host(draft_steps *b)
{
	*insert(b, STEP_mask, find(b, STEP_pivot)) =
		(struct step){ .kind = STEP_mask,
		               .actor = ACTOR_INIT,
		               .mask = { the(b, STEP_open_root)->open_root.root, plan_put_text(b, "/x"), 0 } };
}
static void pivots_on_host(draft_steps *b) { the(b, STEP_pivot)->pivot.how = 'p'; }
static void binds_device_on_host(draft_steps *b)
{
	struct step *step = insert(b, STEP_make_device, find(b, STEP_pivot));
	step->make_device.how = 'b';
}
static void only_chroot(draft_steps *b) { the(b, STEP_pivot)->pivot.how = 'c'; }
static void no_such_pivot(draft_steps *b) { the(b, STEP_pivot)->pivot.how = 'x'; }
static void root_no_mount(draft_steps *b) { the(b, STEP_open_root)->open_root.how = 'd'; }
static void no_such_root(draft_steps *b) { the(b, STEP_open_root)->open_root.how = 0; }
static void leaks(draft_steps *b) { the(b, STEP_set_propagation)->set_propagation.propagation = ABI_SHARED; }
static void leaks_below(draft_steps *b) { the(b, STEP_set_propagation)->set_propagation.recursive = 0; }
static void leaks_always(draft_steps *b) { drop(b, STEP_set_propagation); }
static void shared_tree(draft_steps *b) { the(b, STEP_open_tree)->open_tree.propagation = ABI_SHARED; }
static void tree_for_nobody(draft_steps *b) { the(b, STEP_clone)->clone.namespaces &= ~(uint32_t)ABI_NEWUSER; }
static void another_tree(draft_steps *b) { the(b, STEP_bind)->bind.tree = the(b, STEP_open_root)->open_root.tree; }
static void tree_is_no_tree(draft_steps *b) { the(b, STEP_bind)->bind.tree = the(b, STEP_load_init)->load_init.image; }
static void process_is_attached(draft_steps *b) { the(b, STEP_open_root)->open_root.how = 'b'; }
static void other_process(draft_steps *b) { the(b, STEP_open_root)->open_root.path = plan_put_text(b, "/proc/8/root"); }
static void second_process(draft_steps *b)
{
	struct step again = *the(b, STEP_open_process);
	*insert(b, STEP_open_process, 1) = again;
}
static void volatile_layer(draft_steps *b)
{
	static const char *const options[] = { "lowerdir=/", "volatile" };
	the(b, STEP_open_root)->open_root.options = plan_put_list(b, options, 2);
}
static void part_of_root(draft_steps *b) { the(b, STEP_open_tree)->open_tree.recursive = false; }
static void binds_hosts_dev(draft_steps *b)
{
	struct step *step = insert(b, STEP_bind, find(b, STEP_open_root) + 1);
	step->pointer = plan_put_text(b, "/root/path");
	step->bind.source = plan_put_text(b, "/dev");
}
static void host_after_pivot(draft_steps *b) { move(b, find(b, STEP_bind), find(b, STEP_pivot)); }
static void relative_host(draft_steps *b) { the(b, STEP_bind)->bind.source = plan_put_text(b, "srv"); }
static void relative_inside(draft_steps *b) { the(b, STEP_mask)->mask.path = plan_put_text(b, "proc/acpi"); }
static void from_another_root(draft_steps *b)
{
	the(b, STEP_mask)->mask.root = the(b, STEP_open_terminal)->open_terminal.peer;
}
static void no_inner_path(draft_steps *b) { the(b, STEP_mask)->mask.path = 0; }
static void made_after_readonly(draft_steps *b) { move(b, find(b, STEP_make_link), find_last(b, STEP_readonly)); }
static void lifts_protection(draft_steps *b)
{
	struct step *step = insert(b, STEP_remount, find(b, STEP_mask) + 1);
	step->remount.attr_clear = ABI_ATTR_RDONLY;
}
static void sysctl_of_host(draft_steps *b)
{
	the(b, STEP_write_sysctl)->write_sysctl.name = plan_put_text(b, "vm.swappiness");
}
static void sysctl_climbs(draft_steps *b)
{
	the(b, STEP_write_sysctl)->write_sysctl.name = plan_put_text(b, "net.../vm");
}
static void renames_host(draft_steps *b) { the(b, STEP_clone)->clone.namespaces &= ~(uint32_t)ABI_NEWUTS; }
static void hosts_loopback(draft_steps *b) { insert(b, STEP_raise_loopback, find(b, STEP_set_umask)); }
static void console_lost(draft_steps *b) { drop(b, STEP_take_console); }
static void two_terminals(draft_steps *b) { insert(b, STEP_open_console, find(b, STEP_clone)); }
static void console_not_taken(draft_steps *b) { drop(b, STEP_take_terminal); }
static void log_lost(draft_steps *b) { drop(b, STEP_take_log); }
static void log_unopened(draft_steps *b) { drop(b, STEP_open_log); }
static void log_and_terminal(draft_steps *b)
{
	insert(b, STEP_take_terminal, find(b, STEP_take_log))->take_terminal.peer =
		the(b, STEP_take_log)->take_log.output;
}
static void log_and_pipes(draft_steps *b) { insert(b, STEP_take_pipes, find(b, STEP_take_log)); }
static void unwatched(draft_steps *b) { drop(b, STEP_die_with_runtime); }
static void init_keeps_caps(draft_steps *b) { move(b, find(b, STEP_stay), find(b, STEP_set_caps)); }
static void init_without_namespace(draft_steps *b) { the(b, STEP_clone)->clone.namespaces &= ~(uint32_t)ABI_NEWPID; }
static void after_exec(draft_steps *b) { move(b, find(b, STEP_exec) - 1, find(b, STEP_exec)); }
static void exec_nothing(draft_steps *b) { the(b, STEP_exec)->exec.args.count = 0; }
static void ambient_too_much(draft_steps *b) { the(b, STEP_set_caps)->set_caps.inheritable = 0; }
static void effective_too_much(draft_steps *b) { the(b, STEP_set_caps)->set_caps.permitted = 0; }
static void unknown_caps(draft_steps *b) { the(b, STEP_set_caps)->set_caps.permitted |= 1ULL << 60; }
static void filter_too_early(draft_steps *b) { move(b, find(b, STEP_seccomp), find(b, STEP_seccomp) - 1); }
static void filter_too_late(draft_steps *b) { move(b, find(b, STEP_seccomp), find(b, STEP_set_caps)); }
static void filter_listens(draft_steps *b) { the(b, STEP_seccomp)->seccomp.flags = 1 << 3; }
static void filter_empty(draft_steps *b) { the(b, STEP_seccomp)->seccomp.program.count = 0; }
static void world_after_ids(draft_steps *b) { move(b, find(b, STEP_raise_loopback), find(b, STEP_set_uid)); }
static void shows_itself(draft_steps *b) { move(b, find_last(b, STEP_hide_process), find(b, STEP_set_caps)); }
static void identity_outside(draft_steps *b) { move(b, find(b, STEP_pivot), find(b, STEP_set_gid)); }

struct mutation {
	const char *law; /* the start of its name */
	enum base base;
	void (*mutate)(draft_steps *);
};

static const struct mutation mutations[] = {
	{ "a slot holds what its takers expect", BASE_FULL, wrong_slot_type },
	{ "a step has all it needs", BASE_FULL, no_root_slot },
	{ "a slot is given once", BASE_FULL, slot_given_twice },
	{ "a slot is given once", BASE_FULL, slot_taken_early },
	{ "what a step takes has reached", BASE_BOX, local_over_exec },
	{ "what a step takes has reached", BASE_FULL, step_without_process },
	{ "steps stand in the one order", BASE_FULL, uid_before_gid },
	{ "what must be there is there", BASE_FULL, no_identity },
	{ "what must be there is there", BASE_FULL, second_exec },
	{ "the record is made first", BASE_FULL, record_late },
	{ "a copy lies in", BASE_BOX, copy_elsewhere },
	{ "a copy lies in", BASE_BOX, copy_climbs },
	{ "a copy lies in", BASE_BOX, cookie_elsewhere },
	{ "only a cgroup of this plan", BASE_FULL, foreign_cgroup },
	{ "a cgroup lies below", BASE_FULL, cgroup_elsewhere },
	{ "a cgroup lies below", BASE_FULL, cgroup_climbs },
	{ "a cgroup is opened for", BASE_FULL, enter_directory },
	{ "a cgroup is opened for", BASE_PLAIN, clone_into_tasks },
	{ "a cgroup is opened for", BASE_PLAIN, clone_into_image },
	{ "a namespace is made or joined once", BASE_FULL, namespace_twice },
	{ "only what was verified is joined", BASE_JOINED, joins_another },
	{ "hooks run in the order", BASE_HOOKS, hooks_swapped },
	{ "hooks run in the order", BASE_HOOKS, hook_left_out },
	{ "a hook is told of", BASE_HOOKS, hook_told_of_another },
	{ "a startContainer hook is a path", BASE_HOOKS, hook_searched },
	{ "a namespace is made or joined once", BASE_NETWORK, network_twice },
	{ "a network namespace made beside init", BASE_NETWORK, shows_hosts_network },
	{ "a network namespace made beside init", BASE_NETWORK, network_unentered },
	{ "a network namespace made beside init", BASE_NETWORK, network_of_nobody },
	{ "a network namespace made beside init", BASE_NETWORK, network_of_the_host },
	{ "the cgroup namespace is made in", BASE_FULL, clone_makes_cgroup },
	{ "the cgroup namespace is made in", BASE_FULL, enters_too_late },
	{ "pid and time namespaces are entered", BASE_JOINED, never_forks },
	{ "pid and time namespaces are entered", BASE_PLAIN, never_forks },
	{ "clock offsets are those", BASE_PLAIN, offsets_of_the_host },
	{ "id maps precede", BASE_FULL, maps_late },
	{ "id maps precede", BASE_FULL, maps_nothing },
	{ "each id map is written once", BASE_FULL, map_twice },
	{ "each id map is written once", BASE_ROOTLESS, setgroups_late },
	{ "the first id is taken", BASE_PLAIN, root_of_host },
	{ "the container's world is made by init alone", BASE_FULL, mounts_before_init },
	{ "init hides first", BASE_FULL, hides_second },
	{ "a process hides before it joins", BASE_JOINED, joins_in_view },
	{ "the process that is recorded", BASE_JOINED, saves_the_springboard },
	{ "a root that is served has its server", BASE_SERVED, serves_nothing },
	{ "a root that is served has its server", BASE_SERVED, served_by_nobody },
	{ "a root that is served has its server", BASE_SERVED, nobody_looks },
	{ "a root that is served has its server", BASE_SERVED, serves_as_the_host },
	{ "a start gate is made", BASE_GATE, gate_unopened },
	{ "a start gate is made", BASE_GATE, gate_opens_deaf },
	{ "behind the start gate", BASE_GATE, acts_behind_gate },
	{ "behind the start gate", BASE_GATE, dies_behind_gate },
	{ "nothing is mounted in the host's", BASE_BARE, mounts_on_host },
	{ "nothing is mounted in the host's", BASE_BARE, pivots_on_host },
	{ "nothing is mounted in the host's", BASE_BARE, binds_device_on_host },
	{ "the root of a mount namespace is switched", BASE_FULL, only_chroot },
	{ "the root of a mount namespace is switched", BASE_FULL, no_such_pivot },
	{ "the root is opened as", BASE_FULL, root_no_mount },
	{ "the root is opened as", BASE_FULL, no_such_root },
	{ "no mount reaches the host", BASE_FULL, leaks },
	{ "no mount reaches the host", BASE_FULL, leaks_below },
	{ "no mount reaches the host", BASE_FULL, leaks_always },
	{ "a box of root has", BASE_BOX, binds_hosts_dev },
	{ "a tree opened outside is separate", BASE_FULL, shared_tree },
	{ "a tree opened outside is separate", BASE_FULL, tree_for_nobody },
	{ "a step attaches the tree", BASE_FULL, another_tree },
	{ "a step attaches the tree", BASE_FULL, tree_is_no_tree },
	{ "a step attaches the tree", BASE_FULL, part_of_root },
	{ "a step attaches the tree", BASE_ENTER, process_is_attached },
	{ "a step attaches the tree", BASE_ENTER, other_process },
	{ "what must be there is there", BASE_ENTER, second_process },
	{ "what is kept survives", BASE_BOX, volatile_layer },
	{ "after the pivot no step names", BASE_FULL, host_after_pivot },
	{ "after the pivot no step names", BASE_FULL, relative_host },
	{ "an inner path is absolute", BASE_FULL, relative_inside },
	{ "every inner path starts from", BASE_FULL, from_another_root },
	{ "every inner path starts from", BASE_FULL, no_inner_path },
	{ "the root becomes read-only when", BASE_FULL, made_after_readonly },
	{ "protection is not lifted", BASE_FULL, lifts_protection },
	{ "a sysctl belongs to", BASE_FULL, sysctl_of_host },
	{ "a sysctl belongs to", BASE_FULL, sysctl_climbs },
	{ "names and loopback are", BASE_FULL, renames_host },
	{ "names and loopback are", BASE_PLAIN, hosts_loopback },
	{ "what is set in a joined namespace", BASE_JOINED, names_its_own },
	{ "what is set in a joined namespace", BASE_JOINED, sets_its_own },
	{ "a terminal has both its ends", BASE_FULL, console_lost },
	{ "a terminal has both its ends", BASE_FULL, two_terminals },
	{ "a terminal has both its ends", BASE_BOX, console_not_taken },
	{ "a box in the background has nothing", BASE_MEMORY, log_lost },
	{ "a box in the background has nothing", BASE_MEMORY, log_unopened },
	{ "a box in the background has nothing", BASE_MEMORY, log_and_terminal },
	{ "a box in the background has nothing", BASE_MEMORY, log_and_pipes },
	{ "a box in the background has nothing", BASE_MEMORY, unwatched },
	{ "an init that stays has", BASE_BOX, init_keeps_caps },
	{ "an init that stays has", BASE_BOX, init_without_namespace },
	{ "exec is last", BASE_FULL, after_exec },
	{ "exec is last", BASE_FULL, exec_nothing },
	{ "ambient lies within", BASE_FULL, ambient_too_much },
	{ "effective lies within", BASE_FULL, effective_too_much },
	{ "only known capabilities", BASE_FULL, unknown_caps },
	{ "the filter stands where", BASE_FULL, filter_too_early },
	{ "the filter stands where", BASE_PLAIN, filter_too_late },
	{ "the filter stands where", BASE_FULL, filter_empty },
	{ "a filter with a listener", BASE_FULL, filter_listens },
	{ "the world is complete", BASE_FULL, world_after_ids },
	{ "the world is complete", BASE_GATE, mounts_behind_gate },
	{ "the process hides again", BASE_FULL, shows_itself },
	{ "the identity is taken inside", BASE_FULL, identity_outside },
};

/* --- mutations of the block itself ------------------------------------------------------------------------ */

static struct step *step_in(struct plan_block *block, uint32_t index)
{
	return (struct step *)((char *)block + block->step_start) + index;
}

static struct step *first_in(struct plan_block *block, enum step_kind kind)
{
	uint32_t index = 0;
	while (index < block->step_count && plan_step(block, index)->kind != kind)
		index++;
	assert_true(index < block->step_count);
	return step_in(block, index);
}

static struct plan_crossing *crossing_in(struct plan_block *block, uint8_t how)
{
	for (uint32_t i = 0; i < block->crossing_count; i++) {
		struct plan_crossing *crossing = (struct plan_crossing *)((char *)block + block->crossing_start) + i;
		if (crossing->how == how && crossing->slots.count)
			return crossing;
	}
	fail_msg("no crossing '%c' with slots", how);
	return NULL;
}

static void other_magic(struct plan_block *block) { block->magic++; }
static void no_steps(struct plan_block *block) { block->step_count = 0; }
static void steps_outside(struct plan_block *block) { block->step_start = block->size - 8; }
static void steps_askew(struct plan_block *block) { block->step_start += 4; block->step_count--; }
static void crossings_outside(struct plan_block *block) { block->crossing_count += 1000; }
static void many_slots(struct plan_block *block) { block->slot_count = PLAN_SLOTS + 1; }
static void no_such_kind(struct plan_block *block) { step_in(block, 3)->kind = STEP_KIND_COUNT; }
static void other_actor(struct plan_block *block) { step_in(block, 3)->actor = ACTOR_INIT; }
static void text_outside(struct plan_block *block)
{
	first_in(block, STEP_make_record)->make_record.path = block->size;
}
static void text_in_header(struct plan_block *block) { first_in(block, STEP_make_record)->make_record.path = 4; }
static void text_in_steps(struct plan_block *block)
{
	first_in(block, STEP_make_record)->make_record.path = block->step_start;
}
static void list_too_long(struct plan_block *block) { first_in(block, STEP_exec)->exec.args.count = 100000; }
static void bytes_too_long(struct plan_block *block)
{
	first_in(block, STEP_seccomp)->seccomp.program.count = block->size;
}
static void bytes_askew(struct plan_block *block) { first_in(block, STEP_seccomp)->seccomp.program.start++; }
static void pointer_outside(struct plan_block *block) { step_in(block, 1)->pointer = block->size + 100; }
static void id_outside(struct plan_block *block) { block->id = block->size; }
static void slot_outside(struct plan_block *block) { first_in(block, STEP_clone)->clone.pid = PLAN_SLOTS; }
static void text_never_ends(struct plan_block *block)
{
	char *store = (char *)block + sizeof(*block);
	for (char *byte = store; byte < (char *)block + block->step_start; byte++)
		*byte = *byte ? *byte : 'x';
}
static void crossing_nowhere(struct plan_block *block) { crossing_in(block, 'm')->step = (uint16_t)block->step_count; }
static void crossing_of_no_sort(struct plan_block *block) { crossing_in(block, 'm')->how = 'x'; }
static plan_slot *crossed_in(struct plan_block *block, uint8_t how)
{
	return (plan_slot *)((char *)block + crossing_in(block, how)->slots.start);
}
static void crossing_of_no_slot(struct plan_block *block) { crossed_in(block, 'm')[0] = 0; }
static void crossing_too_long(struct plan_block *block) { crossing_in(block, 'm')->slots.count = WIRE_SLOTS + 1; }
static void crossing_outside(struct plan_block *block) { crossing_in(block, 'c')->slots.start = block->size; }
static void crossing_in_steps(struct plan_block *block)
{
	crossing_in(block, 'c')->slots.start = block->step_start;
}
static void forgotten_slot(struct plan_block *block) { crossing_in(block, 'm')->slots.count--; }
static void child_without(struct plan_block *block) { crossing_in(block, 'c')->slots.count--; }
static void init_without(struct plan_block *block)
{
	crossed_in(block, 'm')[0] = first_in(block, STEP_inspect_program)->inspect_program.program;
}
static void message_lost(struct plan_block *block) { block->crossing_count--; }
static void message_elsewhere(struct plan_block *block)
{
	struct plan_crossing *last =
		(struct plan_crossing *)((char *)block + block->crossing_start) + block->crossing_count - 1;
	last->step++;
}

static const struct {
	const char *law;
	void (*mutate)(struct plan_block *);
} block_mutations[] = {
	{ "a plan is one block", other_magic },
	{ "a plan is one block", no_steps },
	{ "a plan is one block", steps_outside },
	{ "a plan is one block", steps_askew },
	{ "a plan is one block", crossings_outside },
	{ "a plan is one block", many_slots },
	{ "a step belongs to the actor", no_such_kind },
	{ "a step belongs to the actor", other_actor },
	{ "a reference ends inside", text_outside },
	{ "a reference ends inside", text_in_header },
	{ "a reference ends inside", text_in_steps },
	{ "a reference ends inside", list_too_long },
	{ "a reference ends inside", bytes_too_long },
	{ "a reference ends inside", bytes_askew },
	{ "a reference ends inside", pointer_outside },
	{ "a reference ends inside", id_outside },
	{ "a reference ends inside", slot_outside },
	{ "a reference ends inside", text_never_ends },
	{ "a crossing names steps", crossing_nowhere },
	{ "a crossing names steps", crossing_of_no_sort },
	{ "a crossing names steps", crossing_of_no_slot },
	{ "a crossing names steps", crossing_too_long },
	{ "a crossing names steps", crossing_outside },
	{ "a crossing names steps", crossing_in_steps },
	{ "what a step takes has reached", forgotten_slot },
	{ "what a step takes has reached", child_without },
	{ "what a step takes has reached", init_without },
	{ "what a step takes has reached", message_lost },
	{ "what a step takes has reached", message_elsewhere },
};

#endif
