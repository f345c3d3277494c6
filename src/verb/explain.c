/* explain.c: which subject of the doctor's a failed step is about. */
#include "verb/explain.h"

#include "base/abi.h"
#include "doctor/doctor.h"
#include "plan/steps.h"

#include <string.h>

static const struct {
	const char *type;
	enum doctor_subject subject;
} file_systems[] = { { "proc", SUBJECT_PROC }, { "sysfs", SUBJECT_SYSFS }, { "overlay", SUBJECT_OVERLAY } };

static enum doctor_subject explain_mount(const struct plan_block *block, plan_text type)
{
	const char *word = type ? plan_string(block, type) : "";
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
		if (strcmp(word, file_systems[i].type) == 0)
			return file_systems[i].subject;
	return SUBJECT_MOUNT;
}

static void explain_making(uint32_t namespaces, struct doctor_case *failed)
{
	failed->namespaces = namespaces;
	failed->subject = namespaces & ABI_NEWUSER ? SUBJECT_USER : SUBJECT_NAMESPACE;
}

/* Steps whose subject needs no look at their fields. */
static const struct {
	enum step_kind kind;
	enum doctor_subject subject;
} plain[] = {
	{ STEP_make_record, SUBJECT_STATE },   { STEP_make_scratch, SUBJECT_STATE },
	{ STEP_make_cgroup, SUBJECT_CGROUP },  { STEP_load_devices, SUBJECT_DEVICES },
	{ STEP_load_init, SUBJECT_MEMFD },     { STEP_exec_init, SUBJECT_MEMFD },
	{ STEP_new_keyring, SUBJECT_KEYRING }, { STEP_write_time_offsets, SUBJECT_TIME_OFFSETS },
};

/* False when the doctor has nothing to do with such a step. */
static bool explain_subject(const struct plan_block *block, const struct step *step, struct doctor_case *failed)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		failed->subject = plain[i].subject;
		if (step->kind == plain[i].kind)
			return true;
	}
	if (step->kind == STEP_clone)
		explain_making(step->clone.namespaces, failed);
	else if (step->kind == STEP_unshare)
		explain_making(step->unshare.namespaces, failed);
	else if (step->kind == STEP_fork)
		explain_making(step->fork.namespaces, failed);
	else if (step->kind == STEP_make_network)
		explain_making(ABI_NEWNET, failed);
	else if (step->kind == STEP_write_idmap)
		failed->subject = step->write_idmap.helper ? SUBJECT_SUB_MAP : SUBJECT_OWN_MAP;
	else if (step->kind == STEP_mount_fs)
		failed->subject = explain_mount(block, step->mount_fs.type);
	else if (step->kind == STEP_open_root && step->open_root.type)
		failed->subject = explain_mount(block, step->open_root.type);
	else
		return false;
	return true;
}

void explain_failure(struct arena *arena, const struct facts *facts, const struct plan_block *block, struct err *err)
{
	struct doctor_case failed = { .number = err->number };
	if (err->step_index < 1 || (uint32_t)err->step_index > block->step_count || !err->number)
		return;
	if (!explain_subject(block, plan_step(block, (uint32_t)err->step_index - 1), &failed))
		return;
	const struct doctor_advice advice = doctor_diagnose(arena, facts, &failed);
	if (advice.why)
		err->hint = arena_printf(arena, "%s; what helps: %s", advice.why, advice.remedy);
}
