/* place.c: where a property stands, for messages. */
#include "spec/spec.h"

#include "json/json.h"

#include <string.h>

/* The flag's words whose pointer is the longest that leads to, or is, the one asked for. */
static const char *origin_of(const struct spec *spec, const char *pointer)
{
	const char *words = NULL;
	size_t longest = 0;
	for (size_t i = 0; i < spec->origins.count; i++) {
		const char *origin = spec->origins.items[i].key;
		size_t length = strlen(origin);
		bool leads =
			strncmp(pointer, origin, length) == 0 && (pointer[length] == '\0' || pointer[length] == '/');
		if (leads && (!words || length > longest)) {
			words = spec->origins.items[i].value;
			longest = length;
		}
	}
	return words;
}

/* Cuts keys off the end until the rest names a value. */
static const struct json_value *nearest_value(const struct json_value *document, char *pointer)
{
	for (;;) {
		bool whole;
		const struct json_value *value = json_follow(document, pointer, &whole);
		char *last = strrchr(pointer, '/');
		if (whole || !last)
			return value;
		*last = '\0';
	}
}

const char *spec_place(struct arena *arena, const struct spec *spec, const char *pointer)
{
	const char *words = origin_of(spec, pointer);
	/* A flag beside a config.json counts more than it. */
	if (words || !spec->document)
		return words;
	char *shown = arena_string(arena, pointer);
	const struct json_value *value = nearest_value(spec->document, shown);
	const char *source = spec->source ? spec->source : "config.json";
	return arena_printf(arena, "%s:%u:%u%s%s", source, value->line, value->column, shown[0] ? "  " : "", shown);
}

bool spec_has_namespace(const struct spec *spec, uint32_t type, const char **path)
{
	for (size_t i = 0; i < spec->linux_.namespace_count; i++) {
		if (spec->linux_.namespaces[i].type == type) {
			*path = spec->linux_.namespaces[i].path;
			return true;
		}
	}
	return false;
}
