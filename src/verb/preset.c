/* preset.c: reads presets: one flag a line, # for comments, quotes as in a shell. */
#include "verb/preset.h"

#include "verb/input.h"
#include "verb/report.h"

#include <string.h>

enum { PRESET_BYTES = 1 << 20, PRESET_DEPTH = 8, PRESET_WORDS = 16 };

/* For people to read (--print-preset), so they say what they are for. */
static const struct {
	const char *name, *text;
} presets[] = {
	{ "build", "# A build in the current directory: it may change that and nothing else, and has no network.\n"
	           "--net none\n"
	           "--tmpfs /tmp\n"
	           "--bind .\n"
	           "--rlimit core=0\n" },
	{ "untrusted", "# A program nobody trusts: no network, no capabilities, no homes, no core files.\n"
	               "--net none\n"
	               "--cap-drop all\n"
	               "--no-new-privs on\n"
	               "--seccomp default\n"
	               "--tmpfs /home\n"
	               "--tmpfs /root\n"
	               "--tmpfs /tmp\n"
	               "--cwd /\n"
	               "--rlimit core=0\n"
	               "--rlimit nofile=1024\n" },
	{ "desktop", "# A program with windows, on the X display of the caller, and with its devices.\n"
	             "--x11\n"
	             "--dev host\n"
	             "--pass-env LANG\n" },
};
enum { PRESETS = sizeof(presets) / sizeof(presets[0]) };

struct reading {
	struct command *command;
	const struct preset_flags *flags;
	const char *name; /* of the preset */
	unsigned line, depth;
	bool failed;
};

static void fail(struct reading *reading, const char *text, const char *hint)
{
	struct err err = { 0 };
	err_set(&err, reading->command->arena, 0, "preset %s:%u: %s", reading->name, reading->line, text);
	err.hint = hint;
	report_error(reading->command, &err, NULL);
	reading->failed = true;
}

/* The text of a preset. NULL after a report. */
static const char *preset_text(struct command *command, const char *name)
{
	struct err err = { 0 };
	char *text;
	size_t length;
	for (size_t i = 0; i < PRESETS; i++)
		if (strcmp(presets[i].name, name) == 0)
			return presets[i].text;
	if (input_read(command->arena, name, "the preset", PRESET_BYTES, &text, &length, &err) == 0)
		return text;
	if (!err.hint)
		err.hint = "kist has the presets build, untrusted and desktop; any other is a file";
	report_error(command, &err, NULL);
	return NULL;
}

/* Cuts the next word out of the line, in place: "", '' and \ keep blanks together. NULL at its end. */
static char *next_word(struct reading *reading, char **line)
{
	char *from = *line + strspn(*line, " \t\r"), *word = from, *to = from;
	char quote = '\0';
	if (*from == '\0' || *from == '#')
		return NULL;
	for (; *from && (quote || !strchr(" \t\r", *from)); from++) {
		if (quote ? *from == quote : *from == '"' || *from == '\'')
			quote = quote ? '\0' : *from;
		else if (*from == '\\' && quote != '\'' && from[1])
			*to++ = *++from;
		else
			*to++ = *from;
	}
	if (quote)
		fail(reading, "a quote without its end", NULL);
	*line = from + (*from != '\0');
	*to = '\0';
	return word;
}

static void read_line(struct reading *reading, char *line, void *options)
{
	char *words[PRESET_WORDS + 1];
	struct err err = { 0 };
	int count = 0;
	for (char *word = next_word(reading, &line); word && count < PRESET_WORDS; word = next_word(reading, &line))
		words[count++] = word;
	if (count == 0)
		return;
	struct arena *arena = reading->command->arena;
	const struct flag_line all = {
		.arena = arena,
		.sets = { { reading->flags->flags, reading->flags->count, options } },
	};
	int used = flag_parse(&all, count, words, &err);
	if (used < 0)
		fail(reading, err.what, err.hint);
	else if (used < count || strcmp(words[0], "--") == 0)
		fail(reading,
		     arena_printf(arena, "expected one flag with its value, not \"%s\"",
		                  words[used < count ? used : 0]),
		     "a value with blanks stands in quotes; what is run is no part of a preset");
}

static void add_words(struct arena *arena, struct given_words *to, const struct given_words *more)
{
	struct given_word *items = ARENA_ARRAY(arena, to->count + more->count, struct given_word);
	if (to->count)
		memcpy(items, to->items, to->count * sizeof(*items));
	if (more->count)
		memcpy(items + to->count, more->items, more->count * sizeof(*items));
	*to = (struct given_words){ items, to->count + more->count, to->count + more->count };
}

/* Several flags may share a list, which is added once. */
static bool list_is_done(const struct preset_flags *flags, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (flags->flags[i].offset == flags->flags[index].offset)
			return true;
	return false;
}

static void merge(struct arena *arena, const struct preset_flags *flags, void *below, const void *above)
{
	for (size_t i = 0; i < flags->count; i++) {
		const struct flag *flag = &flags->flags[i];
		void *to = (char *)below + flag->offset;
		const void *from = (const char *)above + flag->offset;
		if (flag->kind == FLAG_SWITCH && flag_given(flag, above))
			*(bool *)to = true;
		else if (flag->kind == FLAG_VALUE && flag_given(flag, above))
			memcpy(to, from, sizeof(const char *));
		else if (flag->kind != FLAG_SWITCH && flag->kind != FLAG_VALUE && !list_is_done(flags, i))
			add_words(arena, to, from);
	}
}

/* The presets that `options` name, each read into fresh options with its own presets below it, in their order. */
static void *read_all(struct reading *outer, const void *options)
{
	struct arena *arena = outer->command->arena;
	const struct given_words *names = (const void *)((const char *)options + outer->flags->presets);
	void *all = arena_alloc(arena, outer->flags->options_size);
	if (names->count && outer->depth == PRESET_DEPTH) {
		fail(outer, "presets that name presets, eight deep", NULL);
		return all;
	}
	for (size_t i = 0; i < names->count; i++) {
		struct reading reading = *outer;
		reading.name = names->items[i].value;
		reading.depth++;
		reading.line = 0;
		const char *text = preset_text(outer->command, reading.name);
		void *own = arena_alloc(arena, outer->flags->options_size);
		char *rest = text ? arena_string(arena, text) : NULL;
		outer->failed = outer->failed || !text;
		while (rest) {
			char *line = strsep(&rest, "\n");
			reading.line++;
			read_line(&reading, line, own);
		}
		void *below = read_all(&reading, own);
		merge(arena, outer->flags, below, own);
		merge(arena, outer->flags, all, below);
		outer->failed = outer->failed || reading.failed;
	}
	return all;
}

const void *preset_apply(struct command *command, const struct preset_flags *flags, const void *options)
{
	struct reading reading = { .command = command, .flags = flags, .name = "" };
	void *all = read_all(&reading, options);
	merge(command->arena, flags, all, options);
	return reading.failed ? NULL : all;
}

int preset_print(struct command *command, const char *name)
{
	const char *text = preset_text(command, name);
	struct buf out = buf_in(command->arena);
	if (!text)
		return 125;
	buf_puts(&out, text);
	return report_output(command, &out);
}
