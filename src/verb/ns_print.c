/* ns_print.c: kist ns for people: the table, one namespace with its processes, the trees. */
#include "verb/ns_print.h"
#include "verb/user_name.h"

#include "base/abi.h"
#include "verb/grid.h"

#include <inttypes.h>
#include <string.h>

enum { UIDS_SHOWN = 3, COMMAND_SHOWN = 50, TREE_DEEP = 34 };

/* --- words -------------------------------------------------------------------------------------------------- */

/* passwd(5); the text is only read. */
const char *ns_user(struct arena *arena, const struct ns_view *view, uint32_t uid)
{
	return user_name(arena, view->passwd, uid);
}

bool ns_holds(const struct look_namespace *namespace, const struct look_process *process)
{
	return process->inodes[namespace->type - look_types] == namespace->inode;
}

bool ns_shows(const struct ns_view *view, const struct look_namespace *namespace)
{
	return (!view->type || view->type == namespace->type) && (!view->process || ns_holds(namespace, view->process));
}

static const char *owner_words(struct arena *arena, const struct ns_view *view, const struct look_namespace *namespace)
{
	return namespace->owner_known ? ns_user(arena, view, namespace->owner) : NULL;
}

/* Of all who are in it, in the order of their processes. */
static const char *uids_words(struct arena *arena, const struct ns_view *view, const struct look_namespace *namespace)
{
	uint32_t uids[UIDS_SHOWN];
	size_t count = 0;
	struct buf text = buf_in(arena);
	for (size_t i = 0; i < view->look->process_count; i++) {
		const struct look_process *process = &view->look->processes[i];
		bool known = !ns_holds(namespace, process);
		for (size_t k = 0; k < count && !known; k++)
			known = uids[k] == process->uid;
		if (known)
			continue;
		if (count == UIDS_SHOWN) {
			buf_puts(&text, ",...");
			break;
		}
		uids[count++] = process->uid;
		buf_printf(&text, "%s%u", text.length ? "," : "", process->uid);
	}
	return text.bytes;
}

static const char *what_is_there(struct arena *arena, const struct look_namespace *namespace)
{
	if (namespace->first)
		return namespace->first->command;
	return namespace->path ? arena_printf(arena, "(mounted on %s)", namespace->path) : "(held by others)";
}

/* The columns behind it are to be seen; --json has all of it. */
static const char *shortened(struct arena *arena, const char *command)
{
	size_t end = COMMAND_SHOWN;
	if (strlen(command) <= COMMAND_SHOWN)
		return command;
	while (end && ((unsigned char)command[end] & 0xc0) == 0x80) /* not in the middle of a character */
		end--;
	return arena_printf(arena, "%.*s...", (int)end, command);
}

/* --- tables ------------------------------------------------------------------------------------------------- */

void ns_print_table(struct buf *out, const struct ns_view *view)
{
	static const char *const head[] = { "NS", "TYPE", "PROCS", "PID", "UIDS", "OWNER", "CONTAINER", "COMMAND" };
	enum { COLUMNS = sizeof(head) / sizeof(head[0]), NUMBERS = 1 << 0 | 1 << 2 | 1 << 3 };
	struct arena *arena = out->arena;
	struct grid grid = grid_in(arena, COLUMNS, NUMBERS);
	for (size_t i = 0; i < COLUMNS; i++)
		grid_put(&grid, head[i]);
	for (size_t i = 0; i < view->look->namespace_count; i++) {
		const struct look_namespace *namespace = &view->look->namespaces[i];
		if (!ns_shows(view, namespace))
			continue;
		grid_put(&grid, arena_printf(arena, "%" PRIu64, namespace->inode));
		grid_put(&grid, namespace->type->name);
		grid_put(&grid, arena_printf(arena, "%zu", namespace->process_count));
		grid_put(&grid, namespace->first ? arena_printf(arena, "%d", (int)namespace->first->pid) : NULL);
		grid_put(&grid, uids_words(arena, view, namespace));
		grid_put(&grid, owner_words(arena, view, namespace));
		grid_put(&grid, namespace->container);
		grid_put(&grid, what_is_there(arena, namespace));
	}
	grid_print(out, &grid, grid_width());
}

/* "0 100000 65536" for each line. */
static void put_map(struct buf *out, const char *name, const char *map)
{
	while (map && *map) {
		buf_printf(out, "%-10s", name);
		for (; *map && *map != '\n'; map++)
			if (*map != ' ' || out->bytes[out->length - 1] != ' ')
				buf_putc(out, *map);
		buf_putc(out, '\n');
		map += *map == '\n';
	}
}

static void put_facts(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace)
{
	const char *owner = owner_words(out->arena, view, namespace);
	buf_printf(out, "namespace %" PRIu64 " %s, %zu process%s\n", namespace->inode, namespace->type->name,
	           namespace->process_count, namespace->process_count == 1 ? "" : "es");
	if (owner)
		buf_printf(out, "owner     %s\n", owner);
	if (namespace->type->type != ABI_NEWUSER && namespace->user)
		buf_printf(out, "user      %" PRIu64 "\n", namespace->user);
	if (namespace->parent)
		buf_printf(out, "above     %" PRIu64 "\n", namespace->parent);
	if (namespace->container)
		buf_printf(out, "container %s\n", namespace->container);
	if (namespace->path)
		buf_printf(out, "mounted   %s\n", namespace->path);
	put_map(out, "uid_map", namespace->uid_map);
	put_map(out, "gid_map", namespace->gid_map);
}

void ns_print_processes(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace)
{
	static const char *const head[] = { "PID", "PPID", "NAME", "CMD", "NTHREADS", "CGROUPS", "STATE" };
	enum { COLUMNS = sizeof(head) / sizeof(head[0]), NUMBERS = 1 << 0 | 1 << 1 | 1 << 4 };
	struct arena *arena = out->arena;
	struct grid grid = grid_in(arena, COLUMNS, NUMBERS);
	put_facts(out, view, namespace);
	if (!namespace->process_count)
		return;
	buf_putc(out, '\n');
	for (size_t i = 0; i < COLUMNS; i++)
		grid_put(&grid, head[i]);
	for (size_t i = 0; i < view->look->process_count; i++) {
		struct look_process *process = &view->look->processes[i];
		if (!ns_holds(namespace, process))
			continue;
		look_details(arena, process);
		grid_put(&grid, arena_printf(arena, "%d", (int)process->pid));
		grid_put(&grid, arena_printf(arena, "%d", (int)process->parent));
		grid_put(&grid, process->name);
		grid_put(&grid, shortened(arena, process->command));
		grid_put(&grid, arena_printf(arena, "%u", process->threads));
		grid_put(&grid, process->cgroups);
		grid_put(&grid, (const char[]){ process->state, '\0' });
	}
	grid_print(out, &grid, 0);
}

/* --- trees -------------------------------------------------------------------------------------------------- */

static void put_node(struct buf *out, const struct ns_view *view, const struct look_namespace *namespace, int depth)
{
	buf_printf(out, "%*s%s %" PRIu64 "  %zu process%s", depth * 2, "", namespace->type->name, namespace->inode,
	           namespace->process_count, namespace->process_count == 1 ? "" : "es");
	if (namespace->type->type == ABI_NEWUSER && namespace->owner_known)
		buf_printf(out, "  made by %s", owner_words(out->arena, view, namespace));
	if (namespace->container)
		buf_printf(out, "  [%s]", namespace->container);
	buf_printf(out, "  %s\n", shortened(out->arena, what_is_there(out->arena, namespace)));
}

/* Above it, in the tree: for one that is not visible the tree begins here. */
static bool is_below(const struct ns_view *view, const struct look_namespace *namespace, uint64_t above)
{
	return above ? namespace->parent == above : !namespace->parent || !look_find(view->look, namespace->parent);
}

/* What a user namespace owns beside other user namespaces; pid namespaces have a tree of their own. */
static void put_owned(struct buf *out, const struct ns_view *view, const struct look_namespace *user, int depth)
{
	for (size_t i = 0; i < view->look->namespace_count; i++) {
		const struct look_namespace *owned = &view->look->namespaces[i];
		uint32_t type = owned->type->type;
		if (owned->user == user->inode && type != ABI_NEWUSER && type != ABI_NEWPID && ns_shows(view, owned))
			put_node(out, view, owned, depth);
	}
}

static void put_tree(struct buf *out, const struct ns_view *view, uint32_t type, uint64_t above, int depth)
{
	for (size_t i = 0; depth < TREE_DEEP && i < view->look->namespace_count; i++) {
		const struct look_namespace *namespace = &view->look->namespaces[i];
		if (namespace->type->type != type || !is_below(view, namespace, above))
			continue;
		put_node(out, view, namespace, depth);
		if (type == ABI_NEWUSER)
			put_owned(out, view, namespace, depth + 1);
		put_tree(out, view, type, namespace->inode, depth + 1);
	}
}

void ns_print_tree(struct buf *out, const struct ns_view *view)
{
	if (!view->type || view->type->type != ABI_NEWPID)
		put_tree(out, view, ABI_NEWUSER, 0, 0);
	if (!view->type)
		buf_putc(out, '\n');
	if (!view->type || view->type->type == ABI_NEWPID)
		put_tree(out, view, ABI_NEWPID, 0, 0);
}
