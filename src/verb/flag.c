/* flag.c: the one parser of command lines. */
#include "verb/flag.h"

#include <errno.h>
#include <string.h>

static const struct flag *flag_named(const struct flag *flags, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(flags[i].name) == length && memcmp(flags[i].name, name, length) == 0)
			return &flags[i];
	return NULL;
}

static const struct flag *flag_lettered(const struct flag *flags, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (flags[i].letter == letter)
			return &flags[i];
	return NULL;
}

/* The flag that shares the longest beginning with a word nobody knows: good enough to see a typing error. */
static const char *flag_nearest(const struct flag *flags, size_t count, const char *name)
{
	size_t best = 1;
	const char *nearest = NULL;
	for (size_t i = 0; i < count; i++) {
		size_t same = 0;
		while (name[same] && name[same] == flags[i].name[same])
			same++;
		if (same > best) {
			best = same;
			nearest = flags[i].name;
		}
	}
	return nearest;
}

static bool flag_is_switch(const struct flag *flag)
{
	return flag->kind == FLAG_SWITCH || flag->kind == FLAG_MARK;
}

static void flag_store(struct arena *arena, const struct flag *flag, void *options, const char *value)
{
	char *place = (char *)options + flag->offset;
	if (flag->kind == FLAG_SWITCH) {
		*(bool *)place = true;
	} else if (flag->kind == FLAG_VALUE) {
		*(const char **)place = value;
	} else {
		struct given_words *values = (struct given_words *)place;
		if (values->count == values->capacity) {
			size_t capacity = values->capacity ? values->capacity * 2 : 8;
			struct given_word *items = ARENA_ARRAY(arena, capacity, struct given_word);
			if (values->count)
				memcpy(items, values->items, values->count * sizeof(*items));
			values->items = items;
			values->capacity = capacity;
		}
		values->items[values->count++] = (struct given_word){ flag->name, value };
	}
}

/* One `--word` at argv[0]; returns the words used (1 or 2). */
static int flag_long(struct arena *arena, const struct flag *flags, size_t count, void *options, int argc, char **argv,
                     struct err *err)
{
	const char *word = argv[0] + 2;
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const struct flag *flag = flag_named(flags, count, word, length);
	if (!flag) {
		const char *nearest = flag_nearest(flags, count, word);
		err_set(err, arena, 0, "unknown flag --%.*s", (int)length, word);
		if (nearest)
			err->hint = arena_printf(arena, "did you mean --%s?", nearest);
		return -EINVAL;
	}
	if (flag_is_switch(flag)) {
		if (equals && strcmp(equals, "=true") != 0 && strcmp(equals, "=false") != 0)
			return err_set(err, arena, 0, "--%s is a switch: it takes no value", flag->name);
		if (!equals || strcmp(equals, "=true") == 0)
			flag_store(arena, flag, options, NULL);
		return 1;
	}
	if (equals) {
		flag_store(arena, flag, options, equals + 1);
		return 1;
	}
	if (argc < 2)
		return err_set(err, arena, 0, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value);
	flag_store(arena, flag, options, argv[1]);
	return 2;
}

/* One `-abc` word at argv[0]; returns the words used. */
static int flag_short(struct arena *arena, const struct flag *flags, size_t count, void *options, int argc, char **argv,
                      struct err *err)
{
	for (const char *letter = argv[0] + 1; *letter; letter++) {
		const struct flag *flag = flag_lettered(flags, count, *letter);
		if (!flag)
			return err_set(err, arena, 0, "unknown flag -%c", *letter);
		if (flag_is_switch(flag)) {
			flag_store(arena, flag, options, NULL);
			continue;
		}
		if (letter[1]) {
			flag_store(arena, flag, options, letter[1] == '=' ? letter + 2 : letter + 1);
			return 1;
		}
		if (argc < 2)
			return err_set(err, arena, 0, "-%c needs a value: -%c %s", *letter, *letter, flag->value);
		flag_store(arena, flag, options, argv[1]);
		return 2;
	}
	return 1;
}

int flag_parse(struct arena *arena, const struct flag *flags, size_t count, void *options, int argc, char **argv,
               struct err *err)
{
	int at = 0;
	while (at < argc) {
		const char *word = argv[at];
		if (word[0] != '-' || word[1] == '\0')
			return at;
		if (strcmp(word, "--") == 0)
			return at + 1;
		int used = word[1] == '-' ? flag_long(arena, flags, count, options, argc - at, argv + at, err)
		                          : flag_short(arena, flags, count, options, argc - at, argv + at, err);
		if (used < 0)
			return used;
		at += used;
	}
	return at;
}

bool flag_given(const struct flag *flag, const void *options)
{
	const char *place = (const char *)options + flag->offset;
	if (flag->kind == FLAG_SWITCH)
		return *(const bool *)place;
	if (flag->kind == FLAG_VALUE)
		return *(const char *const *)(const void *)place;
	const struct given_words *values = (const void *)place; /* several flags may share them */
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i].flag, flag->name) == 0)
			return true;
	return false;
}

void flag_usage(struct buf *out, const struct flag *flags, size_t count)
{
	enum { FLAG_COLUMN = 34 };
	for (size_t i = 0; i < count; i++) {
		size_t start = out->length;
		if (flags[i].letter)
			buf_printf(out, "  -%c, --%s", flags[i].letter, flags[i].name);
		else
			buf_printf(out, "      --%s", flags[i].name);
		if (flags[i].value)
			buf_printf(out, " %s", flags[i].value);
		do
			buf_putc(out, ' ');
		while (out->length - start < FLAG_COLUMN);
		buf_printf(out, "%s\n", flags[i].help);
	}
}
