/* user.h: who the program runs as: ids, groups and HOME, from the container's own files, without NSS. */
#ifndef KIST_INIT_USER_H
#define KIST_INIT_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USER_GROUPS = 1024,         /* supplementary groups that are taken from /etc/group, at most */
	USER_HOME_SIZE = 1024,      /* "HOME=" and the directory */
	USER_FILE_LIMIT = 1 << 20,  /* bytes read of /etc/passwd and of /etc/group: an image may bring a bomb */
	USER_LINE_SIZE = 16 * 1024, /* of one line */
};

struct identity {
	uint32_t uid, gid;
	uint32_t groups[USER_GROUPS];
	size_t group_count;
	char home[USER_HOME_SIZE]; /* "HOME=/root", ready for the environment; "" when nothing was looked up */
};

/* One line of passwd(5) or group(5), taken apart in place. False when it is not one: a comment, too few fields, an id
 * that is no number. */
struct passwd_line {
	const char *name, *home;
	uint32_t uid, gid;
};
bool passwd_parse(char *line, struct passwd_line *entry);

struct group_line {
	const char *name, *members;
	uint32_t gid;
};
bool group_parse(char *line, struct group_line *entry);
/* True when `name` is one of the comma-separated members. */
bool group_has(const char *members, const char *name);

/* An id as a number: digits only, below 2^32 - 1 (which means "unchanged" to the kernel). 0 or -EINVAL. */
int id_parse(const char *string, uint32_t *id);

/* Lines of a file, one after the other. The buffer is mapped and given back: a page of the stack that was touched once
 * would stay with a container that waits to be started. */
struct lines {
	int fd;
	size_t start, end, total;
	char *bytes; /* USER_LINE_SIZE of them */
};
/* Takes `fd`, which may be a -errno of its opening: that is then the result. 0 or -errno. */
int lines_open(struct lines *lines, int fd);
void lines_close(struct lines *lines);
/* 1 and the next line without its end, valid until the next call; 0 at the end; -E2BIG for a line or a file that is too
 * long, or another -errno. */
int lines_next(struct lines *lines, char **line);

#endif
