/* generate.h: random specs and random hosts, for tests that hold for all of them. Everything follows from one seed. */
#ifndef KIST_TEST_GENERATE_H
#define KIST_TEST_GENERATE_H

#include "base/cpus.h"
#include "chance.h"
#include "facts/facts.h"
#include "generate_host.h"
#include "plan/plan.h"
#include "spec/spec.h"

#include <string.h>

/* --- the spec: namespaces and ids ------------------------------------------------------------------- */

static inline void generate_namespaces(struct chance *chance, struct spec_linux *linux_)
{
	static const struct {
		uint32_t type;
		const char *path;
		uint32_t fresh; /* percent */
	} kinds[] = {
		{ ABI_NEWNS, "/run/other/ns/mnt", 90 },        { ABI_NEWPID, "/proc/4711/ns/pid", 80 },
		{ ABI_NEWNET, "/run/netns/blue", 60 },         { ABI_NEWUTS, "/proc/4711/ns/uts", 80 },
		{ ABI_NEWIPC, "/proc/4711/ns/ipc", 80 },       { ABI_NEWUSER, "/proc/4711/ns/user", 40 },
		{ ABI_NEWCGROUP, "/proc/4711/ns/cgroup", 50 }, { ABI_NEWTIME, "/proc/4711/ns/time", 10 },
	};
	enum { KINDS = sizeof(kinds) / sizeof(*kinds) };
	linux_->namespaces = ARENA_ARRAY(chance->arena, KINDS + 2, struct spec_namespace); /* two may be added */
	uint32_t first = chance_below(chance, KINDS);                                      /* in any order */
	for (uint32_t i = 0; i < KINDS; i++) {
		uint32_t k = (first + i) % KINDS;
		bool fresh = chance_of(chance, kinds[k].fresh);
		if (!fresh && !chance_of(chance, 30))
			continue;
		struct spec_namespace *entry = &linux_->namespaces[linux_->namespace_count++];
		*entry = (struct spec_namespace){ kinds[k].type, fresh ? NULL : kinds[k].path };
	}
}

static inline struct spec_idmaps generate_idmaps(struct chance *chance)
{
	static const struct spec_idmap own[] = { { 0, 1000, 1 } };
	static const struct spec_idmap own_higher[] = { { 1000, 1000, 1 } };
	static const struct spec_idmap range[] = { { 0, 100000, 65536 } };
	static const struct spec_idmap split[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	static const struct spec_idmap host[] = { { 0, 0, 4294967295U } };
	static const struct spec_idmap foreign[] = { { 0, 300000, 10 }, { 10, 1, 5 } };
	static const struct {
		const struct spec_idmap *items;
		size_t count;
	} maps[] = {
		{ own, 1 }, { own_higher, 1 }, { range, 1 }, { split, 2 }, { host, 1 }, { foreign, 2 }, { NULL, 0 }
	};
	size_t k = chance_below(chance, sizeof(maps) / sizeof(*maps));
	struct spec_idmaps copy = { ARENA_ARRAY(chance->arena, maps[k].count + 1, struct spec_idmap), maps[k].count };
	if (copy.count)
		memcpy(copy.items, maps[k].items, copy.count * sizeof(*copy.items));
	return copy;
}

/* --- the spec: mounts and devices ------------------------------------------------------------------- */

static inline void generate_options(struct chance *chance, struct spec_mount_options *options)
{
	static const uint64_t attributes[] = {
		ABI_ATTR_RDONLY,  ABI_ATTR_NOSUID,     ABI_ATTR_NODEV,       ABI_ATTR_NOEXEC,
		ABI_ATTR_NOATIME, ABI_ATTR_NODIRATIME, ABI_ATTR_NOSYMFOLLOW, ABI_ATTR_STRICTATIME,
	};
	static const uint32_t propagations[] = { ABI_PRIVATE, ABI_SLAVE, ABI_SHARED, ABI_UNBINDABLE };
	for (uint32_t i = chance_below(chance, 4); i > 0; i--)
		options->attr_set |= CHANCE_ONE(chance, attributes);
	if (chance_of(chance, 20))
		options->attr_clear |= CHANCE_ONE(chance, attributes) & ~options->attr_set;
	if (chance_of(chance, 10))
		options->attr_set_rec |= CHANCE_ONE(chance, attributes);
	if (options->attr_set & (ABI_ATTR_NOATIME | ABI_ATTR_STRICTATIME))
		options->attr_clear |= ABI_ATTR_ATIME;
	if ((options->attr_set & ABI_ATTR_ATIME) == ABI_ATTR_ATIME)
		options->attr_set &= ~(uint64_t)ABI_ATTR_NOATIME;
	if (chance_of(chance, 20)) {
		options->propagation = CHANCE_ONE(chance, propagations);
		options->propagation_rec = chance_of(chance, 50);
	}
	options->sb_readonly = options->attr_set & ABI_ATTR_RDONLY;
}

static inline struct spec_mount generate_mount(struct chance *chance)
{
	static const struct {
		const char *destination, *type, *source, *data;
	} kinds[] = {
		{ "/proc", "proc", "proc", NULL },
		{ "/dev", "tmpfs", "tmpfs", "mode=755" },
		{ "/dev/pts", "devpts", "devpts", "ptmxmode=0666" },
		{ "/dev/shm", "tmpfs", "shm", "size=65536k" },
		{ "/dev/mqueue", "mqueue", "mqueue", NULL },
		{ "/sys", "sysfs", "sysfs", NULL },
		{ "/sys/fs/cgroup", "cgroup", "cgroup", NULL },
		{ "/sys", "bind", "/sys", NULL },
		{ "/dev", "bind", "/dev", NULL },
		{ "/etc/resolv.conf", "bind", "/etc/resolv.conf", NULL },
		{ "data", "bind", "data", NULL },
		{ "/a/../b//c", "tmpfs", NULL, NULL },
		{ "/mnt", "ext4", "/dev/sdb1", NULL },
		{ "/work", "overlay", "overlay", "lowerdir=/a" },
		{ "/proc", "bind", "/proc", NULL },
		{ "/proc/acpi", "tmpfs", "tmpfs", NULL },
		{ "/dev/console", "bind", "/dev/pts/3", NULL },
		{ "/run", "tmpfs", "tmpfs", "nr_inodes=10" },
	};
	size_t k = chance_below(chance, sizeof(kinds) / sizeof(*kinds));
	struct spec_mount mount = {
		.destination = kinds[k].destination,
		.type = kinds[k].type,
		.source = kinds[k].source,
	};
	generate_options(chance, &mount.options);
	if (kinds[k].data) {
		mount.options.data = ARENA_ARRAY(chance->arena, 1, const char *);
		mount.options.data[0] = kinds[k].data;
		mount.options.data_count = 1;
	}
	bool bind = strcmp(kinds[k].type, "bind") == 0;
	mount.options.bind = bind;
	mount.options.bind_rec = bind && chance_of(chance, 60);
	mount.options.remount = chance_of(chance, 4);
	mount.options.idmap = bind && chance_of(chance, 5);
	mount.options.idmap_rec = mount.options.idmap && chance_of(chance, 50);
	mount.options.copy_up = strcmp(kinds[k].type, "tmpfs") == 0 && chance_of(chance, 5);
	return mount;
}

static inline void generate_mounts(struct chance *chance, struct spec *spec)
{
	static const struct {
		const char *destination, *type;
	} usual[] = { { "/proc", "proc" }, { "/dev", "tmpfs" }, { "/dev/pts", "devpts" }, { "/sys", "sysfs" } };
	enum { USUAL = sizeof(usual) / sizeof(*usual), MORE = 8 };
	spec->mounts = ARENA_ARRAY(chance->arena, USUAL + MORE, struct spec_mount);
	for (size_t i = 0; i < USUAL && chance_of(chance, 90); i++)
		spec->mounts[spec->mount_count++] = (struct spec_mount){
			usual[i].destination, usual[i].type, usual[i].type, { 0 }, { 0 }, { 0 }, { 0 }, false
		};
	for (uint32_t i = chance_below(chance, MORE); i > 0; i--)
		spec->mounts[spec->mount_count++] = generate_mount(chance);
}

static inline void generate_devices(struct chance *chance, struct spec_linux *linux_)
{
	static const struct spec_device devices[] = {
		{ 'c', "/dev/fuse", 10, 229, { true, 0666 }, { false, 0 }, { false, 0 } },
		{ 'b', "/dev/sda", 8, 0, { true, 0660 }, { true, 0 }, { true, 6 } },
		{ 'u', "/dev/kvm", 10, 232, { false, 0 }, { true, 1000 }, { false, 0 } },
		{ 'p', "/run/pipe", 0, 0, { false, 0 }, { false, 0 }, { false, 0 } },
		{ 'c', "/dev/null", 1, 3, { true, 0666 }, { false, 0 }, { false, 0 } },
	};
	enum { DEVICES = sizeof(devices) / sizeof(*devices) };
	linux_->devices = ARENA_ARRAY(chance->arena, DEVICES, struct spec_device);
	for (size_t i = 0; i < DEVICES; i++)
		if (chance_of(chance, 10))
			linux_->devices[linux_->device_count++] = devices[i];
}

/* --- the spec: the process --------------------------------------------------------------------------- */

static inline uint64_t generate_set(struct chance *chance)
{
	uint64_t all = (1ULL << ABI_CAP_COUNT) - 1;
	switch (chance_below(chance, 4)) {
	case 0:
		return 0;
	case 1:
		return all;
	case 2:
		return 0xa80425fb & all; /* what engines give */
	default:
		return chance_next(chance) & all;
	}
}

static inline struct spec_capabilities generate_capabilities(struct chance *chance)
{
	uint64_t usual = generate_set(chance);
	struct spec_capabilities sets = { .set = true, .bounding = usual, .effective = usual, .permitted = usual };
	if (chance_of(chance, 30))
		sets.inheritable = sets.ambient = usual;
	if (chance_of(chance, 20))
		sets = (struct spec_capabilities){
			.set = true,
			.bounding = generate_set(chance),
			.effective = generate_set(chance),
			.inheritable = generate_set(chance),
			.permitted = generate_set(chance),
			.ambient = generate_set(chance),
		};
	return sets;
}

static inline void generate_user(struct chance *chance, struct spec_user *user)
{
	static const uint32_t ids[] = { 0, 0, 0, 1000, 33, 65534 };
	user->uid = CHANCE_ONE(chance, ids);
	user->gid = CHANCE_ONE(chance, ids);
	user->umask = (struct opt_uint){ chance_of(chance, 20), 027 };
	user->additional_gids = ARENA_ARRAY(chance->arena, 3, uint32_t);
	if (chance_of(chance, 20))
		for (user->additional_gid_count = 0; user->additional_gid_count < 3; user->additional_gid_count++)
			user->additional_gids[user->additional_gid_count] = CHANCE_ONE(chance, ids);
}

static inline void generate_rlimits(struct chance *chance, struct spec_process *process)
{
	static const struct spec_rlimit rlimits[] = {
		{ 7, "RLIMIT_NOFILE", 1024, 1024 },
		{ 6, "RLIMIT_NPROC", 100, UINT64_MAX },
		{ 4, "RLIMIT_CORE", 0, 0 },
		{ 8, "RLIMIT_MEMLOCK", 4096, 4096 },
	};
	process->rlimits = ARENA_ARRAY(chance->arena, 4, struct spec_rlimit);
	for (uint32_t i = chance_below(chance, 4); i < 4 && chance_of(chance, 40); i++)
		process->rlimits[process->rlimit_count++] = rlimits[i];
	if (process->rlimit_count && chance_of(chance, 5))
		process->rlimits[0].hard = 2000000000;
}

static inline void generate_process(struct chance *chance, struct spec_process *process)
{
	static const char *const words[] = { "sh", "-c", "echo $HOME", "/bin/true", "--", "" };
	static const char *const variables[] = { "PATH=/usr/bin:/bin", "TERM=xterm", "HOME=/root", "SECRET=hush" };
	static const char *const places[] = { "/", "/root", "/srv/x", "/proc/self/fd/7" };
	process->set = true;
	process->terminal = chance_of(chance, 25);
	process->console_height = (struct opt_uint){ chance_of(chance, 30), 25 };
	process->console_width = (struct opt_uint){ chance_of(chance, 30), 80 };
	process->cwd = CHANCE_ONE(chance, places);
	process->env = CHANCE_WORDS(chance, variables, 4);
	process->args = CHANCE_WORDS(chance, words, 4);
	if (!process->args.count)
		process->args = (struct spec_strings){ ARENA_ARRAY(chance->arena, 1, const char *), 1 };
	process->args.items[0] = "/bin/sh";
	generate_user(chance, &process->user);
	if (chance_of(chance, 90))
		process->capabilities = generate_capabilities(chance);
	generate_rlimits(chance, process);
	process->oom_score_adj = (struct opt_int){ chance_of(chance, 20), (int64_t)chance_below(chance, 2001) - 1000 };
	process->no_new_privileges = chance_of(chance, 60);
	if (chance_of(chance, 5))
		process->scheduler = (struct spec_scheduler){ .set = true, .policy = 1, .priority = 10 };
	if (chance_of(chance, 5))
		process->io_priority = (struct spec_io_priority){ true, 1 + (int)chance_below(chance, 3), 4 };
}

/* --- the spec: limits, protection, filter ------------------------------------------------------------ */

static inline struct opt_int maybe_int(struct chance *chance, uint32_t percent, int64_t value)
{
	return (struct opt_int){ chance_of(chance, percent), value };
}

static inline struct opt_uint maybe_uint(struct chance *chance, uint32_t percent, uint64_t value)
{
	return (struct opt_uint){ chance_of(chance, percent), value };
}

static inline void generate_resources(struct chance *chance, struct spec_resources *resources)
{
	static const struct spec_device_rule rules[] = {
		{ false, 'a', { false, 0 }, { false, 0 }, 7 },
		{ true, 'c', { true, 1 }, { true, 3 }, 7 },
		{ true, 'b', { true, 8 }, { false, 0 }, DEVICE_READ },
		{ true, 'a', { false, 0 }, { false, 0 }, 7 },
	};
	resources->set = chance_of(chance, 70);
	if (!resources->set)
		return;
	resources->devices = ARENA_ARRAY(chance->arena, 4, struct spec_device_rule);
	for (uint32_t i = chance_below(chance, 5); i > 0; i--)
		resources->devices[resources->device_count++] = CHANCE_ONE(chance, rules);
	resources->memory.limit = maybe_int(chance, 30, chance_of(chance, 20) ? -1 : 64 << 20);
	if (resources->memory.limit.set)
		resources->memory.swap = maybe_int(chance, 20, 128 << 20);
	resources->memory.reservation = maybe_int(chance, 10, 32 << 20);
	resources->cpu.shares = maybe_uint(chance, 20, 2 + chance_below(chance, 262143));
	resources->cpu.period = maybe_uint(chance, 20, 100000);
	resources->cpu.quota = maybe_int(chance, 20, chance_of(chance, 20) ? -1 : 50000);
	resources->cpu.cpus = chance_of(chance, 10) ? "0-1" : NULL;
	resources->cpu.mems = chance_of(chance, 5) ? "0" : NULL;
	static struct spec_block_device disk = { 8, 0, { true, 100 }, { false, 0 }, { true, 1 << 20 } };
	if (chance_of(chance, 5))
		resources->block_io.read_bps = resources->block_io.weight_device = (struct spec_block_devices){ &disk,
		  1 };
	resources->block_io.weight = maybe_uint(chance, 10, 10 + chance_below(chance, 991));
	static struct spec_hugepage_limit pages = { "2MB", 2 << 20 };
	static struct spec_pair files[] = { { "memory.high", "1" }, { "pids.max", "7" }, { "cgroup.freeze", "0" } };
	resources->memory.swappiness = maybe_uint(chance, 5, 60);
	resources->memory.disable_oom_killer.value = chance_of(chance, 3);
	resources->class_id.value = chance_of(chance, 3);
	resources->hugepages = &pages;
	resources->hugepage_count = chance_of(chance, 3);
	resources->unified = (struct spec_pairs){ files, chance_of(chance, 10) ? chance_below(chance, 4) : 0 };
	resources->pids_limit = maybe_int(chance, 30, (int64_t)chance_below(chance, 100) - 1);
}

static inline void generate_protection(struct chance *chance, struct spec_linux *linux_)
{
	static const char *const masked[] = { "/proc/acpi", "/proc/kcore", "/sys/firmware", "/proc/timer_list" };
	static const char *const readonly[] = { "/proc/bus", "/proc/sys", "/proc/sysrq-trigger", "/etc" };
	static const struct spec_pair sysctls[] = {
		{ "net.ipv4.ip_forward", "1" },
		{ "kernel.shmmax", "68719476736" },
		{ "net.ipv4.ping_group_range", "0 0" },
		{ "fs.mqueue.msg_max", "20" },
	};
	static const uint32_t propagations[] = { ABI_PRIVATE, ABI_SLAVE, ABI_SHARED, ABI_UNBINDABLE };
	linux_->masked_paths = CHANCE_WORDS(chance, masked, 6);
	linux_->readonly_paths = CHANCE_WORDS(chance, readonly, 4);
	linux_->sysctl.items = ARENA_ARRAY(chance->arena, 4, struct spec_pair);
	for (size_t i = 0; i < 4; i++)
		if (chance_of(chance, 15))
			linux_->sysctl.items[linux_->sysctl.count++] = sysctls[i];
	linux_->rootfs_propagation = chance_of(chance, 20) ? CHANCE_ONE(chance, propagations) : 0;
}

static inline void generate_seccomp(struct chance *chance, struct spec_seccomp *seccomp)
{
	static const char *const calls[] = {
		"read", "write", "openat", "clone3", "personality", "keyctl", "nosuch_call"
	};
	seccomp->set = chance_of(chance, 40);
	if (!seccomp->set)
		return;
	seccomp->default_action = chance_of(chance, 80) ? SECCOMP_ERRNO : SECCOMP_ALLOW;
	seccomp->rules = ARENA_ARRAY(chance->arena, 3, struct spec_seccomp_rule);
	seccomp->rule_count = chance_below(chance, 4);
	for (size_t i = 0; i < seccomp->rule_count; i++) {
		struct spec_seccomp_rule *rule = &seccomp->rules[i];
		rule->names = CHANCE_WORDS(chance, calls, 5);
		rule->names.items[rule->names.count++] = "close";
		rule->action = seccomp->default_action == SECCOMP_ALLOW ? SECCOMP_ERRNO : SECCOMP_ALLOW;
		if (chance_of(chance, 20)) {
			rule->args = ARENA_ARRAY(chance->arena, 1, struct spec_seccomp_arg);
			rule->args[0] = (struct spec_seccomp_arg){ 0, SECCOMP_EQ, chance_below(chance, 100), 0 };
			rule->arg_count = 1;
		}
	}
	seccomp->flags = chance_of(chance, 10) ? 2 : 0; /* SECCOMP_FILTER_FLAG_LOG */
}

static inline void generate_linux(struct chance *chance, struct spec_linux *linux_)
{
	static const char *const paths[] = { "/", "/mine", "mine/too", "/a/b/c", "machine.slice:kist:c1" };
	linux_->set = true;
	generate_namespaces(chance, linux_);
	linux_->uid_mappings = generate_idmaps(chance);
	linux_->gid_mappings = chance_of(chance, 80) ? linux_->uid_mappings : generate_idmaps(chance);
	if (chance_of(chance, 5))
		linux_->monotonic = (struct spec_time_offset){ true, 86400, 0 };
	if (chance_of(chance, 5))
		linux_->memory_policy = (struct spec_memory_policy){ true, 2, "0-3", 0 }; /* MPOL_BIND */
	generate_devices(chance, linux_);
	linux_->cgroups_path = chance_of(chance, 30) ? CHANCE_ONE(chance, paths) : NULL;
	generate_resources(chance, &linux_->resources);
	generate_protection(chance, linux_);
	generate_seccomp(chance, &linux_->seccomp);
	if (chance_of(chance, 5))
		linux_->personality = (struct spec_personality){ .set = true, .linux32 = chance_of(chance, 50) };
}

/* --- what belongs together --------------------------------------------------------------------------- */

static inline int generate_has(const struct spec_linux *linux_, uint32_t type)
{
	for (size_t i = 0; i < linux_->namespace_count; i++)
		if (linux_->namespaces[i].type == type)
			return linux_->namespaces[i].path ? 1 : 2;
	return 0;
}

/* Mostly, what a namespace is wanted for goes when the namespace is not there: else nearly all would be refused. */
static inline void generate_agreement(struct chance *chance, struct spec *spec, const struct facts *facts)
{
	struct spec_linux *linux_ = &spec->linux_;
	if (chance_of(chance, 5))
		return;
	bool weak = facts->caller.uid != 0 || !facts->caller.initial_user_namespace;
	if ((weak || facts->cgroup.layout == CGROUP_NONE) && chance_of(chance, 80))
		linux_->resources = (struct spec_resources){ 0 };
	if (facts->caller.uid != 0 && generate_has(linux_, ABI_NEWUSER) == 0)
		linux_->namespaces[linux_->namespace_count++] = (struct spec_namespace){ ABI_NEWUSER, NULL };
	if (generate_has(linux_, ABI_NEWUSER) != 2)
		linux_->uid_mappings.count = linux_->gid_mappings.count = 0;
	if (generate_has(linux_, ABI_NEWTIME) != 2)
		linux_->monotonic.set = false;
	if (generate_has(linux_, ABI_NEWUTS) == 0)
		spec->hostname = spec->domainname = NULL;
	if (generate_has(linux_, ABI_NEWNET) == 0 || generate_has(linux_, ABI_NEWIPC) == 0)
		linux_->sysctl.count = 0;
	if (linux_->uid_mappings.count) {
		spec->process.user.uid = linux_->uid_mappings.items[0].inside;
		spec->process.user.additional_gid_count = 0;
	}
	if (linux_->gid_mappings.count)
		spec->process.user.gid = linux_->gid_mappings.items[0].inside;
	if (generate_has(linux_, ABI_NEWNS) == 2)
		return;
	spec->mount_count = linux_->masked_paths.count = linux_->readonly_paths.count = 0;
	linux_->rootfs_propagation = 0;
	spec->root.readonly = false;
	linux_->device_count = 0;
}

static inline void generate_box(struct chance *chance, struct spec *spec)
{
	static const char *const users[] = { NULL, "0", "1000:1000", "daemon", "www-data:adm" };
	static const enum spec_root_mode modes[] = { ROOT_BUNDLE, ROOT_HOST_OVERLAY, ROOT_DIR_OVERLAY };
	static const enum spec_groups groups[] = { GROUPS_OF_USER, GROUPS_OF_USER, GROUPS_GIVEN, GROUPS_KEPT };
	static const char *const names[] = { "adm", "audio" };
	static const struct cpus cpus = { .bits = { 3 }, .size = 1 };
	spec->box = (struct spec_box){
		.set = true,
		.root_mode = CHANCE_ONE(chance, modes),
		.user = CHANCE_ONE(chance, users),
		.groups = CHANCE_ONE(chance, groups),
		.affinity = chance_of(chance, 10) ? &cpus : NULL,
		.argv0 = chance_of(chance, 10) ? "other" : NULL,
		.host_program = chance_of(chance, 10) ? "/bin/busybox" : NULL,
		.die_with_runtime = chance_of(chance, 80),
		.console = chance_of(chance, 10) ? "/dev/tty8" : NULL,
		.timeout_ms = chance_below(chance, 3),
	};
	static struct spec_made made[] = {
		{ "/srv/dir", NULL, 0 }, { "/srv/../link", "dir", 1 }, { "/dev/x", NULL, 9 }
	};
	spec->box.made = made;
	spec->box.made_count = chance_below(chance, 4);
	for (size_t i = 0; i < spec->box.made_count; i++)
		if (made[i].mount > spec->mount_count)
			spec->box.made_count = i;
	if (spec->box.root_mode != ROOT_BUNDLE && chance_of(chance, 20)) {
		spec->box.x_number = "0";
		spec->box.x_authority = chance_of(chance, 80) ? "/home/user/.Xauthority" : NULL;
	}
	static const struct spec_arch arm = { "aarch64", 64, false, 183 };
	spec->box.arch = spec->box.root_mode == ROOT_DIR_OVERLAY && chance_of(chance, 20) ? &arm : NULL;
	spec->box.host_files = spec->box.root_mode == ROOT_BUNDLE ? 0 : chance_below(chance, 8);
	spec->box.masked_asked = chance_below(chance, 3);
	spec->box.readonly_asked = chance_below(chance, 3);
	for (size_t i = 0; i < spec->mount_count; i++)
		spec->mounts[i].optional = spec->mounts[i].options.bind && chance_of(chance, 20);
	if (spec->box.groups == GROUPS_GIVEN)
		spec->box.group_names = CHANCE_WORDS(chance, names, 2);
	if (spec->box.root_mode == ROOT_HOST_OVERLAY)
		spec->root = (struct spec_root){ true, "/", chance_of(chance, 20) };
	if (spec->box.root_mode != ROOT_BUNDLE && generate_has(&spec->linux_, ABI_NEWNS) != 2)
		spec->linux_.namespaces[spec->linux_.namespace_count++] = (struct spec_namespace){ ABI_NEWNS, NULL };
	if (spec->box.root_mode != ROOT_BUNDLE && chance_of(chance, 40))
		spec->box.keep = "/var/changes";
	spec->box.fuse = spec->box.root_mode != ROOT_BUNDLE && !spec->box.keep && chance_of(chance, 40);
	const char *path = NULL;
	spec->box.init = spec_has_namespace(spec, ABI_NEWPID, &path) && !path && chance_of(chance, 30);
	spec->box.background = !spec->box.console && chance_of(chance, 20);
	if (spec->box.background) {
		spec->box.die_with_runtime = true;
		spec->box.log = chance_of(chance, 50) ? "/var/log/box.log" : NULL;
	}
	if (spec->box.console || spec->box.background)
		spec->process.terminal = false;
	spec->box.go_on = spec->box.keep && chance_of(chance, 50);
	/* Flags know no bundle: what they name is absolute. */
	spec->bundle = NULL;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].options.bind && spec->mounts[i].source[0] != '/')
			spec->mounts[i].source = "/srv/data";
	spec->root.path = spec->root.path[0] == '/' ? spec->root.path : "/srv/rootfs";
}

/* A box has none. */
static inline void generate_hooks(struct chance *chance, struct spec *spec)
{
	static const char *const words[] = { "hook", "A=1", "" };
	static struct spec_pair notes[] = { { "org.example.key", "value" }, { "empty", "" } };
	for (int type = 0; type < HOOK_KIND_COUNT; type++) {
		struct spec_hooks *hooks = &spec->hooks[type];
		hooks->count = chance_of(chance, 15) ? 1 + chance_below(chance, 3) : 0;
		hooks->items = ARENA_ARRAY(chance->arena, hooks->count + 1, struct spec_hook);
		for (size_t i = 0; i < hooks->count; i++)
			hooks->items[i] = (struct spec_hook){
				.path = "/usr/bin/hook",
				.timeout = maybe_int(chance, 50, chance_of(chance, 50) ? 5 : INT64_MAX),
			};
		if (hooks->count && chance_of(chance, 50))
			hooks->items[0].args = hooks->items[0].env = CHANCE_WORDS(chance, words, 2);
	}
	if (chance_of(chance, 30))
		spec->annotations = (struct spec_pairs){ notes, 1 + chance_below(chance, 2) };
}

/* Namespaces joined, nothing made: what kist enter says. */
static inline void generate_enter(struct chance *chance, struct spec *spec)
{
	static struct spec_namespace joined[] = {
		{ ABI_NEWUSER, "/proc/7/ns/user" }, { ABI_NEWNS, "/proc/7/ns/mnt" }, { ABI_NEWPID, "/proc/7/ns/pid" },
		{ ABI_NEWNET, "/proc/7/ns/net" },
	};
	size_t first = chance_below(chance, 2);
	spec->box = (struct spec_box){
		.set = true, .root_mode = ROOT_PROCESS, .process = 7, .process_start = 1000, .die_with_runtime = true,
	};
	spec->linux_ = (struct spec_linux){ .set = true };
	spec->linux_.namespaces = ARENA_ARRAY(chance->arena, 5, struct spec_namespace);
	spec->linux_.namespace_count = 1 + chance_below(chance, 3);
	memcpy(spec->linux_.namespaces, joined + first, spec->linux_.namespace_count * sizeof(*joined));
	spec->mount_count = 0;
	spec->hostname = spec->domainname = NULL;
	spec->root = (struct spec_root){ true, "/proc/7/root", false };
}

static inline struct spec *generate_spec(struct chance *chance, const struct facts *facts)
{
	static const char *const roots[] = { "rootfs", "/srv/root", "rootfs/../other" };
	struct spec *spec = ARENA_NEW(chance->arena, struct spec);
	spec->source = "config.json";
	spec->bundle = "/srv/bundle";
	spec->oci_version = "1.2.0";
	spec->root = (struct spec_root){ true, CHANCE_ONE(chance, roots), chance_of(chance, 30) };
	generate_linux(chance, &spec->linux_);
	generate_mounts(chance, spec);
	generate_process(chance, &spec->process);
	spec->hostname = chance_of(chance, 70) ? "box" : NULL;
	spec->domainname = chance_of(chance, 20) ? "example" : NULL;
	if (chance_of(chance, 15) && !(generate_has(&spec->linux_, ABI_NEWNS) == 1))
		generate_box(chance, spec);
	else if (chance_of(chance, 5))
		generate_enter(chance, spec);
	else
		generate_hooks(chance, spec);
	generate_agreement(chance, spec, facts);
	return spec;
}

static inline struct plan_request generate_request(struct chance *chance, const struct facts *facts)
{
	return (struct plan_request){
		.id = "c1",
		.state_root = facts->caller.state_root,
		.no_pivot = chance_of(chance, 15),
		.no_new_keyring = chance_of(chance, 20),
		.seccomp_trace = chance_of(chance, 5),
		.gate = chance_of(chance, 30),
		.pid_file = chance_of(chance, 10) ? "/home/me/pid" : NULL,
	};
}

#endif
