/* box.h: the flags of a box, turned into a spec. */
#ifndef KIST_SPEC_BOX_H
#define KIST_SPEC_BOX_H

#include "base/words.h"
#include "spec/profile.h"
#include "spec/spec.h"

/* Which ids are the caller's: its own, and the subordinate ones (subuid(5)). */
struct box_range {
	uint32_t first, count;
};
struct box_owned {
	uint32_t id;
	const struct box_range *ranges;
	size_t range_count;
};

/* The flags as given (NULL: not given), where verb/box.c's table puts them, and what the caller's situation adds. */
struct box_flags {
	const char *keep, *from; /* directories of kept changes */
	bool overlay, rw;        /* what becomes of what is written to `root` */
	bool fuse;
	const char *root, *hostname;
	const char *memory, *swap, *cpus, *cpuset, *pids, *io_weight;
	const char *oom_score, *nice, *affinity;
	struct given_words rlimits;
	const char *map_uid, *map_gid;
	struct given_words maps;
	const char *host_exec, *host_program; /* as given; where it was found, absolute, or NULL */
	const char *user, *groups, *workdir, *argv0, *no_new_privs;
	struct given_words environment;  /* --env and --pass-env */
	struct given_words capabilities; /* --cap-add, --cap-drop and --cap-keep */
	const char *net, *pid, *ipc, *uts, *cgroup, *time; /* namespaces: host, new (net: none), ns:PATH or pid:N */
	const char *clock, *host_files;
	const char *arch;
	bool x11, wayland;
	bool tty, no_tty, init, die_with_parent, background;
	const char *console, *timeout, *log;
	bool shell; /* no command was given: args is a shell */
	const char *seccomp;         /* "default", "none", or the file that `profile` was read from */
	bool seccomp_trace;
	struct given_words places; /* what is placed in the box, in the given order: --bind and its like */
	const char **args;
	size_t arg_count;
	const struct profile *profile; /* of --seccomp FILE */
	/* the caller */
	const char *cwd;  /* absolute */
	const char *term; /* $TERM or NULL */
	const char *const *environment_here; /* the caller's variables, of which --pass-env takes; NULL: none */
	bool terminal;
	bool sys_masked;  /* nor a fresh /sys */
	bool proc_masked; /* the kernel allows no fresh /proc to a caller without privilege */
	bool privileged;  /* may make namespaces, mounts and device nodes on this host */
	struct box_owned own_users, own_groups;
	uint32_t subids_free;    /* the first of 65536 subordinate ids that nobody has; 0: unknown */
	bool gains_nothing;      /* no_new_privs is set, so that set-uid programs get no rights */
	bool maps_helped;        /* maps of more than one's own id can be written: by newuidmap and newgidmap, or by
				  * itself */
	const char *caller_name; /* NULL: unknown */
	const char *machine;  /* "x86_64" */
	unsigned kernel[2];   /* major, minor */
	const char *cgroup_path; /* NULL: kist's default */
};

/* "10s", "1.5m", "250ms", "90" (seconds) as milliseconds. False when it is no time, none at all, or above INT_MAX. */
bool box_time(const char *text, uint32_t *milliseconds);

/* All faults of the flags at once, each with the flag as its place. The spec may be used when there are none. */
struct spec *box_spec(struct arena *arena, const struct box_flags *flags, struct spec_faults *faults);

/* What the flags say about running goes into the spec of a config.json too, and counts more than what it says itself:
 * --console, --timeout, --die-with-parent. */
void box_run_spec(struct arena *arena, struct spec *spec, const struct box_flags *flags, struct spec_faults *faults);

#endif
