/* namespace.c: the namespaces that processes are in, with whose they are. */
#include "base/abi.h"
#include "base/file.h"
#include "look/parts.h"
#include "state/record.h"
#include "sys/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_NAMESPACES = 64 };

const struct look_type look_types[LOOK_TYPES] = {
	{ ABI_NEWNS, "mnt", "mount" },   { ABI_NEWPID, "pid", "pid" },          { ABI_NEWNET, "net", "network" },
	{ ABI_NEWIPC, "ipc", "ipc" },    { ABI_NEWUTS, "uts", "uts" },          { ABI_NEWUSER, "user", "user" },
	{ ABI_NEWTIME, "time", "time" }, { ABI_NEWCGROUP, "cgroup", "cgroup" },
};

const struct look_type *look_type_named(const char *name)
{
	for (size_t i = 0; i < LOOK_TYPES; i++)
		if (strcmp(name, look_types[i].name) == 0 || strcmp(name, look_types[i].words) == 0)
			return &look_types[i];
	return NULL;
}

struct look_namespace *look_put(struct look_set *set, const struct look_type *type, uint64_t inode)
{
	for (size_t i = set->count; i-- > 0;) /* neighbours share them: the last ones are the likely ones */
		if (set->items[i].inode == inode)
			return &set->items[i];
	if (set->count == set->capacity) {
		size_t capacity = set->capacity ? set->capacity * 2 : FIRST_NAMESPACES;
		struct look_namespace *items = ARENA_ARRAY(set->arena, capacity, struct look_namespace);
		if (set->count)
			memcpy(items, set->items, set->count * sizeof(*items));
		set->items = items;
		set->capacity = capacity;
	}
	set->items[set->count] = (struct look_namespace){ .type = type, .inode = inode };
	return &set->items[set->count++];
}

static void put_process(struct look_set *set, const struct look_process *process)
{
	for (size_t i = 0; i < LOOK_TYPES; i++) {
		if (!process->inodes[i])
			continue;
		struct look_namespace *namespace = look_put(set, &look_types[i], process->inodes[i]);
		namespace->process_count++;
		if (namespace->oldest == 0 || process->start_time < namespace->oldest)
		namespace->oldest = process->start_time;
		if (!namespace->first || process->pid < namespace->first->pid)
		namespace->first = process;
	}
}

static void mark_own(struct look_set *set)
{
	struct stat status;
	for (size_t i = 0; i < LOOK_TYPES; i++) {
		const char *path = arena_printf(set->arena, "/proc/self/ns/%s", look_types[i].name);
		if (stat(path, &status) == 0)
			look_put(set, &look_types[i], status.st_ino)->own = true;
	}
}

/* The container's process is in it, no older one is (who joins a namespace is younger than those it joins), and the
 * caller, who looks from outside, is not. */
static void mark_containers(struct look_set *set, const char *root, const struct look *look)
{
	struct record *records;
	struct err ignored;
	int count = record_list(set->arena, root, &records, &ignored);
	for (int i = 0; i < count; i++)
		for (size_t k = 0; k < look->process_count; k++) {
			const struct look_process *process = &look->processes[k];
			if (process->pid != records[i].pid || process->start_time != records[i].start_time)
				continue;
			for (size_t type = 0; type < LOOK_TYPES; type++) {
				struct look_namespace *namespace =
					process->inodes[type] ? look_put(set, &look_types[type], process->inodes[type])
							      : NULL;
				bool made = namespace && namespace->oldest >= process->start_time;
				if (made && !namespace->own && !namespace->container)
				namespace->container = records[i].id;
			}
		}
}

static int by_inode(const void *one, const void *other)
{
	const struct look_namespace *a = one, *b = other;
	return a->inode < b->inode ? -1 : a->inode > b->inode;
}

static void read_maps(struct look_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct look_namespace *namespace = &set->items[i];
		if (namespace->type->type != ABI_NEWUSER || !namespace->first)
			continue;
		namespace->uid_map = look_read_file(set->arena, namespace->first->pid, "uid_map");
		namespace->gid_map = look_read_file(set->arena, namespace->first->pid, "gid_map");
	}
}

int look_around(struct arena *arena, const char *root, struct look *look, struct err *err)
{
	struct look_set set = { .arena = arena };
	*look = (struct look){ 0 };
	int result = look_read_processes(arena, look);
	if (result < 0)
		return err_set(err, arena, -result, "cannot list the processes in /proc");
	for (size_t i = 0; i < look->process_count; i++)
		put_process(&set, &look->processes[i]);
	mark_own(&set);
	look_read_mounts(&set);
	mark_containers(&set, root, look);
	look_read_owners(&set);
	read_maps(&set);
	if (set.count)
		qsort(set.items, set.count, sizeof(*set.items), by_inode);
	look->namespaces = set.items;
	look->namespace_count = set.count;
	return 0;
}

struct look_namespace *look_find(const struct look *look, uint64_t inode)
{
	const struct look_namespace wanted = { .inode = inode };
	return look->namespace_count
	               ? bsearch(&wanted, look->namespaces, look->namespace_count, sizeof(*look->namespaces), by_inode)
	               : NULL;
}
