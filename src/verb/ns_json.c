/* ns_json.c: kist ns --json. */
#include "json/json.h"
#include "verb/ns_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put_word(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(out, ", \"%s\": ", name);
	json_put_string(out, value);
}

static void put_inode(struct buf *out, const char *name, uint64_t inode)
{
	if (inode)
		buf_printf(out, ", \"%s\": %" PRIu64, name, inode);
}

/* [[0, 100000, 65536], ...]; the text is the kernel's, lines of three numbers. */
static void put_map(struct buf *out, const char *name, const char *map)
{
	if (!map)
		return;
	buf_printf(out, ", \"%s\": [", name);
	for (bool first = true; *map; first = false) {
		uint64_t inside, outside, count;
		if (sscanf(map, "%" SCNu64 " %" SCNu64 " %" SCNu64, &inside, &outside, &count) != 3)
			break;
		buf_printf(out, "%s[%" PRIu64 ", %" PRIu64 ", %" PRIu64 "]", first ? "" : ", ", inside, outside, count);
		map += strcspn(map, "\n");
		map += *map == '\n';
	}
	buf_putc(out, ']');
}

static void put_members(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace)
{
	buf_printf(out, "\"inode\": %" PRIu64 ", \"type\": \"%s\", \"processes\": %zu, \"own\": %s", namespace->inode,
	           namespace->type->words, namespace->process_count, namespace->own ? "true" : "false");
	if (namespace->first)
		buf_printf(out, ", \"pid\": %d", (int)namespace->first->pid);
	put_word(out, "command", namespace->first ? namespace->first->command : NULL);
	if (namespace->owner_known) {
		buf_printf(out, ", \"owner\": %u", namespace->owner);
		put_word(out, "ownerName", ns_user(out->arena, view, namespace->owner));
	}
	put_inode(out, "user", namespace->user);
	put_inode(out, "parent", namespace->parent);
	put_word(out, "container", namespace->container);
	put_word(out, "path", namespace->path);
	put_map(out, "uidMap", namespace->uid_map);
	put_map(out, "gidMap", namespace->gid_map);
}

void ns_print_json(struct buf *out, const struct ns_view *view)
{
	bool first = true;
	buf_puts(out, "{\n  \"namespaces\": [");
	for (size_t i = 0; i < view->look->namespace_count; i++) {
		const struct look_namespace *namespace = &view->look->namespaces[i];
		if (!ns_shows(view, namespace))
			continue;
		buf_printf(out, "%s\n    { ", first ? "" : ",");
		put_members(out, view, namespace);
		buf_puts(out, " }");
		first = false;
	}
	buf_printf(out, "\n  ],\n  \"unreadable\": %zu\n}\n", view->look->unreadable);
}

static void put_process(struct buf *out, struct look_process *process)
{
	look_details(out->arena, process);
	buf_printf(out, "{ \"pid\": %d, \"ppid\": %d, \"uid\": %u, \"threads\": %u, \"state\": \"%c\"",
	           (int)process->pid, (int)process->parent, process->uid, process->threads, process->state);
	put_word(out, "name", process->name);
	put_word(out, "command", process->command);
	put_word(out, "cgroups", process->cgroups);
	buf_puts(out, " }");
}

void ns_print_processes_json(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace)
{
	bool first = true;
	buf_puts(out, "{ ");
	put_members(out, view, namespace);
	buf_puts(out, ",\n  \"list\": [");
	for (size_t i = 0; i < view->look->process_count; i++) {
		if (!ns_holds(namespace, &view->look->processes[i]))
			continue;
		buf_puts(out, first ? "\n    " : ",\n    ");
		put_process(out, &view->look->processes[i]);
		first = false;
	}
	buf_printf(out, "\n  ],\n  \"unreadable\": %zu\n}\n", view->look->unreadable);
}
