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

void box_mount_proc(struct box *box, const char *destination)
{
	static const char *const proc[] = { "nosuid", "noexec", "nodev", NULL };
	box_mount(box, destination, "proc", "proc", proc);
}

/* A fresh sysfs shows the network namespace it is mounted in, and may be mounted only by its owner. */
void box_mount_sys(struct box *box)
{
	static const char *const sys[] = { "nosuid", "noexec", "nodev", "ro", NULL };
	static const char *const host_sys[] = { "rbind", "nosuid", "noexec", "nodev", "ro", NULL };
	const char *path = NULL;
	if (spec_has_namespace(box->spec, ABI_NEWNET, &path) && !path)
		box_mount(box, "/sys", "sysfs", "sysfs", sys);
	else
		box_mount(box, "/sys", "/sys", "bind", host_sys);
}

void box_mount_dev(struct box *box)
{
	static const char *const dev[] = { "nosuid", "strictatime", "mode=755", "size=65536k", NULL };
	static const char *const pts[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", NULL };
	static const char *const shm[] = { "nosuid", "noexec", "nodev", "mode=1777", NULL };
	box_mount(box, "/dev", "tmpfs", "tmpfs", dev);
	box_mount(box, "/dev/pts", "devpts", "devpts", pts);
	box_mount(box, "/dev/shm", "shm", "tmpfs", shm);
}

/* What a directory that is no running system lacks. Over the host's own root these come with the mounts below it. */
void box_mounts(struct box *box)
{
	if (box->spec->box.root_mode == ROOT_HOST_OVERLAY)
		return;
	box_mount_proc(box, "/proc");
	if (!box_is_placed(box, "dev"))
		box_mount_dev(box);
	if (!box_is_placed(box, "sys"))
		box_mount_sys(box);
}
