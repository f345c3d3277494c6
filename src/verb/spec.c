/* spec.c: kist spec: writes a starting config.json. */
#include "spec/spec.h"
#include "base/fd.h"
#include "base/file.h"
#include "spec/default.h"
#include "verb/report.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct spec_options {
	const char *bundle;
	bool rootless;
};

static const struct flag spec_flags[] = {
	{ "bundle", 'b', FLAG_VALUE, offsetof(struct spec_options, bundle), "DIR",
	  "write it into this directory (default: this one)" },
	{ "rootless", 0, FLAG_SWITCH, offsetof(struct spec_options, rootless), NULL,
	  "for an ordinary user: a user namespace with the caller as root" },
};

static int spec_verb(struct command *command, const void *given, int argc, char **argv)
{
	const struct spec_options *options = given;
	struct err err = { 0 };
	const char *directory = options->bundle ? options->bundle : ".";
	if (argc > 0) {
		err_set(&err, command->arena, 0, "spec takes no operand, but got \"%s\"", argv[0]);
		return report_error(command, &err, NULL);
	}
	struct buf text = buf_in(command->arena);
	buf_puts(&text, spec_default_config(command->arena, options->rootless, geteuid(), getegid()));
	FD_AUTO int dirfd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dirfd < 0) {
		err_set(&err, command->arena, errno, "cannot open the directory %s", directory);
		return report_error(command, &err, NULL);
	}
	/* O_EXCL: somebody's config.json is never written over. */
	FD_AUTO int fd = openat(dirfd, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0) {
		err_set(&err, command->arena, errno, "cannot create %s/config.json", directory);
		if (err.number == EEXIST)
			err.hint = "it exists already: remove it first, or name another directory with -b";
		return report_error(command, &err, NULL);
	}
	int result = file_write_fd(fd, text.bytes, text.length);
	if (result == 0)
		return 0;
	unlinkat(dirfd, "config.json", 0);
	err_set(&err, command->arena, result, "cannot write %s/config.json", directory);
	return report_error(command, &err, NULL);
}

const struct verb verb_spec = {
	.name = "spec",
	.operands = "",
	.summary = "write a starting config.json",
	VERB_FLAGS(spec_flags),
	.options_size = sizeof(struct spec_options),
	.run = spec_verb,
};
