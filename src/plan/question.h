/* question.h: what several topics want to know of the spec and the facts. Each answer is a sentence. */
#ifndef KIST_PLAN_QUESTION_H
#define KIST_PLAN_QUESTION_H

#include "plan/build.h"

/* --- the spec ------------------------------------------------------------------------------------ */

/* One ABI_NEW* bit. A namespace that is neither new nor joined is the runtime's own. */
bool namespace_is_new(const struct plan_builder *builder, uint32_t type);
bool namespace_is_joined(const struct plan_builder *builder, uint32_t type);
/* All that are new. */
uint32_t namespaces_new(const struct plan_builder *builder);

/* Hooks that run while the container is made, before its root is switched. */
bool has_create_hooks(const struct plan_builder *builder);

/* A path of the host: a relative one starts at the bundle, or where there is none at the caller's directory. */
const char *path_in_bundle(const struct plan_builder *builder, const char *path);
/* A path of the container, from "/", without "//", "." and "..": what mounts and devices are compared by. */
const char *path_inside(struct arena *arena, const char *path);
/* `path` is `directory` or lies below it. Both are clean. */
bool path_is_within(const char *path, const char *directory);

/* The last mount of the spec at exactly this path of the container: the one that is seen there. NULL: none. */
const struct spec_mount *mount_seen_at(const struct plan_builder *builder, const char *path);
/* Whether it clones a tree that exists (bind), as opposed to making a file system. */
bool mount_is_bind(const struct spec_mount *mount);
/* Whether a read-only file system stays writable until all is in it: mount points of later mounts, device nodes. */
bool mount_turns_readonly_later(const struct plan_builder *builder, const struct spec_mount *mount);
/* Whether /dev shows nodes of the host, so that nothing may be made in it: a bind, or the box of an ordinary user. */
bool dev_is_the_hosts(const struct plan_builder *builder);

/* What the copies of the host's mounts in a new mount namespace become: ABI_PRIVATE, so that no mount reaches the host
 * and none of the host's comes in, unless the configuration says the word. */
uint32_t propagation_of_host_mounts(const struct plan_builder *builder);

/* Refuses processors that this machine does not have, if the facts say which it has. */
struct cpus;
void cpus_check(struct plan_builder *builder, const struct cpus *wanted, const char *pointer);

/* --- the caller ---------------------------------------------------------------------------------- */

/* Has the capability in the user namespace it is in. */
bool caller_can(const struct plan_builder *builder, int capability);
/* Has it over the machine: in the initial user namespace. */
bool caller_can_on_host(const struct plan_builder *builder, int capability);
/* The container's user namespace is not the initial one: its own, a joined one, or that of the caller. Device nodes
 * made there cannot be opened, locked mounts stay locked, overlay keeps its marks in user.* attributes. */
bool inside_user_namespace(const struct plan_builder *builder);

#endif
