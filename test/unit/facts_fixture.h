/* facts_fixture.h: a folder of the test's own, and files in it. */
#ifndef KIST_FACTS_FIXTURE_H
#define KIST_FACTS_FIXTURE_H

#include "base/abi.h"
#include "base/file.h"
#include "facts/parts.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static char folder[64];

static inline int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/kist-facts-XXXXXX");
	return mkdtemp(folder) ? arena_open(&arena) : -1;
}

static inline int teardown(void **state)
{
	(void)state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	arena_close(&arena);
	return system(command);
}

static inline struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* Makes a file and the directories above it below the test's folder. */
static inline const char *make_file(const char *name, const char *text, unsigned mode)
{
	char *path = arena_printf(&arena, "%s/%s", folder, name);
	for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

#endif
