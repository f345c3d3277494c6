/* process.c: the process that becomes the container: its namespaces made and joined, its ids, and the exec of init.
 *
 * Most containers are one clone with all their new namespaces; what is joined by path, the child joins afterwards.
 * Three things take effect only in a child: a joined PID namespace, a joined or new time namespace, and a new user
 * namespace that may only be entered after namespaces of the host were joined. Then the clone is a springboard: it
 * joins with the privileges it still has, and forks the process that goes on. */
#include "plan/cgroup.h"
#include "plan/idmap.h"
#include "plan/question.h"
#include "spec/sysctl.h"

/* What is decided before the first step. */
struct shape {
	uint32_t fresh, joined; /* namespaces wanted new, wanted joined */
	bool forks;             /* the clone is a springboard */
	uint32_t first, second; /* made by the clone, by the fork */
	bool late_network;      /* the network namespace is made beside init */
	bool late_cgroup;       /* the cgroup namespace is unshared once the process is in its cgroups */
	bool user_last;         /* the user namespace is joined when the others are */
};

enum { NAMESPACE_TYPES = 8 };
struct joins {
	plan_slot slots[NAMESPACE_TYPES]; /* by index in the order of joining */
};

/* Mount comes last, since it takes the host's paths away; user is put before or behind the others. */
static const uint32_t join_order[] = {
	ABI_NEWUSER, ABI_NEWCGROUP, ABI_NEWIPC, ABI_NEWUTS, ABI_NEWNET, ABI_NEWPID, ABI_NEWTIME, ABI_NEWNS,
};

static struct shape shape_of(const struct plan_builder *builder)
{
	struct shape shape = { .fresh = namespaces_new(builder) };
	for (size_t i = 0; i < NAMESPACE_TYPES; i++)
		if (namespace_is_joined(builder, join_order[i]))
			shape.joined |= join_order[i];
	bool takes_effect_in_child = (shape.joined & (ABI_NEWPID | ABI_NEWTIME)) || (shape.fresh & ABI_NEWTIME);
	/* What is new belongs to the user namespace it is made in, so the process must be inside that before. */
	bool user_in_between =
		((shape.fresh & ABI_NEWUSER) && shape.joined) || ((shape.joined & ABI_NEWUSER) && shape.fresh);
	shape.forks = takes_effect_in_child || user_in_between;
	if (!shape.forks) {
		/* Its roots are the maker's cgroups: in the clone that would be the runtime's, also on v2. */
		shape.late_cgroup = shape.fresh & ABI_NEWCGROUP;
		/* A user namespace of its own must own it, so then it is made inside; and without privilege over the
		 * host's, the runtime would not come back from a new one (setns(2)). */
		shape.late_network = (shape.fresh & ABI_NEWNET) && !(shape.fresh & ABI_NEWUSER) &&
		                     caller_can_on_host(builder, ABI_CAP_SYS_ADMIN);
		shape.first = shape.fresh & ~(uint32_t)ABI_NEWCGROUP;
		if (shape.late_network)
			shape.first &= ~(uint32_t)ABI_NEWNET;
	} else if ((shape.fresh & ABI_NEWUSER) && (shape.fresh & ABI_NEWTIME) && !shape.joined) {
		shape.first = ABI_NEWUSER; /* unsharing a time namespace needs privilege: there it is */
	}
	shape.second = shape.fresh & ~shape.first & ~(uint32_t)ABI_NEWTIME;
	shape.user_last = caller_can_on_host(builder, ABI_CAP_SYS_ADMIN);
	return shape;
}

/* --- what this caller and this kernel can do ----------------------------------------------------------- */

static void check_namespaces(struct plan_builder *builder, const struct shape *shape)
{
	const struct facts_kernel *kernel = &builder->facts->kernel;
	const struct {
		uint32_t type;
		bool there;
		const char *words;
	} optional[] = {
		{ ABI_NEWUSER, kernel->user_namespace,
		  "user namespaces: see /proc/sys/user/max_user_namespaces and "
		  "/proc/sys/kernel/apparmor_restrict_unprivileged_userns" },
		{ ABI_NEWTIME, kernel->time_namespace, "time namespaces (CONFIG_TIME_NS)" },
		{ ABI_NEWCGROUP, kernel->cgroup_namespace, "cgroup namespaces (CONFIG_CGROUPS)" },
	};
	uint32_t wanted = shape->fresh | shape->joined;
	for (size_t i = 0; i < sizeof(optional) / sizeof(*optional); i++)
		if ((shape->fresh & optional[i].type) && !optional[i].there)
			plan_refuse(builder, "/linux/namespaces", "this kernel makes no %s", optional[i].words);
	if (!(wanted & ABI_NEWUSER) && !caller_can(builder, ABI_CAP_SYS_ADMIN))
		plan_refuse(builder, "/linux/namespaces",
		            "an ordinary user needs a user namespace: add { \"type\": \"user\" } with "
		            "uidMappings and gidMappings (`kist spec --rootless` writes them)");
}

/* --- steps of the runtime ------------------------------------------------------------------------------- */

static size_t namespace_index(const struct plan_builder *builder, uint32_t type)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	for (size_t i = 0; i < linux_->namespace_count; i++)
		if (linux_->namespaces[i].type == type)
			return i;
	return 0;
}

/* Whether a name or a kernel parameter of the configuration is set in the namespace of this type. */
static bool namespace_is_changed(const struct plan_builder *builder, uint32_t type)
{
	const struct spec *spec = builder->spec;
	const char *ignored;
	bool changed = type == ABI_NEWUTS && (spec->hostname || spec->domainname);
	for (size_t i = 0; i < spec->linux_.sysctl.count && !changed; i++) {
		const char *path = sysctl_path(builder->arena, spec->linux_.sysctl.items[i].key, &ignored);
		changed = path && sysctl_namespace(path) == type;
	}
	return changed;
}

/* Opened on the host, with the caller's rights, and verified to be of their type. */
static void open_namespaces(struct plan_builder *builder, const struct shape *shape, struct joins *joins)
{
	for (size_t i = 0; i < NAMESPACE_TYPES; i++) {
		if (!(shape->joined & join_order[i]))
			continue;
		size_t index = namespace_index(builder, join_order[i]);
		joins->slots[i] = plan_new_slot(builder, SLOT_FD);
		struct step *step = plan_add(builder, STEP_open_namespace, "/linux/namespaces/%zu/path", index);
		step->open_namespace.path = plan_put_text(builder, builder->spec->linux_.namespaces[index].path);
		step->open_namespace.type = join_order[i];
		step->open_namespace.foreign = namespace_is_changed(builder, join_order[i]);
		step->open_namespace.namespace = joins->slots[i];
	}
}

static void open_process(struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	if (spec->box.root_mode != ROOT_PROCESS)
		return;
	builder->root_tree = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_process, "/root/path");
	step->open_process.path = plan_put_text(builder, spec->root.path);
	step->open_process.process = spec->box.process;
	step->open_process.start = spec->box.process_start;
	step->open_process.tree = builder->root_tree;
}

static plan_slot load_init(struct plan_builder *builder)
{
	struct step *step = plan_add(builder, STEP_load_init, NULL);
	step->load_init.image = plan_new_slot(builder, SLOT_FD);
	return step->load_init.image;
}

static void clone_process(struct plan_builder *builder, uint32_t namespaces)
{
	builder->pid = plan_new_slot(builder, SLOT_NUMBER);
	builder->pidfd = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_clone, namespaces ? "/linux/namespaces" : NULL);
	step->clone.namespaces = namespaces;
	step->clone.cgroup = cgroup_to_clone_into(builder);
	step->clone.pid = builder->pid;
	step->clone.pidfd = builder->pidfd;
}

/* Set from outside and early: a child inherits it, and lowering it needs the host's privilege. Unset, it is not touched
 * (spec, "oomScoreAdj"). */
static void set_oom_score(struct plan_builder *builder)
{
	if (!builder->spec->process.oom_score_adj.set)
		return;
	struct step *step = plan_add(builder, STEP_set_oom_score, "/process/oomScoreAdj");
	step->set_oom_score.pid = builder->pid;
	step->set_oom_score.value = (uint64_t)builder->spec->process.oom_score_adj.value;
}

static void save_process(struct plan_builder *builder)
{
	struct step *step = plan_add(builder, STEP_save_process, NULL);
	step->save_process.pid = builder->pid;
}

/* The kernel asks for CAP_SYS_RESOURCE in the initial user namespace, where it asks for most others in one's own: so
 * what init could not raise is raised from outside. */
static void raise_rlimits(struct plan_builder *builder)
{
	const struct spec_process *process = &builder->spec->process;
	bool may_raise = inside_user_namespace(builder) && caller_can_on_host(builder, ABI_CAP_SYS_RESOURCE);
	for (size_t i = 0; may_raise && i < process->rlimit_count; i++) {
		const struct spec_rlimit *limit = &process->rlimits[i];
		if (limit->hard <= builder->facts->rlimits_hard[limit->resource])
			continue;
		struct step *step = plan_add(builder, STEP_raise_rlimit, "/process/rlimits/%zu", i);
		step->raise_rlimit.pid = builder->pid;
		step->raise_rlimit.resource = (uint32_t)limit->resource;
		step->raise_rlimit.hard = limit->hard;
	}
}

/* Early, while kist waits for nothing of init's: the program runs only much later. */
static void write_pid_file(struct plan_builder *builder)
{
	if (!builder->request->pid_file)
		return;
	struct step *step = plan_add(builder, STEP_write_pid_file, NULL);
	step->write_pid_file.path = plan_put_text(builder, builder->request->pid_file);
	step->write_pid_file.pid = builder->pid;
}

/* The process that goes on exists: its maps, what is given to it, and the limit on further ones. */
static void settle_process(struct plan_builder *builder, bool maps)
{
	if (maps)
		plan_idmaps(builder, builder->pid);
	raise_rlimits(builder);
	plan_give_pipes(builder);
	plan_cgroup_process_limit(builder);
	write_pid_file(builder);
}

/* --- steps of the child ---------------------------------------------------------------------------------- */

static void unshare_namespace(struct plan_builder *builder, uint32_t type)
{
	struct step *step = plan_add(builder, STEP_unshare, "/linux/namespaces/%zu", namespace_index(builder, type));
	step->unshare.namespaces = type;
}

static void join(struct plan_builder *builder, const struct joins *joins, size_t at)
{
	struct step *step = plan_add(builder, STEP_join_namespace, "/linux/namespaces/%zu/path",
	                             namespace_index(builder, join_order[at]));
	step->join_namespace.namespace = joins->slots[at];
	step->join_namespace.type = join_order[at];
}

/* The privileged caller keeps its rights over the host's namespaces until the last one is joined; an ordinary one has
 * rights only over what the user namespace owns, so it joins that first. */
static void join_namespaces(struct plan_builder *builder, const struct shape *shape, const struct joins *joins)
{
	if (!shape->joined)
		return;
	/* The processes of a joined PID namespace must not trace this one or open its descriptors (CVE-2016-9962). */
	plan_add(builder, STEP_hide_process, NULL);
	if (joins->slots[0] && !shape->user_last)
		join(builder, joins, 0);
	for (size_t i = 1; i < NAMESPACE_TYPES; i++)
		if (joins->slots[i])
			join(builder, joins, i);
	if (joins->slots[0] && shape->user_last)
		join(builder, joins, 0);
}

static const char *offset_line(struct plan_builder *builder, const char *clock, const struct spec_time_offset *offset)
{
	return offset->set
	               ? arena_printf(builder->arena, "%s %lld %u\n", clock, (long long)offset->secs, offset->nanosecs)
	               : "";
}

/* 0: none are asked for. */
static plan_slot open_time_offsets(struct plan_builder *builder)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	if (!linux_->monotonic.set && !linux_->boottime.set)
		return 0;
	struct step *step = plan_add(builder, STEP_open_time_offsets, "/linux/timeOffsets");
	step->open_time_offsets.offsets = plan_new_slot(builder, SLOT_FD);
	return step->open_time_offsets.offsets;
}

/* Unshare, write, fork: the offsets are fixed once a process is inside, and clone3 takes NEWTIME only with an
 * offset-less namespace (EACCES afterwards). */
static void make_time_namespace(struct plan_builder *builder, plan_slot offsets)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	unshare_namespace(builder, ABI_NEWTIME);
	if (!offsets)
		return;
	struct step *step = plan_add(builder, STEP_write_time_offsets, "/linux/timeOffsets");
	step->write_time_offsets.offsets = offsets;
	step->write_time_offsets.text =
		plan_put_format(builder, "%s%s", offset_line(builder, "monotonic", &linux_->monotonic),
	                        offset_line(builder, "boottime", &linux_->boottime));
}

/* Its owner is the user namespace it is made in, so that is entered first when it is joined. */
static void enter_namespaces(struct plan_builder *builder, const struct shape *shape, const struct joins *joins)
{
	bool makes_time = shape->fresh & ABI_NEWTIME;
	bool joins_user = shape->joined & ABI_NEWUSER;
	plan_slot offsets = makes_time ? open_time_offsets(builder) : 0;
	if (makes_time && !joins_user)
		make_time_namespace(builder, offsets);
	join_namespaces(builder, shape, joins);
	if (makes_time && joins_user)
		make_time_namespace(builder, offsets);
}

static void fork_process(struct plan_builder *builder, const struct shape *shape)
{
	builder->pid = plan_new_slot(builder, SLOT_NUMBER);
	builder->pidfd = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_fork, shape->second ? "/linux/namespaces" : NULL);
	step->fork.namespaces = shape->second;
	step->fork.pid = builder->pid;
	step->fork.pidfd = builder->pidfd;
}

/* The map of a joined namespace is taken to hold 0, as a runtime's do; the child looks further where it does not. */
static void become_root(struct plan_builder *builder, const struct shape *shape)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	bool joined = shape->joined & ABI_NEWUSER;
	if (!joined && !(shape->fresh & ABI_NEWUSER))
		return;
	struct step *step =
		plan_add(builder, STEP_become_root, "/linux/namespaces/%zu", namespace_index(builder, ABI_NEWUSER));
	step->become_root.uid = joined ? 0 : idmap_worker(builder, &linux_->uid_mappings, builder->facts->caller.uid);
	step->become_root.gid = joined ? 0 : idmap_worker(builder, &linux_->gid_mappings, builder->facts->caller.gid);
	step->become_root.search = joined;
}

static void exec_init(struct plan_builder *builder, plan_slot image)
{
	struct step *step = plan_add(builder, STEP_exec_init, NULL);
	step->exec_init.image = image;
	/* An exec makes the process dumpable again. */
	plan_add(builder, STEP_hide_process, NULL);
}

void plan_process(struct plan_builder *builder)
{
	struct shape shape = shape_of(builder);
	struct joins joins = { { 0 } };
	check_namespaces(builder, &shape);

	open_namespaces(builder, &shape, &joins);
	open_process(builder);
	plan_slot image = load_init(builder);
	clone_process(builder, shape.first);
	set_oom_score(builder);
	if (shape.forks && (shape.first & ABI_NEWUSER))
		plan_idmaps(builder, builder->pid);
	if (!shape.forks)
		settle_process(builder, shape.first & ABI_NEWUSER);

	plan_cgroup_entry(builder);
	if (shape.late_cgroup)
		unshare_namespace(builder, ABI_NEWCGROUP);
	enter_namespaces(builder, &shape, &joins);
	if (shape.forks) {
		fork_process(builder, &shape);
		settle_process(builder, shape.second & ABI_NEWUSER);
		save_process(builder);
	}
	become_root(builder, &shape);
	exec_init(builder, image);
}

/* --- what the runtime does beside init ------------------------------------------------------------------- */

bool network_is_made_beside(const struct plan_builder *builder)
{
	return shape_of(builder).late_network;
}

void plan_network(struct plan_builder *builder)
{
	struct shape shape = shape_of(builder);
	if (!shape.late_network || builder->network)
		return;
	size_t index = namespace_index(builder, ABI_NEWNET);
	builder->network = plan_new_slot(builder, SLOT_FD);
	plan_add(builder, STEP_make_network, "/linux/namespaces/%zu", index)->make_network.network = builder->network;
	plan_add(builder, STEP_enter_network, "/linux/namespaces/%zu", index)->enter_network.network = builder->network;
}

/* A process that forked was recorded by the one who told of it. */
void plan_save(struct plan_builder *builder)
{
	if (builder->saved)
		return;
	builder->saved = true;
	if (!shape_of(builder).forks)
		save_process(builder);
	plan_kept_hooks(builder);
}
