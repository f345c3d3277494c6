/* cause.h: what the table of causes asks this host. */
#ifndef KIST_DOCTOR_CAUSE_H
#define KIST_DOCTOR_CAUSE_H

#include "doctor/doctor.h"

struct patient {
	struct arena *arena;
	const struct facts *facts;
	const struct doctor_case *failed;
};

/* Whether it is the cause. Then *value may be what {value} stands for in the row's words. */
typedef bool cause_test(const struct patient *patient, const char **value);

cause_test unmapped_caller, in_chroot, clone_switched_off, apparmor_restricts, limit_is_zero, limit_is_reached;
cause_test filtered, not_capable, no_such_namespace;
cause_test no_helper, helper_without_rights, helper_on_nosuid, no_ranges, no_new_privileges, helper_said;
cause_test proc_is_covered, sysfs_is_covered, overlay_unknown;
cause_test cgroup_readonly, systemd_here, cgroup_not_mounted;
cause_test memfd_forbidden, keys_used_up, state_elsewhere, fuse_missing;

/* The first word or line of a small file, or NULL. */
const char *cause_read(struct arena *arena, const char *path);
/* The caller's name, or its number. */
const char *cause_user(const struct patient *patient);

#endif
