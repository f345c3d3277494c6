/* flag.c: the one parser of command lines. */
#include "verb/flag.h"

#include "spec/nearest.h"

#include <errno.h>
#include <string.h>

enum { FLAG_SETS = 2 };

/* A flag, and the options of its set. */
struct found {
	const struct flag *flag;
	void *options;
};

/* By its name, or where that is NULL by its letter. */
static struct found flag_find(const struct flag_line *line, const char *name, size_t length, char letter)
{
	for (size_t set = 0; set < FLAG_SETS; set++) {
		for (size_t i = 0; i < line->sets[set].count; i++) {
			const struct flag *flag = &line->sets[set].flags[i];
			bool same = name ? strlen(flag->name) == length && memcmp(flag->name, name, length) == 0
			                 : flag->letter == letter;
			if (same)
				return (struct found){ flag, line->sets[set].options };
		}
	}
	return (struct found){ 0 };
}

/* The flag that somebody may have meant with a word nobody knows: one that is nearly the same, or else one that shares
 * at least half of it, from the beginning. */
static const char *flag_nearest(const struct flag_line *line, const char *name)
{
	struct nearest near = { .word = name };
	size_t best = strlen(name) / 2;
	const char *longest = NULL;
	for (size_t set = 0; set < FLAG_SETS; set++)
		for (size_t i = 0; i < line->sets[set].count; i++) {
			const char *known = line->sets[set].flags[i].name;
			size_t same = 0;
			nearest_offer(&near, known);
			while (name[same] && name[same] == known[same])
				same++;
			if (same > best) {
				best = same;
				longest = known;
			}
		}
	return near.best ? near.best : longest;
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
	} else if (flag->kind == FLAG_VALUE || flag->kind == FLAG_CHOICE) {
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

/* "a" of "a|b|c", or the one that `word` is; NULL: none of them. */
static const char *flag_choice(struct arena *arena, const struct flag *flag, const char *word)
{
	for (const char *choice = flag->value;; choice++) {
		size_t length = strcspn(choice, "|");
		if (!word || (strlen(word) == length && memcmp(word, choice, length) == 0))
			return arena_copy(arena, choice, length);
		choice += length;
		if (!*choice)
			return NULL;
	}
}

/* `next` is the word behind the flag, or NULL; it is taken only when it is one of the choices. */
static int flag_take_choice(const struct flag_line *line, struct found found, const char *value, const char *next,
                            struct err *err)
{
	const char *choice = flag_choice(line->arena, found.flag, value ? value : next);
	if (value && !choice)
		return err_set(err, line->arena, 0, "--%s is %s, not \"%s\"", found.flag->name, found.flag->value,
		               value);
	bool taken = !value && next && choice;
	flag_store(line->arena, found.flag, found.options,
	           choice ? choice : flag_choice(line->arena, found.flag, NULL));
	return taken ? 2 : 1;
}

static int flag_unknown(const struct flag_line *line, const char *word, size_t length, struct err *err)
{
	const char *nearest = flag_nearest(line, arena_copy(line->arena, word, length));
	err_set(err, line->arena, 0, "unknown flag --%.*s", (int)length, word);
	if (nearest)
		err->hint = arena_printf(line->arena, "did you mean --%s?", nearest);
	return -EINVAL;
}

static int flag_take_switch(const struct flag_line *line, struct found found, const char *value, struct err *err)
{
	if (value && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
		return err_set(err, line->arena, 0, "--%s is a switch: it takes no value", found.flag->name);
	if (!value || strcmp(value, "true") == 0)
		flag_store(line->arena, found.flag, found.options, NULL);
	else if (found.flag->kind == FLAG_SWITCH) /* the last one counts */
		*(bool *)((char *)found.options + found.flag->offset) = false;
	return 1;
}

/* One `--word` at argv[0]; returns the words used (1 or 2). */
static int flag_long(const struct flag_line *line, int argc, char **argv, struct err *err)
{
	const char *word = argv[0] + 2;
	const char *equals = strchr(word, '=');
	size_t length = equals ? (size_t)(equals - word) : strlen(word);
	const char *value = equals ? equals + 1 : NULL;
	struct found found = flag_find(line, word, length, '\0');
	const struct flag *flag = found.flag;
	if (!flag)
		return flag_unknown(line, word, length, err);
	if (flag_is_switch(flag))
		return flag_take_switch(line, found, value, err);
	if (flag->kind == FLAG_CHOICE)
		return flag_take_choice(line, found, value, argc > 1 ? argv[1] : NULL, err);
	if (!value && argc < 2)
		return err_set(err, line->arena, 0, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value);
	flag_store(line->arena, flag, found.options, value ? value : argv[1]);
	return value ? 1 : 2;
}

/* One `-abc` word at argv[0]; returns the words used. */
static int flag_short(const struct flag_line *line, int argc, char **argv, struct err *err)
{
	for (const char *letter = argv[0] + 1; *letter; letter++) {
		struct found found = flag_find(line, NULL, 0, *letter);
		if (!found.flag)
			return err_set(err, line->arena, 0, "unknown flag -%c", *letter);
		if (flag_is_switch(found.flag)) {
			flag_store(line->arena, found.flag, found.options, NULL);
			continue;
		}
		if (letter[1]) {
			flag_store(line->arena, found.flag, found.options, letter[1] == '=' ? letter + 2 : letter + 1);
			return 1;
		}
		if (argc < 2)
			return err_set(err, line->arena, 0, "-%c needs a value: -%c %s", *letter, *letter,
			               found.flag->value);
		flag_store(line->arena, found.flag, found.options, argv[1]);
		return 2;
	}
	return 1;
}

/* The flag of `words` words at argv[at] goes before the operands, `operands` of them, that stand before it. */
static void flag_move_up(char **argv, int at, int words, int operands)
{
	for (int moved = 0; moved < words; moved++) {
		char *word = argv[at + moved];
		memmove(&argv[at + moved - operands + 1], &argv[at + moved - operands],
		        (size_t)operands * sizeof(*argv));
		argv[at + moved - operands] = word;
	}
}

int flag_parse(const struct flag_line *line, int argc, char **argv, struct err *err)
{
	int at = 0, operands = 0;
	while (at < argc) {
		const char *word = argv[at];
		bool operand = word[0] != '-' || word[1] == '\0';
		if (operand && !line->anywhere)
			return at;
		if (operand) {
			operands++;
			at++;
			continue;
		}
		bool end = strcmp(word, "--") == 0;
		int used = 1;
		if (!end)
			used = word[1] == '-' ? flag_long(line, argc - at, argv + at, err)
			                      : flag_short(line, argc - at, argv + at, err);
		if (used < 0)
			return used;
		flag_move_up(argv, at, used, operands);
		at += used;
		if (end)
			break;
	}
	return at - operands;
}

bool flag_given(const struct flag *flag, const void *options)
{
	const char *place = (const char *)options + flag->offset;
	if (flag->kind == FLAG_SWITCH)
		return *(const bool *)place;
	if (flag->kind == FLAG_VALUE || flag->kind == FLAG_CHOICE)
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
			buf_printf(out, flags[i].kind == FLAG_CHOICE ? "[=%s]" : " %s", flags[i].value);
		do
			buf_putc(out, ' ');
		while (out->length - start < FLAG_COLUMN);
		buf_printf(out, "%s\n", flags[i].help);
	}
}
