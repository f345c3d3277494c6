/* box_config.c: a box from a config.json, and a box as one. */
#include "verb/box_config.h"

#include "spec/encode.h"
#include "verb/input.h"
#include "verb/report.h"

#include <string.h>

/* These say how it is run, and not what it is; all others describe the box. */
static const char *const about_running[] = {
	"config",  "print-config", "preset",     "print-preset",    "name", "seccomp-trace", "pid-file",
	"timeout", "console",      "background", "die-with-parent", "log",  "wait",
};

static bool is_about_running(const char *name)
{
	for (size_t i = 0; i < sizeof(about_running) / sizeof(about_running[0]); i++)
		if (strcmp(about_running[i], name) == 0)
			return true;
	return false;
}

bool box_config_alone(struct command *command, const struct flag *flags, size_t count, const void *options,
                      bool operands)
{
	struct buf others = buf_in(command->arena);
	struct err err = { 0 };
	for (size_t i = 0; i < count; i++)
		if (!is_about_running(flags[i].name) && flag_given(&flags[i], options))
			buf_printf(&others, "%s--%s", others.length ? ", " : "", flags[i].name);
	if (operands)
		buf_printf(&others, "%sa command", others.length ? ", " : "");
	if (!others.length)
		return true;
	err_set(&err, command->arena, 0, "--config describes the whole box: it does not go with %s", others.bytes);
	err.hint = "change the config.json, or make one with --print-config from flags";
	report_error(command, &err, NULL);
	return false;
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

int box_config_print(struct command *command, const struct spec *spec, const struct spec_faults *faults)
{
	struct buf text = buf_in(command->arena);
	int status = report_faults(command, faults, spec);
	if (status)
		return status;
	spec_encode(&text, spec);
	return report_output(command, &text);
}
