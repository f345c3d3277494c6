/* mounts.c: the mounts of this namespace, from /proc/self/mountinfo (proc(5)), and which of them can be reached. */
#include "base/abi.h"
#include "facts/parts.h"

#include <stdlib.h>

/* A mount in the tree: it lies on its parent, at a path. */
struct node {
	uint64_t id, parent;
	const char *path;
	bool behind; /* a mount on the same parent covers a directory above it */
};

struct tree {
	size_t count;
	struct node *nodes;           /* in the order of the text, as the mounts */
	const struct node **by_id;    /* sorted */
	const struct node **by_place; /* sorted by parent and path */
};

/* Only per-mount options count: "ro" of the superblock stands behind the dash. An atime word replaces the others; none
 * of them is strictatime. */
static uint64_t parse_attributes(struct slice options)
{
	static const struct {
		const char *word;
		uint64_t attr;
	} rows[] = {
		{ "ro", ABI_ATTR_RDONLY },
		{ "nosuid", ABI_ATTR_NOSUID },
		{ "nodev", ABI_ATTR_NODEV },
		{ "noexec", ABI_ATTR_NOEXEC },
		{ "nodiratime", ABI_ATTR_NODIRATIME },
		{ "nosymfollow", ABI_ATTR_NOSYMFOLLOW },
	};
	struct slice option;
	uint64_t attr = 0, atime = ABI_ATTR_STRICTATIME;
	while (slice_take(&options, ',', &option)) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (slice_is(option, rows[i].word))
				attr |= rows[i].attr;
		if (slice_is(option, "noatime"))
			atime = ABI_ATTR_NOATIME;
		else if (slice_is(option, "relatime"))
			atime = ABI_ATTR_RELATIME;
	}
	return attr | atime;
}

static bool is_octal(char byte)
{
	return byte >= '0' && byte <= '7';
}

/* Blanks and backslashes in paths are written as \040, \011, \012, \134. */
static const char *unescape(struct arena *arena, struct slice text)
{
	char *path = arena_alloc(arena, text.length + 1), *end = path;
	for (size_t i = 0; i < text.length; i++) {
		const char *at = text.bytes + i;
		if (*at == '\\' && text.length - i >= 4 && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3])) {
			*end++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			i += 3;
		} else {
			*end++ = *at;
		}
	}
	return path;
}

/* "36 35 98:0 /root /mnt/point rw,noatime shared:1 - ext4 /dev/sda1 rw". False for a line that is none, and for a mount
 * whose directory was removed: nothing leads to it. */
static bool parse_mount(struct arena *arena, struct slice line, struct facts_mount *mount, struct node *node)
{
	static const char removed[] = "//deleted";
	struct slice id, parent, skipped, path, options, type = { 0 };
	if (!slice_take(&line, ' ', &id) || !slice_take(&line, ' ', &parent) || !slice_take(&line, ' ', &skipped) ||
	    !slice_take(&line, ' ', &skipped) || !slice_take(&line, ' ', &path) || !slice_take(&line, ' ', &options))
		return false;
	if (!slice_number(id, UINT64_MAX, &node->id) || !slice_number(parent, UINT64_MAX, &node->parent))
		return false;
	while (slice_take(&line, ' ', &skipped) && !slice_is(skipped, "-")) {
	}
	if (path.length == 0 || path.bytes[0] != '/' || !slice_take(&line, ' ', &type))
		return false;
	if (path.length > strlen(removed) &&
	    memcmp(path.bytes + path.length - strlen(removed), removed, strlen(removed)) == 0)
		return false;
	node->path = unescape(arena, path);
	*mount = (struct facts_mount){
		.path = node->path,
		.type = arena_copy(arena, type.bytes, type.length),
		.attr = parse_attributes(options),
	};
	return true;
}

static int compare_ids(const void *left, const void *right)
{
	const struct node *one = *(const struct node *const *)left, *other = *(const struct node *const *)right;
	return one->id < other->id ? -1 : one->id > other->id;
}

static int compare_places(const void *left, const void *right)
{
	const struct node *one = *(const struct node *const *)left, *other = *(const struct node *const *)right;
	if (one->parent != other->parent)
		return one->parent < other->parent ? -1 : 1;
	return strcmp(one->path, other->path);
}

static const struct node *find_id(const struct tree *tree, uint64_t id)
{
	const struct node wanted = { .id = id }, *key = &wanted;
	const struct node **found = bsearch(&key, tree->by_id, tree->count, sizeof(key), compare_ids);
	return found ? *found : NULL;
}

static bool is_mounted(const struct tree *tree, uint64_t parent, const char *path)
{
	const struct node wanted = { .parent = parent, .path = path }, *key = &wanted;
	return bsearch(&key, tree->by_place, tree->count, sizeof(key), compare_places) != NULL;
}

/* What is mounted first on /a/b and then on /a has the same parent, and the second hides the first. */
static bool is_behind(struct arena *arena, const struct tree *tree, const struct node *node)
{
	char *above = arena_string(arena, node->path);
	for (char *slash; (slash = strrchr(above, '/')) && slash[1];) {
		slash[slash == above] = '\0'; /* the slash of "/" itself stays */
		if (is_mounted(tree, node->parent, above))
			return true;
		if (slash == above)
			break;
	}
	return false;
}

/* Nothing is mounted on its root, and neither it nor a mount it lies on is behind another. */
static bool is_hidden(const struct tree *tree, const struct node *node)
{
	if (is_mounted(tree, node->id, node->path))
		return true;
	for (size_t steps = 0; node && steps <= tree->count; steps++) {
		if (node->behind)
			return true;
		node = node->parent == node->id ? NULL : find_id(tree, node->parent);
	}
	return false;
}

static void sort_tree(struct arena *arena, struct tree *tree)
{
	tree->by_id = ARENA_ARRAY(arena, tree->count, const struct node *);
	tree->by_place = ARENA_ARRAY(arena, tree->count, const struct node *);
	for (size_t i = 0; i < tree->count; i++)
		tree->by_id[i] = tree->by_place[i] = &tree->nodes[i];
	qsort(tree->by_id, tree->count, sizeof(*tree->by_id), compare_ids);
	qsort(tree->by_place, tree->count, sizeof(*tree->by_place), compare_places);
}

size_t facts_parse_mounts(struct arena *arena, struct slice mountinfo, struct facts_mount **mounts)
{
	struct slice rest = mountinfo, line;
	struct tree tree = { 0 };
	size_t lines = 0;
	while (slice_take(&rest, '\n', &line))
		lines++;
	*mounts = ARENA_ARRAY(arena, lines, struct facts_mount);
	tree.nodes = ARENA_ARRAY(arena, lines, struct node);
	while (slice_take(&mountinfo, '\n', &line))
		if (parse_mount(arena, line, &(*mounts)[tree.count], &tree.nodes[tree.count]))
			tree.count++;
	sort_tree(arena, &tree);
	for (size_t i = 0; i < tree.count; i++)
		tree.nodes[i].behind = is_behind(arena, &tree, &tree.nodes[i]);
	for (size_t i = 0; i < tree.count; i++)
		(*mounts)[i].hidden = is_hidden(&tree, &tree.nodes[i]);
	return tree.count;
}

/* mnt_already_visible() of the kernel lets mounts on directories that are empty for ever pass: these two. */
bool facts_proc_covered(const struct facts_mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *path = mounts[i].path;
		if (!mounts[i].hidden && strncmp(path, "/proc/", 6) == 0 &&
		    strcmp(path, "/proc/sys/fs/binfmt_misc") != 0 && strcmp(path, "/proc/fs/nfsd") != 0)
			return true;
	}
	return false;
}

/* Directories that the kernel makes to be mounted on, and that hold nothing that a mount could hide. */
static bool is_mount_place(const char *path)
{
	static const char *const places[] = {
		"/sys/firmware/efi/efivars", "/sys/fs/bpf",          "/sys/fs/cgroup",
		"/sys/fs/fuse/connections",  "/sys/fs/pstore",       "/sys/fs/resctrl",
		"/sys/fs/selinux",           "/sys/fs/smackfs",      "/sys/kernel/config",
		"/sys/kernel/debug",         "/sys/kernel/security", "/sys/kernel/tracing",
	};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t length = strlen(places[i]);
		if (strncmp(path, places[i], length) == 0 && (path[length] == '/' || !path[length]))
			return true;
	}
	return false;
}

/* The times of a mount are locked in a user namespace: a fresh one has the kernel's default, and must not differ. */
bool facts_sys_covered(const struct facts_mount *mounts, size_t count)
{
	const uint64_t times = ABI_ATTR_NOATIME | ABI_ATTR_STRICTATIME | ABI_ATTR_NODIRATIME;
	bool covered = false, whole = false;
	for (size_t i = 0; i < count; i++) {
		const struct facts_mount *mount = &mounts[i];
		if (mount->hidden)
			continue;
		if (strcmp(mount->path, "/sys") == 0)
			whole = strcmp(mount->type, "sysfs") == 0 && !(mount->attr & times);
		covered |= strncmp(mount->path, "/sys/", 5) == 0 && !is_mount_place(mount->path);
	}
	return covered || !whole;
}
