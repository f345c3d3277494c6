/* fault.c: collecting what is wrong with a configuration. */
#include "spec/fault.h"

#include <string.h>

const char fault_from_decoder[] = "decode";

struct fault_list {
	struct spec_fault **items;
	size_t *count, *capacity;
};

static struct fault_list list_of(struct spec_faults *faults, enum fault_kind kind)
{
	switch (kind) {
	case FAULT_WARNING:
		return (struct fault_list){ &faults->warnings, &faults->warning_count, &faults->warning_capacity };
	case FAULT_NOTE:
		return (struct fault_list){ &faults->notes, &faults->note_count, &faults->note_capacity };
	case FAULT_ERROR:
		break;
	}
	return (struct fault_list){ &faults->items, &faults->count, &faults->capacity };
}

bool faults_full(const struct spec_faults *faults, enum fault_kind kind)
{
	const size_t counts[] = {
		[FAULT_ERROR] = faults->count,
		[FAULT_WARNING] = faults->warning_count,
		[FAULT_NOTE] = faults->note_count,
	};
	return counts[kind] > FAULT_LIMIT;
}

void fault_add(struct spec_faults *faults, enum fault_kind kind, struct spec_fault fault)
{
	struct fault_list list = list_of(faults, kind);
	if (faults_full(faults, kind))
		return;
	if (*list.count == *list.capacity) {
		size_t capacity = *list.capacity ? *list.capacity * 2 : 16;
		struct spec_fault *grown = ARENA_ARRAY(faults->arena, capacity, struct spec_fault);
		if (*list.count)
			memcpy(grown, *list.items, *list.count * sizeof(*grown));
		*list.items = grown;
		*list.capacity = capacity;
	}
	if (*list.count == FAULT_LIMIT)
		fault = (struct spec_fault){ .pointer = "",
			                     .text = "there is more of this kind: only the first 1000 are listed" };
	(*list.items)[(*list.count)++] = fault;
}

void fault_add_at(struct spec_faults *faults, enum fault_kind kind, const struct json_value *document,
                  struct spec_fault fault)
{
	if (document) {
		bool whole;
		const struct json_value *value = json_follow(document, fault.pointer, &whole);
		fault.line = value->line;
		fault.column = value->column;
	}
	fault_add(faults, kind, fault);
}

static bool stands_before(const struct spec_fault *one, const struct spec_fault *other)
{
	if (!other->check) /* the closing remark */
		return true;
	return one->line != other->line ? one->line < other->line : one->column < other->column;
}

/* Insertion: the lists are short and nearly in order already. */
static void sort_list(struct spec_fault *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct spec_fault moving = items[i];
		size_t to = i;
		for (; to > 0 && moving.check && stands_before(&moving, &items[to - 1]); to--)
			items[to] = items[to - 1];
		items[to] = moving;
	}
}

void faults_sort(struct spec_faults *faults)
{
	sort_list(faults->items, faults->count);
	sort_list(faults->warnings, faults->warning_count);
	sort_list(faults->notes, faults->note_count);
}

static bool pointer_within(const char *inner, const char *outer)
{
	size_t length = strlen(outer);
	return strncmp(inner, outer, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

bool faults_touch(const struct spec_faults *faults, const char *pointer)
{
	for (size_t i = 0; i < faults->count; i++) {
		const char *other = faults->items[i].pointer;
		if (faults->items[i].check == fault_from_decoder && other[0] &&
		    (pointer_within(other, pointer) || pointer_within(pointer, other)))
			return true;
	}
	return false;
}

const char *pointer_to_key(struct arena *arena, const char *parent, const char *key)
{
	struct buf pointer = buf_in(arena);
	buf_puts(&pointer, parent);
	buf_putc(&pointer, '/');
	for (; *key; key++) {
		if (*key == '~')
			buf_puts(&pointer, "~0");
		else if (*key == '/')
			buf_puts(&pointer, "~1");
		else
			buf_putc(&pointer, *key);
	}
	return pointer.bytes;
}

const char *fault_quote(struct arena *arena, const char *string)
{
	return json_shorten(arena, string, strlen(string));
}

/* A pointer holds keys as they were written, so it could hold an escape sequence for the terminal. */
static void put_pointer(struct buf *line, const char *pointer)
{
	for (const char *byte = pointer; *byte; byte++) {
		if ((unsigned char)*byte < 0x20 || *byte == 0x7f)
			buf_printf(line, "\\u%04x", (unsigned)*byte);
		else
			buf_putc(line, *byte);
	}
}

const char *spec_fault_line(struct arena *arena, const char *source, const struct spec_fault *fault)
{
	struct buf line = buf_in(arena);
	buf_puts(&line, source ? source : "");
	if (source && fault->line)
		buf_printf(&line, ":%u:%u", fault->line, fault->column);
	if (line.length && fault->pointer[0])
		buf_putc(&line, ' ');
	put_pointer(&line, fault->pointer);
	if (line.length)
		buf_puts(&line, ": ");
	buf_puts(&line, fault->text);
	return line.bytes;
}
