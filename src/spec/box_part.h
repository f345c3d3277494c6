/* box_part.h: what the topics of a box share: the flags, the spec they fill, and how a fault of a flag is told. */
#ifndef KIST_SPEC_BOX_PART_H
#define KIST_SPEC_BOX_PART_H

#include "spec/box.h"

struct box {
	struct arena *arena;
	const struct box_flags *flags;
	struct spec_faults *faults;
	struct spec *spec;
	size_t origin_capacity, mount_capacity, env_capacity;
};

/* A property came from this flag ("--memory 64M"): spec_place() says so in errors. The value may be NULL. */
void box_origin(struct box *box, const char *pointer, const char *flag, const char *value);
/* What is wrong with a flag, at the property it was meant for. */
void box_fault(struct box *box, const char *pointer, const char *text);

/* A mount behind those that are there; `options` ends with NULL. */
void box_mount(struct box *box, const char *destination, const char *source, const char *type,
               const char *const *options);
/* The system's file systems: a procfs, /sys, and a /dev with the default devices and terminals of its own. */
void box_mount_proc(struct box *box, const char *destination);
void box_mount_sys(struct box *box);
void box_mount_dev(struct box *box);
/* Whether a flag of the ordered list was given. */
bool box_is_placed(const struct box *box, const char *flag);
/* --dev host: the machine's devices, all of them. */
bool box_has_host_devices(const struct box *box);
/* A user or group id: strict decimal, so that 0x1, -1, 4294967296 or " 1" never become somebody (CVE-2016-3697). */
bool box_id(const char *text, size_t length, uint32_t *id);
/* What begins like a number, or with a sign or a blank, and is no id, is no name either. */
bool box_is_name(const char *text);

/* A whole number, then optionally one of K M G T (powers of 1024). False when it is anything else. */
bool box_size(const char *text, uint64_t *size);

/* Whether a flag says which ids there are, and the maps of the box's own user namespace. */
bool box_ids_asked(const struct box *box);
void box_ids(struct box *box);
/* Warns of a box that has the caller's own id alone; behind the capabilities. */
void box_ids_few(struct box *box);
/* A variable of kist's own; what --env says of it counts more. */
void box_variable(struct box *box, const char *variable);
/* "NAME=value" of the caller's, NULL when it has none. */
const char *box_variable_here(const struct box *box, const char *name);

/* The topics, one file each, in the order of box_spec(). */
void box_root(struct box *box);
void box_namespaces(struct box *box);
void box_names(struct box *box);
void box_mounts(struct box *box);
void box_places(struct box *box); /* what the flags place: behind what every box has */
void box_protection(struct box *box);
void box_changes(struct box *box);
void box_files(struct box *box);
void box_display(struct box *box);
void box_arch(struct box *box);
void box_process(struct box *box);
void box_user(struct box *box);
void box_capabilities(struct box *box);
void box_schedule(struct box *box);
void box_limits(struct box *box);
void box_running(struct box *box); /* behind the namespaces and the process */
void box_filter(struct box *box); /* behind the capabilities */

#endif
