/* identity.c: who the process becomes, in the one order that works, and what it runs.
 *
 * Limits first, while there is privilege to raise them. The filter before the ids when no_new_privs is off, since
 * seccomp(2) then wants CAP_SYS_ADMIN, and last when it is on. The bounding set while CAP_SETPCAP is there; groups
 * before gid before uid, each needing what the next takes away; capabilities kept over the change of uid and set after
 * it; what a change of credentials resets (dumpable, PDEATHSIG) after all of them. */
#include "plan/idmap.h"
#include "plan/question.h"
#include "plan/seccomp.h"
#include "plan/wire.h"
#include "spec/names.h"

#include "base/cpus.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { PERSONALITY_LINUX32 = 0x0008 };
/* setresuid(2), setresgid(2): leave the id as it is. */
#define SAME_ID UINT32_MAX

static const struct spec_process *process_of(const struct plan_builder *builder)
{
	return &builder->spec->process;
}

/* --- limits and scheduling ------------------------------------------------------------------------------ */

static const char *limit_words(const struct plan_builder *builder, uint64_t limit)
{
	return limit == UINT64_MAX ? "unlimited" : arena_printf(builder->arena, "%" PRIu64, limit);
}

/* What setrlimit(2) would answer with a bare EPERM. */
static void check_rlimit(struct plan_builder *builder, const struct spec_rlimit *limit, const char *pointer)
{
	const struct facts *facts = builder->facts;
	bool files = strcmp(limit->type, "RLIMIT_NOFILE") == 0;
	uint64_t allowed = facts->rlimits_hard[limit->resource];
	if (files && limit->hard > facts->nr_open)
		plan_refuse(builder, pointer, "hard limit %s > fs.nr_open %" PRIu64, limit_words(builder, limit->hard),
		            facts->nr_open);
	else if (limit->hard > allowed && !caller_can_on_host(builder, ABI_CAP_SYS_RESOURCE))
		plan_refuse(builder, pointer,
		            "hard limit %s of %s is above the caller's own, %s, and raising it needs "
		            "CAP_SYS_RESOURCE outside of any user namespace",
		            limit_words(builder, limit->hard), limit->type, limit_words(builder, allowed));
}

static void set_rlimits(struct plan_builder *builder)
{
	const struct spec_process *process = process_of(builder);
	for (size_t i = 0; i < process->rlimit_count; i++) {
		const struct spec_rlimit *limit = &process->rlimits[i];
		const char *pointer = arena_printf(builder->arena, "/process/rlimits/%zu", i);
		check_rlimit(builder, limit, pointer);
		struct step *step = plan_add(builder, STEP_set_rlimit, "%s", pointer);
		step->set_rlimit.resource = (uint32_t)limit->resource;
		step->set_rlimit.soft = limit->soft;
		step->set_rlimit.hard = limit->hard;
	}
}

static void set_personality(struct plan_builder *builder)
{
	const struct spec_personality *personality = &builder->spec->linux_.personality;
	if (!personality->set)
		return;
	struct step *step = plan_add(builder, STEP_set_personality, "/linux/personality");
	step->set_personality.persona = personality->linux32 ? PERSONALITY_LINUX32 : 0;
}

/* struct sched_attr of sched_setattr(2), in its first version: the specification has no values for later fields. */
struct scheduler_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};
static_assert(sizeof(struct scheduler_attr) == 48, "SCHED_ATTR_SIZE_VER0");

static void set_scheduler(struct plan_builder *builder)
{
	const struct spec_scheduler *scheduler = &process_of(builder)->scheduler;
	if (!scheduler->set)
		return;
	const struct scheduler_attr attr = {
		.size = sizeof(attr),
		.policy = (uint32_t)scheduler->policy,
		.flags = scheduler->flags,
		.nice = scheduler->nice,
		.priority = (uint32_t)scheduler->priority,
		.runtime = scheduler->runtime,
		.deadline = scheduler->deadline,
		.period = scheduler->period,
	};
	struct plan_span bytes = plan_put_bytes(builder, &attr, sizeof(attr));
	plan_add(builder, STEP_set_scheduler, "/process/scheduler")->set_scheduler.attr = bytes;
}

static void set_io_priority(struct plan_builder *builder)
{
	const struct spec_io_priority *priority = &process_of(builder)->io_priority;
	if (!priority->set)
		return;
	struct step *step = plan_add(builder, STEP_set_io_priority, "/process/ioPriority");
	step->set_io_priority.class = (uint32_t)priority->class;
	step->set_io_priority.priority = (uint32_t)priority->priority;
}

/* The kernel leaves out in silence what the machine does not have, and says EINVAL when nothing is left. */
static void set_affinity(struct plan_builder *builder)
{
	static const char pointer[] = "/process/execCPUAffinity";
	const struct cpus *wanted = builder->spec->box.affinity;
	if (!wanted)
		return;
	cpus_check(builder, wanted, pointer);
	/* sched_setaffinity(2) wants whole words. */
	size_t size = (wanted->size + 7) / 8 * 8;
	struct plan_span mask = plan_put_bytes(builder, wanted->bits, size);
	plan_add(builder, STEP_set_affinity, "%s", pointer)->set_affinity.mask = mask;
}

static void set_memory_policy(struct plan_builder *builder)
{
	static const char pointer[] = "/linux/memoryPolicy";
	const struct spec_memory_policy *wanted = &builder->spec->linux_.memory_policy;
	if (!wanted->set)
		return;
	struct cpus *nodes = ARENA_NEW(builder->arena, struct cpus); /* a list of nodes is written as one of cpus */
	if (wanted->nodes && wanted->nodes[0] && !cpus_parse_list(wanted->nodes, nodes)) {
		plan_refuse(builder, "/linux/memoryPolicy/nodes",
		            "expected a list of memory nodes below %d, such as \"0-1\"", CPUS_MOST);
		return;
	}
	struct plan_span bits = plan_put_bytes(builder, nodes->bits, (nodes->size + 7) / 8 * 8);
	struct step *step = plan_add(builder, STEP_set_memory_policy, "%s", pointer);
	step->set_memory_policy.policy = (uint32_t)wanted->mode | wanted->flags;
	step->set_memory_policy.nodes = bits;
}

/* Unset means the caller's (spec, "umask"), said outright: init has made files with its own. */
static void set_umask(struct plan_builder *builder)
{
	const struct opt_uint *umask = &process_of(builder)->user.umask;
	struct step *step = plan_add(builder, STEP_set_umask, umask->set ? "/process/user/umask" : NULL);
	step->set_umask.mask = umask->set ? (uint32_t)umask->value : builder->facts->caller.umask;
}

/* --- session -------------------------------------------------------------------------------------------- */

static void new_keyring(struct plan_builder *builder)
{
	if (builder->request->no_new_keyring)
		return;
	struct step *step = plan_add(builder, STEP_new_keyring, NULL);
	step->new_keyring.name = plan_put_format(builder, "_ses.%s", builder->request->id);
}

/* Always: a program in its caller's session could push keystrokes into the caller's terminal (CVE-2017-5226). */
static void new_session(struct plan_builder *builder)
{
	plan_add(builder, STEP_new_session, NULL);
	if (builder->output) {
		struct step *log = plan_add(builder, STEP_take_log, "/box/background");
		log->take_log.input = builder->input;
		log->take_log.output = builder->output;
	}
	if (!builder->peer)
		return;
	const char *pointer = builder->spec->box.console ? "/box/console" : "/process/terminal";
	struct step *step = plan_add(builder, STEP_take_terminal, "%s", pointer);
	step->take_terminal.peer = builder->peer;
}

static void change_dir(struct plan_builder *builder)
{
	const char *cwd = process_of(builder)->cwd;
	struct step *step = plan_add(builder, STEP_change_dir, "/process/cwd");
	step->change_dir.root = builder->root;
	step->change_dir.path = plan_put_text(builder, cwd ? path_inside(builder->arena, cwd) : "/");
}

/* --- the program ---------------------------------------------------------------------------------------- */

static size_t name_length(const char *variable)
{
	return strcspn(variable, "=");
}

/* Of duplicates the last wins. */
static bool is_overridden(const struct spec_strings *env, size_t at)
{
	size_t length = name_length(env->items[at]);
	for (size_t i = at + 1; i < env->count; i++)
		if (name_length(env->items[i]) == length && strncmp(env->items[i], env->items[at], length) == 0)
			return true;
	return false;
}

struct program {
	struct plan_span args, env;
	bool has_home;
};

/* An empty HOME counts as none: then it comes from the container's passwd, with exec. */
static struct program program_of(struct plan_builder *builder)
{
	const struct spec_process *process = process_of(builder);
	const char **env = ARENA_ARRAY(builder->arena, process->env.count + 1, const char *);
	struct program program = { .args = plan_put_list(builder, process->args.items, process->args.count) };
	size_t count = 0;
	for (size_t i = 0; i < process->env.count; i++) {
		const char *variable = process->env.items[i];
		if (is_overridden(&process->env, i) || strcmp(variable, "HOME=") == 0)
			continue;
		program.has_home |= strncmp(variable, "HOME=", 5) == 0;
		env[count++] = variable;
	}
	program.env = plan_put_list(builder, env, count);
	return program;
}

static void inspect_program(struct plan_builder *builder, const struct program *program)
{
	builder->program = plan_new_slot(builder, SLOT_LOCAL);
	struct step *step = plan_add(builder, STEP_inspect_program, "/process/args");
	step->inspect_program.root = builder->root;
	step->inspect_program.file = builder->file;
	step->inspect_program.args = program->args;
	step->inspect_program.argv0 = plan_put_text(builder, builder->spec->box.argv0);
	step->inspect_program.env = program->env;
	step->inspect_program.program = builder->program;
}

/* Until it is started the container has left its creator's terminal, and its program was there to be found. */
static void wait_for_start(struct plan_builder *builder, const struct program *program)
{
	new_session(builder);
	struct step *step = plan_add(builder, STEP_find_program, "/process/args");
	step->find_program.root = builder->root;
	step->find_program.args = program->args;
	step->find_program.env = program->env;
	plan_gate(builder);
}

static void execute(struct plan_builder *builder, const struct program *program)
{
	struct step *step = plan_add(builder, STEP_exec, "/process/args");
	step->exec.program = builder->program;
	step->exec.identity = builder->identity;
	step->exec.file = builder->file;
	step->exec.args = program->args;
	step->exec.env = program->env;
}

/* --- the filter ----------------------------------------------------------------------------------------- */

static enum seccomp_arch native_architecture(struct plan_builder *builder)
{
	enum seccomp_arch native = seccomp_native(builder->facts->machine);
	if (native == SECCOMP_ARCH_COUNT)
		plan_refuse(builder, "/linux/seccomp", "kist has no system call numbers of the architecture \"%s\"",
		            builder->facts->machine);
	return native;
}

static void warn_of_unknown_calls(struct plan_builder *builder, const struct seccomp_program *program)
{
	for (size_t i = 0; i < program->unknown.count; i++)
		plan_warn(builder, "/linux/seccomp/syscalls", "no system call is named \"%s\": left out",
		          program->unknown.items[i]);
}

/* A listener cannot be had together with the threads of others, of which there are none yet. Killable: a signal that
 * has a handler would take the call back while it is answered (seccomp_unotify(2)). */
static uint32_t traced_flags(const struct plan_builder *builder, uint32_t flags)
{
	uint32_t killable = builder->facts->kernel.seccomp_wait_killable ? NAME_SECCOMP_WAIT_KILLABLE_RECV : 0;
	return (flags & ~(uint32_t)WIRE_FILTER_TSYNC) | WIRE_FILTER_LISTENER | killable;
}

static void install_filter(struct plan_builder *builder)
{
	const struct spec_seccomp *profile = &builder->spec->linux_.seccomp;
	bool traced = builder->request->seccomp_trace;
	if (!profile->set && traced)
		plan_refuse(builder, "/linux", "there is no seccomp profile, so --seccomp-trace has nothing to tell");
	if (!profile->set)
		return;
	if (!builder->facts->kernel.seccomp)
		plan_refuse(builder, "/linux/seccomp", "this kernel has no seccomp filters (CONFIG_SECCOMP_FILTER)");
	enum seccomp_arch native = native_architecture(builder);
	struct seccomp_program program = { 0 };
	struct err err = { 0 };
	if (native == SECCOMP_ARCH_COUNT)
		return;
	if ((traced ? seccomp_compile_traced : seccomp_compile)(builder->arena, profile, native, &program, &err) < 0) {
		plan_refuse(builder, "/linux/seccomp", "%s", err.what);
		return;
	}
	warn_of_unknown_calls(builder, &program);
	struct plan_span bytes = plan_put_bytes(builder, program.items, program.count * sizeof(*program.items));
	struct step *step = plan_add(builder, STEP_seccomp, "/linux/seccomp");
	step->seccomp.program = bytes;
	step->seccomp.kills_exec = !traced && seccomp_kills(&program, native, "execve");
	step->seccomp.flags = traced ? traced_flags(builder, program.flags) : program.flags;
}

/* --- ids ------------------------------------------------------------------------------------------------- */

/* Names, and HOME where the environment has none, come from the container's own files. */
static void lookup_user(struct plan_builder *builder, const struct program *program)
{
	const char *user = builder->spec->box.user;
	if (!user && program->has_home)
		return;
	builder->identity = plan_new_slot(builder, SLOT_LOCAL);
	struct step *step = plan_add(builder, STEP_lookup_user, user ? "/process/user" : NULL);
	step->lookup_user.root = builder->root;
	step->lookup_user.user = plan_put_text(builder, user ? user : "");
	step->lookup_user.uid = process_of(builder)->user.uid;
	step->lookup_user.gid = process_of(builder)->user.gid;
	step->lookup_user.identity = builder->identity;
}

/* Who names groups gets these and no others. */
static void lookup_groups(struct plan_builder *builder)
{
	const struct spec_box *box = &builder->spec->box;
	if (box->groups != GROUPS_GIVEN || (!box->user && !box->group_names.count))
		return;
	struct plan_span names = plan_put_list(builder, box->group_names.items, box->group_names.count);
	struct step *step = plan_add(builder, STEP_lookup_groups, "/process/user/additionalGids");
	step->lookup_groups.root = builder->root;
	step->lookup_groups.identity = builder->identity;
	step->lookup_groups.names = names;
}

/* Where only HOME is looked up, the ids are known. */
static plan_slot looked_up_ids(const struct plan_builder *builder)
{
	return builder->spec->box.user ? builder->identity : 0;
}

/* An id can be taken when a map gives it a meaning outside. In a new user namespace without maps nobody can become
 * anybody: the process stays who it is, with all the capabilities of its namespace, and only id 0, which is what an
 * unset user says, passes for that. */
static uint32_t id_to_take(struct plan_builder *builder, const struct spec_idmaps *maps, uint32_t id,
                           const char *pointer)
{
	if (!namespace_is_new(builder, ABI_NEWUSER) || idmap_holds(maps, id))
		return id;
	if (maps->count || id)
		plan_refuse(builder, pointer,
		            "%u is not mapped in the user namespace: add it to %s, or take one that is", id,
		            maps == &builder->spec->linux_.uid_mappings ? "uidMappings" : "gidMappings");
	return SAME_ID;
}

static void check_groups(struct plan_builder *builder, const struct spec_user *user)
{
	const struct spec_idmaps *maps = &builder->spec->linux_.gid_mappings;
	for (size_t i = 0; i < user->additional_gid_count; i++)
		id_to_take(builder, maps, user->additional_gids[i],
		           arena_printf(builder->arena, "/process/user/additionalGids/%zu", i));
}

/* Also when the list is empty: a group of the caller's must not stay. Where setgroups(2) is denied or no group is
 * mapped, none can be dropped, and none asked for. */
static void set_groups(struct plan_builder *builder)
{
	const struct spec_user *user = &process_of(builder)->user;
	bool asked = user->additional_gid_count || builder->spec->box.group_names.count;
	if (builder->spec->box.groups == GROUPS_KEPT)
		return;
	bool unmapped = namespace_is_new(builder, ABI_NEWUSER) && !builder->spec->linux_.gid_mappings.count;
	if (idmap_denies_setgroups(builder) || unmapped) {
		if (asked)
			plan_refuse(builder, "/process/user/additionalGids",
			            "with only one's own group mapped, and without privilege, the kernel denies "
			            "setgroups: map subordinate group ids (/etc/subgid), or leave the list empty");
		return;
	}
	check_groups(builder, user);
	struct plan_span groups = plan_put_bytes(builder, user->additional_gids,
	                                         user->additional_gid_count * sizeof(*user->additional_gids));
	struct step *step = plan_add(builder, STEP_set_groups, "/process/user");
	step->set_groups.identity = looked_up_ids(builder);
	step->set_groups.groups = groups;
}

static void set_ids(struct plan_builder *builder)
{
	const struct spec_user *user = &process_of(builder)->user;
	const struct spec_linux *linux_ = &builder->spec->linux_;
	bool known = !looked_up_ids(builder);
	uint32_t gid = known ? id_to_take(builder, &linux_->gid_mappings, user->gid, "/process/user/gid") : user->gid;
	uint32_t uid = known ? id_to_take(builder, &linux_->uid_mappings, user->uid, "/process/user/uid") : user->uid;
	struct step *step = plan_add(builder, STEP_set_gid, "/process/user/gid");
	step->set_gid.identity = looked_up_ids(builder);
	step->set_gid.gid = gid;
	step = plan_add(builder, STEP_set_uid, "/process/user/uid");
	step->set_uid.identity = looked_up_ids(builder);
	step->set_uid.uid = uid;
}

/* --- capabilities ----------------------------------------------------------------------------------------- */

/* Without the property there are none, as under runc and crun: a config that says nothing must not get all. */
static void drop_bounding(struct plan_builder *builder)
{
	struct step *step = plan_add(builder, STEP_drop_bounding, "/process/capabilities/bounding");
	step->drop_bounding.keep = process_of(builder)->capabilities.bounding;
}

/* The kernel wants ambient within inheritable and permitted, and effective within permitted (capabilities(7)); a
 * capability that cannot be had is left out, not an error (spec, "capabilities"). Nothing becomes inheritable that is
 * not asked for by name (CVE-2022-24769). */
static void set_caps(struct plan_builder *builder)
{
	const struct spec_capabilities *asked = &process_of(builder)->capabilities;
	const uint64_t known = (UINT64_C(1) << ABI_CAP_COUNT) - 1;
	uint64_t permitted = asked->permitted & known;
	uint64_t inheritable = asked->inheritable & known;
	struct step *step = plan_add(builder, STEP_set_caps, "/process/capabilities");
	step->set_caps.permitted = permitted;
	step->set_caps.effective = asked->effective & permitted;
	step->set_caps.inheritable = inheritable;
	step->set_caps.ambient = asked->ambient & permitted & inheritable;
}

/* --- all of it, in order ----------------------------------------------------------------------------------- */

void plan_identity(struct plan_builder *builder)
{
	const struct spec_process *process = process_of(builder);
	if (!process->set || !process->args.count) {
		plan_refuse(builder, "/process", "there is no program to run");
		return;
	}
	struct program program = program_of(builder);

	if (builder->gate)
		wait_for_start(builder, &program);
	set_rlimits(builder);
	set_personality(builder);
	set_scheduler(builder);
	set_io_priority(builder);
	set_affinity(builder);
	set_memory_policy(builder);
	set_umask(builder);
	lookup_user(builder, &program);
	lookup_groups(builder);
	plan_take_pipes(builder);
	new_keyring(builder);
	if (!builder->gate)
		new_session(builder);
	change_dir(builder);
	inspect_program(builder, &program);
	if (!process->no_new_privileges)
		install_filter(builder);

	drop_bounding(builder);
	set_groups(builder);
	set_ids(builder);
	set_caps(builder);
	plan_add(builder, STEP_hide_process, NULL);
	if (process->no_new_privileges)
		plan_add(builder, STEP_no_new_privs, "/process/noNewPrivileges");
	/* Nobody would answer the calls of a traced container without its runtime. */
	if (builder->spec->box.die_with_runtime || builder->request->seccomp_trace)
		plan_add(builder, STEP_die_with_runtime, NULL);
	plan_start_hooks(builder);
	if (process->no_new_privileges)
		install_filter(builder);

	if (builder->spec->box.init)
		plan_add(builder, STEP_stay, "/box/init");
	execute(builder, &program);
}
