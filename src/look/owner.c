/* owner.c: who owns a namespace and what is above it (ioctl_ns(2)), and the namespaces that a mount keeps alive. */
#include "base/abi.h"
#include "base/fd.h"
#include "base/file.h"
#include "look/parts.h"
#include "sys/namespace.h"
#include "sys/open.h"
#include "sys/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = 33, MOUNTS_LIMIT = 16 << 20 }; /* user and pid namespaces nest 32 deep */

static int open_namespace(const struct look_set *set, const struct look_namespace *namespace)
{
	struct stat status;
	const char *path = namespace->path;
	if (namespace->first)
		path = arena_printf(set->arena, "/proc/%d/ns/%s", (int)namespace->first->pid, namespace->type->name);
	else if (namespace->own)
		path = arena_printf(set->arena, "/proc/self/ns/%s", namespace->type->name);
	FD_AUTO int fd = path ? sys_open_at(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0) : -1;
	/* The process may have ended, and another have its pid. */
	if (fd < 0 || sys_stat_fd(fd, &status) < 0 || status.st_ino != namespace->inode)
		return -1;
	return fd_take(&fd);
}

static uint64_t inode_of(int fd)
{
	struct stat status;
	return fd >= 0 && sys_stat_fd(fd, &status) == 0 ? status.st_ino : 0;
}

static const struct look_type *type_of(uint32_t type)
{
	for (size_t i = 0; i < LOOK_TYPES; i++)
		if (look_types[i].type == type)
			return &look_types[i];
	return NULL;
}

/* Fills what the descriptor tells. The set may grow: `at` stays, a pointer would not. Returns the one above. */
static int read_owner(struct look_set *set, size_t at, int fd)
{
	uint32_t type = set->items[at].type->type, uid;
	FD_AUTO int user = sys_namespace_user(fd);
	FD_AUTO int above = type == ABI_NEWPID ? sys_namespace_parent(fd) : -1;
	uint64_t user_inode = inode_of(user), above_inode = inode_of(above);
	if (user_inode) /* also one that no process is in */
		look_put(set, type_of(ABI_NEWUSER), user_inode);
	if (above_inode)
		look_put(set, set->items[at].type, above_inode);
	struct look_namespace *namespace = &set->items[at];
	namespace->user = user_inode;
	namespace->parent = type == ABI_NEWUSER ? user_inode : above_inode;
	int asked = type == ABI_NEWUSER ? fd : user;
	if (asked >= 0 && sys_namespace_owner(asked, &uid) == 0) {
		namespace->owner = uid;
		namespace->owner_known = true;
	}
	return type == ABI_NEWUSER ? fd_take(&user) : fd_take(&above);
}

static size_t index_of(const struct look_set *set, uint64_t inode)
{
	size_t at = 0;
	while (at < set->count && set->items[at].inode != inode)
		at++;
	return at;
}

/* One namespace and those above it that nothing else leads to. */
static void read_upwards(struct look_set *set, size_t at, int fd)
{
	for (int level = 0; fd >= 0 && level < LEVELS; level++) {
		int above = read_owner(set, at, fd);
		close(fd);
		fd = above;
		at = index_of(set, inode_of(fd));
		bool known = at < set->count && (set->items[at].owner_known || set->items[at].first);
		if (at == set->count || known)
			break;
	}
	if (fd >= 0)
		close(fd);
}

void look_read_owners(struct look_set *set)
{
	/* New ones come at the end, and have been read already. */
	for (size_t i = 0, count = set->count; i < count; i++)
		read_upwards(set, i, open_namespace(set, &set->items[i]));
	/* A user namespace without processes may own one that was read: then its owner is asked through that. */
	for (size_t i = 0; i < set->count; i++) {
		struct look_namespace *namespace = &set->items[i];
		if (namespace->owner_known || namespace->type->type != ABI_NEWUSER)
			continue;
		for (size_t k = 0; k < set->count && !namespace->owner_known; k++) {
			bool owned = set->items[k].user == namespace->inode && set->items[k].type != namespace->type;
			FD_AUTO int fd = owned ? open_namespace(set, &set->items[k]) : -1;
			FD_AUTO int user = fd >= 0 ? sys_namespace_user(fd) : -1;
			if (user >= 0) {
				read_upwards(set, i, fd_take(&user));
				namespace = &set->items[i];
			}
		}
	}
}

/* proc(5): the root of an nsfs mount is the namespace: "net:[4026532281]". */
static void read_mount(struct look_set *set, char *line)
{
	enum { ROOT = 3, POINT = 4, FIELDS = 5 };
	char *fields[FIELDS] = { NULL }, *rest = line;
	if (!strstr(line, " - nsfs "))
		return;
	for (size_t i = 0; i < FIELDS; i++)
		fields[i] = strsep(&rest, " ");
	char *open = fields[POINT] ? strstr(fields[ROOT], ":[") : NULL;
	if (!open)
		return;
	*open = '\0';
	const struct look_type *type = look_type_named(fields[ROOT]);
	uint64_t inode = strtoull(open + 2, NULL, 10);
	struct look_namespace *namespace = type && inode ? look_put(set, type, inode) : NULL;
	if (namespace && !namespace->path)
	namespace->path = arena_string(set->arena, fields[POINT]);
}

void look_read_mounts(struct look_set *set)
{
	char *text;
	size_t length;
	if (file_read_at(set->arena, AT_FDCWD, "/proc/self/mountinfo", MOUNTS_LIMIT, &text, &length) < 0)
		return;
	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"))
		read_mount(set, line);
}
