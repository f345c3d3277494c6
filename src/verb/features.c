/* features.c: kist features: what this runtime knows (runtime-spec 1.3, features.md), read from the tables that it
 * works by: what stands among the unsupported properties is not among the features. */
#include "json/json.h"
#include "plan/wire.h"
#include "spec/mount_option.h"
#include "spec/names.h"
#include "sys/seccomp.h"
#include "verb/report.h"

#include <string.h>

/* The members of one object or the items of one array, at one depth. */
struct features {
	struct buf *out;
	int depth;
	bool more; /* something stands before */
};

static void features_next(struct features *features)
{
	buf_puts(features->out, features->more ? ",\n" : "\n");
	for (int i = 0; i < features->depth; i++)
		buf_puts(features->out, "  ");
	features->more = true;
}

static void features_name(struct features *features, const char *name)
{
	features_next(features);
	json_put_string(features->out, name);
	buf_puts(features->out, ": ");
}

static void features_text(struct features *features, const char *name, const char *value)
{
	features_name(features, name);
	json_put_string(features->out, value);
}

static void features_flag(struct features *features, const char *name, bool value)
{
	features_name(features, name);
	buf_puts(features->out, value ? "true" : "false");
}

static struct features features_open(struct features *above, const char *name, char bracket)
{
	features_name(above, name);
	buf_putc(above->out, bracket);
	return (struct features){ .out = above->out, .depth = above->depth + 1 };
}

static void features_close(const struct features *features, char bracket)
{
	buf_putc(features->out, '\n');
	for (int i = 1; i < features->depth; i++)
		buf_puts(features->out, "  ");
	buf_putc(features->out, bracket);
}

static void features_item(struct features *features, const char *word)
{
	features_next(features);
	json_put_string(features->out, word);
}

/* --- the arrays -------------------------------------------------------------------------------------- */

typedef bool features_filter(const struct name *name);

static void features_table(struct features *features, const char *name, const struct name_table *table,
                           features_filter *filter)
{
	struct features list = features_open(features, name, '[');
	for (size_t i = 0; i < table->count; i++)
		if (!filter || filter(&table->names[i]))
			features_item(&list, table->names[i].word);
	features_close(&list, ']');
}

static void features_hooks(struct features *features)
{
	static const char *const hooks[HOOK_KIND_COUNT] = {
		[HOOK_PRESTART] = "prestart",
		[HOOK_CREATE_RUNTIME] = "createRuntime",
		[HOOK_CREATE_CONTAINER] = "createContainer",
		[HOOK_START_CONTAINER] = "startContainer",
		[HOOK_POSTSTART] = "poststart",
		[HOOK_POSTSTOP] = "poststop",
	};
	struct features list = features_open(features, "hooks", '[');
	for (size_t i = 0; i < HOOK_KIND_COUNT; i++)
		if (spec_supports(arena_printf(features->out->arena, "/hooks/%s", hooks[i])))
			features_item(&list, hooks[i]);
	features_close(&list, ']');
}

static void features_mount_options(struct features *features)
{
	struct features list = features_open(features, "mountOptions", '[');
	for (size_t i = 0; mount_option_word(i); i++)
		features_item(&list, mount_option_word(i));
	features_close(&list, ']');
}

/* --- the objects -------------------------------------------------------------------------------------- */

/* "name": { "enabled": value } */
static void features_enabled(struct features *features, const char *name, bool value)
{
	struct features object = features_open(features, name, '{');
	features_flag(&object, "enabled", value);
	features_close(&object, '}');
}

static bool features_has_action(const struct name *action)
{
	return spec_supports_action((enum spec_seccomp_action)action->value);
}

/* What this kernel takes: an older one does not know all that kist does. WAIT_KILLABLE_RECV is about a listener, and
 * refused without one (seccomp(2)). */
static bool features_kernel_has(const struct name *flag)
{
	bool listens = flag->value == NAME_SECCOMP_WAIT_KILLABLE_RECV && spec_supports_action(SECCOMP_NOTIFY);
	return sys_seccomp_flag((unsigned)flag->value | (listens ? WIRE_FILTER_LISTENER : 0)) == 0;
}

static void features_seccomp(struct features *features)
{
	struct features object = features_open(features, "seccomp", '{');
	features_flag(&object, "enabled", true);
	features_table(&object, "actions", &name_seccomp_actions, features_has_action);
	features_table(&object, "operators", &name_seccomp_operators, NULL);
	features_table(&object, "archs", &name_seccomp_architectures, NULL);
	features_table(&object, "knownFlags", &name_seccomp_flags, NULL);
	features_table(&object, "supportedFlags", &name_seccomp_flags, features_kernel_has);
	features_close(&object, '}');
}

static void features_cgroup(struct features *features)
{
	struct features object = features_open(features, "cgroup", '{');
	features_flag(&object, "v1", true);
	features_flag(&object, "v2", true);
	features_flag(&object, "systemd", false); /* --systemd-cgroup is refused: global.c */
	features_flag(&object, "systemdUser", false);
	features_flag(&object, "rdma", spec_supports("/linux/resources/rdma"));
	features_close(&object, '}');
}

static void features_memory_policy(struct features *features)
{
	if (!spec_supports("/linux/memoryPolicy"))
		return;
	struct features object = features_open(features, "memoryPolicy", '{');
	features_table(&object, "modes", &name_memory_modes, NULL);
	features_table(&object, "flags", &name_memory_flags, NULL);
	features_close(&object, '}');
}

static void features_intel_rdt(struct features *features)
{
	bool enabled = spec_supports("/linux/intelRdt");
	struct features object = features_open(features, "intelRdt", '{');
	features_flag(&object, "enabled", enabled);
	features_flag(&object, "schemata", enabled);
	features_flag(&object, "monitoring", enabled);
	features_close(&object, '}');
}

static void features_linux(struct features *features)
{
	struct features object = features_open(features, "linux", '{');
	features_table(&object, "namespaces", &name_namespaces, NULL);
	features_table(&object, "capabilities", &name_capabilities, NULL);
	features_cgroup(&object);
	features_seccomp(&object);
	features_enabled(&object, "apparmor", spec_supports("/process/apparmorProfile"));
	features_enabled(&object, "selinux", spec_supports("/process/selinuxLabel"));
	features_memory_policy(&object);
	features_intel_rdt(&object);
	struct features extensions = features_open(&object, "mountExtensions", '{');
	features_enabled(&extensions, "idmap", true);
	features_close(&extensions, '}');
	features_enabled(&object, "netDevices", spec_supports("/linux/netDevices"));
	features_close(&object, '}');
}

static void features_put(struct buf *text)
{
	struct features features = { .out = text, .depth = 1 };
	buf_putc(text, '{');
	features_text(&features, "ociVersionMin", "1.0.0"); /* what check_version() takes */
	features_text(&features, "ociVersionMax", "1.3.0");
	features_hooks(&features);
	features_mount_options(&features);
	features_linux(&features);
	struct features annotations = features_open(&features, "annotations", '{');
	features_text(&annotations, "dev.kist.version", KIST_VERSION);
	features_close(&annotations, '}');
	features_close(&features, '}');
	buf_putc(text, '\n');
}

static int features_verb(struct command *command, const void *options, int argc, char **argv)
{
	(void)options;
	if (argc > 0) {
		struct err err;
		err_set(&err, command->arena, 0, "features takes no operand, but got \"%s\"", argv[0]);
		return report_error(command, &err, NULL);
	}
	struct buf text = buf_in(command->arena);
	features_put(&text);
	return report_output(command, &text);
}

const struct verb verb_features = {
	.name = "features",
	.operands = "",
	.summary = "show what this runtime knows of the OCI specification, as JSON",
	.run = features_verb,
	.flags_anywhere = true,
};
