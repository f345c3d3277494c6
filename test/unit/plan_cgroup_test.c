/* plan_cgroup_test.c: where a container's cgroups are, their limits, the device rules, and the view of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan_fixture.h"

#define ROOTLESS "{'type':'mount'},{'type':'pid'},{'type':'user'}"
#define SINGLE_MAP                                                                                                     \
	",'uidMappings':[{'containerID':0,'hostID':1000,'size':1}],"                                                   \
	"'gidMappings':[{'containerID':0,'hostID':1000,'size':1}]"

static struct spec *spec_linux(const char *members)
{
	return spec_with((struct config){ .linux_ = arena_printf(&arena, ",%s", members) });
}

static struct spec *spec_rootless(const char *members)
{
	return spec_with(
		(struct config){ .namespaces = ROOTLESS, .linux_ = arena_printf(&arena, SINGLE_MAP "%s", members) });
}

/* "FILE=VALUE FILE=VALUE ..." of all that is written to cgroups, device lines left out. */
static const char *written(const struct plan_block *block)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		if (step->kind != STEP_write_cgroup || strstr(text_of(block, step->write_cgroup.file), "devices"))
			continue;
		buf_printf(&text, "%s%s=%s", text.length ? " " : "", text_of(block, step->write_cgroup.file),
		           text_of(block, step->write_cgroup.value));
	}
	return text.bytes;
}

static const char *made_at(const struct plan_block *block, uint32_t nth)
{
	return text_of(block, step_of(block, STEP_make_cgroup, nth)->make_cgroup.path);
}

/* --- where ---------------------------------------------------------------------------------------------- */

static void paths(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *made;
	} cases[] = {
		{ "'maskedPaths':[]", "/sys/fs/cgroup/pids/kist/c1" },
		{ "'cgroupsPath':'/a//b'", "/sys/fs/cgroup/pids/a/b" },
		{ "'cgroupsPath':'a/b'", "/sys/fs/cgroup/pids/kist/a/b" },
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(made_at(plan_of(spec_linux(cases[i].asked), root_host()), 1), cases[i].made);
	const struct plan_block *block = plan_of(spec_linux(cases[0].asked), root_host());
	assert_int_equal(count_of(block, STEP_make_cgroup), 7);
	for (uint32_t i = 0; i < 7; i++)
		assert_int_equal(step_of(block, STEP_make_cgroup, i)->make_cgroup.inherit_cpuset, i == 4);
	assert_string_equal(text_of(block, step_of(block, STEP_open_cgroup, 0)->open_cgroup.file), "tasks");
	assert_string_equal(text_of(block, step_of(block, STEP_open_cgroup, 6)->open_cgroup.file), "");
}

static void never_the_callers_own(void **state)
{
	(void)state;
	struct facts *facts = root_host();
	facts->cgroup.hierarchies[1].own = "/system.slice/kist.service/x";
	assert_refused(spec_linux("'cgroupsPath':'/system.slice/kist.service'"), facts, "/linux/cgroupsPath",
	               "is the cgroup that kist itself runs in");
	plan_of(spec_linux("'cgroupsPath':'/system.slice/kist.service/x/y'"), facts);
	struct spec *spec = spec_linux("'cgroupsPath':'/a'");
	spec->linux_.cgroups_path = "/a/..";
	assert_refused(spec, root_host(), "/linux/cgroupsPath", "belongs to the whole machine");
	/* Also where a limit wants the cgroup that is not had: one fault is one fault. */
	spec = spec_linux("'cgroupsPath':'.','resources':{'pids':{'limit':5}}");
	assert_refused(spec, root_host(), "/linux/cgroupsPath", "/kist holds the cgroups of all containers");
	assert_int_equal(faults.count, 1);
}

/* Without delegation a container stays where its caller is, unless a limit is asked for. */
static void ordinary_users(void **state)
{
	(void)state;
	struct facts *facts = user_host();
	assert_int_equal(count_of(plan_of(spec_rootless(",'cgroupsPath':'/a'"), facts), STEP_make_cgroup), 0);
	assert_refused(spec_rootless(",'resources':{'memory':{'limit':1000000,'reservation':5000}}"), facts,
	               "/linux/resources/memory/limit", "on cgroup v1 (/sys/fs/cgroup/memory)");
	assert_int_equal(faults.count, 1); /* once, however many limits */
	/* No limit is what there is. */
	plan_of(spec_rootless(",'resources':{'memory':{'limit':-1},'pids':{'limit':-1}}"), facts);

	static const char *delegated[] = { "memory", "pids" };
	cgroup_pure(facts, false);
	facts->cgroup.hierarchies[0].own = "/user.slice/s";
	facts->cgroup.hierarchies[0].own_writable = true;
	facts->cgroup.hierarchies[0].delegated = delegated;
	facts->cgroup.hierarchies[0].delegated_count = 2;
	const struct plan_block *block = plan_of(spec_rootless(",'resources':{'pids':{'limit':9}}"), facts);
	assert_string_equal(made_at(block, 0), "/sys/fs/cgroup/user.slice/s/kist-c1");
	assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable), "pids");
	assert_refused(spec_rootless(",'resources':{'cpu':{'shares':9}}"), facts, "/linux/resources/cpu/shares",
	               "delegation ends at /sys/fs/cgroup/user.slice/s");
	block = plan_of(spec_rootless(",'cgroupsPath':'/user.slice/user-1000.slice/user@1000.service/k/x'"), facts);
	assert_string_equal(made_at(block, 0), "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/k/x");
}

static void no_hierarchy_at_all(void **state)
{
	(void)state;
	struct facts *facts = root_host();
	facts->cgroup = (struct facts_cgroup){ .layout = CGROUP_NONE };
	plan_of(spec_linux("'resources':{}"), facts);
	assert_refused(spec_linux("'resources':{'cpu':{'shares':9}}"), facts, "/linux/resources/cpu/shares",
	               "no cgroup hierarchy is mounted");
	assert_refused(spec_linux("'resources':{'devices':[{'allow':false,'access':'rwm'}]}"), facts,
	               "/linux/resources/devices", "no cgroup hierarchy is mounted");
}

/* --- limits ---------------------------------------------------------------------------------------------- */

static void limits(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *v1, *v2;
	} cases[] = {
		{ "'cpu':{'shares':0,'quota':0},'memory':{'limit':0}", "", "" }, /* engines' "nothing" */
		{ "'cpu':{'shares':1024}", "cpu.shares=1024", "cpu.weight=39" },
		{ "'cpu':{'shares':2}", "cpu.shares=2", "cpu.weight=1" },
		{ "'cpu':{'shares':262144}", "cpu.shares=262144", "cpu.weight=10000" },
		{ "'cpu':{'quota':50000,'period':200000,'burst':7}",
		  "cpu.cfs_period_us=200000 cpu.cfs_quota_us=50000 cpu.cfs_burst_us=7",
		  "cpu.max=50000 200000 cpu.max.burst=7" },
		{ "'cpu':{'quota':-1}", "cpu.cfs_quota_us=-1", "cpu.max=max 100000" },
		{ "'cpu':{'period':5000}", "cpu.cfs_period_us=5000", "cpu.max=max 5000" },
		{ "'cpu':{'idle':1,'cpus':'0-1','mems':'0'}", "cpu.idle=1 cpuset.cpus=0-1 cpuset.mems=0",
		  "cpu.idle=1 cpuset.cpus=0-1 cpuset.mems=0" },
		{ "'memory':{'limit':100,'swap':300,'reservation':50}",
		  "memory.limit_in_bytes=100 memory.soft_limit_in_bytes=50 memory.memsw.limit_in_bytes=300",
		  "memory.max=100 memory.low=50 memory.swap.max=200" },
		{ "'memory':{'limit':100,'swap':100}", "memory.limit_in_bytes=100 memory.memsw.limit_in_bytes=100",
		  "memory.max=100 memory.swap.max=0" },
		{ "'memory':{'limit':-1,'swap':-1}", "memory.limit_in_bytes=-1 memory.memsw.limit_in_bytes=-1",
		  "memory.max=max memory.swap.max=max" },
		{ "'memory':{'useHierarchy':true}", "memory.use_hierarchy=1", "" },
		{ "'pids':{'limit':0}", "pids.max=0", "pids.max=0" },
		{ "'pids':{'limit':-1}", "pids.max=max", "pids.max=max" },
	};
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spec *spec = spec_linux(arena_printf(&arena, "'resources':{%s}", cases[i].asked));
		assert_string_equal(written(plan_of(spec, root_host())), cases[i].v1);
		assert_string_equal(written(plan_of(spec, v2)), cases[i].v2);
	}
	assert_refused(spec_linux("'resources':{'memory':{'useHierarchy':false}}"), root_host(),
	               "/linux/resources/memory/useHierarchy", "always counted up the hierarchy");
}

/* What only cgroup v1 has is refused on v2, with what v2 has instead. */
static void only_on_v1(void **state)
{
	(void)state;
	static const struct {
		const char *asked, *v1, *pointer, *why;
	} cases[] = {
		{ "'memory':{'kernel':9}", "memory.kmem.limit_in_bytes=9", "memory/kernel", "memory/limit" },
		{ "'memory':{'kernelTCP':9}", "memory.kmem.tcp.limit_in_bytes=9", "memory/kernelTCP", "memory/limit" },
		{ "'memory':{'swappiness':0}", "memory.swappiness=0", "memory/swappiness", "vm.swappiness" },
		{ "'memory':{'disableOOMKiller':true}", "memory.oom_control=1", "memory/disableOOMKiller",
		  "oomScoreAdj" },
		{ "'cpu':{'realtimePeriod':9}", "cpu.rt_period_us=9", "cpu/realtimePeriod", "real-time" },
		{ "'cpu':{'realtimeRuntime':9}", "cpu.rt_runtime_us=9", "cpu/realtimeRuntime", "real-time" },
	};
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spec *spec = spec_linux(arena_printf(&arena, "'resources':{%s}", cases[i].asked));
		assert_string_equal(written(plan_of(spec, root_host())), cases[i].v1);
		const char *pointer = arena_printf(&arena, "/linux/resources/%s", cases[i].pointer);
		assert_refused(spec, v2, pointer, "cgroup v2 has no such limit");
		assert_refused(spec, v2, pointer, cases[i].why);
	}
	/* Each of them is said, not only the first. */
	assert_refused(spec_linux("'resources':{'memory':{'kernel':1,'swappiness':1,'limit':1}}"), v2,
	               "/linux/resources/memory/swappiness", "vm.swappiness");
	assert_int_equal(faults.count, 2);
	assert_string_equal(written(plan_of(spec_linux("'resources':{'memory':{'disableOOMKiller':false}}"), v2)), "");
}

static void things_with_names(void **state)
{
	(void)state;
	static const char *huge[] = { "hugetlb" }, *class[] = { "net_cls", "net_prio" }, *rdma[] = { "rdma" };
	static const char *pure[] = { "hugetlb", "rdma", "misc" };
	const char *named =
		"'resources':{'hugepageLimits':[{'pageSize':'2MB','limit':4194304},{'pageSize':'1GB','limit':0}],"
		"'rdma':{'mlx5_0':{'hcaHandles':3},'rxe':{'hcaHandles':1,'hcaObjects':2}}}";
	const char *network = "'resources':{'network':{'classID':1048577,'priorities':[{'name':'eth0','priority':5}]}}";
	struct facts *v1 = root_host(), *v2 = root_host();
	cgroup_pure(v2, true);
	assert_refused(spec_linux(named), v1, "/linux/resources/hugepageLimits/0", "has the controller \"hugetlb\"");
	assert_refused(spec_linux(named), v1, "/linux/resources/rdma/mlx5_0", "has the controller \"rdma\"");
	assert_int_equal(faults.count, 2); /* each once */
	v1->cgroup.hierarchies[1].controllers = huge;
	v1->cgroup.hierarchies[2].controllers = rdma;
	assert_string_equal(written(plan_of(spec_linux(named), v1)),
	                    "hugetlb.2MB.rsvd.limit_in_bytes=4194304 hugetlb.1GB.rsvd.limit_in_bytes=0 "
	                    "rdma.max=mlx5_0 hca_handle=3 rdma.max=rxe hca_handle=1 hca_object=2");
	v1->cgroup.hierarchies[1].controllers = class;
	v1->cgroup.hierarchies[1].controller_count = 2;
	assert_string_equal(written(plan_of(spec_linux(network), v1)),
	                    "net_cls.classid=1048577 net_prio.ifpriomap=eth0 5");
	assert_refused(spec_linux(network), v2, "/linux/resources/network/classID", "cgroup v2 has no such limit");
	assert_refused(spec_linux(network), v2, "/linux/resources/network/priorities/0", "nft");
	v2->cgroup.hierarchies[0].controllers = pure;
	v2->cgroup.hierarchies[0].controller_count = 3;
	const struct plan_block *block = plan_of(spec_linux(named), v2);
	assert_string_equal(written(block), "hugetlb.2MB.rsvd.max=4194304 hugetlb.1GB.rsvd.max=0 "
	                                    "rdma.max=mlx5_0 hca_handle=3 rdma.max=rxe hca_handle=1 hca_object=2");
	assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable), "hugetlb|rdma");
}

/* A file by name: its controller is enabled, a line is a write, and those of pids wait for the process. */
static void unified_files(void **state)
{
	(void)state;
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	const struct plan_block *block = plan_of(spec_linux("'resources':{'unified':{'pids.max':'0','cpuset.cpus':'0',"
	                                                    "'io.max':'8:0 rbps=1\\n\\n8:1 rbps=2\\n',"
	                                                    "'cgroup.max.depth':'3','of.another':'kernel'}}"),
	                                         v2);
	assert_string_equal(written(block), "cpuset.cpus=0 io.max=8:0 rbps=1 io.max=8:1 rbps=2 cgroup.max.depth=3 "
	                                    "of.another=kernel pids.max=0");
	assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable),
	                    "cpu|cpuset|io|memory|pids");
	assert_refused(spec_linux("'resources':{'unified':{'misc.max':'a 1'}}"), v2,
	               "/linux/resources/unified/misc.max", "has the controller \"misc\"");
	/* A hybrid has files of cgroup v2, though not these. */
	block = plan_of(spec_linux("'resources':{'unified':{'cgroup.max.depth':'3'}}"), root_host());
	assert_string_equal(written(block), "cgroup.max.depth=3");
	assert_refused(spec_linux("'resources':{'unified':{'memory.high':'1'}}"), root_host(),
	               "/linux/resources/unified/memory.high", "is not in this host's cgroup v2 hierarchy");
	struct facts *v1 = root_host();
	v1->cgroup.count--;
	v1->cgroup.layout = CGROUP_V1;
	assert_refused(spec_linux("'resources':{'unified':{'memory.high':'1'}}"), v1,
	               "/linux/resources/unified/memory.high", "this host has only cgroup v1");
}

/* The specification's weight as each scheduler's file takes it, and the controller enabled for it. */
static void block_io_weights(void **state)
{
	(void)state;
	static const struct {
		unsigned weight;
		const char *v2;
	} cases[] = { { 10, "10|1" }, { 500, "500|4950" }, { 1000, "1000|10000" } };
	static const char *blkio[] = { "blkio" };
	struct facts *v2 = root_host(), *v1 = root_host();
	cgroup_pure(v2, true);
	v1->cgroup.hierarchies[1].controllers = blkio;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct spec *spec =
			spec_linux(arena_printf(&arena, "'resources':{'blockIO':{'weight':%u}}", cases[i].weight));
		const struct plan_block *block = plan_of(spec, v2);
		const struct step *step = step_of(block, STEP_weigh_io, 0);
		assert_string_equal(list_of(block, step->weigh_io.files), "io.bfq.weight|io.weight");
		assert_string_equal(list_of(block, step->weigh_io.values), cases[i].v2);
		assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable),
		                    "cpu|io|memory|pids");
		block = plan_of(spec, v1);
		step = step_of(block, STEP_weigh_io, 0);
		assert_string_equal(list_of(block, step->weigh_io.files), "blkio.bfq.weight|blkio.weight");
		assert_string_equal(list_of(block, step->weigh_io.values),
		                    arena_printf(&arena, "%u|%u", cases[i].weight, cases[i].weight));
	}
	assert_int_equal(count_of(plan_of(spec_linux("'resources':{'blockIO':{'weight':0}}"), v2), STEP_weigh_io), 0);
	assert_refused(spec_linux("'resources':{'blockIO':{'weight':10}}"), root_host(),
	               "/linux/resources/blockIO/weight",
	               "no cgroup hierarchy of this host has the controller \"blkio\"");
}

/* Of one device: its share and its limits; a rate of 0 is none. */
static void block_io_of_a_device(void **state)
{
	(void)state;
	static const char *blkio[] = { "blkio" };
	struct facts *v2 = root_host(), *v1 = root_host();
	cgroup_pure(v2, true);
	v1->cgroup.hierarchies[1].controllers = blkio;
	struct spec *spec = spec_linux("'resources':{'blockIO':{'weightDevice':[{'major':8,'minor':16,'weight':500}],"
	                               "'throttleReadBpsDevice':[{'major':8,'minor':0,'rate':1048576},"
	                               "{'major':8,'minor':1,'rate':0}],"
	                               "'throttleWriteBpsDevice':[{'major':8,'minor':0,'rate':2}],"
	                               "'throttleReadIOPSDevice':[{'major':8,'minor':0,'rate':3}],"
	                               "'throttleWriteIOPSDevice':[{'major':8,'minor':0,'rate':4}]}}");
	const struct plan_block *block = plan_of(spec, v1);
	assert_string_equal(written(block), "blkio.throttle.read_bps_device=8:0 1048576 "
	                                    "blkio.throttle.write_bps_device=8:0 2 "
	                                    "blkio.throttle.read_iops_device=8:0 3 "
	                                    "blkio.throttle.write_iops_device=8:0 4");
	const struct step *step = step_of(block, STEP_weigh_io, 0);
	assert_string_equal(list_of(block, step->weigh_io.files), "blkio.bfq.weight_device|blkio.weight_device");
	assert_string_equal(list_of(block, step->weigh_io.values), "8:16 500|8:16 500");
	block = plan_of(spec, v2);
	assert_string_equal(written(block),
	                    "io.max=8:0 rbps=1048576 io.max=8:0 wbps=2 io.max=8:0 riops=3 io.max=8:0 wiops=4");
	step = step_of(block, STEP_weigh_io, 0);
	assert_string_equal(list_of(block, step->weigh_io.files), "io.bfq.weight|io.weight");
	assert_string_equal(list_of(block, step->weigh_io.values), "8:16 500|8:16 4950");
	assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable),
	                    "cpu|io|memory|pids");
	/* Said once, at the first that asks. */
	assert_refused(spec, root_host(), "/linux/resources/blockIO/weightDevice/0/weight", "controller \"blkio\"");
	assert_int_equal(faults.count, 1);
}

/* What the kernel would refuse for a cpuset is refused by number where the facts know the machine's processors. */
static void processors_that_are_not_there(void **state)
{
	(void)state;
	struct facts *facts = root_host();
	struct spec *spec = spec_linux("'resources':{'cpu':{'cpus':'0,2-3'}}");
	plan_of(spec, facts);
	facts->cpus_online = "0-3";
	plan_of(spec, facts);
	facts->cpus_online = "0-2";
	assert_refused(spec, facts, "/linux/resources/cpu/cpus", "no processor 3, only 0-2");
}

/* pids.max 0 forbids the clone into the cgroup as well: it is written when the process is there. */
static void process_limit_comes_after_the_process(void **state)
{
	(void)state;
	const struct plan_block *block =
		plan_of(spec_linux("'resources':{'pids':{'limit':0},'cpu':{'shares':9}}"), root_host());
	assert_string_equal(story(block, STEP_make_cgroup, STEP_enter_cgroup),
	                    "make_cgroup write_cgroup open_cgroup load_init clone write_cgroup enter_cgroup");
}

static void controllers_are_enabled(void **state)
{
	(void)state;
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	const struct plan_block *block = plan_of(spec_linux("'resources':{'cpu':{'cpus':'0'}}"), v2);
	assert_string_equal(list_of(block, step_of(block, STEP_make_cgroup, 0)->make_cgroup.enable),
	                    "cpu|cpuset|memory|pids");
	v2->cgroup.hierarchies[0].controller_count = 1;
	assert_refused(spec_linux("'resources':{'memory':{'limit':5}}"), v2, "/linux/resources/memory/limit",
	               "no cgroup hierarchy of this host has the controller \"memory\"");
}

/* --- devices --------------------------------------------------------------------------------------------- */

/* "allow LINE" or "deny LINE" of the nth device line. */
static const char *device_line(const struct plan_block *block, uint32_t nth)
{
	for (uint32_t i = 0; i < block->step_count; i++) {
		const struct step *step = plan_step(block, i);
		const char *file = step->kind == STEP_write_cgroup ? text_of(block, step->write_cgroup.file) : "";
		if (strncmp(file, "devices.", 8) == 0 && nth-- == 0)
			return arena_printf(&arena, "%s %s", file + 8, text_of(block, step->write_cgroup.value));
	}
	return "";
}

static void device_lines(void **state)
{
	(void)state;
	enum { DEFAULTS = 11 };
	const struct plan_block *block =
		plan_of(spec_linux("'resources':{'devices':[{'allow':false,'access':'rwm'},"
	                           "{'allow':true,'type':'c','major':10,'minor':200,'access':'rw'},"
	                           "{'allow':false,'type':'c','major':1,'minor':8,'access':'w'}]}"),
	                root_host());
	assert_string_equal(device_line(block, 0), "deny a *:* rwm");
	assert_string_equal(device_line(block, 1), "allow c *:* m");
	assert_string_equal(device_line(block, DEFAULTS), "allow c 136:* rwm");
	/* What the configuration says later has the last word, on the defaults too (F9). */
	assert_string_equal(device_line(block, DEFAULTS + 1), "allow c 10:200 rw");
	assert_string_equal(device_line(block, DEFAULTS + 2), "deny c 1:8 w");
	assert_string_equal(device_line(block, DEFAULTS + 3), "");
	/* Everything is allowed: the defaults are. */
	block = plan_of(spec_linux("'resources':{'devices':[{'allow':true,'access':'rwm'}]}"), root_host());
	assert_string_equal(device_line(block, 0), "deny a");
	assert_string_equal(device_line(block, 1), "allow a *:* rwm");
	assert_string_equal(device_line(block, 2), "");
	assert_string_equal(device_line(plan_of(spec_linux("'resources':{}"), root_host()), 0), "");
}

static void device_program(void **state)
{
	(void)state;
	struct spec *spec = spec_linux("'resources':{'devices':[{'allow':false,'access':'rwm'}]}");
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	const struct plan_block *block = plan_of(spec, v2);
	const struct step *load = step_of(block, STEP_load_devices, 0);
	assert_int_equal(load->load_devices.cgroup, step_of(block, STEP_clone, 0)->clone.cgroup);
	assert_true(load->load_devices.program.count > 0);
	v2->kernel.cgroup_bpf = false;
	assert_refused(spec, v2, "/linux/resources/devices", "CONFIG_CGROUP_BPF");
	/* Who cannot set a policy cannot make devices either. */
	struct spec *rootless = spec_rootless(",'resources':{'devices':[{'allow':false,'access':'rwm'}]}");
	assert_int_equal(count_of(plan_of(rootless, user_host()), STEP_load_devices), 0);
}

static void a_rule_that_v1_cannot_keep(void **state)
{
	(void)state;
	plan_of(spec_linux("'resources':{'devices':[{'allow':false,'access':'rwm'},"
	                   "{'allow':true,'type':'b','major':8,'access':'rwm'},"
	                   "{'allow':false,'type':'b','major':8,'minor':1,'access':'w'}]}"),
	        root_host());
	assert_int_equal(faults.warning_count, 1);
	assert_string_equal(faults.warnings[0].pointer, "/linux/resources/devices/2");
}

/* --- the view -------------------------------------------------------------------------------------------- */

static const struct plan_block *plan_view(const char *namespaces, const char *linux_, const struct facts *facts)
{
	struct config config = {
		.namespaces = namespaces,
		.linux_ = linux_,
		.document = ",'mounts':[{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup',"
			    "'options':['ro','nosuid']}]",
	};
	return plan_of(spec_with(config), facts);
}

static void fresh_views(void **state)
{
	(void)state;
	const char *namespaces = "{'type':'mount'},{'type':'cgroup'}";
	const struct plan_block *block = plan_view(namespaces, "", root_host());
	assert_int_equal(count_of(block, STEP_mount_fs), 8);
	assert_int_equal(count_of(block, STEP_bind), 0);
	assert_int_equal(step_of(block, STEP_mount_fs, 0)->mount_fs.attr_set, ABI_ATTR_NOSUID);
	assert_string_equal(list_of(block, step_of(block, STEP_mount_fs, 1)->mount_fs.options), "none|name=systemd");
	const struct step *cpu = step_of(block, STEP_mount_fs, 6);
	assert_string_equal(text_of(block, cpu->mount_fs.path), "/sys/fs/cgroup/cpu,cpuacct");
	assert_string_equal(list_of(block, cpu->mount_fs.options), "cpu|cpuacct");
	assert_string_equal(text_of(block, step_of(block, STEP_make_link, 1)->make_link.path),
	                    "/sys/fs/cgroup/cpuacct");
	assert_string_equal(text_of(block, step_of(block, STEP_mount_fs, 7)->mount_fs.type), "cgroup2");
	assert_int_equal(step_of(block, STEP_remount, 0)->remount.attr_set, ABI_ATTR_RDONLY);
	struct facts *v2 = root_host();
	cgroup_pure(v2, true);
	block = plan_view(namespaces, "", v2);
	assert_int_equal(count_of(block, STEP_mount_fs), 1);
	assert_string_equal(text_of(block, step_of(block, STEP_mount_fs, 0)->mount_fs.type), "cgroup2");
}

static void bound_views(void **state)
{
	(void)state;
	const struct plan_block *block = plan_view(NULL, "", root_host());
	const struct step *bind = step_of(block, STEP_bind, 3);
	assert_int_equal(count_of(block, STEP_bind), 7);
	assert_string_equal(text_of(block, bind->bind.source), "/sys/fs/cgroup/memory/kist/c1");
	assert_int_equal(bind->bind.attr_set_rec, ABI_ATTR_RDONLY | ABI_ATTR_NOSUID);
	/* The host's own tree is never writable (CVE-2023-25809). */
	struct config config = {
		.namespaces = ROOTLESS,
		.linux_ = SINGLE_MAP,
		.document = ",'mounts':[{'destination':'/sys/fs/cgroup','type':'cgroup','source':'cgroup'}]",
	};
	block = plan_of(spec_with(config), user_host());
	bind = step_of(block, STEP_bind, 0);
	assert_string_equal(text_of(block, bind->bind.source), "/sys/fs/cgroup");
	assert_int_equal(bind->bind.attr_set_rec, ABI_ATTR_RDONLY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(never_the_callers_own),
		cmocka_unit_test(ordinary_users),
		cmocka_unit_test(no_hierarchy_at_all),
		cmocka_unit_test(limits),
		cmocka_unit_test(only_on_v1),
		cmocka_unit_test(things_with_names),
		cmocka_unit_test(unified_files),
		cmocka_unit_test(block_io_weights),
		cmocka_unit_test(block_io_of_a_device),
		cmocka_unit_test(processors_that_are_not_there),
		cmocka_unit_test(process_limit_comes_after_the_process),
		cmocka_unit_test(controllers_are_enabled),
		cmocka_unit_test(device_lines),
		cmocka_unit_test(device_program),
		cmocka_unit_test(a_rule_that_v1_cannot_keep),
		cmocka_unit_test(fresh_views),
		cmocka_unit_test(bound_views),
	};
	return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
