/* container_json.c: the state of a container as JSON: runtime-spec 1.3, runtime.md "State", and what runc adds. */
#include "state/container.h"

#include "json/json.h"

#include <time.h>

static void put_text(struct buf *out, const char *key, const char *value, const char *gap)
{
	buf_printf(out, ",%s\"%s\": ", gap, key);
	json_put_string(out, value ? value : "");
}

const char *container_created(struct arena *arena, const struct container *container)
{
	char stamp[40];
	struct tm calendar;
	time_t created = (time_t)container->record.created;
	if (!gmtime_r(&created, &calendar) || strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &calendar) == 0)
		return "1970-01-01T00:00:00Z";
	return arena_string(arena, stamp);
}

void container_put_state(struct buf *out, const struct container *container, const char *owner, const char *gap)
{
	const struct record *record = &container->record;
	buf_printf(out, "%s\"ociVersion\": \"1.3.0\"", gap);
	put_text(out, "id", record->id, gap);
	put_text(out, "status", container_status_word(container->status), gap);
	buf_printf(out, ",%s\"pid\": %d", gap, container_lives(container) ? (int)record->pid : 0);
	put_text(out, "bundle", record->bundle, gap);
	put_text(out, "rootfs", record->rootfs, gap);
	put_text(out, "created", container_created(out->arena, container), gap);
	buf_printf(out, ",%s\"annotations\": {", gap);
	for (size_t i = 0; i < record->annotations.count; i++) {
		buf_puts(out, i ? ", " : "");
		json_put_string(out, record->annotations.items[i].key);
		buf_puts(out, ": ");
		json_put_string(out, record->annotations.items[i].value);
	}
	buf_puts(out, "}");
	put_text(out, "owner", owner, gap);
}
