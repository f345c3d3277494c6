/* box_start.c: from the spec of a box, of flags or of a config.json, to its start. */
#include "verb/box_start.h"

#include "keep/keep.h"
#include "verb/bundle.h"
#include "verb/report.h"

enum facts_wanted box_start_facts(const struct spec *spec)
{
	if (!spec->box.set)
		return FACTS_HOT;
	unsigned wanted = spec->box.root_mode == ROOT_HOST_OVERLAY ? FACTS_MOUNTS : FACTS_PROC;
	if (spec->box.affinity || spec->linux_.resources.cpu.cpus)
		wanted |= FACTS_CPUS;
	if (spec->box.arch)
		wanted |= FACTS_BINFMT;
	if (spec->box.fuse)
		wanted |= FACTS_FUSE;
	return (enum facts_wanted)wanted;
}

/* What is at the paths that the box names: whether it is there, and which devices it is. */
static void box_sources(struct command *command, const struct spec *spec, struct facts *facts)
{
	const char **paths = ARENA_ARRAY(command->arena, spec->mount_count + 1 + spec_certificate_count, const char *);
	size_t count = 0;
	if (spec->box.root_mode != ROOT_HOST_OVERLAY)
		paths[count++] = spec->root.path;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (spec->mounts[i].source && *spec->mounts[i].source == '/')
			paths[count++] = spec->mounts[i].source;
	for (size_t i = 0; spec->box.host_files & SPEC_FILES_CERTS && i < spec_certificate_count; i++)
		paths[count++] = spec_certificates[i];
	if (!command->facts_file)
		facts_read_sources(command->arena, paths, count, facts);
}

/* What --from names is read before anything is planned over it. False after a report. */
static bool box_kept(struct command *command, const struct spec *spec, const struct plan_kept **kept)
{
	struct keep_manifest manifest;
	struct err err = { 0 };
	if (!spec->box.keep)
		return true;
	if (keep_look(command->arena, spec->box.keep, spec->box.go_on, &manifest, &err) < 0) {
		err.pointer = "/box/keep";
		report_error(command, &err, spec);
		return false;
	}
	if (!spec->box.go_on)
		return true;
	struct plan_kept_part *parts = ARENA_ARRAY(command->arena, manifest.count + 1, struct plan_kept_part);
	for (size_t i = 0; i < manifest.count; i++)
		parts[i] = (struct plan_kept_part){ manifest.parts[i].path, manifest.parts[i].number };
	struct plan_kept *read = ARENA_NEW(command->arena, struct plan_kept);
	*read = (struct plan_kept){ manifest.root, manifest.uid_map, manifest.gid_map, parts, manifest.count };
	*kept = read;
	return true;
}

int bundle_start(struct command *command, const char *bundle, struct start_request *request)
{
	struct spec_faults *faults = ARENA_NEW(command->arena, struct spec_faults);
	struct facts *facts = ARENA_NEW(command->arena, struct facts);
	struct spec *spec = bundle_read(command, bundle, faults);
	if (!spec)
		return 125;
	int status = start_facts(command, box_start_facts(spec), facts);
	if (status)
		return status;
	request->spec = spec;
	request->faults = faults;
	request->facts = facts;
	return box_start(command, facts, request);
}

int box_start(struct command *command, struct facts *facts, struct start_request *request)
{
	if (request->spec->box.set)
		box_sources(command, request->spec, facts);
	if (request->faults->count == 0 && !box_kept(command, request->spec, &request->kept))
		return 125;
	return start_container(command, request);
}
