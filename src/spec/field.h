/* field.h: the decoder's engine: each object of config.json is a const table of its properties, and one walker reads
 * them all into plain structs, reporting every fault with its place. */
#ifndef KIST_SPEC_FIELD_H
#define KIST_SPEC_FIELD_H

#include "json/json.h"
#include "spec/fault.h"
#include "spec/names.h"
#include "spec/spec.h"

struct decoder {
	struct arena *arena;
	struct spec_faults *faults;
};

/* Where the walker is: a chain on the stack, up to the document. The pointer's text is made only for a fault. */
struct place {
	const struct place *parent; /* NULL: the document */
	const char *key;            /* in an object */
	size_t index;               /* in an array (key is NULL) */
	const struct json_value *value;
};

struct field;
/* Reads at->value, which is never null (a null is an absent property: Go writes nil slices so), into the member of
 * `object` that the field names. On a fault the member stays as it was. */
typedef void field_decoder(struct decoder *decoder, const struct place *at, const struct field *field, void *object);

/* Appends the member as JSON. False, with nothing appended, when there is nothing to say. */
typedef bool field_encoder(struct buf *out, const struct field *field, const void *object);

/* One property. Which of the last four a decoder wants is said beside it. */
struct field {
	const char *key;
	field_decoder *decode;
	size_t offset, size; /* of the member it fills; size 0: its form is checked and nothing kept */
	size_t count_offset; /* lists and maps: of the member that counts the items */
	bool required;
	size_t limit;                   /* lists and maps: most items */
	const struct range *range;      /* integers */
	const struct name_table *names; /* words */
	const struct shape *shape;      /* objects, and lists and maps of objects */
	field_encoder *encode;          /* NULL: as is usual for what `decode` reads; a decoder of its own wants one
					 * here */
};

struct range {
	int64_t least;
	uint64_t most;
};
extern const struct range range_uint16, range_int32, range_uint32, range_int64, range_uint64;

/* One kind of object. */
struct shape {
	const struct field *fields;
	size_t count;
	size_t size;       /* of the struct, for lists and maps of it */
	size_t set_offset; /* with has_set: of the bool that becomes true when the object is there */
	bool has_set;
	bool lenient;      /* other properties are nobody's concern: not even a note */
	size_t key_offset; /* maps: of the const char * that takes the key */
	/* What the table cannot say (defaults that depend, one property read into two members); may be NULL. */
	void (*finish)(struct decoder *decoder, const struct place *at, void *object);
};

#define MEMBER(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define MEMBERS(type, items, number) .offset = offsetof(type, items), .count_offset = offsetof(type, number)
#define FIELDS(list) .fields = list, .count = sizeof(list) / sizeof((list)[0])
#define SETS(type) .has_set = true, .set_offset = offsetof(type, set)

/* The decoders, and what each fills:                     member                 wants          */
field_decoder field_bool;        /* true or false         bool                                  */
field_decoder field_opt_bool;    /*                       struct opt_bool                       */
field_decoder field_integer;     /* within the range      (u)int8..64_t, by size range          */
field_decoder field_opt_int;     /*                       struct opt_int         range          */
field_decoder field_opt_uint;    /*                       struct opt_uint        range          */
field_decoder field_string;      /* without NUL bytes     const char *                          */
field_decoder field_path;        /* at most 4095 bytes    const char *                          */
field_decoder field_word;        /* one of a table        integer by size        names          */
field_decoder field_words;       /* some of it, or-ed     integer by size        names, limit   */
field_decoder field_strings;     /* with names: of them   const char **, size_t  limit          */
field_decoder field_ids;         /* 32-bit ids            uint32_t *, size_t     limit          */
field_decoder field_pairs;       /* string to string      struct spec_pair *, …  limit          */
field_decoder field_object;      /*                       the struct itself      shape          */
field_decoder field_objects;     /* an array of objects   struct *, size_t       shape, limit   */
field_decoder field_object_map;  /* an object of objects  struct *, size_t       shape, limit   */

/* Reads at->value as an object of this shape. */
void shape_decode(struct decoder *decoder, const struct place *at, const struct shape *shape, void *object);

/* The way back: the members of an object that say something, as one JSON object. False when there are none; then
 * nothing is appended, unless the shape notes that it was set. */
bool shape_encode(struct buf *out, const struct shape *shape, const void *object);
/* For the table entries of decoders of one property. */
field_encoder encode_opt_int, encode_opt_uint, encode_word, encode_string;

/* For decoders of one property (decode_*.c): the value in question as a string or an integer, or a fault. */
bool value_string(struct decoder *decoder, const struct place *at, const char **string);
bool value_integer(struct decoder *decoder, const struct place *at, const struct range *range, uint64_t *value);
/* at->value's items; a fault when it is no array ("expected <what>, got ...") or has more than `limit`. */
bool value_array(struct decoder *decoder, const struct place *at, const char *what, size_t limit);
struct place place_item(const struct place *array, size_t index);
/* Adds a fault (or a warning, a note) about at->value. */
__attribute__((format(printf, 3, 4))) void place_fault(struct decoder *decoder, const struct place *at,
                                                       const char *format, ...);
__attribute__((format(printf, 4, 5))) void place_remark(struct decoder *decoder, enum fault_kind kind,
                                                        const struct place *at, const char *format, ...);
/* `unknown capability "X", did you mean "Y"?`, or with the list of what is known when that is short. */
const char *unknown_word(struct arena *arena, const struct name_table *names, const char *word);

#endif
