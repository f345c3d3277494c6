/* user.c: reading passwd(5) and group(5) line by line, strictly and boundedly. */
#include "init/user.h"

#include "base/fd.h"
#include "init/actions.h"
#include "init/path.h"
#include "init/text.h"
#include "sys/open.h"

#include <string.h>
#include <sys/mman.h>

/* What was asked for, taken apart. */
struct wish {
	char user[NAME_SIZE], group[NAME_SIZE]; /* "" when not given */
	bool user_is_number, group_is_number;
};

int id_parse(const char *string, uint32_t *id)
{
	uint64_t number = 0;

	if (number_parse(string, UINT32_MAX - 1, &number) < 0)
		return -EINVAL;
	*id = (uint32_t)number;
	return 0;
}

/* Cuts the line at its colons. The number of fields, at most `most`; the last one keeps the rest. */
static size_t split_fields(char *line, char **fields, size_t most)
{
	size_t count = 0;

	while (line && count < most) {
		fields[count++] = line;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return count;
}

bool passwd_parse(char *line, struct passwd_line *entry)
{
	char *fields[7];

	if (split_fields(line, fields, 7) < 6 || !*fields[0])
		return false;
	*entry = (struct passwd_line){ .name = fields[0], .home = fields[5] };
	return id_parse(fields[2], &entry->uid) == 0 && id_parse(fields[3], &entry->gid) == 0;
}

bool group_parse(char *line, struct group_line *entry)
{
	char *fields[4];
	size_t count = split_fields(line, fields, 4);

	if (count < 3 || !*fields[0])
		return false;
	*entry = (struct group_line){ .name = fields[0], .members = count == 4 ? fields[3] : "" };
	return id_parse(fields[2], &entry->gid) == 0;
}

bool group_has(const char *members, const char *name)
{
	const size_t length = strlen(name);

	while (*members) {
		const size_t end = strcspn(members, ",");
		if (end == length && memcmp(members, name, length) == 0)
			return true;
		members += end + (members[end] == ',');
	}
	return false;
}

int lines_open(struct lines *lines, int fd)
{
	*lines = (struct lines){ .fd = fd };
	if (fd < 0)
		return fd;
	void *bytes = mmap(NULL, USER_LINE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	lines->bytes = bytes;
	return 0;
}

void lines_close(struct lines *lines)
{
	if (lines->bytes)
		munmap(lines->bytes, USER_LINE_SIZE);
	fd_close(&lines->fd);
}

/* Moves what is left to the front and reads more behind it. The count of new bytes, or -errno. */
static long lines_fill(struct lines *lines)
{
	memmove(lines->bytes, lines->bytes + lines->start, lines->end - lines->start);
	lines->end -= lines->start;
	lines->start = 0;
	size_t room = USER_LINE_SIZE - 1 - lines->end;
	if (room == 0 || lines->total >= USER_FILE_LIMIT)
		return -EFBIG;
	long count = sys_read(lines->fd, lines->bytes + lines->end, room);
	if (count > 0) {
		lines->end += (size_t)count;
		lines->total += (size_t)count;
	}
	return count;
}

int lines_next(struct lines *lines, char **line)
{
	for (;;) {
		char *start = lines->bytes + lines->start;
		char *newline = memchr(start, '\n', lines->end - lines->start);
		if (newline) {
			*newline = '\0';
			lines->start = (size_t)(newline + 1 - lines->bytes);
			*line = start;
			return 1;
		}
		long count = lines_fill(lines);
		if (count < 0)
			return (int)count;
		if (count > 0)
			continue;
		if (lines->start == lines->end)
			return 0;
		lines->bytes[lines->end] = '\0'; /* a last line without an end */
		*line = lines->bytes + lines->start;
		lines->start = lines->end;
		return 1;
	}
}

static void set_home(struct identity *identity, const char *home)
{
	static const char key[] = "HOME=";
	size_t length = strlen(home);

	if (length == 0 || length + sizeof(key) > sizeof(identity->home)) {
		home = "/";
		length = 1;
	}
	memcpy(identity->home, key, sizeof(key) - 1);
	memcpy(identity->home + sizeof(key) - 1, home, length + 1);
}

/* "name", "name:group", "7", "7:8". A number is never a name (CVE-2016-3697). */
static int parse_wish(const char *user, struct wish *wish, struct identity *identity)
{
	const size_t end = strcspn(user, ":");
	const char *group = user[end] ? user + end + 1 : "";

	if (end >= sizeof(wish->user) || strlen(group) >= sizeof(wish->group))
		return -ENAMETOOLONG;
	memcpy(wish->user, user, end);
	wish->user[end] = '\0';
	memcpy(wish->group, group, strlen(group) + 1);
	if (user[end] && !*group)
		return -EINVAL;
	wish->user_is_number = id_parse(wish->user, &identity->uid) == 0;
	wish->group_is_number = id_parse(wish->group, &identity->gid) == 0;
	return 0;
}

/* Both 1 when found, 0 when not, -errno when the file cannot be read. */
static int find_user(int root, struct wish *wish, struct identity *identity)
{
	__attribute__((cleanup(lines_close))) struct lines lines;
	struct passwd_line entry;
	char *line;
	int more = lines_open(&lines, path_open_regular(root, "/etc/passwd"));

	while (more >= 0 && (more = lines_next(&lines, &line)) > 0) {
		if (!passwd_parse(line, &entry))
			continue;
		bool same = wish->user_is_number ? entry.uid == identity->uid : strcmp(entry.name, wish->user) == 0;
		if (!same)
			continue;
		identity->uid = entry.uid;
		if (!*wish->group)
			identity->gid = entry.gid;
		set_home(identity, entry.home);
		if (strlen(entry.name) < sizeof(wish->user))
			memcpy(wish->user, entry.name, strlen(entry.name) + 1);
		return 1;
	}
	return more;
}

/* The gid of a group asked for by name, or, when none was asked for, the groups that the user is a member of. */
static int find_groups(int root, const struct wish *wish, struct identity *identity)
{
	__attribute__((cleanup(lines_close))) struct lines lines;
	struct group_line entry;
	char *line;
	int more = lines_open(&lines, path_open_regular(root, "/etc/group"));

	while (more >= 0 && (more = lines_next(&lines, &line)) > 0) {
		if (!group_parse(line, &entry))
			continue;
		if (*wish->group && strcmp(entry.name, wish->group) == 0) {
			identity->gid = entry.gid;
			return 1;
		}
		if (*wish->group || !group_has(entry.members, wish->user))
			continue;
		if (identity->group_count == USER_GROUPS)
			return -E2BIG;
		identity->groups[identity->group_count++] = entry.gid;
	}
	return more;
}

static int find_group(int root, const char *name, uint32_t *gid)
{
	__attribute__((cleanup(lines_close))) struct lines lines;
	struct group_line entry;
	char *line;
	int more = lines_open(&lines, path_open_regular(root, "/etc/group"));

	while (more >= 0 && (more = lines_next(&lines, &line)) > 0) {
		if (!group_parse(line, &entry) || strcmp(entry.name, name) != 0)
			continue;
		*gid = entry.gid;
		return 1;
	}
	return more;
}

static int unusable(struct walker *walker, int result, const char *file)
{
	const char *why = result == -EINVAL  ? " is no regular file"
	                  : result == -EFBIG ? " or a line of it is longer than kist reads"
	                  : result == -E2BIG ? " has more groups of this user than kist takes"
	                                     : " cannot be used";

	return walk_fail(walker, result, "the container's ", file, why);
}

static int look_up(struct walker *walker, int root, struct wish *wish, struct identity *identity)
{
	int found = find_user(root, wish, identity);
	bool missing = found == 0 || found == -ENOENT || found == -ENOTDIR;

	if (missing && !wish->user_is_number)
		return walk_fail(walker, -ENOENT, "there is no user \"", wish->user,
		                 "\" in the container's /etc/passwd");
	if (found < 0 && !missing)
		return unusable(walker, found, "/etc/passwd");
	if (wish->group_is_number || (missing && !*wish->group))
		return 0;
	found = find_groups(root, wish, identity);
	missing = found == 0 || found == -ENOENT || found == -ENOTDIR;
	if (missing && *wish->group)
		return walk_fail(walker, -ENOENT, "there is no group \"", wish->group,
		                 "\" in the container's /etc/group");
	return found < 0 && !missing ? unusable(walker, found, "/etc/group") : 0;
}

int act_lookup_user(struct walker *walker, const struct step *step)
{
	const struct step_lookup_user *wanted = &step->lookup_user;
	const char *user = walk_text(walker, wanted->user);
	struct identity *identity = &walker->identity;
	int root = walk_slot(walker, wanted->root);
	struct wish wish = { .user_is_number = true, .group = "-" };

	identity->uid = wanted->uid;
	identity->gid = wanted->gid;
	set_home(identity, "/");
	walk_give(walker, wanted->identity, 0);
	if (!*user) { /* ids are given; only HOME is looked for, and nothing found is fine */
		find_user(root, &wish, identity);
		return 0;
	}
	int result = parse_wish(user, &wish, identity);
	return result < 0 ? result : look_up(walker, root, &wish, identity);
}

int act_lookup_groups(struct walker *walker, const struct step *step)
{
	const struct plan_span names = step->lookup_groups.names;
	struct identity *identity = &walker->identity;
	int root = walk_slot(walker, step->lookup_groups.root);
	const char *name = plan_bytes(walker->block, names);

	if (names.count > USER_GROUPS)
		return -E2BIG;
	for (identity->group_count = 0; identity->group_count < names.count; name = list_next(name)) {
		int found = find_group(root, name, &identity->groups[identity->group_count++]);
		if (found == 0 || found == -ENOENT || found == -ENOTDIR)
			return walk_fail(walker, -ENOENT, "there is no group \"", name,
			                 "\" in the container's /etc/group");
		if (found < 0)
			return unusable(walker, found, "/etc/group");
	}
	return 0;
}
