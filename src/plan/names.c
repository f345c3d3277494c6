/* names.c: the names of the container's machine, and its way to itself. */
#include "plan/build.h"
#include "plan/question.h"

static void set_name(struct plan_builder *builder, char which, const char *name, const char *pointer)
{
	/* Without a namespace of its own it would rename the host: the check of the spec says so. */
	bool own = namespace_is_new(builder, ABI_NEWUTS) || namespace_is_joined(builder, ABI_NEWUTS);
	if (!name || !own)
		return;
	struct step *step = plan_add(builder, STEP_set_name, "%s", pointer);
	step->set_name.which = (uint32_t)which;
	step->set_name.name = plan_put_text(builder, name);
}

void plan_names(struct plan_builder *builder)
{
	set_name(builder, 'h', builder->spec->hostname, "/hostname");
	set_name(builder, 'd', builder->spec->domainname, "/domainname");
	/* A joined network has been set up by whoever made it. */
	if (namespace_is_new(builder, ABI_NEWNET))
		plan_add(builder, STEP_raise_loopback, NULL);
}
