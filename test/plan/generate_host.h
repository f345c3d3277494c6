/* generate_host.h: random hosts. */
#ifndef KIST_TEST_GENERATE_HOST_H
#define KIST_TEST_GENERATE_HOST_H

#include "base/cpus.h"
#include "chance.h"
#include "facts/facts.h"

/* --- the host ------------------------------------------------------------------------------------------ */

static inline void generate_caller(struct chance *chance, struct facts_caller *caller)
{
	static struct facts_range own[] = { { 100000, 65536 }, { 300000, 65536 } };
	bool root = chance_of(chance, 60);
	*caller = (struct facts_caller){
		.uid = root ? 0 : 1000,
		.gid = root ? 0 : 1000,
		.initial_user_namespace = chance_of(chance, root ? 85 : 95),
		.subuids = own,
		.subgids = own,
		.name = chance_of(chance, 95) ? "user" : NULL,
		.newuidmap = chance_of(chance, 85) ? "/usr/bin/newuidmap" : NULL,
		.newgidmap = chance_of(chance, 85) ? "/usr/bin/newgidmap" : NULL,
		.cwd = "/home/user",
		.state_root = root ? "/run/kist" : "/run/user/1000/kist",
		.umask = 022,
		.terminal = chance_of(chance, 50),
		.no_new_privs = chance_of(chance, 5),
		.state_file_system = chance_of(chance, 30) ? "overlay" : "ext4",
	};
	caller->capabilities = root ? (1ULL << ABI_CAP_COUNT) - 1 : 0;
	if (root && chance_of(chance, 30))
		caller->capabilities &= ~(1ULL << 24); /* CAP_SYS_RESOURCE */
	caller->subuid_count = caller->subgid_count = chance_of(chance, 80) ? 1 + chance_below(chance, 2) : 0;
}

static inline struct facts_hierarchy generate_hierarchy(struct chance *chance, const char *name, bool root)
{
	const char **controllers = ARENA_ARRAY(chance->arena, 2, const char *);
	controllers[0] = strcmp(name, "systemd") == 0 ? "name=systemd" : strtok(arena_string(chance->arena, name), ",");
	controllers[1] = strchr(name, ',') ? strchr(name, ',') + 1 : NULL;
	return (struct facts_hierarchy){
		.mount = arena_printf(chance->arena, "/sys/fs/cgroup/%s", name),
		.name = name,
		.controllers = controllers,
		.controller_count = controllers[1] ? 2 : 1,
		.own = chance_of(chance, 70) ? "/" : "/user.slice",
		.root_writable = root && chance_of(chance, 90),
		.own_writable = root || chance_of(chance, 10),
	};
}

static inline struct facts_hierarchy generate_unified(struct chance *chance, bool root, bool hybrid)
{
	static const char *all[] = { "cpuset", "cpu", "io", "memory", "hugetlb", "pids" };
	bool delegated = chance_of(chance, 60);
	return (struct facts_hierarchy){
		.unified = true,
		.mount = hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup",
		.name = hybrid ? "unified" : "",
		.controllers = all,
		.controller_count = hybrid ? 0 : 6,
		.own = "/user.slice/user-1000.slice/session.scope",
		.delegated = all + 3,
		.delegated_count = delegated && !hybrid ? 3 : 0,
		.root_writable = root,
		.own_writable = root || delegated,
	};
}

static inline void generate_cgroups(struct chance *chance, struct facts_cgroup *cgroup, bool root)
{
	static const char *const v1[] = { "cpu,cpuacct", "cpuset", "memory", "devices", "freezer", "pids", "systemd" };
	enum { V1 = sizeof(v1) / sizeof(*v1) };
	static const enum facts_cgroup_layout layouts[] = {
		CGROUP_NONE,   CGROUP_V1, CGROUP_V1, CGROUP_V1, CGROUP_HYBRID, CGROUP_HYBRID,
		CGROUP_HYBRID, CGROUP_V2, CGROUP_V2, CGROUP_V2, CGROUP_V2,     CGROUP_V2,
	};
	*cgroup = (struct facts_cgroup){ .layout = CHANCE_ONE(chance, layouts), .cpus = "0-1", .mems = "0" };
	cgroup->hierarchies = ARENA_ARRAY(chance->arena, V1 + 1, struct facts_hierarchy);
	if (cgroup->layout == CGROUP_V1 || cgroup->layout == CGROUP_HYBRID)
		for (size_t i = 0; i < V1; i++)
			if (chance_of(chance, 90))
				cgroup->hierarchies[cgroup->count++] = generate_hierarchy(chance, v1[i], root);
	if (cgroup->layout == CGROUP_V2 || cgroup->layout == CGROUP_HYBRID)
		cgroup->hierarchies[cgroup->count++] = generate_unified(chance, root, cgroup->layout == CGROUP_HYBRID);
}

static inline void generate_tree(struct chance *chance, struct facts *facts)
{
	static struct facts_mount mounts[] = {
		{ "/", "ext4", 0, false },
		{ "/proc", "proc", ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_NOEXEC, false },
		{ "/sys", "sysfs", ABI_ATTR_NOSUID, false },
		{ "/sys/fs/cgroup", "cgroup2", 0, false },
		{ "/dev", "devtmpfs", ABI_ATTR_NOSUID, false },
		{ "/dev/pts", "devpts", 0, false },
		{ "/dev/mqueue", "mqueue", 0, false },
		{ "/home", "ext4", ABI_ATTR_NODEV, false },
		{ "/home", "xfs", ABI_ATTR_RDONLY, false },
		{ "/run", "tmpfs", ABI_ATTR_NOSUID, true },
		{ "/var/lib/old", "ext4", 0, true },
	};
	static struct facts_entry entries[] = {
		{ "/bin", ENTRY_LINK, "usr/bin", 0777, false, true },
		{ "/usr", ENTRY_DIR, NULL, 0755, false, true },
		{ "/etc", ENTRY_DIR, NULL, 0755, false, true },
		{ "/proc", ENTRY_DIR, NULL, 0555, true, true },
		{ "/sys", ENTRY_DIR, NULL, 0555, true, true },
		{ "/dev", ENTRY_DIR, NULL, 0755, true, true },
		{ "/home", ENTRY_DIR, NULL, 0755, true, true },
		{ "/root", ENTRY_DIR, NULL, 0700, false, false },
		{ "/run", ENTRY_DIR, NULL, 0755, true, true },
		{ "/tmp", ENTRY_DIR, NULL, 01777, false, true },
		{ "/swap", ENTRY_FILE, NULL, 0600, false, false },
		{ "/var", ENTRY_DIR, NULL, 0755, true, true },
		{ "/var/lib", ENTRY_DIR, NULL, 0755, true, true },
		{ "/var/log", ENTRY_DIR, NULL, 0755, false, true },
		{ "/var/lib/old", ENTRY_DIR, NULL, 0755, true, true },
	};
	facts->have_mounts = chance_of(chance, 95);
	facts->mounts = mounts;
	facts->mount_count = facts->have_mounts ? 1 + chance_below(chance, sizeof(mounts) / sizeof(*mounts)) : 0;
	facts->entries = entries;
	facts->entry_count = facts->have_mounts ? sizeof(entries) / sizeof(*entries) : 0;
	static struct facts_source sources[] = {
		{ "/dev/sdb1", SOURCE_BLOCK, 8, 17 },
		{ "/etc/ssl/cert.pem", SOURCE_FILE, 0, 0 },
		{ "/dev/pts/3", SOURCE_CHAR, 136, 3 },
		{ "/srv/data", SOURCE_MISSING, 0, 0 },
	};
	static struct facts_binfmt binfmts[] = { { "/usr/bin/qemu", false, 64, false, 183 } };
	facts->have_binfmt = chance_of(chance, 80);
	facts->binfmts = binfmts;
	facts->binfmt_count = facts->have_binfmt && chance_of(chance, 80);
	facts->sources = sources;
	facts->source_count = chance_below(chance, 4) + chance_of(chance, 10);
}

/* What is known of a box's root. */
static inline void generate_sources(struct chance *chance, struct facts *facts)
{
	static const char *const paths[] = { "/srv/rootfs", "/srv/root" };
	static const char *const maps[] = { NULL, NULL, "uids 0:100000:65536, gids 0:100000:65536" };
	static const uint32_t owners[] = { 0, 1000, 100000 };
	struct facts_source *sources = ARENA_ARRAY(chance->arena, facts->source_count + 2, struct facts_source);
	if (facts->source_count)
		memcpy(sources, facts->sources, facts->source_count * sizeof(*sources));
	facts->sources = sources;
	for (size_t i = 0; i < 2 && chance_of(chance, 80); i++)
		facts->sources[facts->source_count++] = (struct facts_source){
			.path = paths[i],
			.kind = chance_of(chance, 90) ? SOURCE_DIR : SOURCE_MISSING,
			.uid = CHANCE_ONE(chance, owners),
			.idmap = CHANCE_ONE(chance, maps),
		};
}

static inline struct facts *generate_facts(struct chance *chance)
{
	struct facts *facts = ARENA_NEW(chance->arena, struct facts);
	generate_caller(chance, &facts->caller);
	facts->kernel = (struct facts_kernel){
		.major = 6,
		.minor = 1,
		.openat2 = true,
		.mount_api = true,
		.mount_setattr = true,
		.close_range = true,
		.pidfd = true,
		.clone_into_cgroup = true,
		.memfd_exec_flag = chance_of(chance, 50),
		.time_namespace = chance_of(chance, 90),
		.cgroup_namespace = chance_of(chance, 98),
		.user_namespace = chance_of(chance, 95),
		.seccomp = chance_of(chance, 98),
		.seccomp_log = chance_of(chance, 95),
		.seccomp_wait_killable = chance_of(chance, 50),
		.overlay = chance_of(chance, 95),
		.cgroup_bpf = chance_of(chance, 80),
	};
	generate_cgroups(chance, &facts->cgroup, facts->caller.uid == 0);
	facts->kernel_release = "6.1.0";
	facts->machine = chance_of(chance, 80) ? "x86_64" : "aarch64";
	facts->memfd_noexec = (int)chance_below(chance, 3);
	facts->apparmor = chance_of(chance, 30);
	facts->proc_masked = chance_of(chance, 20);
	facts->sys_masked = chance_of(chance, 20);
	facts->fuse_there = chance_of(chance, 95);
	facts->fuse_open = facts->fuse_there && chance_of(chance, 80);
	facts->fuse_overlayfs = chance_of(chance, 80) ? "/usr/bin/fuse-overlayfs" : NULL;
	facts->nr_open = 1048576;
	facts->rlimits_hard = ARENA_ARRAY(chance->arena, ABI_RLIMIT_COUNT, uint64_t);
	for (size_t i = 0; i < ABI_RLIMIT_COUNT; i++)
		facts->rlimits_hard[i] = chance_of(chance, 70) ? UINT64_MAX : 4096;
	generate_tree(chance, facts);
	generate_sources(chance, facts);
	return facts;
}

#endif
