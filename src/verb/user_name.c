/* user_name.c: the names of this machine's users. Not getpwuid(3), which asks name services, and those the network. */
#include "verb/user_name.h"

#include "base/file.h"

#include <fcntl.h>
#include <string.h>

enum { PASSWD_LIMIT = 4 << 20 };

const char *user_names(struct arena *arena)
{
	char *text;
	size_t length;
	return file_read_at(arena, AT_FDCWD, "/etc/passwd", PASSWD_LIMIT, &text, &length) == 0 ? text : NULL;
}

const char *user_name(struct arena *arena, const char *names, uint32_t uid)
{
	const char *wanted = arena_printf(arena, ":%u:", uid);
	for (const char *line = names; line && *line;) {
		size_t length = strcspn(line, "\n"), name = strcspn(line, ":");
		const char *password = name < length ? line + name + 1 : NULL;
		const char *id = password ? strchr(password, ':') : NULL;
		if (name && id && id < line + length && strncmp(id, wanted, strlen(wanted)) == 0)
			return arena_copy(arena, line, name);
		line += length + (line[length] == '\n');
	}
	return arena_printf(arena, "%u", uid);
}
