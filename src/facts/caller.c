/* caller.c: who asks: ids, capabilities, subordinate ids, and where its state lies. */
#include "base/abi.h"
#include "base/file.h"
#include "facts/parts.h"
#include "sys/ids.h"
#include "sys/open.h"
#include "sys/status.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

enum {
	ID_TEXT_LIMIT = 4 << 20,
	/* user_namespaces(7): a map has at most 340 lines, and one is the caller's own id. */
	RANGES_MAX = 339,
};

const char *facts_find_user(struct arena *arena, struct slice passwd, uint32_t uid)
{
	struct slice line, name, password, id;
	uint64_t number;
	while (slice_take(&passwd, '\n', &line)) {
		if (!slice_take(&line, ':', &name) || !slice_take(&line, ':', &password) ||
		    !slice_take(&line, ':', &id))
			continue;
		if (name.length == 0 || !slice_number(id, UINT32_MAX, &number) || number != uid)
			continue;
		return arena_copy(arena, name.bytes, name.length);
	}
	return NULL;
}

static bool owns(const struct facts_owner *owner, struct slice field)
{
	uint64_t number;
	if (owner->name && slice_is(field, owner->name))
		return true;
	return slice_number(field, UINT32_MAX, &number) && number == owner->uid;
}

/* subuid(5): owner, first id, count. 4294967295 is no id (it means "leave it" to chown). */
static bool parse_range(struct slice line, const struct facts_owner *owner, struct facts_range *range)
{
	struct slice field;
	uint64_t first, count;
	if (!slice_take(&line, ':', &field) || !owns(owner, field))
		return false;
	if (!slice_take(&line, ':', &field) || !slice_number(field, UINT32_MAX - 1, &first))
		return false;
	if (!slice_number(line, UINT32_MAX, &count) || count == 0 || first + count > UINT32_MAX)
		return false;
	*range = (struct facts_range){ (uint32_t)first, (uint32_t)count };
	return true;
}

static bool range_holds(const struct facts_range *range, uint32_t id)
{
	return id >= range->first && id - range->first < range->count;
}

static bool ranges_overlap(const struct facts_range *one, const struct facts_range *other)
{
	return range_holds(one, other->first) || range_holds(other, one->first);
}

size_t facts_find_ranges(struct arena *arena, struct slice subids, const struct facts_owner *owner,
                         struct facts_range **ranges)
{
	struct slice line;
	struct facts_range range, found[RANGES_MAX];
	size_t count = 0;
	while (count < RANGES_MAX && slice_take(&subids, '\n', &line)) {
		if (!parse_range(line, owner, &range) || range_holds(&range, owner->own_id))
			continue;
		/* The kernel refuses a map in which an id appears twice (EINVAL), so of two ranges the first counts. */
		bool fresh = true;
		for (size_t i = 0; i < count && fresh; i++)
			fresh = !ranges_overlap(&found[i], &range);
		if (fresh)
			found[count++] = range;
	}
	*ranges = ARENA_ARRAY(arena, count, struct facts_range);
	memcpy(*ranges, found, count * sizeof(range));
	return count;
}

enum { SUBIDS_FROM = 100000, SUBIDS_USUAL = 65536 };

/* Whoever they belong to; a line that is none takes nothing. */
static uint64_t behind_ranges(struct slice subids, uint64_t next)
{
	struct slice line, owner, field;
	uint64_t first, count;
	while (slice_take(&subids, '\n', &line))
		if (slice_take(&line, ':', &owner) && slice_take(&line, ':', &field) &&
		    slice_number(field, UINT32_MAX, &first) && slice_number(line, UINT32_MAX, &count) &&
		    first + count > next)
			next = first + count;
	return next;
}

uint32_t facts_free_subids(struct slice subuid, struct slice subgid)
{
	uint64_t next = behind_ranges(subgid, behind_ranges(subuid, SUBIDS_FROM));
	return next + SUBIDS_USUAL > UINT32_MAX ? 0 : (uint32_t)next;
}

/* Empty when it cannot be read: then there are no facts in it. */
static struct slice read_text(struct arena *arena, const char *path)
{
	char *bytes;
	size_t length;
	if (file_read_at(arena, AT_FDCWD, path, ID_TEXT_LIMIT, &bytes, &length) < 0)
		return (struct slice){ "", 0 };
	return (struct slice){ bytes, length };
}

/* Only well-known places: PATH is the caller's to choose, and what it names would be trusted with the maps. A program
 * that is neither set-uid nor has file capabilities could not write them. */
static const char *find_helper(struct arena *arena, const char *name)
{
	static const char *const folders[] = { "/usr/bin", "/usr/local/bin", "/bin", "/run/wrappers/bin" };
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *path = arena_printf(arena, "%s/%s", folders[i], name);
		struct stat status;
		if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || access(path, X_OK) < 0)
			continue;
		if (status.st_mode & S_ISUID || getxattr(path, "security.capability", NULL, 0) > 0)
			return path;
	}
	return NULL;
}

/* What newuidmap(1) and newgidmap(1) would let the caller map. */
static void read_subids(struct arena *arena, struct facts_caller *caller)
{
	struct facts_owner owner = { .uid = caller->uid, .own_id = caller->uid };
	struct slice subuid = read_text(arena, "/etc/subuid"), subgid = read_text(arena, "/etc/subgid");
	caller->name = facts_find_user(arena, read_text(arena, "/etc/passwd"), caller->uid);
	owner.name = caller->name;
	caller->subuid_count = facts_find_ranges(arena, subuid, &owner, &caller->subuids);
	owner.own_id = caller->gid;
	caller->subgid_count = facts_find_ranges(arena, subgid, &owner, &caller->subgids);
	caller->subids_free = facts_free_subids(subuid, subgid);
	caller->newuidmap = find_helper(arena, "newuidmap");
	caller->newgidmap = find_helper(arena, "newgidmap");
}

static void read_groups(struct arena *arena, struct facts_caller *caller)
{
	int count = getgroups(0, NULL);
	if (count <= 0)
		return;
	caller->groups = ARENA_ARRAY(arena, (size_t)count, uint32_t);
	count = getgroups(count, caller->groups);
	caller->group_count = count > 0 ? (size_t)count : 0;
}

/* 0 without /proc: then it counts as another than the initial one, which promises less. */
static uint64_t user_namespace(void)
{
	struct stat status;
	return sys_stat_at(AT_FDCWD, "/proc/self/ns/user", 0, &status) < 0 ? 0 : status.st_ino;
}

static const char *read_cwd(struct arena *arena)
{
	char path[PATH_MAX];
	/* The kernel's own call says "(unreachable)/..." for a place outside of the root. */
	if (!getcwd(path, sizeof(path)) || path[0] != '/')
		return "/";
	return arena_string(arena, path);
}

bool facts_outer_root(struct slice uid_map, uint32_t *outer)
{
	uint64_t numbers[2];
	size_t count = 0;
	struct slice field;
	while (count < 2 && slice_take(&uid_map, ' ', &field)) {
		if (field.length == 0)
			continue;
		if (!slice_number(field, UINT32_MAX, &numbers[count++]))
			return false;
	}
	if (count < 2 || numbers[0] != 0)
		return false;
	*outer = (uint32_t)numbers[1];
	return true;
}

/* What is in /tmp can be anybody's; who opens a state root looks at its owner. */
static const char *temporary_root(struct arena *arena, uint32_t uid)
{
	return arena_printf(arena, "/tmp/kist-%u", uid);
}

/* Root of a user namespace has a /run of its own where a container or a box was made for it; where only ids were mapped
 * (unshare -r), /run is the machine's, and the place in /tmp is the one of the user it really is. */
static const char *inner_root(struct arena *arena)
{
	char map[64];
	uint32_t outer;
	if (access("/run/kist", W_OK) == 0 || (access("/run/kist", F_OK) < 0 && access("/run", W_OK) == 0))
		return "/run/kist";
	if (!facts_read_small("/proc/self/uid_map", map, sizeof(map)) ||
	    !facts_outer_root((struct slice){ map, strlen(map) }, &outer))
		outer = 0;
	return temporary_root(arena, outer);
}

/* An engine without privilege runs us as uid 0 of its own user namespace, where /run belongs to somebody else. */
static const char *default_state_root(struct arena *arena, const struct facts_caller *caller)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (caller->uid == 0 && caller->initial_user_namespace)
		return "/run/kist";
	if (runtime && runtime[0] == '/')
		return arena_printf(arena, "%s/kist", runtime);
	return caller->uid == 0 ? inner_root(arena) : temporary_root(arena, caller->uid);
}

const char *facts_state_root(struct arena *arena)
{
	const struct facts_caller caller = {
		.uid = geteuid(),
		.initial_user_namespace = user_namespace() == UAPI_USER_NS_INIT_INO,
	};
	return default_state_root(arena, &caller);
}

static const struct {
	uint64_t magic; /* linux/magic.h */
	const char *name;
} file_systems[] = {
	{ 0x794c7630, "overlay" }, { 0x01021994, "tmpfs" }, { 0xef53, "ext4" },         { 0x58465342, "xfs" },
	{ 0x9123683e, "btrfs" },   { 0xf2f52010, "f2fs" },  { 0x2fc12fc1, "zfs" },      { 0x6969, "nfs" },
	{ 0x65735546, "fuse" },    { 0x01021997, "9p" },    { 0x4d44, "vfat" },         { 0x2011bab0, "exfat" },
	{ 0xff534d42, "cifs" },    { 0xfe534d42, "smb3" },  { 0x00c36400, "ceph" },     { 0x73717368, "squashfs" },
	{ 0x9660, "iso9660" },     { 0xe0f5e1e2, "erofs" }, { 0xca451a4e, "bcachefs" },
};

const char *facts_file_system(struct arena *arena, const char *path)
{
	char *at = arena_string(arena, path);
	struct statfs status;
	while (statfs(*at ? at : "/", &status) < 0) {
		char *slash = strrchr(at, '/');
		if (!slash)
			return NULL;
		*slash = '\0';
	}
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++)
		if (file_systems[i].magic == (uint64_t)status.f_type)
			return file_systems[i].name;
	return NULL;
}

static const char *absolute(struct arena *arena, const char *cwd, const char *path)
{
	if (path[0] == '/')
		return path;
	return arena_printf(arena, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
}

/* With both capabilities any map may be written without help. */
static bool writes_maps(const struct facts_caller *caller)
{
	const uint64_t needed = UINT64_C(1) << ABI_CAP_SETUID | UINT64_C(1) << ABI_CAP_SETGID;
	return (caller->capabilities & needed) == needed;
}

void facts_read_caller(struct arena *arena, const char *state_root, enum facts_wanted wanted,
                       struct facts_caller *caller)
{
	struct sys_caps caps = { 0 };
	caller->uid = geteuid();
	caller->gid = getegid();
	read_groups(arena, caller);
	if (sys_get_caps(&caps) == 0)
		caller->capabilities = caps.effective;
	caller->user_namespace = user_namespace();
	caller->initial_user_namespace = caller->user_namespace == UAPI_USER_NS_INIT_INO;
	if (!writes_maps(caller) || wanted & FACTS_SUBIDS)
		read_subids(arena, caller);
	caller->cwd = read_cwd(arena);
	caller->state_root = state_root ? absolute(arena, caller->cwd, state_root) : default_state_root(arena, caller);
	caller->umask = umask(0);
	umask(caller->umask);
	caller->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	caller->terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
}
