/* facts.h: what is here: the caller, the kernel, the cgroup layout, limits; read fresh, printed and read back as JSON.
 *
 * plan/ takes these types and nothing else of this room. A plan for another host is computed from that
 * host's `kist facts` output, so whatever decides something in a plan must be a field here. */
#ifndef KIST_FACTS_FACTS_H
#define KIST_FACTS_FACTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A subordinate range of /etc/subuid or /etc/subgid that belongs to the caller. */
struct facts_range {
	uint32_t first, count;
};

struct facts_caller {
	uint32_t uid, gid; /* effective */
	uint32_t *groups;
	size_t group_count;
	uint64_t capabilities;       /* effective, one bit per capability */
	bool initial_user_namespace;
	uint64_t user_namespace; /* its inode, for the cache alone: no part of the JSON form; 0: unknown */
	/* The next eight are read only for a caller without CAP_SETUID or CAP_SETGID, since others write any map
	 * themselves, and where FACTS_SUBIDS asks for them.
	 * The ranges are in the order of the files, do not overlap and do not hold the caller's own id. */
	struct facts_range *subuids, *subgids;
	size_t subuid_count, subgid_count;
	uint32_t subids_free; /* from here on 65536 are nobody's in both files; 0: not read, or so many are not left */
	const char *name;                  /* from /etc/passwd by uid, read without NSS; NULL when absent */
	const char *newuidmap, *newgidmap; /* absolute paths of the set-uid helpers, or NULL */
	const char *cwd;                   /* absolute; "/" when it was removed or cannot be reached */
	/* /run/kist for root, $XDG_RUNTIME_DIR/kist or /tmp/kist-UID for others; UID is that of the user namespace
	 * above for uid 0 without a /run to write to */
	const char *state_root;
	uint32_t umask;
	bool terminal; /* stdin, stdout and stderr are a terminal */
	bool no_new_privs;             /* no exec gains privileges any more: set-uid helpers are none */
	const char *state_file_system; /* what the state root lies on: "ext4"; NULL: unknown, or not asked for */
};

/* Probed once, cached; the rest of the facts is read at each run. */
struct facts_kernel {
	unsigned major, minor;
	bool openat2, mount_api, mount_setattr, close_range, pidfd, clone_into_cgroup; /* the floor: 5.14 */
	bool memfd_exec_flag;                                                          /* MFD_EXEC is known (6.3) */
	bool statmount;                                                                /* 6.8 */
	bool open_tree_namespace;                                                      /* OPEN_TREE_NAMESPACE */
	bool time_namespace, cgroup_namespace, user_namespace;
	bool seccomp, seccomp_log, seccomp_wait_killable;
	bool overlay;    /* in /proc/filesystems */
	bool cgroup_bpf; /* BPF_PROG_TYPE_CGROUP_DEVICE can be loaded */
};

struct facts_hierarchy {
	bool unified;      /* cgroup2 */
	const char *mount; /* "/sys/fs/cgroup/cpu,cpuacct" */
	const char *name;  /* its directory below /sys/fs/cgroup: "cpu,cpuacct", "systemd", "unified"; "" on pure v2 */
	const char **controllers; /* v1: "cpu", "cpuacct" or "name=systemd"; v2: cgroup.controllers of the root */
	size_t controller_count;
	/* The caller's path below the hierarchy's root: "/", "/user.slice/..."; "/" too when its path is not visible in
	 * this mount (a container without a cgroup namespace). */
	const char *own;
	const char **delegated; /* v2: cgroup.controllers of the caller's own cgroup */
	size_t delegated_count;
	bool root_writable; /* the caller may make directories in the hierarchy's root */
	bool own_writable;  /* ... in its own cgroup (delegation) */
};

enum facts_cgroup_layout { CGROUP_NONE, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

struct facts_cgroup {
	enum facts_cgroup_layout layout;
	struct facts_hierarchy *hierarchies; /* mounted ones; in a hybrid the unified one is last */
	size_t count;
	const char *cpus, *mems; /* v1 cpuset: what the root has; a new cgroup must copy it down first */
};

/* One mount of the caller's namespace; read only when asked for (a box over this machine's root). */
struct facts_mount {
	const char *path; /* mount point */
	const char *type; /* file system */
	uint64_t attr;    /* ABI_ATTR_* it carries; in a user namespace these are locked */
	bool hidden;      /* covered by a later mount at the same place or above */
};

/* An entry of a directory that has mounts below it: an unprivileged box rebuilds such directories by name. What is in
 * /dev, /proc and /sys is left out: a box binds or mounts those whole. Sorted by path. */
enum facts_entry_type { ENTRY_DIR, ENTRY_FILE, ENTRY_LINK, ENTRY_OTHER };
struct facts_entry {
	const char *path; /* absolute; its parent is "/" or has itself mounts below */
	enum facts_entry_type type;
	const char *target; /* ENTRY_LINK */
	uint32_t mode;
	bool mounts_below; /* a mount point is below (or is) this directory */
	bool readable;     /* the caller may search it: an overlay of it can be made */
};

/* What is at a path that a flag names, read only when asked for; links are followed. */
enum facts_source_kind { SOURCE_MISSING, SOURCE_DIR, SOURCE_FILE, SOURCE_CHAR, SOURCE_BLOCK, SOURCE_OTHER };
struct facts_source {
	const char *path; /* as it was named */
	enum facts_source_kind kind;
	uint32_t major, minor; /* SOURCE_CHAR and SOURCE_BLOCK */
	uint32_t uid, gid;     /* who owns it; 0 for SOURCE_MISSING */
	const char *idmap;     /* of a directory that a box was given to write to: its maps, in words; NULL: none */
};

/* A program that the kernel starts for ELF programs of another architecture (binfmt_misc). */
struct facts_binfmt {
	const char *interpreter; /* absolute */
	bool fixed;              /* it is open already (flag F); else each root needs it at its path */
	uint32_t bits;           /* 32 or 64 */
	bool big_endian;
	uint32_t machine; /* e_machine, elf(5) */
};

struct facts {
	struct facts_caller caller;
	struct facts_kernel kernel;
	struct facts_cgroup cgroup;
	const char *kernel_release, *machine; /* "6.18.44", "x86_64" */
	/* The next seven are read with FACTS_MOUNTS. */
	int memfd_noexec;       /* vm.memfd_noexec: 0, 1, 2 */
	bool apparmor, selinux; /* enabled */
	/* The next three are read with FACTS_FUSE too. */
	bool fuse_there, fuse_open;  /* /dev/fuse is there, and the caller can open it */
	const char *fuse_overlayfs;  /* where fuse-overlayfs(1) is installed, or NULL */
	/* This /proc has overmounts, so an unprivileged fresh procfs is refused; with FACTS_PROC judged by the names
	 * that engines and lxcfs cover. */
	bool proc_masked;
	bool sys_masked; /* the same of /sys and a fresh sysfs; judged with FACTS_MOUNTS alone */
	uint64_t nr_open;       /* fs.nr_open */
	uint64_t *rlimits_hard; /* ABI_RLIMIT_COUNT hard limits of the caller; UINT64_MAX: unlimited */
	const char *cpus_online; /* processors: "0-3"; NULL when not asked for */
	bool have_mounts;       /* the next two were read */
	struct facts_mount *mounts;
	size_t mount_count;
	struct facts_entry *entries;
	size_t entry_count;
	bool have_binfmt; /* binfmt_misc is mounted; read, with the next two, only when asked for */
	struct facts_binfmt *binfmts; /* those that are enabled and for ELF programs */
	size_t binfmt_count;
	struct facts_source *sources;
	size_t source_count;
};

/* What costs time, and few verbs need: bits of it. FACTS_HOT is what the plan of a bundle asks for, since a run of 2 ms
 * pays for each file of /proc; a box asks for FACTS_PROC over another root, for FACTS_MOUNTS over this one. */
enum facts_wanted { FACTS_HOT = 0, FACTS_MOUNTS = 1, FACTS_CPUS = 2, FACTS_PROC = 4, FACTS_SUBIDS = 8,
  FACTS_BINFMT = 16, FACTS_FUSE = 32 };

/* Reads this host. `state_root` overrides the default root (NULL: none given); the cache of kernel features
 * lies in it as ".features" (0600, the reader's own), and a missing or foreign one is probed again and, when
 * the directory exists, replaced. Never fails for a missing feature: that is a fact. 0 or -errno with err. */
int facts_read(struct arena *arena, const char *state_root, enum facts_wanted wanted, struct facts *facts,
               struct err *err);

/* The default state root alone, for verbs that need nothing else. */
const char *facts_state_root(struct arena *arena);

/* What is at these absolute paths, added to facts->sources; of a directory below /dev also the devices in it. A path
 * that cannot be looked at is left out: nothing is known of it. */
void facts_read_sources(struct arena *arena, const char *const *paths, size_t count, struct facts *facts);

/* JSON out (indented, stable order) and in. Reading validates everything: another host's file is untrusted.
 * Unknown members are ignored; a missing one is a fault in err. */
void facts_write_json(struct buf *out, const struct facts *facts);
int facts_read_json(struct arena *arena, const char *text, size_t length, const char *source, struct facts *facts,
                    struct err *err);

/* The hierarchy that holds a controller ("memory"), or NULL; *unified tells which interface it has. */
const struct facts_hierarchy *facts_controller(const struct facts *facts, const char *controller);
/* What is known of a path, or NULL. */
const struct facts_source *facts_source(const struct facts *facts, const char *path);

#endif
