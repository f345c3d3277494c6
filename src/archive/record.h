/* record.h: what kist sends to its archive helper on standard input: one record a file, then its data.
 *
 * Both come from the same build and run on the same machine, so numbers are as they are in memory. The helper opens no
 * file: all that goes into the archive is in the stream. */
#ifndef KIST_ARCHIVE_RECORD_H
#define KIST_ARCHIVE_RECORD_H

#include <stdint.h>

enum { ARCHIVE_MAGIC = 0x6b617231 };                                /* "kar1" */
/* Bytes of one text; of all attributes of a file. */
enum { ARCHIVE_TEXT_MOST = 16384, ARCHIVE_ATTRIBUTES_MOST = 4 << 20 };

struct archive_record {
	uint32_t magic;
	uint32_t mode; /* with the type */
	uint32_t uid, gid;
	uint32_t major, minor;
	uint32_t path_length;      /* then so many bytes of path, without a NUL */
	uint32_t link_length;      /* then of the target of a symbolic link, or of the path of the first name */
	uint32_t hard_link;        /* 1: the latter */
	uint32_t attribute_length; /* then attributes: name, NUL, 4 bytes of length, value */
	int64_t seconds;           /* of the last change of its content */
	uint32_t nanoseconds, reserved;
	uint64_t size; /* then the data */
};

#endif
