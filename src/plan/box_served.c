/* box_served.c: a box's view of this machine, or of a directory, that fuse-overlayfs(1) makes instead of the kernel.
 *
 * Init makes the FUSE mount, since the kernel wants it from the user namespace that opened /dev/fuse; the runtime
 * starts the program that answers it. That one stays outside: in the host's mount namespace, where it sees all below
 * the lower directory and the view itself is mounted nowhere, and in a user namespace of its own with the maps of the
 * box, where it may make and give away files of the box's ids while root of the box has no power over it. */
#include "plan/box_root.h"
#include "plan/idmap.h"
#include "plan/question.h"

static const char pointer[] = "/box/fuse";
/* As whom a file server sees who is not mapped (/proc/sys/kernel/overflowuid). */
enum { OVERFLOW_ID = 65534 };

static void check_device(struct plan_builder *builder)
{
	const struct facts *facts = builder->facts;
	if (!facts->fuse_overlayfs)
		plan_refuse(builder, pointer,
		            "the program fuse-overlayfs is missing: install it (`apt install fuse-overlayfs`, as "
		            "root), or leave --fuse out");
	if (!facts->fuse_there)
		plan_refuse(builder, pointer,
		            "there is no /dev/fuse: load it (`modprobe fuse`, as root), or give the container around "
		            "kist --device /dev/fuse");
	else if (!facts->fuse_open)
		plan_refuse(builder, pointer,
		            "/dev/fuse is not open to you: open it (`chmod 666 /dev/fuse`, as root); where a device "
		            "policy forbids it, give the container around kist --device /dev/fuse");
}

void box_served_check(struct plan_builder *builder)
{
	const struct spec_box *box = &builder->spec->box;
	if (!box->fuse)
		return;
	if (box->root_mode == ROOT_BUNDLE)
		plan_refuse(builder, pointer,
		            "with --rw the box writes to the directory itself, and there is no view to make: leave "
		            "one of the two out");
	else if (!namespace_is_new(builder, ABI_NEWUSER))
		plan_refuse(builder, pointer,
		            namespace_is_joined(builder, ABI_NEWUSER)
		                    ? "the view is made for the ids of a new user namespace, and this one is joined"
		                    : "it is for boxes with a user namespace of their own: in this one the kernel's "
		                      "overlay replaces files of any owner, and faster");
	else if (!builder->spec->linux_.uid_mappings.count || !builder->spec->linux_.gid_mappings.count)
		plan_refuse(builder, pointer,
		            "no ids are mapped in the box, so that nobody could make files in its view");
	else if (box->keep)
		plan_refuse(builder, pointer,
		            "what fuse-overlayfs writes marks its deletions in another form than the kernel, which "
		            "kist diff and kist apply do not read: leave --fuse out, or --keep and --from");
	else
		check_device(builder);
}

/* --- the server's ids ------------------------------------------------------------------------------- */

void plan_server_ids(struct plan_builder *builder)
{
	box_served_check(builder);
	if (!builder->spec->box.fuse)
		return;
	builder->server_ids = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_make_idmap, "%s", pointer);
	idmap_again(builder, &step->make_idmap);
	step->make_idmap.idmap = builder->server_ids;
}

/* --- the view ------------------------------------------------------------------------------------- */

/* Files of ids that are not mapped look like those of 65534. Where the box has no such id, the kernel lets nobody write
 * to them: then everything belongs to the one who is root of the box. */
static struct plan_span server_arguments(struct plan_builder *builder, const struct box_part *part, uint32_t uid,
                                         uint32_t gid)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	struct buf options = buf_in(builder->arena);
	buf_printf(&options, "%s,%s,%s", box_layer_option(builder, "lowerdir", part->lower),
	           box_layer_option(builder, "upperdir", box_upper(builder, part)),
	           box_layer_option(builder, "workdir", box_work(builder, part)));
	if (!idmap_holds(&linux_->uid_mappings, OVERFLOW_ID) || !idmap_holds(&linux_->gid_mappings, OVERFLOW_ID))
		buf_printf(&options, ",squash_to_uid=%u,squash_to_gid=%u", uid, gid);
	return plan_put_list(builder, (const char *[]){ "-f", "-o", options.bytes }, 3);
}

void box_open_served(struct plan_builder *builder, const struct box_part *part)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	const uint32_t uid = idmap_worker(builder, &linux_->uid_mappings, builder->facts->caller.uid);
	const uint32_t gid = idmap_worker(builder, &linux_->gid_mappings, builder->facts->caller.gid);
	const plan_slot channel = plan_new_slot(builder, SLOT_FD);
	const char *const options[] = {
		"rootmode=40755",
		arena_printf(builder->arena, "user_id=%u", uid),
		arena_printf(builder->arena, "group_id=%u", gid),
		"default_permissions",
		"allow_other", /* all of the box, which is as far as it goes in a user namespace (fuse.rst) */
	};
	struct step *step = plan_add(builder, STEP_open_channel, "%s", pointer);
	step->open_channel.path = plan_put_text(builder, "/dev/fuse");
	step->open_channel.channel = channel;
	step = plan_add(builder, STEP_open_root, "/root/path");
	step->open_root.how = 'f';
	step->open_root.path = plan_put_text(builder, box_attach_point(builder));
	step->open_root.channel = channel;
	step->open_root.type = plan_put_text(builder, "fuse");
	step->open_root.options = plan_put_list(builder, options, sizeof(options) / sizeof(*options));
	step->open_root.propagation = ABI_PRIVATE;
	step->open_root.root = builder->root;
	step = plan_add(builder, STEP_serve_root, "%s", pointer);
	step->serve_root.program = plan_put_text(builder, builder->facts->fuse_overlayfs);
	step->serve_root.args = server_arguments(builder, part, uid, gid);
	step->serve_root.uid = uid;
	step->serve_root.gid = gid;
	step->serve_root.channel = channel;
	step->serve_root.idmap = builder->server_ids;
	step = plan_add(builder, STEP_await_root, "%s", pointer);
	step->await_root.program = plan_put_text(builder, builder->facts->fuse_overlayfs);
	step->await_root.channel = channel;
	step->await_root.root = builder->root;
}
