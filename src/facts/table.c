/* table.c: the facts as JSON: every field once, for writing, reading, and the cache of the kernel's features. */
#include "base/abi.h"
#include "facts/codec.h"
#include "facts/parts.h"

#include <assert.h>
#include <errno.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { LONGEST_LIST = 100000, MOST_HIERARCHIES = 64, MOST_CONTROLLERS = 64, MOST_GROUPS = 65536, MOST_RANGES = 339 };

/* Elements that are no structs. */
static const struct field word_element = { .kind = FIELD_TEXT };
static const struct field id_element = { .kind = FIELD_U32, .most = UINT32_MAX };
static const struct field limit_element = { .kind = FIELD_LIMIT };

#define BOOL(type, name)                                                                                               \
	{                                                                                                              \
		.key = #name, .kind = FIELD_BOOL, .offset = offsetof(type, name)                                       \
	}
#define NUMBER(type, name, limit)                                                                                      \
	{                                                                                                              \
		.key = #name, .kind = FIELD_U32, .offset = offsetof(type, name), .most = (limit)                       \
	}
#define LARGE(type, name)                                                                                              \
	{                                                                                                              \
		.key = #name, .kind = FIELD_U64, .offset = offsetof(type, name)                                        \
	}
#define TEXT(type, name, may_be_null)                                                                                  \
	{                                                                                                              \
		.key = #name, .kind = FIELD_TEXT, .offset = offsetof(type, name), .nullable = (may_be_null)            \
	}
#define PATH(type, name, may_be_null)                                                                                  \
	{                                                                                                              \
		.key = #name, .kind = FIELD_PATH, .offset = offsetof(type, name), .nullable = (may_be_null)            \
	}
#define WORD(type, name, list)                                                                                         \
	{                                                                                                              \
		.key = #name, .kind = FIELD_WORD, .offset = offsetof(type, name), .words = (list), .most = COUNT(list) \
	}
#define OBJECT(type, name, table)                                                                                      \
	{                                                                                                              \
		.key = #name, .kind = FIELD_OBJECT, .offset = offsetof(type, name), .fields = (table),                 \
		.field_count = COUNT(table)                                                                            \
	}
#define ELEMENT(table)                                                                                                 \
	{                                                                                                              \
		.kind = FIELD_OBJECT, .fields = (table), .field_count = COUNT(table)                                   \
	}
#define LIST(type, name, counted, limit, of, size)                                                                     \
	{                                                                                                              \
		.key = #name, .kind = FIELD_LIST, .offset = offsetof(type, name),                                      \
		.count_offset = offsetof(type, counted), .most = (limit), .element = (of), .element_size = (size)      \
	}

static const struct field range_fields[] = {
	NUMBER(struct facts_range, first, UINT32_MAX - 1),
	NUMBER(struct facts_range, count, UINT32_MAX),
};
static const struct field range_element = ELEMENT(range_fields);

static const struct field caller_fields[] = {
	NUMBER(struct facts_caller, uid, UINT32_MAX - 1),
	NUMBER(struct facts_caller, gid, UINT32_MAX - 1),
	LIST(struct facts_caller, groups, group_count, MOST_GROUPS, &id_element, sizeof(uint32_t)),
	LARGE(struct facts_caller, capabilities),
	BOOL(struct facts_caller, initial_user_namespace),
	LIST(struct facts_caller, subuids, subuid_count, MOST_RANGES, &range_element, sizeof(struct facts_range)),
	LIST(struct facts_caller, subgids, subgid_count, MOST_RANGES, &range_element, sizeof(struct facts_range)),
	NUMBER(struct facts_caller, subids_free, UINT32_MAX - 1),
	TEXT(struct facts_caller, name, true),
	PATH(struct facts_caller, newuidmap, true),
	PATH(struct facts_caller, newgidmap, true),
	PATH(struct facts_caller, cwd, false),
	TEXT(struct facts_caller, state_root, false),
	NUMBER(struct facts_caller, umask, 07777),
	BOOL(struct facts_caller, terminal),
	BOOL(struct facts_caller, no_new_privs),
	TEXT(struct facts_caller, state_file_system, true),
};

static const struct field kernel_fields[] = {
	NUMBER(struct facts_kernel, major, 9999),
	NUMBER(struct facts_kernel, minor, 9999),
	BOOL(struct facts_kernel, openat2),
	BOOL(struct facts_kernel, mount_api),
	BOOL(struct facts_kernel, mount_setattr),
	BOOL(struct facts_kernel, close_range),
	BOOL(struct facts_kernel, pidfd),
	BOOL(struct facts_kernel, clone_into_cgroup),
	BOOL(struct facts_kernel, memfd_exec_flag),
	BOOL(struct facts_kernel, statmount),
	BOOL(struct facts_kernel, open_tree_namespace),
	BOOL(struct facts_kernel, time_namespace),
	BOOL(struct facts_kernel, cgroup_namespace),
	BOOL(struct facts_kernel, user_namespace),
	BOOL(struct facts_kernel, seccomp),
	BOOL(struct facts_kernel, seccomp_log),
	BOOL(struct facts_kernel, seccomp_wait_killable),
	BOOL(struct facts_kernel, overlay),
	BOOL(struct facts_kernel, cgroup_bpf),
};
static const struct field kernel_object = ELEMENT(kernel_fields);

static const struct field hierarchy_fields[] = {
	BOOL(struct facts_hierarchy, unified),
	PATH(struct facts_hierarchy, mount, false),
	TEXT(struct facts_hierarchy, name, false),
	LIST(struct facts_hierarchy, controllers, controller_count, MOST_CONTROLLERS, &word_element, sizeof(char *)),
	PATH(struct facts_hierarchy, own, false),
	LIST(struct facts_hierarchy, delegated, delegated_count, MOST_CONTROLLERS, &word_element, sizeof(char *)),
	BOOL(struct facts_hierarchy, root_writable),
	BOOL(struct facts_hierarchy, own_writable),
};
static const struct field hierarchy_element = ELEMENT(hierarchy_fields);

static const char *const layout_words[] = {
	[CGROUP_NONE] = "none",
	[CGROUP_V1] = "v1",
	[CGROUP_HYBRID] = "hybrid",
	[CGROUP_V2] = "v2",
};
static const struct field cgroup_fields[] = {
	WORD(struct facts_cgroup, layout, layout_words),
	LIST(struct facts_cgroup, hierarchies, count, MOST_HIERARCHIES, &hierarchy_element,
	     sizeof(struct facts_hierarchy)),
	TEXT(struct facts_cgroup, cpus, true),
	TEXT(struct facts_cgroup, mems, true),
};

static const struct field mount_fields[] = {
	PATH(struct facts_mount, path, false),
	TEXT(struct facts_mount, type, false),
	LARGE(struct facts_mount, attr),
	BOOL(struct facts_mount, hidden),
};
static const struct field mount_element = ELEMENT(mount_fields);

static const char *const entry_words[] = {
	[ENTRY_DIR] = "dir",
	[ENTRY_FILE] = "file",
	[ENTRY_LINK] = "link",
	[ENTRY_OTHER] = "other",
};
static const struct field entry_fields[] = {
	PATH(struct facts_entry, path, false),  WORD(struct facts_entry, type, entry_words),
	TEXT(struct facts_entry, target, true), NUMBER(struct facts_entry, mode, 07777),
	BOOL(struct facts_entry, mounts_below), BOOL(struct facts_entry, readable),
};
static const struct field entry_element = ELEMENT(entry_fields);

static const struct field binfmt_fields[] = {
	PATH(struct facts_binfmt, interpreter, false), BOOL(struct facts_binfmt, fixed),
	NUMBER(struct facts_binfmt, bits, 64),         BOOL(struct facts_binfmt, big_endian),
	NUMBER(struct facts_binfmt, machine, 0xffff),
};
static const struct field binfmt_element = ELEMENT(binfmt_fields);

static const char *const source_words[] = {
	[SOURCE_MISSING] = "missing", [SOURCE_DIR] = "dir",     [SOURCE_FILE] = "file",
	[SOURCE_CHAR] = "char",       [SOURCE_BLOCK] = "block", [SOURCE_OTHER] = "other",
};
static const struct field source_fields[] = {
	TEXT(struct facts_source, path, false),       WORD(struct facts_source, kind, source_words),
	NUMBER(struct facts_source, major, 0xfff), /* dev_t: 12 bits, and 20 */
	NUMBER(struct facts_source, minor, 0xfffff),  NUMBER(struct facts_source, uid, UINT32_MAX),
	NUMBER(struct facts_source, gid, UINT32_MAX), TEXT(struct facts_source, idmap, true),
};
static const struct field source_element = ELEMENT(source_fields);

static const struct field document_fields[] = {
	TEXT(struct facts, kernel_release, false),
	TEXT(struct facts, machine, false),
	OBJECT(struct facts, caller, caller_fields),
	OBJECT(struct facts, kernel, kernel_fields),
	OBJECT(struct facts, cgroup, cgroup_fields),
	NUMBER(struct facts, memfd_noexec, 2),
	BOOL(struct facts, apparmor),
	BOOL(struct facts, selinux),
	BOOL(struct facts, proc_masked),
	BOOL(struct facts, sys_masked),
	BOOL(struct facts, fuse_there),
	BOOL(struct facts, fuse_open),
	PATH(struct facts, fuse_overlayfs, true),
	LARGE(struct facts, nr_open),
	{ .key = "rlimits_hard",
	  .kind = FIELD_LIST,
	  .offset = offsetof(struct facts, rlimits_hard),
	  .count_offset = FIELD_FIXED,
	  .most = ABI_RLIMIT_COUNT,
	  .element = &limit_element,
	  .element_size = sizeof(uint64_t) },
	TEXT(struct facts, cpus_online, true),
	BOOL(struct facts, have_mounts),
	LIST(struct facts, mounts, mount_count, LONGEST_LIST, &mount_element, sizeof(struct facts_mount)),
	LIST(struct facts, entries, entry_count, LONGEST_LIST, &entry_element, sizeof(struct facts_entry)),
	BOOL(struct facts, have_binfmt),
	LIST(struct facts, binfmts, binfmt_count, LONGEST_LIST, &binfmt_element, sizeof(struct facts_binfmt)),
	LIST(struct facts, sources, source_count, LONGEST_LIST, &source_element, sizeof(struct facts_source)),
};
static const struct field document = ELEMENT(document_fields);

/* The codec writes enums and ints as four bytes. */
static_assert(sizeof(enum facts_cgroup_layout) == 4 && sizeof(enum facts_entry_type) == 4 && sizeof(int) == 4, "int");

static bool ranges_hold(const struct facts_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].count == 0 || (uint64_t)ranges[i].first + ranges[i].count > UINT32_MAX)
			return false;
		for (size_t k = 0; k < i; k++)
			if (ranges[k].first < ranges[i].first + ranges[i].count &&
			    ranges[i].first < ranges[k].first + ranges[k].count)
				return false;
	}
	return true;
}

static bool subuids_hold(const struct facts *facts)
{
	return ranges_hold(facts->caller.subuids, facts->caller.subuid_count);
}

static bool subgids_hold(const struct facts *facts)
{
	return ranges_hold(facts->caller.subgids, facts->caller.subgid_count);
}

static bool state_root_holds(const struct facts *facts)
{
	return facts->caller.state_root[0] == '/';
}

static bool layout_holds(const struct facts *facts)
{
	const struct facts_cgroup *cgroup = &facts->cgroup;
	bool last_unified = cgroup->layout == CGROUP_V2 || cgroup->layout == CGROUP_HYBRID;
	if (cgroup->layout == CGROUP_NONE || cgroup->count == 0)
		return cgroup->layout == CGROUP_NONE && cgroup->count == 0;
	if (cgroup->layout == CGROUP_V2 && cgroup->count != 1)
		return false;
	for (size_t i = 0; i < cgroup->count; i++)
		if (cgroup->hierarchies[i].unified != (last_unified && i == cgroup->count - 1))
			return false;
	return true;
}

/* They become parts of paths. */
static bool names_hold(const struct facts *facts)
{
	for (size_t i = 0; i < facts->cgroup.count; i++) {
		const struct facts_hierarchy *hierarchy = &facts->cgroup.hierarchies[i];
		if (strchr(hierarchy->name, '/') || strcmp(hierarchy->name, "..") == 0 ||
		    strcmp(hierarchy->name, ".") == 0 ||
		    (hierarchy->name[0] == '\0') != (facts->cgroup.layout == CGROUP_V2))
			return false;
		for (size_t k = 0; k < hierarchy->controller_count; k++)
			if (hierarchy->controllers[k][0] == '\0' || strchr(hierarchy->controllers[k], '/'))
				return false;
	}
	return true;
}

static bool mounts_hold(const struct facts *facts)
{
	return facts->have_mounts || (facts->mount_count == 0 && facts->entry_count == 0);
}

static bool entries_hold(const struct facts *facts)
{
	for (size_t i = 0; i < facts->entry_count; i++)
		if ((facts->entries[i].type == ENTRY_LINK) != (facts->entries[i].target != NULL))
			return false;
	return true;
}

/* What no single field can tell. */
static const struct {
	bool (*holds)(const struct facts *facts);
	const char *pointer, *text;
} checks[] = {
	{ subuids_hold, "/caller/subuids", "the ranges are empty, too long or overlap" },
	{ subgids_hold, "/caller/subgids", "the ranges are empty, too long or overlap" },
	{ state_root_holds, "/caller/state_root", "expected an absolute path" },
	{ layout_holds, "/cgroup/hierarchies", "they do not fit the layout" },
	{ names_hold, "/cgroup/hierarchies", "a name or a controller is empty or a path" },
	{ mounts_hold, "/have_mounts", "false, but there are mounts or entries" },
	{ entries_hold, "/entries", "a link without a target, or a target without a link" },
};

void facts_put_kernel(struct buf *out, const struct facts_kernel *kernel)
{
	field_put(out, &kernel_object, kernel, -1);
}

bool facts_take_kernel(struct arena *arena, const struct json_value *value, struct facts_kernel *kernel)
{
	struct facts_kernel taken = { 0 };
	struct err ignored;
	if (!field_take(arena, "features", &kernel_object, value, &taken, &ignored))
		return false;
	*kernel = taken;
	return true;
}

void facts_write_json(struct buf *out, const struct facts *facts)
{
	field_put(out, &document, facts, 0);
	buf_putc(out, '\n');
}

int facts_read_json(struct arena *arena, const char *text, size_t length, const char *source, struct facts *facts,
                    struct err *err)
{
	struct json_error error;
	struct facts read = { 0 };
	const struct json_value *root = json_parse(arena, text, length, &error, NULL);
	if (!root)
		return err_set(err, arena, 0, "%s:%u:%u: %s", source, error.line, error.column, error.text);
	if (!field_take(arena, source, &document, root, &read, err))
		return -EINVAL;
	for (size_t i = 0; i < COUNT(checks); i++) {
		bool whole;
		const struct json_value *place = json_follow(root, checks[i].pointer, &whole);
		if (!checks[i].holds(&read))
			return err_set(err, arena, 0, "%s:%u:%u %s: %s", source, place->line, place->column,
			               checks[i].pointer, checks[i].text);
	}
	*facts = read;
	return 0;
}
