/* box_process.c: what runs in a box: the program, where it starts, what it finds in its environment. */
#include "spec/box_part.h"
#include "spec/fault.h"

#include <string.h>

/* --- the environment ------------------------------------------------------------------------------------ */

void box_variable(struct box *box, const char *variable)
{
	struct spec_strings *env = &box->spec->process.env;
	if (env->count == box->env_capacity) {
		box->env_capacity = box->env_capacity ? box->env_capacity * 2 : 16;
		const char **items = ARENA_ARRAY(box->arena, box->env_capacity, const char *);
		if (env->count)
			memcpy(items, env->items, env->count * sizeof(*items));
		env->items = items;
	}
	env->items[env->count++] = variable;
}

static const char *const *environment_here(const struct box *box)
{
	static const char *const none[] = { NULL };
	return box->flags->environment_here ? box->flags->environment_here : none;
}

/* The caller's variable of this name, NULL when it has none. */
const char *box_variable_here(const struct box *box, const char *name)
{
	size_t length = strlen(name);
	for (const char *const *at = environment_here(box); *at; at++)
		if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
			return *at;
	return NULL;
}

/* A value may be a secret: errors show the name alone. */
static void set_variable(struct box *box, const char *words)
{
	size_t length = strcspn(words, "=");
	const char *name = arena_copy(box->arena, words, length);
	const char *pointer = arena_printf(box->arena, "/process/env/%zu", box->spec->process.env.count);
	box_origin(box, pointer, "env", words[length] ? arena_printf(box->arena, "%s=...", name) : name);
	if (!words[length])
		box_fault(box, pointer,
		          "expected NAME=VALUE; --pass-env NAME takes the value from the caller's environment");
	else if (!length)
		box_fault(box, pointer, "expected NAME=VALUE, and there is no name");
	box_variable(box, words);
}

static void pass_variable(struct box *box, const char *name)
{
	const char *pointer = arena_printf(box->arena, "/process/env/%zu", box->spec->process.env.count);
	const char *variable = box_variable_here(box, name);
	box_origin(box, pointer, "pass-env", name);
	if (!*name || strchr(name, '='))
		box_fault(box, pointer, "expected the name of a variable, or all");
	else if (variable)
		box_variable(box, variable);
	else /* http_proxy and its like are passed where there is one */
		fault_add(box->faults, FAULT_NOTE,
		          (struct spec_fault){
				  .pointer = pointer,
				  .text = "the caller's environment has no such variable",
			  });
}

static void pass_all(struct box *box)
{
	for (const char *const *at = environment_here(box); *at; at++)
		if (strchr(*at, '='))
			box_variable(box, *at);
}

/* Clean, so that no secret of the caller's gets in unasked: PATH, TERM, and what is asked for, in that order. Of two
 * with one name the last counts. HOME, where nobody sets it, is that of the user inside. */
static void make_environment(struct box *box)
{
	const struct given_words *given = &box->flags->environment;
	box_variable(box, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (box->flags->term)
		box_variable(box, arena_printf(box->arena, "TERM=%s", box->flags->term));
	for (size_t i = 0; i < given->count; i++) {
		const struct given_word *word = &given->items[i];
		if (strcmp(word->flag, "pass-env") != 0)
			set_variable(box, word->value);
		else if (strcmp(word->value, "all") == 0)
			pass_all(box);
		else
			pass_variable(box, word->value);
	}
}

/* --- the program ------------------------------------------------------------------------------------------ */

static void choose_directory(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_process *process = &box->spec->process;
	process->cwd = box->spec->box.root_mode == ROOT_HOST_OVERLAY ? flags->cwd : "/";
	if (!flags->workdir)
		return;
	box_origin(box, "/process/cwd", "cwd", flags->workdir);
	process->cwd = flags->workdir; /* its check wants it absolute */
}

/* On, so that no program inside gets more than it was started with; off lets set-uid programs gain, up to the bounding
 * set. */
static void choose_privileges(struct box *box)
{
	static const char pointer[] = "/process/noNewPrivileges";
	const char *words = box->flags->no_new_privs;
	box->spec->process.no_new_privileges = !words || strcmp(words, "off") != 0;
	if (!words)
		return;
	box_origin(box, pointer, "no-new-privs", words);
	if (strcmp(words, "on") != 0 && strcmp(words, "off") != 0)
		box_fault(box, pointer, "expected on or off");
}

/* The words of the command line are its arguments; its name, in front of them, is what it was called by. */
static void choose_program(struct box *box)
{
	const struct box_flags *flags = box->flags;
	struct spec_process *process = &box->spec->process;
	process->args = (struct spec_strings){ flags->args, flags->arg_count };
	box->spec->box.argv0 = flags->argv0;
	if (!flags->host_exec)
		return;
	box_origin(box, "/process/args/0", "host-exec", flags->host_exec);
	if (!flags->host_program)
		box_fault(box, "/process/args/0", "there is no such program in the caller's PATH");
	box->spec->box.host_program = flags->host_program;
	process->args.items = ARENA_ARRAY(box->arena, flags->arg_count + 1, const char *);
	process->args.items[0] = flags->host_exec;
	for (size_t i = 0; i < flags->arg_count; i++)
		process->args.items[i + 1] = flags->args[i];
	process->args.count = flags->arg_count + 1;
}

void box_process(struct box *box)
{
	struct spec_process *process = &box->spec->process;
	process->set = true;
	choose_program(box);
	choose_directory(box);
	make_environment(box);
	choose_privileges(box);
}
