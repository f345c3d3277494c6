/* box_config.c: a box from a config.json, and a box as one. */
#include "verb/box_config.h"

#include "json/utf8.h"
#include "spec/encode.h"
#include "spec/fault.h"
#include "verb/input.h"
#include "verb/report.h"

#include <string.h>

/* --- what goes with what prints, or reads, a whole box ---------------------------------------------------------- */

/* A flag, and which others go with it. */
struct alone {
	const char *flag, *why;
	unsigned beside; /* one bit for each of enum box_about */
	bool command;    /* one may follow */
	const char *hint;
};

static bool is_alone(struct command *command, const struct box_given *given, const struct alone *alone)
{
	struct buf others = buf_in(command->arena);
	struct err err = { 0 };
	for (size_t i = 0; i < given->flag_count; i++) {
		const struct flag *flag = &given->flags[i];
		if (!(alone->beside >> flag->about & 1) && strcmp(flag->name, alone->flag) != 0 &&
		    flag_given(flag, given->options))
			buf_printf(&others, "%s--%s", others.length ? ", " : "", flag->name);
	}
	if (given->arg_count && !alone->command)
		buf_printf(&others, "%sa command", others.length ? ", " : "");
	if (!others.length)
		return true;
	err_set(&err, command->arena, 0, "--%s %s: it does not go with %s", alone->flag, alone->why, others.bytes);
	err.hint = alone->hint;
	report_error(command, &err, NULL);
	return false;
}

/* kist plan and kist trace print something else. */
bool box_prints_once(struct command *command, const char *flag)
{
	const char *prefix = command->mode == START_PLAN ? "plan" : "trace";
	struct err err = { 0 };
	if (command->mode == START_DO || !flag)
		return true;
	err_set(&err, command->arena, 0, "`kist %s` prints the steps of a start, and --%s something else", prefix,
	        flag);
	err.hint = "take one of the two";
	report_error(command, &err, NULL);
	return false;
}

bool box_config_alone(struct command *command, const struct box_given *given)
{
	static const struct alone alone = {
		.flag = "config",
		.why = "describes the whole box",
		.beside = 1U << ABOUT_RUNNING | 1U << ABOUT_START | 1U << ABOUT_FLAGS,
		.hint = "change the config.json, or make one with --print-config from flags",
	};
	return is_alone(command, given, &alone);
}

bool box_print_alone(struct command *command, const struct box_given *given)
{
	static const struct alone alone = {
		.flag = "print-config",
		.why = "says what a box is, and starts none",
		.beside = 1U << ABOUT_BOX | 1U << ABOUT_RUNNING | 1U << ABOUT_FLAGS,
		.command = true,
		.hint = "these are about one start, and no config.json has them: leave them out",
	};
	return is_alone(command, given, &alone);
}

bool box_preset_alone(struct command *command, const struct box_given *given)
{
	static const struct alone alone = {
		.flag = "print-preset",
		.why = "prints a preset as it is, and does nothing",
		.hint = "what a preset and flags mean together --preset with --print-config shows, and `kist plan box`",
	};
	return is_alone(command, given, &alone);
}

struct spec *box_config_read(struct command *command, const char *name, struct spec_faults *faults)
{
	struct err err = { 0 };
	char *text = arena_string(command->arena, name);
	size_t length = strlen(name);
	bool is_inline = *name == '{';
	if (!is_inline && input_read(command->arena, name, "the configuration", SPEC_LIMIT, &text, &length, &err) < 0) {
		if (!err.hint)
			err.hint = "--config takes a file, fd:N, - for standard input, or JSON that begins with {";
		report_error(command, &err, NULL);
		return NULL;
	}
	/* Without a bundle, paths are taken from the caller's directory. */
	return spec_decode(command->arena, text, length, is_inline ? "--config" : name, NULL, faults);
}

/* --- printing ------------------------------------------------------------------------------------------------- */

static bool is_utf8(const char *word)
{
	const char *end = word + strlen(word);
	size_t length = 1;
	for (; word < end && length; word += length)
		length = utf8_length(word, end);
	return length;
}

static void refuse_bytes(struct spec_faults *faults, const char *what)
{
	fault_add(faults, FAULT_ERROR,
	          (struct spec_fault){
			  .pointer = "",
			  .text = arena_printf(faults->arena,
	                                       "%s: a config.json is text in UTF-8, and these bytes are none", what),
		  });
}

static void check_flag(struct spec_faults *faults, const struct flag *flag, const void *options)
{
	const char *place = (const char *)options + flag->offset;
	const char *name = arena_printf(faults->arena, "--%s", flag->name);
	if (flag->kind == FLAG_VALUE && flag_given(flag, options) &&
	    !is_utf8(*(const char *const *)(const void *)place))
		refuse_bytes(faults, name);
	if (flag->kind != FLAG_EACH)
		return;
	const struct given_words *words = (const void *)place;
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i].flag, flag->name) == 0 && !is_utf8(words->items[i].value))
			refuse_bytes(faults, name);
}

static void check_words(struct spec_faults *faults, const struct box_given *given)
{
	for (size_t i = 0; i < given->flag_count; i++)
		if (given->flags[i].about != ABOUT_FLAGS)
			check_flag(faults, &given->flags[i], given->options);
	for (size_t i = 0; i < given->arg_count; i++)
		if (!is_utf8(given->args[i]))
			refuse_bytes(faults, i ? arena_printf(faults->arena, "argument %zu", i) : "the command");
}

/* The caller's variables and directory are parts of a box too. */
static void check_taken(struct spec_faults *faults, const struct spec *spec)
{
	const struct spec_strings *env = &spec->process.env;
	for (size_t i = 0; i < env->count; i++)
		if (!is_utf8(env->items[i]))
			refuse_bytes(faults, arena_printf(faults->arena, "the variable %.*s",
			                                  (int)strcspn(env->items[i], "="), env->items[i]));
	if (spec->process.cwd && !is_utf8(spec->process.cwd))
		refuse_bytes(faults, "the directory to start in");
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].source && !is_utf8(spec->mounts[i].source))
			refuse_bytes(faults, "the source of a mount");
}

static void check_bytes(struct spec_faults *faults, const struct box_given *given, const struct spec *spec)
{
	size_t before = faults->count;
	check_words(faults, given);
	if (faults->count == before)
		check_taken(faults, spec);
}

int box_config_print(struct command *command, const struct spec *spec, struct spec_faults *faults,
                     const struct box_given *given)
{
	struct buf text = buf_in(command->arena);
	check_bytes(faults, given, spec);
	int status = report_faults(command, faults, spec);
	if (status)
		return status;
	spec_encode(&text, spec);
	return report_output(command, &text);
}
