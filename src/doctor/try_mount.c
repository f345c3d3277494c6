/* try_mount.c: mounts what a container needs, in a mount namespace that ends with the process. */
#include "base/abi.h"
#include "base/fd.h"
#include "doctor/trial.h"
#include "sys/mounts.h"
#include "sys/open.h"
#include "sys/status.h"

#include <sys/vfs.h>
#include <stdlib.h>
#include <string.h>

enum { OVERLAY_MAGIC = 0x794c7630 };

/* What the kernel adds to errno: the last line of the context's log. */
static int fail_with_message(struct trial *trial, int context, int result)
{
	char line[200];
	while (sys_fs_message(context, line, sizeof(line)) >= 0)
		trial_say(trial, "%s", line);
	return result;
}

int trial_mount(struct trial *trial, const char *type, const char *const *options)
{
	FD_AUTO int context = sys_fsopen(type);
	if (context < 0)
		return context;
	int result = 0;
	for (size_t i = 0; result == 0 && options && options[i]; i += 2)
		result = sys_fsconfig_word(context, options[i], options[i + 1][0] ? options[i + 1] : NULL);
	if (result == 0)
		result = sys_fsconfig_create(context);
	if (result < 0)
		return fail_with_message(trial, context, result);
	return sys_fsmount(context, 0);
}

static int mount_type(struct trial *trial)
{
	static const char *const devpts[] = { "newinstance", "", "ptmxmode", "0666", NULL };
	FD_AUTO int mount = trial_mount(trial, trial->type, strcmp(trial->type, "devpts") == 0 ? devpts : NULL);
	return mount < 0 ? mount : 0;
}

int try_proc(struct trial *trial)
{
	int result = trial_enter(trial, ABI_NEWNS | ABI_NEWPID);
	return result < 0 ? result : trial_in_child(trial, mount_type);
}

int try_file_system(struct trial *trial)
{
	int result = trial_enter(trial, ABI_NEWNS | trial->namespaces);
	return result < 0 ? result : mount_type(trial);
}

/* --- overlay -------------------------------------------------------------------------------------------- */

int trial_separate(void)
{
	FD_AUTO int root = sys_open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	const struct uapi_mount_attr attr = { .propagation = ABI_PRIVATE };
	return root < 0 ? root : sys_mount_setattr(root, true, &attr);
}

/* A tmpfs attached on "/" hides nothing from this process, whose root stays the mount below; its descriptor leads to
 * it. */
static int attach_tmpfs(struct trial *trial)
{
	FD_AUTO int root = sys_open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	FD_AUTO int mount = root < 0 ? root : trial_mount(trial, "tmpfs", NULL);
	int result = mount < 0 ? mount : sys_attach_mount(mount, root);
	return result < 0 ? result : fd_take(&mount);
}

static int mount_overlay(struct trial *trial, int place)
{
	static const char *const folders[] = { "lower", "upper", "work" };
	const char *paths[3];
	for (size_t i = 0; i < 3; i++) {
		int result = sys_mkdir_at(place, folders[i], 0755);
		if (result < 0)
			return result;
		paths[i] = arena_printf(trial->arena, "/proc/self/fd/%d/%s", place, folders[i]);
	}
	const char *options[] = {
		"lowerdir", paths[0], "upperdir", paths[1], "workdir", paths[2], "userxattr", "", NULL
	};
	if (trial->privileged)
		options[6] = NULL;
	FD_AUTO int mount = trial_mount(trial, "overlay", options);
	return mount < 0 ? mount : 0;
}

int try_overlay(struct trial *trial)
{
	int result = trial_enter(trial, ABI_NEWNS);
	if (result == 0)
		result = trial_separate();
	FD_AUTO int place = result < 0 ? result : attach_tmpfs(trial);
	if (place < 0) {
		trial_say(trial, "making a tmpfs for it");
		return place;
	}
	return mount_overlay(trial, place);
}

/* --- idmapped ------------------------------------------------------------------------------------------- */

/* With privilege a clone of this machine's root, as --bind with idmap would; without, what the user namespace owns. */
static int mount_to_map(struct trial *trial)
{
	return trial->privileged ? sys_clone_tree(AT_FDCWD, "/", false, 0) : trial_mount(trial, "tmpfs", NULL);
}

int try_idmapped(struct trial *trial)
{
	int result = trial_enter(trial, ABI_NEWNS);
	FD_AUTO int mount = result < 0 ? result : mount_to_map(trial);
	if (mount < 0)
		return mount;
	int pid = trial_hold_user_namespace(trial);
	if (pid < 0)
		return pid;
	result = trial_write_proc(trial, pid, "uid_map", "0 0 1\n");
	if (result == 0)
		result = trial_write_proc(trial, pid, "setgroups", "deny");
	if (result == 0)
		result = trial_write_proc(trial, pid, "gid_map", "0 0 1\n");
	if (result < 0)
		return result;
	FD_AUTO int user = sys_open_at(AT_FDCWD, arena_printf(trial->arena, "/proc/%d/ns/user", pid), O_RDONLY, 0);
	if (user < 0)
		return user;
	const struct uapi_mount_attr attr = { .attr_set = ABI_ATTR_IDMAP, .userns_fd = (uint64_t)user };
	trial_say(trial, "%s", trial->privileged ? "of the file system of /" : "of a tmpfs of its own");
	return sys_mount_setattr(mount, false, &attr);
}

/* --- the state root ------------------------------------------------------------------------------------- */

/* The directory, or the nearest one above it that exists. */
static const char *nearest_directory(struct arena *arena, const char *path)
{
	char *at = arena_string(arena, path);
	struct stat status;
	while (strcmp(at, "/") != 0 && stat(at, &status) < 0) {
		char *slash = strrchr(at, '/');
		slash[slash == at] = '\0';
	}
	return at;
}

int try_state(struct trial *trial)
{
	const char *place = nearest_directory(trial->arena, trial->facts->caller.state_root);
	struct statfs filesystem;
	int result = sys_access_at(AT_FDCWD, place, W_OK | X_OK, 0);
	trial_say(trial, "%s", trial->facts->caller.state_root);
	if (result == 0 && statfs(place, &filesystem) < 0)
		result = -errno;
	if (result == 0 && filesystem.f_type == OVERLAY_MAGIC)
		result = -EINVAL;
	return result;
}
