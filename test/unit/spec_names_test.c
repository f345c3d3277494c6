/* spec_names_test.c: the name tables against the kernel's headers, libcap and libseccomp. */
#include "base/abi.h"
#include "spec/names.h"
#include "spec/spec.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cmocka.h>

static uint64_t value_of(const struct name_table *table, const char *word)
{
	uint64_t value = UINT64_MAX;
	if (!name_value(table, word, &value))
		fail_msg("no %s %s", table->what, word);
	return value;
}

#define SAME(table, constant) assert_int_equal(value_of(&(table), #constant), constant)

static void capabilities_are_libcaps(void **state)
{
	(void)state;
	assert_int_equal(name_capabilities.count, CAP_LAST_CAP + 1);
	for (cap_value_t number = 0; number <= CAP_LAST_CAP; number++) {
		char *theirs = cap_to_name(number);
		const char *ours = name_word(&name_capabilities, (uint64_t)number);
		assert_non_null(theirs);
		assert_int_equal(strcasecmp(ours, theirs), 0);
		cap_free(theirs);
		assert_int_equal(value_of(&name_capabilities, ours), number);
	}
	assert_null(name_word(&name_capabilities, CAP_LAST_CAP + 1));
}

static void limits_are_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(name_rlimits.count, RLIM_NLIMITS);
	SAME(name_rlimits, RLIMIT_CPU);
	SAME(name_rlimits, RLIMIT_FSIZE);
	SAME(name_rlimits, RLIMIT_DATA);
	SAME(name_rlimits, RLIMIT_STACK);
	SAME(name_rlimits, RLIMIT_CORE);
	SAME(name_rlimits, RLIMIT_RSS);
	SAME(name_rlimits, RLIMIT_NPROC);
	SAME(name_rlimits, RLIMIT_NOFILE);
	SAME(name_rlimits, RLIMIT_MEMLOCK);
	SAME(name_rlimits, RLIMIT_AS);
	SAME(name_rlimits, RLIMIT_LOCKS);
	SAME(name_rlimits, RLIMIT_SIGPENDING);
	SAME(name_rlimits, RLIMIT_MSGQUEUE);
	SAME(name_rlimits, RLIMIT_NICE);
	SAME(name_rlimits, RLIMIT_RTPRIO);
	SAME(name_rlimits, RLIMIT_RTTIME);
}

static void namespaces_and_propagations_are_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(value_of(&name_namespaces, "mount"), CLONE_NEWNS);
	assert_int_equal(value_of(&name_namespaces, "pid"), CLONE_NEWPID);
	assert_int_equal(value_of(&name_namespaces, "network"), CLONE_NEWNET);
	assert_int_equal(value_of(&name_namespaces, "uts"), CLONE_NEWUTS);
	assert_int_equal(value_of(&name_namespaces, "ipc"), CLONE_NEWIPC);
	assert_int_equal(value_of(&name_namespaces, "user"), CLONE_NEWUSER);
	assert_int_equal(value_of(&name_namespaces, "cgroup"), CLONE_NEWCGROUP);
	assert_int_equal(value_of(&name_namespaces, "time"), CLONE_NEWTIME);
	assert_int_equal(value_of(&name_propagations, "private"), MS_PRIVATE);
	assert_int_equal(value_of(&name_propagations, "rshared"), MS_SHARED | MS_REC);
	assert_int_equal(value_of(&name_propagations, "slave"), MS_SLAVE);
	assert_int_equal(value_of(&name_propagations, "runbindable"), MS_UNBINDABLE | MS_REC);
}

static void scheduling_is_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(value_of(&name_policies, "SCHED_OTHER"), SCHED_NORMAL);
	SAME(name_policies, SCHED_FIFO);
	SAME(name_policies, SCHED_RR);
	SAME(name_policies, SCHED_BATCH);
	SAME(name_policies, SCHED_IDLE);
	SAME(name_policies, SCHED_DEADLINE);
	SAME(name_policy_flags, SCHED_FLAG_RESET_ON_FORK);
	SAME(name_policy_flags, SCHED_FLAG_RECLAIM);
	SAME(name_policy_flags, SCHED_FLAG_DL_OVERRUN);
	SAME(name_policy_flags, SCHED_FLAG_KEEP_POLICY);
	SAME(name_policy_flags, SCHED_FLAG_KEEP_PARAMS);
	SAME(name_policy_flags, SCHED_FLAG_UTIL_CLAMP_MIN);
	SAME(name_policy_flags, SCHED_FLAG_UTIL_CLAMP_MAX);
	SAME(name_memory_modes, MPOL_DEFAULT);
	SAME(name_memory_modes, MPOL_PREFERRED);
	SAME(name_memory_modes, MPOL_BIND);
	SAME(name_memory_modes, MPOL_INTERLEAVE);
	SAME(name_memory_modes, MPOL_LOCAL);
	SAME(name_memory_modes, MPOL_PREFERRED_MANY);
	assert_int_equal(value_of(&name_memory_modes, "MPOL_WEIGHTED_INTERLEAVE"), 6); /* Linux 6.9 */
	SAME(name_memory_flags, MPOL_F_STATIC_NODES);
	SAME(name_memory_flags, MPOL_F_RELATIVE_NODES);
	SAME(name_memory_flags, MPOL_F_NUMA_BALANCING);
	assert_int_equal(value_of(&name_personalities, "LINUX"), PER_LINUX);
	assert_int_equal(value_of(&name_personalities, "LINUX32"), PER_LINUX32);
	assert_int_equal(value_of(&name_io_classes, "IOPRIO_CLASS_RT"), 1);
	assert_int_equal(value_of(&name_io_classes, "IOPRIO_CLASS_BE"), 2);
	assert_int_equal(value_of(&name_io_classes, "IOPRIO_CLASS_IDLE"), 3);
}

static void architectures_are_libseccomps(void **state)
{
	(void)state;
	SAME(name_seccomp_architectures, SCMP_ARCH_X86);
	SAME(name_seccomp_architectures, SCMP_ARCH_X86_64);
	SAME(name_seccomp_architectures, SCMP_ARCH_ARM);
	SAME(name_seccomp_architectures, SCMP_ARCH_AARCH64);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPS);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPS64);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPS64N32);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPSEL);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPSEL64);
	SAME(name_seccomp_architectures, SCMP_ARCH_MIPSEL64N32);
	SAME(name_seccomp_architectures, SCMP_ARCH_PPC);
	SAME(name_seccomp_architectures, SCMP_ARCH_PPC64);
	SAME(name_seccomp_architectures, SCMP_ARCH_PPC64LE);
	SAME(name_seccomp_architectures, SCMP_ARCH_S390);
	SAME(name_seccomp_architectures, SCMP_ARCH_S390X);
	SAME(name_seccomp_architectures, SCMP_ARCH_PARISC);
	SAME(name_seccomp_architectures, SCMP_ARCH_PARISC64);
	SAME(name_seccomp_architectures, SCMP_ARCH_RISCV64);
	/* libseccomp's value for x32 is its own; the kernel reports x86-64's with a bit in the call's number. */
	assert_int_equal(value_of(&name_seccomp_architectures, "SCMP_ARCH_X32"), AUDIT_ARCH_X86_64);
	assert_int_equal(value_of(&name_seccomp_architectures, "SCMP_ARCH_LOONGARCH64"), AUDIT_ARCH_LOONGARCH64);
	assert_int_equal(value_of(&name_seccomp_architectures, "SCMP_ARCH_M68K"), AUDIT_ARCH_M68K);
	assert_int_equal(value_of(&name_seccomp_architectures, "SCMP_ARCH_SH"), AUDIT_ARCH_SHEL);
	assert_int_equal(value_of(&name_seccomp_architectures, "SCMP_ARCH_SHEB"), AUDIT_ARCH_SH);
	assert_int_equal(name_seccomp_architectures.count, 23); /* those of runtime-spec 1.3 (F31) */
	assert_string_equal(name_word(&name_seccomp_actions, SECCOMP_KILL_PROCESS), "SCMP_ACT_KILL_PROCESS");
}

/* Each word leads to its value, and the value to a word with it. */
static void tables_read_both_ways(void **state)
{
	static const struct name_table *const tables[] = {
		&name_capabilities,  &name_rlimits,       &name_namespaces,      &name_signals,
		&name_propagations,  &name_policies,      &name_policy_flags,    &name_io_classes,
		&name_memory_modes,  &name_memory_flags,  &name_seccomp_actions, &name_seccomp_operators,
		&name_seccomp_flags, &name_personalities, &name_device_types,    &name_seccomp_architectures,
	};
	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i]->count; j++) {
			const struct name *name = &tables[i]->names[j];
			assert_int_equal(value_of(tables[i], name->word), name->value);
			assert_int_equal(value_of(tables[i], name_word(tables[i], name->value)), name->value);
		}
		uint64_t untouched = 77;
		assert_false(name_value(tables[i], "no such word", &untouched));
		assert_int_equal(untouched, 77);
	}
}

static int signal_of(const char *word)
{
	int number = -1;
	return name_signal(word, &number) ? number : -1;
}

static void signals_have_many_spellings(void **state)
{
	(void)state;
	/* The C library's own abbreviations for all of them. */
	for (int number = 1; number < 32; number++)
		assert_int_equal(signal_of(sigabbrev_np(number)), number);
	assert_int_equal(signal_of("SIGTERM"), SIGTERM);
	assert_int_equal(signal_of("term"), SIGTERM);
	assert_int_equal(signal_of("sigkill"), SIGKILL);
	assert_int_equal(signal_of("9"), SIGKILL);
	assert_int_equal(signal_of("64"), 64);
	assert_int_equal(signal_of("RTMIN"), SIGRTMIN);
	assert_int_equal(signal_of("SIGRTMIN+3"), SIGRTMIN + 3);
	assert_int_equal(signal_of("rtmax-1"), SIGRTMAX - 1);
	static const char *const wrong[] = { "",       "0",          "65",       "-9",       "9 ",
		                             "SIG",    "SIGSIGTERM", "RTMIN-1",  "RTMIN+31", "RTMAX+1",
		                             "RTMIN+", "009",        "TERMINATE" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(signal_of(wrong[i]), -1);
}

static void near_words_are_found(void **state)
{
	(void)state;
	assert_string_equal(name_nearest(&name_namespaces, "net"), "network");
	assert_string_equal(name_nearest(&name_namespaces, "mnt"), "mount");
	assert_string_equal(name_nearest(&name_capabilities, "CAP_SYS_ADMN"), "CAP_SYS_ADMIN");
	assert_string_equal(name_nearest(&name_capabilities, "NET_ADMIN"), "CAP_NET_ADMIN");
	assert_string_equal(name_nearest(&name_capabilities, "cap_kill"), "CAP_KILL");
	assert_string_equal(name_nearest(&name_rlimits, "RLIMIT_NOFIEL"), "RLIMIT_NOFILE");
	assert_string_equal(name_nearest(&name_seccomp_architectures, "SCMP_ARCH_X86-64"), "SCMP_ARCH_X86_64");
	assert_null(name_nearest(&name_namespaces, "everything"));
	assert_null(name_nearest(&name_namespaces, ""));
	assert_null(name_nearest(&name_seccomp_actions, "SCMP_ACT_DENY"));
}

static void lists_read_as_sentences(void **state)
{
	struct arena arena;
	(void)state;
	assert_int_equal(arena_open(&arena), 0);
	assert_string_equal(name_list(&arena, &name_device_types), "c, b, u or p");
	assert_string_equal(name_list(&arena, &name_personalities), "LINUX or LINUX32");
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_libcaps),
		cmocka_unit_test(limits_are_the_kernels),
		cmocka_unit_test(namespaces_and_propagations_are_the_kernels),
		cmocka_unit_test(scheduling_is_the_kernels),
		cmocka_unit_test(architectures_are_libseccomps),
		cmocka_unit_test(tables_read_both_ways),
		cmocka_unit_test(signals_have_many_spellings),
		cmocka_unit_test(near_words_are_found),
		cmocka_unit_test(lists_read_as_sentences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
