/* question.c: what several topics want to know of the spec and the facts. */
#include "plan/question.h"

#include "base/cpus.h"

#include <string.h>

/* --- the spec ------------------------------------------------------------------------------------ */

bool namespace_is_new(const struct plan_builder *builder, uint32_t type)
{
	const char *path;
	return spec_has_namespace(builder->spec, type, &path) && !path;
}

bool namespace_is_joined(const struct plan_builder *builder, uint32_t type)
{
	const char *path;
	return spec_has_namespace(builder->spec, type, &path) && path;
}

uint32_t namespaces_new(const struct plan_builder *builder)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	uint32_t types = 0;
	for (size_t i = 0; i < linux_->namespace_count; i++)
		if (!linux_->namespaces[i].path)
			types |= linux_->namespaces[i].type;
	return types;
}

const char *path_in_bundle(const struct plan_builder *builder, const char *path)
{
	const char *bundle = builder->spec->bundle ? builder->spec->bundle : builder->facts->caller.cwd;
	return !path || *path == '/' ? path : arena_printf(builder->arena, "%s/%s", bundle, path);
}

const char *path_inside(struct arena *arena, const char *path)
{
	char *clean = arena_alloc(arena, strlen(path) + 2);
	size_t length = 0;
	while (*path) {
		size_t part = strcspn(path, "/");
		bool up = part == 2 && path[0] == '.' && path[1] == '.';
		bool here = part == 0 || (part == 1 && path[0] == '.');
		/* ".." at the root stays there, as in the kernel. */
		while (up && length > 0 && clean[--length] != '/')
			;
		if (!up && !here) {
			clean[length++] = '/';
			memcpy(clean + length, path, part);
			length += part;
		}
		path += part + (path[part] == '/');
	}
	if (length == 0)
		clean[length++] = '/';
	clean[length] = '\0';
	return clean;
}

bool path_is_within(const char *path, const char *directory)
{
	size_t length = strlen(directory);
	if (length == 1)
		return true;
	return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

const struct spec_mount *mount_seen_at(const struct plan_builder *builder, const char *path)
{
	const struct spec *spec = builder->spec;
	for (size_t i = spec->mount_count; i-- > 0;) {
		const struct spec_mount *mount = &spec->mounts[i];
		if (!mount->options.remount && strcmp(path_inside(builder->arena, mount->destination), path) == 0)
			return mount;
	}
	return NULL;
}

bool mount_is_bind(const struct spec_mount *mount)
{
	return mount->options.bind || (mount->type && strcmp(mount->type, "bind") == 0);
}

bool mount_turns_readonly_later(const struct plan_builder *builder, const struct spec_mount *mount)
{
	if (!(mount->options.attr_set & ABI_ATTR_RDONLY) || mount_is_bind(mount) || mount->options.remount)
		return false;
	bool empty = mount->type && strcmp(mount->type, "tmpfs") == 0;
	return empty || strcmp(path_inside(builder->arena, mount->destination), "/dev") == 0;
}

bool dev_is_the_hosts(const struct plan_builder *builder)
{
	const struct spec_mount *dev = mount_seen_at(builder, "/dev");
	if (builder->spec->box.root_mode == ROOT_PROCESS) /* the process's, or the host's: somebody else's */
		return true;
	if (dev || builder->spec->box.root_mode != ROOT_HOST_OVERLAY)
		return dev && mount_is_bind(dev);
	return namespace_is_new(builder, ABI_NEWUSER);
}

/* Only a clone has something to share with the host: a new file system is alone. */
static bool a_clone_asks_for(const struct plan_builder *builder, uint32_t propagation)
{
	for (size_t i = 0; i < builder->spec->mount_count; i++) {
		const struct spec_mount *mount = &builder->spec->mounts[i];
		if (mount_is_bind(mount) && !mount->options.remount && mount->options.propagation == propagation)
			return true;
	}
	return false;
}

/* A slave leaks nothing either. Only where both the root and a mount are to be shared do the namespace's copies stay
 * the host's peers, since a clone is a peer of what it was cloned from; then the rest is kept from leaking by attaching
 * the root to a private mount, and by making every other clone private by name (mounts.c, root.c). A mount that is to
 * be shared below a root that is not shares with its own copies alone, as under runc. */
uint32_t propagation_of_host_mounts(const struct plan_builder *builder)
{
	uint32_t root = builder->spec->linux_.rootfs_propagation;
	bool shared = a_clone_asks_for(builder, ABI_SHARED);
	if (shared && root == ABI_SHARED)
		return ABI_SHARED;
	if (shared || a_clone_asks_for(builder, ABI_SLAVE) || root == ABI_SLAVE)
		return ABI_SLAVE;
	return ABI_PRIVATE;
}

/* --- the caller ---------------------------------------------------------------------------------- */

bool caller_can(const struct plan_builder *builder, int capability)
{
	return builder->facts->caller.capabilities >> capability & 1;
}

bool caller_can_on_host(const struct plan_builder *builder, int capability)
{
	return builder->facts->caller.initial_user_namespace && caller_can(builder, capability);
}

bool inside_user_namespace(const struct plan_builder *builder)
{
	return !builder->facts->caller.initial_user_namespace || namespace_is_new(builder, ABI_NEWUSER) ||
	       namespace_is_joined(builder, ABI_NEWUSER);
}

void cpus_check(struct plan_builder *builder, const struct cpus *wanted, const char *pointer)
{
	struct cpus here;
	const char *list = builder->facts->cpus_online;
	int missing = list && cpus_parse_list(list, &here) ? cpus_first_missing(wanted, &here) : -1;
	if (missing >= 0)
		plan_refuse(builder, pointer, "this machine has no processor %d, only %s", missing, list);
}
