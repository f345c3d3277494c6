/* binfmt.c: which programs of other architectures the kernel runs, and with what: its binfmt_misc registrations. */
#include "base/abi.h"
#include "facts/parts.h"
#include "sys/open.h"

#include <dirent.h>

enum { BINFMT_MAX = 256, ELF_HEAD = 20 };

/* A line of "KEY value" in the text of a registration; an empty slice when there is none. */
static struct slice line_of(const char *text, const char *key)
{
	struct slice rest = { text, strlen(text) }, line;
	size_t length = strlen(key);
	while (slice_take(&rest, '\n', &line))
		if (line.length > length && memcmp(line.bytes, key, length) == 0)
			return (struct slice){ line.bytes + length, line.length - length };
	return (struct slice){ "", 0 };
}

static int hex_digit(char byte)
{
	return byte >= '0' && byte <= '9' ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* elf(5): the class and the byte order are in e_ident, the machine follows the type. False for what is no ELF head. */
static bool take_head(struct slice hex, struct facts_binfmt *binfmt)
{
	static const unsigned char start[] = { 0x7f, 'E', 'L', 'F' };
	unsigned char head[ELF_HEAD];
	if (hex.length < 2 * ELF_HEAD)
		return false;
	for (size_t i = 0; i < ELF_HEAD; i++) {
		int high = hex_digit(hex.bytes[2 * i]), low = hex_digit(hex.bytes[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		head[i] = (unsigned char)(high << 4 | low);
	}
	binfmt->bits = head[4] == 2 ? 64 : 32;
	binfmt->big_endian = head[5] == 2;
	binfmt->machine =
		binfmt->big_endian ? (uint32_t)(head[18] << 8 | head[19]) : (uint32_t)(head[19] << 8 | head[18]);
	return memcmp(head, start, sizeof(start)) == 0;
}

bool facts_parse_binfmt(struct arena *arena, const char *text, struct facts_binfmt *binfmt)
{
	struct slice interpreter = line_of(text, "interpreter "), flags = line_of(text, "flags: ");
	if (strncmp(text, "enabled\n", 8) != 0 || interpreter.length == 0 || *interpreter.bytes != '/' ||
	    !slice_is(line_of(text, "offset "), "0"))
		return false;
	binfmt->interpreter = arena_copy(arena, interpreter.bytes, interpreter.length);
	binfmt->fixed = flags.length && memchr(flags.bytes, 'F', flags.length);
	return take_head(line_of(text, "magic "), binfmt);
}

void facts_read_binfmt(struct arena *arena, const char *folder, struct facts *facts)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	char text[4096];
	/* Without the file system there is an empty directory. */
	facts->have_binfmt = sys_access_at(AT_FDCWD, arena_printf(arena, "%s/status", folder), F_OK, 0) == 0;
	facts->binfmts = ARENA_ARRAY(arena, stream ? BINFMT_MAX : 1, struct facts_binfmt);
	while (stream && facts->binfmt_count < BINFMT_MAX && (entry = readdir(stream))) {
		const char *path = arena_printf(arena, "%s/%s", folder, entry->d_name);
		bool own = strcmp(entry->d_name, "register") == 0 || strcmp(entry->d_name, "status") == 0;
		if (!own && *entry->d_name != '.' && facts_read_small(path, text, sizeof(text)) &&
		    facts_parse_binfmt(arena, text, &facts->binfmts[facts->binfmt_count]))
			facts->binfmt_count++;
	}
	if (stream)
		closedir(stream);
}
