/* json.h: JSON as kist reads it: strict UTF-8, exact 64-bit integers, a place for every value, duplicates refused. */
#ifndef KIST_JSON_JSON_H
#define KIST_JSON_JSON_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_INTEGER, JSON_REAL, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A number without fraction and exponent is an integer: its magnitude in `magnitude`, its sign in `negative`;
 * one that does not fit 64 bits becomes JSON_REAL (which no property of kist accepts). What stands in the unions is
 * told by the type. Half of a value would be empty without them, and a page of memory costs a run as much as 2 KB of
 * text. */
struct json_value {
	enum json_type type;
	unsigned line, column; /* 1-based place of its first byte; columns count bytes */
	bool boolean, negative;
	union {
		uint64_t magnitude;          /* JSON_INTEGER */
		const char *string;          /* JSON_STRING: decoded UTF-8, NUL-terminated; JSON_REAL: its text */
		struct json_member *members; /* JSON_OBJECT, in the order of the text */
		struct json_value *items;    /* JSON_ARRAY */
	};
	union {
		size_t length; /* of string, which may hold NUL bytes (\u0000): decoders refuse those */
		size_t count;  /* of members or items */
	};
};
struct json_member {
	const char *key;
	size_t key_length;
	unsigned line, column; /* of the key */
	struct json_value value;
};

struct json_error {
	unsigned line, column;
	const char *text; /* "expected a comma or } after a value", "duplicate key \"args\" (first at 3:5)" ... */
};

/* What one document may hold: bytes of text, containers in containers, values in all. */
enum { JSON_BYTES = 4 << 20, JSON_DEPTH = 64, JSON_VALUES = 200000 };

/* Parses one document. Returns NULL and fills *error (the first fault) when it is not JSON. Duplicate keys do not
 * stop the parse: each is appended to `duplicates` (may be NULL: then the first is the error). */
struct json_duplicates {
	struct json_error *items;
	size_t count, capacity;
};
struct json_value *json_parse(struct arena *arena, const char *text, size_t length, struct json_error *error,
                              struct json_duplicates *duplicates);

/* The member's value, or NULL. */
const struct json_value *json_member(const struct json_value *object, const char *key);
/* Follows an RFC 6901 pointer as far as it goes; *whole tells whether it named a value. Never NULL. */
const struct json_value *json_follow(const struct json_value *root, const char *pointer, bool *whole);
/* "a string (\"sh\")", "an array", "the number 7": for messages. */
const char *json_describe(struct arena *arena, const struct json_value *value);
/* Quoted and escaped, cut after 40 bytes ("..." then follows the quote): for messages. */
const char *json_shorten(struct arena *arena, const char *bytes, size_t length);

/* The writer: appends to a buf. `json_put_string` escapes and quotes; invalid UTF-8 bytes become \ufffd. */
void json_put_string(struct buf *out, const char *string);
void json_put_bytes(struct buf *out, const char *bytes, size_t length);
/* Re-writes a value; indent < 0: on one line. */
void json_put_value(struct buf *out, const struct json_value *value, int indent);

#endif
