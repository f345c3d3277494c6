/* spec_decode_test.c: every property of runtime-spec 1.3 arrives in its struct, exactly. */
#include "base/buf.h"
#include "base/file.h"
#include "spec/names.h"
#include "spec/spec.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static const struct spec *full; /* test/spec/full.json: each property once at least */
static struct spec_faults full_faults;

static int decode_full(void **state)
{
	(void)state;
	const char *root = getenv("KIST_SOURCE");
	char *text;
	size_t length;
	if (arena_open(&arena) < 0)
		return -1;
	const char *path = arena_printf(&arena, "%s/test/spec/full.json", root ? root : ".");
	if (file_read_at(&arena, AT_FDCWD, path, SPEC_LIMIT, &text, &length) < 0)
		return -1;
	full_faults.arena = &arena;
	full = spec_decode(&arena, text, length, "full.json", "/bundle", &full_faults);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

/* Single quotes stand for double ones, which C would want escaped. */
static const struct spec *decode(const char *text, struct spec_faults *faults)
{
	char *config = arena_string(&arena, text);
	for (char *quote = config; (quote = strchr(quote, '\'')) != NULL;)
		*quote = '"';
	*faults = (struct spec_faults){ .arena = &arena };
	return spec_decode(&arena, config, strlen(config), "config.json", NULL, faults);
}

static void assert_strings(const struct spec_strings *strings, size_t count, const char *const *expected)
{
	assert_int_equal(strings->count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(strings->items[i], expected[i]);
}
#define STRINGS(strings, ...)                                                                                          \
	assert_strings(strings, sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *),                        \
	               (const char *[]){ __VA_ARGS__ })

static void nothing_is_wrong_or_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < full_faults.count; i++)
		print_message("# %s\n", spec_fault_line(&arena, "full.json", &full_faults.items[i]));
	assert_int_equal(full_faults.count, 0);
	assert_int_equal(full_faults.note_count, 0);
	assert_int_equal(full_faults.warning_count, 0);
}

static void the_document(void **state)
{
	(void)state;
	assert_string_equal(full->oci_version, "1.3.0");
	assert_string_equal(full->source, "full.json");
	assert_string_equal(full->bundle, "/bundle");
	assert_true(full->root.set && full->root.readonly);
	assert_string_equal(full->root.path, "rootfs");
	assert_string_equal(full->hostname, "web-1");
	assert_string_equal(full->domainname, "example.test");
	assert_int_equal(full->annotations.count, 2);
	assert_string_equal(full->annotations.items[0].value, "SIGQUIT");
	assert_string_equal(full->annotations.items[1].key, "com.example/a~b");
	assert_string_equal(full->annotations.items[1].value, "");
	assert_true(full->has_vm);
	assert_null(full->platform);
}

static void the_process(void **state)
{
	const struct spec_process *process = &full->process;
	(void)state;
	assert_true(process->set && process->terminal && process->no_new_privileges);
	assert_int_equal(process->console_height.value, 24);
	assert_int_equal(process->console_width.value, 80);
	assert_string_equal(process->cwd, "/srv");
	STRINGS(&process->env, "PATH=/bin", "EMPTY=");
	STRINGS(&process->args, "printf", "%s\n",
	        "\xc3\xbcn\xc3\xaf"
	        "code \"quoted\"");
	assert_int_equal(process->user.uid, 1000);
	assert_int_equal(process->user.gid, 100);
	assert_true(process->user.umask.set);
	assert_int_equal(process->user.umask.value, 022);
	assert_int_equal(process->user.additional_gid_count, 2);
	assert_int_equal(process->user.additional_gids[1], 6);
	assert_string_equal(process->user.username, "for Windows");
	assert_string_equal(process->apparmor_profile, "acme");
	assert_string_equal(process->selinux_label, "system_u:system_r:svirt_lxc_net_t:s0:c124,c675");
	assert_true(process->oom_score_adj.set);
	assert_int_equal(process->oom_score_adj.value, -500);
	assert_string_equal(process->cpu_affinity_initial, "0-3,7");
	assert_string_equal(process->cpu_affinity_final, "1");
}

static void capabilities_and_limits(void **state)
{
	const struct spec_process *process = &full->process;
	(void)state;
	assert_true(process->capabilities.set);
	assert_int_equal(process->capabilities.bounding, 1 | 1 << 5 | UINT64_C(1) << 40);
	assert_int_equal(process->capabilities.effective, 1 << 5);
	assert_int_equal(process->capabilities.inheritable, 1 << 5);
	assert_int_equal(process->capabilities.permitted, 1 | 1 << 5);
	assert_int_equal(process->capabilities.ambient, 1 << 5);
	assert_int_equal(process->rlimit_count, 2);
	assert_int_equal(process->rlimits[0].resource, 7);
	assert_string_equal(process->rlimits[0].type, "RLIMIT_NOFILE");
	assert_int_equal(process->rlimits[0].soft, 1024);
	assert_int_equal(process->rlimits[0].hard, 4096);
	assert_true(process->rlimits[1].hard == UINT64_MAX);
	assert_int_equal(process->scheduler.policy, NAME_SCHED_DEADLINE);
	assert_int_equal(process->scheduler.nice, 5);
	assert_int_equal(process->scheduler.flags, 3);
	assert_int_equal(process->scheduler.runtime, 10000000);
	assert_int_equal(process->scheduler.deadline, 20000000);
	assert_int_equal(process->scheduler.period, 30000000);
	assert_true(process->io_priority.set);
	assert_int_equal(process->io_priority.class, NAME_IO_IDLE);
	assert_int_equal(process->io_priority.priority, 7);
}

static void mounts_and_hooks(void **state)
{
	(void)state;
	assert_int_equal(full->mount_count, 3);
	assert_string_equal(full->mounts[0].destination, "proc");
	assert_string_equal(full->mounts[1].type, "tmpfs");
	assert_string_equal(full->mounts[1].source, "tmpfs");
	STRINGS(&full->mounts[1].option_words, "nosuid", "strictatime", "mode=755", "size=64k");
	assert_int_equal(full->mounts[1].options.attr_set, ABI_ATTR_NOSUID | ABI_ATTR_STRICTATIME);
	assert_int_equal(full->mounts[1].options.data_count, 2);
	/* "type": "bind" means a bind though no option says so. */
	assert_true(full->mounts[2].options.bind && !full->mounts[2].options.bind_rec);
	assert_int_equal(full->mounts[2].options.propagation, ABI_SLAVE);
	assert_int_equal(full->mounts[2].uid_mappings.items[0].outside, 1000);
	assert_int_equal(full->mounts[2].gid_mappings.count, 1);
	static const char *const paths[HOOK_KIND_COUNT] = { "/p", "/cr", "/cc", "/sc", "/ps", "/pp" };
	for (size_t kind = 0; kind < HOOK_KIND_COUNT; kind++)
		assert_string_equal(full->hooks[kind].items[0].path, paths[kind]);
	assert_int_equal(full->hooks[HOOK_PRESTART].count, 2);
	STRINGS(&full->hooks[HOOK_PRESTART].items[0].args, "p", "1");
	STRINGS(&full->hooks[HOOK_PRESTART].items[0].env, "A=b");
	assert_int_equal(full->hooks[HOOK_PRESTART].items[0].timeout.value, 5);
	assert_false(full->hooks[HOOK_PRESTART].items[1].timeout.set);
}

static void namespaces_and_devices(void **state)
{
	const struct spec_linux *linux_ = &full->linux_;
	const char *path = "";
	(void)state;
	assert_int_equal(linux_->namespace_count, 8);
	assert_true(spec_has_namespace(full, ABI_NEWNET, &path));
	assert_string_equal(path, "/run/netns/blue");
	assert_true(spec_has_namespace(full, ABI_NEWCGROUP, &path)); /* an empty path means a new one */
	assert_null(path);
	assert_int_equal(linux_->uid_mappings.items[0].outside, 100000);
	assert_int_equal(linux_->gid_mappings.items[0].count, 65536);
	assert_int_equal(linux_->monotonic.secs, -5);
	assert_int_equal(linux_->monotonic.nanosecs, 999999999);
	assert_true(linux_->boottime.set);
	assert_int_equal(linux_->boottime.secs, 604800);
	assert_int_equal(linux_->device_count, 2);
	assert_int_equal(linux_->devices[0].type, 'c');
	assert_int_equal(linux_->devices[0].minor, 229);
	assert_int_equal(linux_->devices[0].file_mode.value, 0666); /* docker writes the file type's bits too */
	assert_int_equal(linux_->devices[0].gid.value, 2);
	assert_int_equal(linux_->devices[1].type, 'p');
	assert_false(linux_->devices[1].file_mode.set);
	assert_int_equal(linux_->net_device_count, 2);
	assert_string_equal(linux_->net_devices[0].host_name, "eth0");
	assert_string_equal(linux_->net_devices[0].name, "inner%d");
	assert_null(linux_->net_devices[1].name);
}

static void resources(void **state)
{
	const struct spec_resources *resources = &full->linux_.resources;
	(void)state;
	assert_int_equal(resources->device_count, 3);
	assert_int_equal(resources->devices[0].type, 'a');
	assert_int_equal(resources->devices[0].access, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD);
	assert_true(resources->devices[1].allow && resources->devices[1].major.set && !resources->devices[1].minor.set);
	assert_int_equal(resources->devices[1].access, DEVICE_READ | DEVICE_WRITE);
	assert_int_equal(resources->devices[2].access, DEVICE_MKNOD);
	assert_int_equal(resources->memory.limit.value, 536870912);
	assert_int_equal(resources->memory.reservation.value, 268435456);
	assert_int_equal(resources->memory.swap.value, 1073741824);
	assert_int_equal(resources->memory.kernel.value, -1);
	assert_int_equal(resources->memory.kernel_tcp.value, 7);
	assert_int_equal(resources->memory.swappiness.value, 60);
	assert_true(resources->memory.disable_oom_killer.value && resources->memory.check_before_update.value);
	assert_true(resources->memory.use_hierarchy.set && !resources->memory.use_hierarchy.value);
	assert_int_equal(resources->cpu.shares.value, 1024);
	assert_int_equal(resources->cpu.quota.value, 50000);
	assert_int_equal(resources->cpu.burst.value, 1000);
	assert_int_equal(resources->cpu.period.value, 100000);
	assert_int_equal(resources->cpu.realtime_runtime.value, 9);
	assert_int_equal(resources->cpu.realtime_period.value, 10);
	assert_int_equal(resources->cpu.idle.value, 1);
	assert_string_equal(resources->cpu.cpus, "0-1");
	assert_string_equal(resources->cpu.mems, "0");
	assert_true(resources->pids_limit.set); /* 0 is a limit (F19) */
	assert_int_equal(resources->pids_limit.value, 0);
}

static void other_resources(void **state)
{
	const struct spec_resources *resources = &full->linux_.resources;
	const struct spec_block_io *block_io = &resources->block_io;
	(void)state;
	assert_int_equal(block_io->weight.value, 500);
	assert_int_equal(block_io->leaf_weight.value, 10);
	assert_int_equal(block_io->weight_device.items[0].leaf_weight.value, 300);
	assert_int_equal(block_io->read_bps.items[0].minor, 1);
	assert_int_equal(block_io->write_bps.items[0].rate.value, 2);
	assert_int_equal(block_io->read_iops.items[0].major, 8);
	assert_true(block_io->write_iops.items[0].rate.value == UINT64_MAX);
	assert_string_equal(resources->hugepages[0].page_size, "2MB");
	assert_true(resources->hugepages[0].limit == UINT64_C(9223372036854772000));
	assert_int_equal(resources->class_id.value, 1048577);
	assert_string_equal(resources->priorities[0].name, "eth0");
	assert_int_equal(resources->priorities[0].priority, 500);
	assert_int_equal(resources->rdma_count, 2);
	assert_string_equal(resources->rdma[0].device, "mlx5_1");
	assert_int_equal(resources->rdma[0].objects.value, 10000);
	assert_false(resources->rdma[1].handles.set);
	assert_string_equal(resources->unified.items[0].key, "memory.high");
	assert_string_equal(resources->unified.items[0].value, "1G");
}

static void the_filter(void **state)
{
	const struct spec_seccomp *seccomp = &full->linux_.seccomp;
	(void)state;
	assert_int_equal(seccomp->default_action, SECCOMP_ERRNO);
	assert_int_equal(seccomp->default_errno.value, 38);
	assert_int_equal(seccomp->architecture_count, 2);
	assert_string_equal(seccomp->architectures[1], "SCMP_ARCH_X32");
	assert_int_equal(seccomp->flags, 6);
	assert_string_equal(seccomp->listener_path, "/run/listener");
	assert_string_equal(seccomp->listener_metadata, "hello");
	assert_int_equal(seccomp->rule_count, 3);
	STRINGS(&seccomp->rules[0].names, "read", "write");
	assert_int_equal(seccomp->rules[0].action, SECCOMP_ALLOW);
	assert_false(seccomp->rules[0].errno_ret.set);
	assert_int_equal(seccomp->rules[1].errno_ret.value, 1);
	assert_int_equal(seccomp->rules[1].args[0].index, 5);
	assert_int_equal(seccomp->rules[1].args[0].op, SECCOMP_MASKED_EQ);
	assert_true(seccomp->rules[1].args[0].value == UINT64_MAX);
	assert_int_equal(seccomp->rules[1].args[0].value_two, 2);
	assert_int_equal(seccomp->rules[2].action, SECCOMP_NOTIFY);
}

static void the_rest_of_linux(void **state)
{
	const struct spec_linux *linux_ = &full->linux_;
	(void)state;
	assert_string_equal(linux_->cgroups_path, "/kist/full");
	assert_string_equal(linux_->intel_rdt.clos_id, "guaranteed");
	assert_string_equal(linux_->intel_rdt.l3_cache_schema, "L3:0=7f");
	assert_string_equal(linux_->intel_rdt.mem_bw_schema, "MB:0=20");
	STRINGS(&linux_->intel_rdt.schemata, "L3:0=f");
	assert_true(linux_->intel_rdt.enable_monitoring);
	assert_int_equal(linux_->memory_policy.mode, NAME_MPOL_BIND);
	assert_string_equal(linux_->memory_policy.nodes, "0-1");
	assert_int_equal(linux_->memory_policy.flags, NAME_MPOL_STATIC_NODES | NAME_MPOL_NUMA_BALANCING);
	assert_int_equal(linux_->sysctl.count, 2);
	assert_int_equal(linux_->rootfs_propagation, ABI_SLAVE);
	STRINGS(&linux_->masked_paths, "/proc/kcore", "/proc/keys");
	STRINGS(&linux_->readonly_paths, "/proc/sys");
	assert_string_equal(linux_->mount_label, "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811");
	assert_true(linux_->personality.set && linux_->personality.linux32);
}

/* Go's encoders write null for what is not set. */
static void null_is_absent(void **state)
{
	struct spec_faults faults;
	(void)state;
	const struct spec *spec = decode("{'ociVersion':'1.0.2','root':{'path':'r','readonly':null},'process':null,"
	                                 "'mounts':null,'hooks':{'prestart':null},'annotations':null,'linux':{"
	                                 "'namespaces':null,'resources':{'hugepageLimits':null,'devices':null,"
	                                 "'memory':{'limit':null}},'seccomp':null,'personality':null}}",
	                                 &faults);
	assert_int_equal(faults.count, 0);
	assert_false(spec->process.set || spec->linux_.seccomp.set || spec->linux_.personality.set);
	assert_false(spec->linux_.resources.memory.limit.set);
	assert_true(spec->linux_.set && spec->linux_.resources.set);
	decode("{'ociVersion':null,'root':{'path':'r'}}", &faults);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].text, "missing: this property is required");
}

/* A3: ignored, and told to whoever asks; a slip of the pen gets a hint. */
static void unknown_properties_are_notes(void **state)
{
	struct spec_faults faults;
	(void)state;
	decode("{'ociVersion':'1.0.2','root':{'path':'r'},'proces':{},\n'linux':{'x/y':[1,{}]}}", &faults);
	assert_int_equal(faults.count, 0);
	assert_int_equal(faults.note_count, 2);
	assert_string_equal(spec_fault_line(&arena, "config.json", &faults.notes[0]),
	                    "config.json:1:52 /proces: unknown property, ignored (did you mean \"process\"?)");
	assert_string_equal(spec_fault_line(&arena, "config.json", &faults.notes[1]),
	                    "config.json:2:16 /linux/x~1y: unknown property, ignored");
	/* Objects of other systems are nobody's concern beside a linux one. */
	decode("{'ociVersion':'1.0.2','root':{'path':'r'},'linux':{},'windows':{'hyperv':{}},'zos':{'a':1}}", &faults);
	assert_int_equal(faults.count + faults.note_count, 0);
}

static void unknown_capabilities_warn_once(void **state)
{
	struct spec_faults faults;
	(void)state;
	const struct spec *spec = decode("{'ociVersion':'1.0.2','root':{'path':'r'},'process':{'cwd':'/',"
	                                 "'args':['sh'],'capabilities':{'bounding':['CAP_NEW','CAP_KILL'],"
	                                 "'permitted':['CAP_NEW','CAP_OLD']}}}",
	                                 &faults);
	assert_int_equal(faults.count, 0);
	assert_int_equal(faults.warning_count, 2);
	STRINGS(&spec->process.capabilities.unknown, "CAP_NEW", "CAP_OLD");
	assert_int_equal(spec->process.capabilities.bounding, 1 << 5);
}

static void too_large_a_text_is_not_read(void **state)
{
	struct spec_faults faults = { .arena = &arena };
	(void)state;
	char *text = arena_alloc(&arena, SPEC_LIMIT + 1);
	memset(text, ' ', SPEC_LIMIT + 1);
	spec_decode(&arena, text, SPEC_LIMIT + 1, "config.json", NULL, &faults);
	assert_int_equal(faults.count, 1);
	assert_string_equal(spec_fault_line(&arena, "config.json", &faults.items[0]),
	                    "config.json: 4194305 bytes: kist reads a config of at most 4194304 (4 MiB)");
}

/* However much is wrong, the list ends: 1000 faults and one remark. */
static void the_list_of_faults_ends(void **state)
{
	struct spec_faults faults;
	struct buf text = buf_in(&arena);
	(void)state;
	buf_puts(&text, "{'ociVersion':'1.0.2','root':{'path':'r'},'process':{'cwd':'/','args':[0");
	for (int i = 1; i < 3000; i++)
		buf_printf(&text, ",%d", i);
	buf_puts(&text, "]}}");
	decode(text.bytes, &faults);
	assert_int_equal(faults.count, 1001);
	assert_string_equal(faults.items[1000].text, "there is more of this kind: only the first 1000 are listed");
}

static void lists_have_limits(void **state)
{
	struct spec_faults faults;
	struct buf text = buf_in(&arena);
	(void)state;
	buf_puts(&text, "{'ociVersion':'1.0.2','root':{'path':'r'},'mounts':[{}");
	for (int i = 1; i < 4097; i++)
		buf_puts(&text, ",{}");
	buf_puts(&text, "]}");
	decode(text.bytes, &faults);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].text, "4097 entries: at most 4096 are allowed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong_or_unknown),
		cmocka_unit_test(the_document),
		cmocka_unit_test(the_process),
		cmocka_unit_test(capabilities_and_limits),
		cmocka_unit_test(mounts_and_hooks),
		cmocka_unit_test(namespaces_and_devices),
		cmocka_unit_test(resources),
		cmocka_unit_test(other_resources),
		cmocka_unit_test(the_filter),
		cmocka_unit_test(the_rest_of_linux),
		cmocka_unit_test(null_is_absent),
		cmocka_unit_test(unknown_properties_are_notes),
		cmocka_unit_test(unknown_capabilities_warn_once),
		cmocka_unit_test(too_large_a_text_is_not_read),
		cmocka_unit_test(the_list_of_faults_ends),
		cmocka_unit_test(lists_have_limits),
	};
	return cmocka_run_group_tests(tests, decode_full, close_arena);
}
