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

/* The kernel's own controls are no part of a box: what podman and docker hide is hidden here too. */
void box_protection(struct box *box)
{
	static const char *const masked[] = {
		"/proc/acpi",
		"/proc/asound",
		"/proc/kcore",
		"/proc/keys",
		"/proc/latency_stats",
		"/proc/timer_list",
		"/proc/timer_stats",
		"/proc/sched_debug",
		"/proc/scsi",
		"/sys/firmware",
		"/sys/devices/virtual/powercap",
	};
	static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
		                                "/proc/sysrq-trigger" };
	struct spec_linux *linux_ = &box->spec->linux_;
	linux_->masked_paths = (struct spec_strings){ (const char **)masked, sizeof(masked) / sizeof(masked[0]) };
	linux_->readonly_paths =
		(struct spec_strings){ (const char **)readonly, sizeof(readonly) / sizeof(readonly[0]) };
}
