/* check_seccomp.c: checks of the system call filter. */
#include "spec/checker.h"
#include "spec/decode.h"

#include <inttypes.h>

enum { MOST_ERRNO = 4095, MOST_TRACE = UINT16_MAX }; /* the kernel cuts errors to its MAX_ERRNO */

const char *seccomp_errno_fault(struct arena *arena, enum spec_seccomp_action action, struct opt_uint number)
{
	int most = action == SECCOMP_ERRNO ? MOST_ERRNO : MOST_TRACE;
	if (number.set && action != SECCOMP_ERRNO && action != SECCOMP_TRACE)
		return arena_printf(arena, "%s returns no errno: only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do",
		                    name_word(&name_seccomp_actions, action));
	if (number.set && number.value > (uint64_t)most)
		return arena_printf(arena, "expected an integer from 0 to %d, got %" PRIu64, most, number.value);
	return NULL;
}

void check_seccomp_default(struct checker *checker)
{
	const struct spec_seccomp *seccomp = &checker->spec->linux_.seccomp;
	const char *fault = seccomp_errno_fault(checker->arena, seccomp->default_action, seccomp->default_errno);
	if (fault && !faults_touch(checker->faults, "/linux/seccomp/defaultAction"))
		check_fault(checker, "/linux/seccomp/defaultErrnoRet", "%s", fault);
}

static void check_rule(struct checker *checker, struct check_item item, const struct spec_seccomp_rule *rule)
{
	if (rule->names.count == 0)
		check_fault(checker, check_pointer(checker, item, "/names"),
		            "expected the name of at least one system call");
	for (size_t i = 0; i < rule->names.count; i++) {
		if (!rule->names.items[i][0])
			check_fault(checker,
			            arena_printf(checker->arena, "%s/names/%zu", check_pointer(checker, item, ""), i),
			            "is empty: expected the name of a system call");
	}
	for (size_t i = 0; i < rule->arg_count; i++) {
		if (rule->args[i].index > SECCOMP_LAST_ARG)
			check_fault(
				checker,
				arena_printf(checker->arena, "%s/args/%zu/index", check_pointer(checker, item, ""), i),
				"expected an integer from 0 to %d, got %u", SECCOMP_LAST_ARG, rule->args[i].index);
	}
	const char *fault = seccomp_errno_fault(checker->arena, rule->action, rule->errno_ret);
	if (fault && !faults_touch(checker->faults, check_pointer(checker, item, "/action")))
		check_fault(checker, check_pointer(checker, item, "/errnoRet"), "%s", fault);
}

void check_seccomp_rules(struct checker *checker)
{
	const struct spec_seccomp *seccomp = &checker->spec->linux_.seccomp;
	for (size_t i = 0; i < seccomp->rule_count; i++)
		check_rule(checker, (struct check_item){ "/linux/seccomp/syscalls", i }, &seccomp->rules[i]);
}

void check_seccomp_listener(struct checker *checker)
{
	const struct spec_seccomp *seccomp = &checker->spec->linux_.seccomp;
	bool listens = seccomp->listener_path && seccomp->listener_path[0];
	if (listens)
		return;
	if (seccomp->listener_metadata && seccomp->listener_metadata[0])
		check_fault(checker, "/linux/seccomp/listenerMetadata", "needs a listenerPath to be sent to");
	if (seccomp->flags & NAME_SECCOMP_WAIT_KILLABLE_RECV)
		check_fault(checker, "/linux/seccomp/flags",
		            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV needs a listenerPath");
	if (seccomp->set && seccomp->default_action == SECCOMP_NOTIFY)
		check_fault(checker, "/linux/seccomp/defaultAction", "SCMP_ACT_NOTIFY needs a listenerPath");
	for (size_t i = 0; i < seccomp->rule_count; i++) {
		if (seccomp->rules[i].action == SECCOMP_NOTIFY)
			check_fault(
				checker,
				check_pointer(checker, (struct check_item){ "/linux/seccomp/syscalls", i }, "/action"),
				"SCMP_ACT_NOTIFY needs a listenerPath");
	}
}
