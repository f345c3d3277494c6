/* host_files.c: the machine's names, time zone and certificates in a box, and what runs its programs.
 *
 * Of the files that name servers and hosts stand in the box has copies, which the foreground renews when the machine's
 * change: a bound file stays the one it was when the machine replaces it by another, and so does one in an overlay. The
 * rest is bound as it is. All are put on the root's own files, on a link itself and not on where it leads. */
#include "plan/host_files.h"
#include "plan/question.h"

#include <string.h>

static const char pointer[] = "/box/hostFiles";

/* What a box asks DNS with: glibc's and musl's resolver read no other files. */
static const struct {
	const char *name, *path;
	bool names_box; /* with a line for the box's own name */
} copies[] = {
	{ "hosts", "/etc/hosts", true },
	{ "resolv.conf", "/etc/resolv.conf", false },
};
enum { COPIES = sizeof(copies) / sizeof(*copies) };

static const struct {
	uint32_t file; /* SPEC_FILES_* */
	bool foreign;  /* only in a root that is not the machine's, which has its own */
	uint32_t onto;
	const char *path;
} binds[] = {
	{ SPEC_FILES_DNS, true, BIND_IF_MISSING, "/etc/nsswitch.conf" },
	{ SPEC_FILES_TZ, true, BIND_ONTO_LINK, "/etc/localtime" },
	{ SPEC_FILES_TZ, true, BIND_ONTO_LINK, "/etc/timezone" },
	{ SPEC_FILES_TZ, true, BIND_IF_MISSING, "/usr/share/zoneinfo" },
};

static bool wants(const struct plan_builder *builder, uint32_t file)
{
	return builder->spec->box.host_files & file;
}

static const char *folder(const struct plan_builder *builder)
{
	return arena_printf(builder->arena, "%s/%s/files", builder->request->state_root, builder->request->id);
}

static const char *copy_path(const struct plan_builder *builder, size_t index)
{
	return arena_printf(builder->arena, "%s/%s", folder(builder), copies[index].name);
}

/* hosts(5). 127.0.1.1 is Debian's address for a machine's own name: 127.0.0.1 stays localhost's. */
static const char *own_name(const struct plan_builder *builder)
{
	const char *name = builder->spec->hostname;
	bool own = namespace_is_new(builder, ABI_NEWUTS) && name && *name;
	return own ? arena_printf(builder->arena, "127.0.1.1\t%s\n", name) : "";
}

static const char *cookie_path(const struct plan_builder *builder)
{
	return arena_printf(builder->arena, "%s/xauthority", folder(builder));
}

static void copy_cookie(struct plan_builder *builder)
{
	const struct spec_box *box = &builder->spec->box;
	struct step *step = plan_add(builder, STEP_copy_cookie, "/box/x11");
	step->copy_cookie.source = plan_put_text(builder, path_in_bundle(builder, box->x_authority));
	step->copy_cookie.path = plan_put_text(builder, cookie_path(builder));
	step->copy_cookie.display = plan_put_text(builder, box->x_number);
}

void plan_host_copies(struct plan_builder *builder)
{
	bool names = wants(builder, SPEC_FILES_DNS), cookie = builder->spec->box.x_authority;
	if (!names && !cookie)
		return;
	struct step *step = plan_add(builder, STEP_make_scratch, "%s", names ? pointer : "/box/x11");
	step->make_scratch.path = plan_put_text(builder, folder(builder));
	step->make_scratch.mode = 0755;
	if (cookie)
		copy_cookie(builder);
	for (size_t i = 0; names && i < COPIES; i++) {
		step = plan_add(builder, STEP_copy_file, "%s", pointer);
		step->copy_file.source = plan_put_text(builder, copies[i].path);
		step->copy_file.path = plan_put_text(builder, copy_path(builder, i));
		step->copy_file.head = plan_put_text(builder, copies[i].names_box ? own_name(builder) : "");
	}
}

static struct step_bind *bind_file(struct plan_builder *builder, const char *asked, const char *source,
                                   const char *path, uint32_t onto)
{
	struct step *step = plan_add(builder, STEP_bind, "%s", asked);
	step->bind.root = builder->root;
	step->bind.source = plan_put_text(builder, source);
	step->bind.path = plan_put_text(builder, path);
	step->bind.onto = onto;
	step->bind.attr_set = ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_NOEXEC;
	step->bind.propagation = propagation_of_host_mounts(builder) == ABI_PRIVATE ? 0 : ABI_PRIVATE;
	step->bind.propagation_rec = true;
	return &step->bind;
}

/* The machine's certificates in one file, wherever it keeps that: at the place that the environment names, and where
 * the root's own libraries look, if they have one there. */
static void bind_certificates(struct plan_builder *builder)
{
	const char *bundle = NULL;
	for (size_t i = 0; i < spec_certificate_count && !bundle; i++) {
		const struct facts_source *source = facts_source(builder->facts, spec_certificates[i]);
		if (source && source->kind == SOURCE_FILE)
			bundle = spec_certificates[i];
	}
	if (!bundle) {
		plan_refuse(builder, pointer,
		            "this machine has no certificates in one file (%s and its like): install the package "
		            "ca-certificates",
		            spec_certificates[0]);
		return;
	}
	for (size_t i = 0; i < spec_certificate_count; i++)
		bind_file(builder, pointer, bundle, spec_certificates[i], i ? BIND_IF_THERE : BIND_ONTO_LINK)
			->attr_set |= ABI_ATTR_RDONLY;
}

/* --- programs of another architecture ---------------------------------------------------------------- */

static const struct facts_binfmt *emulator_of(const struct plan_builder *builder, const struct spec_arch *arch)
{
	const struct facts *facts = builder->facts;
	for (size_t i = 0; i < facts->binfmt_count; i++) {
		const struct facts_binfmt *binfmt = &facts->binfmts[i];
		if (binfmt->machine == arch->machine && binfmt->bits == arch->bits &&
		    binfmt->big_endian == arch->big_endian)
			return binfmt;
	}
	return NULL;
}

/* The kernel has it open, or opens it by its path in the root of whoever executes the program. */
static void bind_emulator(struct plan_builder *builder)
{
	static const char asked[] = "/box/arch";
	const struct spec_arch *arch = builder->spec->box.arch;
	const struct facts_binfmt *binfmt = arch ? emulator_of(builder, arch) : NULL;
	if (arch && !builder->facts->have_binfmt)
		plan_refuse(builder, asked,
		            "the kernel asks nobody to run programs of %s: binfmt_misc is not mounted (mount -t "
		            "binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc), and an emulator must be registered "
		            "there, as the packages qemu-user-static and binfmt-support do",
		            arch->name);
	else if (arch && !binfmt)
		plan_refuse(builder, asked,
		            "no emulator for programs of %s is registered in /proc/sys/fs/binfmt_misc: install the "
		            "packages qemu-user-static and binfmt-support",
		            arch->name);
	else if (arch && !binfmt->fixed)
		bind_file(builder, asked, binfmt->interpreter, binfmt->interpreter, BIND_ONTO_LINK)->attr_set =
			ABI_ATTR_NOSUID | ABI_ATTR_NODEV | ABI_ATTR_RDONLY;
}

void plan_host_binds(struct plan_builder *builder)
{
	bool foreign = builder->spec->box.root_mode != ROOT_HOST_OVERLAY;
	for (size_t i = 0; wants(builder, SPEC_FILES_DNS) && i < COPIES; i++)
		bind_file(builder, pointer, copy_path(builder, i), copies[i].path, BIND_ONTO_LINK);
	for (size_t i = 0; i < sizeof(binds) / sizeof(*binds); i++) {
		if (!wants(builder, binds[i].file) || (binds[i].foreign && !foreign))
			continue;
		struct step_bind *step = bind_file(builder, pointer, binds[i].path, binds[i].path, binds[i].onto);
		step->if_there = true;
		step->attr_set |= ABI_ATTR_RDONLY;
	}
	if (wants(builder, SPEC_FILES_CERTS) && foreign)
		bind_certificates(builder);
	bind_emulator(builder);
}

void plan_host_display(struct plan_builder *builder)
{
	if (!builder->spec->box.x_authority)
		return;
	struct step_bind *step = bind_file(builder, "/box/x11", cookie_path(builder), SPEC_X_AUTHORITY, BIND_ONTO_LINK);
	step->attr_set |= ABI_ATTR_RDONLY;
}
