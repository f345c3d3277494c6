/* flag.h: one table of flags a verb: it is parsed from, and usage and completion are printed from it. */
#ifndef KIST_VERB_FLAG_H
#define KIST_VERB_FLAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/words.h"

#include <stdbool.h>
#include <stddef.h>

enum flag_kind {
	FLAG_SWITCH, /* bool */
	FLAG_VALUE,  /* const char *: the last one wins */
	FLAG_EACH,   /* struct given_words: every one counts */
	FLAG_MARK,   /* the same without a value: a switch whose place among others matters */
	FLAG_CHOICE, /* const char *: one of the words of `value`, "a|b|c"; the first where none follows */
};

struct flag {
	const char *name;  /* without the dashes */
	char letter;       /* 0: none */
	enum flag_kind kind;
	size_t offset;     /* in the verb's options struct */
	const char *value; /* what the value is called: "DIR"; NULL for a switch */
	const char *help;
	unsigned about;    /* one of the verb's own kinds of flags, where it tells them apart */
};

/* A table and the options that it is parsed into. */
struct flag_set {
	const struct flag *flags;
	size_t count;
	void *options;
};

/* How a command line is read. */
struct flag_line {
	struct arena *arena;
	struct flag_set sets[2]; /* a flag that both have is the first one's; the second may be empty */
	bool anywhere; /* flags may stand between and behind the operands too, which are then moved behind the flags */
};

/* Parses argv[0..argc) up to the first operand, or behind "--". `--flag=value`, `--flag value`, `-fvalue`, `-f value`
 * and joined switches are understood. Returns how many words were used, or -EINVAL with err naming the word (and the
 * nearest flag). */
int flag_parse(const struct flag_line *line, int argc, char **argv, struct err *err);
/* Whether it was given at all: its place in the options is not as it was. */
bool flag_given(const struct flag *flag, const void *options);
/* "  -b, --bundle DIR   the bundle's directory" lines. */
void flag_usage(struct buf *out, const struct flag *flags, size_t count);

#endif
