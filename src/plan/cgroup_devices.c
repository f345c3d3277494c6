/* cgroup_devices.c: which devices the container may use: the configuration's rules, and the devices every container
 * has. Lines for a v1 hierarchy, a program for cgroup2.
 *
 * Engines write "deny all" first and then what they allow, and count on the runtime to allow the default devices. Those
 * stand right after the leading rules about everything, so that a later rule of the configuration has the last word on
 * them too (runtime-spec: listed order; under runc and crun the defaults cannot be taken back). */
#include "plan/cgroup.h"
#include "plan/device_program.h"
#include "plan/question.h"

#include <string.h>

enum { ANY = -1, PTY_SLAVE_MAJOR = 136 };

/* Nodes may be made of every device: it is using them that takes a rule. */
static const struct {
	char type;
	int major, minor;
	unsigned access;
} always_allowed[] = {
	{ 'c', ANY, ANY, DEVICE_MKNOD },
	{ 'b', ANY, ANY, DEVICE_MKNOD },
	{ 'c', 1, 3, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* null */
	{ 'c', 1, 5, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* zero */
	{ 'c', 1, 7, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* full */
	{ 'c', 1, 8, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* random */
	{ 'c', 1, 9, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* urandom */
	{ 'c', 5, 0, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* tty */
	{ 'c', 5, 1, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* console */
	{ 'c', 5, 2, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD }, /* ptmx */
	{ 'c', PTY_SLAVE_MAJOR, ANY, DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD },
};
enum { ALWAYS_ALLOWED = sizeof(always_allowed) / sizeof(*always_allowed) };

struct rules {
	struct spec_device_rule *items;
	size_t count;
	size_t asked_start, asked_count; /* those of the configuration behind the leading ones */
};

static struct opt_int number(int value)
{
	return (struct opt_int){ .set = value != ANY, .value = value };
}

static bool is_about_everything(const struct spec_device_rule *rule)
{
	return rule->type == 'a' && !rule->major.set && !rule->minor.set &&
	       rule->access == (DEVICE_READ | DEVICE_WRITE | DEVICE_MKNOD);
}

/* What a box is told to show or to mount may be used: a device that is bound, those in a directory that is bound, the
 * disk of a file system. A read-only mount would not keep anybody from writing to a device, the policy does. */
static void allow_sources(const struct plan_builder *builder, struct rules *rules)
{
	const struct spec *spec = builder->spec;
	const struct facts *facts = builder->facts;
	for (size_t i = 0; spec->box.set && i < spec->mount_count; i++) {
		const struct spec_mount *mount = &spec->mounts[i];
		bool readonly = (mount->options.attr_set | mount->options.attr_set_rec) & ABI_ATTR_RDONLY;
		for (size_t k = 0; mount->source && *mount->source == '/' && k < facts->source_count; k++) {
			const struct facts_source *source = &facts->sources[k];
			bool device = source->kind == SOURCE_CHAR || source->kind == SOURCE_BLOCK;
			if (device && path_is_within(source->path, mount->source))
				rules->items[rules->count++] = (struct spec_device_rule){
					.allow = true,
					.type = source->kind == SOURCE_CHAR ? 'c' : 'b',
					.major = number((int)source->major),
					.minor = number((int)source->minor),
					.access = readonly ? DEVICE_READ : DEVICE_READ | DEVICE_WRITE,
				};
		}
	}
}

/* Leading rules about everything (only the last of them says anything), the defaults, the rest. */
static struct rules effective_rules(const struct plan_builder *builder)
{
	const struct spec_resources *asked = &builder->spec->linux_.resources;
	size_t sources = builder->spec->box.set ? builder->facts->source_count * builder->spec->mount_count : 0;
	struct rules rules = { .items = ARENA_ARRAY(builder->arena, asked->device_count + ALWAYS_ALLOWED + sources,
		                                    struct spec_device_rule) };
	size_t leading = 0;
	while (leading < asked->device_count && is_about_everything(&asked->devices[leading]))
		leading++;
	bool all_allowed = leading && asked->devices[leading - 1].allow;
	if (leading)
		rules.items[rules.count++] = asked->devices[leading - 1];
	for (size_t i = 0; i < ALWAYS_ALLOWED && !all_allowed; i++)
		rules.items[rules.count++] = (struct spec_device_rule){
			.allow = true,
			.type = always_allowed[i].type,
			.major = number(always_allowed[i].major),
			.minor = number(always_allowed[i].minor),
			.access = always_allowed[i].access,
		};
	rules.asked_start = rules.count;
	rules.asked_count = asked->device_count - leading;
	for (size_t i = leading; i < asked->device_count; i++)
		rules.items[rules.count++] = asked->devices[i];
	allow_sources(builder, &rules);
	return rules;
}

/* --- v1: lines ---------------------------------------------------------------------------------------- */

static void write_line(struct plan_builder *builder, const struct cgroup_place *place, bool allow, const char *line)
{
	struct step *step = plan_add(builder, STEP_write_cgroup, "/linux/resources/devices");
	step->write_cgroup.path = plan_put_text(builder, place->path);
	step->write_cgroup.file = plan_put_text(builder, allow ? "devices.allow" : "devices.deny");
	step->write_cgroup.value = plan_put_text(builder, line);
}

static void warn_of_gap(struct plan_builder *builder, const struct rules *rules)
{
	size_t gap = device_rules_v1_gap(rules->items + rules->asked_start, rules->asked_count);
	size_t leading = builder->spec->linux_.resources.device_count - rules->asked_count;
	if (gap < rules->asked_count)
		plan_warn(builder, arena_printf(builder->arena, "/linux/resources/devices/%zu", leading + gap),
		          "cgroup v1 cannot take back a part of what an earlier rule says: this one has no "
		          "effect on the devices that both are about");
}

static void write_lines(struct plan_builder *builder, const struct cgroup_place *place, const struct rules *rules)
{
	/* A new cgroup starts with what its parent has. */
	bool starts_with_all = rules->count && is_about_everything(&rules->items[0]);
	if (!starts_with_all || rules->items[0].allow)
		write_line(builder, place, false, "a");
	for (size_t i = 0; i < rules->count; i++) {
		const char *lines[2];
		size_t count = device_rule_v1_text(builder->arena, &rules->items[i], lines);
		for (size_t k = 0; k < count; k++)
			write_line(builder, place, rules->items[i].allow, lines[k]);
	}
	warn_of_gap(builder, rules);
}

/* --- v2: a program ------------------------------------------------------------------------------------- */

static void load_program(struct plan_builder *builder, const struct cgroup_place *place, const struct rules *rules)
{
	struct bpf_instruction *program;
	size_t length = device_program_make(builder->arena, rules->items, rules->count, &program);
	if (!length) {
		plan_refuse(builder, "/linux/resources/devices",
		            "these rules make a program of more than %d instructions", DEVICE_PROGRAM_LIMIT);
		return;
	}
	struct plan_span bytes = plan_put_bytes(builder, program, length * sizeof(*program));
	struct step *step = plan_add(builder, STEP_load_devices, "/linux/resources/devices");
	step->load_devices.cgroup = place->slot;
	step->load_devices.program = bytes;
}

void plan_cgroup_devices(struct plan_builder *builder)
{
	if (!builder->spec->linux_.resources.device_count)
		return;
	/* Only root of the machine may set a policy; engines write rules for everybody. Left out is nothing that anyone
	 * else could use: in a user namespace no device node can be made, and the host's own keep their permissions. */
	if (!caller_can_on_host(builder, ABI_CAP_SYS_ADMIN))
		return;
	const struct cgroup_place *lines = cgroup_place_of(builder, "devices");
	const struct cgroup_place *program = cgroup_place_unified(builder);
	struct rules rules = effective_rules(builder);
	if (lines && !lines->hierarchy->unified)
		write_lines(builder, lines, &rules);
	else if (program && builder->facts->kernel.cgroup_bpf)
		load_program(builder, program, &rules);
	else if (builder->spec->box.set)
		/* A box asks for the policy by itself, as a second lock beside its own /dev and its lack of
		 * CAP_MKNOD. */
		plan_warn(builder, "/linux/resources/devices",
		          "there is no cgroup to set a device policy with: the box has only its own /dev");
	else if (program)
		plan_refuse(builder, "/linux/resources/devices",
		            "this kernel loads no device programs (CONFIG_CGROUP_BPF), so the rules cannot be "
		            "enforced");
	else
		cgroup_refuse_controller(builder, "devices", "/linux/resources/devices");
}
