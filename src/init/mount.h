/* mount.h: making a mount detached and putting it where it belongs, for every step that mounts. */
#ifndef KIST_INIT_MOUNT_H
#define KIST_INIT_MOUNT_H

#include "init/walk.h"

/* A new file system, as a detached mount. `options` are words "key=value" or "flag"; `source` "" for none; `attributes`
 * ABI_ATTR_*. A descriptor, or -errno with the kernel's own message on the board. */
struct filesystem {
	const char *type, *source;
	struct plan_span options;
	uint32_t mode; /* of the root directory, when no option says it; 0: the kernel's default */
	uint64_t attributes;
	int channel; /* of a FUSE file system; 0: none */
};
int filesystem_make(struct walker *walker, const struct filesystem *filesystem);
/* New options for the file system of the mount that `fd` names. 0, or -errno with the kernel's message on the board. */
int filesystem_change(struct walker *walker, int fd, struct plan_span options);

/* What a mount is to become: ABI_ATTR_* and ABI_PRIVATE...; 0 changes nothing. */
struct mount_change {
	uint64_t set, clear;
	uint32_t propagation;
	bool recursive;
};
/* mount_setattr(2), or nothing at all when nothing is to be changed. */
int mount_change(int fd, struct mount_change change);

/* Attaches the detached `mount` on `destination` (an O_PATH descriptor). When `path` is the root itself, the new mount
 * becomes the root slot's. Takes `mount` in every case. */
int mount_attach(struct walker *walker, int mount, int destination, plan_slot root, const char *path);

/* "a directory", "a symbolic link"...: for messages. */
const char *mode_words(unsigned mode);

#endif
