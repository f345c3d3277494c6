/* completion.c: kist completion SHELL: what a shell can complete, made from the tables the flags are parsed with. */
#include "verb/report.h"
#include "verb/verb.h"

#include <ctype.h>
#include <string.h>

/* --- bash, and zsh through the same lines ---------------------------------------------------------- */

static void put_flags(struct buf *text, const struct flag *flags, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(text, " --%s", flags[i].name);
}

static void put_verbs(struct buf *text, bool starting)
{
	for (const struct verb *const *verb = verb_table; *verb; verb++)
		if (!starting || (*verb)->starts)
			buf_printf(text, " %s", (*verb)->name);
}

/* "default|none|FILE": the alternatives that are meant to the letter are those without a capital. */
static void put_choices(struct buf *text, const char *value)
{
	while (*value) {
		size_t length = strcspn(value, "|");
		bool literal = length != 0;
		for (size_t i = 0; i < length; i++)
			literal = literal && (islower((unsigned char)value[i]) || value[i] == '-');
		if (literal)
			buf_printf(text, " %.*s", (int)length, value);
		value += length + (value[length] == '|');
	}
}

/* One line a flag that takes a value: "--seccomp) words="default none" ;;". Where there are none, the shell offers
 * files. */
static void put_values(struct buf *text, const struct flag *flags, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!flags[i].value)
			continue;
		buf_printf(text, "\t\t--%s", flags[i].name);
		if (flags[i].letter)
			buf_printf(text, "|-%c", flags[i].letter);
		buf_puts(text, ") kist_words=\"");
		put_choices(text, flags[i].value);
		buf_puts(text, "\" ;;\n");
	}
}

static void put_verb(struct buf *text, const struct verb *verb)
{
	bool prefix = verb == &verb_plan || verb == &verb_trace;
	buf_printf(text, "\t%s)\n\t\tkist_words=\"", verb->name);
	put_flags(text, verb->flags, verb->flag_count);
	if (prefix || verb == &verb_help)
		put_verbs(text, prefix);
	buf_puts(text, "\"\n\t\tcase $2 in\n");
	put_values(text, verb->flags, verb->flag_count);
	buf_puts(text, "\t\tesac ;;\n");
}

/* kist_complete VERB PREVIOUS: sets kist_words. */
static void put_function(struct buf *text)
{
	buf_puts(text, "kist_complete() {\n\tkist_words=\n\tcase $1 in\n\t'')\n\t\tkist_words=\"");
	put_flags(text, verb_global_flags, verb_global_flags_shown());
	put_verbs(text, false);
	buf_puts(text, "\"\n\t\tcase $2 in\n");
	put_values(text, verb_global_flags, verb_global_flags_shown());
	buf_puts(text, "\t\tesac ;;\n");
	for (const struct verb *const *verb = verb_table; *verb; verb++)
		put_verb(text, *verb);
	buf_puts(
		text,
		"\tesac\n}\n"
		"# kist_verb WORD...: the verb among them that decides which flags are meant; plan and trace pass on.\n"
		"kist_verb() {\n\tkist_found=\n\tfor kist_word; do\n\t\tcase \" ");
	put_verbs(text, false);
	buf_puts(text, " \" in *\" $kist_word \"*) ;; *) continue ;; esac\n"
	               "\t\tcase $kist_found in ''|plan|trace) kist_found=$kist_word ;; esac\n\tdone\n}\n");
}

static void put_bash(struct buf *text)
{
	buf_puts(text, "# bash completion for kist; made by `kist completion bash`\n");
	put_function(text);
	buf_puts(text, "_kist() {\n"
	               "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	               "\tlocal kist_words kist_found kist_word\n"
	               "\tkist_verb \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"\n"
	               "\tkist_complete \"$kist_found\" \"$previous\"\n"
	               "\tmapfile -t COMPREPLY < <(compgen -W \"$kist_words\" -- \"$current\")\n"
	               "\t[ ${#COMPREPLY[@]} != 0 ] || mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	               "}\n"
	               "complete -o filenames -F _kist kist\n");
}

static void put_zsh(struct buf *text)
{
	buf_puts(text, "#compdef kist\n# zsh completion for kist; made by `kist completion zsh`\n");
	put_function(text);
	buf_puts(text, "_kist() {\n"
	               "\tlocal kist_words kist_found kist_word\n"
	               "\tkist_verb \"${(@)words[2,CURRENT-1]}\"\n"
	               "\tkist_complete \"$kist_found\" \"${words[CURRENT-1]}\"\n"
	               "\tcompadd -- ${=kist_words} || _files\n"
	               "}\n"
	               "compdef _kist kist\n");
}

/* --- fish: one line a flag -------------------------------------------------------------------------- */

static void put_quoted(struct buf *text, const char *words)
{
	buf_putc(text, '\'');
	for (; *words; words++) {
		if (*words == '\'' || *words == '\\')
			buf_putc(text, '\\');
		buf_putc(text, *words);
	}
	buf_putc(text, '\'');
}

static void put_fish_flags(struct buf *text, const char *condition, const struct flag *flags, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_printf(text, "complete -c kist -n '%s' -l %s", condition, flags[i].name);
		if (flags[i].letter)
			buf_printf(text, " -s %c", flags[i].letter);
		if (flags[i].value) {
			buf_puts(text, " -r -a '");
			put_choices(text, flags[i].value);
			buf_putc(text, '\'');
		}
		buf_puts(text, " -d ");
		put_quoted(text, flags[i].help);
		buf_putc(text, '\n');
	}
}

static void put_fish(struct buf *text, struct arena *arena)
{
	buf_puts(text, "# fish completion for kist; made by `kist completion fish`\n");
	put_fish_flags(text, "__fish_use_subcommand", verb_global_flags, verb_global_flags_shown());
	for (const struct verb *const *verb = verb_table; *verb; verb++) {
		buf_printf(text, "complete -c kist -n '__fish_use_subcommand' -f -a %s -d ", (*verb)->name);
		put_quoted(text, (*verb)->summary);
		buf_putc(text, '\n');
		put_fish_flags(text, arena_printf(arena, "__fish_seen_subcommand_from %s", (*verb)->name),
		               (*verb)->flags, (*verb)->flag_count);
	}
}

/* --- the verb ---------------------------------------------------------------------------------------- */

static int completion_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	struct buf text = buf_in(command->arena);
	const char *shell = argc == 1 ? argv[0] : "";
	if (strcmp(shell, "bash") == 0) {
		put_bash(&text);
	} else if (strcmp(shell, "zsh") == 0) {
		put_zsh(&text);
	} else if (strcmp(shell, "fish") == 0) {
		put_fish(&text, command->arena);
	} else {
		struct err err;
		err_set(&err, command->arena, 0, "completion takes one shell: bash, zsh or fish");
		err.hint = ". <(kist completion bash)";
		return report_error(command, &err, NULL);
	}
	return report_output(command, &text);
}

const struct verb verb_completion = {
	.name = "completion",
	.operands = "bash|zsh|fish",
	.summary = "print what lets a shell complete verbs and flags",
	.run = completion_verb,
};
