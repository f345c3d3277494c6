/* law_bases.h: a few real plans, of hosts and configurations that have all kinds of steps between them. */
#ifndef KIST_TEST_LAW_BASES_H
#define KIST_TEST_LAW_BASES_H

#include "base/cpus.h"
#include "plan/build.h"
#include "plan/law.h"
#include "plan/wire.h"
#include "spec/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct arena arena;

/* --- the hosts and the configurations ------------------------------------------------------------------- */

static const char *v1_memory[] = { "memory" }, *v1_pids[] = { "pids" }, *v1_devices[] = { "devices" };
static const char *v2_all[] = { "cpu", "memory", "pids" };
#define ONE .controller_count = 1
#define WRITABLE .own = "/", .root_writable = true, .own_writable = true
static struct facts_hierarchy v1[] = {
	{ .mount = "/sys/fs/cgroup/memory", .name = "memory", .controllers = v1_memory, ONE, WRITABLE },
	{ .mount = "/sys/fs/cgroup/pids", .name = "pids", .controllers = v1_pids, ONE, WRITABLE },
	{ .mount = "/sys/fs/cgroup/devices", .name = "devices", .controllers = v1_devices, ONE, WRITABLE },
};
static struct facts_hierarchy v2[] = {
	{ .unified = true, .mount = "/sys/fs/cgroup", .name = "", .controllers = v2_all, .controller_count = 3,
	  WRITABLE },
};
static struct facts_range subordinate[] = { { 100000, 65536 } };
static struct facts_mount mounts[] = { { "/", "ext4", 0, false }, { "/proc", "proc", 0, false } };
static struct facts_entry entries[] = {
	{ "/usr", ENTRY_DIR, NULL, 0755, false, true },
	{ "/proc", ENTRY_DIR, NULL, 0555, true, true },
};

static struct facts host(bool root, bool unified)
{
	static uint64_t limits[ABI_RLIMIT_COUNT];
	memset(limits, 0xff, sizeof(limits));
	limits[7] = 4096; /* RLIMIT_NOFILE */
	return (struct facts){
		.caller = { .uid = root ? 0 : 1000, .gid = root ? 0 : 1000, .capabilities = root ? UINT64_MAX : 0,
		            .initial_user_namespace = true, .subuids = subordinate, .subgids = subordinate,
		            .subuid_count = 1, .subgid_count = 1, .name = "user", .newuidmap = "/usr/bin/newuidmap",
		            .newgidmap = "/usr/bin/newgidmap", .cwd = "/", .state_root = "/run/kist",
		            .state_file_system = "overlay" },
		.kernel = { .major = 6, .openat2 = true, .mount_api = true, .mount_setattr = true, .close_range = true,
		            .pidfd = true, .clone_into_cgroup = true, .time_namespace = true, .cgroup_namespace = true,
		            .user_namespace = true, .seccomp = true, .overlay = true, .cgroup_bpf = true },
		.cgroup = { .layout = unified ? CGROUP_V2 : CGROUP_V1, .hierarchies = unified ? v2 : v1,
		            .count = unified ? COUNT(v2) : root ? COUNT(v1) : 0, .cpus = "0", .mems = "0" },
		.kernel_release = "6.1", .machine = "x86_64", .nr_open = 1048576, .rlimits_hard = limits,
		.have_mounts = true, .mounts = mounts, .mount_count = COUNT(mounts), .entries = entries,
		.entry_count = COUNT(entries), .fuse_there = true, .fuse_open = true,
		.fuse_overlayfs = "/usr/bin/fuse-overlayfs",
	};
}

/* JSON with ' for ", so that it can be read here. */
#define WORLD \
	"'mounts':[{'destination':'/proc','type':'proc'},{'destination':'/dev','type':'tmpfs'}," \
	"{'destination':'/dev/pts','type':'devpts'}," \
	"{'destination':'/data','type':'bind','source':'/srv','options':['rbind','ro']}],"
#define PROGRAM \
	"'cwd':'/root','args':['sh'],'env':['PATH=/bin'],'user':{'uid':0,'gid':0,'additionalGids':[0]}," \
	"'capabilities':{'bounding':['CAP_KILL'],'effective':['CAP_KILL'],'permitted':['CAP_KILL']," \
	"'inheritable':['CAP_KILL'],'ambient':['CAP_KILL']},"
#define FILTER "'seccomp':{'defaultAction':'SCMP_ACT_ERRNO','syscalls':[{'names':['read'],'action':'SCMP_ACT_ALLOW'}]}"

enum base {
	BASE_FULL, BASE_PLAIN, BASE_JOINED, BASE_BARE, BASE_ROOTLESS, BASE_NETWORK, BASE_BOX, BASE_MEMORY, BASE_SERVED,
	BASE_HOOKS, BASE_ENTER, BASE_GATE, BASES
};

static const struct {
	bool root, unified;
	const char *config;
} bases[BASES] = {
	[BASE_FULL] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'r','readonly':true}," WORLD "'hostname':'h',"
		"'process':{'terminal':true," PROGRAM "'noNewPrivileges':true,'oomScoreAdj':5,"
		"'rlimits':[{'type':'RLIMIT_NOFILE','soft':64,'hard':8192}],"
		"'scheduler':{'policy':'SCHED_OTHER','nice':3},"
		"'ioPriority':{'class':'IOPRIO_CLASS_BE','priority':4}},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'uts'},{'type':'ipc'},"
		"{'type':'network'},{'type':'user'},{'type':'cgroup'}],"
		"'uidMappings':[{'containerID':0,'hostID':100000,'size':65536}],"
		"'gidMappings':[{'containerID':0,'hostID':100000,'size':65536}],'sysctl':{'net.ipv4.ip_forward':'1'},"
		"'maskedPaths':['/proc/acpi'],'readonlyPaths':['/proc/sys'],"
		"'memoryPolicy':{'mode':'MPOL_INTERLEAVE','nodes':'0'},"
		"'resources':{'memory':{'limit':67108864},'pids':{'limit':50}}," FILTER "}}" },
	[BASE_PLAIN] = { true, true,
		"{'ociVersion':'1.2.0','root':{'path':'r'}," WORLD "'process':{" PROGRAM "'noNewPrivileges':false},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'time'},{'type':'cgroup'}],"
		"'timeOffsets':{'monotonic':{'secs':5}},"
		"'resources':{'devices':[{'allow':false,'access':'rwm'}]}," FILTER "}}" },
	[BASE_JOINED] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'r'}," WORLD "'process':{" PROGRAM "'noNewPrivileges':true},"
		"'hostname':'h','linux':{'namespaces':[{'type':'mount'},{'type':'pid','path':'/proc/7/ns/pid'},"
		"{'type':'network','path':'/run/netns/a'},{'type':'uts','path':'/proc/7/ns/uts'},{'type':'time'}],"
		"'sysctl':{'net.ipv4.ip_forward':'1'},'timeOffsets':{'boottime':{'secs':5}}}}" },
	[BASE_BARE] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'r'},'process':{" PROGRAM "'noNewPrivileges':true},"
		"'linux':{'namespaces':[{'type':'pid'}]}}" },
	[BASE_ROOTLESS] = { false, true,
		"{'ociVersion':'1.2.0','root':{'path':'r'}," WORLD
		"'process':{'cwd':'/','args':['sh'],'user':{'uid':0,'gid':0}},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'user'}],"
		"'uidMappings':[{'containerID':0,'hostID':1000,'size':1}],"
		"'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]}}" },
	[BASE_NETWORK] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'r'},'mounts':[{'destination':'/proc','type':'proc'},"
		"{'destination':'/sys','type':'sysfs'}],'process':{" PROGRAM "'noNewPrivileges':true},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'network'}],"
		"'sysctl':{'net.ipv4.ip_forward':'1'}}}" },
	[BASE_HOOKS] = { true, false,
		"{'ociVersion':'1.3.0','root':{'path':'r'}," WORLD "'process':{" PROGRAM "'noNewPrivileges':true},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'network'}]},'hooks':{"
		"'prestart':[{'path':'/a'}],'createRuntime':[{'path':'/b'}],'createContainer':[{'path':'/c'}],"
		"'startContainer':[{'path':'/d'}],'poststart':[{'path':'/e'}],'poststop':[{'path':'/f'}]}}" },
	[BASE_BOX] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'/'},'process':{" PROGRAM "'noNewPrivileges':true},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'}]}}" },
	[BASE_MEMORY] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'/'},'process':{" PROGRAM "'noNewPrivileges':true},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'}]}}" },
	[BASE_SERVED] = { false, true,
		"{'ociVersion':'1.2.0','root':{'path':'/'},"
		"'process':{'cwd':'/','args':['sh'],'user':{'uid':0,'gid':0}},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'user'}],"
		"'uidMappings':[{'containerID':0,'hostID':1000,'size':1},"
		"{'containerID':1,'hostID':100000,'size':65536}],"
		"'gidMappings':[{'containerID':0,'hostID':1000,'size':1},"
		"{'containerID':1,'hostID':100000,'size':65536}]}}" },
	[BASE_ENTER] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'/proc/7/root'},'process':{" PROGRAM "'noNewPrivileges':false},"
		"'linux':{'namespaces':[{'type':'mount','path':'/proc/7/ns/mnt'},"
		"{'type':'pid','path':'/proc/7/ns/pid'}]}}" },
	[BASE_GATE] = { true, false,
		"{'ociVersion':'1.2.0','root':{'path':'r'}," WORLD "'process':{" PROGRAM
		"'noNewPrivileges':true,'rlimits':[{'type':'RLIMIT_NOFILE','soft':64,'hard':128}]},"
		"'linux':{'namespaces':[{'type':'mount'},{'type':'pid'}]," FILTER "}}" },
};

static char *quoted(const char *config)
{
	char *json = arena_string(&arena, config);
	for (char *byte = json; *byte; byte++)
		*byte = *byte == '\'' ? '"' : *byte;
	return json;
}

static const struct cpus one_cpu = { .bits = { 1 }, .size = 1 };

static struct plan_block *plan_of(enum base base)
{
	struct spec_faults faults = { .arena = &arena };
	struct facts facts = host(bases[base].root, bases[base].unified);
	struct plan_request request = { .id = "c1", .state_root = "/run/kist", .gate = base == BASE_GATE };
	if (base == BASE_BOX)
		request.pid_file = "/run/pid";
	const char *json = quoted(bases[base].config);
	struct spec *spec = spec_decode(&arena, json, strlen(json), "config.json", "/srv/bundle", &faults);
	if (base == BASE_BOX)
		spec->box = (struct spec_box){
			.set = true, .root_mode = ROOT_HOST_OVERLAY, .user = "user", .die_with_runtime = true,
			.keep = "/srv/changes", .groups = GROUPS_GIVEN, .affinity = &one_cpu,
			.host_program = "/bin/busybox",
			.host_files = SPEC_FILES_DNS, .x_number = "0", .x_authority = "/root/.Xauthority",
			.console = "/dev/tty8", .init = true,
		};
	if (base == BASE_MEMORY)
		spec->box = (struct spec_box){ .set = true, .root_mode = ROOT_HOST_OVERLAY,
			.background = true, .die_with_runtime = true };
	if (base == BASE_SERVED)
		spec->box = (struct spec_box){ .set = true, .root_mode = ROOT_HOST_OVERLAY, .fuse = true };
	if (base == BASE_ENTER)
		spec->box = (struct spec_box){ .set = true, .root_mode = ROOT_PROCESS, .process = 7 };
	struct plan_block *block = faults.count ? NULL : plan_make(&arena, spec, &facts, &request, &faults);
	if (!block)
		fail_msg("plan %d: %s: %s", base, faults.items[0].pointer, faults.items[0].text);
	return block;
}

#endif
