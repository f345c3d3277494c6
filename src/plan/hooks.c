/* hooks.c: the configuration's hooks: those that run while the container is made are steps, in the order of the
 * specification; those that run when it has started, or is gone, are written into the record. */
#include "json/json.h"
#include "plan/question.h"

#include <inttypes.h>

static const char *const type_names[HOOK_KIND_COUNT] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

/* What a container is called while they run (runtime-spec, "Lifecycle"). */
static const char *const type_status[HOOK_KIND_COUNT] = {
	[HOOK_PRESTART] = "creating",       [HOOK_CREATE_RUNTIME] = "creating", [HOOK_CREATE_CONTAINER] = "creating",
	[HOOK_START_CONTAINER] = "created", [HOOK_POSTSTART] = "running",       [HOOK_POSTSTOP] = "stopped",
};

bool has_create_hooks(const struct plan_builder *builder)
{
	const struct spec_hooks *hooks = builder->spec->hooks;
	return hooks[HOOK_PRESTART].count || hooks[HOOK_CREATE_RUNTIME].count || hooks[HOOK_CREATE_CONTAINER].count;
}

/* --- what they are told -------------------------------------------------------------------------------- */

/* The state on a hook's stdin. The pid is known only when the hook runs, and stands between the two texts. */
struct told {
	const char *state, *rest;
};

static struct told told_of(struct plan_builder *builder, enum spec_hook_kind type)
{
	const struct spec *spec = builder->spec;
	struct buf state = buf_in(builder->arena), rest = buf_in(builder->arena);
	buf_puts(&state, "{\"ociVersion\":");
	json_put_string(&state, spec->oci_version);
	buf_puts(&state, ",\"id\":");
	json_put_string(&state, builder->request->id);
	buf_printf(&state, ",\"status\":\"%s\"", type_status[type]);
	if (type != HOOK_POSTSTOP) /* there is no process then, and the specification leaves its pid out */
		buf_puts(&state, ",\"pid\":");
	buf_puts(&rest, ",\"bundle\":");
	json_put_string(&rest, spec->bundle ? spec->bundle : "/");
	for (size_t i = 0; i < spec->annotations.count; i++) {
		buf_puts(&rest, i ? "," : ",\"annotations\":{");
		json_put_string(&rest, spec->annotations.items[i].key);
		buf_putc(&rest, ':');
		json_put_string(&rest, spec->annotations.items[i].value);
	}
	buf_puts(&rest, spec->annotations.count ? "}}" : "}");
	return (struct told){ state.bytes, rest.bytes };
}

/* --- those of the end, as JSON for the record ---------------------------------------------------------- */

static void put_strings(struct buf *out, const char *key, const struct spec_strings *strings)
{
	buf_printf(out, ",\"%s\":[", key);
	for (size_t i = 0; i < strings->count; i++) {
		if (i)
			buf_putc(out, ',');
		json_put_string(out, strings->items[i]);
	}
	buf_putc(out, ']');
}

/* Seconds; 0: none. More than 136 years are as good as for ever. */
static uint32_t timeout_of(const struct spec_hook *hook)
{
	if (!hook->timeout.set)
		return 0;
	return hook->timeout.value > UINT32_MAX ? UINT32_MAX : (uint32_t)hook->timeout.value;
}

static void put_hooks(struct plan_builder *builder, struct buf *out, enum spec_hook_kind type)
{
	const struct spec_hooks *hooks = &builder->spec->hooks[type];
	struct told told = told_of(builder, type);
	buf_printf(out, "\"%s\":{\"state\":", type_names[type]);
	json_put_string(out, told.state);
	buf_puts(out, ",\"rest\":");
	json_put_string(out, told.rest);
	buf_puts(out, ",\"hooks\":[");
	for (size_t i = 0; i < hooks->count; i++) {
		const struct spec_hook *hook = &hooks->items[i];
		buf_puts(out, i ? ",{\"path\":" : "{\"path\":");
		json_put_string(out, hook->path);
		put_strings(out, "args", &hook->args);
		put_strings(out, "env", &hook->env);
		buf_printf(out, ",\"timeout\":%" PRIu32 "}", timeout_of(hook));
	}
	buf_puts(out, "]}");
}

static size_t list_hooks(struct plan_builder *builder, enum spec_hook_kind type, const char **list)
{
	const struct spec_hooks *hooks = &builder->spec->hooks[type];
	for (size_t i = 0; i < hooks->count; i++)
		list[i] = arena_printf(builder->arena, "%s:%s", type_names[type], hooks->items[i].path);
	return hooks->count;
}

void plan_kept_hooks(struct plan_builder *builder)
{
	const struct spec_hooks *hooks = builder->spec->hooks;
	size_t count = hooks[HOOK_POSTSTART].count + hooks[HOOK_POSTSTOP].count;
	if (!count)
		return;
	const char **list = ARENA_ARRAY(builder->arena, count, const char *);
	list_hooks(builder, HOOK_POSTSTOP, list + list_hooks(builder, HOOK_POSTSTART, list));
	struct buf text = buf_in(builder->arena);
	buf_putc(&text, '{');
	put_hooks(builder, &text, HOOK_POSTSTART);
	buf_putc(&text, ',');
	put_hooks(builder, &text, HOOK_POSTSTOP);
	buf_puts(&text, "}\n");
	struct plan_span names = plan_put_list(builder, list, count);
	struct plan_span bytes = plan_put_bytes(builder, text.bytes, text.length);
	struct step *step = plan_add(builder, STEP_keep_hooks, "/hooks");
	step->keep_hooks.hooks = names;
	step->keep_hooks.text = bytes;
}

/* --- those that are steps ------------------------------------------------------------------------------ */

/* The fields that each of the three kinds has. */
#define FILL_HOOK(builder, step, told, hook, number)                                                                   \
	do {                                                                                                           \
		(step).path = plan_put_text(builder, (hook)->path);                                                    \
		(step).index = (uint32_t)(number);                                                                     \
		(step).args = plan_put_list(builder, (hook)->args.items, (hook)->args.count);                          \
		(step).env = plan_put_list(builder, (hook)->env.items, (hook)->env.count);                             \
		(step).timeout = timeout_of(hook);                                                                     \
		(step).state = plan_put_text(builder, (told).state);                                                   \
		(step).rest = plan_put_text(builder, (told).rest);                                                     \
	} while (0)

/* Beside the container, with the host's view. */
static void run_hooks(struct plan_builder *builder, enum spec_hook_kind type)
{
	const struct spec_hooks *hooks = &builder->spec->hooks[type];
	for (size_t i = 0; i < hooks->count; i++) {
		struct step *step = plan_add(builder, STEP_run_hook, "/hooks/%s/%zu", type_names[type], i);
		step->run_hook.pid = builder->pid;
		step->run_hook.type = plan_put_text(builder, type_names[type]);
		FILL_HOOK(builder, step->run_hook, told_of(builder, type), &hooks->items[i], i);
	}
}

static void run_hooks_inside(struct plan_builder *builder)
{
	const struct spec_hooks *hooks = &builder->spec->hooks[HOOK_CREATE_CONTAINER];
	for (size_t i = 0; i < hooks->count; i++) {
		struct step *step = plan_add(builder, STEP_run_hook_inside, "/hooks/createContainer/%zu", i);
		step->run_hook_inside.root = builder->root;
		FILL_HOOK(builder, step->run_hook_inside, told_of(builder, HOOK_CREATE_CONTAINER), &hooks->items[i], i);
	}
}

/* The namespaces and the mounts are there, the network too (that is what most of them are for), and the host's root
 * still is (runtime-spec, "prestart" to "createContainer"). */
void plan_hooks(struct plan_builder *builder)
{
	if (!has_create_hooks(builder))
		return;
	plan_save(builder);
	plan_network(builder);
	run_hooks(builder, HOOK_PRESTART);
	run_hooks(builder, HOOK_CREATE_RUNTIME);
	run_hooks_inside(builder);
}

/* The program is the image's, so it gets what the container's own gets, and no more: it runs when the ids and the
 * capabilities are taken. A filter that comes before the capabilities holds for it too. */
void plan_start_hooks(struct plan_builder *builder)
{
	const struct spec_hooks *hooks = &builder->spec->hooks[HOOK_START_CONTAINER];
	for (size_t i = 0; i < hooks->count; i++) {
		struct step *step = plan_add(builder, STEP_run_hook_at_start, "/hooks/startContainer/%zu", i);
		FILL_HOOK(builder, step->run_hook_at_start, told_of(builder, HOOK_START_CONTAINER), &hooks->items[i],
		          i);
	}
}
