/* step_hook.c: the hooks beside the container, and the record of those that come later. */
#include "run/walk.h"

#include "state/hook.h"
#include "state/kept_hooks.h"

#include <errno.h>
#include <string.h>

int step_keep_hooks(struct walk *walk, const struct step *step)
{
	const struct plan_span text = step->keep_hooks.text;
	return kept_hooks_write(&walk->run->record, plan_bytes(walk->block, text), text.count);
}

/* NULL-terminated; `first` alone when the list is empty and there is such a thing. */
static const char *const *strings_of(struct walk *walk, struct plan_span span, const char *first)
{
	const char **strings = ARENA_ARRAY(walk->arena, (size_t)span.count + 2, const char *);
	const char *string = plan_bytes(walk->block, span);
	for (uint32_t i = 0; i < span.count; i++, string += strlen(string) + 1)
		strings[i] = string;
	if (!span.count)
		strings[0] = first;
	return strings;
}

int step_run_hook(struct walk *walk, const struct step *step)
{
	const struct step_run_hook *wanted = &step->run_hook;
	const char *path = walk_text(walk, wanted->path);
	const struct hook hook = {
		.path = path,
		.args = strings_of(walk, wanted->args, path),
		.env = strings_of(walk, wanted->env, NULL),
		.timeout = wanted->timeout,
		.directory = walk->request->bundle ? walk->request->bundle : "/",
	};
	const char *state = arena_printf(walk->arena, "%s%d%s", walk_text(walk, wanted->state),
	                                 walk->slots[wanted->pid], walk_text(walk, wanted->rest));
	struct hook_end end;
	int result = hook_run(walk->arena, &hook, state, &end);
	walk->signal = end.signal;
	return end.words ? step_fail(walk, result, "%s", end.words) : result;
}
