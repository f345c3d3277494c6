/* codec.h: structs to JSON and back by tables of their fields: one row a field serves both ways. */
#ifndef KIST_FACTS_CODEC_H
#define KIST_FACTS_CODEC_H

#include "base/err.h"
#include "json/json.h"

enum field_kind {
	FIELD_BOOL,
	FIELD_U32, /* unsigned, int or uint32_t: at most `most` */
	FIELD_U64,
	FIELD_LIMIT, /* uint64_t; UINT64_MAX is written "unlimited" */
	FIELD_WORD,  /* an enum from 0: `words`, `most` of them */
	FIELD_TEXT,
	FIELD_PATH, /* absolute, without "." and ".." in it */
	FIELD_OBJECT,
	FIELD_LIST, /* a pointer to `element`s, and their size_t count */
};

/* As count_offset: the list has always `most` elements, and its struct no count. */
#define FIELD_FIXED SIZE_MAX

struct field {
	const char *key;
	enum field_kind kind;
	bool nullable; /* of FIELD_TEXT and FIELD_PATH: NULL is null */
	size_t offset, count_offset;
	uint64_t most; /* largest number, or longest list, or number of words */
	const char *const *words;
	const struct field *fields; /* of FIELD_OBJECT */
	size_t field_count;
	const struct field *element; /* of FIELD_LIST */
	size_t element_size;
};

/* Appends the value that `field` describes; `object` is the struct it lies in. `indent` as json_put_value has it; lists
 * of scalars, and each struct in a list, stand on one line. */
void field_put(struct buf *out, const struct field *field, const void *object, int indent);

/* Sets the field from a value that is checked in all respects. False, and *err filled with "SOURCE:LINE:COLUMN POINTER:
 * expected ..., got ...", when it is wrong. Strings go on pointing into the value. */
bool field_take(struct arena *arena, const char *source, const struct field *field, const struct json_value *value,
                void *object, struct err *err);

#endif
