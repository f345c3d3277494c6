/* gate.c: the start gate, where a created container waits until it is started.
 *
 * Before it the world is made, behind it comes everything of /process: who the program is and what it is, which `start`
 * may still replace. So nothing of the program's identity is settled while it waits, and the runtime has no step behind
 * it: it is gone by then. */
#include "plan/build.h"

void plan_make_gate(struct plan_builder *builder)
{
	if (!builder->request->gate)
		return;
	builder->gate = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_make_gate, NULL);
	step->make_gate.path = plan_put_format(builder, "%s/%s", builder->request->state_root, builder->request->id);
	step->make_gate.gate = builder->gate;
}

void plan_gate(struct plan_builder *builder)
{
	if (builder->request->seccomp_trace)
		plan_refuse(builder, "/linux/seccomp",
		            "a container that is created and left has nobody who answers for --seccomp-trace");
	if (builder->spec->box.set)
		plan_refuse(builder, "/box", "a box lives with the kist that runs it: it cannot be created and left");
	if (builder->spec->process.terminal)
		plan_refuse(
			builder, "/process/terminal",
			"the terminal of a container that is created and left goes to its caller by a console socket, "
			"which kist cannot do yet: set it to false, or use kist run");
	plan_add(builder, STEP_listen_gate, NULL)->listen_gate.gate = builder->gate;
	plan_add(builder, STEP_open_gate, NULL);
	plan_add(builder, STEP_wait_gate, NULL)->wait_gate.gate = builder->gate;
}
