/* check_mount.c: checks of the mounts. */
#include "spec/checker.h"

void check_mount_namespace(struct checker *checker)
{
	if (checker->spec->mount_count)
		check_needs_mounts(checker, "/mounts", "mounts need");
}

static void check_bind(struct checker *checker, struct check_item item, const struct spec_mount *mount)
{
	if (!mount->source || !mount->source[0])
		check_fault(checker, check_pointer(checker, item, "/source"), "missing: a bind mount needs a source");
	/* The kernel ignores them on a bind, and what was asked for would silently not be there (B12). */
	if (mount->options.data_count)
		check_fault(checker, check_pointer(checker, item, "/options"),
		            "unknown option %s: a bind mount takes no options of a file system",
		            fault_quote(checker->arena, mount->options.data[0]));
}

static void check_mount(struct checker *checker, struct check_item item, const struct spec_mount *mount)
{
	const struct spec_mount_options *options = &mount->options;
	if (mount->destination && !mount->destination[0])
		check_fault(checker, check_pointer(checker, item, "/destination"), "is empty: expected a path");
	/* A remount, or a change of propagation alone, is about a mount that is there already. */
	if (options->bind && !options->remount)
		check_bind(checker, item, mount);
	else if (!options->remount && !options->propagation && (!mount->type || !mount->type[0]))
		check_fault(checker, check_pointer(checker, item, "/type"),
		            "missing: expected a file system's type, or the option \"bind\" or \"rbind\"");
}

void check_mounts(struct checker *checker)
{
	for (size_t i = 0; i < checker->spec->mount_count; i++)
		check_mount(checker, (struct check_item){ "/mounts", i }, &checker->spec->mounts[i]);
}

static void check_one_idmap(struct checker *checker, struct check_item item, const struct spec_mount *mount)
{
	bool has_uids = mount->uid_mappings.count, has_gids = mount->gid_mappings.count;
	if (has_uids != has_gids)
		check_fault(checker, check_pointer(checker, item, has_uids ? "/gidMappings" : "/uidMappings"),
		            "missing: uidMappings and gidMappings of a mount go together");
	if (has_uids)
		check_idmaps(checker, check_pointer(checker, item, "/uidMappings"), &mount->uid_mappings);
	if (has_gids)
		check_idmaps(checker, check_pointer(checker, item, "/gidMappings"), &mount->gid_mappings);
	bool mapped = has_uids || has_gids || check_namespace(checker, ABI_NEWUSER) != CHECK_ABSENT;
	if (mount->options.idmap && !mapped)
		check_fault(checker, check_pointer(checker, item, "/options"),
		            "an id-mapped mount needs uidMappings and gidMappings, or a user namespace");
}

void check_mount_idmaps(struct checker *checker)
{
	for (size_t i = 0; i < checker->spec->mount_count; i++)
		check_one_idmap(checker, (struct check_item){ "/mounts", i }, &checker->spec->mounts[i]);
}
