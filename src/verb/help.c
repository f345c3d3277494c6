/* help.c: kist help: the usage, made from the tables the flags are parsed with. */
#include "verb/report.h"
#include "verb/verb.h"

static void help_general(struct buf *text)
{
	buf_puts(text, "kist: starts a process in namespaces of its own and looks after it until it ends\n\n"
	               "usage: kist [FLAGS] VERB [VERB'S FLAGS] ...\n\nverbs:\n");
	for (const struct verb *const *verb = verb_table; *verb; verb++)
		buf_printf(text, "  %-8s %s\n", (*verb)->name, (*verb)->summary);
	buf_puts(text, "\nflags before the verb:\n");
	flag_usage(text, verb_global_flags, verb_global_flags_shown());
	buf_puts(text, "\n`kist VERB --help` shows a verb's flags, kist(1) everything.\n");
}

int verb_usage(struct command *command, const struct verb *verb)
{
	struct buf text = buf_in(command->arena);
	if (!verb) {
		help_general(&text);
		return report_output(command, &text);
	}
	buf_printf(&text, "usage: kist %s%s %s\n%s\n", verb->name, verb->flag_count ? " [FLAGS]" : "", verb->operands,
	           verb->summary);
	if (verb->flag_count)
		buf_puts(&text, "\nflags:\n");
	flag_usage(&text, verb->flags, verb->flag_count);
	return report_output(command, &text);
}

static int help_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	const struct verb *verb = argc ? verb_named(argv[0]) : NULL;
	if (verb || argc == 0)
		return verb_usage(command, verb);
	struct err err;
	err_set(&err, command->arena, 0, "unknown verb \"%s\"", argv[0]);
	err.hint = "kist --help lists the verbs";
	return report_error(command, &err, NULL);
}

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.summary = "show this, or a verb's flags",
	.run = help_verb,
};
