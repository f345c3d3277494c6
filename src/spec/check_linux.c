/* check_linux.c: checks of the linux object: namespaces, id maps, paths, devices, kernel parameters. */
#include "spec/checker.h"
#include "spec/names.h"
#include "spec/sysctl.h"

#include <stdlib.h>
#include <string.h>

void check_namespaces(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	uint32_t seen = 0;
	for (size_t i = 0; i < linux_->namespace_count; i++) {
		const struct spec_namespace *entry = &linux_->namespaces[i];
		struct check_item item = { "/linux/namespaces", i };
		if (seen & entry->type)
			check_fault(checker, check_pointer(checker, item, ""), "the %s namespace is listed twice",
			            name_word(&name_namespaces, entry->type));
		seen |= entry->type;
		check_absolute(checker, item, "/path", entry->path);
	}
}

static void check_mapping(struct checker *checker, const char *pointer, const struct spec_idmaps *maps)
{
	enum check_namespace user = check_namespace(checker, ABI_NEWUSER);
	check_idmaps(checker, pointer, maps);
	if (maps->count && user == CHECK_ABSENT)
		check_fault(checker, pointer, "needs a user namespace: " CHECK_ADD("user"));
	if (maps->count && user == CHECK_JOINED)
		check_note(checker, pointer, "ignored: the user namespace is joined by its path and has its maps");
}

/* An id that the new user namespace has no line for: setuid(2) and setgroups(2) would say EINVAL. A namespace without
 * any map is legal (everything in it is the overflow id), so it is not asked. */
static void check_mapped(struct checker *checker, const char *pointer, uint32_t id, const struct spec_idmaps *maps)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (id >= maps->items[i].inside && id - maps->items[i].inside < maps->items[i].count)
			return;
	}
	bool fresh = check_namespace(checker, ABI_NEWUSER) == CHECK_NEW;
	if (fresh && maps->count && checker->spec->process.set)
		check_fault(checker, pointer,
		            "id %u is not mapped into the user namespace: map it too, or take one that is",
		            (unsigned)id);
}

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

static void check_user_mapped(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	const struct spec_user *user = &checker->spec->process.user;
	const char *looked_up = checker->spec->box.user; /* a number in it is known all the same */
	const char *colon = looked_up ? strchr(looked_up, ':') : NULL;
	bool known = !looked_up || is_digit(looked_up[0]);
	bool group_known = !looked_up || (colon && is_digit(colon[1]));
	if (known && !faults_touch(checker->faults, "/linux/uidMappings"))
		check_mapped(checker, "/process/user/uid", user->uid, &linux_->uid_mappings);
	if (faults_touch(checker->faults, "/linux/gidMappings"))
		return;
	if (group_known)
		check_mapped(checker, "/process/user/gid", user->gid, &linux_->gid_mappings);
	for (size_t i = 0; i < user->additional_gid_count; i++)
		check_mapped(checker,
		             check_pointer(checker, (struct check_item){ "/process/user/additionalGids", i }, ""),
		             user->additional_gids[i], &linux_->gid_mappings);
}

void check_id_mappings(struct checker *checker)
{
	check_user_mapped(checker);
	check_mapping(checker, "/linux/uidMappings", &checker->spec->linux_.uid_mappings);
	check_mapping(checker, "/linux/gidMappings", &checker->spec->linux_.gid_mappings);
}

static void check_offset(struct checker *checker, const char *pointer, const struct spec_time_offset *offset)
{
	enum { SECOND = 1000000000 };
	if (offset->set && offset->nanosecs >= SECOND)
		check_fault(checker, arena_printf(checker->arena, "%s/nanosecs", pointer),
		            "expected less than a second, got %u", (unsigned)offset->nanosecs);
}

void check_time_offsets(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	check_offset(checker, "/linux/timeOffsets/monotonic", &linux_->monotonic);
	check_offset(checker, "/linux/timeOffsets/boottime", &linux_->boottime);
	if (!linux_->monotonic.set && !linux_->boottime.set)
		return;
	enum check_namespace time = check_namespace(checker, ABI_NEWTIME);
	if (time == CHECK_ABSENT)
		check_fault(checker, "/linux/timeOffsets", "needs a time namespace: " CHECK_ADD("time"));
	/* time_namespaces(7): the offsets are fixed once a process is in it. */
	if (time == CHECK_JOINED)
		check_fault(checker, "/linux/timeOffsets",
		            "cannot be set: the time namespace is joined by its path and has its offsets");
}

static void check_path_list(struct checker *checker, const char *pointer, const struct spec_strings *paths)
{
	if (paths->count)
		check_needs_mounts(checker, pointer, "they need");
	for (size_t i = 0; i < paths->count; i++)
		check_absolute(checker, (struct check_item){ pointer, i }, "", paths->items[i]);
}

void check_paths(struct checker *checker)
{
	const struct spec_strings *masked = &checker->spec->linux_.masked_paths;
	check_path_list(checker, "/linux/maskedPaths", masked);
	for (size_t i = 0; i < masked->count; i++)
		if (*masked->items[i] && strspn(masked->items[i], "/") == strlen(masked->items[i]))
			check_fault(checker, check_pointer(checker, (struct check_item){ "/linux/maskedPaths", i }, ""),
			            "the root cannot be masked: there would be nothing left to execute");
	check_path_list(checker, "/linux/readonlyPaths", &checker->spec->linux_.readonly_paths);
}

void check_propagation(struct checker *checker)
{
	if (checker->spec->linux_.rootfs_propagation)
		check_needs_mounts(checker, "/linux/rootfsPropagation", "it needs");
}

/* By path; of one path, in the order of the list. */
static int compare_devices(const void *left, const void *right)
{
	const struct spec_device *one = *(const struct spec_device *const *)left;
	const struct spec_device *other = *(const struct spec_device *const *)right;
	int order = strcmp(one->path, other->path);
	return order ? order : one < other ? -1 : one > other;
}

/* A privileged container has every device of the host: sorted, so that a long list stays cheap. */
static void check_device_twins(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	const struct spec_device **sorted =
		ARENA_ARRAY(checker->arena, linux_->device_count, const struct spec_device *);
	size_t count = 0;
	for (size_t i = 0; i < linux_->device_count; i++) {
		if (linux_->devices[i].path)
			sorted[count++] = &linux_->devices[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare_devices);
	for (size_t i = 1; i < count; i++) {
		struct check_item item = { "/linux/devices", (size_t)(sorted[i] - linux_->devices) };
		if (strcmp(sorted[i]->path, sorted[i - 1]->path) == 0)
			check_fault(checker, check_pointer(checker, item, "/path"),
			            "%s is asked for twice, first by /linux/devices/%zu",
			            fault_quote(checker->arena, sorted[i]->path),
			            (size_t)(sorted[i - 1] - linux_->devices));
	}
}

void check_devices(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	for (size_t i = 0; i < linux_->device_count; i++)
		check_absolute(checker, (struct check_item){ "/linux/devices", i }, "/path", linux_->devices[i].path);
	check_device_twins(checker);
}

/* What the kernel takes for an interface's name: dev_valid_name(). */
static bool is_interface_name(const char *name)
{
	enum { NAME_BYTES = 15 }; /* IFNAMSIZ without its NUL */
	size_t length = strlen(name);
	bool dots = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
	return length > 0 && length <= NAME_BYTES && !dots && name[strcspn(name, "/: \t\n\v\f\r")] == '\0';
}

void check_net_devices(struct checker *checker)
{
	const struct spec_linux *linux_ = &checker->spec->linux_;
	for (size_t i = 0; i < linux_->net_device_count; i++) {
		const struct spec_net_device *device = &linux_->net_devices[i];
		const char *pointer = pointer_to_key(checker->arena, "/linux/netDevices", device->host_name);
		if (!is_interface_name(device->host_name))
			check_fault(checker, pointer, "%s cannot be the name of a network interface",
			            fault_quote(checker->arena, device->host_name));
		if (device->name && device->name[0] && !is_interface_name(device->name))
			check_fault(checker, arena_printf(checker->arena, "%s/name", pointer),
			            "%s cannot be the name of a network interface (at most 15 bytes, no space, / or :)",
			            fault_quote(checker->arena, device->name));
	}
}

static bool has_parent_component(const char *path)
{
	for (const char *component = path; component; component = strchr(component, '/')) {
		component += *component == '/';
		if (strncmp(component, "..", 2) == 0 && (component[2] == '/' || component[2] == '\0'))
			return true;
	}
	return false;
}

void check_cgroups_path(struct checker *checker)
{
	const char *path = checker->spec->linux_.cgroups_path;
	if (!path)
		return;
	if (has_parent_component(path))
		check_fault(checker, "/linux/cgroupsPath",
		            "%s has a component \"..\": it must stay below the cgroup root",
		            fault_quote(checker->arena, path));
	if (strpbrk(path, "\n\r"))
		check_fault(checker, "/linux/cgroupsPath", "%s holds a line break", fault_quote(checker->arena, path));
}

static void check_parameter_owner(struct checker *checker, const char *pointer, const char *path)
{
	uint32_t type = sysctl_namespace(path);
	if (!type) {
		check_fault(checker, pointer, "belongs to no namespace: it would change the whole machine");
		return;
	}
	const char *word = name_word(&name_namespaces, type);
	if (check_namespace(checker, type) == CHECK_ABSENT)
		check_fault(checker, pointer, "needs a%s %s namespace: " CHECK_ADD("%s") " (or the host would change)",
		            type == ABI_NEWIPC ? "n" : "", word, word);
	const char *hostname = checker->spec->hostname;
	if (strcmp(path, "kernel/hostname") == 0 && hostname && hostname[0])
		check_fault(checker, pointer, "the config sets a hostname too: keep one of them");
}

void check_sysctl(struct checker *checker)
{
	const struct spec_pairs *sysctl = &checker->spec->linux_.sysctl;
	for (size_t i = 0; i < sysctl->count; i++) {
		const struct spec_pair *parameter = &sysctl->items[i];
		const char *pointer = pointer_to_key(checker->arena, "/linux/sysctl", parameter->key);
		const char *why;
		const char *path = sysctl_path(checker->arena, parameter->key, &why);
		if (path)
			check_parameter_owner(checker, pointer, path);
		else
			check_fault(checker, pointer, "is no kernel parameter: the key has %s", why);
		if (strchr(parameter->value, '\n'))
			check_fault(checker, pointer, "the value %s holds a line break",
			            fault_quote(checker->arena, parameter->value));
	}
}

static void check_line(struct checker *checker, const char *pointer, const char *line)
{
	if (line && strchr(line, '\n'))
		check_fault(checker, pointer, "%s holds a line break: each schema is one line",
		            fault_quote(checker->arena, line));
}

void check_rdt(struct checker *checker)
{
	const struct spec_rdt *rdt = &checker->spec->linux_.intel_rdt;
	check_line(checker, "/linux/intelRdt/l3CacheSchema", rdt->l3_cache_schema);
	check_line(checker, "/linux/intelRdt/memBwSchema", rdt->mem_bw_schema);
	if (rdt->mem_bw_schema && rdt->mem_bw_schema[0] && strncmp(rdt->mem_bw_schema, "MB:", 3) != 0)
		check_fault(checker, "/linux/intelRdt/memBwSchema", "expected a line that begins with \"MB:\", got %s",
		            fault_quote(checker->arena, rdt->mem_bw_schema));
	for (size_t i = 0; i < rdt->schemata.count; i++)
		check_line(checker, check_pointer(checker, (struct check_item){ "/linux/intelRdt/schemata", i }, ""),
		           rdt->schemata.items[i]);
	/* The name of a directory in resctrl; "/" is the default class. */
	const char *clos = rdt->clos_id;
	bool dots = clos && (strcmp(clos, ".") == 0 || strcmp(clos, "..") == 0);
	if (clos && strcmp(clos, "/") != 0 && (dots || strpbrk(clos, "/\n")))
		check_fault(checker, "/linux/intelRdt/closID", "%s cannot be a directory's name",
		            fault_quote(checker->arena, clos));
}

/* set_mempolicy(2): which modes take nodes (0: none, 1: optionally, 2: at least one), and which flags. */
static const unsigned char mode_nodes[] = {
	[NAME_MPOL_DEFAULT] = 0,
	[NAME_MPOL_PREFERRED] = 1,
	[NAME_MPOL_BIND] = 2,
	[NAME_MPOL_INTERLEAVE] = 2,
	[NAME_MPOL_LOCAL] = 0,
	[NAME_MPOL_PREFERRED_MANY] = 2,
	[NAME_MPOL_WEIGHTED_INTERLEAVE] = 2,
};

void check_memory_policy(struct checker *checker)
{
	const struct spec_memory_policy *policy = &checker->spec->linux_.memory_policy;
	if (!policy->set || faults_touch(checker->faults, "/linux/memoryPolicy/mode"))
		return;
	const char *mode = name_word(&name_memory_modes, (uint64_t)policy->mode);
	bool nodes = policy->nodes && policy->nodes[0];
	if (mode_nodes[policy->mode] == 0 && nodes)
		check_fault(checker, "/linux/memoryPolicy/nodes", "%s takes no nodes", mode);
	if (mode_nodes[policy->mode] == 2 && !nodes)
		check_fault(checker, "/linux/memoryPolicy/nodes", "missing: %s needs at least one node", mode);
	check_number_list(checker, "/linux/memoryPolicy/nodes", policy->nodes);
	const uint32_t fixed = NAME_MPOL_STATIC_NODES | NAME_MPOL_RELATIVE_NODES;
	if ((policy->flags & fixed) == fixed)
		check_fault(checker, "/linux/memoryPolicy/flags",
		            "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
	if ((policy->flags & fixed) && !nodes)
		check_fault(checker, "/linux/memoryPolicy/flags", "flags about nodes, but %s has none here", mode);
	bool balanced = policy->mode == NAME_MPOL_BIND || policy->mode == NAME_MPOL_PREFERRED_MANY;
	if ((policy->flags & NAME_MPOL_NUMA_BALANCING) && !balanced)
		check_fault(checker, "/linux/memoryPolicy/flags",
		            "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY, not for %s", mode);
}

void check_personality(struct checker *checker)
{
	const struct spec_personality *personality = &checker->spec->linux_.personality;
	if (personality->flags.count)
		check_fault(checker, "/linux/personality/flags", "no flags are supported, got %s",
		            fault_quote(checker->arena, personality->flags.items[0]));
}
