/* spec_check_test.c: what the checks let pass, what cannot be applied yet, places, kernel parameters, `kist spec`. */
#include "spec/check.h"
#include "spec/default.h"
#include "spec/spec.h"
#include "spec/sysctl.h"

#include "base/abi.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int open_arena(void **state)
{
	(void)state;
	return arena_open(&arena);
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

/* A config with these members beside version and root. */
static const struct spec *decode_with(const char *members, struct spec_faults *faults)
{
	const char *comma = members[0] ? "," : "";
	return decode(arena_printf(&arena, "{'ociVersion':'1.2.0','root':{'path':'r'}%s%s}", comma, members), faults);
}

static const char *lines(const struct spec_faults *faults)
{
	struct buf text = buf_in(&arena);
	buf_puts(&text, "");
	for (size_t i = 0; i < faults->count; i++)
		buf_printf(&text, "%s\n", spec_fault_line(&arena, "config.json", &faults->items[i]));
	return text.bytes;
}

static void versions(void **state)
{
	static const char *const good[] = { "1.0.0", "1.0.2-dev", "1.1.0+dev",       "1.2.1-dev", "1.3.0",
		                            "1.3.7", "0.5.0-dev", "1.0.0-rc.1+b.01", "1.0.0--",   "1.2.3-0.a" };
	static const char *const bad[] = { "",          "1",       "1.3",    "1.3.0.", "1.3.0-",        "1.3.0+",
		                           "01.3.0",    "1.03.0",  " 1.3.0", "1.3.0 ", "1.3.x",         "1.3.0-01",
		                           "1.3.0-a..", "2.0.0",   "0.5.0",  "0.9.0",  "1.4.0",         "1.4.0-dev",
		                           "-1.0.0",    "1.3.0-ä", "10.0.0", "1.30.0", "9999999999.0.0" };
	struct spec_faults faults;
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		decode(arena_printf(&arena, "{'ociVersion':'%s','root':{'path':'r'}}", good[i]), &faults);
		assert_string_equal(lines(&faults), "");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		decode(arena_printf(&arena, "{'ociVersion':'%s','root':{'path':'r'}}", bad[i]), &faults);
		if (faults.count != 1)
			fail_msg("the version \"%s\" gave %zu faults", bad[i], faults.count);
	}
}

/* What looks odd and is legal. */
static void legal_configs_pass(void **state)
{
	static const char *const members[] = {
		"", /* no process, no linux */
		"'linux':{}",
		"'mounts':[],'linux':{'maskedPaths':[],'readonlyPaths':[],'uidMappings':[]}",
		"'hostname':''",
		"'hostname':'a','linux':{'namespaces':[{'type':'uts','path':'/proc/1/ns/uts'}]}",
		"'process':{'cwd':'/','args':[''],'env':['odd','=x']}",
		"'process':{'cwd':'/','args':['a'],'consoleSize':{'height':99999,'width':0}}",
		"'process':{'cwd':'/','args':['a'],'user':{'uid':7,'gid':7}},"
		"'linux':{'namespaces':[{'type':'user'}]}", /* a user namespace without maps */
		"'linux':{'namespaces':[{'type':'user'}],'uidMappings':[{'containerID':0,'hostID':0,"
		"'size':4294967295}]}",
		"'linux':{'namespaces':[{'type':'user','path':'/proc/1/ns/user'}],"
		"'uidMappings':[{'containerID':0,'hostID':0,'size':1}]}",
		"'mounts':[{'destination':'/','options':['rshared']},{'destination':'/a','source':'b',"
		"'options':['bind','remount','ro']}],'linux':{'namespaces':[{'type':'mount'}]}",
		"'linux':{'namespaces':[{'type':'network','path':'/run/netns/a'},{'type':'ipc'},{'type':'user'}],"
		"'sysctl':{'net/ipv4/conf/eth0.100/forwarding':'1','kernel.shm_rmid_forced':'1',"
		"'user.max_user_namespaces':'5'}}",
		"'linux':{'rootfsPropagation':'','cgroupsPath':'/a..b/..c','seccomp':{'defaultAction':'SCMP_ACT_TRACE',"
		"'defaultErrnoRet':65535,'listenerPath':'/l'}}",
		"'linux':{'resources':{'memory':{'limit':-1,'swap':-1,'reservation':0},'cpu':{'shares':0,'quota':-1,"
		"'period':100000,'cpus':'','mems':'0-3:1/2, 5'},'pids':{'limit':-1},'blockIO':{'weight':0}}}",
		"'linux':{'memoryPolicy':{'mode':'MPOL_PREFERRED'},'intelRdt':{'closID':'/','memBwSchema':''}}",
		"'process':{'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_RR','priority':99},"
		"'ioPriority':{'class':'IOPRIO_CLASS_RT'},'oomScoreAdj':1000}",
	};
	struct spec_faults faults;
	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		decode_with(members[i], &faults);
		assert_string_equal(lines(&faults), "");
		assert_int_equal(faults.warning_count, 0);
	}
}

static void odd_environment_is_a_note(void **state)
{
	struct spec_faults faults;
	(void)state;
	decode_with("'process':{'cwd':'/','args':['a'],'env':['A=b','odd']}", &faults);
	assert_int_equal(faults.note_count, 1);
	assert_string_equal(faults.notes[0].pointer, "/process/env/1");
	assert_string_equal(faults.notes[0].text, "\"odd\" is not of the form NAME=VALUE");
}

/* A config of another system: its shape is checked, nothing of Linux is asked of it, and it is not started. */
static void other_systems(void **state)
{
	struct spec_faults faults;
	(void)state;
	const struct spec *spec = decode_with("'hostname':'a','mounts':[{'destination':'/dev','type':'devfs'}],"
	                                      "'freebsd':{'jail':{'vnet':'new'}}",
	                                      &faults);
	assert_string_equal(lines(&faults), "");
	assert_string_equal(spec->platform, "freebsd");
	spec_refuse_unsupported(spec, &faults);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.items[0].pointer, "/freebsd");
	/* With a linux object it is a Linux config, and everything is asked. */
	decode_with("'hostname':'a','freebsd':{},'linux':{}", &faults);
	assert_int_equal(faults.count, 1);
}

static void check_names_are_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; spec_check_name(i); i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(spec_check_name(i), spec_check_name(j));
	}
}

/* Where nothing is asked for, nothing is refused: engines write all of these. */
static void defaults_are_not_refused(void **state)
{
	static const char *const members[] = {
		"'process':{'cwd':'/','args':['a'],'apparmorProfile':'','selinuxLabel':'',"
		"'execCPUAffinity':{'initial':'0'}},'hooks':{'prestart':[],'poststop':null}",
		"'linux':{'resources':{'memory':{'kernel':-1,'kernelTCP':0,'disableOOMKiller':false,"
		"'useHierarchy':true,'checkBeforeUpdate':false},'blockIO':{},'hugepageLimits':[],'network':{"
		"'classID':0,'priorities':[]},'rdma':{},'unified':{},'cpu':{'realtimeRuntime':0,'realtimePeriod':0,"
		"'idle':1}}}",
		"'mounts':[{'destination':'/b','type':'tmpfs','options':['tmpcopyup']}],'linux':{'namespaces':["
		"{'type':'mount'}]}",
		"'linux':{'resources':{'blockIO':{'weight':0,'leafWeight':0,'weightDevice':[]}},'mountLabel':'',"
		"'netDevices':{},'cgroupsPath':'/a:b:c'}",
	};
	struct spec_faults faults;
	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct spec *spec = decode_with(members[i], &faults);
		spec_refuse_unsupported(spec, &faults);
		assert_string_equal(lines(&faults), "");
	}
}

static void the_rest_is_refused_by_name(void **state)
{
	static const struct {
		const char *members, *pointer;
	} rows[] = {
		{ "'process':{'cwd':'/','args':['a'],'apparmorProfile':'p'}", "/process/apparmorProfile" },
		{ "'process':{'cwd':'/','args':['a'],'selinuxLabel':'l'}", "/process/selinuxLabel" },
		{ "'process':{'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_ISO'}}",
		  "/process/scheduler/policy" },
		{ "'process':{'cwd':'/','args':['a'],'scheduler':{'policy':'SCHED_OTHER','flags':["
		  "'SCHED_FLAG_UTIL_CLAMP_MAX']}}",
		  "/process/scheduler/flags" },
		{ "'linux':{'cgroupsPath':'system.slice:kist:a'}", "/linux/cgroupsPath" },
		{ "'linux':{'intelRdt':{}}", "/linux/intelRdt" },
		{ "'linux':{'mountLabel':'l'}", "/linux/mountLabel" },
		{ "'linux':{'netDevices':{'eth0':{}}}", "/linux/netDevices" },
		{ "'linux':{'seccomp':{'defaultAction':'SCMP_ACT_NOTIFY','listenerPath':'/l'}}",
		  "/linux/seccomp/defaultAction" },
		{ "'linux':{'seccomp':{'defaultAction':'SCMP_ACT_ALLOW','listenerPath':'/l','syscalls':[{'names':["
		  "'mount'],'action':'SCMP_ACT_NOTIFY'}]}}",
		  "/linux/seccomp/syscalls/0/action" },
		{ "'linux':{'resources':{'blockIO':{'leafWeight':10}}}", "/linux/resources/blockIO/leafWeight" },
		{ "'linux':{'resources':{'blockIO':{'weightDevice':[{'major':8,'minor':0,'weight':10},"
		  "{'major':8,'minor':1,'leafWeight':10}]}}}",
		  "/linux/resources/blockIO/weightDevice/1/leafWeight" },
		{ "'mounts':[{'destination':'/a','type':'tmpfs','options':['ridmap']}],'linux':{"
		  "'namespaces':[{'type':'mount'},{'type':'user'}]}",
		  "/mounts/0" },
		{ "'vm':{'kernel':{'path':'/k'}}", "/vm" },
	};
	struct spec_faults faults;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct spec *spec = decode_with(rows[i].members, &faults);
		assert_string_equal(lines(&faults), "");
		spec_refuse_unsupported(spec, &faults);
		assert_int_equal(faults.count, 1);
		assert_string_equal(faults.items[0].pointer, rows[i].pointer);
		assert_true(faults.items[0].line == 1 && faults.items[0].column > 1);
	}
}

static void places(void **state)
{
	struct spec_faults faults;
	(void)state;
	const struct spec *spec = decode("{\n\t'ociVersion': '1.2.0',\n\t'root': {\n\t\t'path': 'r'\n\t}\n}", &faults);
	assert_string_equal(spec_place(&arena, spec, "/root/path"), "config.json:4:11  /root/path");
	assert_string_equal(spec_place(&arena, spec, "/root/readonly/x"), "config.json:3:10  /root");
	assert_string_equal(spec_place(&arena, spec, "/linux/namespaces"), "config.json:1:1");
	assert_string_equal(spec_place(&arena, spec, ""), "config.json:1:1");

	struct spec_pair origins[] = { { "/mounts/0", "--bind /a:/b" }, { "/mounts/0/options", "--bind /a:/b:ro" } };
	struct spec box = { .origins = { origins, 2 } };
	assert_string_equal(spec_place(&arena, &box, "/mounts/0/source"), "--bind /a:/b");
	assert_string_equal(spec_place(&arena, &box, "/mounts/0/options/1"), "--bind /a:/b:ro");
	assert_null(spec_place(&arena, &box, "/mounts/01"));
	assert_null(spec_place(&arena, &box, ""));
}

static void kernel_parameters(void **state)
{
	static const struct {
		const char *key, *path; /* NULL: names nothing */
		uint32_t owner;
	} rows[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward", ABI_NEWNET },
		{ "net/ipv4/ip_forward", "net/ipv4/ip_forward", ABI_NEWNET },
		{ "net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding", ABI_NEWNET },
		{ "net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding", ABI_NEWNET },
		{ "kernel.msgmax", "kernel/msgmax", ABI_NEWIPC },
		{ "kernel.sem", "kernel/sem", ABI_NEWIPC },
		{ "kernel.semaphore", "kernel/semaphore", 0 },
		{ "kernel.shm_rmid_forced", "kernel/shm_rmid_forced", ABI_NEWIPC },
		{ "fs.mqueue.msg_max", "fs/mqueue/msg_max", ABI_NEWIPC },
		{ "fs.mqueue", "fs/mqueue", 0 },
		{ "kernel.domainname", "kernel/domainname", ABI_NEWUTS },
		{ "user.max_pid_namespaces", "user/max_pid_namespaces", ABI_NEWUSER },
		{ "kernel.core_pattern", "kernel/core_pattern", 0 },
		{ "network.x", "network/x", 0 },
		{ "net/../kernel/core_pattern", NULL, 0 },
		{ "net./..kernel", NULL, 0 },
		{ "net.//.kernel", NULL, 0 }, /* becomes net/../kernel */
		{ "/net/ipv4/ip_forward", NULL, 0 },
		{ "net.ipv4.", NULL, 0 },
		{ "net.ipv4.a b", NULL, 0 },
		{ "net.ipv4.a\n", NULL, 0 },
		{ "net.ipv4.a=1", NULL, 0 },
		{ "net.a+b", NULL, 0 },
		{ "net/./a", NULL, 0 },
		{ "", NULL, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = NULL;
		const char *path = sysctl_path(&arena, rows[i].key, &why);
		if (!rows[i].path) {
			if (path)
				fail_msg("%s became %s", rows[i].key, path);
			assert_non_null(why);
			continue;
		}
		assert_non_null(path);
		assert_string_equal(path, rows[i].path);
		assert_int_equal(sysctl_namespace(path), rows[i].owner);
	}
}

static void the_default_config_is_sound(void **state)
{
	struct spec_faults faults;
	const char *path;
	(void)state;
	const struct spec *root = decode(spec_default_config(&arena, false, 0, 0), &faults);
	spec_refuse_unsupported(root, &faults);
	assert_string_equal(lines(&faults), "");
	assert_int_equal(faults.warning_count + faults.note_count, 0);
	assert_int_equal(root->mount_count, 7);
	assert_int_equal(root->linux_.namespace_count, 6);
	assert_true(root->process.terminal && root->process.no_new_privileges && root->root.readonly);
	assert_string_equal(root->process.args.items[0], "sh");
	assert_string_equal(root->mounts[2].option_words.items[5], "gid=5");
	assert_string_equal(root->hostname, "kist");
	assert_int_equal(root->linux_.resources.device_count, 1);

	const struct spec *user = decode(spec_default_config(&arena, true, 1000, 4294967294), &faults);
	spec_refuse_unsupported(user, &faults);
	assert_string_equal(lines(&faults), "");
	assert_int_equal(faults.warning_count + faults.note_count, 0);
	assert_true(spec_has_namespace(user, ABI_NEWUSER, &path));
	assert_false(spec_has_namespace(user, ABI_NEWNET, &path));
	assert_false(user->linux_.resources.set);
	assert_int_equal(user->linux_.uid_mappings.items[0].outside, 1000);
	assert_true(user->linux_.gid_mappings.items[0].outside == 4294967294);
	assert_int_equal(user->mounts[2].option_words.count, 5);
	assert_true(user->mounts[5].options.bind_rec);
	assert_string_equal(user->mounts[5].source, "/sys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(legal_configs_pass),
		cmocka_unit_test(odd_environment_is_a_note),
		cmocka_unit_test(other_systems),
		cmocka_unit_test(check_names_are_distinct),
		cmocka_unit_test(defaults_are_not_refused),
		cmocka_unit_test(the_rest_is_refused_by_name),
		cmocka_unit_test(places),
		cmocka_unit_test(kernel_parameters),
		cmocka_unit_test(the_default_config_is_sound),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
