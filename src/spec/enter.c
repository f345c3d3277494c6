/* enter.c: what `kist enter` means, said as a spec: namespaces joined, a root that is there, and nothing made. */
#include "spec/enter.h"

#include "spec/box_part.h"
#include "spec/check.h"
#include "spec/fault.h"
#include "spec/names.h"

#include <stdlib.h>
#include <string.h>

enum { CAP_SYS_PTRACE = 19 }; /* capabilities(7) */

/* By the names of /proc/PID/ns. */
static const struct name kinds[] = {
	{ "user", ABI_NEWUSER }, { "mnt", ABI_NEWNS },  { "pid", ABI_NEWPID },   { "net", ABI_NEWNET },
	{ "ipc", ABI_NEWIPC },   { "uts", ABI_NEWUTS }, { "time", ABI_NEWTIME }, { "cgroup", ABI_NEWCGROUP },
};
static const struct name_table name_kinds = { "namespace", kinds, sizeof(kinds) / sizeof(*kinds) };

const char *enter_parse(struct arena *arena, const char *list, uint32_t *types, const char **nearest)
{
	*types = 0;
	for (char *rest = arena_string(arena, list), *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
		uint64_t type;
		if (!name_value(&name_kinds, word, &type) && !name_value(&name_namespaces, word, &type)) {
			*nearest = name_nearest(&name_kinds, word);
			*nearest = *nearest ? *nearest : name_nearest(&name_namespaces, word);
			return word;
		}
		*types |= (uint32_t)type;
	}
	return NULL;
}

static void join(struct box *box, const struct enter_target *target)
{
	struct spec_linux *linux_ = &box->spec->linux_;
	linux_->set = true;
	linux_->namespaces = ARENA_ARRAY(box->arena, name_kinds.count, struct spec_namespace);
	for (size_t i = 0; i < name_kinds.count; i++) {
		if (!(target->namespaces & kinds[i].value))
			continue;
		if (target->asked)
			box_origin(box, arena_printf(box->arena, "/linux/namespaces/%zu", linux_->namespace_count),
			           "ns", target->asked);
		linux_->namespaces[linux_->namespace_count++] = (struct spec_namespace){
			(uint32_t)kinds[i].value,
			arena_printf(box->arena, "/proc/%u/ns/%s", target->pid, kinds[i].word),
		};
	}
}

/* --- who ------------------------------------------------------------------------------------------------- */

struct id_range {
	uint64_t first, count;
};

/* "  0  1000  1": which ids there are is in the first and the third column. False at the end. */
static bool next_range(const char **map, struct id_range *range)
{
	char *end;
	range->first = strtoull(*map, &end, 10);
	if (end == *map)
		return false;
	(void)strtoull(end, &end, 10);
	range->count = strtoull(end, &end, 10);
	*map = end;
	return true;
}

static bool map_holds(const char *map, uint64_t id)
{
	struct id_range range;
	while (next_range(&map, &range))
		if (id >= range.first && id - range.first < range.count)
			return true;
	return false;
}

/* The lowest id: 0, as a rule. Where nobody is mapped everybody is nobody, and asks to become 0 in vain. */
static uint32_t map_first(const char *map)
{
	struct id_range range;
	uint64_t lowest = UINT32_MAX;
	while (next_range(&map, &range))
		lowest = range.first < lowest ? range.first : lowest;
	return lowest < UINT32_MAX ? (uint32_t)lowest : 0;
}

/* Names are looked up inside, so whether they are mapped only the start can tell. */
static void check_mapped(struct box *box, const struct enter_target *target)
{
	const struct spec_user *user = &box->spec->process.user;
	const char *given = box->flags->user;
	const char *group = given ? strchr(given, ':') : NULL;
	bool number = given && *given >= '0' && *given <= '9';
	if (number && !map_holds(target->uid_map, user->uid))
		box_fault(box, "/process/user", "the user namespace of the process does not map this user id");
	if (group && group[1] >= '0' && group[1] <= '9' && !map_holds(target->gid_map, user->gid))
		box_fault(box, "/process/user", "the user namespace of the process does not map this group id");
}

/* In another user namespace its root, or its first id where it has no 0; elsewhere the caller stays who he is. */
static void choose_user(struct box *box, const struct enter_target *target)
{
	struct spec_user *user = &box->spec->process.user;
	bool elsewhere = target->namespaces & ABI_NEWUSER;
	bool kept = elsewhere && target->denies_setgroups;
	if (!box->flags->user) {
		user->uid = elsewhere ? map_first(target->uid_map) : target->uid;
		user->gid = elsewhere ? map_first(target->gid_map) : target->gid;
	}
	box_user(box);
	if (elsewhere)
		check_mapped(box, target);
	if (!kept || box->spec->box.groups == GROUPS_KEPT)
		return;
	if (box->flags->groups)
		box_fault(box, "/process/user/additionalGids",
		          "the user namespace of the process denies setgroups, so they stay: keep is all there is");
	box->spec->box.groups = GROUPS_KEPT;
}

/* Root has what the process could have at most, another user nothing. It is a tool to look with, so the process's
 * seccomp filter does not hold for it. */
static void choose_privileges(struct box *box, const struct enter_target *target)
{
	struct spec_process *process = &box->spec->process;
	struct spec_capabilities *set = &process->capabilities;
	const char *user = box->flags->user;
	size_t length = user ? strcspn(user, ":") : 0;
	bool root = process->user.uid == 0 && !user;
	root = root || (length == 4 && strncmp(user, "root", 4) == 0) || (length == 1 && *user == '0');
	set->set = true;
	set->bounding = target->bounding;
	if (root)
		set->effective = set->permitted = target->bounding;
	process->no_new_privileges = target->no_new_privs;
}

/* CAP_SYS_PTRACE over a user namespace opens what is undumpable too: between the fork into the pid namespace and the
 * last step, who has it there may look into a process with all of kist's rights (and at kist, CVE-2019-5736). Who
 * has CAP_SYS_ADMIN needs no such way. */
static void warn_of_tracers(struct box *box, const struct enter_target *target)
{
	static const uint64_t traces = UINT64_C(1) << CAP_SYS_PTRACE, rules = UINT64_C(1) << ABI_CAP_SYS_ADMIN;
	bool confined = (target->bounding & traces) && !(target->bounding & rules);
	if (confined && target->shares_user && (target->namespaces & ABI_NEWPID))
		fault_add(box->faults, FAULT_WARNING,
		          (struct spec_fault){
				  .pointer = "/linux/namespaces",
				  .text = "who has CAP_SYS_PTRACE there can trace what enters, while that still has "
					  "kist's own rights: enter only what may have those, or leave pid out with "
					  "--ns",
			  });
}

struct spec *enter_spec(struct arena *arena, const struct box_flags *flags, const struct enter_target *target,
                        struct spec_faults *faults)
{
	struct spec *spec = ARENA_NEW(arena, struct spec);
	struct box box = { .arena = arena, .flags = flags, .faults = faults, .spec = spec };
	spec->oci_version = "1.3.0";
	spec->box = (struct spec_box){
		.set = true,
		.root_mode = ROOT_PROCESS,
		.die_with_runtime = true,
		.process = target->pid,
		.process_start = target->start_time,
	};
	spec->root.set = true;
	spec->root.path = target->own_root ? arena_printf(arena, "/proc/%u/root", target->pid) : "/";
	join(&box, target);
	warn_of_tracers(&box, target);
	box_process(&box);
	box_running(&box);
	if (!flags->workdir)
		spec->process.cwd = target->cwd;
	choose_user(&box, target);
	choose_privileges(&box, target);
	spec_check(arena, spec, faults);
	return spec;
}
