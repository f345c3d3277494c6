/* law_world.c: laws of mounts, paths and the root: nothing reaches the host, nothing leads out of the container. */
#include "base/abi.h"
#include "plan/law.h"

#include <string.h>

static uint32_t namespaces(const struct law_view *view)
{
	return view->made | view->joined;
}

/* --- mounts only in a mount namespace of the container's own ------------------------------------------ */

static const bool mounts[STEP_KIND_COUNT] = {
	[STEP_set_propagation] = true, [STEP_mount_fs] = true, [STEP_bind] = true,
	[STEP_remount] = true,         [STEP_mask] = true,     [STEP_bind_console] = true,
	[STEP_readonly] = true,
};

static bool step_mounts(const struct step *step)
{
	return mounts[step->kind] || (step->kind == STEP_open_root && step->open_root.how != 'd') ||
	       (step->kind == STEP_make_device && step->make_device.how == 'b') ||
	       (step->kind == STEP_pivot && step->pivot.how != 'c');
}

static const char *own_mounts(const struct law_view *view)
{
	bool own = view->made & ABI_NEWNS;
	for (uint32_t i = 0; i < view->block->step_count && !own; i++)
		if (step_mounts(plan_step(view->block, i)))
			return law_broken(view, i, "the mount namespace is not the container's own");
	return NULL;
}

/* In a namespace of its own the root is switched, not only changed: chroot alone leaves the old root in reach. */
static const char *real_switch(const struct law_view *view)
{
	const struct step *pivot = plan_step(view->block, view->first[STEP_pivot]);
	if (!strchr("pmc", (int)pivot->pivot.how) || !pivot->pivot.how)
		return law_broken(view, view->first[STEP_pivot], "there is no such way");
	if ((view->made & ABI_NEWNS) && pivot->pivot.how == 'c')
		return law_broken(view, view->first[STEP_pivot], "chroot leaves the old root mounted");
	return NULL;
}

static const char *root_open(const struct law_view *view)
{
	uint32_t at = view->first[STEP_open_root];
	const struct step *root = plan_step(view->block, at);
	if (!root->open_root.how || !strchr("bdf", (int)root->open_root.how))
		return law_broken(view, at, "there is no such way");
	if ((view->made & ABI_NEWNS) && root->open_root.how == 'd')
		return law_broken(view, at, "pivot_root wants a mount point");
	return NULL;
}

/* The maps of the server are those of the container, line by line. */
static const char *server_ids(const struct law_view *view, const struct step *server)
{
	const struct step_make_idmap *maps = NULL;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_make_idmap && step->make_idmap.idmap == server->serve_root.idmap)
			maps = &step->make_idmap;
	}
	for (uint32_t i = 0; maps && i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_write_idmap || step->write_idmap.which == 's')
			continue;
		plan_text same = step->write_idmap.which == 'u' ? maps->uids : maps->gids;
		if (strcmp(law_text(view, same), law_text(view, step->write_idmap.text)) != 0)
			return law_broken(view, i, "the root's server has other ids");
	}
	return maps ? NULL : law_broken(view, view->first[STEP_serve_root], "its user namespace is none of the plan's");
}

static const char *served(const struct law_view *view)
{
	const uint32_t at = view->first[STEP_open_root], server = view->first[STEP_serve_root];
	const plan_slot channel = plan_step(view->block, at)->open_root.channel;
	if (!channel && server == LAW_NONE)
		return NULL;
	if (!channel || server == LAW_NONE || view->first[STEP_await_root] == LAW_NONE)
		return law_broken(view, at, "the root, its server and the wait for an answer are not all there");
	return server_ids(view, plan_step(view->block, server));
}

/* Shared with the host only when the configuration says so by name, for the root and for a mount; then every clone of a
 * host path says itself what becomes of it. */
static bool may_share(const struct law_view *view, const struct step *outer)
{
	bool asked = false;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind == STEP_bind && !step->bind.propagation)
			return false;
		asked |= step->kind == STEP_bind && step->bind.propagation == ABI_SHARED;
	}
	return asked && strcmp(law_text(view, outer->pointer), "/linux/rootfsPropagation") == 0;
}

static const char *no_leak(const struct law_view *view)
{
	uint32_t at = view->first[STEP_set_propagation];
	if (!(view->made & ABI_NEWNS))
		return NULL;
	if (at == LAW_NONE)
		return law_broken(view, LAW_NONE, "there is no set_propagation");
	const struct step *step = plan_step(view->block, at);
	uint32_t propagation = step->set_propagation.propagation;
	if (!step->set_propagation.recursive)
		return law_broken(view, at, "mounts below stay shared with the host");
	if (propagation != ABI_PRIVATE && propagation != ABI_SLAVE &&
	    !(propagation == ABI_SHARED && may_share(view, step)))
		return law_broken(view, at, "what is mounted in the container appears on the host");
	return NULL;
}

/* Box views carry the pointer of the root; a configuration may bind what it likes. */
static const char *own_dev(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		bool of_box = step->kind == STEP_bind && strcmp(law_text(view, step->pointer), "/root/path") == 0;
		const char *source = of_box ? law_text(view, step->bind.source) : "";
		bool dev = strncmp(source, "/dev", 4) == 0 && (source[4] == '\0' || source[4] == '/');
		if (dev && !(view->made & ABI_NEWUSER))
			return law_broken(view, i, "%s is the machine's", source);
	}
	return NULL;
}

/* --- trees that were opened outside ------------------------------------------------------------------- */

/* Privilege opened it: it is separate from the host, and meant for a root that lacks the privilege. */
static const char *tree_separate(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_open_tree)
			continue;
		uint32_t propagation = step->open_tree.propagation;
		if (propagation != ABI_PRIVATE && propagation != ABI_SLAVE)
			return law_broken(view, i, "what is mounted on it appears on the host");
		if (!(namespaces(view) & ABI_NEWUSER) && !step->open_tree.idmap)
			return law_broken(view, i, "without a user namespace init opens paths itself");
	}
	return NULL;
}

/* The tree is that of the path which the step names. */
static const char *tree_named(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		bool is_root = step->kind == STEP_open_root;
		plan_slot slot = is_root ? step->open_root.tree : step->kind == STEP_bind ? step->bind.tree : 0;
		plan_text path = is_root ? step->open_root.path : step->bind.source;
		const struct step *giver = law_giver(view, slot);
		if (!slot)
			continue;
		bool process = is_root && giver && giver->kind == STEP_open_process;
		if (!process && (!giver || giver->kind != STEP_open_tree))
			return law_broken(view, i, "what it attaches is no tree");
		plan_text opened = process ? giver->open_process.path : giver->open_tree.path;
		if (strcmp(law_text(view, opened), law_text(view, path)) != 0)
			return law_broken(view, i, "it attaches something else than it names");
		if (process && step->open_root.how != 'd')
			return law_broken(view, i, "the root of a process is entered, not attached");
		if (is_root && !process && (step->open_root.how != 'b' || !giver->open_tree.recursive))
			return law_broken(view, i, "a root that is a tree is all of it");
	}
	return NULL;
}

/* --- paths ------------------------------------------------------------------------------------------ */

static const char *path_fields(const struct law_view *view, enum step_field_type type,
                               const char *(*check)(const struct law_view *, uint32_t, const char *))
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		struct step_fields fields = step_fields(step->kind);
		for (size_t k = 0; k < fields.count; k++) {
			plan_text text = fields.items[k].type == type ? step_text(step, &fields.items[k]) : 0;
			const char *broken = text ? check(view, i, law_text(view, text)) : NULL;
			if (broken)
				return broken;
		}
	}
	return NULL;
}

static const char *host_path(const struct law_view *view, uint32_t index, const char *path)
{
	if (path[0] != '/')
		return law_broken(view, index, "\"%s\" is not absolute", path);
	return index > view->first[STEP_pivot] ? law_broken(view, index, "%s is the host's", path) : NULL;
}

static const char *no_host_path(const struct law_view *view)
{
	return path_fields(view, FIELD_HOST, host_path);
}

static const char *inside_path(const struct law_view *view, uint32_t index, const char *path)
{
	return path[0] == '/' ? NULL : law_broken(view, index, "\"%s\" is not absolute", path);
}

static const char *inside_absolute(const struct law_view *view)
{
	return path_fields(view, FIELD_INSIDE, inside_path);
}

/* The slot a step takes as its root; 0: it takes none. */
static plan_slot root_slot(const struct step *step)
{
	struct step_fields fields = step_fields(step->kind);
	for (size_t i = 0; i < fields.count; i++)
		if (fields.items[i].type == FIELD_TAKES && strcmp(fields.items[i].name, "root") == 0)
			return step_slot(step, &fields.items[i]);
	return 0;
}

static bool has_inside(const struct step *step, bool *filled)
{
	struct step_fields fields = step_fields(step->kind);
	for (size_t i = 0; i < fields.count; i++)
		if (fields.items[i].type == FIELD_INSIDE) {
			*filled = step_text(step, &fields.items[i]) != 0;
			return true;
		}
	return false;
}

static const char *from_root(const struct law_view *view)
{
	plan_slot root = plan_step(view->block, view->first[STEP_open_root])->open_root.root;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		bool filled = false;
		bool inside = has_inside(step, &filled);
		plan_slot taken = root_slot(step);
		if (inside && (!filled || !taken))
			return law_broken(view, i, "it has no path, or no root to start from");
		if (taken && taken != root)
			return law_broken(view, i, "it starts from something else than the root");
	}
	return NULL;
}

/* --- what is protected stays so ----------------------------------------------------------------------- */

static bool is_root_path(const char *path)
{
	return strspn(path, "/") == strlen(path);
}

static bool makes_root_readonly(const struct law_view *view, const struct step *step)
{
	if (step->kind == STEP_readonly)
		return is_root_path(law_text(view, step->readonly.path));
	return step->kind == STEP_remount && (step->remount.attr_set & ABI_ATTR_RDONLY) &&
	       is_root_path(law_text(view, step->remount.path));
}

static const bool creates[STEP_KIND_COUNT] = {
	[STEP_mount_fs] = true,  [STEP_bind] = true,        [STEP_make_path] = true,
	[STEP_make_link] = true, [STEP_make_device] = true, [STEP_bind_console] = true,
};

static const char *readonly_last(const struct law_view *view)
{
	bool readonly = false;
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (readonly && creates[step->kind])
			return law_broken(view, i, "the root is read-only already");
		readonly |= makes_root_readonly(view, step);
	}
	return NULL;
}

static const char *masks_stay(const struct law_view *view)
{
	uint32_t first = view->first[STEP_mask] < view->first[STEP_readonly] ? view->first[STEP_mask]
	                                                                     : view->first[STEP_readonly];
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (i > first && step->kind == STEP_remount && step->remount.attr_clear)
			return law_broken(view, i, "it may lift a protection");
	}
	return NULL;
}

/* --- what is kept ------------------------------------------------------------------------------------- */

static const char *kept_survive(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count && view->count[STEP_hold_changes]; i++) {
		const struct step *step = plan_step(view->block, i);
		struct plan_span options = step->kind == STEP_open_root  ? step->open_root.options
		                           : step->kind == STEP_mount_fs ? step->mount_fs.options
		                                                         : (struct plan_span){ 0, 0 };
		const char *word = plan_bytes(view->block, options);
		for (uint32_t k = 0; k < options.count; k++, word += strlen(word) + 1)
			if (strcmp(word, "volatile") == 0)
				return law_broken(view, i,
				                  "what is written may be lost, and the layer never mounted again");
	}
	return NULL;
}

/* --- what is set belongs to the container ------------------------------------------------------------- */

static const struct {
	const char *prefix;
	uint32_t namespace;
} sysctl_owners[] = {
	{ "net.", ABI_NEWNET },
	{ "kernel.msg", ABI_NEWIPC },
	{ "kernel.sem", ABI_NEWIPC },
	{ "kernel.shm", ABI_NEWIPC },
	{ "fs.mqueue.", ABI_NEWIPC },
	{ "kernel.hostname", ABI_NEWUTS },
	{ "kernel.domainname", ABI_NEWUTS },
	{ "user.", ABI_NEWUSER },
};

static uint32_t sysctl_owner(const char *name)
{
	for (size_t i = 0; i < sizeof(sysctl_owners) / sizeof(*sysctl_owners); i++)
		if (strncmp(name, sysctl_owners[i].prefix, strlen(sysctl_owners[i].prefix)) == 0)
			return sysctl_owners[i].namespace;
	return 0;
}

static const char *own_sysctls(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		const char *name = step->kind == STEP_write_sysctl ? law_text(view, step->write_sysctl.name) : NULL;
		if (name && (!(namespaces(view) & sysctl_owner(name)) || strstr(name, "..")))
			return law_broken(view, i, "%s is the host's", name);
	}
	return NULL;
}

static const char *own_names(const struct law_view *view)
{
	if (view->count[STEP_set_name] && !(namespaces(view) & ABI_NEWUTS))
		return law_broken(view, view->first[STEP_set_name], "it would rename the host");
	if (view->count[STEP_raise_loopback] && !(view->made & ABI_NEWNET))
		return law_broken(view, view->first[STEP_raise_loopback], "the network is another one's");
	return NULL;
}

/* The path of a joined one may lead to the runtime's own, which only the runtime can see. */
static const char *joined_foreign(const struct law_view *view)
{
	for (uint32_t i = 0; i < view->block->step_count; i++) {
		const struct step *step = plan_step(view->block, i);
		if (step->kind != STEP_open_namespace || step->open_namespace.foreign)
			continue;
		if (step->open_namespace.type == ABI_NEWUTS && view->count[STEP_set_name])
			return law_broken(view, i, "it may be the host's, and a name is set in it");
		for (uint32_t k = i; k < view->block->step_count; k++) {
			const struct step *setter = plan_step(view->block, k);
			if (setter->kind == STEP_write_sysctl &&
			    sysctl_owner(law_text(view, setter->write_sysctl.name)) == step->open_namespace.type)
				return law_broken(view, i, "it may be the host's, and a sysctl is set in it");
		}
	}
	return NULL;
}

static const char *terminal(const struct law_view *view)
{
	bool opened = view->count[STEP_open_terminal];
	if (opened && view->count[STEP_open_console])
		return law_broken(view, view->first[STEP_open_console], "there is a terminal already");
	if (view->block->terminal != opened || view->count[STEP_take_console] != view->count[STEP_open_terminal] ||
	    view->count[STEP_take_terminal] != view->count[STEP_open_terminal] + view->count[STEP_open_console])
		return law_broken(view, view->first[STEP_open_terminal], "not all of its ends are taken");
	return NULL;
}

static const char *background(const struct law_view *view)
{
	uint32_t at = view->first[STEP_open_log];
	if (view->count[STEP_take_log] != view->count[STEP_open_log])
		return law_broken(view, at, "nobody writes to it, or what is written to was never opened");
	if (at == LAW_NONE)
		return NULL;
	if (view->count[STEP_take_terminal])
		return law_broken(view, view->first[STEP_take_terminal], "its output goes to the log");
	if (view->count[STEP_give_pipes] || view->count[STEP_take_pipes])
		return law_broken(view, at, "the caller's pipes are not the program's");
	return view->count[STEP_die_with_runtime] ? NULL : law_broken(view, at, "it would outlive who watches it");
}

static const struct law laws[] = {
	{ "nothing is mounted in the host's mount namespace", "it would stay there, and be seen by all", own_mounts },
	{ "the root of a mount namespace is switched, not only changed", "CVE-2024-21626 class: chroot(2) is no wall",
	  real_switch },
	{ "the root is opened as the namespace demands", "pivot_root(2)", root_open },
	{ "a root that is served has its server, with the ids of the container",
	  "whoever looks into it would wait for ever; with others it would make files as the host's users", served },
	{ "no mount reaches the host", "mount_namespaces(7): a copy starts shared where the host is", no_leak },
	{ "a box of root has a /dev of its own", "a throw-away box could write the disk", own_dev },
	{ "what is kept survives", "overlayfs.rst, \"Volatile mount\"", kept_survive },
	{ "a tree opened outside is separate from the host",
	  "mount_namespaces(7): the clone of a shared mount is its peer, in whatever namespace it is attached",
	  tree_separate },
	{ "a step attaches the tree that it names", "an error and a reader must know what was mounted", tree_named },
	{ "after the pivot no step names a host path", "what it names there is the container's (CVE-2019-14271)",
	  no_host_path },
	{ "an inner path is absolute", "it starts at the container's root, wherever the process stands",
	  inside_absolute },
	{ "every inner path starts from the root's descriptor",
	  "CVE-2019-18837, CVE-2021-30465: a path from anywhere else follows the image's links to the host",
	  from_root },
	{ "the root becomes read-only when all is made", "after it nothing can be created (EROFS)", readonly_last },
	{ "protection is not lifted again", "CVE-2025-31133, CVE-2023-25809: a writable /proc/sys is an escape",
	  masks_stay },
	{ "a sysctl belongs to a namespace of the container", "others would change the host (CVE-2022-0811)",
	  own_sysctls },
	{ "names and loopback are the container's own", "sethostname(2) in the host's uts namespace renames the host",
	  own_names },
	{ "what is set in a joined namespace is not set on the host", "its path may be that of the runtime's own",
	  joined_foreign },
	{ "a terminal has both its ends", "a master nobody reads stops the program when its buffer is full", terminal },
	{ "a box in the background has nothing of its caller's", "who reads its output to the end waits for ever",
	  background },
};
const struct law_list laws_world = { laws, sizeof(laws) / sizeof(*laws) };
