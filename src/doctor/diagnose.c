/* diagnose.c: from what failed to why, and to the one thing that helps: one table, first row that fits. */
#include "base/buf.h"
#include "doctor/cause.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

struct cause {
	uint32_t subjects; /* bits of enum doctor_subject */
	int number;        /* positive errno; 0: any */
	cause_test *test;  /* NULL: always */
	const char *why, *remedy, *drop_in;
};

#define ABOUT(subject) (UINT32_C(1) << SUBJECT_##subject)

enum {
	/* What a user namespace is needed for, or made of. */
	ABOUT_INSIDE = ABOUT(USER) | ABOUT(OWN_MAP) | ABOUT(NAMESPACE) | ABOUT(PROC) | ABOUT(SYSFS) | ABOUT(MOUNT) |
	               ABOUT(OVERLAY) | ABOUT(TIME_OFFSETS),
	ABOUT_MAKING = ABOUT(USER) | ABOUT(NAMESPACE),
	/* What container engines deny by their filter. */
	ABOUT_CALLS = ABOUT(USER) | ABOUT(NAMESPACE) | ABOUT(PROC) | ABOUT(SYSFS) | ABOUT(MOUNT) | ABOUT(OVERLAY) |
	              ABOUT(IDMAPPED) | ABOUT(PIDFD) | ABOUT(KEYRING) | ABOUT(DEVICES) | ABOUT(NOTIFY),
};

#define UNFILTER                                                                                                       \
	"start kist where no such filter is: give the container around it --security-opt seccomp=unconfined (podman, " \
	"docker), or a profile that allows unshare, clone, mount and keyctl"

/* clang-format off */
static const struct cause causes[] = {
	/* User namespaces. */
	{ ABOUT_INSIDE, EPERM, clone_switched_off,
	  "kernel.unprivileged_userns_clone is 0: this distribution gives user namespaces to root alone",
	  "sysctl -w kernel.unprivileged_userns_clone=1 (as root)", NULL },
	{ ABOUT_INSIDE, EPERM, apparmor_restricts,
	  "kernel.apparmor_restrict_unprivileged_userns is 1: AppArmor gives user namespaces only to programs whose "
	  "profile says so",
	  "apparmor_parser -r /etc/apparmor.d/kist (as root), when that file has this text (kist doctor prints it)",
	  "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile kist {kist} flags=(unconfined) {\n  userns,\n  "
	  "include if exists <local/kist>\n}\n" },
	{ ABOUT_INSIDE, EACCES, apparmor_restricts,
	  "kernel.apparmor_restrict_unprivileged_userns is 1: AppArmor gives user namespaces only to programs whose "
	  "profile says so",
	  "apparmor_parser -r /etc/apparmor.d/kist (as root), when that file has this text (kist doctor prints it)",
	  "abi <abi/4.0>,\ninclude <tunables/global>\n\nprofile kist {kist} flags=(unconfined) {\n  userns,\n  "
	  "include if exists <local/kist>\n}\n" },
	{ ABOUT_MAKING, ENOSPC, limit_is_zero, "user.{value} is 0: such namespaces are switched off",
	  "sysctl -w user.{value}=15000 (as root)", NULL },
	{ ABOUT_MAKING, ENOSPC, limit_is_reached, "user.{value} is reached, here or in a user namespace above",
	  "sysctl -w user.{value}=15000 (as root)", NULL },
	{ ABOUT_MAKING, EUSERS, NULL, "user namespaces are nested 32 levels deep, which is the most",
	  "start kist further out", NULL },
	{ ABOUT_MAKING, EINVAL, no_such_namespace, "this kernel is built without {value} namespaces",
	  "boot a kernel that has them", NULL },
	/* Before a filter is blamed: the kernel itself refuses these. */
	{ ABOUT(PROC), EPERM, proc_is_covered,
	  "this /proc is partly masked, at {value}, so the kernel refuses a fresh one in a user namespace",
	  "start the container around kist with its /proc unmasked (podman: --security-opt unmask=ALL, "
	  "docker: --security-opt systempaths=unconfined, Kubernetes: procMount: Unmasked), or bind this /proc", NULL },
	{ ABOUT(SYSFS), EPERM, sysfs_is_covered,
	  "this /sys is partly masked, at {value}, so the kernel refuses a fresh one in a user namespace",
	  "start the container around kist with its /sys unmasked (podman: --security-opt unmask=ALL), or bind this "
	  "/sys", NULL },
	{ ABOUT_MAKING, ENOSYS, filtered, "a seccomp filter around kist denies the making of namespaces", UNFILTER,
	  NULL },
	{ ABOUT(USER), EPERM, unmapped_caller,
	  "the caller's own id, {value}, is not mapped in the user namespace it is in",
	  "start kist as an id that /proc/self/uid_map has", NULL },
	{ ABOUT(USER), EPERM, in_chroot,
	  "kist runs in a chroot, where nobody can make a user namespace (user_namespaces(7))",
	  "start kist outside, and enter the tree with kist box --root DIR", NULL },
	{ ABOUT_CALLS, EPERM, filtered, "a seccomp filter around kist denies it", UNFILTER, NULL },
	{ ABOUT_MAKING, EPERM, not_capable, "uid 0 has no CAP_SYS_ADMIN here, as in a container",
	  "give the container around kist CAP_SYS_ADMIN, or let it make user namespaces", NULL },
	/* Ids. */
	{ ABOUT(SUB_MAP), 0, no_helper, "the program {value} is missing", "{install}", NULL },
	{ ABOUT(SUB_MAP), 0, helper_without_rights,
	  "{value} has no rights of its own: it is neither set-uid root nor has file capabilities",
	  "chmod u+s {value} (as root)", NULL },
	{ ABOUT(SUB_MAP), 0, no_ranges, "{user} has no subordinate ids in /etc/subuid and /etc/subgid",
	  "usermod {value} {user} (as root)", NULL },
	{ ABOUT(SUB_MAP), 0, no_new_privileges,
	  "no_new_privs is set for this process, so that newuidmap gets no rights from being set-uid",
	  "start kist outside of what set it (setpriv --no-new-privs, NoNewPrivileges= of a service, a container)",
	  NULL },
	{ ABOUT(SUB_MAP), 0, helper_on_nosuid, "{value} lies on a file system that is mounted nosuid",
	  "mount -o remount,suid that file system (as root)", NULL },
	{ ABOUT(SUB_MAP), 0, helper_said, "{value}", "look at the lines of {user} in /etc/subuid and /etc/subgid",
	  NULL },
	/* Mounts. */
	{ ABOUT(OVERLAY), ENODEV, overlay_unknown,
	  "this kernel has no overlay file system, or its module is not loaded", "modprobe overlay (as root)", NULL },
	{ ABOUT(IDMAPPED), EINVAL, NULL, "this file system cannot be mounted with other owners",
	  "use one that can: ext4, xfs, btrfs, and from Linux 6.3 on tmpfs", NULL },
	{ ABOUT(STATE), EINVAL, state_elsewhere,
	  "{value} is on an overlay, which takes no overlay above it: a box could keep nothing there",
	  "kist --root /dev/shm/kist box ...", NULL },
	{ ABOUT(STATE), EACCES, state_elsewhere, "{value} is not {user}'s to write",
	  "kist --root DIR, a directory of your own", NULL },
	{ ABOUT(STATE), EROFS, state_elsewhere, "{value} is on a read-only file system",
	  "kist --root DIR, a directory that can be written", NULL },
	/* Limits. */
	{ ABOUT(CGROUP), 0, cgroup_not_mounted, "no cgroup hierarchy is mounted",
	  "mount -t cgroup2 cgroup2 /sys/fs/cgroup (as root)", NULL },
	{ ABOUT(CGROUP), 0, cgroup_readonly, "the cgroup file systems are mounted read-only, as in a container",
	  "mount -o remount,rw {value} (as root), or give the container around kist a writable /sys/fs/cgroup", NULL },
	{ ABOUT(CGROUP), EACCES, systemd_here,
	  "delegation to {user} ends at {value}, without the controllers that are missing",
	  "systemd-run --user --scope -p Delegate=yes kist ..., once "
	  "/etc/systemd/system/user@.service.d/delegate.conf has this text and you logged in anew",
	  "[Service]\nDelegate=cpu cpuset io memory pids\n" },
	{ ABOUT(CGROUP), EACCES, NULL, "no cgroup with these controllers is delegated to {user}",
	  "run kist as root of the machine, or have it give {user} a cgroup in each hierarchy (mkdir, chown) and "
	  "start kist in it", NULL },
	{ ABOUT(DEVICES), EPERM, NULL, "BPF programs of cgroups are for root of the machine",
	  "run kist as root of the machine where a device policy is wanted", NULL },
	{ ABOUT(DEVICES), EINVAL, NULL, "this kernel is built without CONFIG_CGROUP_BPF", "boot a kernel that has it",
	  NULL },
	/* The kernel. */
	{ ABOUT(SECCOMP) | ABOUT(NOTIFY), EINVAL, NULL,
	  "this kernel is built without CONFIG_SECCOMP_FILTER, or is older than the flag",
	  "boot a kernel that has it", NULL },
	{ ABOUT(NOTIFY), EBUSY, NULL, "a filter with a listener is there already, and the kernel has room for one",
	  "start kist outside of it", NULL },
	{ ABOUT(PIDFD), ENOSYS, filtered,
	  "a seccomp filter around kist hides clone3, as docker's does from containers without CAP_SYS_ADMIN",
	  UNFILTER, NULL },
	{ ABOUT(PIDFD), ENOSYS, NULL, "this kernel is older than Linux 5.4", "boot a newer one: kist needs 5.14",
	  NULL },
	{ ABOUT(MEMFD), EACCES, memfd_forbidden, "vm.memfd_noexec is 2: programs in memory are forbidden",
	  "install kist (make install), so that libexec/kist/init is there, or sysctl -w vm.memfd_noexec=1 (as root)",
	  NULL },
	{ ABOUT(KEYRING), EDQUOT, keys_used_up, "{user} has as many keys as kernel.keys allows, {value} ({detail})",
	  "sysctl -w kernel.keys.maxkeys=20000 kernel.keys.maxbytes=2000000 (as root), or kist run --no-new-keyring",
	  NULL },
	{ ABOUT(KEYRING), ENOSYS, NULL, "this kernel has no keyrings, or a filter hides them",
	  "kist run --no-new-keyring", NULL },
	{ ABOUT(BINFMT), ENOENT, NULL, "binfmt_misc is not mounted",
	  "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc (as root)", NULL },
	{ ABOUT(BINFMT), ESRCH, NULL, "no handler is registered",
	  "apt-get install qemu-user-static binfmt-support (as root)", NULL },
	{ ABOUT(BINFMT), ENODEV, NULL, "binfmt_misc is switched off",
	  "echo 1 > /proc/sys/fs/binfmt_misc/status (as root)", NULL },
	{ ABOUT(FUSE), ENOENT, NULL, "there is no /dev/fuse",
	  "modprobe fuse (as root), or give the container around kist --device /dev/fuse", NULL },
	{ ABOUT(FUSE), EACCES, NULL, "/dev/fuse is not open to {user}", "chmod 666 /dev/fuse (as root)", NULL },
	{ ABOUT(FUSE), EPERM, NULL,
	  "/dev/fuse may not be opened: a device policy of the container around kist forbids it",
	  "give the container --device /dev/fuse", NULL },
	{ ABOUT(FUSE), ESRCH, fuse_missing, "the program fuse-overlayfs is missing", "{install-fuse}", NULL },
	{ ABOUT(FUSE), ENOTCONN, NULL, "fuse-overlayfs ends at once",
	  "it must be 1.0 or newer, with libfuse 3.3 or newer: upgrade it (as root)", NULL },
	{ ABOUT(FUSE), ECONNABORTED, NULL, "fuse-overlayfs ends at once",
	  "it must be 1.0 or newer, with libfuse 3.3 or newer: upgrade it (as root)", NULL },
	{ ABOUT(FUSE), ENODEV, NULL, "this kernel has no FUSE file system, or its module is not loaded",
	  "modprobe fuse (as root)", NULL },
	{ ABOUT(LANDLOCK), ENOSYS, NULL, "this kernel is built without Landlock (CONFIG_SECURITY_LANDLOCK)",
	  "boot a kernel that has it", NULL },
	{ ABOUT(LANDLOCK), EOPNOTSUPP, NULL, "Landlock is built in and switched off",
	  "add landlock to lsm= on the kernel's command line", NULL },
};
/* clang-format on */

/* --- words ------------------------------------------------------------------------------------------------ */

static const char *install_words(struct arena *arena, const char *debian, const char *other)
{
	static const struct {
		const char *program, *command;
		bool debian;
	} managers[] = {
		{ "/usr/bin/apt-get", "apt-get install", true },
		{ "/usr/bin/dnf", "dnf install", false },
		{ "/usr/bin/zypper", "zypper install", false },
		{ "/usr/bin/pacman", "pacman -S", false },
		{ "/sbin/apk", "apk add", false },
	};
	for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++)
		if (access(managers[i].program, X_OK) == 0)
			return arena_printf(arena, "%s %s (as root)", managers[i].command,
			                    managers[i].debian ? debian : other);
	return arena_printf(arena, "install the package %s, or %s", debian, other);
}

static const char *own_path(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));
	return length > 0 ? arena_copy(arena, path, (size_t)length) : "/usr/local/bin/kist";
}

static const char *word_for(const struct patient *patient, const char *value, const char *name, size_t length)
{
	struct arena *arena = patient->arena;
	if (length == 5 && strncmp(name, "value", 5) == 0)
		return value ? value : "";
	if (length == 4 && strncmp(name, "user", 4) == 0)
		return cause_user(patient);
	if (length == 4 && strncmp(name, "kist", 4) == 0)
		return own_path(arena);
	if (length == 6 && strncmp(name, "detail", 6) == 0)
		return patient->failed->detail ? patient->failed->detail : "";
	if (length == 7 && strncmp(name, "install", 7) == 0)
		return install_words(arena, "uidmap", "shadow-utils");
	if (length == 12 && strncmp(name, "install-fuse", 12) == 0)
		return install_words(arena, "fuse-overlayfs", "fuse-overlayfs");
	return NULL;
}

/* Braces around anything else are the text's own. */
static const char *fill(const struct patient *patient, const char *value, const char *words)
{
	if (!words)
		return NULL;
	struct buf text = buf_in(patient->arena);
	while (*words) {
		size_t plain = strcspn(words, "{");
		buf_put(&text, words, plain);
		words += plain;
		const char *end = *words ? strchr(words, '}') : NULL;
		const char *word = end ? word_for(patient, value, words + 1, (size_t)(end - words - 1)) : NULL;
		if (word)
			buf_puts(&text, word);
		else if (*words)
			buf_putc(&text, '{');
		if (*words)
			words = word ? end + 1 : words + 1;
	}
	return text.bytes;
}

struct doctor_advice doctor_diagnose(struct arena *arena, const struct facts *facts, const struct doctor_case *failed)
{
	const struct patient patient = { .arena = arena, .facts = facts, .failed = failed };
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		const struct cause *cause = &causes[i];
		const char *value = NULL;
		if (!(cause->subjects >> failed->subject & 1) || (cause->number && cause->number != failed->number))
			continue;
		if (cause->test && !cause->test(&patient, &value))
			continue;
		return (struct doctor_advice){
			.why = fill(&patient, value, cause->why),
			.remedy = fill(&patient, value, cause->remedy),
			.drop_in = fill(&patient, value, cause->drop_in),
		};
	}
	return (struct doctor_advice){ 0 };
}
