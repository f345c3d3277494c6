/* cookie.c: the right to use an X display. The file is a list of entries, each a family and four strings: address,
 * number of the display, name and data of the authority, with lengths of two bytes, high byte first (Xauth.h). */
#include "state/cookie.h"

#include "base/buf.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { COOKIE_LIMIT = 1 << 20, COOKIE_STRINGS = 4, ADDRESS = 0, NUMBER = 1 };

struct text {
	const char *bytes;
	size_t length;
};

static bool take_string(const char **at, const char *end, struct text *string)
{
	const unsigned char *head = (const unsigned char *)*at;
	if (end - *at < 2 || end - *at - 2 < (head[0] << 8 | head[1]))
		return false;
	*string = (struct text){ *at + 2, (size_t)(head[0] << 8 | head[1]) };
	*at = string->bytes + string->length;
	return true;
}

static void put_string(struct buf *out, struct text string)
{
	const char head[2] = { (char)(string.length >> 8), (char)string.length };
	buf_put(out, head, sizeof(head));
	buf_put(out, string.bytes, string.length);
}

/* An entry without a number is for all displays. */
static bool is_for(struct text number, const char *wanted)
{
	return number.length == 0 ||
	       (number.length == strlen(wanted) && memcmp(number.bytes, wanted, number.length) == 0);
}

static int copy_entries(struct buf *out, const char *at, const char *end, const char *number)
{
	static const char wild[2] = { (char)0xff, (char)0xff }; /* FamilyWild */
	while (at < end) {
		struct text strings[COOKIE_STRINGS];
		if (end - at < 2)
			return -EBADMSG;
		at += 2;
		for (size_t i = 0; i < COOKIE_STRINGS; i++)
			if (!take_string(&at, end, &strings[i]))
				return -EBADMSG;
		if (!is_for(strings[NUMBER], number))
			continue;
		strings[ADDRESS].length = 0;
		buf_put(out, wild, sizeof(wild));
		for (size_t i = 0; i < COOKIE_STRINGS; i++)
			put_string(out, strings[i]);
	}
	return 0;
}

int cookie_copy(struct arena *arena, int fd, const char *source, const char *number)
{
	char *bytes;
	size_t length;
	struct buf out = buf_in(arena);
	int result = file_read_at(arena, AT_FDCWD, source, COOKIE_LIMIT, &bytes, &length);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	result = copy_entries(&out, bytes, bytes + length, number);
	return result < 0 || !out.length ? result : file_write_fd(fd, out.bytes, out.length);
}
