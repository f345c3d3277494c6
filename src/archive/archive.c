/* archive.c: kist's archive helper: records on standard input become a tar archive on standard output.
 *
 * A program of its own, so that libarchive is never loaded where containers are started. */
#include "archive/record.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DATA_BYTES = 64 << 10, FAILED = 1 };

static bool take(void *bytes, size_t size)
{
	return fread(bytes, 1, size, stdin) == size;
}

/* A NUL-terminated text of this length; NULL when it is too long or the stream ends. */
static char *take_text(uint32_t length)
{
	char *text = length <= ARCHIVE_TEXT_MOST ? malloc((size_t)length + 1) : NULL;
	if (!text || !take(text, length)) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

/* One attribute at bytes[*at]; false when it does not end within the length. */
static bool put_attribute(struct archive_entry *entry, const char *bytes, size_t length, size_t *at)
{
	uint32_t size;
	const char *end = memchr(bytes + *at, '\0', length - *at);
	size_t value = end ? (size_t)(end - bytes) + 1 + sizeof(size) : length + 1;
	if (value > length)
		return false;
	memcpy(&size, bytes + value - sizeof(size), sizeof(size));
	if (size > length - value)
		return false;
	archive_entry_xattr_add_entry(entry, bytes + *at, bytes + value, size);
	*at = value + size;
	return true;
}

static bool put_attributes(struct archive_entry *entry, uint32_t length)
{
	char *bytes = length <= ARCHIVE_ATTRIBUTES_MOST ? malloc((size_t)length + 1) : NULL;
	bool whole = bytes && take(bytes, length);
	for (size_t at = 0; whole && at < length;)
		whole = put_attribute(entry, bytes, length, &at);
	free(bytes);
	return whole;
}

static bool put_names(struct archive_entry *entry, const struct archive_record *record)
{
	char *path = take_text(record->path_length);
	char *link = path ? take_text(record->link_length) : NULL;
	if (link) {
		archive_entry_copy_pathname(entry, path);
		if (record->hard_link)
			archive_entry_copy_hardlink(entry, link);
		else if (*link)
			archive_entry_copy_symlink(entry, link);
	}
	bool whole = link;
	free(link);
	free(path);
	return whole;
}

static bool put_entry(struct archive_entry *entry, const struct archive_record *record)
{
	archive_entry_set_mode(entry, record->mode);
	archive_entry_set_uid(entry, record->uid);
	archive_entry_set_gid(entry, record->gid);
	archive_entry_set_rdevmajor(entry, record->major);
	archive_entry_set_rdevminor(entry, record->minor);
	archive_entry_set_mtime(entry, record->seconds, (long)record->nanoseconds);
	archive_entry_set_size(entry, (int64_t)record->size);
	return put_names(entry, record) && put_attributes(entry, record->attribute_length);
}

static bool put_data(struct archive *archive, uint64_t size)
{
	char bytes[DATA_BYTES];
	while (size) {
		size_t part = size < sizeof(bytes) ? (size_t)size : sizeof(bytes);
		if (!take(bytes, part) || archive_write_data(archive, bytes, part) != (la_ssize_t)part)
			return false;
		size -= part;
	}
	return true;
}

/* False when the stream, or the archive, is broken. */
static bool put_record(struct archive *archive, const struct archive_record *record)
{
	struct archive_entry *entry = archive_entry_new();
	bool done = entry && record->magic == ARCHIVE_MAGIC && put_entry(entry, record) &&
	            archive_write_header(archive, entry) >= ARCHIVE_WARN && put_data(archive, record->size);
	archive_entry_free(entry);
	return done;
}

int main(void)
{
	struct archive *archive = archive_write_new();
	struct archive_record record;
	if (!archive || archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
	    archive_write_open_FILE(archive, stdout) != ARCHIVE_OK)
		return FAILED;
	size_t got;
	bool whole = true;
	while (whole && (got = fread(&record, 1, sizeof(record), stdin)) > 0)
		whole = got == sizeof(record) && put_record(archive, &record);
	if (!whole)
		fprintf(stderr, "%s", archive_error_string(archive) ? archive_error_string(archive) : "broken stream");
	bool closed = whole && archive_write_close(archive) == ARCHIVE_OK && fflush(stdout) == 0;
	return closed ? 0 : FAILED;
}
