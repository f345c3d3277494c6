/* idmap.c: which ids a container has, and how its user namespace gets them: user_namespaces(7), "User and group ID
 * mappings". */
#include "plan/idmap.h"
#include "plan/question.h"

#include <string.h>

enum { IDMAP_LINES = 340 }; /* the most lines the kernel takes (Linux 4.15) */

/* Users and groups in one story: what differs between them. */
struct idmap_kind {
	char which; /* of the step */
	const char *pointer;
	const char *word;    /* "user" */
	const char *file;    /* of subordinate ranges */
	const char *program; /* the helper */
	const char *option;  /* of usermod(8) */
	int capability;      /* that allows any map */
};
static const struct idmap_kind users = {
	'u', "/linux/uidMappings", "user", "/etc/subuid", "newuidmap", "--add-subuids", ABI_CAP_SETUID,
};
static const struct idmap_kind groups = {
	'g', "/linux/gidMappings", "group", "/etc/subgid", "newgidmap", "--add-subgids", ABI_CAP_SETGID,
};

/* How a map gets written, by what the kernel asks of its writer. */
enum idmap_way {
	IDMAP_EMPTY,
	IDMAP_BY_CAPABILITY, /* any map */
	IDMAP_OWN_ID,        /* one line for one's own id */
	IDMAP_BY_HELPER,     /* the set-uid program, for subordinate ids */
};

bool idmap_outside(const struct spec_idmaps *maps, uint32_t inside, uint32_t *outside)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_idmap *map = &maps->items[i];
		if (inside < map->inside || inside - map->inside >= map->count)
			continue;
		*outside = map->outside + (inside - map->inside);
		return true;
	}
	return false;
}

uint32_t idmap_inside(const struct spec_idmaps *maps, uint32_t outside)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_idmap *map = &maps->items[i];
		if (outside >= map->outside && outside - map->outside < map->count)
			return map->inside + (outside - map->outside);
	}
	return IDMAP_NOBODY;
}

bool idmap_holds(const struct spec_idmaps *maps, uint32_t inside)
{
	uint32_t outside;
	return idmap_outside(maps, inside, &outside);
}

uint32_t idmap_first(const struct spec_idmaps *maps)
{
	uint32_t first = IDMAP_NOBODY;
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].inside < first)
			first = maps->items[i].inside;
	return first;
}

const char *idmap_text(struct arena *arena, const struct spec_idmaps *maps)
{
	struct buf text = buf_in(arena);
	for (size_t i = 0; i < maps->count; i++)
		buf_printf(&text, "%u %u %u\n", maps->items[i].inside, maps->items[i].outside, maps->items[i].count);
	return text.bytes ? text.bytes : "";
}

static enum idmap_way idmap_way(const struct plan_builder *builder, const struct idmap_kind *kind,
                                const struct spec_idmaps *maps)
{
	const struct facts_caller *caller = &builder->facts->caller;
	uint32_t own = kind == &users ? caller->uid : caller->gid;
	if (maps->count == 0)
		return IDMAP_EMPTY;
	if (caller_can(builder, kind->capability))
		return IDMAP_BY_CAPABILITY;
	/* Written directly even where a helper would do: the two helpers cost 3 to 4 ms. */
	if (maps->count == 1 && maps->items[0].count == 1 && maps->items[0].outside == own)
		return IDMAP_OWN_ID;
	return IDMAP_BY_HELPER;
}

bool idmap_denies_setgroups(const struct plan_builder *builder)
{
	return namespace_is_new(builder, ABI_NEWUSER) &&
	       idmap_way(builder, &groups, &builder->spec->linux_.gid_mappings) == IDMAP_OWN_ID;
}

/* --- what the helpers will allow -------------------------------------------------------------------- */

/* The first id of [from, from + count) that is neither the caller's own nor subordinate to it; false when all are. */
static bool first_foreign_id(const struct facts_caller *caller, const struct idmap_kind *kind,
                             const struct spec_idmap *map, uint32_t *foreign)
{
	const struct facts_range *ranges = kind == &users ? caller->subuids : caller->subgids;
	size_t range_count = kind == &users ? caller->subuid_count : caller->subgid_count;
	uint32_t own = kind == &users ? caller->uid : caller->gid;
	uint64_t id = map->outside, end = (uint64_t)map->outside + map->count;
	if (map->count == 1 && map->outside == own)
		return false;
	/* The ranges may lie side by side, so that one map goes over several of them. */
	for (size_t i = 0; i < range_count && id < end; i++) {
		uint64_t after = (uint64_t)ranges[i].first + ranges[i].count;
		if (id >= ranges[i].first && id < after) {
			id = after;
			i = (size_t)-1; /* look at all of them again, from the id behind this one */
		}
	}
	*foreign = (uint32_t)id;
	return id < end;
}

static void check_helper_map(struct plan_builder *builder, const struct idmap_kind *kind,
                             const struct spec_idmaps *maps)
{
	const struct facts_caller *caller = &builder->facts->caller;
	const char *name = caller->name ? caller->name : arena_printf(builder->arena, "%u", caller->uid);
	if (caller->no_new_privs) {
		plan_refuse(builder, kind->pointer,
		            "mapping more than one's own %s id without privilege takes the set-uid program %s, and "
		            "no_new_privs is set for this process: start kist outside of what set it (setpriv "
		            "--no-new-privs, NoNewPrivileges= of a service, a container), or map only your own id",
		            kind->word, kind->program);
		return;
	}
	if (!(kind == &users ? caller->newuidmap : caller->newgidmap))
		plan_refuse(builder, kind->pointer,
		            "mapping more than one's own %s id without privilege needs the program %s: install "
		            "the package uidmap",
		            kind->word, kind->program);
	for (size_t i = 0; i < maps->count; i++) {
		const struct spec_idmap *map = &maps->items[i];
		const char *pointer = arena_printf(builder->arena, "%s/%zu", kind->pointer, i);
		uint32_t foreign;
		if (first_foreign_id(caller, kind, map, &foreign))
			plan_refuse(builder, pointer,
			            "the %s ids %u to %u are not all %s's to map, %u is not: add the line \"%s:%u:%u\" "
			            "to %s (`usermod %s %u-%u %s`), or map others",
			            kind->word, map->outside, map->outside + map->count - 1, name, foreign, name,
			            foreign, map->outside + map->count - foreign, kind->file, kind->option, foreign,
			            map->outside + map->count - 1, name);
	}
}

static plan_text helper_of(struct plan_builder *builder, const struct idmap_kind *kind, const struct spec_idmaps *maps)
{
	const struct facts_caller *caller = &builder->facts->caller;
	if (idmap_way(builder, kind, maps) != IDMAP_BY_HELPER)
		return 0;
	return plan_put_text(builder, kind == &users ? caller->newuidmap : caller->newgidmap);
}

/* --- the steps --------------------------------------------------------------------------------------- */

static void write_map(struct plan_builder *builder, const struct idmap_kind *kind, const struct spec_idmaps *maps,
                      plan_slot pid)
{
	enum idmap_way way = idmap_way(builder, kind, maps);
	if (way == IDMAP_EMPTY)
		return;
	if (maps->count > IDMAP_LINES)
		plan_refuse(builder, kind->pointer, "a map of %zu lines: the kernel takes at most %d", maps->count,
		            IDMAP_LINES);
	if (way == IDMAP_BY_HELPER)
		check_helper_map(builder, kind, maps);
	struct step *step = plan_add(builder, STEP_write_idmap, "%s", kind->pointer);
	step->write_idmap.pid = pid;
	step->write_idmap.which = (uint32_t)kind->which;
	step->write_idmap.text = plan_put_text(builder, idmap_text(builder->arena, maps));
	step->write_idmap.helper = helper_of(builder, kind, maps);
}

void idmap_again(struct plan_builder *builder, struct step_make_idmap *step)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	step->uids = plan_put_text(builder, idmap_text(builder->arena, &linux_->uid_mappings));
	step->gids = plan_put_text(builder, idmap_text(builder->arena, &linux_->gid_mappings));
	step->uid_helper = helper_of(builder, &users, &linux_->uid_mappings);
	step->gid_helper = helper_of(builder, &groups, &linux_->gid_mappings);
	step->deny_groups = idmap_denies_setgroups(builder);
}

uint32_t idmap_worker(const struct plan_builder *builder, const struct spec_idmaps *maps, uint32_t own)
{
	uint32_t inside = builder->spec->box.set ? idmap_inside(maps, own) : IDMAP_NOBODY;
	return inside == IDMAP_NOBODY ? idmap_first(maps) : inside;
}

/* A devpts belongs to somebody, and in a new /dev the default devices are made. */
static bool needs_files(const struct plan_builder *builder)
{
	for (size_t i = 0; i < builder->spec->mount_count; i++) {
		const struct spec_mount *mount = &builder->spec->mounts[i];
		const char *type = mount->type ? mount->type : "";
		if (strcmp(type, "devpts") == 0 ||
		    (strcmp(type, "tmpfs") == 0 &&
		     strcmp(path_inside(builder->arena, mount->destination), "/dev") == 0))
			return true;
	}
	return false;
}

void plan_idmaps(struct plan_builder *builder, plan_slot pid)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	/* The kernel says EOVERFLOW to whoever would own a file as nobody. */
	bool no_users = !linux_->uid_mappings.count, no_groups = !linux_->gid_mappings.count;
	if ((no_users || no_groups) && needs_files(builder))
		plan_refuse(builder, no_users ? "/linux/uidMappings" : "/linux/gidMappings",
		            "no %sids are mapped in the new user namespace, so nothing can be made in /dev: add "
		            "uidMappings "
		            "and gidMappings (`kist spec --rootless` writes them)",
		            !no_users    ? "group "
		            : !no_groups ? "user "
		                         : "");
	else if ((no_users || no_groups) && builder->spec->mount_count)
		plan_warn(builder, "/linux/namespaces",
		          "no %sids are mapped in the new user namespace: in file systems mounted inside "
		          "nothing can be created",
		          !no_users    ? "group "
		          : !no_groups ? "user "
		                       : "");
	write_map(builder, &users, &linux_->uid_mappings, pid);
	/* Before the group map: without privilege it is what allows one to be written at all (CVE-2014-8989: who can
	 * drop a group gets past permissions that deny it). */
	if (idmap_denies_setgroups(builder)) {
		struct step *step = plan_add(builder, STEP_write_idmap, "/linux/gidMappings");
		step->write_idmap.pid = pid;
		step->write_idmap.which = 's';
		step->write_idmap.text = plan_put_text(builder, "deny");
	}
	write_map(builder, &groups, &linux_->gid_mappings, pid);
}
