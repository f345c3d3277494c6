/* devices.c: what /dev holds: the default devices and links, those asked for, and the terminal. */
#include "plan/box_root.h"
#include "plan/idmap.h"
#include "plan/question.h"

#include <string.h>

enum { MODE_BITS = 07777, DEVICE_MODE = 0666 };

/* config-linux.md, "Default Devices". */
static const struct {
	const char *path;
	uint32_t major, minor;
} defaults[] = {
	{ "/dev/null", 1, 3 },   { "/dev/zero", 1, 5 },    { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};
enum { DEFAULTS = sizeof(defaults) / sizeof(*defaults) };

/* --- nodes ------------------------------------------------------------------------------------------- */

/* In a user namespace mknod(2) is refused, and what it made could not be opened. */
static bool can_make_nodes(const struct plan_builder *builder)
{
	return !inside_user_namespace(builder) && caller_can(builder, ABI_CAP_MKNOD);
}

static bool can_bind_nodes(const struct plan_builder *builder)
{
	return namespace_is_new(builder, ABI_NEWNS);
}

/* Where the host has this device: engines name the path inside, which need not exist outside. */
static const char *host_node(const char *path, char type, int64_t major, int64_t minor)
{
	for (size_t i = 0; i < DEFAULTS && type != 'b'; i++)
		if (defaults[i].major == major && defaults[i].minor == minor)
			return defaults[i].path;
	return path;
}

static void make_default(struct plan_builder *builder, size_t index)
{
	bool bound = !can_make_nodes(builder);
	struct step *step = plan_add(builder, STEP_make_device, NULL);
	step->make_device.root = builder->root;
	step->make_device.path = plan_put_text(builder, defaults[index].path);
	step->make_device.how = bound ? 'b' : 'n';
	step->make_device.type = 'c';
	step->make_device.major = defaults[index].major;
	step->make_device.minor = defaults[index].minor;
	step->make_device.mode = DEVICE_MODE;
	step->make_device.source = bound ? plan_put_text(builder, defaults[index].path) : 0;
}

/* What the configuration puts there itself: privileged engines list every device of the host, /dev/ptmx too. */
static bool is_asked_for(const struct plan_builder *builder, const char *path)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	for (size_t i = 0; i < linux_->device_count; i++)
		if (strcmp(path_inside(builder->arena, linux_->devices[i].path), path) == 0)
			return true;
	return mount_seen_at(builder, path) != NULL;
}

static void make_defaults(struct plan_builder *builder)
{
	for (size_t i = 0; i < DEFAULTS; i++)
		if (!is_asked_for(builder, defaults[i].path))
			make_default(builder, i);
}

static void make_asked(struct plan_builder *builder, const struct spec_device *device, size_t index)
{
	/* Anybody may make a FIFO. */
	bool bound = device->type != 'p' && !can_make_nodes(builder);
	char type = device->type == 'u' ? 'c' : device->type;
	struct step *step = plan_add(builder, STEP_make_device, "/linux/devices/%zu", index);
	step->make_device.root = builder->root;
	step->make_device.path = plan_put_text(builder, path_inside(builder->arena, device->path));
	step->make_device.how = bound ? 'b' : 'n';
	step->make_device.type = (uint32_t)type;
	step->make_device.major = type == 'p' ? 0 : (uint32_t)device->major;
	step->make_device.minor = type == 'p' ? 0 : (uint32_t)device->minor;
	/* Engines write the file type along with the permissions. */
	step->make_device.mode = device->file_mode.set ? (uint32_t)device->file_mode.value & MODE_BITS : DEVICE_MODE;
	step->make_device.uid = (uint32_t)device->uid.value;
	step->make_device.gid = (uint32_t)device->gid.value;
	if (bound)
		step->make_device.source =
			plan_put_text(builder, host_node(device->path, type, device->major, device->minor));
}

/* Nothing is made in a /dev that is the host's: it has its devices, and a new one would stay there. */
static void make_all_asked(struct plan_builder *builder)
{
	const struct spec_linux *linux_ = &builder->spec->linux_;
	bool hosts = dev_is_the_hosts(builder);
	for (size_t i = 0; i < linux_->device_count; i++)
		if (!hosts || !path_is_within(path_inside(builder->arena, linux_->devices[i].path), "/dev"))
			make_asked(builder, &linux_->devices[i], i);
}

/* --- links ------------------------------------------------------------------------------------------- */

/* Whether the configuration, or the view of a box, mounts something there. */
static bool is_mounted(struct plan_builder *builder, const char *path)
{
	bool host_view = builder->spec->box.root_mode == ROOT_HOST_OVERLAY;
	return mount_seen_at(builder, path) || (host_view && box_has(builder, path));
}

static void make_link(struct plan_builder *builder, const char *path, const char *target)
{
	/* In a /dev of its own there is nothing yet; a root's own /dev may have what it likes. */
	bool fresh = is_mounted(builder, "/dev");
	if (is_asked_for(builder, path))
		return;
	struct step *step = plan_add(builder, STEP_make_link, NULL);
	step->make_link.root = builder->root;
	step->make_link.path = plan_put_text(builder, path);
	step->make_link.target = plan_put_text(builder, target);
	step->make_link.optional = !fresh;
}

/* runtime-linux.md, "Dev symbolic links": those into /proc only where there is one. */
static void make_links(struct plan_builder *builder)
{
	static const char *const links[][2] = {
		{ "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" },
		{ "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" },
	};
	for (size_t i = 0; is_mounted(builder, "/proc") && i < sizeof(links) / sizeof(*links); i++)
		make_link(builder, links[i][0], links[i][1]);
	make_link(builder, "/dev/ptmx", "pts/ptmx");
}

/* --- the terminal ------------------------------------------------------------------------------------- */

/* Who is not mapped cannot be given anything; it stays with its maker. */
static uint32_t terminal_owner(const struct plan_builder *builder)
{
	uint32_t uid = builder->spec->process.user.uid;
	bool mapped = !namespace_is_new(builder, ABI_NEWUSER) || idmap_holds(&builder->spec->linux_.uid_mappings, uid);
	return mapped ? uid : UINT32_MAX;
}

/* From the container's own devpts, so that its /dev/pts shows it; the host's where the container has none. */
static void open_terminal(struct plan_builder *builder)
{
	const struct spec_process *process = &builder->spec->process;
	const struct spec_mount *pts = mount_seen_at(builder, "/dev/pts");
	/* In the root of a process with a mount namespace of its own its devpts; where it is this machine's, that. */
	bool entered = builder->spec->box.root_mode == ROOT_PROCESS && namespace_is_joined(builder, ABI_NEWNS);
	bool own = pts ? pts->type && strcmp(pts->type, "devpts") == 0 : entered || is_mounted(builder, "/dev/pts");
	builder->master = plan_new_slot(builder, SLOT_FD);
	builder->peer = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_terminal, "/process/terminal");
	step->open_terminal.root = builder->root;
	step->open_terminal.uid = terminal_owner(builder);
	step->open_terminal.gid = UINT32_MAX; /* chown(2): as it is, which is what devpts gave it (mount option gid=) */
	step->open_terminal.rows = (uint32_t)process->console_height.value;
	step->open_terminal.columns = (uint32_t)process->console_width.value;
	step->open_terminal.host = !own;
	/* Into a pipe or a file a program's lines go as it wrote them. Where they end on a terminal it is for the
	 * container's to put the carriage returns in, as the program may have switched that off for what it sends now
	 * (an editor, a transfer of bytes): the caller's cannot know. */
	step->open_terminal.onlcr = builder->facts->caller.terminal;
	step->open_terminal.master = builder->master;
	step->open_terminal.peer = builder->peer;
}

static void make_terminal(struct plan_builder *builder)
{
	open_terminal(builder);
	if (namespace_is_new(builder, ABI_NEWNS) && !dev_is_the_hosts(builder)) {
		struct step *step = plan_add(builder, STEP_bind_console, "/process/terminal");
		step->bind_console.root = builder->root;
		step->bind_console.peer = builder->peer;
		step->bind_console.path = plan_put_text(builder, "/dev/console");
	}
	struct step *step = plan_add(builder, STEP_take_console, "/process/terminal");
	step->take_console.master = builder->master;
}

void plan_console(struct plan_builder *builder)
{
	const char *path = builder->spec->box.console;
	if (!path)
		return;
	builder->peer = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_console, "/box/console");
	step->open_console.path = plan_put_text(builder, path);
	step->open_console.peer = builder->peer;
}

void plan_log(struct plan_builder *builder)
{
	const char *path = builder->spec->box.log;
	if (!builder->spec->box.background)
		return;
	builder->input = plan_new_slot(builder, SLOT_FD);
	builder->output = plan_new_slot(builder, SLOT_FD);
	struct step *step = plan_add(builder, STEP_open_log, path ? "/box/log" : "/box/background");
	step->open_log.path =
		path ? plan_put_text(builder, path)
		     : plan_put_format(builder, "%s/%s/log", builder->request->state_root, builder->request->id);
	step->open_log.input = builder->input;
	step->open_log.output = builder->output;
}

void plan_devices(struct plan_builder *builder)
{
	bool possible = can_make_nodes(builder) || can_bind_nodes(builder);
	/* In a joined mount namespace /dev is the other container's. */
	bool own_dev = !dev_is_the_hosts(builder) && !namespace_is_joined(builder, ABI_NEWNS);
	if (own_dev && possible)
		make_defaults(builder);
	else if (own_dev)
		plan_warn(builder, "/linux/namespaces",
		          "without a mount namespace and without CAP_MKNOD no devices can be made: /dev "
		          "stays as the root has it");
	if (possible)
		make_all_asked(builder);
	else if (builder->spec->linux_.device_count)
		plan_refuse(builder, "/linux/devices",
		            "without CAP_MKNOD a device is a bind of the host's, and that needs a mount "
		            "namespace");
	if (own_dev)
		make_links(builder);
	if (builder->spec->process.terminal && !builder->spec->box.console)
		make_terminal(builder);
}
