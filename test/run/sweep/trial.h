/* trial.h: one run of kist that is to go wrong in one way, and the look at what is left of it. */
#ifndef KIST_TEST_TRIAL_H
#define KIST_TEST_TRIAL_H

#include <stdbool.h>
#include <sys/types.h>

enum { STEPS_MOST = 512, WORD = 128, PATH = 512, TEXT = 64 << 10, ARGS_MOST = 64, HIERARCHIES_MOST = 32 };
/* A killed runtime's container must be on its way out within ORPHAN_MS ("at once"). How long the kernel then works on
 * its end (a mount namespace waits for grace periods) is not kist's doing, but that ends, too; a run that takes HANG_MS
 * hangs, and that is longer than kist's own limits (HELPER_MS, PROCESS_END_MS). All are measured with patience. */
enum { ORPHAN_MS = 250, HANG_MS = 30000, STATUS_FAILED = 125, STATUS_SIGNAL = 128, STATUS_NONE = -1 };
/* What the program of every plan ends with: so a container that should have died can be told from one that ran. */
enum { STATUS_PROGRAM = 42 };

/* What the command line says. */
struct setting {
	const char *name, *kist, *work, *user, *tree, *cgroup, *random;
	uid_t uid;
	gid_t gid;
	bool pty, brief;
	unsigned rounds; /* of --random; 0: the sweep */
	unsigned jobs;
	char **verb;
	char *hierarchies[HIERARCHIES_MOST];
	unsigned hierarchy_count;
};

struct planned {
	char kind[WORD], pointer[WORD];
	bool init; /* init's step, not the runtime's */
};
struct plan {
	struct planned steps[STEPS_MOST];
	unsigned count, clone; /* the step that makes the process; steps count from 1 */
};

/* What all workers write to. */
struct tally {
	unsigned runs, faults;
	long slowest_us; /* from the death of a runtime to that of its container */
};

/* Each has a state root of its own, and is the subreaper of what it starts. */
struct worker {
	const struct setting *setting;
	const struct plan *plan;
	struct tally *tally;
	unsigned number;
	char state[PATH], mounts[TEXT];
	unsigned long tree; /* the sum over its entries */
};

struct trial;
struct trouble {
	const char *name;
	void (*act)(struct trial *trial);
	int error; /* of a failure: its row in the table of errors */
};

struct trial {
	const struct worker *worker;
	const struct trouble *trouble;
	unsigned step; /* 0: a run without trouble */
	pid_t pid;
	int output;  /* what kist and its container write */
	int holders; /* end-of-file when nobody holds the other end; -1: looked at already */
	int status;  /* exit status, or 128 + signal */
	bool pty, complained;
	char id[WORD], text[TEXT];
	size_t used; /* of text */
};

_Noreturn void die(const char *what);
/* One line about what is wrong, and what kist said. */
__attribute__((format(printf, 2, 3))) void complain(struct trial *trial, const char *format, ...);

const struct planned *planned_step(const struct trial *trial);
bool is_box(const struct setting *setting);
long now_us(void);
/* Between two looks at something that is awaited. */
void rest(void);

/* A limit on a loaded machine: over when the time is, and when the driver itself was on a processor so often meanwhile
 * that whoever is awaited must have been too. */
struct patience {
	long start;
	int milliseconds;
	unsigned looks;
};
struct patience patience_with(int milliseconds);
/* Called once a look; rests. */
bool patience_over(struct patience *patience);

/* Fills in the state root, and how the world looks before. */
void worker_open(struct worker *worker);
/* Does one; false when it complained, and then the house is clean for the next one all the same. */
bool trial_run(const struct worker *worker, unsigned step, const struct trouble *trouble);

/* kist --root STATE [FLAG VALUE] WORDS...; `flag` may be NULL. */
void kist_start(struct trial *trial, const char *flag, const char *value, char **words);
/* Until kist itself ended or, with WUNTRACED, stopped. False when it hangs; then it is killed. */
bool kist_wait(struct trial *trial, int options);
void kist_gc(struct trial *trial);

struct orphans {
	long us; /* until all had ended; -1: they have not */
	bool ran; /* the program of the plan was among them */
};
/* Waits until whatever lost its runtime has ended, and takes it: so long it may live, and HANG_MS be dying. */
struct orphans orphans_await(int milliseconds);

/* Calls kill(2) for each child of the process. Their number. */
unsigned signal_children(pid_t parent, int number);
/* Whether each child of this process has ended, ends, or has a SIGKILL to come. */
bool children_dying(void);
/* The children of this process and theirs, and where in the kernel they are. */
void children_tell(void);

void look_for_processes(struct trial *trial);
void look_for_leftovers(struct trial *trial);
/* The text of mountinfo. */
void mounts_read(char text[TEXT]);

#endif
