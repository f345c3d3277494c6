/* verb.h: what a verb is, what it gets, and the table of all of them. */
#ifndef KIST_VERB_VERB_H
#define KIST_VERB_VERB_H

#include "base/arena.h"
#include "facts/facts.h"
#include "plan/block.h"
#include "spec/spec.h"
#include "verb/flag.h"

/* Given before the verb, or among its own flags. */
struct global_options {
	const char *root;       /* state root */
	const char *log, *log_format, *log_level;
	const char *rootless, *cgroup_manager; /* looked at when they are given: global.c */
	bool systemd_cgroup;
	const char *fail_at, *kill_at, *kill_other_at, *stop_at; /* test builds only */
	bool debug, help, version;
};

/* What is to become of a verb that starts something. */
enum start_mode {
	START_DO,
	START_PLAN,  /* kist plan VERB ...: print what it would do */
	START_TRACE, /* kist trace VERB ...: do it and print each step's time */
};

struct command {
	struct arena *arena;
	struct global_options global;
	enum start_mode mode;
	bool json, show_env;     /* plan, trace */
	const char *facts_file;  /* plan: another host's facts */
	const char *trace_file;  /* trace: Chrome trace events */
};

/* Returns the exit status; whatever went wrong has been reported. `argc`, `argv` are the operands. */
typedef int verb_function(struct command *command, const void *options, int argc, char **argv);

struct verb {
	const char *name;
	const char *operands; /* "ID"; for usage */
	const char *summary;
	const struct flag *flags;
	size_t flag_count, options_size;
	verb_function *run;
	bool starts; /* `plan` and `trace` may stand before it */
	bool flags_anywhere; /* flags may stand behind its operands too; no word of them belongs to a program */
};

extern const struct verb
	verb_run,
	verb_spec,
	verb_box,
	verb_state,
	verb_list,
	verb_kill,
	verb_ps,
	verb_pause,
	verb_resume,
	verb_update,
	verb_features,
	verb_check,
	verb_plan,
	verb_trace,
	verb_facts,
	verb_doctor,
	verb_wait,
	verb_stop,
	verb_gc,
	verb_diff,
	verb_apply,
	verb_discard,
	verb_help,
	verb_ns,
	verb_enter,
	verb_completion,
	verb_create,
	verb_start,
	verb_delete;

/* Every verb, NULL at the end. */
extern const struct verb *const verb_table[];
extern const struct flag verb_global_flags[];
extern const size_t verb_global_flag_count;
/* How many of them, from the first on, this build has a use for. */
size_t verb_global_flags_shown(void);

/* Looks at the global flags that are given: what cannot be done is refused, the rest made ready. 0, or the exit status
 * after a report. */
int global_settle(struct command *command);

const struct verb *verb_named(const char *name);
/* Parses the verb's flags from argv (the words behind its name) and runs it. */
int verb_call(struct command *command, const struct verb *verb, int argc, char **argv);
/* The usage of one verb, on standard output. */
int verb_usage(struct command *command, const struct verb *verb);

#define VERB_FLAGS(table) .flags = (table), .flag_count = sizeof(table) / sizeof((table)[0])

#endif
