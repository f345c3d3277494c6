/* plan_fixture.h: for tests of the planner: hosts to plan for, configs as text, and plans looked at as stories. */
#ifndef KIST_TEST_PLAN_FIXTURE_H
#define KIST_TEST_PLAN_FIXTURE_H

#include "plan/plan.h"
#include "plan/step_table.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS(list) (const char **)(list), COUNT(list)

static struct arena arena;

static inline int fixture_open(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static inline int fixture_close(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

/* --- hosts ------------------------------------------------------------------------------------------ */

static const char *cpu_words[] = { "cpu", "cpuacct" };
static const char *memory_words[] = { "memory" };
static const char *pids_words[] = { "pids" };
static const char *devices_words[] = { "devices" };
static const char *cpuset_words[] = { "cpuset" };
static const char *systemd_words[] = { "name=systemd" };
static const char *unified_words[] = { "cpu", "cpuset", "io", "memory", "pids" };

static inline struct facts_hierarchy hierarchy(const char *name, const char **words, size_t count, bool writable)
{
	return (struct facts_hierarchy){
		.mount = arena_printf(&arena, "/sys/fs/cgroup/%s", name),
		.name = name,
		.controllers = words,
		.controller_count = count,
		.own = "/",
		.root_writable = writable,
	};
}

/* Version 1, with a cgroup2 beside it that has no controllers. */
static inline void cgroup_hybrid(struct facts *facts, bool writable)
{
	struct facts_hierarchy *items = ARENA_ARRAY(&arena, 7, struct facts_hierarchy);
	items[0] = hierarchy("systemd", WORDS(systemd_words), writable);
	items[1] = hierarchy("pids", WORDS(pids_words), writable);
	items[2] = hierarchy("devices", WORDS(devices_words), writable);
	items[3] = hierarchy("memory", WORDS(memory_words), writable);
	items[4] = hierarchy("cpuset", WORDS(cpuset_words), writable);
	items[5] = hierarchy("cpu,cpuacct", WORDS(cpu_words), writable);
	items[6] = hierarchy("unified", NULL, 0, writable);
	items[6].unified = true;
	facts->cgroup = (struct facts_cgroup){ CGROUP_HYBRID, items, 7, "0-1", "0" };
}

static inline void cgroup_pure(struct facts *facts, bool writable)
{
	struct facts_hierarchy *items = ARENA_ARRAY(&arena, 1, struct facts_hierarchy);
	items[0] = hierarchy("", WORDS(unified_words), writable);
	items[0].mount = "/sys/fs/cgroup";
	items[0].unified = true;
	facts->cgroup = (struct facts_cgroup){ CGROUP_V2, items, 1, NULL, NULL };
}

static inline struct facts *host(void)
{
	struct facts *facts = ARENA_NEW(&arena, struct facts);
	facts->kernel = (struct facts_kernel){
		.major = 6,
		.minor = 1,
		.openat2 = true,
		.mount_api = true,
		.mount_setattr = true,
		.close_range = true,
		.pidfd = true,
		.clone_into_cgroup = true,
		.time_namespace = true,
		.cgroup_namespace = true,
		.user_namespace = true,
		.seccomp = true,
		.seccomp_log = true,
		.overlay = true,
		.cgroup_bpf = true,
	};
	facts->kernel_release = "6.1.0";
	facts->machine = "x86_64";
	facts->nr_open = 1048576;
	facts->rlimits_hard = ARENA_ARRAY(&arena, ABI_RLIMIT_COUNT, uint64_t);
	for (size_t i = 0; i < ABI_RLIMIT_COUNT; i++)
		facts->rlimits_hard[i] = 4096;
	facts->caller.initial_user_namespace = true;
	facts->caller.cwd = "/home";
	facts->caller.umask = 027;
	facts->caller.state_root = "/run/kist";
	return facts;
}

static inline struct facts *root_host(void)
{
	struct facts *facts = host();
	facts->caller.capabilities = (UINT64_C(1) << ABI_CAP_COUNT) - 1;
	facts->caller.name = "root";
	cgroup_hybrid(facts, true);
	return facts;
}

/* An ordinary user with subordinate ids, and no cgroup of its own. */
static inline struct facts *user_host(void)
{
	static struct facts_range subordinate[] = { { 100000, 65536 } };
	struct facts *facts = host();
	facts->caller.uid = facts->caller.gid = 1000;
	facts->caller.name = "anna";
	facts->caller.subuids = facts->caller.subgids = subordinate;
	facts->caller.subuid_count = facts->caller.subgid_count = 1;
	facts->caller.newuidmap = "/usr/bin/newuidmap";
	facts->caller.newgidmap = "/usr/bin/newgidmap";
	cgroup_hybrid(facts, false);
	return facts;
}

/* --- plans ------------------------------------------------------------------------------------------ */

static struct spec_faults faults;

/* JSON with ' for ", which reads better in C. */
static inline struct spec *spec_of(const char *text)
{
	char *json = arena_string(&arena, text);
	for (char *quote = json; (quote = strchr(quote, '\'')) != NULL;)
		*quote = '"';
	faults = (struct spec_faults){ .arena = &arena };
	struct spec *spec = spec_decode(&arena, json, strlen(json), "config.json", "/bundle", &faults);
	for (size_t i = 0; i < faults.count; i++)
		fail_msg("%s", spec_fault_line(&arena, "config.json", &faults.items[i]));
	return spec;
}

/* A config: namespaces (the inside of the list), members of process, members of linux, members of the document; each
 * of the last three begins with a comma or is empty. */
struct config {
	const char *namespaces, *process, *linux_, *document;
};

static inline struct spec *spec_with(struct config config)
{
	const char *namespaces = config.namespaces ? config.namespaces : "{'type':'mount'},{'type':'pid'}";
	return spec_of(arena_printf(&arena,
	                            "{'ociVersion':'1.2.0','root':{'path':'rootfs'},"
	                            "'process':{'cwd':'/','args':['sh']%s},'linux':{'namespaces':[%s]%s}%s}",
	                            config.process ? config.process : "", namespaces,
	                            config.linux_ ? config.linux_ : "", config.document ? config.document : ""));
}

static const struct plan_request request = { .id = "c1", .state_root = "/run/kist" };

/* The plan, which keeps the laws; or NULL with faults. */
static inline const struct plan_block *plan_or_faults(const struct spec *spec, const struct facts *facts)
{
	faults = (struct spec_faults){ .arena = &arena };
	const struct plan_block *block = plan_make(&arena, spec, facts, &request, &faults);
	const char *broken = block ? plan_law(&arena, block) : NULL;
	if (broken)
		fail_msg("%s", broken);
	return block;
}

static inline const struct plan_block *plan_of(const struct spec *spec, const struct facts *facts)
{
	const struct plan_block *block = plan_or_faults(spec, facts);
	if (!block)
		fail_msg("refused: %s", spec_fault_line(&arena, "config.json", &faults.items[0]));
	return block;
}

/* The plan is refused, at this pointer, with these words in the text. */
static inline void assert_refused(const struct spec *spec, const struct facts *facts, const char *pointer,
                                  const char *words)
{
	if (plan_or_faults(spec, facts))
		fail_msg("not refused: %s, %s", pointer, words);
	for (size_t i = 0; i < faults.count; i++)
		if (strcmp(faults.items[i].pointer, pointer) == 0 && strstr(faults.items[i].text, words))
			return;
	fail_msg("refused, but not with %s %s: %s", pointer, words, spec_fault_line(&arena, "", &faults.items[0]));
}

static inline uint32_t count_of(const struct plan_block *block, enum step_kind kind)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < block->step_count; i++)
		count += plan_step(block, i)->kind == kind;
	return count;
}

/* The nth step of a kind, counted from 0. */
static inline const struct step *step_of(const struct plan_block *block, enum step_kind kind, uint32_t nth)
{
	for (uint32_t i = 0; i < block->step_count; i++)
		if (plan_step(block, i)->kind == kind && nth-- == 0)
			return plan_step(block, i);
	fail_msg("there is no %s", step_table[kind].name);
	return NULL;
}

static inline const char *text_of(const struct plan_block *block, plan_text text)
{
	return text ? plan_string(block, text) : "";
}

/* "a|b|c" */
static inline const char *list_of(const struct plan_block *block, struct plan_span span)
{
	struct buf text = buf_in(&arena);
	const char *item = plan_bytes(block, span);
	buf_puts(&text, "");
	for (uint32_t i = 0; i < span.count; i++, item += strlen(item) + 1)
		buf_printf(&text, "%s%s", i ? "|" : "", item);
	return text.bytes;
}

/* The kinds from `first` to `last`, in order, equal neighbours once. */
static inline const char *story(const struct plan_block *block, enum step_kind first, enum step_kind last)
{
	struct buf text = buf_in(&arena);
	bool told = false;
	for (uint32_t i = 0; i < block->step_count; i++) {
		unsigned kind = plan_step(block, i)->kind;
		bool again = told && i && plan_step(block, i - 1)->kind == kind;
		told |= kind == first;
		if (told && !again)
			buf_printf(&text, "%s%s", text.length ? " " : "", step_table[kind].name);
		if (kind == last)
			break;
	}
	return text.length ? text.bytes : "";
}

/* Maps of a user namespace, and namespaces with one, in the middle of a `linux`. */
#define SINGLE_MAP                                                                                                     \
	",'uidMappings':[{'containerID':0,'hostID':1000,'size':1}],"                                                   \
	"'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]"
#define RANGE_MAP                                                                                                      \
	",'uidMappings':[{'containerID':0,'hostID':1000,'size':1},"                                                    \
	"{'containerID':1,'hostID':100000,'size':65536}],"                                                             \
	"'gidMappings':[{'containerID':0,'hostID':1000,'size':1},"                                                     \
	"{'containerID':1,'hostID':100000,'size':65536}]"
#define ROOT_MAP                                                                                                       \
	",'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}],"                                             \
	"'gidMappings':[{'containerID':0,'hostID':100000,'size':65536}]"
#define WITH_USER "{'type':'mount'},{'type':'pid'},{'type':'user'}"

#endif
