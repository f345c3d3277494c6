/* check_mount.c: checks of the mounts. */
#include "spec/checker.h"

void check_mount_namespace(struct checker *checker)
{
	if (checker->spec->mount_count)
		check_needs_mounts(checker, "/mounts", "mounts need");
}

static void check_bind(struct checker *checker, const char *pointer, const struct spec_mount *mount)
{
	if (!mount->source || !mount->source[0])
		check_fault(checker, arena_printf(checker->arena, "%s/source", pointer),
		            "missing: a bind mount needs a source");
	/* The kernel ignores them on a bind, and what was asked for would silently not be there (B12). */
	if (mount->options.data_count)
		check_fault(checker, arena_printf(checker->arena, "%s/options", pointer),
		            "unknown option %s: a bind mount takes no options of a file system",
		            fault_quote(checker->arena, mount->options.data[0]));
}

static void check_mount(struct checker *checker, const char *pointer, const struct spec_mount *mount)
{
	const struct spec_mount_options *options = &mount->options;
	if (mount->destination && !mount->destination[0])
		check_fault(checker, arena_printf(checker->arena, "%s/destination", pointer),
		            "is empty: expected a path");
	/* A remount, or a change of propagation alone, is about a mount that is there already. */
	if (options->bind && !options->remount)
		check_bind(checker, pointer, mount);
	else if (!options->remount && !options->propagation && (!mount->type || !mount->type[0]))
		check_fault(checker, arena_printf(checker->arena, "%s/type", pointer),
		            "missing: expected a file system's type, or the option \"bind\" or \"rbind\"");
}

void check_mounts(struct checker *checker)
{
	for (size_t i = 0; i < checker->spec->mount_count; i++)
		check_mount(checker, arena_printf(checker->arena, "/mounts/%zu", i), &checker->spec->mounts[i]);
}

static void check_one_idmap(struct checker *checker, const char *pointer, const struct spec_mount *mount)
{
	const char *uids = arena_printf(checker->arena, "%s/uidMappings", pointer);
	const char *gids = arena_printf(checker->arena, "%s/gidMappings", pointer);
	bool has_uids = mount->uid_mappings.count, has_gids = mount->gid_mappings.count;
	if (has_uids && !has_gids)
		check_fault(checker, gids, "missing: uidMappings and gidMappings of a mount go together");
	if (has_gids && !has_uids)
		check_fault(checker, uids, "missing: uidMappings and gidMappings of a mount go together");
	check_idmaps(checker, uids, &mount->uid_mappings);
	check_idmaps(checker, gids, &mount->gid_mappings);
	bool mapped = has_uids || has_gids || check_namespace(checker, ABI_NEWUSER) != CHECK_ABSENT;
	if ((mount->options.idmap || mount->options.idmap_rec) && !mapped)
		check_fault(checker, arena_printf(checker->arena, "%s/options", pointer),
		            "an id-mapped mount needs uidMappings and gidMappings, or a user namespace");
}

void check_mount_idmaps(struct checker *checker)
{
	for (size_t i = 0; i < checker->spec->mount_count; i++)
		check_one_idmap(checker, arena_printf(checker->arena, "/mounts/%zu", i), &checker->spec->mounts[i]);
}
