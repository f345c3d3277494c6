/* spec.h: what is wanted: every Linux property of runtime-spec 1.3, and what a box adds, as plain structs.
 *
 * A spec is filled by spec_decode() (from config.json) or by box_spec() (from flags) and is never changed
 * after. Strings are NUL-terminated, in the command's arena; NULL means absent. Lists are arrays with a
 * count. Where a property sat is not in the structs: spec_place() finds it from its JSON pointer. */
#ifndef KIST_SPEC_SPEC_H
#define KIST_SPEC_SPEC_H

#include "base/abi.h"
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_value;
struct cpus; /* base/cpus.h */

/* A number that may be absent. */
struct opt_int {
	bool set;
	int64_t value;
};
struct opt_uint {
	bool set;
	uint64_t value;
};
struct opt_bool {
	bool set;
	bool value;
};

struct spec_strings {
	const char **items;
	size_t count;
};

struct spec_pair {
	const char *key;
	const char *value;
};
struct spec_pairs {
	struct spec_pair *items;
	size_t count;
};

/* --- root, mounts ------------------------------------------------------------------------------ */

struct spec_root {
	bool set;
	const char *path; /* as written; relative to the bundle */
	bool readonly;
};

/* uid/gid mappings: container id, host id, how many. */
struct spec_idmap {
	uint32_t inside, outside, count;
};
struct spec_idmaps {
	struct spec_idmap *items;
	size_t count;
};

/* Mount options, folded in order by the one table in spec/mount_option.c; the last word wins. */
struct spec_mount_options {
	uint64_t attr_set, attr_clear;         /* ABI_ATTR_*, for this mount */
	uint64_t attr_set_rec, attr_clear_rec; /* the r* family: this mount and all below */
	uint32_t propagation;                  /* ABI_PRIVATE...; 0: not named */
	bool propagation_rec;
	bool bind, bind_rec;        /* bind, rbind */
	bool remount;
	bool idmap, idmap_rec;      /* idmap, ridmap */
	bool copy_up;               /* tmpcopyup */
	bool sync, dirsync, mandlock, lazytime, silent, iversion; /* superblock flags asked for */
	bool sb_readonly;           /* "ro" on a file system mount also makes the superblock read-only */
	const char **data;          /* everything else, for the file system, in order: "size=10m" */
	size_t data_count;
};

struct spec_mount {
	const char *destination; /* as written; a relative one is taken from "/" */
	const char *source;      /* NULL when absent */
	const char *type;        /* NULL when absent */
	struct spec_strings option_words; /* as written */
	struct spec_mount_options options;
	struct spec_idmaps uid_mappings, gid_mappings;
	bool optional; /* of a box: a source that does not exist is left out, with its place */
};

/* --- process ----------------------------------------------------------------------------------- */

struct spec_user {
	uint32_t uid, gid;
	struct opt_uint umask;
	uint32_t *additional_gids;
	size_t additional_gid_count;
	const char *username; /* Windows only in the spec: decoded, ignored */
};

/* One bit per capability number; bits of names that this kist does not know are in `unknown`. */
struct spec_capabilities {
	bool set;
	uint64_t bounding, effective, inheritable, permitted, ambient;
	struct spec_strings unknown; /* names no table has: a warning, never an error (C8) */
};

struct spec_rlimit {
	int resource; /* RLIMIT_* number */
	const char *type;
	uint64_t soft, hard; /* UINT64_MAX: unlimited */
};

struct spec_scheduler {
	bool set;
	int policy; /* SCHED_* number */
	int32_t nice, priority;
	uint64_t flags; /* SCHED_FLAG_* */
	uint64_t runtime, deadline, period; /* nanoseconds */
};

struct spec_io_priority {
	bool set;
	int class; /* 1 RT, 2 BE, 3 IDLE */
	int priority;
};

struct spec_process {
	bool set;
	bool terminal;
	struct opt_uint console_height, console_width;
	const char *cwd;
	struct spec_strings env, args;
	struct spec_user user;
	struct spec_capabilities capabilities;
	struct spec_rlimit *rlimits;
	size_t rlimit_count;
	const char *apparmor_profile, *selinux_label;
	struct opt_int oom_score_adj;
	bool no_new_privileges;
	struct spec_scheduler scheduler;
	struct spec_io_priority io_priority;
	const char *cpu_affinity_initial, *cpu_affinity_final; /* exec only */
};

/* --- hooks ------------------------------------------------------------------------------------- */

enum spec_hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KIND_COUNT,
};

struct spec_hook {
	const char *path;
	struct spec_strings args, env;
	struct opt_int timeout; /* seconds */
};
struct spec_hooks {
	struct spec_hook *items;
	size_t count;
};

/* --- linux ------------------------------------------------------------------------------------- */

struct spec_namespace {
	uint32_t type; /* one ABI_NEW* bit */
	const char *path; /* NULL: a new one */
};

struct spec_device {
	char type; /* 'c' 'b' 'u' 'p' ('u' is 'c') */
	const char *path;
	int64_t major, minor;
	struct opt_uint file_mode, uid, gid;
};

struct spec_device_rule {
	bool allow;
	char type; /* 'a' 'b' 'c' */
	struct opt_int major, minor; /* unset: any (also -1 in the file) */
	unsigned access; /* bits: 1 read, 2 write, 4 mknod */
};
enum { DEVICE_READ = 1, DEVICE_WRITE = 2, DEVICE_MKNOD = 4 };

struct spec_memory {
	struct opt_int limit, reservation, swap, kernel, kernel_tcp;
	struct opt_uint swappiness;
	struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};

struct spec_cpu {
	struct opt_uint shares, burst, period, realtime_period;
	struct opt_int quota, realtime_runtime, idle;
	const char *cpus, *mems;
};

struct spec_block_device {
	int64_t major, minor;
	struct opt_uint weight, leaf_weight, rate;
};
struct spec_block_devices {
	struct spec_block_device *items;
	size_t count;
};

struct spec_block_io {
	bool set;
	struct opt_uint weight, leaf_weight;
	struct spec_block_devices weight_device, read_bps, write_bps, read_iops, write_iops;
};

struct spec_hugepage_limit {
	const char *page_size;
	uint64_t limit;
};
struct spec_network_priority {
	const char *name;
	uint32_t priority;
};
struct spec_rdma {
	const char *device;
	struct opt_uint handles, objects;
};

struct spec_resources {
	bool set;
	struct spec_device_rule *devices;
	size_t device_count;
	struct spec_memory memory;
	struct spec_cpu cpu;
	struct spec_block_io block_io;
	struct opt_int pids_limit;
	struct spec_hugepage_limit *hugepages;
	size_t hugepage_count;
	struct opt_uint class_id;
	struct spec_network_priority *priorities;
	size_t priority_count;
	struct spec_rdma *rdma;
	size_t rdma_count;
	struct spec_pairs unified;
};

/* seccomp actions, in kist's own numbering; plan/seccomp.c turns them into SECCOMP_RET_*. */
enum spec_seccomp_action {
	SECCOMP_KILL_THREAD, /* SCMP_ACT_KILL and SCMP_ACT_KILL_THREAD */
	SECCOMP_KILL_PROCESS,
	SECCOMP_TRAP,
	SECCOMP_ERRNO,
	SECCOMP_TRACE,
	SECCOMP_ALLOW,
	SECCOMP_LOG,
	SECCOMP_NOTIFY,
};
enum spec_seccomp_operator {
	SECCOMP_NE,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_EQ,
	SECCOMP_GE,
	SECCOMP_GT,
	SECCOMP_MASKED_EQ, /* (argument & value) == value_two */
};

struct spec_seccomp_arg {
	unsigned index; /* 0..5 */
	enum spec_seccomp_operator op;
	uint64_t value, value_two;
};
struct spec_seccomp_rule {
	struct spec_strings names;
	enum spec_seccomp_action action;
	struct opt_uint errno_ret;
	struct spec_seccomp_arg *args;
	size_t arg_count;
	unsigned line; /* of a profile in a file of its own; 0: it is from elsewhere */
};
struct spec_seccomp {
	bool set;
	enum spec_seccomp_action default_action;
	struct opt_uint default_errno;
	const char **architectures; /* SCMP_ARCH_* words, each known to spec/names */
	size_t architecture_count;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* as seccomp(2) takes them */
	const char *listener_path, *listener_metadata;
	struct spec_seccomp_rule *rules;
	size_t rule_count;
};

struct spec_rdt {
	bool set;
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct spec_strings schemata;
	bool enable_monitoring;
};

struct spec_memory_policy {
	bool set;
	int mode; /* MPOL_* number */
	const char *nodes;
	uint32_t flags; /* MPOL_F_* */
};

struct spec_personality {
	bool set;
	bool linux32;
	struct spec_strings flags;
};

struct spec_time_offset {
	bool set;
	int64_t secs;
	uint32_t nanosecs;
};

struct spec_net_device {
	const char *host_name;
	const char *name; /* inside; NULL: the same */
};

struct spec_linux {
	bool set;
	struct spec_namespace *namespaces;
	size_t namespace_count;
	struct spec_idmaps uid_mappings, gid_mappings;
	struct spec_time_offset monotonic, boottime;
	struct spec_device *devices;
	size_t device_count;
	struct spec_net_device *net_devices;
	size_t net_device_count;
	const char *cgroups_path;
	struct spec_resources resources;
	struct spec_rdt intel_rdt;
	struct spec_memory_policy memory_policy;
	struct spec_pairs sysctl;
	struct spec_seccomp seccomp;
	uint32_t rootfs_propagation; /* ABI_PRIVATE...; 0: not named */
	struct spec_strings masked_paths, readonly_paths;
	const char *mount_label;
	struct spec_personality personality;
};

/* --- a box: what its flags say beyond an OCI config --------------------------------------------- */

enum spec_root_mode {
	ROOT_BUNDLE,       /* root.path, as the OCI spec says */
	ROOT_HOST_OVERLAY, /* a copy-on-write view of this machine's root and all that is mounted below */
	ROOT_DIR_OVERLAY,  /* a copy-on-write view of root.path */
	ROOT_PROCESS,      /* root.path as it is, with the namespaces of the process `box.process`: nothing is made */
};

/* What is made in a box between its mounts. */
struct spec_made {
	const char *path;
	const char *target; /* of a symbolic link; NULL: a directory */
	size_t mount;       /* it is made before this mount (by index), and after those before that */
};

enum spec_groups {
	GROUPS_OF_USER, /* those given, and where the user was looked up those it is a member of */
	GROUPS_GIVEN,   /* those given, and no others */
	GROUPS_KEPT,    /* the caller's */
};

/* Which of the machine's files a box has in its root. */
enum { SPEC_FILES_DNS = 1, SPEC_FILES_TZ = 2, SPEC_FILES_CERTS = 4 };
/* Where a file with all certificates is looked for, and put. */
extern const char *const spec_certificates[];
extern const size_t spec_certificate_count;

/* An architecture, as the head of its programs says it (elf(5)). */
struct spec_arch {
	const char *name;
	uint32_t bits; /* 32 or 64 */
	bool big_endian;
	uint32_t machine; /* e_machine */
};
/* By one of its names, as uname(2) or an image says it; NULL: unknown. */
const struct spec_arch *spec_arch_named(const char *name);

/* Where a box has the right to use the caller's X display. */
#define SPEC_X_AUTHORITY "/run/kist-xauthority"

struct spec_box {
	bool set;
	enum spec_root_mode root_mode;
	const char *user;  /* "0", "1000:1000", "name", "name:group"; NULL: root inside */
	enum spec_groups groups;
	struct spec_strings group_names; /* supplementary groups to look up inside, beside additional_gids */
	const struct cpus *affinity; /* the processors it may run on; NULL: the caller's */
	const char *host_program; /* an absolute path of the host: that is run, and args are what it is told; NULL:
				   * none */
	const char *argv0; /* what the program is told as its name; NULL: args[0] */
	bool die_with_runtime; /* a foreground box ends with its kist */
	bool die_with_parent;  /* ... and that one with the process that started it */
	const char *console;   /* absolute: the terminal device that is its stdin, stdout and stderr; NULL: the
			        * caller's */
	bool background;       /* nobody watches it from a terminal: its output goes to `log` */
	const char *log;       /* absolute; NULL: the file "log" of its record */
	bool init;             /* PID 1 stays kist's own, and the program is its child */
	uint32_t timeout_ms;   /* how long it may run; 0: for ever */
	struct spec_made *made;
	size_t made_count;
	/* How many of linux_.masked_paths and readonly_paths, from the start, flags ask for: those must be there. The
	 * others every box has: where one is missing there is nothing to protect. */
	size_t masked_asked, readonly_asked;
	const char *keep;      /* absolute: what is written goes there and stays; NULL: it is thrown away */
	bool fuse;             /* the view is made by fuse-overlayfs, not by the kernel */
	uint32_t process;      /* ROOT_PROCESS: whose namespaces are joined, */
	uint64_t process_start; /* and when it started, in clock ticks since boot: so a recycled pid is told apart */
	bool go_on;            /* `keep` holds changes already, and the box begins with them */
	uint32_t host_files; /* SPEC_FILES_* */
	const struct spec_arch *arch; /* of the root, when the kernel needs another program to run its; NULL: it does
				       * not */
	const char *x_number;    /* of the X display that is used: "0"; NULL: none */
	const char *x_authority; /* the caller's file of authorities, which need not exist; NULL: it has none */
};

struct spec {
	const char *source;  /* the file's name for messages: "config.json"; NULL for flags */
	const char *bundle;  /* absolute path of the bundle directory; NULL for flags */
	struct json_value *document; /* for spec_place(); NULL for flags */
	struct spec_pairs origins;   /* for flags: JSON pointer -> the flag's words */

	const char *oci_version;
	struct spec_root root;
	struct spec_mount *mounts;
	size_t mount_count;
	struct spec_process process;
	const char *hostname, *domainname;
	struct spec_hooks hooks[HOOK_KIND_COUNT];
	struct spec_pairs annotations;
	struct spec_linux linux_;
	struct spec_box box;
	bool has_vm; /* a `vm` object: decoded far enough to be refused by name */
	const char *platform; /* "freebsd", "solaris", "windows" or "zos" when it has that object and no `linux`: not a
	                       * config for this system, so only its shape is checked; NULL: a Linux config */
};

/* --- decoding ---------------------------------------------------------------------------------- */

/* One fault of a configuration: where, what. All faults of a file are reported together. */
struct spec_fault {
	unsigned line, column; /* 1-based; 0 when the value stands nowhere (a missing property: its parent's place) */
	const char *pointer;   /* "/process/args" */
	const char *text;      /* "expected an array of strings, got a string (\"sh\")" */
	const char *check;     /* which check found it: "decode", "cwd is absolute", ... */
};
struct spec_faults {
	struct arena *arena;
	struct spec_fault *items;
	size_t count, capacity;
	struct spec_fault *notes; /* unknown properties and other remarks: shown with --debug, never an error */
	size_t note_count, note_capacity;
	struct spec_fault *warnings; /* unknown capabilities (C8): always shown, never an error */
	size_t warning_count, warning_capacity;
};

/* Decodes and validates `text` (at most SPEC_LIMIT bytes). `source` is the name used in messages, `bundle` the
 * absolute bundle directory (NULL when there is none: relative paths then stay as written).
 * Always returns a spec; it may be used only when faults->count is 0. Opens nothing. */
enum { SPEC_LIMIT = 4 << 20 };
struct spec *spec_decode(struct arena *arena, const char *text, size_t length, const char *source, const char *bundle,
                         struct spec_faults *faults);
/* "config.json:7:13 /process/args: expected ..." (what `kist check` prints, one line each). */
const char *spec_fault_line(struct arena *arena, const char *source, const struct spec_fault *fault);

/* Where a property stands, for messages: "config.json:41:3  /mounts/0", or the flag's words for a box;
 * a pointer that names nothing gives its nearest parent's place. NULL when the spec has no place at all. */
const char *spec_place(struct arena *arena, const struct spec *spec, const char *pointer);

/* Properties that are decoded but that this kist cannot apply yet: one fault each, by name. Called by every
 * verb that starts something, not by `check`. */
void spec_refuse_unsupported(const struct spec *spec, struct spec_faults *faults);
/* Whether that would let the property pass, whatever it asks for: "/hooks/prestart". */
bool spec_supports(const char *pointer);
bool spec_supports_action(enum spec_seccomp_action action);

/* True when the namespace is asked for (new or joined); *path is set to its path or NULL. */
bool spec_has_namespace(const struct spec *spec, uint32_t type, const char **path);

#endif
