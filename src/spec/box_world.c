/* box_world.c: what of the kernel a box does not see. */
#include "spec/box_part.h"

#include <string.h>

/* The kernel's own controls are no part of a box: what podman and docker hide is hidden here too. Paths below /proc,
 * wherever the box has one. */
static const char *const proc_masked[] = {
	"acpi", "asound", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi",
};
static const char *const proc_readonly[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };
static const char *const sys_masked[] = { "firmware", "devices/virtual/powercap" };

#define PATHS(list) list, sizeof(list) / sizeof((list)[0])

static void add_paths(struct box *box, struct spec_strings *paths, const char *parent, const char *const *names,
                      size_t count)
{
	const char **items = ARENA_ARRAY(box->arena, paths->count + count, const char *);
	if (paths->count)
		memcpy(items, paths->items, paths->count * sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[paths->count++] = arena_printf(box->arena, "%s/%s", parent, names[i]);
	paths->items = items;
}

/* Behind what the flags protect. */
static void protect_proc(struct box *box, const char *path)
{
	struct spec_linux *linux_ = &box->spec->linux_;
	add_paths(box, &linux_->masked_paths, path, PATHS(proc_masked));
	add_paths(box, &linux_->readonly_paths, path, PATHS(proc_readonly));
}

/* "/proc", however it is written: "//proc/", "/proc/." */
static bool is_proc(const char *path)
{
	path += strspn(path, "/");
	return strncmp(path, "proc", 4) == 0 && strspn(path + 4, "/.") == strlen(path + 4);
}

/* A procfs in another place is as dangerous as the one in its own. */
static bool shows_proc(const struct spec_mount *mount)
{
	bool bind = mount->options.bind && mount->source && is_proc(mount->source);
	return (bind || strcmp(mount->type, "proc") == 0) && strcmp(mount->destination, "/proc") != 0;
}

void box_protection(struct box *box)
{
	const struct spec *spec = box->spec;
	protect_proc(box, "/proc");
	for (size_t i = 0; i < spec->mount_count; i++)
		if (shows_proc(&spec->mounts[i]))
			protect_proc(box, spec->mounts[i].destination);
	add_paths(box, &box->spec->linux_.masked_paths, "/sys", PATHS(sys_masked));
}
