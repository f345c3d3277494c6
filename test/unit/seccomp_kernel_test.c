/* seccomp_kernel_test.c: the kernel takes our programs, and decides with them as the interpreter says.
 *
 * The prober tries every system call there is without making one: in its copy of the program every action is turned
 * into an errno of its own, so no call gets past the filter, and the child reports through shared memory and ends by
 * an illegal instruction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cbpf.h"
#include "plan/seccomp.h"
#include "profile.h"

#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#ifdef __x86_64__
static const enum seccomp_arch native = SECCOMP_X86_64;
static const uint32_t native_audit = AUDIT_ARCH_X86_64;
#else
static const enum seccomp_arch native = SECCOMP_AARCH64;
static const uint32_t native_audit = AUDIT_ARCH_AARCH64;
#endif

/* Errnos for what is no errno; the profiles use none of these. */
enum { AS_ALLOW = 3001, AS_KILL = 3002, AS_OTHER = 3003 };
/* The shared page's answers: an errno, or that the call was made after all. */
enum { NOT_TRIED = -1, SUCCEEDED = 0 };

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	return arena_open(&arena);
}

static int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

/* --- probes -------------------------------------------------------------------------------------- */

struct probe {
	struct seccomp_data call;
	int answer;
};
struct probes {
	struct probe *items; /* shared with the child */
	size_t count;
};
enum { PROBES_MAX = 40000 };

static struct probes probes_new(void)
{
	struct probe *items =
		mmap(NULL, PROBES_MAX * sizeof(*items), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(items != MAP_FAILED);
	return (struct probes){ .items = items };
}

static void probes_add(struct probes *probes, uint32_t audit, uint32_t number, const uint64_t args[6])
{
	struct probe *probe = &probes->items[probes->count++];

	assert_true(probes->count <= PROBES_MAX);
	*probe = (struct probe){ .call = { .nr = number, .arch = audit }, .answer = NOT_TRIED };
	for (size_t i = 0; i < 6; i++)
		probe->call.args[i] = args[i];
}

static long call_native(const struct seccomp_data *call)
{
	long result = syscall(call->nr, call->args[0], call->args[1], call->args[2], call->args[3], call->args[4],
	                      call->args[5]);

	return result < 0 ? -errno : result;
}

/* What 32-bit programs use; it enters the kernel as one of theirs from a 64-bit one, too. */
static long call_i386(const struct seccomp_data *call)
{
	long result = -ENOSYS;

#ifdef __x86_64__
	__asm__ volatile("int $0x80"
	                 : "=a"(result)
	                 : "a"((long)call->nr), "b"(call->args[0]), "c"(call->args[1]), "d"(call->args[2]),
	                   "S"(call->args[3]), "D"(call->args[4])
	                 : "memory", "r8", "r9", "r10", "r11");
	result = (int)result;
#endif
	return result;
}

static int filter_install(const struct sock_filter *program, size_t count)
{
	struct sock_fprog filter = { .len = count, .filter = (struct sock_filter *)program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) ? -errno : 0;
}

/* Nothing here may need a system call once the filter stands: not even exit(2) works. */
static void probe_all(struct probes *probes, const struct sock_filter *program, size_t count)
{
	/* cmocka catches these. */
	signal(SIGILL, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
	if (filter_install(program, count))
		_exit(9);
	for (size_t i = 0; i < probes->count; i++) {
		struct probe *probe = &probes->items[i];
		long result = probe->call.arch == AUDIT_ARCH_I386 ? call_i386(&probe->call) : call_native(&probe->call);

		probe->answer = result < 0 ? -result : SUCCEEDED;
	}
	__builtin_trap();
}

static int run_child(struct probes *probes, const struct sock_filter *program, size_t count)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		probe_all(probes, program, count);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static struct sock_filter *only_errnos(const struct seccomp_program *program)
{
	struct sock_filter *items = ARENA_ARRAY(&arena, program->count, struct sock_filter);

	memcpy(items, program->items, program->count * sizeof(*items));
	for (size_t i = 0; i < program->count; i++) {
		if (items[i].code != (BPF_RET | BPF_K) || (items[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
			continue;
		if (items[i].k == SECCOMP_RET_ALLOW)
			items[i].k = SECCOMP_RET_ERRNO | AS_ALLOW;
		else
			items[i].k = SECCOMP_RET_ERRNO | (items[i].k == SECCOMP_RET_KILL_PROCESS ? AS_KILL : AS_OTHER);
	}
	return items;
}

/* int $0x80 ends a process on a kernel without 32-bit programs. */
static bool i386_works(void)
{
	bool works = false;
#ifdef __x86_64__
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct seccomp_data getpid_call = { .nr = 20 };

		_exit(call_i386(&getpid_call) == getpid() ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	works = status == 0;
#endif
	return works;
}

/* Since Linux 6.14 seccomp lets uretprobe pass unseen, and uprobe since it exists: they work in a probed program only
 * (elsewhere they end it or fail), and no profile of today names them. */
static bool is_unseen(uint32_t audit, uint32_t number)
{
	return audit == AUDIT_ARCH_X86_64 && (number == 335 || number == 336);
}

static void add_all_numbers(struct probes *probes, uint32_t audit)
{
	static const uint64_t args[][6] = {
		{ 0, 0, 0, 0, 0, 0 },
		{ 16, 3, 9, 0, 0, 0 },
		{ 16, 3, 8, 0, 0, 0 },
		{ 0xffffffff, 0xffffffff, 9, 0xffffffff, 0xffffffff, 0xffffffff },
		{ 0x100000008, 0x100000000, 0x100000009, 0, 0, 0 },
		{ 131080, 1, 1, 1, 1, 1 },
		{ 0x02000000, 0, 0, 0, 0, 0 },
	};
	static const uint32_t edges[] = { 1000, 0x3fffffff, 0x40000000 + 600, 0x7fffffff };

	for (size_t k = 0; k < COUNT(args); k++) {
		for (uint32_t number = 0; number <= 600; number++)
			if (!is_unseen(audit, number))
				probes_add(probes, audit, number, args[k]);
		for (size_t i = 0; i < COUNT(edges); i++)
			probes_add(probes, audit, edges[i], args[k]);
		for (uint32_t number = 0; number <= 600 && audit == AUDIT_ARCH_X86_64; number++)
			probes_add(probes, audit, 0x40000000 | number, args[k]);
	}
}

static void check_answers(const struct probes *probes, const struct sock_filter *program)
{
	for (size_t i = 0; i < probes->count; i++) {
		struct seccomp_data call = probes->items[i].call;

		/* A 32-bit program has 32-bit registers; the sixth argument was not given. */
		for (size_t k = 0; k < 6 && call.arch == AUDIT_ARCH_I386; k++)
			call.args[k] = k < 5 ? (uint32_t)call.args[k] : 0;
		int expected = cbpf_run(program, &call) & SECCOMP_RET_DATA;

		if (probes->items[i].answer != expected)
			fail_msg("arch %#x number %#x: the kernel answers %d, the interpreter %d", call.arch, call.nr,
			         probes->items[i].answer, expected);
	}
}

static void probe_profile(const char *name)
{
	struct spec_seccomp profile = profile_load(&arena, name);
	struct probes probes = probes_new();
	struct seccomp_program program;
	struct err err;
	int status;

	assert_int_equal(seccomp_compile(&arena, &profile, native, &program, &err), 0);
	const struct sock_filter *filter = only_errnos(&program);

	add_all_numbers(&probes, native_audit);
	if (i386_works())
		add_all_numbers(&probes, AUDIT_ARCH_I386);
	else
		print_message("# no 32-bit programs here: those numbers are not probed\n");
	status = run_child(&probes, filter, program.count);
	assert_true(WIFSIGNALED(status) && (WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP));
	check_answers(&probes, filter);
	print_message("# %s: %zu calls probed\n", name, probes.count);
	munmap(probes.items, PROBES_MAX * sizeof(*probes.items));
}

static void kernel_agrees_on_podman(void **state)
{
	(void)state;
	probe_profile("podman.json");
}

static void kernel_agrees_on_docker(void **state)
{
	(void)state;
	probe_profile("docker.json");
}

/* --- the real filter ------------------------------------------------------------------------------ */

/* Calls that harm nothing, and the errno each must end with under podman's profile; 0: it works. */
static const struct {
	long number;
	long args[6];
	int answer;
} harmless[] = {
	{ SYS_getpid, { 0 }, 0 },
	{ SYS_getppid, { 0 }, 0 },
	{ SYS_getuid, { 0 }, 0 },
	{ SYS_umask, { 022 }, 0 },
	{ SYS_sched_yield, { 0 }, 0 },
	{ SYS_personality, { 0xffffffff }, 0 },
	{ SYS_personality, { 0x12345 }, ENOSYS },
	{ SYS_socket, { 1, 1, 0 }, 0 },
	{ SYS_socket, { 16, 3, 9 }, EINVAL },
	{ SYS_close, { -1 }, EBADF },
	{ SYS_read, { -1, 0, 0 }, EBADF },
	{ SYS_dup, { -1 }, EBADF },
	{ SYS_openat2, { -1, 0, 0 }, EINVAL },
	{ SYS_bpf, { -1, 0, 0 }, EPERM },
	{ SYS_acct, { 0 }, EPERM },
	{ SYS_settimeofday, { 0 }, EPERM },
	{ SYS_init_module, { 0 }, EPERM },
	{ SYS_kexec_load, { 0, 0, 0xffff }, EPERM },
	{ SYS_vhangup, { 0 }, EPERM },
	{ SYS_finit_module, { -1 }, EPERM },
	{ 600, { 0 }, ENOSYS },
	{ 0x3fffffff, { 0 }, ENOSYS },
};

static void try_harmless(const struct seccomp_program *program)
{
	if (filter_install((struct sock_filter *)program->items, program->count))
		_exit(99);
	for (size_t i = 0; i < COUNT(harmless); i++) {
		const long *args = harmless[i].args;
		long result = syscall(harmless[i].number, args[0], args[1], args[2], args[3], args[4], args[5]);

		if ((result < 0 ? errno : 0) != harmless[i].answer)
			_exit(i + 1);
	}
	_exit(0);
}

static void real_calls_under_podman(void **state)
{
	struct spec_seccomp profile = profile_load(&arena, "podman.json");
	struct seccomp_program program;
	struct err err;
	int status;

	(void)state;
	assert_int_equal(seccomp_compile(&arena, &profile, native, &program, &err), 0);
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		try_harmless(&program);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("call %d: number %ld did not end with errno %d", WEXITSTATUS(status),
		         harmless[(WEXITSTATUS(status) - 1) % COUNT(harmless)].number,
		         harmless[(WEXITSTATUS(status) - 1) % COUNT(harmless)].answer);
}

static void unlisted_architectures_die(void **state)
{
	struct spec_seccomp profile = { .default_action = SECCOMP_ALLOW };
	struct seccomp_program program;
	struct probes probes = probes_new();
	struct err err;
	int status;

	(void)state;
	if (!i386_works())
		skip();
	assert_int_equal(seccomp_compile(&arena, &profile, native, &program, &err), 0);
	probes_add(&probes, AUDIT_ARCH_I386, 20, (uint64_t[6]){ 0 });
	status = run_child(&probes, (struct sock_filter *)program.items, program.count);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	munmap(probes.items, PROBES_MAX * sizeof(*probes.items));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_agrees_on_podman),
		cmocka_unit_test(kernel_agrees_on_docker),
		cmocka_unit_test(real_calls_under_podman),
		cmocka_unit_test(unlisted_architectures_die),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
