/* pipes.c: the caller's pipes, when they are the program's stdin, stdout and stderr.
 *
 * A pipe belongs to whoever made it, and to open it anew (/dev/stdout, /proc/self/fd/1) its mode asks for that user. So
 * it is given to the user of the program, as crun and runc do. Init can do that while it may change owners; only what
 * belongs to ids that a new user namespace does not map must be given from outside. */
#include "plan/idmap.h"
#include "plan/question.h"

/* The id outside of the new user namespace; false when that is not known here, or the caller could not give it. */
static bool outside_user(const struct plan_builder *builder, uint32_t *uid)
{
	const struct spec *spec = builder->spec;
	return namespace_is_new(builder, ABI_NEWUSER) && caller_can(builder, ABI_CAP_CHOWN) && !spec->box.user &&
	       idmap_outside(&spec->linux_.uid_mappings, spec->process.user.uid, uid);
}

/* What the caller has is not the program's. */
static bool has_other_stdio(const struct plan_builder *builder)
{
	return builder->spec->process.terminal || builder->spec->box.background;
}

void plan_give_pipes(struct plan_builder *builder)
{
	uint32_t uid;
	if (has_other_stdio(builder) || !outside_user(builder, &uid))
		return;
	plan_add(builder, STEP_give_pipes, "/process/user")->give_pipes.uid = uid;
}

void plan_take_pipes(struct plan_builder *builder)
{
	const struct spec *spec = builder->spec;
	uint32_t uid = spec->process.user.uid, outside;
	bool nobody = namespace_is_new(builder, ABI_NEWUSER) && !idmap_holds(&spec->linux_.uid_mappings, uid);
	if (has_other_stdio(builder) || outside_user(builder, &outside) || (nobody && !spec->box.user))
		return;
	struct step *step = plan_add(builder, STEP_take_pipes, "/process/user");
	step->take_pipes.identity = spec->box.user ? builder->identity : 0;
	step->take_pipes.uid = uid;
}
