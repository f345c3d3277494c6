/* box_mounts.c: what is mounted in a box besides its root: the system's own, and what the flags place there. */
#include "spec/box_part.h"
#include "spec/mount_option.h"

#include <string.h>

enum { BOX_MOUNTS = 16 };

static struct spec_mount *next_mount(struct box *box)
{
	struct spec *spec = box->spec;
	if (spec->mount_count == box->mount_capacity) {
		box->mount_capacity = box->mount_capacity ? box->mount_capacity * 2 : BOX_MOUNTS;
		struct spec_mount *items = ARENA_ARRAY(box->arena, box->mount_capacity, struct spec_mount);
		if (spec->mount_count)
			memcpy(items, spec->mounts, spec->mount_count * sizeof(*items));
		spec->mounts = items;
	}
	return &spec->mounts[spec->mount_count++];
}

static void box_mount(struct box *box, const char *destination, const char *source, const char *type,
                      const char *const *options)
{
	struct spec_mount *mount = next_mount(box);
	size_t count = 0;
	while (options[count])
		count++;
	*mount = (struct spec_mount){ .destination = destination, .source = source, .type = type };
	mount->option_words.items = ARENA_ARRAY(box->arena, count + 1, const char *);
	mount->option_words.count = count;
	memcpy(mount->option_words.items, options, count * sizeof(*options));
	mount_options_fold(box->arena, &mount->option_words, &mount->options);
}

/* What a directory that is no running system lacks. Over the host's own root these come with the mounts below it. */
static void box_system_mounts(struct box *box)
{
	static const char *const proc[] = { "nosuid", "noexec", "nodev", NULL };
	static const char *const dev[] = { "nosuid", "strictatime", "mode=755", "size=65536k", NULL };
	static const char *const pts[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", NULL };
	static const char *const shm[] = { "nosuid", "noexec", "nodev", "mode=1777", NULL };
	static const char *const sys[] = { "nosuid", "noexec", "nodev", "ro", NULL };
	static const char *const host_sys[] = { "rbind", "nosuid", "noexec", "nodev", "ro", NULL };
	box_mount(box, "/proc", "proc", "proc", proc);
	box_mount(box, "/dev", "tmpfs", "tmpfs", dev);
	box_mount(box, "/dev/pts", "devpts", "devpts", pts);
	box_mount(box, "/dev/shm", "shm", "tmpfs", shm);
	/* A fresh sysfs shows the network namespace it is mounted in, and may be mounted only by its owner. */
	if (spec_has_namespace(box->spec, ABI_NEWNET, &(const char *){ NULL }))
		box_mount(box, "/sys", "sysfs", "sysfs", sys);
	else
		box_mount(box, "/sys", "/sys", "bind", host_sys);
}

/* SRC[:DST][:ro|:rw]: a colon inside a path is written as \: . */
static void box_bind(struct box *box, const char *words, size_t index)
{
	static const char *const writable[] = { "rbind", NULL };
	static const char *const readonly[] = { "rbind", "rro", NULL };
	enum { PARTS = 3 };
	char *parts[PARTS] = { arena_string(box->arena, words), NULL, NULL };
	size_t count = 1;
	const char *pointer = arena_printf(box->arena, "/mounts/%zu", index);
	box_origin(box, pointer, "bind", words);
	char *to = parts[0];
	for (const char *from = words; *from; from++) {
		if (from[0] == '\\' && from[1] == ':') {
			*to++ = *++from;
		} else if (*from == ':' && count < PARTS) {
			*to++ = '\0';
			parts[count++] = to;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	const char *source = parts[0], *destination = parts[1], *mode = parts[2];
	if (count == 2 && (strcmp(destination, "ro") == 0 || strcmp(destination, "rw") == 0)) {
		mode = destination;
		destination = NULL;
	}
	if (mode && strcmp(mode, "ro") != 0 && strcmp(mode, "rw") != 0)
		box_fault(box, pointer, "expected SRC[:DST][:ro], the last part being ro or rw");
	if (*source == '\0' || (destination && *destination != '/'))
		box_fault(box, pointer, "expected SRC[:DST][:ro] with DST an absolute path inside");
	if (*source != '/')
		source = arena_printf(box->arena, "%s/%s", box->flags->cwd, source);
	box_mount(box, destination ? destination : source, source, "bind",
	          mode && strcmp(mode, "ro") == 0 ? readonly : writable);
}

void box_mounts(struct box *box)
{
	const struct box_flags *flags = box->flags;
	if (box->spec->box.root_mode == ROOT_DIR_OVERLAY)
		box_system_mounts(box);
	for (size_t i = 0; i < flags->places.count; i++)
		box_bind(box, flags->places.items[i].value, box->spec->mount_count);
}
