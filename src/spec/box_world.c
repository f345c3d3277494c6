/* box_world.c: which namespaces a box has of its own, its names, and what of the kernel it does not see. */
#include "spec/box_part.h"

#include <string.h>

void box_namespaces(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_linux *linux_ = &box->spec->linux_;
	static const uint32_t always[] = { ABI_NEWNS, ABI_NEWPID, ABI_NEWIPC, ABI_NEWUTS, ABI_NEWCGROUP };
	enum { ALWAYS = sizeof(always) / sizeof(always[0]) };
	linux_->set = true;
	linux_->namespaces = ARENA_ARRAY(box->arena, ALWAYS + 2, struct spec_namespace);
	for (size_t i = 0; i < ALWAYS; i++)
		linux_->namespaces[linux_->namespace_count++].type = always[i];
	if (!flags->privileged) {
		linux_->namespaces[linux_->namespace_count++].type = ABI_NEWUSER;
		linux_->uid_mappings = flags->uid_mappings;
		linux_->gid_mappings = flags->gid_mappings;
	}
	const char *net = flags->net ? flags->net : "host";
	if (flags->net)
		box_origin(box, "/linux/namespaces", "net", flags->net);
	if (strcmp(net, "none") == 0)
		linux_->namespaces[linux_->namespace_count++].type = ABI_NEWNET;
	else if (strcmp(net, "host") != 0)
		box_fault(box, "/linux/namespaces", "expected host or none");
	linux_->cgroups_path = flags->cgroup_path;
}

void box_names(struct box *box)
{
	const char *name = box->flags->hostname;
	box->spec->hostname = name ? name : "box";
	if (!name)
		return;
	box_origin(box, "/hostname", "hostname", name);
	if (*name == '\0' || strlen(name) > 64 || strchr(name, '/'))
		box_fault(box, "/hostname", "expected a name of 1 to 64 bytes without a slash");
}

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

/* A procfs in another place is as dangerous as the one in its own. */
static bool shows_proc(const struct spec_mount *mount)
{
	bool bind = mount->options.bind && mount->source && strcmp(mount->source, "/proc") == 0;
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
