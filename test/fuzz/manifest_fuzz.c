/* manifest_fuzz.c: what is read as a manifest of kept changes is written and read again as the same. */
#include "keep/manifest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void same(const char *one, const char *other)
{
	if (one != other && (!one || !other || strcmp(one, other) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena;
	struct keep_manifest read, again;
	struct err err = { 0 };
	if (arena_open(&arena) < 0)
		abort();
	if (keep_manifest_parse(&arena, (const char *)bytes, size, "DIR", &read, &err) == 0) {
		struct buf text = buf_in(&arena);
		keep_manifest_write(&text, &read);
		if (keep_manifest_parse(&arena, text.bytes, text.length, "DIR", &again, &err) < 0 ||
		    again.count != read.count)
			abort();
		same(read.root, again.root);
		same(read.record, again.record);
		same(read.uid_map, again.uid_map);
		for (size_t i = 0; i < read.count; i++) {
			same(read.parts[i].path, again.parts[i].path);
			if (strstr(read.parts[i].path, "/../") || read.parts[i].path[0] != '/')
				abort();
		}
	} else if (!err.what) {
		abort();
	}
	arena_close(&arena);
	return 0;
}
