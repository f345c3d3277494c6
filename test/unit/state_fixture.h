/* state_fixture.h: a folder of the test's own, a state root in it, and records that a killed runtime left. */
#ifndef KIST_TEST_STATE_FIXTURE_H
#define KIST_TEST_STATE_FIXTURE_H

#include "state/journal.h"
#include "state/process.h"
#include "state/record.h"
#include "state/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;
static char folder[64]; /* the test's own */
static char root[96];   /* the state root in it, made by kist */

static inline int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/kist-state-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(root, sizeof(root), "%s/deep/root", folder);
	return arena_open(&arena);
}

/* A path of the test's own folder, with everything below it. */
static inline int wipe(const char *path)
{
	int slash = open("/", O_PATH | O_DIRECTORY);
	int result = tree_remove(slash, path + 1);
	close(slash);
	return result;
}

static inline int teardown(void **state)
{
	(void)state;
	arena_close(&arena);
	return wipe(folder);
}

static inline bool exists(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0;
}

static inline const char *in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static inline void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline struct record record_named(const char *id)
{
	struct record record = RECORD_NONE;
	record.root = root;
	record.id = id;
	return record;
}

static inline struct record make(const char *id)
{
	struct record record = record_named(id);
	struct err err = { 0 };
	assert_int_equal(record_make(&arena, &record, &err), 0);
	return record;
}

/* A record as a killed runtime leaves it: nobody holds it, and its journal ends with these lines. */
static inline void make_dead(const char *id, const char *journal)
{
	struct record record = make(id);
	assert_int_equal(write(record.journalfd, journal, strlen(journal)), strlen(journal));
	record_close(&record);
}

/* A process that only waits to be killed. */
static inline pid_t make_victim(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	return pid;
}

static inline void end_victim(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

#endif
