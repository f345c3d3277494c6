/* box_mounts.c: what is mounted in a box besides its root: the system's own file systems. */
#include "spec/box_part.h"
#include "spec/mount_option.h"

#include <string.h>

enum { BOX_MOUNTS = 16 };

static struct spec_mount *next_mount(struct box *box)
{
	struct spec *spec = box->spec;
	if (spec->mount_count == box->mount_capacity) {
		box->mount_capacity = box->mount_capacity ? box->mount_capacity * 2 : BOX_MOUNTS;
		struct spec_mount *items = ARENA_ARRAY(box->arena, box->mount_capacity, struct spec_mount);
		if (spec->mount_count)
			memcpy(items, spec->mounts, spec->mount_count * sizeof(*items));
		spec->mounts = items;
	}
	return &spec->mounts[spec->mount_count++];
}

void box_mount(struct box *box, const char *destination, const char *source, const char *type,
               const char *const *options)
{
	struct spec_mount *mount = next_mount(box);
	size_t count = 0;
	while (options[count])
		count++;
	*mount = (struct spec_mount){ .destination = destination, .source = source, .type = type };
	mount->option_words.items = ARENA_ARRAY(box->arena, count + 1, const char *);
	mount->option_words.count = count;
	memcpy(mount->option_words.items, options, count * sizeof(*options));
	mount_options_fold(box->arena, &mount->option_words, &mount->options);
}

static bool box_has_namespace(const struct box *box, uint32_t type)
{
	return spec_has_namespace(box->spec, type, &(const char *){ NULL });
}

/* A fresh procfs shows the processes of its mounter, and those of the machine only root may show. Where parts of /proc
 * are covered, as in another box, a user namespace may have none that shows them. */
void box_mount_proc(struct box *box, const char *destination)
{
	static const char *const proc[] = { "nosuid", "noexec", "nodev", NULL };
	static const char *const host_proc[] = { "rbind", "nosuid", "noexec", "nodev", NULL };
	bool own = box_has_namespace(box, ABI_NEWPID) && !box->flags->proc_masked;
	if (own || !box_has_namespace(box, ABI_NEWUSER))
		box_mount(box, destination, "proc", "proc", proc);
	else
		box_mount(box, destination, "/proc", "bind", host_proc);
}

/* A fresh sysfs shows the network namespace it is mounted in, and may be mounted only by who has rights in the user
 * namespace that owns it: not by a box that joins it with a user namespace of its own. */
static bool may_mount_sys(const struct box *box)
{
	const char *network = NULL, *user = NULL;
	bool own_ids = spec_has_namespace(box->spec, ABI_NEWUSER, &user) && !user;
	return spec_has_namespace(box->spec, ABI_NEWNET, &network) && !(network && own_ids);
}

void box_mount_sys(struct box *box)
{
	static const char *const sys[] = { "nosuid", "noexec", "nodev", "ro", NULL };
	static const char *const host_sys[] = { "rbind", "nosuid", "noexec", "nodev", "ro", NULL };
	if (may_mount_sys(box))
		box_mount(box, "/sys", "sysfs", "sysfs", sys);
	else
		box_mount(box, "/sys", "/sys", "bind", host_sys);
}

/* Shared memory and message queues by name (shm_open(3), mq_open(3)) are files. */
static void box_mount_host_ipc(struct box *box)
{
	static const char *const paths[] = { "/dev/shm", "/dev/mqueue" };
	static const char *const bind[] = { "rbind", "nosuid", "noexec", "nodev", NULL };
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		box_origin(box, arena_printf(box->arena, "/mounts/%zu", box->spec->mount_count), "ipc", "host");
		box_mount(box, paths[i], paths[i], "bind", bind);
		box->spec->mounts[box->spec->mount_count - 1].optional = true;
	}
}

/* The view of this machine shows its /sys, with its network in it. Root is always allowed another, the root of a user
 * namespace where it owns the network too and nothing covers a part of the machine's. */
static bool box_has_own_sys(const struct box *box)
{
	const char *path;
	if (!spec_has_namespace(box->spec, ABI_NEWNET, &path))
		return false;
	return !box_has_namespace(box, ABI_NEWUSER) || (!path && !box->flags->sys_masked);
}

static void box_mount_own_sys(struct box *box)
{
	static const char *const cgroup[] = { "rbind", "nosuid", "noexec", "nodev", "rro", NULL };
	box_mount_sys(box);
	box_mount(box, "/sys/fs/cgroup", "/sys/fs/cgroup", "bind", cgroup);
	box->spec->mounts[box->spec->mount_count - 1].optional = true;
}

void box_mount_dev(struct box *box)
{
	static const char *const dev[] = { "nosuid", "strictatime", "mode=755", "size=65536k", NULL };
	static const char *const pts[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", NULL };
	static const char *const shm[] = { "nosuid", "noexec", "nodev", "mode=1777", NULL };
	box_mount(box, "/dev", "tmpfs", "tmpfs", dev);
	box_mount(box, "/dev/pts", "devpts", "devpts", pts);
	if (box_has_namespace(box, ABI_NEWIPC))
		box_mount(box, "/dev/shm", "shm", "tmpfs", shm);
	else
		box_mount_host_ipc(box);
}

/* What a directory that is no running system lacks. Over the host's own root these come with the mounts below it. */
void box_mounts(struct box *box)
{
	if (box->spec->box.root_mode == ROOT_HOST_OVERLAY) {
		if (!box_has_namespace(box, ABI_NEWIPC) && !box_is_placed(box, "dev"))
			box_mount_host_ipc(box);
		if (box_has_own_sys(box) && !box_is_placed(box, "sys"))
			box_mount_own_sys(box);
		return;
	}
	box_mount_proc(box, "/proc");
	if (!box_is_placed(box, "dev"))
		box_mount_dev(box);
	if (!box_is_placed(box, "sys"))
		box_mount_sys(box);
}
