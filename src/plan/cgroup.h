/* cgroup.h: where a container's cgroups are, for the topics that put it there and show it to it. */
#ifndef KIST_PLAN_CGROUP_H
#define KIST_PLAN_CGROUP_H

#include "plan/build.h"

/* One cgroup of the container: one for each hierarchy it gets one in. */
struct cgroup_place {
	const struct facts_hierarchy *hierarchy;
	const char *path; /* the directory, on the host */
	bool delegated;   /* below the caller's own cgroup: it has only the controllers delegated to that */
	plan_slot slot;   /* v1: its tasks file; v2: the directory */
};
struct cgroup_places {
	struct cgroup_place *items;
	size_t count; /* 0: the container stays in the caller's cgroups */
	bool refused; /* for the path that was asked for, so a controller that is missing is no news */
};

/* The place with this controller; NULL when the container has none, or the controller did not reach it. */
const struct cgroup_place *cgroup_place_of(const struct plan_builder *builder, const char *controller);
/* The place in the cgroup2 hierarchy, NULL when there is none. */
const struct cgroup_place *cgroup_place_unified(const struct plan_builder *builder);
/* Whether the controller is, or would be, in the cgroup2 hierarchy. */
bool cgroup_is_unified(const struct plan_builder *builder, const char *controller);
/* Says why there is no such place, and what would help. */
void cgroup_refuse_controller(struct plan_builder *builder, const char *controller, const char *pointer);

/* The topic's parts: limits of cpu and memory, then the device rules (cgroup_limits.c, cgroup_devices.c). */
void plan_cgroup_limits(struct plan_builder *builder);
void plan_cgroup_devices(struct plan_builder *builder);
/* The files that take a limit. */
struct cgroup_files {
	const char *v1, *v2; /* v2: NULL when there is none */
	const char *v2_none; /* why, and what helps */
};
/* The step that writes a limit; false when it is refused, since no such cgroup is in reach or v2 has no such file. */
bool cgroup_write_limit(struct plan_builder *builder, const char *controller, const struct cgroup_files *files,
                        const char *pointer, const char *value);
/* Of the limits, those of huge pages, network and rdma, and the files that are asked for by name (cgroup_named.c). */
void plan_cgroup_named(struct plan_builder *builder);
/* Of those files, the ones of this controller. */
void plan_cgroup_unified(struct plan_builder *builder, const char *controller);
bool cgroup_named_is_asked(const struct plan_builder *builder, const char *controller);
/* Of the limits, those of block I/O (cgroup_io.c). */
void plan_cgroup_io(struct plan_builder *builder);
bool cgroup_io_is_asked(const struct plan_builder *builder);
/* The limit on processes, which may be 0: written when the container's process exists, since v2 counts the clone. */
void plan_cgroup_process_limit(struct plan_builder *builder);
/* True when a limit of this controller is asked for. */
bool cgroup_limit_is_asked(const struct plan_builder *builder, const char *controller);

/* For process.c: the child enters v1 cgroups itself, and is cloned into the v2 one. */
plan_slot cgroup_to_clone_into(const struct plan_builder *builder);
void plan_cgroup_entry(struct plan_builder *builder);

/* For mounts.c: a mount of type "cgroup" (cgroup_mount.c). */
void plan_cgroup_mount(struct plan_builder *builder, const struct spec_mount *mount, size_t index);

#endif
